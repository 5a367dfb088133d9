//! Is what came what the torrent says?
//!
//! v1 knows a hash for each piece: its blocks are stored, then the piece is hashed. v2 knows a hash for each
//! block: once peers gave the leaf hashes of a piece, each of its blocks is judged alone and a reader has it
//! at once. Without them a piece of v2 is judged by the hashes of what came, when all of it is stored. Nothing reaches a reader or a peer before it was found right.

use bytes::Bytes;
use torrent::{BLOCK_LEN, BadMetainfo, Block, Piece, Sha1Hash, Sha256Hash, merkle};

use crate::{
    DiskFault, OpId, Output,
    context::{Context, Op},
    source::Source,
    superseed::Seeding,
    torrent::Torrent,
};

/// Of so many pieces of a hybrid torrent the SHA-1 of one is looked at beside its SHA-256. All of them would cost a third of
/// the processor more, against a torrent that harms only those who know no SHA-256.
const LOOK_EVERY: u32 = 16;

impl Torrent {
    /// A block goes to disk. Padding that v2 does not hash stays behind.
    pub(crate) fn store(&mut self, ctx: &mut Context, block: Block, data: Bytes) {
        let Some(content) = &mut self.content else { return };
        let bytes = data.slice(..data.len().min(content.data_len(block) as usize));
        let leaf = content.hashes_leaves() || content.trials.is_tried(block.piece);
        let op = ctx.begin(Op::Store(self.id, block));
        content.pieces.write(block, op);
        let soon = self.has_readers();
        ctx.put(Output::Store { op, torrent: self.id, block, bytes, leaf, soon });
    }

    /// A block is on disk.
    pub(crate) fn stored(
        &mut self,
        ctx: &mut Context,
        op: OpId,
        block: Block,
        result: Result<Option<Sha256Hash>, DiskFault>,
    ) {
        let Some(content) = &mut self.content else { return };
        if !content.pieces.is_written_by(block, op) {
            // Its sender was banned meanwhile: what lies there is nobody's.
            return;
        }
        match result {
            Ok(leaf) => {
                content.pieces.stored(block, leaf);
                if let Some(leaf) = leaf {
                    self.hear_opinion(block, leaf);
                }
                self.judge_block(ctx, block);
                self.judge_piece(ctx, block.piece);
            }
            Err(fault) => {
                content.pieces.refuse(block);
                self.lack(block);
                self.op_failed(ctx, op, fault);
            }
        }
    }

    /// Judges a stored block by its leaf hash, if that is known.
    fn judge_block(&mut self, ctx: &mut Context, block: Block) {
        let Some(content) = &mut self.content else { return };
        let index = block.index as usize;
        let Some(partial) = content.pieces.partial(block.piece) else { return };
        let found = partial.leaves.get(index).copied().flatten();
        if !partial.is_stored(block.index) || partial.is_block_verified(block.index) {
            return;
        }
        let right = content.leaves(block.piece).and_then(|leaves| leaves.get(index)).copied();
        let (Some(right), Some(found)) = (right, found) else { return };
        if found == right {
            content.pieces.verify(block);
            let start = content.pieces.geometry().block_range(block).start;
            let range = start..start + u64::from(content.data_len(block));
            ctx.put(Output::Verified { torrent: self.id, range });
            self.chores.readers = true;
            return;
        }
        self.waste.discard(BLOCK_LEN);
        if let Some(liar) = content.pieces.refuse(block) {
            self.punish(ctx, liar);
        }
        self.lack(block);
    }

    /// Leaf hashes of a piece became known: everything stored of it can be judged.
    pub(crate) fn judge_blocks(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &self.content else { return };
        let count = content.pieces.geometry().block_count(piece);
        for index in 0..count {
            self.judge_block(ctx, Block { piece, index });
        }
        self.judge_piece(ctx, piece);
    }

    /// Judges a piece when all of it is stored.
    fn judge_piece(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial(piece) else { return };
        if !partial.is_all_stored() || partial.checking || !self.is_decided(piece) {
            return;
        }
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial(piece) else { return };
        if let Some(expected) = content.metainfo.expected_v2(piece) {
            return match partial.all_leaves(expected.blocks) {
                Some(leaves) if expected.is_met_by(&leaves) => {
                    content.keep_leaves(piece, leaves);
                    self.piece_right(ctx, piece);
                }
                Some(_) => self.piece_wrong(ctx, piece),
                None => self.read_digests(ctx, piece),
            };
        }
        if content.info().piece_hashes().get(piece.0 as usize).is_some() {
            if let Some(partial) = content.pieces.partial_mut(piece) {
                partial.checking = true;
            }
            let op = ctx.begin(Op::Hash(self.id, piece));
            let soon = self.has_readers();
            ctx.put(Output::Hash { op, torrent: self.id, piece, soon });
        }
    }

    /// Some blocks were there when the storage was opened: their hashes are not known any more.
    fn read_digests(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial_mut(piece) else { return };
        partial.checking = true;
        let unknown = partial.leaves.iter().zip(0..).filter(|(leaf, _)| leaf.is_none());
        let blocks: Vec<_> = unknown.map(|(_, index)| Block { piece, index }).collect();
        for block in blocks {
            let len = content.data_len(block);
            if len > 0 {
                let op = ctx.begin(Op::Digest(self.id, block));
                let begin = block.index * BLOCK_LEN;
                ctx.put(Output::Load { op, torrent: self.id, piece, begin, len });
            }
        }
    }

    /// A block was read for its hash.
    pub(crate) fn digested(
        &mut self,
        ctx: &mut Context,
        op: OpId,
        block: Block,
        result: Result<Bytes, DiskFault>,
    ) {
        let Some(content) = &mut self.content else { return };
        let expected = content.metainfo.expected_v2(block.piece).map_or(0, |all| all.blocks);
        let Some(partial) = content.pieces.partial_mut(block.piece) else { return };
        match result {
            Ok(bytes) => {
                partial.leaves[block.index as usize] = Some(merkle::block_leaf(&bytes));
                if partial.all_leaves(expected).is_some() {
                    partial.checking = false;
                    self.judge_piece(ctx, block.piece);
                }
            }
            Err(fault) => {
                partial.checking = false;
                self.op_failed(ctx, op, fault);
            }
        }
    }

    /// Pieces that waited for their file's piece layer.
    pub(crate) fn judge_waiting(&mut self, ctx: &mut Context) {
        let Some(content) = &self.content else { return };
        let stored = content.pieces.partials().filter(|(_, partial)| partial.is_all_stored());
        let waiting: Vec<Piece> = stored.map(|(piece, _)| piece).collect();
        waiting.into_iter().for_each(|piece| self.judge_piece(ctx, piece));
    }

    /// The SHA-1 of a whole piece.
    pub(crate) fn hashed(
        &mut self,
        ctx: &mut Context,
        op: OpId,
        piece: Piece,
        result: Result<Sha1Hash, DiskFault>,
    ) {
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial_mut(piece) else { return };
        partial.checking = false;
        if !partial.is_all_stored() {
            return;
        }
        match result {
            Ok(hash) if content.info().piece_hashes().get(piece.0 as usize) == Some(&hash) => {
                self.piece_right(ctx, piece);
            }
            Ok(_) => self.piece_wrong(ctx, piece),
            Err(fault) => self.op_failed(ctx, op, fault),
        }
    }

    /// A piece is complete and right: everybody may have it.
    pub(crate) fn piece_right(&mut self, ctx: &mut Context, piece: Piece) {
        self.credit(piece);
        let Some(content) = &mut self.content else { return };
        let tried = content.pieces.partial(piece).filter(|_| content.trials.is_tried(piece));
        if let Some(right) = tried.map(|partial| partial.leaves.clone()) {
            self.close_trial(ctx, piece, right);
        }
        let Some(content) = &mut self.content else { return };
        content.complete(piece);
        let range = content.data_range(piece);
        let len = range.end - range.start;
        ctx.put(Output::Complete { torrent: self.id, piece });
        ctx.put(Output::Verified { torrent: self.id, range });
        if !self.pinned {
            ctx.cache.used(ctx.now, self.id, piece, len);
        }
        self.doubt_names(ctx, piece);
        self.tell_have(ctx, piece);
        self.seeding = Seeding::Spread;
        self.chores.readers = true;
        self.check_finished(ctx);
    }

    /// A hybrid torrent's SHA-256 decides what is right. Whether its SHA-1 says the same is looked at in the first piece that
    /// came, and by chance in one of [`LOOK_EVERY`] after that.
    fn doubt_names(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        if content.metainfo.expected_v2(piece).is_none() || content.info().piece_hashes().is_empty()
        {
            return;
        }
        let looked = std::mem::replace(&mut content.compared, true);
        if !looked || ctx.random.below(LOOK_EVERY) == 0 {
            let op = ctx.begin(Op::Agree(self.id, piece));
            let soon = self.has_readers();
            ctx.put(Output::Hash { op, torrent: self.id, piece, soon });
        }
    }

    /// The SHA-1 of a piece that SHA-256 found right is known. If it is another one than the torrent says, whoever made it
    /// gives two contents one name, and it is stopped (BEP 52).
    pub(crate) fn compare_names(
        &mut self,
        ctx: &mut Context,
        piece: Piece,
        result: Result<Sha1Hash, DiskFault>,
    ) {
        let Some(content) = &self.content else { return };
        let said = content.info().piece_hashes().get(piece.0 as usize).copied();
        // What was given up meanwhile, or cannot be read, says nothing.
        let (Some(said), Ok(found), true) = (said, result, content.pieces.has(piece)) else {
            return;
        };
        if found != said {
            self.description_refused(ctx, BadMetainfo::HybridPiece { piece: piece.0 });
        }
    }

    /// Tells everybody but seeds that we have a piece now: who has it too may be the first seed of a crowd, that
    /// shows pieces one by one and has to know how many copies there are.
    fn tell_have(&mut self, ctx: &mut Context, piece: Piece) {
        let complete = self.is_complete();
        let told = self.peers.values().filter(|peer| peer.is_told());
        for conn in told.map(|peer| peer.conn).collect::<Vec<_>>() {
            if let Some(peer) = self.peers.get_mut(&conn)
                && !peer.is_seed()
            {
                peer.say(&torrent::wire::Message::Have(piece));
                self.chores.speak.insert(conn);
            }
            if let Some(peer) = self.peers.get(&conn)
                && peer.interests
                && peer.holdings.has(piece.0)
            {
                self.reconsider(conn);
            }
            if complete {
                self.part_if_useless(ctx, conn);
            }
        }
    }

    /// A block that had come must come again.
    pub(crate) fn lack(&mut self, block: Block) {
        let Some(content) = &self.content else { return };
        let geometry = content.pieces.geometry();
        self.streams.values_mut().for_each(|stream| stream.lacks(geometry, block));
        self.chores.all = true;
    }

    /// A source gave a block that is provably wrong, and nobody else had a hand in it.
    pub(crate) fn punish(&mut self, ctx: &mut Context, source: Source) {
        match source {
            Source::Peer(conn) => self.ban(ctx, conn),
            Source::Web(seed) => self.ban_web(ctx, seed),
            Source::Sibling(other) => self.refuse_sibling(other),
        }
    }
}
