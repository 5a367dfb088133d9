//! From a release to its torrent: found or added, its files by path, what of it is on disk.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use catalogue::channel::Key;
use channels::Channels;
use driver::{Add, Session, SessionStats, Source, Torrent, TorrentError};
use engine::{DiskFault, Rates, Want};
use media::container::{self, Container};
use tokio::sync::watch;
use torrent::{Info, InfoHashes, Magnet, Metainfo};

use crate::http::problem::{Code, Problem};

/// The torrents of this household.
#[derive(Clone)]
pub struct Swarm {
    /// None until somebody agreed to sharing: without a session there is nothing that could contact anybody.
    session: Arc<watch::Sender<Option<Session>>>,
    /// Where each torrent has a folder of its own, named by its infohash.
    media: Arc<RwLock<PathBuf>>,
    /// Where descriptions are kept, so that a second start needs no peer to know them.
    kept: Arc<PathBuf>,
    /// Limits of each torrent.
    each: Rates,
    /// Whose mirrors have what.
    channels: Channels,
}

/// One file of a torrent that takes part.
#[derive(Clone)]
pub struct Selected {
    /// The torrent.
    pub torrent: Torrent,
    /// Its description.
    pub metainfo: Arc<Metainfo>,
    /// The file's place in it.
    pub file: usize,
}

impl Selected {
    /// The file's length, bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.metainfo.info.files().get(self.file).map_or(0, |file| file.length)
    }

    /// The file's own name, a stranger's text.
    #[must_use]
    pub fn name(&self) -> &str {
        self.metainfo.info.original_path(self.file).last().map_or("", String::as_str)
    }

    /// The container, by the file's name.
    #[must_use]
    pub fn container(&self) -> Option<Container> {
        container::by_name(self.name())
    }

    /// How much of the file is on disk and verified, bytes.
    #[must_use]
    pub fn on_disk_bytes(&self) -> u64 {
        self.torrent.on_disk(self.file).iter().map(|range| range.end - range.start).sum()
    }
}

/// Which file of a torrent is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// By the path that a catalogue names.
    Path(String),
    /// By its place.
    Index(usize),
}

impl Swarm {
    /// No torrents, and nobody met, until a session [opens](Self::open).
    #[must_use]
    pub fn new(media: PathBuf, kept: PathBuf, each: Rates, channels: Channels) -> Self {
        let session = Arc::new(watch::Sender::new(None));
        let (media, kept) = (Arc::new(RwLock::new(media)), Arc::new(kept));
        Self { session, media, kept, each, channels }
    }

    /// The session below.
    ///
    /// # Errors
    /// [`Code::ConsentNeeded`] while there is none.
    pub fn session(&self) -> Result<Session, Problem> {
        self.session.borrow().clone().ok_or_else(|| Code::ConsentNeeded.into())
    }

    /// Meets peers through this session from now on.
    pub fn open(&self, session: Session) {
        self.session.send_replace(Some(session));
    }

    /// Meets nobody any more; the caller shuts down the session that is handed out.
    #[must_use]
    pub fn close(&self) -> Option<Session> {
        self.session.send_replace(None)
    }

    /// Tells of sessions that open and close.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Session>> {
        self.session.subscribe()
    }

    /// Where peers reach us.
    #[must_use]
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.session().map(|session| session.local_addrs().to_vec()).unwrap_or_default()
    }

    /// Where the internet sees us, as far as others told us.
    pub async fn public_addrs(&self) -> Vec<SocketAddr> {
        let Ok(session) = self.session() else { return vec![] };
        session.public_addrs().await.unwrap_or_default()
    }

    /// The interface that all traffic is bound to, and whether it is there.
    #[must_use]
    pub fn interface(&self) -> Option<(String, bool)> {
        let session = self.session().ok()?;
        session.interface().map(|(name, there)| (name.to_owned(), there))
    }

    /// How all torrents together are doing.
    pub async fn stats(&self) -> SessionStats {
        match self.session() {
            Ok(session) => session.stats().await,
            Err(_) => SessionStats::default(),
        }
    }

    /// All torrents that take part.
    #[must_use]
    pub fn torrents(&self) -> Vec<Torrent> {
        self.session().map(|session| session.torrents()).unwrap_or_default()
    }

    /// The torrent with one of these names, if it takes part.
    #[must_use]
    pub fn find(&self, hashes: &InfoHashes) -> Option<Torrent> {
        self.session().ok()?.find(hashes)
    }

    /// The folder that new torrents are stored in.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.media.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stores new torrents elsewhere from now on; those that run stay where they are.
    pub fn store_in(&self, media: PathBuf) {
        *self.media.write().unwrap_or_else(PoisonError::into_inner) = media;
    }

    /// The folder of one torrent.
    #[must_use]
    pub fn folder(&self, hashes: &InfoHashes) -> PathBuf {
        self.media().join(infohash(hashes))
    }

    /// The torrent of a release; it joins the swarm if it did not yet.
    ///
    /// # Errors
    /// When it cannot be joined: no disk, or a description that breaks the rules.
    pub async fn of_release(&self, release: &library::Release) -> Result<Torrent, Problem> {
        let torrent = match self.find(&release.hashes) {
            Some(torrent) => torrent,
            None => self.join(release).await?,
        };
        self.mirror(&torrent, release).await;
        Ok(torrent)
    }

    /// Web servers that the channel of a release names have its torrent, too.
    pub async fn mirror(&self, torrent: &Torrent, release: &library::Release) {
        if let Some(key) = Key::parse(&release.source_id) {
            self.channels.folder(key).mirror(torrent, &release.hashes).await;
        }
    }

    async fn join(&self, release: &library::Release) -> Result<Torrent, Problem> {
        let link = release.record.torrent.clone();
        let beside =
            release.folder.clone().zip(link.metainfo.as_ref().map(|path| path.to_string()));
        let beside = beside.map(|(folder, path)| below(folder, &path));
        let source = match self.known(&release.hashes, beside).await {
            Some(metainfo) => Source::Metainfo(Arc::new(metainfo)),
            None => Source::Magnet(parse_magnet(&link.magnet(&release.record.path))?),
        };
        let trackers = link.trackers.iter().map(|url| vec![url.to_string()]).collect();
        let web_seeds = link.web_seeds.iter().map(|url| url.to_string()).collect();
        self.add(&release.hashes, source, trackers, web_seeds).await
    }

    /// A torrent that somebody handed in.
    ///
    /// # Errors
    /// When it cannot be joined.
    pub async fn of_source(&self, source: Source) -> Result<Torrent, Problem> {
        let hashes = match &source {
            Source::Metainfo(metainfo) => metainfo.info.hashes(),
            Source::Magnet(magnet) => magnet.hashes,
        };
        self.add(&hashes, source, Vec::new(), Vec::new()).await
    }

    /// The torrent of a download that was noted in an earlier run.
    ///
    /// # Errors
    /// When it cannot be joined.
    pub async fn of_download(&self, download: &library::Download) -> Result<Torrent, Problem> {
        let known = self.known(&download.hashes, None).await;
        let magnet = download.magnet.as_deref().map(parse_magnet).transpose()?.map(Source::Magnet);
        let described = match known {
            Some(metainfo) => Some(self.of_source(Source::Metainfo(Arc::new(metainfo))).await?),
            None => None,
        };
        // A torrent that takes part already learns the peers that its link names.
        match (magnet, described) {
            (Some(magnet), _) => self.of_source(magnet).await,
            (None, Some(torrent)) => Ok(torrent),
            (None, None) => Err(Code::TorrentBad.into()),
        }
    }

    /// Forgets the description and the folder of a torrent whose files are gone.
    pub async fn forget(&self, hashes: &InfoHashes) {
        if let Err(error) = tokio::fs::remove_dir(self.folder(hashes)).await {
            tracing::debug!(%error, "there was no empty folder to remove");
        }
        let kept = self.kept.join(file_name(hashes));
        if let Err(error) = tokio::fs::remove_file(&kept).await {
            tracing::debug!(%error, "there was no description to forget");
        }
    }

    /// Bytes on disk, all torrents together.
    pub async fn used_bytes(&self) -> u64 {
        let mut used = 0;
        for torrent in self.torrents() {
            used += torrent.stats().await.map_or(0, |stats| stats.have_bytes);
        }
        used
    }

    async fn add(
        &self,
        hashes: &InfoHashes,
        source: Source,
        trackers: Vec<Vec<String>>,
        web_seeds: Vec<String>,
    ) -> Result<Torrent, Problem> {
        let root = self.folder(hashes);
        let (peers, want) = (Vec::new(), Want::Nothing);
        let meeting_places = MeetingPlaces::of(&source, &trackers, &web_seeds);
        let add = Add { source, root, trackers, web_seeds, peers, want, recheck: false };
        let torrent = self.session()?.add(add).await.map_err(|error| {
            tracing::warn!(%error, "a torrent could not be added");
            Problem::from(Code::ShuttingDown).detail(error)
        })?;
        torrent.limit(self.each).await;
        let path = self.kept.join(file_name(hashes));
        tokio::spawn(keep(torrent.clone(), path, meeting_places));
        Ok(torrent)
    }

    /// The description, if it lies beside the catalogue or was kept from an earlier run.
    async fn known(&self, hashes: &InfoHashes, beside: Option<PathBuf>) -> Option<Metainfo> {
        let kept = self.kept.join(file_name(hashes));
        let hashes = *hashes;
        let look = move || {
            beside.into_iter().chain([kept]).find_map(|path| {
                let metainfo = Metainfo::parse(&fs::read(path).ok()?).ok()?;
                same(&metainfo.info.hashes(), &hashes).then_some(metainfo)
            })
        };
        tokio::task::spawn_blocking(look).await.ok().flatten()
    }

    /// A file of a torrent, once its description is known.
    ///
    /// # Errors
    /// [`Code::MetadataLate`] when nobody could say in time, [`Code::TorrentBad`] when nothing can be made of what they say,
    /// [`Code::FileUnknown`] when it has no such file.
    pub async fn select(
        &self,
        torrent: Torrent,
        name: &FileName,
        patience: Duration,
    ) -> Result<Selected, Problem> {
        let metainfo = tokio::time::timeout(patience, torrent.metainfo())
            .await
            .map_err(|_| Code::MetadataLate)?
            .map_err(no_use)?;
        let file = find(&metainfo.info, name).ok_or(Code::FileUnknown)?;
        Ok(Selected { torrent, metainfo, file })
    }

    /// How much of a release is on disk, bytes; 0 for what does not take part.
    #[must_use]
    pub fn on_disk(&self, release: &library::Release) -> u64 {
        self.there_of(release).map_or(0, |(there, _)| there)
    }

    /// Whether nothing of a release's file is missing on disk.
    #[must_use]
    pub fn is_whole(&self, release: &library::Release) -> bool {
        self.there_of(release).is_some_and(|(there, length)| there == length)
    }

    /// How much of a release's file is on disk, and how long it is.
    fn there_of(&self, release: &library::Release) -> Option<(u64, u64)> {
        let torrent = self.find(&release.hashes)?;
        let metainfo = torrent.known_metainfo()?;
        let file = find(&metainfo.info, &FileName::Path(release.record.path.to_string()))?;
        let there = torrent.on_disk(file).iter().map(|range| range.end - range.start).sum();
        Some((there, metainfo.info.files()[file].length))
    }

    /// The torrent with this infohash in hexadecimal, v1 or v2.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<Torrent> {
        self.torrents().into_iter().find(|torrent| {
            let hashes = torrent.hashes();
            hashes.v1().is_some_and(|v1| v1.to_string() == name)
                || hashes.v2().is_some_and(|v2| v2.to_string() == name)
        })
    }

    /// Lets everything that is on disk from earlier runs take part again, so that it is shared and counted.
    pub async fn rejoin(&self) {
        let kept = self.kept.clone();
        let media = self.media();
        let look = move || -> io::Result<Vec<Metainfo>> {
            let mut found = Vec::new();
            for entry in fs::read_dir(&*kept)? {
                let Some(metainfo) = entry
                    .ok()
                    .and_then(|entry| fs::read(entry.path()).ok())
                    .and_then(|bytes| Metainfo::parse(&bytes).ok())
                else {
                    continue;
                };
                if media.join(infohash(&metainfo.info.hashes())).is_dir() {
                    found.push(metainfo);
                }
            }
            Ok(found)
        };
        let Ok(Ok(found)) = tokio::task::spawn_blocking(look).await else { return };
        for metainfo in found {
            match self.of_source(Source::Metainfo(Arc::new(metainfo))).await {
                // Whether it shares is decided when all of them are there.
                Ok(torrent) => torrent.pause(true).await,
                Err(problem) => {
                    tracing::warn!(detail = ?problem.detail, "a torrent on disk could not take part");
                }
            }
        }
    }
}

/// Where others of a swarm are found, besides what its description says.
#[derive(Default)]
struct MeetingPlaces {
    trackers: Vec<Vec<String>>,
    web_seeds: Vec<String>,
}

impl MeetingPlaces {
    fn of(source: &Source, trackers: &[Vec<String>], web_seeds: &[String]) -> Self {
        let mut places = Self { trackers: trackers.to_vec(), web_seeds: web_seeds.to_vec() };
        if let Source::Magnet(magnet) = source {
            places.trackers.extend(magnet.trackers.iter().map(|tracker| vec![tracker.clone()]));
            places.web_seeds.extend(magnet.web_seeds.iter().cloned());
        }
        places
    }

    /// Adds what the description does not name itself.
    fn add_to(self, metainfo: &mut Metainfo) {
        for tier in self.trackers {
            let is_new = |url: &String| !metainfo.trackers.iter().flatten().any(|one| one == url);
            let tier: Vec<_> = tier.into_iter().filter(is_new).collect();
            if !tier.is_empty() {
                metainfo.trackers.push(tier);
            }
        }
        for url in self.web_seeds {
            if !metainfo.web_seeds.contains(&url) {
                metainfo.web_seeds.push(url);
            }
        }
    }
}

/// Keeps a torrent's description once it is known, with the places where its swarm meets: after a restart
/// nothing else names them.
async fn keep(torrent: Torrent, path: PathBuf, places: MeetingPlaces) {
    let Ok(metainfo) = torrent.metainfo().await else { return };
    let mut metainfo = Metainfo::clone(&metainfo);
    places.add_to(&mut metainfo);
    let write = move || {
        let unfinished = path.with_extension("part");
        fs::write(&unfinished, metainfo.to_bytes())?;
        fs::rename(&unfinished, &path)
    };
    if let Ok(Err(error)) = tokio::task::spawn_blocking(write).await {
        tracing::warn!(%error, "a torrent's description could not be kept");
    }
}

/// A torrent's name in hexadecimal: v1 if it has one, else v2.
#[must_use]
pub fn infohash(hashes: &InfoHashes) -> String {
    match (hashes.v1(), hashes.v2()) {
        (Some(v1), _) => v1.to_string(),
        (None, Some(v2)) => v2.to_string(),
        (None, None) => String::new(),
    }
}

fn file_name(hashes: &InfoHashes) -> String {
    format!("{}.torrent", infohash(hashes))
}

/// Whether two sets of names share one: a hybrid torrent may be known by half of its names.
pub(crate) fn same(found: &InfoHashes, wanted: &InfoHashes) -> bool {
    let v1 = found.v1().zip(wanted.v1()).map(|(a, b)| a == b);
    let v2 = found.v2().zip(wanted.v2()).map(|(a, b)| a == b);
    v1.or(v2).unwrap_or(false) && v1.unwrap_or(true) && v2.unwrap_or(true)
}

/// `path` was checked when the catalogue was read: it stays below its folder.
fn below(folder: PathBuf, path: &str) -> PathBuf {
    path.split('/').fold(folder, |folder: PathBuf, part| folder.join(Path::new(part)))
}

/// Reads a magnet link.
///
/// # Errors
/// [`Code::MagnetBad`] with what is wrong with it.
pub fn parse_magnet(link: &str) -> Result<Box<Magnet>, Problem> {
    Magnet::parse(link).map(Box::new).map_err(|bad| Problem::from(Code::MagnetBad).detail(bad))
}

/// Why nothing comes of waiting for a torrent.
pub(crate) fn no_use(error: TorrentError) -> Problem {
    let code = match error {
        TorrentError::Description(_) => Code::TorrentBad,
        TorrentError::Disk(fault) => refused_by_disk(fault),
        _ => Code::MetadataLate,
    };
    Problem::from(code).detail(error)
}

/// What it is called that the disk did not take or give bytes.
pub(crate) fn refused_by_disk(fault: DiskFault) -> Code {
    match fault {
        DiskFault::Full => Code::DiskFull,
        DiskFault::Denied => Code::DiskDenied,
        DiskFault::Broken => Code::DiskBroken,
    }
}

/// The place of a file. A catalogue names it as the info dictionary does: without the torrent's own name in front.
pub(crate) fn find(info: &Info, name: &FileName) -> Option<usize> {
    let wanted = match name {
        FileName::Index(index) => return (*index < info.files().len()).then_some(*index),
        FileName::Path(path) => path.as_str(),
    };
    (0..info.files().len()).find(|&file| match info.original_path(file) {
        [only] => only == wanted,
        [_, inside @ ..] => inside.join("/") == wanted,
        [] => false,
    })
}

#[cfg(test)]
mod tests {
    use torrent::{Sha1Hash, Sha256Hash};

    use super::*;

    #[test]
    fn what_is_kept_names_every_meeting_place_once() {
        let mut builder = torrent::create::Builder::single_file("film.mp4", 4);
        builder.trackers = vec![vec!["http://a.example/".into(), "http://b.example/".into()]];
        let mut hashing = builder.start().unwrap();
        assert!(hashing.next_file().is_some());
        hashing.feed(b"film").unwrap();
        let mut metainfo = hashing.finish().unwrap();
        let link = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789\
            &tr=http%3A%2F%2Fb.example%2F&tr=http%3A%2F%2Fc.example%2F&ws=http%3A%2F%2Fw.example%2F";
        let source = Source::Magnet(parse_magnet(link).unwrap());
        for _ in 0..2 {
            let given = [vec!["http://d.example/".to_owned()]];
            MeetingPlaces::of(&source, &given, &[]).add_to(&mut metainfo);
        }
        let kept = Metainfo::parse(&metainfo.to_bytes()).unwrap();
        let trackers: Vec<_> = kept.trackers.concat();
        let all =
            ["http://a.example/", "http://b.example/", "http://d.example/", "http://c.example/"];
        assert_eq!(trackers, all);
        assert_eq!(kept.web_seeds, ["http://w.example/"]);
    }

    #[test]
    fn what_a_full_disk_ends_says_so_whoever_tells_it_first() {
        let full = no_use(TorrentError::Disk(DiskFault::Full));
        assert_eq!((full.code, full.status), ("disk_full", 507));
        assert_eq!(no_use(TorrentError::NoMetainfo).code, "metadata_late");
    }

    #[test]
    fn a_hybrid_torrent_is_known_by_either_name_but_not_by_a_contradiction() {
        let (one, other) = (Sha1Hash([1; 20]), Sha1Hash([2; 20]));
        let two = Sha256Hash([2; 32]);
        let hybrid = InfoHashes::Hybrid(one, two);
        assert!(same(&hybrid, &InfoHashes::V1(one)));
        assert!(same(&hybrid, &InfoHashes::V2(two)));
        assert!(same(&hybrid, &hybrid));
        assert!(!same(&hybrid, &InfoHashes::V1(other)));
        assert!(!same(&hybrid, &InfoHashes::Hybrid(other, two)));
        assert!(!same(&InfoHashes::V1(one), &InfoHashes::V2(two)));
    }
}
