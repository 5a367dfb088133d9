//! What a publisher took back: titles, or single torrents of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    place::{Digest, TorrentLink},
    text::{Id, Multilingual},
    title::{Release, Title},
};

/// A title that its publisher took back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Which title.
    pub id: Id,
    /// Which torrent, if only one of several; the title's v1 infohash, or v2 cut to 20 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infohash: Option<Digest<20>>,
    /// Why.
    pub reason: WithdrawalReason,
    /// A note for viewers.
    #[serde(default, skip_serializing_if = "Multilingual::is_empty")]
    pub note: Multilingual<1000>,
}

/// Why a title was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalReason {
    /// Its author changed or revoked the licence.
    Licence,
    /// Somebody else holds rights in it.
    Rights,
    /// It was the wrong file.
    WrongFile,
    /// It does harm to the machine that opens it.
    Malware,
    /// It shows what a person wants private.
    Privacy,
    /// A newer title takes its place.
    Superseded,
}

/// Takes withdrawn torrents out of the titles, and titles out of the list that are withdrawn or have nothing left.
pub(crate) fn apply(titles: &mut Vec<Title>, withdrawn: &[Withdrawal]) {
    let mut by_id: BTreeMap<&Id, Vec<&Withdrawal>> = BTreeMap::new();
    for withdrawal in withdrawn {
        by_id.entry(&withdrawal.id).or_default().push(withdrawal);
    }
    titles.retain_mut(|title| match by_id.get(&title.id) {
        None => true,
        Some(withdrawals) => keep_rest(title, withdrawals),
    });
}

/// Whether anything is left of the title.
fn keep_rest(title: &mut Title, withdrawals: &[&Withdrawal]) -> bool {
    let stays = |release: &Release| {
        !withdrawals.iter().any(|withdrawal| withdrawal.names(&release.torrent))
    };
    title.releases.retain(stays);
    for season in &mut title.seasons {
        season.episodes.iter_mut().for_each(|episode| episode.releases.retain(stays));
        season.episodes.retain(|episode| !episode.releases.is_empty());
    }
    title.seasons.retain(|season| !season.episodes.is_empty());
    title.all_releases().next().is_some()
}

impl Withdrawal {
    /// The torrents that it takes back of a title: of the title itself, or of the episode whose id it has.
    pub fn taken_from<'a>(&'a self, title: &'a Title) -> impl Iterator<Item = &'a TorrentLink> {
        let own = (title.id == self.id).then(|| title.all_releases());
        let of_episodes = title.episodes().filter(|(_, episode)| episode.id == self.id);
        let of_episodes = of_episodes.flat_map(|(_, episode)| &episode.releases);
        let torrents = own.into_iter().flatten().chain(of_episodes).map(|release| &release.torrent);
        torrents.filter(|torrent| self.names(torrent))
    }

    fn names(&self, torrent: &TorrentLink) -> bool {
        let Some(infohash) = self.infohash else { return true };
        torrent.v1 == Some(infohash) || torrent.v2.is_some_and(|v2| v2.0.starts_with(&infohash.0))
    }
}
