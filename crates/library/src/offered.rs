//! The titles of one catalogue as its publisher has them: nothing of other catalogues, and nothing of the household. What a
//! household hides, likes or watched changes no answer, and no other catalogue changes how long one takes.

use catalogue::{Art, Kind, Licence, Title};
use rusqlite::{Connection, OptionalExtension, ToSql};

use crate::{
    card::{Languages, StoredCard},
    error::LibraryError,
    import::global_id,
    store::Library,
    words::{query_words, sort_key},
    writer::Failure,
};

/// The most titles in one answer.
pub const OFFERED_MAX: u32 = 100;

/// Which titles of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Words that stand somewhere in a name, whatever the language of the name; empty for all titles.
    pub text: String,
    /// `film`, `series`, `short`, `concert`, `performance`, `lecture` or `newsreel`.
    pub kind: Option<String>,
    /// A language spoken in a release (BCP 47).
    pub language: Option<String>,
    /// How many, at most [`OFFERED_MAX`].
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

/// A title as its publisher has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// Its id in the catalogue.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its name, in the best of the wanted languages.
    pub name: String,
    /// Year of first publication.
    pub year: Option<u16>,
    /// Running time, seconds.
    pub runtime_s: Option<u32>,
    /// Genres.
    pub genres: Vec<String>,
    /// The licence that lets everybody share it.
    pub licence: Licence,
    /// Languages spoken in any of its releases.
    pub audio_languages: Vec<String>,
    /// Languages of subtitles of any of its releases.
    pub subtitle_languages: Vec<String>,
    /// Upright picture.
    pub poster: Option<Art>,
}

/// Some of the titles that a catalogue has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offers {
    /// How many match.
    pub total: u64,
    /// Those that were asked for, in the publisher's order.
    pub titles: Vec<Offered>,
}

impl Library {
    /// Titles of a catalogue, which the publisher has not taken back; nothing if the catalogue is not here.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn offered(
        &self,
        source_id: &str,
        wish: &Wish,
        languages: &Languages,
    ) -> Result<Option<Offers>, LibraryError> {
        self.read(|db| {
            let Some(source) = source(db, source_id)? else { return Ok(None) };
            offers(db, source, source_id, wish, languages).map(Some)
        })
    }

    /// One of them, and its record as published.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn offered_title(
        &self,
        source_id: &str,
        id: &str,
        languages: &Languages,
    ) -> Result<Option<(Offered, Title)>, LibraryError> {
        let sql = "SELECT card, record FROM titles WHERE id = ?1 AND withdrawn IS NULL
             AND source = (SELECT source FROM sources WHERE id = ?2)";
        self.read(|db| {
            let row = db
                .prepare_cached(sql)?
                .query_row([&*global_id(source_id, id), source_id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })
                .optional()?;
            let Some((card, record)) = row else { return Ok(None) };
            let offered = offered(id.to_owned(), &card, languages)?;
            Ok(Some((offered, serde_json::from_str(&record)?)))
        })
    }
}

fn source(db: &Connection, id: &str) -> Result<Option<i64>, Failure> {
    let sql = "SELECT source FROM sources WHERE id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?)
}

fn offers(
    db: &Connection,
    source: i64,
    source_id: &str,
    wish: &Wish,
    languages: &Languages,
) -> Result<Offers, Failure> {
    // Names are kept in the form that lists are sorted by.
    let words: Vec<String> =
        query_words(&sort_key(&wish.text)).into_iter().map(|word| word.text).collect();
    let mut conditions = "t.source = ?1 AND t.withdrawn IS NULL".to_owned();
    let mut values: Vec<&dyn ToSql> = vec![&source];
    for word in &words {
        values.push(word);
        let place = values.len();
        conditions += &format!(
            " AND (instr(t.sort_name, ?{place}) OR EXISTS (SELECT 1 FROM title_names n
                WHERE n.title = t.title AND instr(n.sort_name, ?{place})))"
        );
    }
    if let Some(kind) = &wish.kind {
        values.push(kind);
        conditions += &format!(" AND t.kind = ?{}", values.len());
    }
    if let Some(language) = &wish.language {
        values.push(language);
        conditions += &format!(
            " AND EXISTS (SELECT 1 FROM title_facets f WHERE f.facet = 'language' AND f.value = ?{}
                AND f.title = t.title)",
            values.len()
        );
    }
    let count = format!("SELECT count(*) FROM titles t WHERE {conditions}");
    let total = db.prepare_cached(&count)?.query_row(&*values, |row| row.get(0))?;
    let (limit, offset) = (wish.limit.min(OFFERED_MAX), wish.offset);
    let sql = format!(
        "SELECT t.id, t.card FROM titles t WHERE {conditions}
         ORDER BY t.position, t.title LIMIT {limit} OFFSET {offset}"
    );
    let rows: Vec<(String, String)> = db
        .prepare_cached(&sql)?
        .query_map(&*values, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let prefix = global_id(source_id, "");
    let titles = rows.into_iter().map(|(id, card)| {
        offered(id.strip_prefix(&prefix).unwrap_or(&id).to_owned(), &card, languages)
    });
    Ok(Offers { total, titles: titles.collect::<Result<_, _>>()? })
}

fn offered(id: String, card: &str, languages: &Languages) -> Result<Offered, Failure> {
    let card: StoredCard = serde_json::from_str(card)?;
    Ok(Offered {
        id,
        kind: card.kind,
        name: languages.pick(&card.name).unwrap_or_default(),
        year: card.year,
        runtime_s: card.runtime_s,
        genres: card.genres,
        licence: card.licence,
        audio_languages: card.audio_languages,
        subtitle_languages: card.subtitle_languages,
        poster: card.poster,
    })
}
