//! Two peers behind address translators meet through a third who knows both (BEP 55).
//!
//! Whoever cannot call somebody asks the peer that told of them. That one tells both to call each other at the same
//! moment, over uTP: each packet that leaves opens the way for the one that comes.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use torrent::wire::{
    Message,
    extension::{ExtensionIds, Holepunch, HolepunchError},
};

use crate::{
    ConnId, Output, Time,
    agenda::Timer,
    candidates::PORT_MIN,
    context::Context,
    peer::{Peer, Stage},
    torrent::Torrent,
};

/// How long nobody is asked again for the same peer.
const AGAIN: Duration = Duration::from_secs(10 * 60);
/// Meetings remembered.
const ASKED_MAX: usize = 200;
/// Peers remembered as those that somebody told us of.
const HEARD_MAX: usize = 200;
/// Calls that one peer may have us make without our asking, so that nobody has us knock everywhere.
const CALLS_MAX: u8 = 20;
/// Between two such calls.
const CALLS_PAUSE: Duration = Duration::from_secs(1);
/// Meetings that one peer may have us arrange.
const ARRANGED_MAX: u8 = 100;

/// Meetings that we asked for, the last ones of many.
#[derive(Debug, Default)]
pub(crate) struct Meetings {
    asked: VecDeque<(SocketAddr, Time)>,
    /// When somebody was called last whom we had not asked for.
    called: Option<Time>,
}

/// What passed between us and one peer.
#[derive(Debug, Default)]
pub(crate) struct Punched {
    /// Whom it told us of that speaks this extension.
    heard: VecDeque<SocketAddr>,
    calls: u8,
    arranged: u8,
}

impl Meetings {
    fn asked(&self, now: Time, addr: SocketAddr) -> bool {
        self.asked.iter().any(|(other, at)| *other == addr && now.since(*at) < AGAIN)
    }

    fn ask(&mut self, now: Time, addr: SocketAddr) {
        self.asked.push_back((addr, now));
        if self.asked.len() > ASKED_MAX {
            self.asked.pop_front();
        }
    }

    /// Somebody is to be called whom we did not ask for; whether that is not too soon.
    fn call(&mut self, now: Time) -> bool {
        let waited = self.called.is_none_or(|last| now.since(last) >= CALLS_PAUSE);
        if waited {
            self.called = Some(now);
        }
        waited
    }
}

impl Punched {
    /// The peer told us of somebody who speaks this extension.
    pub(crate) fn heard_of(&mut self, addr: SocketAddr) {
        self.heard.push_back(addr);
        if self.heard.len() > HEARD_MAX {
            self.heard.pop_front();
        }
    }
}

impl Torrent {
    /// Our number for the extension, if we can connect in its way.
    pub(crate) fn punches(&self, ctx: &Context) -> Option<u8> {
        ExtensionIds::OURS.holepunch.filter(|_| ctx.config.punch && self.exchanges_peers(ctx))
    }

    /// Somebody did not answer a call: whoever told us of them may bring us together.
    pub(crate) fn ask_to_meet(&mut self, ctx: &Context, addr: SocketAddr) {
        if self.punches(ctx).is_none() || self.meetings.asked(ctx.now, addr) {
            return;
        }
        let knows = |peer: &&Peer| peer.is_open() && peer.punched.heard.contains(&addr);
        let relay = self.peers.values().filter(knows).find(|peer| peer.abilities.holepunch != 0);
        let Some(relay) = relay.map(|peer| peer.conn) else { return };
        self.meetings.ask(ctx.now, addr);
        self.say_holepunch(relay, Holepunch::Rendezvous(addr));
    }

    /// A peer says something about a meeting.
    pub(crate) fn heard_holepunch(&mut self, ctx: &mut Context, conn: ConnId, payload: &[u8]) {
        if self.punches(ctx).is_none() {
            return;
        }
        match Holepunch::parse(payload) {
            Ok(Holepunch::Rendezvous(target)) => self.arrange(ctx, conn, target),
            Ok(Holepunch::Connect(addr)) => self.meet(ctx, conn, addr),
            // The peer stays a candidate, called again as others are.
            Ok(Holepunch::Error(..)) | Err(_) => {}
        }
    }

    /// Brings two of our peers together, or says why not.
    fn arrange(&mut self, ctx: &Context, conn: ConnId, target: SocketAddr) {
        let Some(asker) = self.peers.get_mut(&conn).filter(|peer| peer.abilities.holepunch != 0)
        else {
            return;
        };
        asker.punched.arranged = asker.punched.arranged.saturating_add(1);
        if asker.punched.arranged > ARRANGED_MAX {
            return;
        }
        let askers = place(ctx, asker);
        let is_meant =
            |peer: &&Peer| peer.is_open() && (peer.addr == target || peer.listens == Some(target));
        let error = match self.peers.values().find(is_meant) {
            None => HolepunchError::NotConnected,
            Some(other) if other.conn == conn => HolepunchError::NoSelf,
            Some(other) if other.abilities.holepunch == 0 => HolepunchError::NoSupport,
            Some(other) => {
                let (other, found) = (other.conn, place(ctx, other));
                self.say_holepunch(other, Holepunch::Connect(askers));
                return self.say_holepunch(conn, Holepunch::Connect(found));
            }
        };
        self.say_holepunch(conn, Holepunch::Error(target, error));
    }

    /// Calls a peer that is about to call us.
    fn meet(&mut self, ctx: &mut Context, relay: ConnId, addr: SocketAddr) {
        let is_wanted = self.meetings.asked(ctx.now, addr);
        let Some(peer) = self.peers.get_mut(&relay) else { return };
        if !is_wanted {
            peer.punched.calls = peer.punched.calls.saturating_add(1);
            if peer.punched.calls > CALLS_MAX {
                return;
            }
        }
        // A peer that brings itself would have us call anybody in its own place.
        let is_relay = peer.addr == addr;
        if is_relay || addr.port() < PORT_MIN || ctx.is_banned(addr) || self.is_connected(addr) {
            return;
        }
        if !self.wants_more_peers(ctx) || !(is_wanted || self.meetings.call(ctx.now)) {
            return;
        }
        self.candidates.connected(addr);
        let conn = ctx.name_conn(self.id);
        ctx.dials += 1;
        self.peers.insert(conn, Peer::new(ctx.now, conn, addr, Stage::Dialling));
        ctx.agenda.set(Timer::Handshake(conn), ctx.now + ctx.config.handshake_patience);
        ctx.put(Output::Punch(conn, self.id, addr));
    }

    fn say_holepunch(&mut self, conn: ConnId, what: Holepunch) {
        if let Some(peer) = self.peers.get_mut(&conn) {
            let id = peer.abilities.holepunch;
            peer.say(&Message::Extended { id, payload: what.to_bytes() });
            self.chores.speak.insert(conn);
        }
    }
}

/// Where a peer is reached over uTP: its one port if it speaks uTP with us, else the port it told us of.
fn place(ctx: &Context, peer: &Peer) -> SocketAddr {
    let told = peer.listens.filter(|_| !ctx.datagrams.contains(&peer.conn));
    told.unwrap_or(peer.addr)
}
