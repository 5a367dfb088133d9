//! Who publishes a title: its own catalogue first, then others that name the same torrents.

use catalogue::Multilingual;

use crate::{browse::VISIBLE, card::Languages, error::LibraryError, store::Library};

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
    /// Every catalogue that names a title, its own one first. Titles are the same work if they share a torrent.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn provenance(
        &self,
        title_id: &str,
        languages: &Languages,
    ) -> Result<Vec<Provenance>, LibraryError> {
        let sql = format!(
            "WITH mine AS (SELECT title FROM titles WHERE id = ?1),
                  same AS (
                      SELECT r.title FROM releases r JOIN releases o ON r.v1 = o.v1
                      WHERE o.title IN mine
                      UNION
                      SELECT r.title FROM releases r JOIN releases o ON r.v2 = o.v2
                      WHERE o.title IN mine)
             SELECT s.id, s.name, s.publisher, t.id FROM titles t JOIN sources s USING (source)
             WHERE t.title IN mine OR (t.title IN same AND {VISIBLE})
             ORDER BY t.id <> ?1, s.source LIMIT 20"
        );
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([title_id])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
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
