//! Who shares on: after watching, after downloading, until enough was given, and when a torrent is forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use driver::Torrent;
use engine::{TorrentId, TorrentStats};
use futures_util::FutureExt as _;
use library::{Download, DownloadState, Ruling, SharingSettings, Traffic};
use torrent::InfoHashes;

use crate::{
    cinema::Cinema,
    http::problem::{Code, Problem},
    swarm::{infohash, same},
};

/// What decides whether a torrent takes part.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    /// Somebody watches it, or did a moment ago.
    watched: bool,
    /// Its download, if somebody keeps it.
    download: Option<DownloadState>,
    /// Bytes that came, in all runs of the program; or that are here, if that is more.
    taken: u64,
    /// Bytes that were given, in all runs.
    given: u64,
    /// How long it was there for others alone, in all runs.
    gave_for: Duration,
    /// What its publisher, who withdrew it, or filters ask for.
    asked: Option<Ruling>,
    /// Nothing of it is missing.
    is_whole: bool,
}

/// What is asked of those who share, before they may rest.
#[derive(Debug, Clone)]
struct Goals {
    sharing: SharingSettings,
    seed_time_max: Option<Duration>,
}

impl Standing {
    /// Whether it takes part. Whoever watches or fetches always gives: that is what the others count on.
    fn takes_part(&self, goals: &Goals) -> bool {
        let sharing = &goals.sharing;
        match self.download {
            // Whoever is in the middle of it may see its end.
            _ if self.asked == Some(Ruling::Block) => self.watched && !self.is_whole,
            _ if self.asked.is_some() && self.is_whole => false,
            _ if self.watched => true,
            Some(DownloadState::Paused | DownloadState::Failed) => false,
            Some(DownloadState::Queued | DownloadState::Fetching | DownloadState::Checking) => true,
            Some(DownloadState::Done) | None if self.asked.is_some() => false,
            Some(DownloadState::Done) => sharing.enabled && !self.gave_enough(goals),
            None => sharing.enabled && sharing.seed_after_watching && !self.gave_enough(goals),
        }
    }

    /// Whether it gave as much as is asked for, or for as long.
    fn gave_enough(&self, goals: &Goals) -> bool {
        let (taken, given) = (self.taken as f64, self.given as f64);
        let much = goals.sharing.seed_ratio_max.is_some_and(|ratio| given >= ratio * taken);
        let long = goals.seed_time_max.is_some_and(|most| self.gave_for >= most);
        self.taken > 0 && (much || long)
    }
}

/// How much of each torrent's traffic of this run the library knows already.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<BTreeMap<TorrentId, Traffic>>);

impl Ledger {
    /// What came and went since it was asked last.
    fn since(&self, torrent: TorrentId, stats: &TorrentStats) -> Traffic {
        let gave_s = stats.gave_for.as_secs();
        let now = Traffic { taken: stats.downloaded, given: stats.uploaded, gave_s };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.insert(torrent, now).unwrap_or_default();
        Traffic {
            taken: now.taken.saturating_sub(before.taken),
            given: now.given.saturating_sub(before.given),
            gave_s: now.gave_s.saturating_sub(before.gave_s),
        }
    }

    /// A new session counts from nothing, and gives its torrents the same numbers again.
    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Cinema {
    /// Lets every torrent share or rest as the settings say, and forgets those of which nothing is left.
    ///
    /// # Errors
    /// What the library says.
    pub async fn review_sharing(&self) -> Result<(), Problem> {
        let _sole = self.claims.write().await;
        self.note_changes().await?;
        let downloads = self.library(library::Library::downloads).await?;
        let goals = Goals {
            sharing: self.settings.borrow().sharing.clone(),
            seed_time_max: self.fixed.sharing.seed_time_max,
        };
        let mut torrents = self.swarm.torrents();
        torrents.retain(|torrent| {
            let hashes = torrent.hashes();
            !self.channels.carry(&hashes) && !self.sites.carry(&hashes)
        });
        let withdrawn = self.withdrawn_of(&torrents, &downloads).await?;
        let here: Vec<_> = torrents.iter().map(Torrent::hashes).collect();
        let ruled = self.library(move |library| library.ruled(&here)).await?;
        for torrent in torrents {
            let hashes = torrent.hashes();
            let is_ours = self.masters.carry(&hashes);
            let taken_back = withdrawn.contains(&hashes);
            // Channels are kept alive whatever was watched, and films by whoever publishes them, whatever filters say.
            if is_ours && !taken_back {
                continue;
            }
            let (why, asked) = if taken_back {
                (Code::Withdrawn, Some(Ruling::Block))
            } else {
                (Code::Filtered, ruled.get(&hashes).copied())
            };
            let Ok(stats) = torrent.stats().await else { continue };
            let standing = self.standing(&torrent, &stats, &downloads, asked).await?;
            let is_blocked = asked == Some(Ruling::Block);
            if is_blocked && !standing.watched {
                self.end_downloads(&torrent, &downloads, why).await;
            }
            let is_wanted = standing.watched || standing.download.is_some();
            let is_kept = is_ours || !(is_blocked || is_empty(&torrent));
            if !is_wanted && !is_kept {
                self.forget_torrent(torrent).await;
            } else {
                torrent.pause(!standing.takes_part(&goals)).await;
            }
        }
        Ok(())
    }

    /// Those of some torrents that their publishers took back. What somebody handed in himself he did not get from
    /// a publisher: no channel that names it takes it from him.
    async fn withdrawn_of(
        &self,
        torrents: &[Torrent],
        downloads: &[Download],
    ) -> Result<BTreeSet<InfoHashes>, Problem> {
        let handed_in = |hashes: &InfoHashes| {
            downloads.iter().any(|one| one.item_id.is_none() && same(hashes, &one.hashes))
        };
        let all = torrents.iter().map(Torrent::hashes).filter(|hashes| !handed_in(hashes));
        let all: Vec<_> = all.collect();
        self.library(move |library| library.taken_back(&all)).await
    }

    /// Writes down what was taken and given; called before a session ends.
    pub(crate) async fn note_traffic(&self) {
        if let Err(problem) = self.note_changes().await {
            tracing::warn!(code = problem.code, "what was given could not be written down");
        }
        self.ledger.clear();
    }

    async fn note_changes(&self) -> Result<(), Problem> {
        let mut changes = Vec::new();
        for torrent in self.swarm.torrents() {
            let Ok(stats) = torrent.stats().await else { continue };
            let change = self.ledger.since(torrent.id(), &stats);
            if change != Traffic::default() {
                changes.push((infohash(&torrent.hashes()), change));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.library(move |library| library.add_traffic(changes)).await
    }

    async fn standing(
        &self,
        torrent: &Torrent,
        stats: &TorrentStats,
        downloads: &[Download],
        asked: Option<Ruling>,
    ) -> Result<Standing, Problem> {
        let (hashes, name) = (torrent.hashes(), infohash(&torrent.hashes()));
        let traffic = self.library(move |library| library.traffic(&name)).await?;
        Ok(Standing {
            watched: self.playbacks.is_watched(torrent),
            download: downloads.iter().find(|one| same(&hashes, &one.hashes)).map(|one| one.state),
            taken: traffic.taken.max(stats.have_bytes),
            given: traffic.given,
            gave_for: Duration::from_secs(traffic.gave_s),
            asked,
            is_whole: stats.complete,
        })
    }

    /// A torrent of which the cache kept nothing, or may keep nothing, leaves; its title can be started again like any other.
    async fn forget_torrent(&self, torrent: Torrent) {
        let hashes = torrent.hashes();
        if let Err(error) = torrent.remove(true).await {
            tracing::warn!(%error, "an empty torrent could not be removed");
        }
        self.swarm.forget(&hashes).await;
    }
}

/// Whether nothing of a torrent is on disk, now that that is known. The figures of its swarm come a moment later
/// and would say so too early.
fn is_empty(torrent: &Torrent) -> bool {
    let Some(metainfo) = torrent.known_metainfo() else { return true };
    let is_ready = torrent.ready().now_or_never().is_some_and(|ready| ready.is_ok());
    let files = 0..metainfo.info.files().len();
    is_ready && files.into_iter().all(|file| torrent.on_disk(file).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goals(sharing: SharingSettings) -> Goals {
        Goals { sharing, seed_time_max: None }
    }

    #[test]
    fn who_watches_or_fetches_always_gives() {
        let little = goals(SharingSettings {
            enabled: false,
            seed_after_watching: false,
            seed_ratio_max: Some(0.0),
            ..SharingSettings::default()
        });
        let watched = Standing { watched: true, taken: 1, given: 9, ..Standing::default() };
        assert!(watched.takes_part(&little));
        let fetching = Standing { download: Some(DownloadState::Fetching), ..Standing::default() };
        assert!(fetching.takes_part(&little));
    }

    #[test]
    fn after_that_the_settings_say_who_shares_on() {
        let on = SharingSettings { seed_ratio_max: None, ..SharingSettings::default() };
        let off = goals(SharingSettings { enabled: false, ..on.clone() });
        let while_watching = goals(SharingSettings { seed_after_watching: false, ..on.clone() });
        let on = goals(on);
        let (seen, kept) = (None, Some(DownloadState::Done));
        let takes_part =
            |goals, download| Standing { download, ..Standing::default() }.takes_part(goals);
        assert!(takes_part(&on, seen) && takes_part(&on, kept));
        assert!(!takes_part(&off, seen) && !takes_part(&off, kept));
        assert!(!takes_part(&while_watching, seen) && takes_part(&while_watching, kept));
        for stopped in [DownloadState::Paused, DownloadState::Failed] {
            assert!(!takes_part(&on, Some(stopped)));
        }
    }

    #[test]
    fn what_was_taken_back_is_shared_only_while_somebody_sees_its_end_fetched() {
        let all = goals(SharingSettings { seed_ratio_max: None, ..SharingSettings::default() });
        let takes_part = |watched, is_whole, download| {
            let asked = Some(Ruling::Block);
            Standing { watched, is_whole, download, asked, ..Standing::default() }.takes_part(&all)
        };
        assert!(takes_part(true, false, None));
        assert!(!takes_part(true, true, None), "it plays from the disk");
        let fetching = Some(DownloadState::Fetching);
        for download in [None, Some(DownloadState::Done), fetching] {
            assert!(!takes_part(false, true, download) && !takes_part(false, false, download));
        }
    }

    #[test]
    fn what_a_filter_asks_not_to_share_rests_as_soon_as_it_is_fetched() {
        let all = goals(SharingSettings { seed_ratio_max: None, ..SharingSettings::default() });
        let takes_part = |watched, is_whole, download| {
            let asked = Some(Ruling::NoSeed);
            Standing { watched, is_whole, download, asked, ..Standing::default() }.takes_part(&all)
        };
        let (done, fetching) = (Some(DownloadState::Done), Some(DownloadState::Fetching));
        assert!(takes_part(true, false, None) && takes_part(false, false, fetching));
        assert!(!takes_part(true, true, None) && !takes_part(false, true, fetching));
        assert!(!takes_part(false, false, None) && !takes_part(false, false, done));
    }

    #[test]
    fn enough_is_measured_by_what_was_taken() {
        let sharing = SharingSettings { seed_ratio_max: Some(2.0), ..SharingSettings::default() };
        let double = goals(sharing);
        let takes_part = |taken, given| {
            let download = Some(DownloadState::Done);
            Standing { download, taken, given, ..Standing::default() }.takes_part(&double)
        };
        assert!(takes_part(100, 199) && !takes_part(100, 200));
        assert!(takes_part(0, 0), "nothing was taken yet");
    }

    #[test]
    fn who_gave_long_enough_may_rest_whatever_the_ratio() {
        let hour = Duration::from_secs(3600);
        let sharing = SharingSettings { seed_ratio_max: None, ..SharingSettings::default() };
        let goals = Goals { sharing, seed_time_max: Some(hour) };
        let takes_part = |gave_for| {
            let download = Some(DownloadState::Done);
            Standing { download, taken: 9, gave_for, ..Standing::default() }.takes_part(&goals)
        };
        assert!(takes_part(hour / 2) && !takes_part(hour));
    }
}
