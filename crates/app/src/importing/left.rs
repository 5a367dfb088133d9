//! What imports leave behind that are cut off: films that nobody will publish, and pictures that no title names.

use catalogue::{Title, channel::Key};

use super::Importer;
use crate::masters::{Made, Master};

impl Importer {
    /// Removes what imports left behind that were cut off with the program. To be called before anything is imported:
    /// what another import works on would look the same.
    pub async fn clear(&self) {
        if let Err(error) = self.publisher.clear().await {
            tracing::warn!(%error, "pictures that no title names are not removed");
        }
        self.masters.clear();
        for master in self.masters.all() {
            let Some(channel) = master.listed.as_deref().and_then(Key::parse) else { continue };
            if master.published.is_some() {
                continue;
            }
            match self.made(channel, &master).await {
                // It was cut off when its titles waited already.
                Some(made) => self.settle(&master, channel, &made).await,
                None => self.forget(&master.id),
            }
        }
    }

    /// What became of a film whose title waits in a channel or is published there.
    async fn made(&self, channel: Key, master: &Master) -> Option<Made> {
        let metainfos = self.masters.metainfos(master)?;
        let first = metainfos.first()?.info.hashes().v1()?;
        let has_it = move |title: &Title| {
            title
                .releases
                .iter()
                .any(|release| release.torrent.v1.is_some_and(|v1| v1.0 == first.0))
        };
        let pick = move |title| Some(title).filter(has_it);
        let (waiting, _) = self.publisher.waiting(channel, pick).await.ok()?;
        if let Some(title) = waiting.into_iter().next() {
            return Some(Made { title, metainfos });
        }
        let published = self.publisher.titles(channel).await.ok()?;
        let title = published.titles().iter().find(|title| has_it(title))?.clone();
        Some(Made { title, metainfos })
    }
}
