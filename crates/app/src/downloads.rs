//! The queue of downloads: who fetches now, who waits, and what became of them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use driver::{Source, Torrent};
use engine::{TorrentStats, Want};
use library::{Download, DownloadChange, DownloadState, NewDownload, Ruling};
use media::container;
use tokio::{sync::Notify, task::JoinHandle};
use torrent::{InfoHashes, Metainfo};

use crate::{
    api,
    cinema::Cinema,
    events::Event,
    http::problem::{Code, Problem},
    swarm::{FileName, infohash, no_use, same},
};

/// Downloads that fetch at one time.
const ACTIVE_MAX: usize = 3;
/// What lies beside a film is kept with it if it is not longer than this, bytes.
const BESIDE_MAX: u64 = 256 << 20;
/// How often a running download tells how it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The downloads that run in this process.
#[derive(Default)]
pub struct Running {
    tasks: Mutex<HashMap<String, JoinHandle<()>>>,
    /// Rung when somebody may have to start, or may start now.
    turn: Notify,
}

impl Running {
    fn stop(&self, id: &str) {
        if let Some(task) = self.tasks().remove(id) {
            task.abort();
        }
    }

    /// Stops all of them; what is on disk stays and goes on at the next start.
    pub fn stop_all(&self) {
        self.tasks().values().for_each(JoinHandle::abort);
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<String, JoinHandle<()>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a download's torrent says now.
#[derive(Debug, Default)]
pub struct Live {
    /// How it does with peers.
    pub stats: TorrentStats,
    /// Its files, once known.
    pub files: Vec<LiveFile>,
    /// How much of what is wanted is there, once known.
    pub done_bytes: Option<u64>,
}

/// A file as its torrent has it now.
#[derive(Debug)]
pub struct LiveFile {
    /// Its place in the torrent.
    pub index: usize,
    /// Its path, a stranger's text.
    pub path: String,
    /// Its length, bytes.
    pub length: u64,
    /// How much of it is here and verified, bytes.
    pub done_bytes: u64,
}

impl Live {
    async fn of(torrent: &Torrent, wanted: &[u32]) -> Self {
        // A torrent that is just leaving says nothing any more.
        let stats = torrent.stats().await.unwrap_or_default();
        let Some(metainfo) = torrent.known_metainfo() else {
            return Self { stats, ..Self::default() };
        };
        let files: Vec<_> = (0..metainfo.info.files().len())
            .map(|index| LiveFile {
                index,
                path: metainfo.info.original_path(index).join("/"),
                length: metainfo.info.files()[index].length,
                done_bytes: torrent.on_disk(index).iter().map(|part| part.end - part.start).sum(),
            })
            .collect();
        let counts = |file: &&LiveFile| wanted.is_empty() || is_wanted(wanted, file.index);
        let done_bytes = files.iter().filter(counts).map(|file| file.done_bytes).sum();
        Self { stats, files, done_bytes: Some(done_bytes) }
    }
}

fn is_wanted(wanted: &[u32], index: usize) -> bool {
    wanted.iter().any(|&file| usize::try_from(file).is_ok_and(|file| file == index))
}

impl Cinema {
    /// A download with what its torrent says now.
    pub async fn shown(&self, download: Download) -> api::downloads::Download {
        let live = match self.swarm.find(&download.hashes) {
            Some(torrent) => Some(Live::of(&torrent, &download.files).await),
            None => None,
        };
        api::downloads::Download::new(download, live)
    }

    /// Keeps a release.
    ///
    /// # Errors
    /// [`Code::Withdrawn`], [`Code::Filtered`], or when its torrent cannot be joined or the library cannot remember it.
    pub async fn keep_release(
        &self,
        item: &library::Item,
        release: &library::Release,
    ) -> Result<Download, Problem> {
        let hashes = release.hashes;
        let taken_back = self.library(move |library| library.taken_back(&[hashes])).await?;
        if !taken_back.is_empty() {
            return Err(Code::Withdrawn.into());
        }
        self.may_fetch(hashes).await?;
        let _claim = self.claims.read().await;
        let torrent = self.swarm.of_release(release).await?;
        let name = match &item.episode {
            Some((place, name)) => format!("{} {place} {name}", item.title_name),
            None => item.title_name.clone(),
        };
        let path = FileName::Path(release.record.path.to_string());
        let known = torrent.known_metainfo();
        let files = known.map(|known| release_files(&known, &path)).unwrap_or_default();
        self.note(NewDownload {
            item_id: Some(item.id.clone()),
            release_id: Some(release.id.clone()),
            name,
            hashes,
            magnet: Some(release.record.torrent.magnet(&release.record.path)),
            folder: self.swarm.folder(&release.hashes),
            files,
            size_bytes: release.record.size_bytes,
            pinned: true,
        })
        .await
    }

    /// A torrent that a filter blocks is not fetched.
    async fn may_fetch(&self, hashes: InfoHashes) -> Result<(), Problem> {
        let ruled = self.library(move |library| library.ruled(&[hashes])).await?;
        match ruled.get(&hashes) {
            Some(Ruling::Block) => Err(Code::Filtered.into()),
            _ => Ok(()),
        }
    }

    /// Keeps a torrent that somebody handed in.
    ///
    /// # Errors
    /// [`Code::Filtered`], or when it cannot be joined or the library cannot remember it.
    pub async fn keep_source(&self, source: Source) -> Result<Download, Problem> {
        let (hashes, name, magnet) = match &source {
            Source::Metainfo(metainfo) => {
                (metainfo.info.hashes(), Some(metainfo.info.name().to_owned()), None)
            }
            Source::Magnet(magnet) => {
                (magnet.hashes, magnet.name.clone(), Some(magnet.to_string()))
            }
        };
        self.may_fetch(hashes).await?;
        let size_bytes = match &source {
            Source::Metainfo(metainfo) => metainfo.info.files().iter().map(|f| f.length).sum(),
            Source::Magnet(magnet) => magnet.exact_length.unwrap_or(0),
        };
        let _claim = self.claims.read().await;
        self.swarm.of_source(source).await?;
        self.note(NewDownload {
            item_id: None,
            release_id: None,
            name: name.unwrap_or_else(|| infohash(&hashes)),
            hashes,
            magnet,
            folder: self.swarm.folder(&hashes),
            files: Vec::new(),
            size_bytes,
            pinned: true,
        })
        .await
    }

    async fn note(&self, new: NewDownload) -> Result<Download, Problem> {
        let download = self.library(move |library| library.add_download(new)).await?;
        self.tell_download(&download.id).await;
        self.running.turn.notify_one();
        Ok(download)
    }

    /// Starts waiting downloads while there is room, for as long as the program runs.
    pub async fn run_downloads(&self) {
        loop {
            if let Err(problem) = self.start_waiting().await {
                tracing::warn!(code = problem.code, detail = problem.detail, "downloads wait");
            }
            self.running.turn.notified().await;
        }
    }

    async fn start_waiting(&self) -> Result<(), Problem> {
        let all = self.library(library::Library::downloads).await?;
        let mut running = self.running.tasks();
        running.retain(|_, task| !task.is_finished());
        let waiting = all.into_iter().filter(|one| {
            let wants = matches!(
                one.state,
                DownloadState::Queued | DownloadState::Fetching | DownloadState::Checking
            );
            wants && !running.contains_key(&one.id)
        });
        for download in waiting.collect::<Vec<_>>() {
            if running.len() >= ACTIVE_MAX {
                break;
            }
            let (cinema, id) = (self.clone(), download.id.clone());
            running.insert(id, tokio::spawn(async move { cinema.run_download(download).await }));
        }
        Ok(())
    }

    async fn run_download(self, download: Download) {
        let id = download.id.clone();
        let change = match self.fetch(&download).await {
            Ok(torrent) => {
                let live = Live::of(&torrent, &download.files).await;
                DownloadChange {
                    state: Some(DownloadState::Done),
                    done_bytes: live.done_bytes,
                    uploaded_bytes: Some(live.stats.uploaded),
                    unless_paused: true,
                    ..DownloadChange::default()
                }
            }
            Err(problem) => DownloadChange { unless_paused: true, ..failed(problem.code) },
        };
        self.change_download(&id, change).await;
        self.running.tasks().remove(&id);
        self.running.turn.notify_one();
    }

    async fn fetch(&self, download: &Download) -> Result<Torrent, Problem> {
        self.proceed(&download.id, DownloadState::Checking).await;
        let torrent = self.swarm.of_download(download).await?;
        torrent.pause(false).await;
        torrent.pin(download.pinned).await;
        if let Some(release) = self.release_of(download).await? {
            self.swarm.mirror(&torrent, &release).await;
        }
        let metainfo = torrent.metainfo().await.map_err(no_use)?;
        let files = self.learn(download, &metainfo).await?;
        torrent.ready().await.map_err(no_use)?;
        self.proceed(&download.id, DownloadState::Fetching).await;
        torrent.want(want(&files)).await;
        let mut tick = tokio::time::interval(TELL_EVERY);
        loop {
            tokio::select! {
                finished = torrent.finished() => return finished.map(|()| torrent.clone()).map_err(no_use),
                _ = tick.tick() => self.tell_download(&download.id).await,
            }
        }
    }

    /// Completes what the library knows of a download from its torrent's description.
    async fn learn(&self, download: &Download, metainfo: &Metainfo) -> Result<Vec<u32>, Problem> {
        let mut files = download.files.clone();
        if files.is_empty() {
            let release = self.release_of(download).await?;
            let path = release.map(|release| FileName::Path(release.record.path.to_string()));
            files.extend(path.into_iter().flat_map(|path| release_files(metainfo, &path)));
        }
        let all = metainfo.info.files().iter().enumerate();
        let size = all
            .filter(|(index, _)| files.is_empty() || is_wanted(&files, *index))
            .map(|(_, file)| file.length)
            .sum();
        let unnamed = download.name == infohash(&download.hashes);
        let change = DownloadChange {
            name: unnamed.then(|| metainfo.info.name().to_owned()),
            files: Some(files.clone()),
            size_bytes: Some(size),
            ..DownloadChange::default()
        };
        self.change_download(&download.id, change).await;
        Ok(files)
    }

    /// The release that a download is of, if the library has it still.
    async fn release_of(&self, download: &Download) -> Result<Option<library::Release>, Problem> {
        let Some(item_id) = download.item_id.clone() else { return Ok(None) };
        let languages = self.languages();
        let item = self.library(move |library| library.item(&item_id, &languages)).await?;
        let releases = item.map(|item| item.releases).unwrap_or_default();
        let is_its = |release: &library::Release| Some(&release.id) == download.release_id.as_ref();
        Ok(releases.into_iter().find(is_its))
    }

    /// A step of a download that runs; it may come a moment after somebody paused it.
    async fn proceed(&self, id: &str, state: DownloadState) {
        let change =
            DownloadChange { state: Some(state), unless_paused: true, ..DownloadChange::default() };
        self.change_download(id, change).await;
    }

    async fn set_state(&self, id: &str, state: DownloadState) {
        let change = DownloadChange { state: Some(state), ..DownloadChange::default() };
        self.change_download(id, change).await;
    }

    async fn change_download(&self, id: &str, change: DownloadChange) {
        let owned = id.to_owned();
        let changed = self.library(move |library| library.change_download(&owned, change)).await;
        match changed {
            Ok(download) => {
                let download = Box::new(self.shown(download).await);
                self.events.tell(Event::Download { download });
            }
            Err(problem) => tracing::warn!(code = problem.code, "a download was not changed"),
        }
    }

    async fn tell_download(&self, id: &str) {
        let id = id.to_owned();
        if !self.events.heard() {
            return;
        }
        if let Ok(Some(download)) = self.library(move |library| library.download(&id)).await {
            let download = Box::new(self.shown(download).await);
            self.events.tell(Event::Download { download });
        }
    }

    /// Lets a download rest.
    ///
    /// # Errors
    /// [`Code::DownloadUnknown`].
    pub async fn pause_download(&self, id: &str) -> Result<(), Problem> {
        let download = self.known_download(id).await?;
        self.running.stop(id);
        self.set_state(id, DownloadState::Paused).await;
        if let Some(torrent) = self.swarm.find(&download.hashes) {
            torrent.want(Want::Nothing).await;
            torrent.pause(true).await;
        }
        self.running.turn.notify_one();
        Ok(())
    }

    /// Lets a download go on.
    ///
    /// # Errors
    /// [`Code::DownloadUnknown`], [`Code::ConsentNeeded`].
    pub async fn resume_download(&self, id: &str) -> Result<(), Problem> {
        let download = self.known_download(id).await?;
        self.swarm.session()?;
        if matches!(download.state, DownloadState::Paused | DownloadState::Failed) {
            self.set_state(id, DownloadState::Queued).await;
        }
        self.running.turn.notify_one();
        Ok(())
    }

    /// Pins or unpins a download.
    ///
    /// # Errors
    /// [`Code::DownloadUnknown`].
    pub async fn pin_download(&self, id: &str, pinned: bool) -> Result<(), Problem> {
        let download = self.known_download(id).await?;
        if let Some(torrent) = self.swarm.find(&download.hashes) {
            torrent.pin(pinned).await;
        }
        let change = DownloadChange { pinned: Some(pinned), ..DownloadChange::default() };
        self.change_download(id, change).await;
        Ok(())
    }

    /// Forgets a download; its files go too, or become ordinary cache.
    ///
    /// # Errors
    /// [`Code::DownloadUnknown`], or what the disk says.
    pub async fn remove_download(&self, id: &str, delete_files: bool) -> Result<(), Problem> {
        let owned = id.to_owned();
        let download = self.library(move |library| library.remove_download(&owned)).await?;
        self.running.stop(id);
        if let Some(torrent) = self.swarm.find(&download.hashes) {
            if delete_files {
                let removed = torrent.remove(true).await;
                removed.map_err(|error| Problem::from(Code::DiskBroken).detail(error))?;
                self.swarm.forget(&download.hashes).await;
            } else {
                torrent.want(Want::Nothing).await;
                torrent.pin(false).await;
            }
        }
        self.events.tell(Event::DownloadRemoved { id: id.to_owned() });
        self.running.turn.notify_one();
        Ok(())
    }

    async fn known_download(&self, id: &str) -> Result<Download, Problem> {
        let id = id.to_owned();
        let found = self.library(move |library| library.download(&id)).await?;
        found.ok_or_else(|| Code::DownloadUnknown.into())
    }

    /// Marks the downloads of a torrent as failed, and why.
    pub async fn fail_downloads(&self, torrent: &Torrent, code: Code) {
        let hashes = torrent.hashes();
        let Ok(all) = self.library(library::Library::downloads).await else { return };
        for download in all.into_iter().filter(|one| same(&hashes, &one.hashes)) {
            self.fail(&download.id, code).await;
        }
    }

    /// What a download of a torrent that was taken back, or that a filter blocks, has not fetched, it will not fetch.
    pub(crate) async fn end_downloads(&self, torrent: &Torrent, downloads: &[Download], why: Code) {
        let hashes = torrent.hashes();
        let ended = [DownloadState::Done, DownloadState::Failed];
        let goes_on = |one: &&Download| same(&hashes, &one.hashes) && !ended.contains(&one.state);
        for download in downloads.iter().filter(goes_on) {
            self.fail(&download.id, why).await;
        }
    }

    async fn fail(&self, id: &str, code: Code) {
        self.running.stop(id);
        self.change_download(id, failed(code.name())).await;
    }
}

fn failed(code: &str) -> DownloadChange {
    DownloadChange {
        state: Some(DownloadState::Failed),
        error: Some(code.to_owned()),
        ..DownloadChange::default()
    }
}

fn want(files: &[u32]) -> Want {
    if files.is_empty() {
        return Want::All;
    }
    Want::Files(files.iter().filter_map(|&file| usize::try_from(file).ok()).collect())
}

/// The files of a release: its film and, if it is the only film there, what lies beside it. So whoever keeps one quality of a
/// film has a whole copy of its torrent, and its subtitles without a network.
fn release_files(metainfo: &Metainfo, name: &FileName) -> Vec<u32> {
    let info = &metainfo.info;
    let Some(film) = crate::swarm::find(info, name) else { return vec![] };
    let others = (0..info.files().len()).filter(|index| *index != film);
    let beside: u64 = others.clone().map(|index| info.files()[index].length).sum();
    let is_film = |index| container::by_name(&info.original_path(index).join("/")).is_some();
    let is_alone = beside <= BESIDE_MAX && !others.clone().any(is_film);
    let mut files: Vec<_> = others.filter(|_| is_alone).chain([film]).collect();
    files.sort_unstable();
    files.into_iter().filter_map(|file| u32::try_from(file).ok()).collect()
}
