//! One connection: what the peer has and can, who chokes whom, what is on its way in both directions.

use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use torrent::{
    BLOCK_LEN, Block, Piece,
    wire::{self, Framer, Message},
};

use crate::{
    ConnId, Time,
    bits::Bits,
    encryption::Transport,
    estimate::{Meter, Pace, QUEUE_MAX},
    givers::Share,
    messages::CHATTER_HEAVY,
    outbox::Outbox,
    picker::Holdings,
    repeats::Repeats,
};

/// Withdrawn requests whose answers may still come: as many as two full queues.
const LATE_MAX: usize = 2 * QUEUE_MAX as usize;
/// Pieces we remember a peer suggested or allows without an unchoke.
pub(crate) const FAST_MAX: usize = 16;
/// Announced pieces remembered before the metainfo is known (BEP 9).
const EARLY_HAVES_MAX: usize = 4_096;
/// Times in a row that a peer may choke us without a block for what it was asked; then it counts as silent.
const TEASED_MAX: u32 = 3;
/// They are counted no more often than this.
const TEASED_EVERY: Duration = Duration::from_secs(1);
/// Requests kept open with a peer that did not say how many it takes.
const REQUESTS_DEFAULT: u32 = 250;

/// Requests that go with our first words, before a peer has said anything.
const BOLD_MAX: u32 = 4;
/// How long who was asked so may take to greet us.
const BOLD_PATIENCE: Duration = Duration::from_secs(1);

/// What a peer gives to its socket before it leaves, in seconds of its rate and in bytes at most: as much as libtorrent
/// does (`send_buffer_watermark_factor`, `send_buffer_watermark`). A request that was answered so far cannot be taken back.
const GIVEN_S: f64 = 0.5;
const GIVEN_MAX: f64 = 512_000.0;

/// Who has brought so much of its first block is on its way with it, in bytes.
const BEGUN: u64 = BLOCK_LEN as u64 / 4;

/// A connection of a torrent.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) conn: ConnId,
    pub(crate) addr: SocketAddr,
    pub(crate) stage: Stage,
    /// Whether it has heard nothing but our handshake.
    pub(crate) waits: bool,
    /// Whether it is asked before its handshake has come, because it is known to have everything, or hoped to. Until then
    /// its holdings are what is known.
    pub(crate) bold: bool,
    /// Whether it has said nothing but its handshake.
    pub(crate) silent: bool,
    /// Where others can reach it: its address if we dialled, else with the port it tells.
    pub(crate) listens: Option<SocketAddr>,
    /// Whether we called it.
    pub(crate) called: bool,
    pub(crate) id: [u8; 20],
    pub(crate) abilities: Abilities,
    pub(crate) transport: Transport,
    pub(crate) framer: Framer,
    pub(crate) out: BytesMut,

    pub(crate) holdings: Holdings,
    pub(crate) early: Early,
    pub(crate) choked_by: bool,
    pub(crate) interested: bool,
    pub(crate) chokes: bool,
    pub(crate) interests: bool,
    /// Since when it has, or has not, a slot with us.
    pub(crate) slot_since: Time,
    /// Pieces it gives without an unchoke.
    pub(crate) allowed: BTreeSet<Piece>,
    /// Pieces it would rather give than others, the last said of many (BEP 6).
    pub(crate) suggested: VecDeque<Piece>,
    /// Whether it told us of its DHT node.
    pub(crate) told_dht: bool,
    /// Pieces we give without an unchoke.
    pub(crate) granted: BTreeSet<Piece>,

    pub(crate) pace: Pace,
    pub(crate) requests: VecDeque<Asked>,
    /// Withdrawn requests that were not answered, the oldest first; a block as often as it was withdrawn.
    late: VecDeque<Block>,
    /// Pieces of which it was asked anything: what it says of others answers no request of ours.
    ever_asked: Bits,
    pub(crate) snubbed: bool,
    /// Its part of what all give, as it was counted last.
    pub(crate) share: Option<Share>,
    /// How often in a row it took its leave to download back without a block for what it was asked, and when it last did.
    teased: (u32, Time),
    /// Pieces it helped with that were right.
    pub(crate) proven: u32,

    pub(crate) uploads: VecDeque<wire::Request>,
    /// Uploads that are being read from disk.
    pub(crate) loading: VecDeque<wire::Request>,
    /// Requests that it may have sent before it heard that its slot is gone.
    pub(crate) crossing: usize,
    /// What it asked for of late.
    pub(crate) repeats: Repeats,
    pub(crate) outbox: Outbox,

    pub(crate) down: Meter,
    pub(crate) up: Meter,
    pub(crate) opened: Time,
    pub(crate) heard: Time,
    pub(crate) spoke: Time,
    pub(crate) offences: Offences,
    pub(crate) exchange: crate::exchange::Exchanged,
    pub(crate) punched: crate::holepunch::Punched,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Asked for, does not stand.
    Dialling,
    /// Stands; the peer's handshake has not come in full.
    Greeting,
    /// Messages flow.
    Open,
}

/// What the peer can, from its handshakes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Abilities {
    pub(crate) fast: bool,
    pub(crate) extended: bool,
    pub(crate) v2: bool,
    /// Its ids for extension messages; 0 for those it does not speak (BEP 10).
    pub(crate) metadata: u8,
    pub(crate) exchange: u8,
    pub(crate) dont_have: u8,
    pub(crate) holepunch: u8,
    pub(crate) head: u8,
    /// The metadata's length as it claims.
    pub(crate) metadata_len: Option<u32>,
    pub(crate) upload_only: bool,
    /// Requests it takes at one time.
    pub(crate) requests_max: Option<u32>,
}

/// What a peer said it has before we knew how many pieces there are.
#[derive(Debug, Clone, Default)]
pub(crate) enum Early {
    /// Nothing yet: the next message may be a bitfield.
    #[default]
    Unsaid,
    /// It has none, but for these.
    Haves(BTreeSet<Piece>),
    /// It has all.
    All,
    /// Its bitfield, to be judged later.
    Bitfield(Bytes),
    /// It was said, and taken over into the holdings.
    Settled,
}

/// A request to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) block: Block,
    pub(crate) len: u32,
    pub(crate) sent: Time,
}

/// Counts of things an honest peer does rarely.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offences {
    pub(crate) unsolicited: u32,
    pub(crate) rejects: u32,
    /// Rejects of what it was never asked for.
    pub(crate) inventions: u32,
    pub(crate) requests: u32,
    /// Requests without a slot.
    pub(crate) unslotted: u32,
    pub(crate) unknown: u32,
    /// Messages since `chatter_at` that carry no payload.
    pub(crate) chatter: u32,
    pub(crate) chatter_at: Time,
}

impl Offences {
    /// A block went to the peer: who fetches has questions about what it fetches, one a piece.
    pub(crate) fn pay_back(&mut self) {
        self.chatter = self.chatter.saturating_sub(CHATTER_HEAVY);
    }
}

impl Peer {
    pub(crate) fn new(now: Time, conn: ConnId, addr: SocketAddr, stage: Stage) -> Self {
        Self {
            conn,
            addr,
            stage,
            waits: false,
            bold: false,
            silent: true,
            listens: (stage == Stage::Dialling).then_some(addr),
            called: stage == Stage::Dialling,
            id: [0; 20],
            abilities: Abilities::default(),
            transport: Transport::default(),
            framer: Framer::default(),
            out: BytesMut::new(),
            holdings: Holdings::Some(Bits::new(0)),
            early: Early::Unsaid,
            choked_by: true,
            interested: false,
            chokes: true,
            interests: false,
            slot_since: now,
            allowed: BTreeSet::new(),
            suggested: VecDeque::new(),
            told_dht: false,
            granted: BTreeSet::new(),
            pace: Pace::new(now),
            requests: VecDeque::new(),
            late: VecDeque::new(),
            ever_asked: Bits::new(0),
            snubbed: false,
            share: None,
            teased: (0, now),
            proven: 0,
            uploads: VecDeque::new(),
            loading: VecDeque::new(),
            crossing: 0,
            repeats: Repeats::default(),
            outbox: Outbox::new(now),
            down: Meter::default(),
            up: Meter::default(),
            opened: now,
            heard: now,
            spoke: now,
            offences: Offences::default(),
            exchange: crate::exchange::Exchanged::default(),
            punched: crate::holepunch::Punched::default(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Whether it was told what we have: from then on it hears what is new, even before it greets us.
    pub(crate) fn is_told(&self) -> bool {
        self.is_open() || (self.stage == Stage::Greeting && !self.waits)
    }

    pub(crate) fn is_seed(&self) -> bool {
        match &self.holdings {
            Holdings::All => true,
            Holdings::Some(bits) => bits.len() > 0 && bits.is_full(),
        }
    }

    /// Puts a message behind those that wait to be sent in one go.
    pub(crate) fn say(&mut self, message: &Message) {
        wire::encode(message, &mut self.out);
    }

    /// Whether we may ask it for a piece now.
    pub(crate) fn gives(&self, piece: Piece) -> bool {
        let may_ask = !self.choked_by || self.bold || self.allowed.contains(&piece);
        self.is_asked() && self.holdings.has(piece.0) && may_ask
    }

    /// Whether requests may be on their way to it.
    fn is_asked(&self) -> bool {
        self.is_open() || self.bold
    }

    /// Whether it gives anything at all now.
    pub(crate) fn is_usable(&self) -> bool {
        self.is_asked() && (!self.choked_by || self.bold || !self.allowed.is_empty())
    }

    /// Its part of what all give us now.
    pub(crate) fn share_now(&self) -> Option<Share> {
        let rate = if self.snubbed { 0 } else { self.pace.rate() as u64 };
        let round_trip = (self.pace.rtt() * 1e6) as u64;
        self.is_usable().then_some(Share { rate, round_trip })
    }

    /// How many requests it takes at one time.
    pub(crate) fn requests_max(&self) -> u32 {
        if self.snubbed {
            return 1;
        }
        if self.bold {
            return BOLD_MAX;
        }
        self.abilities.requests_max.unwrap_or(REQUESTS_DEFAULT)
    }

    /// Whether anything it asked for is still to come from us.
    pub(crate) fn is_served(&self) -> bool {
        !self.uploads.is_empty() || !self.loading.is_empty() || self.outbox.unsent > 0
    }

    /// When patience with what it owes ends. Who was asked with our first words has not even greeted us.
    pub(crate) fn patience_ends(&self) -> Time {
        if self.bold { self.opened + BOLD_PATIENCE } else { self.pace.patience_ends() }
    }

    /// Bytes that may be asked for now.
    pub(crate) fn room(&self, slack: f64) -> u64 {
        self.pace.room(self.requests_max(), self.part(), slack)
    }

    /// A request goes out.
    pub(crate) fn ask(&mut self, now: Time, block: Block, len: u32) {
        self.pace.asked(now, len);
        self.ever_asked.grow(block.piece.0 + 1);
        self.ever_asked.insert(block.piece.0);
        self.requests.push_back(Asked { block, len, sent: now });
        self.say(&Message::Request(range_of(block, len)));
    }

    /// Takes a request off the list because its block came or never will.
    pub(crate) fn settle(&mut self, block: Block) -> Option<Asked> {
        let at = self.requests.iter().position(|request| request.block == block)?;
        self.requests.remove(at)
    }

    /// Withdraws a request. Its block may still come.
    pub(crate) fn cancel(&mut self, block: Block) -> bool {
        let Some(request) = self.settle(block) else { return false };
        self.say(&Message::Cancel(range_of(block, request.len)));
        self.withdraw(request);
        true
    }

    /// Counts a request as withdrawn without telling.
    pub(crate) fn withdraw(&mut self, request: Asked) {
        self.pace.released(request.len);
        if self.late.len() >= LATE_MAX {
            self.late.pop_front();
        }
        self.late.push_back(request.block);
    }

    /// Whether the answer about a block that nobody waits for is due to a request that was withdrawn: with BEP 6
    /// each request is answered once, also if the block was asked for, withdrawn and asked for again.
    pub(crate) fn forgive(&mut self, block: Block) -> bool {
        let at = self.late.iter().position(|late| *late == block);
        at.is_some_and(|at| self.late.remove(at).is_some())
    }

    /// It takes its leave to download back: whether it did so too often without a block between. Many times within a second
    /// count as one: what it sent meanwhile may be on its way, and a flood is ended by other rules.
    pub(crate) fn teases(&mut self, now: Time) -> bool {
        let (count, last) = self.teased;
        if !self.requests.is_empty() && now.since(last) >= TEASED_EVERY {
            self.teased = (count + 1, now);
        }
        self.teased.0 >= TEASED_MAX
    }

    /// A block came.
    pub(crate) fn gave(&mut self) {
        self.teased.0 = 0;
        self.offences.rejects = 0;
    }

    /// Whether it was ever asked for anything in this block's piece.
    pub(crate) fn was_asked(&self, block: Block) -> bool {
        self.ever_asked.has(block.piece.0)
    }

    /// When one more block asked for now would have come.
    pub(crate) fn eta(&self, now: Time) -> Time {
        let ahead = self.pace.in_flight.saturating_sub(self.part());
        self.pace.eta_behind(now, ahead, BLOCK_LEN)
    }

    /// When a block that was asked for should be here in full.
    pub(crate) fn expects(&self, now: Time, block: Block) -> Option<Time> {
        let at = self.requests.iter().position(|request| request.block == block)?;
        let coming: u64 =
            self.requests.iter().take(at + 1).map(|request| u64::from(request.len)).sum();
        let sent = self.requests.get(at)?.sent;
        Some(self.pace.arrives(now, coming.saturating_sub(self.part()), sent))
    }

    /// Whether it has brought no block yet, and less than [`BEGUN`] of the one that it was asked for no later than this.
    pub(crate) fn only_promises(&self, block: Block, since: Time) -> bool {
        let at = self.requests.iter().position(|request| request.block == block);
        let asked = at.and_then(|at| self.requests.get(at));
        let begun = at == Some(0) && self.part() >= BEGUN;
        !self.pace.has_given() && !begun && asked.is_some_and(|asked| asked.sent <= since)
    }

    /// Whether it is asked for nothing, and gives a piece or may do so when it has greeted us and lets us download.
    pub(crate) fn may_begin_with(&self, piece: Piece) -> bool {
        let may_have = !self.is_open() || self.holdings.has(piece.0);
        self.requests.is_empty() && !self.snubbed && may_have
    }

    /// Requests that can still be taken back: behind what is on its way, and what the peer has most likely given to its
    /// socket by now.
    pub(crate) fn revocable(&self) -> impl Iterator<Item = Block> + '_ {
        let rate = self.pace.rate();
        let gone = rate * self.pace.rtt() + (rate * GIVEN_S).min(GIVEN_MAX);
        let mut before = 0;
        let behind = self.requests.iter().skip_while(move |request| {
            let is_gone = before as f64 <= gone;
            before += u64::from(request.len);
            is_gone
        });
        behind.map(|request| request.block)
    }

    /// Bytes of a block that are here already.
    fn part(&self) -> u64 {
        self.framer.held() as u64
    }

    /// Remembers what it has until the metainfo is known.
    pub(crate) fn announce_early(&mut self, piece: Piece) {
        match &mut self.early {
            Early::Unsaid => self.early = Early::Haves(BTreeSet::from([piece])),
            Early::Haves(haves) if haves.len() < EARLY_HAVES_MAX => {
                haves.insert(piece);
            }
            Early::Haves(_) | Early::All | Early::Bitfield(_) | Early::Settled => (),
        }
    }
}

/// A block as requests and cancels name it.
pub(crate) fn range_of(block: Block, len: u32) -> wire::Request {
    wire::Request { piece: block.piece, begin: block.index * BLOCK_LEN, len }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hp_22_of_pieces_announced_before_their_number_is_known_some_are_remembered() {
        let addr = ([81, 2, 3, 4], 6881).into();
        let mut peer = Peer::new(Time(0), ConnId(1), addr, Stage::Open);
        (0..1_000_000).for_each(|piece| peer.announce_early(Piece(piece)));
        let Early::Haves(haves) = peer.early else { panic!("it announced some") };
        assert_eq!(haves.len(), EARLY_HAVES_MAX);
    }
}
