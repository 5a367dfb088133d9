//! Hashes of v2 trees from peers and for peers (BEP 52): leaves to judge blocks alone, and piece layers for
//! magnet links.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use torrent::{
    BLOCK_LEN, Block, Metainfo, Piece, Sha256Hash,
    merkle::{self, Tree},
    wire::{HashRequest, Message},
};

use crate::{
    ConnId, DiskFault, Output, Time,
    agenda::Timer,
    content::Content,
    context::{Context, Op},
    torrent::Torrent,
};

/// A question without an answer is put to somebody else after this,
const PATIENCE: Duration = Duration::from_secs(3);
/// or, where somebody else could answer, after twice the time that a block would take, but no sooner than this.
const PATIENCE_MIN: Duration = Duration::from_millis(250);
/// Hashes of a piece layer asked for at one time (BEP 52 advises at most 512).
const LAYER_PART: u32 = 512;
/// Questions open at one time.
const QUESTIONS_MAX: usize = 256;
/// Pieces whose leaves are being computed for peers at one time.
const JOBS_MAX: usize = 8;
/// Peers waiting for the leaves of one piece.
const WAITING_MAX: usize = 16;
/// Of a piece layer's tree what lies at least so many layers above it is kept once somebody asked: an eighth of the
/// layer's memory, and no question costs more than a few hashes for each one it asks for.
const KEPT_ABOVE: u32 = 4;

/// Questions about hashes, and those put to us that need the disk.
#[derive(Debug, Default)]
pub(crate) struct HashQuestions {
    /// Who was asked, and how long it is waited for.
    asked: BTreeMap<HashRequest, (ConnId, Time)>,
    /// Who does not answer which question, or not in time.
    refused: BTreeSet<(HashRequest, ConnId)>,
    /// Parts of piece layers, by file and place.
    layers: BTreeMap<usize, BTreeMap<u32, Vec<Sha256Hash>>>,
    jobs: BTreeMap<Piece, Job>,
    /// The upper part of each file's tree that somebody asked about.
    uppers: BTreeMap<usize, Tree>,
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
        // An answer comes behind the blocks that were asked for before.
        let mut able: Vec<_> =
            able.map(|peer| (!peer.pace.has_given(), peer.eta(ctx.now), peer.conn)).collect();
        able.sort_unstable();
        let Some(&(_, eta, conn)) = able.first() else { return };
        let patience = match able.len() {
            1 => PATIENCE,
            _ => (eta.since(ctx.now) * 2).clamp(PATIENCE_MIN, PATIENCE),
        };
        questions.asked.insert(request, (conn, ctx.now + patience));
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.say(&Message::HashRequest(request));
            self.chores.speak.insert(conn);
        }
        ctx.agenda.set_earlier(Timer::Questions(self.id), ctx.now + patience);
    }

    /// Somebody's first block came. What a waiting player waits for is judged by what one was asked who has brought
    /// nothing yet: that question goes to whoever has.
    pub(crate) fn ask_who_gives(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(content) = &self.content else { return };
        let only_asked = |asked: &ConnId| {
            *asked != conn && self.peers.get(asked).is_some_and(|peer| !peer.pace.has_given())
        };
        let open = content.questions.asked.iter().filter(|(_, (asked, _))| only_asked(asked));
        let open = open.filter_map(|(request, (asked, _))| {
            let piece = piece_of(content, request)?;
            self.is_waited_for(piece).then_some((*request, *asked, piece))
        });
        for (request, asked, piece) in open.collect::<Vec<_>>() {
            let Some(content) = &mut self.content else { return };
            content.questions.asked.remove(&request);
            // It may still be the first to answer.
            content.questions.refused.insert((request, asked));
            self.ask_hashes(ctx, piece, request);
        }
    }

    /// Questions that were not answered in time go to others.
    pub(crate) fn chase_hashes(&mut self, ctx: &mut Context) {
        let Some(content) = &mut self.content else { return };
        let late = content.questions.asked.iter().filter(|(_, (_, until))| *until <= ctx.now);
        let late: Vec<_> = late.map(|(request, (conn, _))| (*request, *conn)).collect();
        for (request, conn) in late {
            content.questions.asked.remove(&request);
            content.questions.refused.insert((request, conn));
        }
        let open: Vec<Piece> = content.pieces.partials().map(|(piece, _)| piece).collect();
        open.into_iter().for_each(|piece| self.ask_leaves(ctx, piece));
        let content = self.content.as_ref();
        let next = content
            .and_then(|content| content.questions.asked.values().map(|(_, until)| *until).min());
        if let Some(until) = next {
            ctx.agenda.set_earlier(Timer::Questions(self.id), until);
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
        let questions = &mut content.questions;
        // Who was asked first and is late may still be the first to answer.
        let is_asked = questions.asked.get(request).is_some_and(|(asked, _)| *asked == conn);
        if !is_asked && !questions.refused.contains(&(*request, conn)) {
            return;
        }
        if questions.asked.remove(request).is_none() {
            return;
        }
        let Some(piece) = piece_of(content, request) else { return };
        // In a torrent of 16 KiB pieces the leaves are the piece layer.
        let right = match content.metainfo.expected_v2(piece) {
            Some(_) if request.base_layer == 0 => self.leaves_came(ctx, piece, request, hashes),
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

    /// The leaves of a piece, which its hash in the piece layer or the file's root proves.
    fn leaves_came(
        &mut self,
        ctx: &mut Context,
        piece: Piece,
        request: &HashRequest,
        hashes: &[Sha256Hash],
    ) -> bool {
        let Some(content) = &mut self.content else { return true };
        let Some(expected) = content.metainfo.expected_v2(piece) else { return true };
        if !request.is_answered_by(hashes, &expected.root) {
            return false;
        }
        let Some(leaves) = hashes.get(..expected.blocks as usize) else { return false };
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
        if !request.is_answered_by(hashes, &request.pieces_root) {
            return false;
        }
        let Some(part) = hashes.get(..request.length as usize) else { return false };
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
        let answer = self.content.as_mut().map_or(Answer::No, |content| answer(content, &request));
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
    pub(crate) fn leaf_read(&mut self, block: Block, result: Result<Bytes, DiskFault>) {
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
            match self.content.as_mut().map_or(Answer::No, |content| answer(content, &request)) {
                Answer::Hashes(hashes) => {
                    self.say_hashes(conn, Message::Hashes { request, hashes });
                }
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

fn answer(content: &mut Content, request: &HashRequest) -> Answer {
    let files = content.metainfo.info.files();
    let Some((file, described)) =
        files.iter().enumerate().find(|(_, file)| file.pieces_root == Some(request.pieces_root))
    else {
        return Answer::No;
    };
    let piece_layer = merkle::piece_layer_height(content.piece_len());
    let asked_of = [0, piece_layer].contains(&request.base_layer);
    if !asked_of || !request.fits(described.length) {
        return Answer::No;
    }
    if request.proof_layers > 0 || request.base_layer > 0 {
        content.questions.keep_upper(&content.metainfo, file);
    }
    let nodes = Nodes::new(content, file);
    match request.answer(|height, at| nodes.node(height, at)) {
        Some(hashes) => Answer::Hashes(hashes),
        None if request.base_layer == 0 => computable(content, &nodes, request),
        None => Answer::No,
    }
}

/// The piece whose leaves are asked for, if we have it and they are all of one: those of others would have to be read
/// as well.
fn computable(content: &Content, nodes: &Nodes<'_>, request: &HashRequest) -> Answer {
    let (first, last) = (u64::from(request.index), u64::from(request.index + request.length - 1));
    let piece = nodes.piece(first).filter(|piece| {
        first >> nodes.piece_layer == last >> nodes.piece_layer
            && content.leaves(*piece).is_none()
            && content.pieces.has(*piece)
    });
    piece.map_or(Answer::No, Answer::Compute)
}

impl HashQuestions {
    /// Computes the upper part of a file's tree, once.
    fn keep_upper(&mut self, metainfo: &Metainfo, file: usize) {
        let Some(layer) = metainfo.piece_layer(file) else { return };
        let piece_len = metainfo.info.geometry().nominal_piece_len();
        let base = merkle::piece_layer_height(piece_len);
        let top = base + merkle::height(layer.len() as u64);
        if top < base + KEPT_ABOVE || self.uppers.contains_key(&file) {
            return;
        }
        let pad = merkle::pad_hash(base);
        let nodes = layer.chunks(1 << KEPT_ABOVE).map(|part| merkle::root(part, KEPT_ABOVE, pad));
        if let Some(tree) = Tree::new(nodes.collect(), base + KEPT_ABOVE, top) {
            self.uppers.insert(file, tree);
        }
    }
}

/// What we know of a file's tree: its piece layer and what lies above, and the leaves of some pieces.
struct Nodes<'a> {
    content: &'a Content,
    /// Where the file begins, as a content offset.
    start: u64,
    layer: Option<&'a [Sha256Hash]>,
    upper: Option<&'a Tree>,
    /// The height of the piece layer, and the padding there.
    piece_layer: u32,
    pad: Sha256Hash,
}

impl<'a> Nodes<'a> {
    fn new(content: &'a Content, file: usize) -> Self {
        let piece_layer = merkle::piece_layer_height(content.piece_len());
        Self {
            content,
            start: content.info().files()[file].offset,
            layer: content.metainfo.piece_layer(file),
            upper: content.questions.uppers.get(&file),
            piece_layer,
            pad: merkle::pad_hash(piece_layer),
        }
    }

    /// A node by the height of its layer and its place there, if we know what it is made of.
    fn node(&self, height: u32, at: u64) -> Option<Sha256Hash> {
        let Some(above) = height.checked_sub(self.piece_layer) else {
            return self.in_piece(height, at);
        };
        if above >= KEPT_ABOVE && self.upper.is_some() {
            return self.upper?.node(height, at);
        }
        Some(merkle::root(part(self.layer?, above, at), above, self.pad))
    }

    /// A node of a piece's own tree.
    fn in_piece(&self, height: u32, at: u64) -> Option<Sha256Hash> {
        let first = at << height;
        let Some(piece) = self.piece(first) else {
            return Some(merkle::pad_hash(height));
        };
        let within = (first & ((1 << self.piece_layer) - 1)) >> height;
        let leaves = self.content.leaves(piece)?;
        Some(merkle::root(part(leaves, height, within), height, merkle::PAD_LEAF))
    }

    /// The piece that a leaf belongs to; none after the end of the file.
    fn piece(&self, leaf: u64) -> Option<Piece> {
        let geometry = self.content.pieces.geometry();
        let within = leaf >> self.piece_layer;
        if within >= self.layer.map_or(1, <[_]>::len) as u64 {
            return None;
        }
        let at = self.start + within * u64::from(geometry.nominal_piece_len());
        (at < geometry.content_len()).then(|| geometry.piece_at(at))
    }
}

/// The nodes of a layer below the node that is so many layers above it; padding is left out.
fn part(layer: &[Sha256Hash], above: u32, at: u64) -> &[Sha256Hash] {
    let index = |at: u64| usize::try_from(at << above).unwrap_or(usize::MAX).min(layer.len());
    &layer[index(at)..index(at + 1)]
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
