//! The info dictionary from peers, for magnet links (BEP 9), on the connections that will carry the film.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use torrent::{
    Info, Metainfo,
    wire::{
        Message,
        extension::{METADATA_PIECE_LEN, Metadata},
    },
};

use crate::{ConnId, HangUpWhy, Time, agenda::Timer, context::Context, torrent::Torrent};

/// The longest info dictionary that is fetched from strangers.
pub(crate) const METADATA_LEN_MAX: u32 = 16 << 20;
/// Different lengths that peers may claim before the first is known to be wrong.
const CLAIMS_MAX: usize = 4;
/// A question without an answer is put to somebody else after this.
const PATIENCE: Duration = Duration::from_secs(3);
/// Questions to one peer at one time.
const QUESTIONS_MAX: usize = 2;

/// What has come so far, for each length that was claimed.
#[derive(Debug, Default)]
pub(crate) struct MetadataFetch {
    claims: BTreeMap<u32, Claim>,
}

/// An info dictionary of one length.
#[derive(Debug, Default)]
struct Claim {
    pieces: BTreeMap<u32, (Bytes, ConnId)>,
    asked: BTreeMap<u32, (ConnId, Time)>,
    /// Who refused to give it, or gave it wrong.
    refused: BTreeSet<ConnId>,
    /// After it came out wrong from several peers: it is fetched from one at a time.
    sole: Option<ConnId>,
    failed: bool,
}

impl Claim {
    fn is_complete(&self, len: u32) -> bool {
        self.pieces.len() == piece_count(len) as usize
    }

    /// The first piece that nobody was asked for.
    fn free(&self, len: u32) -> Option<u32> {
        (0..piece_count(len))
            .find(|piece| !self.pieces.contains_key(piece) && !self.asked.contains_key(piece))
    }

    fn open_questions(&self, conn: ConnId) -> usize {
        self.asked.values().filter(|(asked, _)| *asked == conn).count()
    }
}

fn piece_count(len: u32) -> u32 {
    len.div_ceil(METADATA_PIECE_LEN)
}

fn piece_len(len: u32, piece: u32) -> usize {
    len.saturating_sub(piece * METADATA_PIECE_LEN).min(METADATA_PIECE_LEN) as usize
}

impl Torrent {
    /// Asks each peer that can give the metadata for pieces nobody else is asked for.
    pub(crate) fn ask_metadata(&mut self, ctx: &mut Context) {
        if self.content.is_some() || self.rests() {
            return;
        }
        let conns: Vec<ConnId> = self.peers.keys().copied().collect();
        for conn in conns {
            while self.ask_metadata_piece(ctx, conn).is_some() {}
        }
        if self.metadata.forgive() {
            ctx.agenda.set_earlier(Timer::Questions(self.id), ctx.now + PATIENCE);
        }
        if let Some(at) = self.metadata.overdue_at() {
            ctx.agenda.set_earlier(Timer::Questions(self.id), at);
        }
    }

    fn ask_metadata_piece(&mut self, ctx: &Context, conn: ConnId) -> Option<()> {
        let peer = self.peers.get_mut(&conn)?;
        let (len, id) = (peer.abilities.metadata_len?, peer.abilities.metadata);
        if id == 0 || !peer.is_open() || len == 0 || len > METADATA_LEN_MAX {
            return None;
        }
        let known = self.metadata.claims.len();
        if !self.metadata.claims.contains_key(&len) && known >= CLAIMS_MAX {
            return None;
        }
        let claim = self.metadata.claims.entry(len).or_default();
        if claim.refused.contains(&conn) {
            return None;
        }
        if claim.failed {
            claim.sole.get_or_insert(conn);
        }
        if claim.sole.is_some_and(|sole| sole != conn)
            || claim.open_questions(conn) >= QUESTIONS_MAX
        {
            return None;
        }
        let piece = claim.free(len)?;
        claim.asked.insert(piece, (conn, ctx.now));
        let payload = Metadata::Request { piece }.to_bytes();
        peer.say(&Message::Extended { id, payload });
        self.chores.speak.insert(conn);
        Some(())
    }

    /// A metadata message from a peer.
    pub(crate) fn heard_metadata(&mut self, ctx: &mut Context, conn: ConnId, payload: &Bytes) {
        match Metadata::parse(payload) {
            Ok(Metadata::Request { piece }) => self.give_metadata(conn, piece),
            Ok(Metadata::Data { piece, data, .. }) => self.take_metadata(ctx, conn, piece, data),
            Ok(Metadata::Reject { piece }) => self.metadata.rejected(conn, piece),
            Ok(Metadata::Unknown) => (),
            Err(_) => self.hang_up(ctx, conn, HangUpWhy::Protocol),
        }
        self.ask_metadata(ctx);
    }

    /// A peer asks for a piece of it.
    fn give_metadata(&mut self, conn: ConnId, piece: u32) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let raw = self.content.as_ref().map(|content| content.info().raw().clone());
        let start = (piece as usize).saturating_mul(METADATA_PIECE_LEN as usize);
        let part = raw.filter(|raw| start < raw.len()).map(|raw| {
            let end = raw.len().min(start + METADATA_PIECE_LEN as usize);
            (u32::try_from(raw.len()).unwrap_or(u32::MAX), raw.slice(start..end))
        });
        let answer = match part {
            Some((total_size, data)) => Metadata::Data { piece, total_size, data },
            None => Metadata::Reject { piece },
        };
        if peer.abilities.metadata != 0 {
            let payload = answer.to_bytes();
            peer.say(&Message::Extended { id: peer.abilities.metadata, payload });
            self.chores.speak.insert(conn);
        }
    }

    fn take_metadata(&mut self, ctx: &mut Context, conn: ConnId, piece: u32, data: Bytes) {
        if self.content.is_some() {
            return;
        }
        let Some(len) = self.metadata.arrived(conn, piece, data) else { return };
        self.judge_metadata(ctx, len);
    }

    /// All pieces of one length are there: is it what the infohash means?
    fn judge_metadata(&mut self, ctx: &mut Context, len: u32) {
        let Some(claim) = self.metadata.claims.get(&len) else { return };
        let mut raw = BytesMut::with_capacity(len as usize);
        claim.pieces.values().for_each(|(bytes, _)| raw.extend_from_slice(bytes));
        match Info::parse(raw.freeze()) {
            Ok(info) if names_agree(&self.hashes, &info) => {
                self.metadata_known(ctx, Metainfo::new(info));
            }
            Ok(_) | Err(_) => self.metadata_wrong(ctx, len),
        }
    }

    /// What is in it is known. Trackers and web seeds are those that it was added with: a description proves none.
    pub(crate) fn metadata_known(&mut self, ctx: &mut Context, mut metainfo: Metainfo) {
        metainfo.trackers.clone_from(&self.trackers);
        let own = self.webs.iter().filter(|web| web.mirror.is_none());
        metainfo.web_seeds = own.map(|web| web.url.clone()).collect();
        metainfo.nodes.clear();
        self.learn(ctx, Arc::new(metainfo));
    }

    /// One sender: it lied. Several: from now on one at a time, so that the next failure names a liar.
    fn metadata_wrong(&mut self, ctx: &mut Context, len: u32) {
        let Some(claim) = self.metadata.claims.get_mut(&len) else { return };
        let senders: BTreeSet<ConnId> = claim.pieces.values().map(|(_, conn)| *conn).collect();
        claim.pieces.clear();
        claim.asked.clear();
        claim.failed = true;
        claim.sole = None;
        if let (1, Some(liar)) = (senders.len(), senders.first().copied()) {
            claim.refused.insert(liar);
            self.ban(ctx, liar);
        }
    }

    /// Questions that were not answered in time go to others.
    pub(crate) fn chase_metadata(&mut self, ctx: &mut Context) {
        self.metadata.give_up(ctx.now);
        self.ask_metadata(ctx);
    }
}

impl MetadataFetch {
    /// A piece came; tells the length that is complete with it.
    fn arrived(&mut self, conn: ConnId, piece: u32, data: Bytes) -> Option<u32> {
        let (len, claim) = self
            .claims
            .iter_mut()
            .find(|(_, claim)| claim.asked.get(&piece).is_some_and(|(asked, _)| *asked == conn))?;
        if data.len() != piece_len(*len, piece) {
            claim.asked.remove(&piece);
            claim.refused.insert(conn);
            return None;
        }
        claim.asked.remove(&piece);
        claim.pieces.insert(piece, (data, conn));
        claim.is_complete(*len).then_some(*len)
    }

    fn rejected(&mut self, conn: ConnId, piece: u32) {
        for claim in self.claims.values_mut() {
            if claim.asked.get(&piece).is_some_and(|(asked, _)| *asked == conn) {
                claim.asked.remove(&piece);
                claim.refuse(conn);
            }
        }
    }

    /// A peer is gone.
    pub(crate) fn left(&mut self, conn: ConnId) {
        for claim in self.claims.values_mut() {
            claim.asked.retain(|_, (asked, _)| *asked != conn);
            claim.refuse(conn);
            claim.refused.remove(&conn);
        }
    }

    fn give_up(&mut self, now: Time) {
        for claim in self.claims.values_mut() {
            let late = claim.asked.values().filter(|(_, at)| *at + PATIENCE <= now);
            let late: BTreeSet<ConnId> = late.map(|(conn, _)| *conn).collect();
            claim.asked.retain(|_, (conn, _)| !late.contains(conn));
            late.into_iter().for_each(|conn| claim.refuse(conn));
        }
    }

    /// When nobody is left to ask, everybody may be asked again, a little later.
    fn forgive(&mut self) -> bool {
        let stuck = self.claims.values_mut().filter(|claim| claim.asked.is_empty());
        stuck.fold(false, |any, claim| {
            let refused = !std::mem::take(&mut claim.refused).is_empty();
            any || refused
        })
    }

    fn overdue_at(&self) -> Option<Time> {
        let asked = self.claims.values().flat_map(|claim| claim.asked.values());
        asked.map(|(_, at)| *at + PATIENCE).min()
    }
}

impl Claim {
    /// Somebody does not give it.
    fn refuse(&mut self, conn: ConnId) {
        self.refused.insert(conn);
        if self.sole == Some(conn) {
            self.sole = None;
            self.pieces.clear();
        }
    }
}

/// Whether an info dictionary has the names the torrent was added under.
pub(crate) fn names_agree(wanted: &torrent::InfoHashes, info: &Info) -> bool {
    let found = info.hashes();
    (wanted.v1().is_none() || wanted.v1() == found.v1())
        && (wanted.v2().is_none() || wanted.v2() == found.v2())
}
