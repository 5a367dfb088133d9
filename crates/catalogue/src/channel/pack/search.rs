//! Finds a thing in a pack of which only parts are here: the index is read where the hash should stand.

use std::{cmp::Ordering, ops::Range};

use super::{BadPack, PACK_HEADER, PACK_LINE, PackHeader, Thing};

/// Lines that are read at one time: about a piece of them.
const WINDOW: u64 = 400;

/// A search that is under way: it says which bytes to read next.
#[derive(Debug, Clone)]
pub struct PackSearch {
    header: PackHeader,
    sha256: [u8; 32],
    /// The lines in which it may still stand.
    lines: Range<u64>,
    /// The first eight bytes of the hashes around them.
    around: (u64, u64),
    steps: u32,
}

/// What one reading came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// These bytes of the pack are needed next.
    Read(Range<u64>),
    /// The thing is in the pack.
    Found(Thing),
    /// It is not.
    Missing,
}

impl PackSearch {
    /// Begins to look for a thing.
    #[must_use]
    pub fn new(header: PackHeader, sha256: [u8; 32]) -> Self {
        Self { header, sha256, lines: 0..header.things, around: (0, u64::MAX), steps: 0 }
    }

    /// Looks for a thing in a pack of which any part can be read at once. What cannot be read is not there.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn find(
        header: PackHeader,
        sha256: [u8; 32],
        mut read: impl FnMut(Range<u64>) -> Option<Vec<u8>>,
    ) -> Result<Option<Thing>, BadPack> {
        let mut search = Self::new(header, sha256);
        let mut wanted = search.wanted();
        while let Some(bytes) = read(wanted.clone()) {
            match search.take(&bytes)? {
                Step::Read(next) => wanted = next,
                Step::Found(thing) => return Ok(Some(thing)),
                Step::Missing => break,
            }
        }
        Ok(None)
    }

    /// The bytes to read first, or next.
    #[must_use]
    pub fn wanted(&self) -> Range<u64> {
        let window = self.window();
        let place = |line: u64| PACK_HEADER as u64 + line * PACK_LINE as u64;
        place(window.start)..place(window.end)
    }

    /// Goes on with the bytes that were wanted.
    ///
    /// # Errors
    /// They are no lines of an index, or not in order.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Step, BadPack> {
        let window = self.window();
        let (lines, rest) = bytes.as_chunks::<PACK_LINE>();
        if !rest.is_empty() || lines.len() as u64 != window.end - window.start {
            return Err(BadPack::Index);
        }
        let things: Vec<_> =
            lines.iter().map(|line| self.header.thing(line)).collect::<Result<_, _>>()?;
        self.check(&window, &things)?;
        self.steps += 1;
        let (Some(first), Some(last)) = (things.first(), things.last()) else {
            return Ok(Step::Missing);
        };
        if self.sha256 < first.sha256 {
            self.lines.end = window.start;
            self.around.1 = start(&first.sha256);
        } else if self.sha256 > last.sha256 {
            self.lines.start = window.end;
            self.around.0 = start(&last.sha256);
        } else {
            let found = things.iter().find(|thing| thing.sha256 == self.sha256);
            return Ok(found.map_or(Step::Missing, |thing| Step::Found(*thing)));
        }
        Ok(if self.lines.is_empty() { Step::Missing } else { Step::Read(self.wanted()) })
    }

    /// Hashes rise, and things follow each other without a gap.
    fn check(&self, window: &Range<u64>, things: &[Thing]) -> Result<(), BadPack> {
        let is_first = window.start == 0;
        let begins = things.first().is_none_or(|one| one.start == self.header.data_start());
        let ends = things.last().is_none_or(|one| one.end() == self.header.length);
        let follow = things.windows(2).all(|two| {
            two[0].sha256.cmp(&two[1].sha256) == Ordering::Less && two[0].end() == two[1].start
        });
        let is_last = window.end == self.header.things;
        if follow && (!is_first || begins) && (!is_last || ends) {
            Ok(())
        } else {
            Err(BadPack::Index)
        }
    }

    /// The lines to read: where the hash stands if hashes lie evenly, which they do. Every other time the middle, so that
    /// an index that was made to mislead costs few readings.
    fn window(&self) -> Range<u64> {
        let Range { start: from, end: to } = self.lines;
        let (low, high) = self.around;
        let guess = if self.steps % 2 == 1 {
            from.midpoint(to)
        } else {
            let part = u128::from(start(&self.sha256).saturating_sub(low));
            let whole = u128::from(high.saturating_sub(low)).max(1);
            let ahead = u128::from(to - from) * part / whole;
            from.saturating_add(u64::try_from(ahead).unwrap_or(u64::MAX))
        };
        let first = guess.saturating_sub(WINDOW / 2).clamp(from, to.saturating_sub(1).max(from));
        first..first.saturating_add(WINDOW).min(to)
    }
}

fn start(sha256: &[u8; 32]) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|at| sha256[at]))
}
