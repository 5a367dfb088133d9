//! The first page: what is under way, and rows to choose from.

use std::collections::BTreeMap;

use catalogue::Kind;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    browse::{FAVOURITE, STANDS, VISIBLE, chosen_cards},
    card::{Card, Languages, card_of},
    error::LibraryError,
    facets,
    household::is_under_way,
    store::Library,
    writer::Failure,
};

const ROW_LEN: usize = 24;
const GENRE_ROWS: usize = 8;
/// A genre, or a kind that few channels have, gets no row of its own with fewer titles.
const ROW_MIN: u64 = 3;
/// Kinds that have a row where there are some, each with its row's name and heading.
const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Concert, "concerts", "row-concerts"),
    (Kind::Performance, "performances", "row-performances"),
    (Kind::Lecture, "lectures", "row-lectures"),
    (Kind::Newsreel, "newsreels", "row-newsreels"),
];
/// How far back the row of what is under way looks, in items played.
const PLAYED_LOOKED_AT: usize = 500;

/// The first page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Home {
    /// What is under way, last seen first: films and shorts not finished, series with an episode to come.
    pub continue_watching: Vec<Card>,
    /// Rows to choose from, none of them empty.
    pub rows: Vec<HomeRow>,
}

/// A row of the first page.
#[derive(Debug, Clone, PartialEq)]
pub struct HomeRow {
    /// Its id, the same at every visit: `added`, `genre-comedy`…
    pub id: String,
    /// The message that heads it (Fluent).
    pub label_key: &'static str,
    /// What the message names.
    pub label_args: BTreeMap<&'static str, String>,
    /// Its titles.
    pub titles: Vec<Card>,
}

impl Library {
    /// The first page.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn home(&self, languages: &Languages) -> Result<Home, LibraryError> {
        self.read(|db| {
            let mut rows = fixed_rows(db, languages)?;
            rows.extend(kind_rows(db, languages)?);
            rows.extend(genre_rows(db, languages)?);
            rows.retain(|row| !row.titles.is_empty());
            Ok(Home { continue_watching: continue_watching(db, languages)?, rows })
        })
    }
}

fn fixed_rows(db: &Connection, languages: &Languages) -> Result<Vec<HomeRow>, Failure> {
    let specs: [(&str, &'static str, &str, &str); 5] = [
        ("popular", "row-popular", "TRUE", "t.position, t.title"),
        ("added", "row-recently-added", "TRUE", "t.added_at DESC, t.position, t.title"),
        ("favourites", "row-favourites", FAVOURITE, "+t.position, t.title"),
        ("series", "row-series", "t.kind = 'series'", "t.position, t.title"),
        ("shorts", "row-shorts", "t.kind = 'short'", "t.position, t.title"),
    ];
    let row = |(id, label_key, condition, order): (&str, _, &str, &str)| {
        let titles = chosen_cards(db, languages, &row_sql(condition, order), [])?;
        Ok(HomeRow { id: id.to_owned(), label_key, label_args: BTreeMap::new(), titles })
    };
    specs.into_iter().map(row).collect()
}

fn kind_rows(db: &Connection, languages: &Languages) -> Result<Vec<HomeRow>, Failure> {
    let sql = row_sql("t.kind = ?1", "t.position, t.title");
    let mut rows = Vec::new();
    for (kind, id, label_key) in KINDS {
        if facets::count_of(db, "kind", kind.as_str())? >= ROW_MIN {
            let titles = chosen_cards(db, languages, &sql, params![kind.as_str()])?;
            rows.push(HomeRow {
                id: id.to_owned(),
                label_key,
                label_args: BTreeMap::new(),
                titles,
            });
        }
    }
    Ok(rows)
}

fn row_sql(condition: &str, order: &str) -> String {
    format!(
        "SELECT t.title FROM titles t WHERE {VISIBLE} AND {STANDS} AND {condition} ORDER BY {order} LIMIT {ROW_LEN}"
    )
}

fn genre_rows(db: &Connection, languages: &Languages) -> Result<Vec<HomeRow>, Failure> {
    let genres = facets::largest_genres(db, ROW_MIN, GENRE_ROWS)?;
    let of_genre = "(SELECT 1 FROM title_facets f
        WHERE f.facet = 'genre' AND f.value = ?1 AND f.title = t.title) IS NOT NULL";
    let sql = row_sql(of_genre, "t.position, t.title");
    let row = |genre: String| {
        let titles = chosen_cards(db, languages, &sql, params![genre])?;
        Ok(HomeRow {
            id: format!("genre-{genre}"),
            label_key: "row-genre",
            label_args: BTreeMap::from([("genre", genre)]),
            titles,
        })
    };
    genres.into_iter().map(row).collect()
}

fn continue_watching(db: &Connection, languages: &Languages) -> Result<Vec<Card>, Failure> {
    let played: Vec<String> = db
        .prepare_cached("SELECT item_id FROM progress ORDER BY updated_at DESC LIMIT ?1")?
        .query_map([PLAYED_LOOKED_AT], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut seen = Vec::new();
    let mut row = Vec::new();
    for item_id in played {
        let Some(title) = visible_title_of(db, &item_id)?.filter(|title| !seen.contains(title))
        else {
            continue;
        };
        seen.push(title);
        row.extend(card_of(db, languages, title)?.filter(can_go_on));
        if row.len() == ROW_LEN {
            break;
        }
    }
    Ok(row)
}

fn can_go_on(card: &Card) -> bool {
    match card.kind {
        Kind::Series => card.next_episode.is_some(),
        _ => card.progress.as_ref().is_some_and(is_under_way),
    }
}

/// The title that stands for the work that an item is of, if lists show it.
fn visible_title_of(db: &Connection, item_id: &str) -> Result<Option<i64>, Failure> {
    let sql = format!(
        "SELECT t.title FROM titles t WHERE {VISIBLE} AND t.title =
         (SELECT coalesce(m.double_of, m.title) FROM titles m
          WHERE m.id = ?1 OR m.title = (SELECT title FROM episodes WHERE id = ?1))"
    );
    Ok(db.prepare_cached(&sql)?.query_row([item_id], |row| row.get(0)).optional()?)
}
