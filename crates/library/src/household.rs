//! What was watched, liked and hidden: progress with many slots, watched marks, favourites, blocked titles.
//!
//! Marks belong to a work. They are kept under the ids of all its titles, so that they stay when one of its catalogues
//! leaves; and those of any of its titles count, so that they hold for one that comes later.

use catalogue::Kind;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    card::{CARD_COLUMNS, Card, EpisodeNumber, Languages, Progress, cards},
    error::LibraryError,
    store::Library,
    time::Timestamp,
    works::{self, SAME_ITEMS},
    writer::Failure,
};

/// From this part on, an item counts as watched: what remains is credits.
const WATCHED_FROM: f64 = 0.9;
/// The longest id that is remembered, bytes.
const MAX_ID: usize = 300;

impl Library {
    /// Notes how far somebody is, seconds. From nine tenths on, the item is marked as watched.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Invalid`] for times that are negative or not numbers; else as every write.
    pub fn set_progress(
        &self,
        item_id: &str,
        position_s: f64,
        duration_s: f64,
    ) -> Result<Progress, LibraryError> {
        let (position_ms, duration_ms) = (milliseconds(position_s)?, milliseconds(duration_s)?);
        let item_id = remembered_id(item_id)?;
        self.write(move |db| {
            let now = latest_time(db)?;
            for item in works::same_items(db, &item_id)? {
                db.prepare_cached(
                    "INSERT INTO progress VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET
                     position_ms = ?2, duration_ms = ?3, updated_at = ?4",
                )?
                .execute(params![item, position_ms, duration_ms, now])?;
            }
            let progress = Progress { item_id, position_s, duration_s, updated_at: now };
            if is_finished(&progress) {
                mark_watched(db, &progress.item_id, false, now)?;
            }
            Ok(progress)
        })
    }

    /// How far somebody is with an item.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn progress(&self, item_id: &str) -> Result<Option<Progress>, LibraryError> {
        self.read(|db| progress_of(db, item_id))
    }

    /// Forgets how far somebody is with an item; of a series, with all its episodes.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn clear_progress(&self, item_id: &str) -> Result<(), LibraryError> {
        self.for_each_item(item_id, |db, item| forget(db, "progress", item))
    }

    /// Marks an item as watched or not; of a series, all its episodes. Either way its progress is forgotten.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn set_watched(&self, item_id: &str, watched: bool) -> Result<(), LibraryError> {
        self.for_each_item(item_id, move |db, item| {
            forget(db, "progress", item)?;
            if watched {
                let now = latest_time(db)?;
                return mark_watched(db, item, true, now);
            }
            forget(db, "watched", item)
        })
    }

    /// Makes a title a favourite, or no longer.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn set_favourite(&self, title_id: &str, favourite: bool) -> Result<(), LibraryError> {
        self.set_member("favourites", title_id, favourite, works::same_items)
    }

    /// Hides a title from every list and search, or shows it again.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn set_blocked(&self, title_id: &str, blocked: bool) -> Result<(), LibraryError> {
        self.set_member("blocked", title_id, blocked, |_, id| Ok(vec![id.to_owned()]))
    }

    /// The hidden titles, last hidden first.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn blocked(&self, languages: &Languages) -> Result<Vec<Card>, LibraryError> {
        let sql = format!(
            "SELECT {CARD_COLUMNS} FROM blocked b JOIN titles t ON t.id = b.title_id
             JOIN sources s USING (source) ORDER BY b.at DESC"
        );
        self.read(|db| cards(db, languages, &sql, []))
    }

    fn set_member(
        &self,
        table: &'static str,
        title_id: &str,
        member: bool,
        with: fn(&Connection, &str) -> Result<Vec<String>, Failure>,
    ) -> Result<(), LibraryError> {
        let title_id = remembered_id(title_id)?;
        self.write(move |db| {
            for id in with(db, &title_id)? {
                if member {
                    let sql = format!("INSERT OR IGNORE INTO {table} VALUES (?1, ?2)");
                    db.execute(&sql, params![id, Timestamp::now()])?;
                } else {
                    db.execute(&format!("DELETE FROM {table} WHERE title_id = ?1"), [id])?;
                }
            }
            Ok(())
        })
    }

    /// Does something with an item, or with every episode if it is a series.
    fn for_each_item(
        &self,
        item_id: &str,
        act: impl Fn(&Connection, &str) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), LibraryError> {
        let item_id = remembered_id(item_id)?;
        self.write(move |db| {
            let episodes: Vec<String> = db
                .prepare_cached(
                    "SELECT e.id FROM titles t JOIN episodes e USING (title) WHERE t.id = ?1",
                )?
                .query_map([&item_id], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            act(db, &item_id)?;
            episodes.iter().try_for_each(|episode| act(db, episode))
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
fn milliseconds(seconds: f64) -> Result<i64, LibraryError> {
    if (0.0..1e9).contains(&seconds) {
        return Ok((seconds * 1000.0).round() as i64);
    }
    Err(LibraryError::Invalid("a playing time lies between 0 and 10⁹ seconds".to_owned()))
}

pub(crate) fn remembered_id(id: &str) -> Result<String, LibraryError> {
    if id.is_empty() || id.len() > MAX_ID {
        return Err(LibraryError::Invalid(format!("an id has 1 to {MAX_ID} bytes")));
    }
    Ok(id.to_owned())
}

/// Now, but later than every progress noted before, so that the order of what was watched is never in doubt.
fn latest_time(db: &Connection) -> Result<Timestamp, Failure> {
    let last: Option<i64> = db
        .prepare_cached("SELECT max(updated_at) FROM progress")?
        .query_row([], |row| row.get(0))?;
    Ok(Timestamp::now().max(Timestamp(last.map_or(0, |last| last + 1))))
}

fn mark_watched(
    db: &Connection,
    item_id: &str,
    by_hand: bool,
    now: Timestamp,
) -> Result<(), Failure> {
    for item in works::same_items(db, item_id)? {
        db.prepare_cached("INSERT OR IGNORE INTO watched VALUES (?1, ?2, ?3)")?
            .execute(params![item, by_hand, now])?;
    }
    Ok(())
}

/// Forgets what a table with items has of one, under every id of its work.
fn forget(db: &Connection, table: &str, item_id: &str) -> Result<(), Failure> {
    for item in works::same_items(db, item_id)? {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE item_id = ?1"))?.execute([item])?;
    }
    Ok(())
}

fn is_finished(progress: &Progress) -> bool {
    progress.fraction() >= WATCHED_FROM
}

/// Whether to offer going on: something was seen, and more than the credits remain.
pub(crate) fn is_under_way(progress: &Progress) -> bool {
    progress.position_s > 0.0 && !is_finished(progress)
}

/// How far somebody is with an item, whichever title of its work they watched last.
pub(crate) fn progress_of(db: &Connection, item_id: &str) -> Result<Option<Progress>, Failure> {
    let sql = format!(
        "SELECT ?1, position_ms, duration_ms, updated_at FROM progress WHERE item_id IN ({SAME_ITEMS})
         ORDER BY updated_at DESC LIMIT 1"
    );
    Ok(db.prepare_cached(&sql)?.query_row([item_id], Progress::from_row).optional()?)
}

pub(crate) fn is_watched(db: &Connection, item_id: &str) -> Result<bool, Failure> {
    let sql = format!("SELECT 1 FROM watched WHERE item_id IN ({SAME_ITEMS})");
    Ok(db.prepare_cached(&sql)?.exists([item_id])?)
}

pub(crate) fn is_favourite(db: &Connection, title_id: &str) -> Result<bool, Failure> {
    let sql = format!("SELECT 1 FROM favourites WHERE title_id IN ({SAME_ITEMS})");
    Ok(db.prepare_cached(&sql)?.exists([title_id])?)
}

pub(crate) fn is_blocked(db: &Connection, title_id: &str) -> Result<bool, Failure> {
    Ok(db.prepare_cached("SELECT 1 FROM blocked WHERE title_id = ?1")?.exists([title_id])?)
}

/// How far the household is with a title.
pub(crate) struct Standing {
    pub(crate) watched: bool,
    pub(crate) progress: Option<Progress>,
    pub(crate) next: Option<NextEpisode>,
}

/// The episode to watch next.
pub(crate) struct NextEpisode {
    pub(crate) id: String,
    pub(crate) place: EpisodeNumber,
}

impl NextEpisode {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let place = EpisodeNumber { season: row.get(1)?, number: row.get(2)? };
        Ok(Self { id: row.get(0)?, place })
    }
}

pub(crate) fn standing(
    db: &Connection,
    title: i64,
    title_id: &str,
    kind: Kind,
) -> Result<Standing, Failure> {
    if kind != Kind::Series {
        let (watched, progress) = (is_watched(db, title_id)?, progress_of(db, title_id)?);
        return Ok(Standing { watched, progress, next: None });
    }
    let next = next_episode(db, title)?;
    let progress = match &next {
        Some(next) => progress_of(db, &next.id)?,
        None => None,
    };
    let watched = first_unwatched(db, title, -1)?.is_none();
    Ok(Standing { watched, progress, next })
}

/// The episodes of a title `t` as `e`, each with those of its work that have the same number as `oe`.
const SAME_EPISODES: &str = "episodes e JOIN titles t ON t.title = e.title
    JOIN titles o ON o.title = coalesce(t.double_of, t.title) OR o.double_of = coalesce(t.double_of, t.title)
    JOIN episodes oe ON oe.title = o.title AND oe.season = e.season AND oe.number = e.number";

/// The episode under way; else the first unwatched one after the last one seen; else the first unwatched one.
pub(crate) fn next_episode(db: &Connection, title: i64) -> Result<Option<NextEpisode>, Failure> {
    let last_seen = format!(
        "SELECT e.id, e.ordinal, max(coalesce(p.updated_at, 0), coalesce(w.at, 0)) AS seen_at
         FROM {SAME_EPISODES} LEFT JOIN progress p ON p.item_id = oe.id LEFT JOIN watched w ON w.item_id = oe.id
         WHERE e.title = ?1 AND (p.item_id IS NOT NULL OR w.item_id IS NOT NULL)
         ORDER BY seen_at DESC, e.ordinal DESC LIMIT 1"
    );
    let last: Option<(String, i64)> = db
        .prepare_cached(&last_seen)?
        .query_row([title], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((last_id, ordinal)) = last else { return first_unwatched(db, title, -1) };
    if progress_of(db, &last_id)?.as_ref().is_some_and(is_under_way) {
        let sql = "SELECT id, season, number FROM episodes WHERE id = ?1";
        return Ok(db
            .prepare_cached(sql)?
            .query_row([last_id], NextEpisode::from_row)
            .optional()?);
    }
    match first_unwatched(db, title, ordinal)? {
        Some(next) => Ok(Some(next)),
        None => first_unwatched(db, title, -1),
    }
}

fn first_unwatched(
    db: &Connection,
    title: i64,
    after_ordinal: i64,
) -> Result<Option<NextEpisode>, Failure> {
    let sql = format!(
        "SELECT e.id, e.season, e.number FROM {SAME_EPISODES} LEFT JOIN watched w ON w.item_id = oe.id
         WHERE e.title = ?1 AND e.ordinal > ?2 GROUP BY e.id HAVING count(w.item_id) = 0
         ORDER BY e.ordinal LIMIT 1"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row(params![title, after_ordinal], NextEpisode::from_row)
        .optional()?)
}
