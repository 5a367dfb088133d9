//! Words near a mistyped one: the index's vocabulary as an automaton, searched within one or two edits.

use std::collections::BTreeSet;

use fst::{
    Automaton, IntoStreamer, Map, MapBuilder, Streamer,
    automaton::{Levenshtein, Str},
};
use rusqlite::Connection;

use crate::writer::Failure;

/// Shorter words are not corrected: nearly every other short word is one edit away.
const SHORTEST: usize = 4;
/// From this length on, characters, two edits are forgiven.
const TWO_EDITS_FROM: usize = 8;
/// How many near words a search goes on with.
const KEPT: usize = 24;
/// How many near words are looked at.
const LOOKED_AT: usize = 4096;

/// How many words are held: a million titles have about as many, and a channel of nothing but other words takes no more
/// memory than this.
const WORDS_MAX: usize = 2_000_000;

/// Every word of the index with the number of titles that have it.
pub(crate) struct Vocabulary {
    words: Map<Vec<u8>>,
}

impl Vocabulary {
    pub(crate) fn read(db: &Connection) -> Result<Self, Failure> {
        let mut statement =
            db.prepare("SELECT term, doc FROM search_words ORDER BY term LIMIT ?1")?;
        let mut rows = statement.query([WORDS_MAX])?;
        let mut builder = MapBuilder::memory();
        while let Some(row) = rows.next()? {
            let (term, count): (String, u64) = (row.get(0)?, row.get(1)?);
            builder.insert(term, count).map_err(unreadable)?;
        }
        let words = Map::new(builder.into_inner().map_err(unreadable)?).map_err(unreadable)?;
        Ok(Self { words })
    }

    /// Words near this one, nearest and most frequent first. If the word is still being typed, longer words that
    /// begin nearly so count too.
    pub(crate) fn near(&self, word: &str, still_typed: bool) -> Vec<String> {
        let length = word.chars().count();
        if length < SHORTEST {
            return Vec::new();
        }
        let edits = if length < TWO_EDITS_FROM { 1 } else { 2 };
        let mut near = BTreeSet::new();
        if let Ok(automaton) = Levenshtein::new(word, edits) {
            if still_typed {
                self.collect(automaton.starts_with(), word, true, &mut near);
            } else {
                self.collect(&automaton, word, false, &mut near);
            }
        }
        for swapped in neighbours_swapped(word) {
            if still_typed {
                self.collect(Str::new(&swapped).starts_with(), word, true, &mut near);
            } else {
                self.collect(Str::new(&swapped), word, false, &mut near);
            }
        }
        near.into_iter().take(KEPT).map(|(_, _, term)| term).collect()
    }

    fn collect(
        &self,
        automaton: impl Automaton,
        word: &str,
        still_typed: bool,
        near: &mut BTreeSet<(usize, u64, String)>,
    ) {
        let mut stream = self.words.search(automaton).into_stream();
        let mut looked_at = 0;
        while let Some((term, count)) = stream.next() {
            let Ok(term) = std::str::from_utf8(term) else { continue };
            near.insert((distance(word, term, still_typed), u64::MAX - count, term.to_owned()));
            looked_at += 1;
            if looked_at == LOOKED_AT {
                return;
            }
        }
    }
}

/// Edits between what was typed and a term, swapped neighbours counting as one; while typing, what follows is free.
fn distance(word: &str, term: &str, still_typed: bool) -> usize {
    let whole = strsim::osa_distance(word, term);
    if !still_typed {
        return whole;
    }
    let length = word.chars().count();
    (length.saturating_sub(1)..=length + 1)
        .map(|cut| strsim::osa_distance(word, &term.chars().take(cut).collect::<String>()))
        .min()
        .unwrap_or(whole)
}

fn neighbours_swapped(word: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = word.chars().collect();
    (1..letters.len()).map(move |i| {
        let mut swapped = letters.clone();
        swapped.swap(i - 1, i);
        swapped.into_iter().collect()
    })
}

fn unreadable(error: fst::Error) -> Failure {
    Failure::Sqlite(rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
