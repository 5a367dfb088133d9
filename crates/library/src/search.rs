//! Search as you type: every word counts, the last one as a beginning; a mistyped word finds its neighbours.

use std::sync::{Arc, PoisonError};

use catalogue::Title;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::{
    browse::{STANDS, VISIBLE},
    card::{CARD_COLUMNS, Card, Languages, cards},
    error::LibraryError,
    store::Library,
    typos::Vocabulary,
    words::{self, Word, query_words},
    writer::Failure,
};

/// With fewer hits than this, typing errors are considered.
const ENOUGH: usize = 5;
const MAX_HITS: usize = 100;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Titles: names that match first, then people, each most popular first.
    pub titles: Vec<Card>,
    /// What was searched for instead, if the words as typed found nothing.
    pub corrected: Option<String>,
}

impl Library {
    /// The titles that match what was typed so far, at most `limit` (and 100).
    ///
    /// # Errors
    ///
    /// As every read; there is no query that is an error.
    pub fn search(
        &self,
        query: &str,
        limit: usize,
        languages: &Languages,
    ) -> Result<Found, LibraryError> {
        let limit = limit.min(MAX_HITS);
        let typed = Typed::new(query);
        if typed.words.is_empty() || limit == 0 {
            return Ok(Found::default());
        }
        self.read(|db| {
            let mut titles = hits(db, languages, &typed.expression(&[]), limit)?;
            if titles.len() >= ENOUGH.min(limit) {
                return Ok(Found { titles, corrected: None });
            }
            let near = typed.near(&*self.current_vocabulary(db)?);
            let none_as_typed = titles.is_empty();
            if near.iter().any(|words| !words.is_empty()) {
                for card in hits(db, languages, &typed.expression(&near), limit)? {
                    if titles.len() < limit && !titles.iter().any(|known| known.id == card.id) {
                        titles.push(card);
                    }
                }
            }
            let best = titles.first().filter(|_| none_as_typed);
            let corrected = best.map(|card| typed.corrected(&near, card));
            Ok(Found { titles, corrected })
        })
    }

    pub(crate) fn forget_vocabulary(&self) {
        *self.vocabulary().lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn current_vocabulary(&self, db: &Connection) -> Result<Arc<Vocabulary>, Failure> {
        let mut kept = self.vocabulary().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vocabulary) = &*kept {
            return Ok(Arc::clone(vocabulary));
        }
        let vocabulary = Arc::new(Vocabulary::read(db)?);
        *kept = Some(Arc::clone(&vocabulary));
        Ok(vocabulary)
    }
}

/// What somebody typed, in folded words.
struct Typed {
    words: Vec<Word>,
    /// Whether the last word may go on: no space or stop follows it.
    open: bool,
}

impl Typed {
    fn new(query: &str) -> Self {
        let open = query.chars().last().is_some_and(|c| !c.is_whitespace());
        Self { words: query_words(query), open }
    }

    fn is_open(&self, place: usize) -> bool {
        self.open && place + 1 == self.words.len()
    }

    /// The FTS5 expression: all words, each as typed or as one of its neighbours. Words hold letters, digits and
    /// marks alone and stand in quotation marks, so nothing that was typed can be syntax.
    fn expression(&self, near: &[Vec<String>]) -> String {
        let mut terms: Vec<String> = Vec::new();
        for (place, word) in self.words.iter().enumerate() {
            let star = if self.is_open(place) { "*" } else { "" };
            if let Some(phrase) = terms.last_mut().filter(|_| word.joined) {
                phrase.push_str(&format!(" + \"{}\"{star}", word.text));
                continue;
            }
            let own = format!("\"{}\"{star}", word.text);
            let others = near.get(place).into_iter().flatten().map(|other| format!("\"{other}\""));
            terms.push([own].into_iter().chain(others).collect::<Vec<_>>().join(" OR "));
        }
        terms.iter().map(|term| format!("({term})")).collect::<Vec<_>>().join(" AND ")
    }

    fn near(&self, vocabulary: &Vocabulary) -> Vec<Vec<String>> {
        let places = self.words.iter().enumerate();
        places.map(|(place, word)| vocabulary.near(&word.text, self.is_open(place))).collect()
    }

    /// The query with each mistyped word as the best hit has it.
    fn corrected(&self, near: &[Vec<String>], best: &Card) -> String {
        let name = words::words(&best.name);
        let has = |text: &str| name.iter().any(|word| word.text == text);
        let word = |(place, word): (usize, &Word)| {
            let near = near.get(place).map_or(&[][..], Vec::as_slice);
            let fitting = near.iter().find(|other| has(other)).or(near.first());
            fitting.filter(|_| !has(&word.text)).unwrap_or(&word.text).clone()
        };
        self.words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
    }
}

/// Titles whose names match, then titles that match otherwise.
fn hits(
    db: &Connection,
    languages: &Languages,
    expression: &str,
    limit: usize,
) -> Result<Vec<Card>, Failure> {
    let mut found = ranked(db, languages, &format!("{{names}} : ({expression})"), limit)?;
    if found.len() < limit {
        for card in ranked(db, languages, expression, limit)? {
            if found.len() < limit && !found.iter().any(|known| known.id == card.id) {
                found.push(card);
            }
        }
    }
    Ok(found)
}

/// Reads hits in the order of rank and stops early: the cross join keeps SQLite from sorting all of them.
fn ranked(
    db: &Connection,
    languages: &Languages,
    expression: &str,
    limit: usize,
) -> Result<Vec<Card>, Failure> {
    let sql = format!(
        "SELECT {CARD_COLUMNS} FROM search
         CROSS JOIN titles t ON t.title = search.rowid & {NUMBER} CROSS JOIN sources s ON s.source = t.source
         WHERE search MATCH ?1 AND {VISIBLE} AND {STANDS} ORDER BY search.rowid LIMIT ?2"
    );
    cards(db, languages, &sql, params![expression, limit])
}

/// The part of an entry's rowid that is the title's number; what is above it is its place in the publisher's order,
/// so that the first hits read are the first ones shown.
const NUMBER: i64 = (1 << 24) - 1;

/// Where the index has a title.
fn entry(position: usize, title: i64) -> i64 {
    // Far more places than any catalogue has titles, and no overflow for more.
    let position = i64::try_from(position).unwrap_or(i64::MAX) & (NUMBER << 14 | 0x3FFF);
    position << 24 | (title & NUMBER)
}

/// Makes a title known to the index.
pub(crate) fn put(
    db: &Connection,
    position: usize,
    row: i64,
    searchable: &Searchable,
) -> Result<(), Failure> {
    let Searchable { names, others } = searchable;
    db.prepare_cached("INSERT INTO search (rowid, names, others) VALUES (?1, ?2, ?3)")?
        .execute(params![entry(position, row), names, others])?;
    Ok(())
}

/// Takes a title that stood at this place out of the index.
pub(crate) fn take_out(db: &Connection, position: usize, row: i64) -> Result<(), Failure> {
    db.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([entry(position, row)])?;
    Ok(())
}

/// What a title is found by, folded.
#[derive(Serialize, Deserialize)]
pub(crate) struct Searchable {
    /// The names in every language.
    names: String,
    /// The same in Latin letters, and the people.
    others: String,
}

impl Searchable {
    pub(crate) fn of(title: &Title) -> Self {
        let mut names: Vec<&str> = title.name.iter().map(|(_, name)| name).collect();
        names.sort_unstable();
        names.dedup();
        let people = title.people.iter().map(|person| (*person.name).to_owned());
        let others = names.iter().filter_map(|name| words::in_latin(name)).chain(people);
        Self { others: words::indexed(others), names: words::indexed(names.iter()) }
    }
}
