//! A node that runs the engine: its disk, its player, and what became known about it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use engine::{
    ConnId, Engine, HangUpWhy, Input, News, OpenStream, Output, Prepared, StreamId, Time, TorrentId,
};
use torrent::Piece;

use crate::{
    content::Content,
    disk::Disk,
    lies::Lies,
    player::{Ask, Player},
    recording::Recording,
};

/// The one torrent of every node.
pub(crate) const TORRENT: TorrentId = TorrentId(1);

/// A node that runs the engine.
#[derive(Debug)]
pub(crate) struct Ours {
    engine: Engine,
    pub(crate) disk: Disk,
    /// Wrong blocks that it took.
    pub(crate) lies: Lies,
    content: Arc<Content>,
    pub(crate) player: Option<Player>,
    /// What its player would have seen had the same bytes come in order.
    pub(crate) in_order: Option<Player>,
    streams: u64,
    pub(crate) conns: BTreeMap<ConnId, usize>,
    accepted: u64,
    pub(crate) wake: Option<Time>,
    /// When its player is called next.
    pub(crate) plays: Option<Time>,
    pub(crate) recording: Option<Recording>,
    pub(crate) joined: Time,
    pub(crate) finished: Option<Time>,
    /// Whether it leaves as soon as it has everything, and when it left.
    pub(crate) may_leave: bool,
    pub(crate) left: Option<Time>,
    /// Has everything from the start.
    pub(crate) complete: bool,
    /// Has everything but the first piece from the start.
    pub(crate) lacks_first: bool,
    /// Fetches everything, watched or not.
    pub(crate) wants_all: bool,
    pub(crate) news: Vec<News>,
    /// Verified ranges that were not right on disk: must stay 0.
    pub(crate) wrong_verified: u32,
    pub(crate) hang_ups: BTreeMap<HangUpWhy, u32>,
}

impl Ours {
    pub(crate) fn new(engine: Engine, content: Arc<Content>, joined: Time) -> Self {
        Self {
            engine,
            disk: Disk::new(Arc::clone(&content)),
            lies: Lies::default(),
            content,
            player: None,
            in_order: None,
            streams: 0,
            conns: BTreeMap::new(),
            accepted: 0,
            wake: None,
            plays: None,
            recording: None,
            joined,
            finished: None,
            may_leave: false,
            left: None,
            complete: false,
            lacks_first: false,
            wants_all: false,
            news: Vec::new(),
            wrong_verified: 0,
            hang_ups: BTreeMap::new(),
        }
    }

    /// Names a connection that somebody else opened: odd numbers are the driver's.
    pub(crate) fn name_conn(&mut self) -> ConnId {
        self.accepted += 1;
        ConnId(self.accepted * 2 - 1)
    }

    /// Feeds the engine and takes what it decides.
    pub(crate) fn feed(&mut self, now: Time, input: Input) -> Vec<Output> {
        if let Some(recording) = &mut self.recording {
            recording.inputs.push((now, input.clone()));
        }
        self.engine.handle_input(now, input);
        let mut outputs = Vec::new();
        while let Some(output) = self.engine.poll_output() {
            outputs.push(output);
        }
        if let Some(recording) = &mut self.recording {
            recording.outputs.extend(outputs.iter().cloned());
        }
        outputs
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        self.engine.deadline()
    }

    pub(crate) fn stats(&self, now: Time) -> engine::TorrentStats {
        self.engine.torrent_stats(now, TORRENT).unwrap_or_default()
    }

    /// What the disk says to an output, and how long it takes.
    pub(crate) fn disk_answer(&mut self, output: Output) -> Option<(Duration, Input)> {
        let quick = Duration::from_millis(1);
        match output {
            Output::Prepare { torrent, .. } => {
                let count = self.content.geometry().piece_count();
                let has = |piece: &u32| self.complete || (self.lacks_first && *piece > 0);
                let pieces: Vec<Piece> = (0..count).filter(has).map(Piece).collect();
                pieces.iter().for_each(|piece| self.disk.fill(*piece));
                let prepared = Prepared { pieces, blocks: Vec::new() };
                Some((quick, Input::Prepared(torrent, Ok(prepared))))
            }
            Output::Store { op, block, bytes, leaf, .. } => {
                let leaf = self.disk.store(block, bytes, leaf);
                self.lies.stored(self.disk.is_right(block));
                Some((quick, Input::Stored(op, Ok(leaf))))
            }
            Output::Hash { op, piece, .. } => {
                Some((2 * quick, Input::Hashed(op, Ok(self.disk.hash(piece)))))
            }
            Output::Load { op, piece, begin, len, .. } => {
                Some((quick, Input::Loaded(op, Ok(self.disk.load(piece, begin, len)))))
            }
            Output::Evict { piece, .. } => {
                self.disk.evict(piece);
                None
            }
            _ => None,
        }
    }

    /// Readers may have a range: it must be right, and the player learns of it.
    pub(crate) fn verified(&mut self, range: std::ops::Range<u64>) {
        let geometry = self.content.geometry();
        let mut at = range.start;
        while at < range.end {
            let block = geometry.block_at(at);
            if !self.disk.is_right(block) {
                self.wrong_verified += 1;
            }
            at = geometry.block_range(block).end;
        }
        if let Some(player) = &mut self.player {
            player.verified(range);
            if let Some(in_order) = &mut self.in_order {
                in_order.verified(0..player.there());
            }
        }
    }

    /// The player presses play.
    pub(crate) fn open(&mut self, position: u64) -> Vec<Input> {
        let mut inputs = Vec::new();
        if self.streams > 0 {
            inputs.push(Input::Close(StreamId(self.streams)));
        }
        self.streams += 1;
        let len = self.content.geometry().content_len();
        inputs.push(Input::Open(OpenStream {
            stream: StreamId(self.streams),
            torrent: TORRENT,
            file: 0..len,
            position,
            end: len,
        }));
        inputs
    }

    /// The player's last moment.
    pub(crate) fn settle_player(&mut self, now: Time) {
        if let Some(player) = &mut self.player {
            player.settle(now);
        }
        if let Some(player) = &mut self.in_order {
            player.settle(now);
        }
    }

    /// What the player does now, as inputs of the engine.
    pub(crate) fn step_player(&mut self, now: Time) -> Vec<Input> {
        if let Some(player) = &mut self.in_order {
            player.step(now);
        }
        let Some(player) = &mut self.player else { return Vec::new() };
        let asks = player.step(now);
        let mut inputs = Vec::new();
        for ask in asks {
            match ask {
                Ask::Read(position) => inputs.push(Input::Read(StreamId(self.streams), position)),
                Ask::Jump(position) => inputs.extend(self.open(position)),
            }
        }
        inputs
    }
}
