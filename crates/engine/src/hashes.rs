//! Hashes of v2 trees from peers and for peers (BEP 52): leaves to judge blocks alone, and piece layers for
//! magnet links.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use torrent::{
    BLOCK_LEN, Block, Piece, Sha256Hash,
    hash::sha256_pair,
    merkle,
    wire::{HashRequest, Message},
};

use crate::{
    ConnId, DiskFault, Output, Time,
    agenda::Timer,
    content::Content,
    context::{Context, Op},
    torrent::Torrent,
};

/// A question without an answer is put to somebody else after this.
const PATIENCE: Duration = Duration::from_secs(3);
/// Hashes of a piece layer asked for at one time (BEP 52 advises at most 512).
const LAYER_PART: u32 = 512;
/// Hashes given in one answer.
const HASHES_MAX: u32 = 8_192;
/// Questions open at one time.
const QUESTIONS_MAX: usize = 256;
/// Pieces whose leaves are being computed for peers at one time.
const JOBS_MAX: usize = 8;
/// Peers waiting for the leaves of one piece.
const WAITING_MAX: usize = 16;

/// Questions about hashes, and those put to us that need the disk.
#[derive(Debug, Default)]
pub(crate) struct HashQuestions {
    asked: BTreeMap<HashRequest, (ConnId, Time)>,
    /// Who does not answer which question.
    refused: BTreeSet<(HashRequest, ConnId)>,
    /// Parts of piece layers, by file and place.
    layers: BTreeMap<usize, BTreeMap<u32, Vec<Sha256Hash>>>,
    jobs: BTreeMap<Piece, Job>,
}

/// Leaves being computed from disk.
#[derive(Debug)]
struct Job {
    found: Vec<Option<Sha256Hash>>,
    waiting: Vec<(ConnId, HashRequest)>,
}

impl HashQuestions {
    /// A peer is gone.
    pub(crate) fn left(&mut self, conn: ConnId) {
        self.asked.retain(|_, (asked, _)| *asked != conn);
        self.refused.retain(|(_, refused)| *refused != conn);
        for job in self.jobs.values_mut() {
            job.waiting.retain(|(waiting, _)| *waiting != conn);
        }
    }
}

impl Torrent {
    /// A piece is begun: with its leaf hashes every block can be judged as it comes, if that is worth asking for.
    pub(crate) fn ask_leaves(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        if !content.hashes_leaves() || content.leaves(piece).is_some() {
            return;
        }
        let Some(expected) = content.metainfo.expected_v2(piece) else {
            return self.ask_layer(ctx, piece);
        };
        if expected.height == 0 {
            return content.keep_leaves(piece, vec![expected.root]);
        }
        if self.needs_leaves(ctx.now, piece)
            && let Some(request) = self.content.as_ref().and_then(|all| leaves_request(all, piece))
        {
            self.ask_hashes(ctx, piece, request);
        }
    }

    /// Whether it matters that each block of a piece is judged alone: where a player may have to wait for it, and
    /// where somebody lied. Elsewhere the piece is judged as a whole by the hashes of what came, and nobody has to
    /// hash it once more to tell us its leaves.
    fn needs_leaves(&self, now: Time, piece: Piece) -> bool {
        let Some(content) = &self.content else { return false };
        if content.trials.is_doubted(piece) {
            return true;
        }
        let geometry = content.pieces.geometry();
        let mut near =
            self.streams.values().filter(|one| one.near(geometry).contains(&piece.0)).peekable();
        if near.peek().is_none() {
            return false;
        }
        let (start, soon) = (geometry.piece_start(piece), now + self.reach(now).soon);
        near.any(|stream| stream.due(start.max(stream.position), self.rate()) <= soon)
    }

    /// Pieces that were begun for the background may be what a player needs next by now.
    pub(crate) fn ask_near_leaves(&mut self, ctx: &mut Context) {
        let Some(content) = &self.content else { return };
        let geometry = content.pieces.geometry();
        let near = self.streams.values().map(|stream| stream.near(geometry));
        let begun = near.flat_map(|range| content.pieces.begun_within(range));
        let unknown: Vec<Piece> = begun.filter(|piece| content.leaves(*piece).is_none()).collect();
        unknown.into_iter().for_each(|piece| self.ask_leaves(ctx, piece));
    }

    /// The piece layer of the file that a piece belongs to is not known (magnet link).
    fn ask_layer(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &self.content else { return };
        for request in layer_requests(content, piece) {
            self.ask_hashes(ctx, piece, request);
        }
    }

    fn ask_hashes(&mut self, ctx: &mut Context, piece: Piece, request: HashRequest) {
        let Some(content) = &mut self.content else { return };
        let questions = &mut content.questions;
        if questions.asked.contains_key(&request) || questions.asked.len() >= QUESTIONS_MAX {
            return;
        }
        let able = self.peers.values().filter(|peer| {
            peer.is_open()
                && peer.abilities.v2
                && peer.holdings.has(piece.0)
                && !questions.refused.contains(&(request, peer.conn))
        });
        let best = able.min_by(|one, two| one.pace.rtt().total_cmp(&two.pace.rtt()));
        let Some(conn) = best.map(|peer| peer.conn) else { return };
        questions.asked.insert(request, (conn, ctx.now));
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.say(&Message::HashRequest(request));
            self.chores.speak.insert(conn);
        }
        ctx.agenda.set_earlier(Timer::Questions(self.id), ctx.now + PATIENCE);
    }

    /// Questions that were not answered in time go to others.
    pub(crate) fn chase_hashes(&mut self, ctx: &mut Context) {
        let Some(content) = &mut self.content else { return };
        let late = content.questions.asked.iter().filter(|(_, (_, at))| *at + PATIENCE <= ctx.now);
        let late: Vec<_> = late.map(|(request, (conn, _))| (*request, *conn)).collect();
        for (request, conn) in late {
            content.questions.asked.remove(&request);
            content.questions.refused.insert((request, conn));
        }
        let open: Vec<Piece> = content.pieces.partials().map(|(piece, _)| piece).collect();
        open.into_iter().for_each(|piece| self.ask_leaves(ctx, piece));
        let content = self.content.as_ref();
        let next =
            content.and_then(|content| content.questions.asked.values().map(|(_, at)| *at).min());
        if let Some(at) = next {
            ctx.agenda.set_earlier(Timer::Questions(self.id), at + PATIENCE);
        }
        self.end_doubts(ctx);
    }

    /// A peer will not give hashes.
    pub(crate) fn hashes_rejected(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        request: &HashRequest,
    ) {
        let Some(content) = &mut self.content else { return };
        if content.questions.asked.get(request).is_some_and(|(asked, _)| *asked == conn) {
            content.questions.asked.remove(request);
            content.questions.refused.insert((*request, conn));
            if let Some(piece) = piece_of(content, request) {
                self.ask_leaves(ctx, piece);
                self.end_doubts(ctx);
            }
        }
    }

    /// Whether somebody was asked for the leaf hashes of a piece and has not answered.
    pub(crate) fn is_asked_about(&self, piece: Piece) -> bool {
        let Some(content) = &self.content else { return false };
        let request = leaves_request(content, piece);
        request.is_some_and(|request| content.questions.asked.contains_key(&request))
    }

    /// Hashes came.
    pub(crate) fn hashes_came(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        request: &HashRequest,
        hashes: &[Sha256Hash],
    ) {
        let Some(content) = &mut self.content else { return };
        match content.questions.asked.get(request) {
            Some((asked, _)) if *asked == conn => content.questions.asked.remove(request),
            _ => return,
        };
        let Some(piece) = piece_of(content, request) else { return };
        // In a torrent of 16 KiB pieces the leaves are the piece layer.
        let right = match content.metainfo.expected_v2(piece) {
            Some(_) if request.base_layer == 0 => self.leaves_came(ctx, piece, hashes),
            _ => self.layer_came(ctx, piece, request, hashes),
        };
        if !right {
            self.hang_up_liar(ctx, conn);
        }
    }

    fn hang_up_liar(&mut self, ctx: &mut Context, conn: ConnId) {
        self.ban(ctx, conn);
        self.chase_hashes(ctx);
    }

    fn leaves_came(&mut self, ctx: &mut Context, piece: Piece, hashes: &[Sha256Hash]) -> bool {
        let Some(content) = &mut self.content else { return true };
        let Some(expected) = content.metainfo.expected_v2(piece) else { return true };
        let Some(leaves) = hashes.get(..expected.blocks as usize) else { return false };
        if !expected.is_met_by(leaves) {
            return false;
        }
        if content.pieces.has(piece) {
            return true;
        }
        content.keep_leaves(piece, leaves.to_vec());
        self.name_liars(ctx, piece);
        self.judge_blocks(ctx, piece);
        true
    }

    /// A part of a file's piece layer: proven by itself, and the whole by the file's root.
    fn layer_came(
        &mut self,
        ctx: &mut Context,
        piece: Piece,
        request: &HashRequest,
        hashes: &[Sha256Hash],
    ) -> bool {
        let Some(content) = &mut self.content else { return true };
        let Some((file, pieces)) = file_of(content, piece) else { return true };
        let Some((part, uncles)) = hashes.split_at_checked(request.length as usize) else {
            return false;
        };
        let height = merkle::height(u64::from(request.length));
        let top = merkle::root(part, height, merkle::PAD_LEAF);
        let place = u64::from(request.index) >> height;
        if !merkle::proves(&request.pieces_root, &top, place, uncles) {
            return false;
        }
        let layer = content.questions.layers.entry(file).or_default();
        layer.insert(request.index, part.to_vec());
        let have: usize = layer.values().map(Vec::len).sum();
        if have >= pieces as usize {
            let whole = content.questions.layers.remove(&file).unwrap_or_default();
            let mut hashes: Vec<_> = whole.into_values().flatten().collect();
            hashes.truncate(pieces as usize);
            if Arc::make_mut(&mut content.metainfo).add_piece_layer(file, hashes).is_err() {
                self.bug(ctx, "a piece layer of proven parts does not lead to its root");
                return true;
            }
            self.layer_known(ctx);
        }
        true
    }

    /// Blocks that came before can be judged now.
    pub(crate) fn layer_known(&mut self, ctx: &mut Context) {
        if let Some(content) = &self.content
            && content.metainfo.missing_piece_layers().next().is_none()
        {
            ctx.tell(crate::News::Metadata(self.id, Arc::clone(&content.metainfo)));
        }
        self.judge_waiting(ctx);
        self.chase_hashes(ctx);
    }

    /// A peer asks for hashes.
    pub(crate) fn hashes_requested(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        request: HashRequest,
    ) {
        let answer = self.content.as_ref().map_or(Answer::No, |content| answer(content, &request));
        match answer {
            Answer::Hashes(hashes) => self.say_hashes(conn, Message::Hashes { request, hashes }),
            Answer::No => self.say_hashes(conn, Message::HashReject(request)),
            Answer::Compute(piece) => self.compute_leaves(ctx, conn, piece, request),
        }
    }

    fn say_hashes(&mut self, conn: ConnId, message: Message) {
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.say(&message);
            self.chores.speak.insert(conn);
        }
    }

    /// The leaves of a piece that we have and whose leaves we do not: read it, block by block.
    fn compute_leaves(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        piece: Piece,
        request: HashRequest,
    ) {
        let Some(content) = &mut self.content else { return };
        let jobs = &mut content.questions.jobs;
        if let Some(job) = jobs.get_mut(&piece)
            && job.waiting.len() < WAITING_MAX
        {
            return job.waiting.push((conn, request));
        }
        if jobs.len() >= JOBS_MAX || jobs.contains_key(&piece) {
            return self.say_hashes(conn, Message::HashReject(request));
        }
        let geometry = content.pieces.geometry();
        let data = geometry.data_len(piece);
        let count = data.div_ceil(BLOCK_LEN);
        let found = vec![None; count as usize];
        jobs.insert(piece, Job { found, waiting: vec![(conn, request)] });
        for index in 0..count {
            let op = ctx.begin(Op::Leaf(self.id, Block { piece, index }));
            let begin = index * BLOCK_LEN;
            let len = (data - begin).min(BLOCK_LEN);
            ctx.put(Output::Load { op, torrent: self.id, piece, begin, len });
        }
    }

    /// A block was read to learn its leaf hash.
    pub(crate) fn leaf_read(
        &mut self,
        ctx: &mut Context,
        block: Block,
        result: Result<Bytes, DiskFault>,
    ) {
        let Some(content) = &mut self.content else { return };
        let Some(job) = content.questions.jobs.get_mut(&block.piece) else { return };
        let leaf = result.map_or(merkle::PAD_LEAF, |bytes| merkle::block_leaf(&bytes));
        if let Some(slot) = job.found.get_mut(block.index as usize) {
            *slot = Some(leaf);
        }
        let Some(leaves) = job.found.iter().copied().collect::<Option<Vec<_>>>() else { return };
        let waiting = std::mem::take(&mut job.waiting);
        content.questions.jobs.remove(&block.piece);
        let expected = content.metainfo.expected_v2(block.piece);
        if expected.is_some_and(|expected| expected.is_met_by(&leaves)) {
            content.keep_leaves(block.piece, leaves);
        }
        for (conn, request) in waiting {
            match self.content.as_ref().map_or(Answer::No, |content| answer(content, &request)) {
                Answer::Hashes(_) => self.hashes_requested(ctx, conn, request),
                Answer::No | Answer::Compute(_) => {
                    self.say_hashes(conn, Message::HashReject(request));
                }
            }
        }
    }
}

/// What to say to a request for hashes.
enum Answer {
    Hashes(Vec<Sha256Hash>),
    /// The leaves must be computed first.
    Compute(Piece),
    No,
}

fn answer(content: &Content, request: &HashRequest) -> Answer {
    let sane = request.length.is_power_of_two()
        && request.length <= HASHES_MAX
        && request.index.is_multiple_of(request.length)
        && request.proof_layers < 64;
    let file = content
        .info()
        .files()
        .iter()
        .position(|file| file.pieces_root == Some(request.pieces_root));
    let (true, Some(file)) = (sane, file) else { return Answer::No };
    let height = merkle::piece_layer_height(content.piece_len());
    match request.base_layer {
        layer if layer == height => layer_answer(content, file, request),
        0 => leaves_answer(content, file, request),
        _ => Answer::No,
    }
}

/// Leaves of one piece, or of a part of it, without a proof: who knows the piece layer needs none.
fn leaves_answer(content: &Content, file: usize, request: &HashRequest) -> Answer {
    let per_piece = content.piece_len() / BLOCK_LEN;
    let offset = content.info().files()[file].offset;
    if per_piece == 0 || request.length > per_piece || request.proof_layers >= request.length.max(2)
    {
        return Answer::No;
    }
    let geometry = content.pieces.geometry();
    let start = offset + u64::from(request.index) * u64::from(BLOCK_LEN);
    if start >= geometry.content_len() {
        return Answer::No;
    }
    let piece = geometry.piece_at(start);
    match content.leaves(piece) {
        Some(leaves) => {
            let from = (request.index % per_piece) as usize;
            let known = leaves.iter().skip(from).copied();
            let padded = known.chain(std::iter::repeat(merkle::PAD_LEAF));
            Answer::Hashes(padded.take(request.length as usize).collect())
        }
        None if content.pieces.has(piece) => Answer::Compute(piece),
        None => Answer::No,
    }
}

/// A part of a piece layer with the uncles that lead to the root.
fn layer_answer(content: &Content, file: usize, request: &HashRequest) -> Answer {
    let Some(layer) = content.metainfo.piece_layer(file) else { return Answer::No };
    let mut pad = merkle::pad_hash(request.base_layer);
    let full = layer.len().next_power_of_two();
    let (start, len) = (request.index as usize, request.length as usize);
    if start >= full || len > full {
        return Answer::No;
    }
    let padded = layer.iter().copied().chain(std::iter::repeat(pad));
    let mut hashes: Vec<_> = padded.skip(start).take(len).collect();
    let part_height = merkle::height(u64::from(request.length));
    let layers = (request.proof_layers + 1).min(merkle::height(full as u64));
    let (mut nodes, mut at) = (layer.to_vec(), start);
    for height in 0..layers {
        if height >= part_height {
            hashes.push(nodes.get(at ^ 1).copied().unwrap_or(pad));
        }
        nodes =
            nodes.chunks(2).map(|two| sha256_pair(&two[0], two.get(1).unwrap_or(&pad))).collect();
        pad = sha256_pair(&pad, &pad);
        at >>= 1;
    }
    Answer::Hashes(hashes)
}

/// The file of a piece and how many pieces it has.
fn file_of(content: &Content, piece: Piece) -> Option<(usize, u32)> {
    let geometry = content.pieces.geometry();
    let (file, _) = content.info().file_at(geometry.piece_start(piece))?;
    let len = content.info().files().get(file)?.length;
    u32::try_from(len.div_ceil(u64::from(geometry.nominal_piece_len())))
        .ok()
        .map(|pieces| (file, pieces))
}

/// A piece that a question is about.
fn piece_of(content: &Content, request: &HashRequest) -> Option<Piece> {
    let mut files = content.info().files().iter();
    let file = files.find(|file| file.pieces_root == Some(request.pieces_root))?;
    let unit = match request.base_layer {
        0 => u64::from(BLOCK_LEN),
        _ => u64::from(content.piece_len()),
    };
    let start = file.offset + u64::from(request.index) * unit;
    (start < content.pieces.geometry().content_len())
        .then(|| content.pieces.geometry().piece_at(start))
}

/// Asks for the leaves of a piece; its root is known, so no proof is needed.
fn leaves_request(content: &Content, piece: Piece) -> Option<HashRequest> {
    let geometry = content.pieces.geometry();
    let expected = content.metainfo.expected_v2(piece)?;
    let file = content.info().files().get(expected.file)?;
    let index = (geometry.piece_start(piece) - file.offset) / u64::from(BLOCK_LEN);
    Some(HashRequest {
        pieces_root: file.pieces_root?,
        base_layer: 0,
        index: u32::try_from(index).ok()?,
        length: 1 << expected.height,
        proof_layers: 0,
    })
}

/// Asks for those parts of a file's piece layer that have not come.
fn layer_requests(content: &Content, piece: Piece) -> Vec<HashRequest> {
    let Some((file, pieces)) = file_of(content, piece) else { return Vec::new() };
    let Some(pieces_root) = content.info().files()[file].pieces_root else { return Vec::new() };
    let full = pieces.next_power_of_two();
    let length = full.min(LAYER_PART);
    let known = content.questions.layers.get(&file);
    let parts = (0..pieces).step_by(length as usize);
    parts
        .filter(|index| known.is_none_or(|known| !known.contains_key(index)))
        .map(|index| HashRequest {
            pieces_root,
            base_layer: merkle::piece_layer_height(content.piece_len()),
            index,
            length,
            proof_layers: merkle::height(u64::from(full)).saturating_sub(1),
        })
        .collect()
}
