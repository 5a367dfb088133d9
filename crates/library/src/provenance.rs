//! Who publishes a title: its own catalogue first, then others that have the same work.

use catalogue::Multilingual;
use rusqlite::OptionalExtension;

use crate::{card::Languages, error::LibraryError, store::Library, works};

/// A catalogue that names a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The catalogue's id.
    pub source_id: String,
    /// The catalogue's name.
    pub source_name: String,
    /// Who publishes it.
    pub publisher: String,
    /// The title's id in that catalogue, as the library has it.
    pub title_id: String,
}

impl Library {
    /// Every catalogue that has a title's work, the title's own one first.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn provenance(
        &self,
        title_id: &str,
        languages: &Languages,
    ) -> Result<Vec<Provenance>, LibraryError> {
        let sql =
            "SELECT s.id, s.name, s.publisher, t.id FROM titles t JOIN sources s USING (source)
                   WHERE t.title = ?1";
        self.read(|db| {
            let row = "SELECT title FROM titles WHERE id = ?1";
            let row = db.prepare_cached(row)?.query_row([title_id], |row| row.get(0)).optional()?;
            let titles = row.map(|row| works::of(db, row)).transpose()?.unwrap_or_default();
            let mut statement = db.prepare_cached(sql)?;
            let mut found = Vec::new();
            for title in titles {
                let mut rows = statement.query([title])?;
                let Some(row) = rows.next()? else { continue };
                let name: Multilingual<300> = serde_json::from_str(&row.get::<_, String>(1)?)?;
                found.push(Provenance {
                    source_id: row.get(0)?,
                    source_name: languages.pick(&name).unwrap_or_default(),
                    publisher: row.get(2)?,
                    title_id: row.get(3)?,
                });
            }
            Ok(found)
        })
    }
}
