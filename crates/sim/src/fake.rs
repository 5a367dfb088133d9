//! Peers that are not ours: they speak the wire's bytes and behave as a scenario says.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use engine::bits::Bits;
use torrent::{
    BLOCK_LEN, Piece, Sha256Hash,
    wire::{
        self, Framer, Handshake, Message, Reserved,
        extension::{ExtensionHandshake, ExtensionIds, METADATA_PIECE_LEN, Metadata},
    },
};

use crate::{content::Content, random::Random};

/// How a peer behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Behaviour {
    /// Gives what it has, in order.
    Honest,
    /// Takes requests and never answers.
    Silent,
    /// Sends wrong bytes for this share of blocks.
    Lying(f64),
    /// Sends wrong bytes for the last block of each piece.
    LyingAtTheEnd,
    /// Sends one wrong block, its tenth, and is honest otherwise: its line damaged it.
    DamagedOnce,
    /// Lets nobody download.
    Choking,
    /// Rejects every request.
    Rejecting,
    /// Chokes and unchokes again after every so many blocks.
    Flapping(u32),
}

impl Behaviour {
    /// Whether it means to deceive.
    pub(crate) fn lies(self) -> bool {
        matches!(self, Self::Lying(_) | Self::LyingAtTheEnd)
    }
}

/// What a peer has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Has {
    /// Everything.
    All,
    /// This share of pieces, by chance.
    Part(f64),
}

/// A peer on one side of one or more connections.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) content: Arc<Content>,
    pub(crate) behaviour: Behaviour,
    /// Between a request and its answer, beside the line's delay.
    pub(crate) latency: Duration,
    pub(crate) has: Bits,
    pub(crate) id: [u8; 20],
    /// Bytes of wrong blocks that it sent.
    pub(crate) lies: u64,
    random: Random,
    v2: bool,
}

/// One connection of such a peer.
#[derive(Debug, Default)]
pub(crate) struct FakeConn {
    framer: Framer,
    greeted: bool,
    metadata: u8,
    given: u32,
    /// Questions about hashes that it was asked.
    pub(crate) hash_requests: u64,
    /// Requests to answer, and whether one is being answered.
    pub(crate) queue: VecDeque<wire::Request>,
    pub(crate) busy: bool,
    pub(crate) out: BytesMut,
}

impl Fake {
    pub(crate) fn new(
        content: Arc<Content>,
        behaviour: Behaviour,
        has: Has,
        latency: Duration,
        seed: u64,
    ) -> Self {
        let mut random = Random::new(seed);
        let mut id = *b"-FK0000-000000000000";
        id[8..16].copy_from_slice(&random.next().to_be_bytes());
        let count = content.geometry().piece_count();
        let has = match has {
            Has::All => Bits::full(count),
            Has::Part(share) => {
                let mut bits = Bits::new(count);
                (0..count).filter(|_| random.fraction() < share).for_each(|piece| {
                    bits.insert(piece);
                });
                bits
            }
        };
        let v2 = content.metainfo.info.hashes().v2().is_some();
        Self { content, behaviour, latency, has, id, lies: 0, random, v2 }
    }

    /// Bytes came. `false`: it hangs up.
    pub(crate) fn received(&self, conn: &mut FakeConn, bytes: Bytes) -> bool {
        conn.framer.push(bytes);
        if !conn.greeted {
            match conn.framer.handshake() {
                Ok(Some(handshake)) => self.greet(conn, &handshake),
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
        loop {
            match conn.framer.next() {
                Ok(Some(message)) => self.heard(conn, &message),
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn greet(&self, conn: &mut FakeConn, handshake: &Handshake) {
        conn.greeted = true;
        let mut reserved = Reserved::NONE.with_extended().with_fast();
        if self.v2 {
            reserved = reserved.with_v2();
        }
        // Who calls under the v1 name and could do v2 is answered under the v2 name (BEP 52).
        let v2 = self.content.metainfo.info.hashes().v2().filter(|_| handshake.reserved.v2());
        let infohash = v2.map_or(handshake.infohash, |v2| v2.truncated());
        let ours = Handshake { reserved, infohash, peer_id: self.id };
        conn.out.extend_from_slice(&ours.to_bytes());
        let have = match (self.has.is_full(), self.has.count()) {
            (true, _) => Message::HaveAll,
            (_, 0) => Message::HaveNone,
            _ => Message::Bitfield(self.has.to_wire().into()),
        };
        wire::encode(&have, &mut conn.out);
        let len = u32::try_from(self.content.metainfo.info.raw().len()).ok();
        let ids = ExtensionIds { metadata: Some(7), ..ExtensionIds::default() };
        let said = ExtensionHandshake { ids, metadata_size: len, ..ExtensionHandshake::default() };
        wire::encode(&Message::Extended { id: 0, payload: said.to_bytes() }, &mut conn.out);
    }

    fn heard(&self, conn: &mut FakeConn, message: &Message) {
        match message {
            Message::Interested if self.behaviour != Behaviour::Choking => {
                wire::encode(&Message::Unchoke, &mut conn.out);
            }
            Message::Request(request) => self.requested(conn, *request),
            Message::Cancel(request) => {
                if let Some(at) = conn.queue.iter().position(|other| other == request) {
                    conn.queue.remove(at);
                    wire::encode(&Message::Reject(*request), &mut conn.out);
                }
            }
            Message::HashRequest(request) => {
                conn.hash_requests += 1;
                self.hashes(conn, *request);
            }
            Message::Extended { id: 0, payload } => {
                let said = ExtensionHandshake::parse(payload).unwrap_or_default();
                conn.metadata = said.ids.metadata.unwrap_or(0);
            }
            Message::Extended { id: 7, payload } => self.metadata(conn, payload),
            _ => (),
        }
    }

    fn requested(&self, conn: &mut FakeConn, request: wire::Request) {
        match self.behaviour {
            Behaviour::Silent => (),
            Behaviour::Rejecting => wire::encode(&Message::Reject(request), &mut conn.out),
            _ if !self.has.has(request.piece.0) => {
                wire::encode(&Message::Reject(request), &mut conn.out);
            }
            _ => conn.queue.push_back(request),
        }
    }

    fn metadata(&self, conn: &mut FakeConn, payload: &Bytes) {
        let Ok(Metadata::Request { piece }) = Metadata::parse(payload) else { return };
        let raw = self.content.metainfo.info.raw();
        let start = (piece * METADATA_PIECE_LEN) as usize;
        let end = raw.len().min(start + METADATA_PIECE_LEN as usize);
        if start >= end || matches!(self.behaviour, Behaviour::Silent) {
            return;
        }
        let mut data = raw.slice(start..end);
        if self.behaviour.lies() {
            data = Bytes::from(vec![b'x'; data.len()]);
        }
        let answer = Metadata::Data { piece, total_size: raw.len() as u32, data };
        let payload = answer.to_bytes();
        wire::encode(&Message::Extended { id: conn.metadata, payload }, &mut conn.out);
    }

    /// Leaf hashes of a piece, or a whole piece layer.
    fn hashes(&self, conn: &mut FakeConn, request: wire::HashRequest) {
        let known = self.content.metainfo.piece_layer(0).unwrap_or_default();
        if matches!(self.behaviour, Behaviour::Silent) {
            return;
        }
        if request.base_layer > 0 && (request.length as usize) < known.len() {
            return wire::encode(&Message::HashReject(request), &mut conn.out);
        }
        let hashes = match request.base_layer {
            0 => self.leaves(request),
            layer => {
                let pad = std::iter::repeat(torrent::merkle::pad_hash(layer));
                known.iter().copied().chain(pad).take(request.length as usize).collect()
            }
        };
        wire::encode(&Message::Hashes { request, hashes }, &mut conn.out);
    }

    fn leaves(&self, request: wire::HashRequest) -> Vec<Sha256Hash> {
        let geometry = self.content.geometry();
        let leaves = (request.index..request.index + request.length).map(|at| {
            let offset = u64::from(at) * u64::from(BLOCK_LEN);
            if offset < geometry.content_len() {
                self.content.leaf(geometry.block_at(offset))
            } else {
                torrent::merkle::PAD_LEAF
            }
        });
        leaves.collect()
    }

    /// The answer to the next request, if there is one.
    pub(crate) fn answer(&mut self, conn: &mut FakeConn) -> Option<(BytesMut, Bytes)> {
        let wire::Request { piece, begin, len } = conn.queue.pop_front()?;
        let mut data = self.content.part(piece, begin, len);
        conn.given += 1;
        if self.is_wrong(conn, piece, begin) {
            let mut wrong = BytesMut::from(&data[..]);
            wrong[0] ^= 0xff;
            if self.behaviour.lies() {
                self.lies += u64::from(len);
            }
            data = wrong.freeze();
        }
        let mut out = BytesMut::from(&wire::piece_header(piece, begin, len)[..]);
        if let Behaviour::Flapping(every) = self.behaviour
            && conn.given.is_multiple_of(every)
        {
            let rejected: Vec<_> = conn.queue.drain(..).collect();
            let mut before = BytesMut::new();
            wire::encode(&Message::Choke, &mut before);
            for request in rejected {
                wire::encode(&Message::Reject(request), &mut before);
            }
            wire::encode(&Message::Unchoke, &mut before);
            before.extend_from_slice(&out);
            out = before;
        }
        Some((out, data))
    }

    /// Whether this block is sent with wrong bytes.
    fn is_wrong(&mut self, conn: &FakeConn, piece: Piece, begin: u32) -> bool {
        match self.behaviour {
            Behaviour::Lying(share) => self.random.fraction() < share,
            Behaviour::LyingAtTheEnd => {
                begin + BLOCK_LEN >= self.content.geometry().piece_len(piece)
            }
            Behaviour::DamagedOnce => conn.given == 10,
            _ => false,
        }
    }
}
