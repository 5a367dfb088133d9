//! In which order pieces are asked for: Kinora's way, and simple ones to compare it with.
//!
//! The others exist so that the simulator can put the same swarm under each of them. They fetch nothing twice
//! but at the very end, spare no source and know no lateness.

use torrent::{Block, Piece};

use crate::{ConnId, content::Content, context::Context, peer::Peer, torrent::Torrent};

/// The order in which an engine asks for pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Deadlines, windows and spared sources, as docs/streaming.md says.
    #[default]
    Kinora,
    /// The rarest piece anywhere, as programs that only download do.
    RarestFirst,
    /// The rarest piece of the next twelfth of the film, then the rarest anywhere (BiToS and its kin).
    WindowedRarestFirst,
    /// The first missing piece.
    InOrder,
    /// The first missing piece while less than a minute is buffered, the more likely the less; else the rarest.
    EarliestDeadline,
}

/// The window of [`Order::WindowedRarestFirst`] is the film's length through this.
const WINDOW_PARTS: u32 = 12;
/// [`Order::EarliestDeadline`] asks only for what is due with less than this buffered, in seconds.
const BUFFER_LOW_S: f64 = 20.0;
/// … and for nothing by its deadline with this much.
const BUFFER_FULL_S: f64 = 60.0;

impl Torrent {
    /// What a peer should give us next in one of the simple orders.
    pub(crate) fn pick_simply(&self, ctx: &mut Context, conn: ConnId) -> Option<Block> {
        let peer = self.peers.get(&conn)?;
        let content = self.content.as_ref()?;
        let count = content.pieces.geometry().piece_count();
        let start = ctx.random.below(count);
        let first = self.first_lacking(content);
        let rarest =
            |from: u32, until: u32| rarest_in(content, peer, from, until.min(count), start);
        match ctx.order {
            Order::Kinora | Order::RarestFirst => rarest(0, count),
            Order::WindowedRarestFirst => {
                let window = count.div_ceil(WINDOW_PARTS);
                rarest(first, first + window).or_else(|| rarest(0, count))
            }
            Order::InOrder => {
                first_in(content, peer, first, count).or_else(|| first_in(content, peer, 0, first))
            }
            Order::EarliestDeadline => {
                let buffered = self.least_buffered(ctx);
                let chance = (BUFFER_FULL_S - buffered) / (BUFFER_FULL_S - BUFFER_LOW_S);
                let window = (BUFFER_FULL_S * self.rate() as f64) / f64::from(content.piece_len());
                let due = (ctx.random.fraction() < chance).then(|| {
                    first_in(content, peer, first, (first + window.ceil() as u32).min(count))
                });
                due.flatten().or_else(|| rarest(0, count))
            }
        }
    }

    /// The piece the first reader needs next, or the first one of all.
    fn first_lacking(&self, content: &Content) -> u32 {
        let readers = self.streams.values().filter(|stream| !stream.hint);
        let next = readers.filter_map(|stream| content.block_from(stream.ready));
        next.map(|block| block.piece.0).min().unwrap_or(0)
    }

    fn least_buffered(&self, ctx: &Context) -> f64 {
        let readers = self.streams.values().filter(|stream| !stream.hint);
        let buffered = readers.map(|stream| stream.buffered(ctx.now, self.rate()));
        buffered.fold(f64::INFINITY, f64::min)
    }
}

/// The first block of a range of pieces that the peer may be asked for.
fn first_in(content: &Content, peer: &Peer, from: u32, until: u32) -> Option<Block> {
    (from..until).map(Piece).filter(|piece| !content.pieces.has(*piece)).find_map(|piece| {
        let block = content.first_free(piece)?;
        content.may_ask(crate::source::Source::Peer(peer.conn), peer, block).then_some(block)
    })
}

/// A block of the rarest piece of a range, of one that is begun before any other.
fn rarest_in(content: &Content, peer: &Peer, from: u32, until: u32, start: u32) -> Option<Block> {
    let source = crate::source::Source::Peer(peer.conn);
    let begun = content.pieces.partials().filter(|(piece, _)| (from..until).contains(&piece.0));
    let begun = begun.filter_map(|(piece, partial)| {
        let block = Block { piece, index: partial.first_free()? };
        content.may_ask(source, peer, block).then_some(block)
    });
    let rare = |block: &Block| content.rarity.availability(block.piece.0);
    begun.min_by_key(rare).or_else(|| {
        let start = from + if until > from { start % (until - from) } else { 0 };
        let piece = content.rarity.pick(&peer.holdings, from..until, start).map(Piece)?;
        let block = content.first_free(piece)?;
        content.may_ask(source, peer, block).then_some(block)
    })
}
