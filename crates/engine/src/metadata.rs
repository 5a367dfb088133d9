//! The info dictionary from peers, for magnet links (BEP 9), on the connections that will carry the film.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use torrent::{
    BadMetainfo, Info, Metainfo,
    hash::{sha1, sha256},
    wire::{
        Message,
        extension::{METADATA_PIECE_LEN, Metadata},
    },
};

use crate::{ConnId, HangUpWhy, News, Time, agenda::Timer, context::Context, torrent::Torrent};

/// The longest info dictionary that is fetched from strangers.
pub(crate) const METADATA_LEN_MAX: u32 = 16 << 20;
/// Pieces kept over all lengths that are claimed: 64 MiB. As each peer claims one length and each claim is fetched from
/// those who make it, liars only get to this together, by sending it.
const PIECES_MAX: usize = 4 * (METADATA_LEN_MAX / METADATA_PIECE_LEN) as usize;
/// A question without an answer is put to somebody else after this.
const PATIENCE: Duration = Duration::from_secs(3);
/// Questions to one peer at one time.
const QUESTIONS_MAX: usize = 2;

/// What has come so far, for each length that connected peers claim.
#[derive(Debug, Default)]
pub(crate) struct MetadataFetch {
    claims: BTreeMap<u32, Claim>,
}

/// An info dictionary of one length.
#[derive(Debug, Default)]
struct Claim {
    /// Who claims it; without them there is no claim.
    claimants: BTreeSet<ConnId>,
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
        let id = peer.abilities.metadata;
        let fit = |len: &u32| (1..=METADATA_LEN_MAX).contains(len) && id != 0 && peer.is_open();
        let len = peer.abilities.metadata_len.filter(fit);
        self.metadata.claims(conn, len);
        let len = len?;
        let claim = self.metadata.claims.get_mut(&len)?;
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
        let part = raw.filter(|raw| start < raw.len() && !peer.outbox.is_full()).map(|raw| {
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
        let raw = raw.freeze();
        match Info::parse(raw.clone()) {
            Ok(info) if names_agree(&self.hashes, &info) => {
                self.metadata_known(ctx, Metainfo::new(info));
            }
            Err(why) if is_meant(&self.hashes, &raw) => {
                self.metadata = MetadataFetch::default();
                self.description_refused(ctx, why);
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

    /// Whoever made the torrent made it so: those who give it are honest, and nobody has another one.
    pub(crate) fn description_refused(&mut self, ctx: &mut Context, why: BadMetainfo) {
        ctx.tell(News::DescriptionRefused(self.id, why));
        self.pause(ctx, true);
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
    /// A peer claims this length, or none; it does not claim another one any more.
    fn claims(&mut self, conn: ConnId, len: Option<u32>) {
        self.claims.retain(|other, claim| Some(*other) == len || claim.is_left_by(conn));
        if let Some(len) = len {
            self.claims.entry(len).or_default().claimants.insert(conn);
        }
    }

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
        let (len, is_complete) = (*len, claim.is_complete(*len));
        self.make_room(len);
        is_complete.then_some(len)
    }

    /// Where too much is kept, the most that is kept for one length goes, but not for the one that just got more: a
    /// description is short, so who lies about long ones loses first.
    fn make_room(&mut self, but: u32) {
        while self.claims.values().map(|claim| claim.pieces.len()).sum::<usize>() > PIECES_MAX {
            let others = self.claims.iter_mut().filter(|(len, _)| **len != but);
            let Some((_, most)) = others.max_by_key(|(_, claim)| claim.pieces.len()) else {
                return;
            };
            most.pieces.clear();
        }
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
        self.claims(conn, None);
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
    /// Somebody does not claim it any more; whether anybody else does.
    fn is_left_by(&mut self, conn: ConnId) -> bool {
        if self.claimants.remove(&conn) {
            self.asked.retain(|_, (asked, _)| *asked != conn);
            self.refuse(conn);
            self.refused.remove(&conn);
        }
        !self.claimants.is_empty()
    }

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

/// Whether bytes, whatever they are, have the names the torrent was added under.
fn is_meant(wanted: &torrent::InfoHashes, raw: &[u8]) -> bool {
    wanted.v1().is_none_or(|v1| v1 == sha1(raw)) && wanted.v2().is_none_or(|v2| v2 == sha256(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: u32 = METADATA_LEN_MAX / METADATA_PIECE_LEN;

    /// A peer gives some pieces of the length that it claims.
    fn fetch(
        all: &mut MetadataFetch,
        conn: ConnId,
        len: u32,
        pieces: std::ops::Range<u32>,
    ) -> bool {
        all.claims(conn, Some(len));
        let mut complete = false;
        for piece in pieces {
            all.claims.get_mut(&len).expect("claimed").asked.insert(piece, (conn, Time(0)));
            let data = Bytes::from_static(&[0; METADATA_PIECE_LEN as usize]);
            let data = data.slice(..piece_len(len, piece));
            complete = all.arrived(conn, piece, data) == Some(len);
        }
        complete
    }

    #[test]
    fn liars_who_send_much_make_nobody_keep_more_and_do_not_drive_out_the_truth() {
        let mut all = MetadataFetch::default();
        let honest = (ConnId(1000), 3 * METADATA_PIECE_LEN);
        assert!(!fetch(&mut all, honest.0, honest.1, 0..2));
        for liar in 0..20 {
            let len = METADATA_LEN_MAX - liar;
            assert!(!fetch(&mut all, ConnId(u64::from(liar)), len, 0..LONGEST - 1));
            let kept: usize = all.claims.values().map(|claim| claim.pieces.len()).sum();
            assert!(kept <= PIECES_MAX, "{kept} pieces");
        }
        assert!(fetch(&mut all, honest.0, honest.1, 2..3));
    }

    #[test]
    fn what_nobody_claims_any_more_is_forgotten() {
        let mut all = MetadataFetch::default();
        let (one, other) = (ConnId(1), ConnId(2));
        fetch(&mut all, one, 50_000, 0..2);
        all.claims(other, Some(50_000));
        all.left(one);
        assert_eq!(all.claims[&50_000].pieces.len(), 2, "another one still claims it");
        all.claims(other, Some(60_000));
        assert_eq!(all.claims.keys().collect::<Vec<_>>(), [&60_000]);
        all.left(other);
        assert!(all.claims.is_empty());
    }
}
