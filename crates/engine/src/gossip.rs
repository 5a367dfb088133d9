//! A meeting place: a swarm without content whose peers tell each other news (`kn_head`, an extension of BEP 10).
//!
//! The engine carries the words and knows none of them; whoever opened the meeting place understands them.

use bytes::Bytes;
use torrent::wire::{Message, extension::ExtensionIds};

use crate::{ConnId, Gossip, HangUpWhy, Output, context::Context, torrent::Torrent};

/// Peers that a meeting place calls by itself: news reaches everybody in few hops.
pub(crate) const CALLED_MAX: usize = 24;
/// The longest message, bytes.
const WORDS_MAX: usize = 4096;

impl Torrent {
    /// From now on this is a meeting place: whoever has nothing to tell there may leave.
    pub(crate) fn become_meeting(&mut self) {
        self.meets = true;
    }

    /// Our number for the extension, where it is spoken.
    pub(crate) fn gossip_id(&self) -> Option<u8> {
        ExtensionIds::OURS.head.filter(|_| self.meets)
    }

    /// A peer said which extensions it speaks.
    pub(crate) fn may_gossip(&mut self, ctx: &mut Context, conn: ConnId, number: u8) {
        let Some(peer) = self.peers.get_mut(&conn).filter(|_| self.meets) else { return };
        let before = std::mem::replace(&mut peer.abilities.head, number);
        if number == 0 {
            self.hang_up(ctx, conn, HangUpWhy::Useless);
        } else if before == 0 {
            let addr = peer.listens.unwrap_or(peer.addr);
            ctx.put(Output::Gossip(self.id, Gossip::Joined(conn, addr)));
        }
    }

    /// A peer has news.
    pub(crate) fn gossiped(&mut self, ctx: &mut Context, conn: ConnId, words: &Bytes) {
        if words.len() > WORDS_MAX {
            return self.hang_up(ctx, conn, HangUpWhy::Flood);
        }
        let speaks = self.peers.get(&conn).is_some_and(|peer| peer.abilities.head != 0);
        if speaks {
            ctx.put(Output::Gossip(self.id, Gossip::Said(conn, words.clone())));
        }
    }

    /// We have news for a peer.
    pub(crate) fn gossip(&mut self, conn: ConnId, words: Bytes) {
        let Some(peer) = self.peers.get_mut(&conn).filter(|peer| peer.abilities.head != 0) else {
            return;
        };
        peer.say(&Message::Extended { id: peer.abilities.head, payload: words });
        self.chores.speak.insert(conn);
    }

    /// A peer is gone.
    pub(crate) fn ends_gossip(&self, ctx: &mut Context, conn: ConnId, number: u8) {
        if number != 0 {
            ctx.put(Output::Gossip(self.id, Gossip::Left(conn)));
        }
    }
}
