//! The grid: titles filtered, sorted and paged.

use rusqlite::{Connection, ToSql};

use crate::{
    card::{Card, Languages, card_of},
    error::LibraryError,
    facets,
    store::Library,
    works::titles_of_works_with,
    writer::Failure,
};

/// The most cards in one page.
const MAX_PAGE: u32 = 500;

/// Titles that lists show: neither withdrawn nor blocked, nor hidden by a filter. `t` is `titles`.
pub(crate) const VISIBLE: &str = "t.withdrawn IS NULL
    AND t.title NOT IN (SELECT title FROM left_out)
    AND NOT EXISTS (SELECT 1 FROM blocked b WHERE b.title_id = t.id)";

/// Whether `t` stands for its work, and not a title of another catalogue for it.
pub(crate) const STANDS: &str = "t.double_of IS NULL";

/// What is visible, for counts over whole indexes, which then need not read the titles' rows.
const COUNTED: &str =
    "t.title NOT IN (SELECT title FROM hidden) AND t.title NOT IN (SELECT title FROM left_out)";

/// The same for [`STANDS`].
const COUNTED_ONCE: &str = "t.title NOT IN (SELECT title FROM doubles)";

/// Whether the work of `t` is a favourite.
pub(crate) const FAVOURITE: &str =
    concat!("t.title IN ", titles_of_works_with!("SELECT title_id AS id FROM favourites"));

/// Whether all of the work of `t` was watched.
const WATCHED: &str = concat!(
    "CASE t.kind WHEN 'series'
     THEN NOT EXISTS (SELECT 1 FROM episodes e WHERE e.title = t.title
         AND NOT EXISTS (SELECT 1 FROM titles o JOIN episodes oe ON oe.title = o.title
                 AND oe.season = e.season AND oe.number = e.number
             JOIN watched w ON w.item_id = oe.id
             WHERE o.title = coalesce(t.double_of, t.title) OR o.double_of = coalesce(t.double_of, t.title)))
     ELSE t.title IN ",
    titles_of_works_with!("SELECT item_id AS id FROM watched"),
    " END"
);

/// Which titles, in which order. The default is everything, most popular first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// `film`, `series`, `short`, `concert`, `performance`, `lecture` or `newsreel`.
    pub kind: Option<String>,
    /// The id of a catalogue: only its titles, all of them. Else a work that several have is shown once.
    pub source: Option<String>,
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

impl Library {
    /// A page of the titles that pass a filter.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn titles(&self, filter: &Filter, languages: &Languages) -> Result<Page, LibraryError> {
        self.read(|db| page(db, filter, languages))
    }
}

/// The growing `WHERE` of a list and the values it binds. Its texts are all written here; strangers' words only
/// ever arrive as bound values.
struct Conditions<'a> {
    sql: String,
    values: Vec<&'a dyn ToSql>,
    /// The facets and values among them.
    facets: Vec<(&'static str, String)>,
    /// Whether there are others.
    others: bool,
}

impl<'a> Conditions<'a> {
    fn of(filter: &'a Filter, is_common: bool) -> Self {
        let mut conditions =
            Self { sql: String::new(), values: Vec::new(), facets: Vec::new(), others: false };
        conditions.equal("kind", "t.kind", filter.kind.as_ref());
        conditions.equal("licence", "t.licence", filter.licence.as_ref());
        conditions.equal("decade", "t.year / 10 * 10", filter.decade.as_ref());
        conditions.listed("genre", filter.genre.as_ref(), is_common);
        conditions.listed("language", filter.language.as_ref(), is_common);
        conditions.listed("subtitle", filter.subtitle.as_ref(), is_common);
        conditions.listed("quality", filter.quality.as_ref(), is_common);
        conditions.source(filter.source.as_ref());
        conditions.holds(FAVOURITE, filter.favourite);
        conditions.holds(WATCHED, filter.watched);
        conditions
    }

    fn equal<T: ToSql + ToString>(
        &mut self,
        facet: &'static str,
        column: &str,
        value: Option<&'a T>,
    ) {
        if let Some(value) = value {
            self.facets.push((facet, value.to_string()));
            self.values.push(value);
            self.sql += &format!(" AND {column} = ?{}", self.values.len());
        }
    }

    /// A value that many titles have is looked for title by title, so that the first page is soon full; one that
    /// few have is read out of its index.
    fn listed(&mut self, facet: &'static str, value: Option<&'a String>, is_common: bool) {
        let Some(value) = value else { return };
        self.facets.push((facet, value.clone()));
        self.values.push(value);
        let place = self.values.len();
        self.sql += &if is_common {
            format!(
                " AND (SELECT 1 FROM title_facets f WHERE f.facet = '{facet}' AND f.value = ?{place}
                  AND f.title = t.title) IS NOT NULL"
            )
        } else {
            format!(
                " AND t.title IN (SELECT title FROM title_facets WHERE facet = '{facet}' AND value = ?{place})"
            )
        };
    }

    fn source(&mut self, id: Option<&'a String>) {
        let Some(id) = id else { return };
        self.others = true;
        self.values.push(id);
        let place = self.values.len();
        self.sql += &format!(" AND t.source = (SELECT source FROM sources WHERE id = ?{place})");
    }

    fn holds(&mut self, condition: &str, wanted: Option<bool>) {
        if let Some(wanted) = wanted {
            self.others = true;
            self.sql += if wanted { " AND (" } else { " AND NOT (" };
            self.sql += condition;
            self.sql += ")";
        }
    }
}

/// From so many titles on, a value is common.
const COMMON: u64 = 2_000;

fn page(db: &Connection, filter: &Filter, languages: &Languages) -> Result<Page, Failure> {
    let once = if filter.source.is_some() { "TRUE" } else { COUNTED_ONCE };
    let total = total(db, &Conditions::of(filter, false), once)?;
    // An order with an index can stop early where matches are common.
    let mut conditions = Conditions::of(filter, total >= COMMON && filter.sort != Sort::Name);
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
    let chosen = format!(
        "SELECT t.title FROM titles t WHERE {VISIBLE} AND {} {} ORDER BY {order} LIMIT {limit} OFFSET {}",
        if filter.source.is_some() { "TRUE" } else { STANDS },
        conditions.sql,
        filter.offset
    );
    let titles = chosen_cards(db, languages, &chosen, &*conditions.values)?;
    Ok(Page { total, titles })
}

/// How many titles match; one value's count is kept, several values' titles are counted.
fn total(db: &Connection, conditions: &Conditions<'_>, once: &str) -> Result<u64, Failure> {
    match (&*conditions.facets, conditions.others) {
        ([], false) => facets::count_of(db, "all", ""),
        ([(facet, value)], false) => facets::count_of(db, facet, value),
        _ => {
            let sql = format!(
                "SELECT count(*) FROM titles t WHERE {COUNTED} AND {once} {}",
                conditions.sql
            );
            Ok(db.prepare_cached(&sql)?.query_row(&*conditions.values, |row| row.get(0))?)
        }
    }
}

/// The cards of the titles that a query chooses, in its order. The sorting then carries numbers, not records.
pub(crate) fn chosen_cards(
    db: &Connection,
    languages: &Languages,
    chosen: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Card>, Failure> {
    let titles: Vec<i64> = db
        .prepare_cached(chosen)?
        .query_map(parameters, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let cards = titles.into_iter().map(|title| card_of(db, languages, title));
    cards.filter_map(Result::transpose).collect()
}

fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or(tag).to_ascii_lowercase()
}
