//! The grid: titles filtered, sorted and paged, and the counts behind its filters.

use rusqlite::{Connection, ToSql};

use crate::{
    card::{CARD_COLUMNS, Card, Languages, cards},
    error::LibraryError,
    store::Library,
    writer::Failure,
};

/// The most cards in one page.
const MAX_PAGE: u32 = 500;

/// Titles that lists show: neither withdrawn nor blocked. `t` is `titles`.
pub(crate) const VISIBLE: &str = "t.withdrawn IS NULL
    AND NOT EXISTS (SELECT 1 FROM blocked b WHERE b.title_id = t.id)";

/// The same for counts over whole indexes, which then need not read the titles' rows.
pub(crate) const COUNTED: &str = "t.title NOT IN (SELECT title FROM hidden)";

/// Whether `t` is a favourite.
pub(crate) const FAVOURITE: &str = "t.id IN (SELECT title_id FROM favourites)";

/// Whether all of `t` was watched.
const WATCHED: &str = "CASE t.kind WHEN 'series'
    THEN NOT EXISTS (SELECT 1 FROM episodes e WHERE e.title = t.title
        AND NOT EXISTS (SELECT 1 FROM watched w WHERE w.item_id = e.id))
    ELSE EXISTS (SELECT 1 FROM watched w WHERE w.item_id = t.id) END";

/// Which titles, in which order. The default is everything, most popular first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// `film`, `series` or `short`.
    pub kind: Option<String>,
    /// A genre.
    pub genre: Option<String>,
    /// A language spoken in a release.
    pub language: Option<String>,
    /// A language of subtitles.
    pub subtitle: Option<String>,
    /// A licence (SPDX).
    pub licence: Option<String>,
    /// A quality, as `1080p`.
    pub quality: Option<String>,
    /// A decade, by its first year.
    pub decade: Option<u16>,
    /// Only favourites, or only others.
    pub favourite: Option<bool>,
    /// Only what was watched, or only what was not.
    pub watched: Option<bool>,
    /// The order.
    pub sort: Sort,
    /// How many cards, at most 500; 0 stands for 50.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the publishers order them.
    #[default]
    Popular,
    /// By name in the viewer's language.
    Name,
    /// Newest works first.
    Year,
    /// Last to come into the library first.
    Added,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many titles match.
    pub total: u64,
    /// The cards of this page.
    pub titles: Vec<Card>,
}

/// A value that one can filter by, and how many titles have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The value, as [`Filter`] takes it.
    pub value: String,
    /// How many visible titles have it.
    pub count: u64,
}

/// Everything that one can filter by, most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Kinds.
    pub kinds: Vec<Facet>,
    /// Genres.
    pub genres: Vec<Facet>,
    /// Languages spoken.
    pub languages: Vec<Facet>,
    /// Languages of subtitles.
    pub subtitles: Vec<Facet>,
    /// Licences (SPDX).
    pub licences: Vec<Facet>,
    /// Qualities.
    pub qualities: Vec<Facet>,
    /// Decades, latest first.
    pub decades: Vec<Facet>,
}

impl Library {
    /// A page of the titles that pass a filter.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn titles(&self, filter: &Filter, languages: &Languages) -> Result<Page, LibraryError> {
        self.read(|db| page(db, filter, languages))
    }

    /// What one can filter by.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn facets(&self) -> Result<Facets, LibraryError> {
        let by_frequency = "count(*) DESC, value";
        self.read(|db| {
            Ok(Facets {
                kinds: column_facet(db, "t.kind", by_frequency)?,
                licences: column_facet(db, "t.licence", by_frequency)?,
                decades: column_facet(db, "t.year / 10 * 10", "value DESC")?,
                genres: listed_facet(db, "genre")?,
                languages: listed_facet(db, "language")?,
                subtitles: listed_facet(db, "subtitle")?,
                qualities: listed_facet(db, "quality")?,
            })
        })
    }
}

/// The growing `WHERE` of a list and the values it binds. Its texts are all written here; strangers' words only
/// ever arrive as bound values.
struct Conditions<'a> {
    sql: String,
    values: Vec<&'a dyn ToSql>,
}

impl<'a> Conditions<'a> {
    fn of(filter: &'a Filter) -> Self {
        let mut conditions = Self { sql: VISIBLE.to_owned(), values: Vec::new() };
        conditions.equal("t.kind", filter.kind.as_ref());
        conditions.equal("t.licence", filter.licence.as_ref());
        conditions.equal("t.year / 10 * 10", filter.decade.as_ref());
        conditions.listed("genre", filter.genre.as_ref());
        conditions.listed("language", filter.language.as_ref());
        conditions.listed("subtitle", filter.subtitle.as_ref());
        conditions.listed("quality", filter.quality.as_ref());
        conditions.holds(FAVOURITE, filter.favourite);
        conditions.holds(WATCHED, filter.watched);
        conditions
    }

    fn equal<T: ToSql>(&mut self, column: &str, value: Option<&'a T>) {
        if let Some(value) = value {
            self.values.push(value);
            self.sql += &format!(" AND {column} = ?{}", self.values.len());
        }
    }

    fn listed(&mut self, facet: &str, value: Option<&'a String>) {
        if let Some(value) = value {
            self.values.push(value);
            self.sql += &format!(
                " AND t.title IN (SELECT title FROM title_facets WHERE facet = '{facet}' AND value = ?{})",
                self.values.len()
            );
        }
    }

    fn holds(&mut self, condition: &str, wanted: Option<bool>) {
        if let Some(wanted) = wanted {
            self.sql += if wanted { " AND (" } else { " AND NOT (" };
            self.sql += condition;
            self.sql += ")";
        }
    }
}

fn page(db: &Connection, filter: &Filter, languages: &Languages) -> Result<Page, Failure> {
    let mut conditions = Conditions::of(filter);
    let count = format!("SELECT count(*) FROM titles t WHERE {}", conditions.sql);
    let total = db.prepare_cached(&count)?.query_row(&*conditions.values, |row| row.get(0))?;
    let language = languages.0.first().map(|tag| primary(tag)).unwrap_or_default();
    let order = match filter.sort {
        Sort::Popular => "t.position, t.title".to_owned(),
        Sort::Year => "t.year DESC, t.position, t.title".to_owned(),
        Sort::Added => "t.added_at DESC, t.position, t.title".to_owned(),
        Sort::Name => {
            conditions.values.push(&language);
            format!(
                "coalesce((SELECT n.sort_name FROM title_names n
                 WHERE n.title = t.title AND n.language = ?{}), t.sort_name), t.title",
                conditions.values.len()
            )
        }
    };
    let limit = if filter.limit == 0 { 50 } else { filter.limit.min(MAX_PAGE) };
    let sql = format!(
        "SELECT {CARD_COLUMNS} FROM titles t JOIN sources s USING (source) WHERE {}
         ORDER BY {order} LIMIT {limit} OFFSET {}",
        conditions.sql, filter.offset
    );
    let titles = cards(db, languages, &sql, &*conditions.values)?;
    Ok(Page { total, titles })
}

fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or(tag).to_ascii_lowercase()
}

fn column_facet(db: &Connection, column: &str, order: &str) -> Result<Vec<Facet>, Failure> {
    let sql = format!(
        "SELECT {column} AS value, count(*) FROM titles t WHERE {COUNTED} AND value IS NOT NULL
         GROUP BY value ORDER BY {order} LIMIT 200"
    );
    facet(db, &sql, [])
}

fn listed_facet(db: &Connection, name: &str) -> Result<Vec<Facet>, Failure> {
    let sql = format!(
        "SELECT value, count(*) FROM title_facets t
         WHERE facet = ?1 AND {COUNTED} GROUP BY value ORDER BY count(*) DESC, value LIMIT 200"
    );
    facet(db, &sql, [name])
}

fn facet(
    db: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Facet>, Failure> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| {
        let value: rusqlite::types::Value = row.get(0)?;
        let value = match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            _ => String::new(),
        };
        Ok(Facet { value, count: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
