//! What imports and commands leave behind that are cut off: films that nobody will publish, and pictures that no title
//! names.

use std::sync::Arc;

use catalogue::{Release, Title, channel::Key};
use torrent::Metainfo;

use super::Importer;
use crate::masters::{Master, Named, Purpose};

impl Importer {
    /// Removes what imports left behind that were cut off with the program, and films of which nothing was published when a
    /// command was. To be called before anything is taken in: what another command works on would look the same.
    pub async fn clear(&self) {
        self.masters.clear();
        for master in self.masters.all() {
            let Some(purpose) = master.purpose.as_ref().filter(|_| master.published.is_none())
            else {
                continue;
            };
            if let Some(channel) = purpose.channel() {
                self.clear_film(&master, purpose, channel).await;
            }
        }
        if let Err(error) = self.publisher.clear().await {
            tracing::warn!(%error, "pictures that no title names are not removed");
        }
    }

    async fn clear_film(&self, master: &Master, purpose: &Purpose, channel: Key) {
        let metainfos = self.masters.metainfos(master).unwrap_or_default();
        if let Some(named) = self.kept(&metainfos, purpose, channel).await {
            self.settle(master, channel, &named, &metainfos).await;
            return;
        }
        if let Some(named) = self.waits(&metainfos, channel).await {
            // A title without its film would wait.
            if let Err(error) = self.publisher.take_out_of_draft(channel, &named.title).await {
                tracing::warn!(%error, "a title waits whose film was not published");
                return;
            }
        }
        self.forget(&master.id);
    }

    /// What a film is called that stays: it is published, or waits and its list was taken in.
    async fn kept(
        &self,
        metainfos: &[Arc<Metainfo>],
        purpose: &Purpose,
        channel: Key,
    ) -> Option<Named> {
        if matches!(purpose, Purpose::Import(_))
            && let Some(named) = self.waits(metainfos, channel).await
        {
            return Some(named);
        }
        let v1 = metainfos.first()?.info.hashes().v1()?;
        let published = self.publisher.titles(channel).await.ok()?;
        published.titles().iter().find_map(|title| named(title, v1.0))
    }

    /// What a film is called whose title waits.
    async fn waits(&self, metainfos: &[Arc<Metainfo>], channel: Key) -> Option<Named> {
        let v1 = metainfos.first()?.info.hashes().v1()?;
        let pick = move |title: Title| named(&title, v1.0);
        let (waiting, _) = self.publisher.waiting(channel, pick).await.ok()?;
        waiting.into_iter().next()
    }
}

/// What the film of a torrent is called, if a title has it.
fn named(title: &Title, v1: [u8; 20]) -> Option<Named> {
    let has_it = |releases: &[Release]| {
        releases.iter().any(|release| release.torrent.v1.is_some_and(|one| one.0 == v1))
    };
    let named = |episode| Some(Named { title: title.id.clone(), episode });
    if has_it(&title.releases) {
        return named(None);
    }
    let episode = title.episodes().find(|(_, episode)| has_it(&episode.releases));
    episode.and_then(|(_, episode)| named(Some(episode.id.clone())))
}
