//! Peers told by peers (BEP 11).

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use torrent::wire::{
    Message, Reserved,
    extension::{Exchange, ExchangePeer, PeerFlags},
};

use crate::{
    ConnId, News, PeerSource, Time, agenda::Timer, candidates::Teller, context::Context,
    hosts::is_near, peer::Peer, torrent::Torrent,
};

/// How often we tell our peers of others: BEP 11 allows one message a minute.
const EVERY: Duration = Duration::from_secs(65);
/// Messages that come sooner after each other than this are ignored.
const HEARD_EVERY_MIN: Duration = Duration::from_secs(45);
/// Peers in one message, told or heard.
const PEERS_MAX: usize = 50;

/// What passed between us and one peer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exchanged {
    /// Whom we told it of.
    told: BTreeSet<SocketAddr>,
    heard: Option<Time>,
}

impl Torrent {
    /// Whether peers may be exchanged in this torrent: never in a private one (BEP 27).
    pub(crate) fn exchanges_peers(&self, ctx: &Context) -> bool {
        let private = self.content.as_ref().is_some_and(|content| content.info().is_private());
        ctx.config.exchange_peers && !private
    }

    /// A peer tells us of others.
    pub(crate) fn heard_of(&mut self, ctx: &mut Context, conn: ConnId, payload: &[u8]) {
        if !self.exchanges_peers(ctx) {
            return;
        }
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let last = peer.exchange.heard;
        if last.is_some_and(|last| ctx.now.since(last) < HEARD_EVERY_MIN) {
            return;
        }
        let Ok(exchange) = Exchange::parse(payload) else { return };
        peer.exchange.heard = Some(ctx.now);
        let peers: Vec<_> = exchange.added.iter().take(PEERS_MAX).map(|peer| peer.addr).collect();
        let flagged = exchange.added.iter().take(PEERS_MAX).filter(|peer| can_punch(peer.flags));
        flagged.for_each(|other| peer.punched.heard_of(other.addr));
        self.found(ctx, &peers, Teller { source: PeerSource::Exchange, peer: Some(conn) });
        let seeds = exchange.added.iter().filter(|peer| peer.flags.0 & PeerFlags::SEED != 0);
        self.found_seeds(seeds.map(|peer| &peer.addr));
    }

    /// Where our DHT node listens, if peers of this torrent may know: never those of a private one (BEP 27).
    pub(crate) fn tells_dht(&self, ctx: &Context) -> Option<u16> {
        let private = self.content.as_ref().is_some_and(|content| content.info().is_private());
        (ctx.config.dht_port != 0 && !private).then_some(ctx.config.dht_port)
    }

    /// Tells a peer that has a DHT node where ours is (BEP 5).
    pub(crate) fn tell_dht(&mut self, ctx: &Context, conn: ConnId, can: Reserved) {
        let Some(port) = self.tells_dht(ctx).filter(|_| can.dht()) else { return };
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.say(&Message::Port(port));
            self.chores.speak.insert(conn);
        }
    }

    /// A peer tells where its DHT node listens: once, for a node does not move.
    pub(crate) fn heard_dht(&mut self, ctx: &mut Context, conn: ConnId, port: u16) {
        let is_ours = self.tells_dht(ctx).is_some();
        let Some(peer) = self.peers.get_mut(&conn).filter(|_| is_ours && port != 0) else { return };
        if !std::mem::replace(&mut peer.told_dht, true) {
            let node = SocketAddr::new(peer.addr.ip(), port);
            ctx.tell(News::DhtNode(node));
        }
    }

    /// Tells every peer of those that came and went since it was last told.
    pub(crate) fn tell_of_peers(&mut self, ctx: &mut Context) {
        ctx.agenda.set(Timer::Exchange(self.id), ctx.now + EVERY);
        if !self.exchanges_peers(ctx) || self.rests() {
            return;
        }
        let reachable: Vec<ExchangePeer> = self
            .peers
            .values()
            .filter(|peer| peer.is_open())
            .filter_map(|peer| Some(ExchangePeer { addr: peer.listens?, flags: flags(peer) }))
            .collect();
        for peer in self.peers.values_mut().filter(|peer| peer.abilities.exchange != 0) {
            let (own, near) = (peer.listens, is_near(peer.addr.ip()));
            let others = reachable.iter().filter(|other| Some(other.addr) != own);
            // An address of this household means nothing elsewhere, and tells how it looks inside.
            let others = others.filter(|other| near || !is_near(other.addr.ip()));
            let message = peer.exchange.update(others);
            if let Some(payload) = message {
                peer.say(&Message::Extended { id: peer.abilities.exchange, payload });
                self.chores.speak.insert(peer.conn);
            }
        }
    }
}

/// What others may want to know of a peer.
fn flags(peer: &Peer) -> PeerFlags {
    let seed = if peer.is_seed() { PeerFlags::SEED } else { 0 };
    let holepunch = if peer.abilities.holepunch == 0 { 0 } else { PeerFlags::HOLEPUNCH };
    PeerFlags(seed | holepunch)
}

fn can_punch(flags: PeerFlags) -> bool {
    flags.0 & PeerFlags::HOLEPUNCH != 0
}

impl Exchanged {
    /// The difference to what was told before, if there is any.
    fn update<'a>(
        &mut self,
        others: impl Iterator<Item = &'a ExchangePeer>,
    ) -> Option<bytes::Bytes> {
        let now: Vec<_> = others.collect();
        let fresh = now.iter().filter(|peer| !self.told.contains(&peer.addr));
        let added: Vec<ExchangePeer> = fresh.take(PEERS_MAX).map(|peer| **peer).collect();
        let gone = self.told.iter().filter(|addr| now.iter().all(|peer| peer.addr != **addr));
        let dropped: Vec<SocketAddr> = gone.take(PEERS_MAX).copied().collect();
        if added.is_empty() && dropped.is_empty() {
            return None;
        }
        self.told.extend(added.iter().map(|peer| peer.addr));
        dropped.iter().for_each(|addr| {
            self.told.remove(addr);
        });
        Some(Exchange { added, dropped }.to_bytes())
    }
}
