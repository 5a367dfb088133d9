//! What one can filter by, with counts that are kept: counting a hundred thousand titles takes a second.

use std::collections::BTreeMap;

use rusqlite::{Connection, params, types::Value};

use crate::{error::LibraryError, store::Library, writer::Failure};

/// The most values that one facet shows.
const VALUES_MAX: usize = 200;

/// A value that one can filter by, and how many titles have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The value, as [`Filter`](crate::Filter) takes it.
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
    /// What one can filter by.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn facets(&self) -> Result<Facets, LibraryError> {
        self.read(|db| {
            let mut counts = Counts::read(db)?;
            let mut decades = counts.take("decade");
            decades.sort_by(|a, b| b.value.cmp(&a.value));
            Ok(Facets {
                kinds: counts.take("kind"),
                genres: counts.take("genre"),
                languages: counts.take("language"),
                subtitles: counts.take("subtitle"),
                licences: counts.take("licence"),
                qualities: counts.take("quality"),
                decades,
            })
        })
    }
}

/// Facets that are columns of `titles AS t`, and how their values are made.
const COLUMNS: [(&str, &str); 4] = [
    ("all", "''"),
    ("kind", "t.kind"),
    ("licence", "t.licence"),
    ("decade", "CAST(t.year / 10 * 10 AS TEXT)"),
];

const HIDDEN_LISTED: &str = "SELECT f.facet, f.value, -count(*) FROM hidden h
    CROSS JOIN title_facets f ON f.title = h.title GROUP BY 1, 2";

/// How many visible titles have each value of each facet. Titles that are hidden are few, so they are taken off
/// when somebody asks.
struct Counts(BTreeMap<(String, String), i64>);

impl Counts {
    fn read(db: &Connection) -> Result<Self, Failure> {
        let mut counts = Self(BTreeMap::new());
        counts.add(db, "SELECT facet, value, count FROM facet_counts")?;
        counts.add(db, HIDDEN_LISTED)?;
        for (facet, value) in COLUMNS {
            let hidden = format!(
                "SELECT '{facet}', {value} AS value, -count(*) FROM hidden h
                 CROSS JOIN titles t ON t.title = h.title WHERE value IS NOT NULL GROUP BY 2"
            );
            counts.add(db, &hidden)?;
        }
        Ok(counts)
    }

    fn add(&mut self, db: &Connection, sql: &str) -> Result<(), Failure> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            *self.0.entry((row.get(0)?, row.get(1)?)).or_default() += row.get::<_, i64>(2)?;
        }
        Ok(())
    }

    fn take(&mut self, facet: &str) -> Vec<Facet> {
        let mut values: Vec<_> = self
            .0
            .extract_if(.., |(name, _), _| name == facet)
            .filter_map(|((_, value), count)| {
                Some(Facet { value, count: u64::try_from(count).ok().filter(|count| *count > 0)? })
            })
            .collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        values.truncate(VALUES_MAX);
        values
    }
}

/// How many visible titles have one value.
pub(crate) fn count_of(db: &Connection, facet: &str, value: &str) -> Result<u64, Failure> {
    let column = COLUMNS.iter().find(|(name, _)| *name == facet);
    let hidden = match column {
        Some((_, made)) => {
            format!("CROSS JOIN titles t ON t.title = h.title WHERE {made} = ?2")
        }
        None => {
            "CROSS JOIN title_facets f ON f.title = h.title WHERE f.facet = ?1 AND f.value = ?2"
                .to_owned()
        }
    };
    let sql = format!(
        "SELECT coalesce((SELECT count FROM facet_counts WHERE facet = ?1 AND value = ?2), 0)
             - (SELECT count(*) FROM hidden h {hidden})"
    );
    let count: i64 = db.prepare_cached(&sql)?.query_row(params![facet, value], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Genres with at least so many titles, most frequent first.
pub(crate) fn largest_genres(
    db: &Connection,
    count_min: u64,
    limit: usize,
) -> Result<Vec<String>, Failure> {
    let genres = Counts::read(db)?.take("genre").into_iter();
    let large = genres.filter(|genre| genre.count >= count_min).take(limit);
    Ok(large.map(|genre| genre.value).collect())
}

/// The counts as the titles have them now, those left out that filters hide: slow, and so read beside the writer. Each goes along an index, in its order.
pub(crate) fn count(db: &Connection) -> Result<Vec<(String, String, u64)>, Failure> {
    let mut counts = BTreeMap::new();
    let mut add = |facet: &str, value: String, count: u64| {
        *counts.entry((facet.to_owned(), value)).or_default() += count;
    };
    let listed = "SELECT facet, value, count(*) FROM title_facets
         WHERE title NOT IN (SELECT title FROM doubles) AND title NOT IN (SELECT title FROM left_out)
         GROUP BY facet, value";
    let mut statement = db.prepare(listed)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        add(&row.get::<_, String>(0)?, row.get(1)?, row.get(2)?);
    }
    for column in ["kind", "licence", "year"] {
        let sql = format!(
            "SELECT {column}, count(*) FROM titles
             WHERE title NOT IN (SELECT title FROM doubles) AND title NOT IN (SELECT title FROM left_out)
             GROUP BY {column}"
        );
        let mut statement = db.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let count = row.get(1)?;
            match (column, row.get(0)?) {
                ("year", Value::Integer(year)) => {
                    add("decade", (year / 10 * 10).to_string(), count);
                }
                ("kind", Value::Text(kind)) => {
                    add("kind", kind, count);
                    add("all", String::new(), count);
                }
                (column, Value::Text(value)) => add(column, value, count),
                _ => {}
            }
        }
    }
    Ok(counts.into_iter().map(|((facet, value), count)| (facet, value, count)).collect())
}

/// Keeps counts that [`count`] made.
pub(crate) fn keep(db: &Connection, counts: &[(String, String, u64)]) -> Result<(), Failure> {
    db.execute("DELETE FROM facet_counts", [])?;
    let mut statement = db.prepare_cached("INSERT INTO facet_counts VALUES (?1, ?2, ?3)")?;
    for (facet, value, count) in counts {
        statement.execute(params![facet, value, count])?;
    }
    Ok(())
}
