//! Fetches the files of a version through its torrents, and takes nothing that the head does not vouch for.

use std::{
    collections::BTreeSet,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use catalogue::channel::{
    BadManifest, Family, FileRef, HEAD_NAME, Head, Key, MANIFEST_FILE, Manifest, MirrorUrl,
    SEGMENT_MAX, SHELVES_MAX, SegmentStore as _, Where, folded, head_torrent, manifest_hash,
    segment_name, segment_torrent,
};
use driver::{Add, AddError, Session, Source, Torrent, TorrentError};
use engine::Want;
use tokio::time::{interval, timeout};
use torrent::{InfoHashes, Magnet, Metainfo, PeerHint};

use crate::{
    durable,
    folder::{Folder, FolderError, at},
    follow::{Stage, Tell, hints},
    mirrors,
    part::Part,
};

/// The most files of a head torrent.
const HEAD_FILES_MAX: usize = 256;
/// How often it is told how far a torrent is.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// Bytes that a follower folds, at most: more is fetched.
const FOLDED_MAX: u64 = 64 << 20;
/// How long a segment that the disk lost may take to come again.
const AGAIN_PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Bytes of a head torrent, at most.
const HEAD_MAX: u64 = 256 << 20;

/// Why a version does not come.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Nobody who has it was found in time.
    #[error("nobody who has its files was found in time; try again later")]
    Nobody,
    /// The session or the disk fails.
    #[error(transparent)]
    Torrent(#[from] TorrentError),
    /// The torrent cannot be added.
    #[error("the torrent of the channel cannot be opened: {0}")]
    Add(#[from] AddError),
    /// What is kept cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A torrent that is no head torrent.
    #[error("the head names a torrent that is not a channel's: {0}")]
    NotAHead(&'static str),
    /// The manifest is another one than the head names.
    #[error("the manifest is not the one that was signed for")]
    OtherManifest,
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] BadManifest),
    /// The manifest is signed by another key than the head, or of another version.
    #[error("the manifest does not belong to its head")]
    OtherSigner,
}

impl FetchError {
    /// Whether it is the fault of what was signed, and not of whoever fetches or gives it.
    pub(crate) fn is_publishers(&self) -> bool {
        match self {
            Self::NotAHead(_) | Self::OtherManifest | Self::Manifest(_) | Self::OtherSigner => true,
            Self::Nobody | Self::Torrent(_) | Self::Add(_) | Self::Folder(_) => false,
        }
    }
}

/// Takes part in the torrents of the version that is here, so that others can have it. They are made again from the
/// files on disk, which gives the same torrents. A large segment that the disk has lost is fetched again meanwhile.
pub(crate) async fn seed(session: &Session, folder: &Folder) -> Result<(), FetchError> {
    let described = folder.clone();
    let torrents = tokio::task::spawn_blocking(move || torrents_of(&described)).await;
    let fetching = Fetching { session, folder, peers: &[], mirrors: &[], tell: &|_| {} };
    for (metainfo, root) in torrents.unwrap_or_default() {
        if session.find(&metainfo.info.hashes()).is_none() {
            fetching.add(Source::Metainfo(metainfo), &root, Want::All, false).await?;
        }
    }
    let lost = lost(session, folder);
    if !lost.is_empty() {
        tokio::spawn(again(session.clone(), folder.clone(), lost));
    }
    Ok(())
}

/// Large segments of the version that is here of which no torrent could be made: what lies there is something else.
fn lost(session: &Session, folder: &Folder) -> Vec<FileRef> {
    let named = folder.manifest().into_iter().flat_map(|manifest| manifest.segments);
    let is_lost = |file: &FileRef| match &file.place {
        Where::Torrent(hashes) => session.find(hashes).is_none(),
        Where::Head(_) => false,
    };
    named.map(|segment| segment.file).filter(is_lost).collect()
}

/// Fetches these segments from other followers; the next start tries again what does not come.
async fn again(session: Session, folder: Folder, lost: Vec<FileRef>) {
    let peers = hints(&folder).unwrap_or_default();
    let fetching =
        Fetching { session: &session, folder: &folder, peers: &peers, mirrors: &[], tell: &|_| {} };
    let fetched = timeout(AGAIN_PATIENCE, fetching.again(&lost)).await;
    let (channel, segments) = (folder.key().short(), lost.len());
    match fetched.unwrap_or(Err(FetchError::Nobody)) {
        Ok(()) => tracing::info!(%channel, segments, "segments that the disk lost are here again"),
        Err(error) => tracing::warn!(%channel, %error, "a segment that the disk lost is not here"),
    }
}

/// The torrents whose files are here, each with the folder in which it lies.
pub(crate) fn torrents_of(folder: &Folder) -> Vec<(Arc<Metainfo>, PathBuf)> {
    let Some((manifest, files)) = folder.manifest().zip(folder.head_files()) else {
        return vec![];
    };
    let mut torrents = vec![];
    if let (Ok(head), Some(current)) = (head_torrent(&files), folder.current_head()) {
        let root = current.parent().map(Path::to_owned).unwrap_or_default();
        torrents.push((Arc::new(head), root));
    }
    for segment in &manifest.segments {
        let Where::Torrent(_) = segment.file.place else { continue };
        let made = (folder.segment(&segment.file))
            .and_then(|bytes| segment_torrent(&segment.file.sha256, &bytes).ok());
        torrents.extend(made.map(|made| (Arc::new(made), folder.segments_root())));
    }
    torrents
}

/// What the files of a version are fetched with.
pub(crate) struct Fetching<'a> {
    pub(crate) session: &'a Session,
    pub(crate) folder: &'a Folder,
    pub(crate) peers: &'a [PeerHint],
    /// Mirrors that its address named.
    pub(crate) mirrors: &'a [MirrorUrl],
    pub(crate) tell: Tell<'a>,
}

impl Fetching<'_> {
    /// The head torrent, of which nothing is wanted yet but the manifest.
    pub(crate) async fn head(&self, head: &Head) -> Result<HeadFiles, FetchError> {
        let root = self.folder.head_root(&head.torrent);
        let files = root.join(HEAD_NAME);
        let known = self.session.find(&head.torrent);
        let metainfo = match &known {
            Some(torrent) => torrent.metainfo().await?,
            None => self.described(head.torrent, &root).await?,
        };
        check_head(&metainfo)?;
        if known.is_none() {
            self.reuse(&metainfo, &files).map_err(at(&files))?;
            self.fold(&metainfo, &files).await;
        }
        let source = Source::Metainfo(Arc::clone(&metainfo));
        let want = wanted(&metainfo, &[MANIFEST_FILE]);
        let torrent = self.add(source, &root, want, known.is_none()).await?;
        Ok(HeadFiles { torrent, metainfo, files })
    }

    /// The manifest that a head names, checked.
    pub(crate) async fn manifest(
        &self,
        files: &HeadFiles,
        head: &Head,
        signer: &Key,
    ) -> Result<Manifest, FetchError> {
        let sealed = self.file(files, MANIFEST_FILE, Manifest::SEALED_MAX as u64).await?;
        let sealed = sealed.ok_or(FetchError::NotAHead("it has no manifest"))?;
        if manifest_hash(&sealed) != head.manifest {
            return Err(FetchError::OtherManifest);
        }
        let (key, manifest) = Manifest::open(&sealed)?;
        if key != *signer || manifest.version != head.version {
            return Err(FetchError::OtherSigner);
        }
        Ok(manifest)
    }

    /// The first screen, before anything else of the channel; nothing if it has none.
    pub(crate) async fn shelves(
        &self,
        files: &HeadFiles,
        manifest: &Manifest,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        let Some(FileRef { place: Where::Head(name), .. }) = &manifest.shelves else {
            return Ok(None);
        };
        self.file(files, name, SHELVES_MAX).await
    }

    /// What a version takes back, and nothing else of it.
    pub(crate) async fn withdrawals(
        &self,
        files: &HeadFiles,
        manifest: &Manifest,
    ) -> Result<(), FetchError> {
        let segments = manifest.segments.iter().map(|one| (one.family, &one.file));
        let segments = segments.filter(|(family, _)| *family == Family::Withdrawals);
        let mut names = vec![MANIFEST_FILE];
        for (_, file) in segments {
            match &file.place {
                Where::Head(name) => names.push(name),
                Where::Torrent(_) => self.segment(file).await?,
            }
        }
        let want = wanted(&files.metainfo, &names);
        if want == Want::Nothing {
            return Err(FetchError::NotAHead("it lacks a file that its manifest names"));
        }
        files.torrent.want(want).await;
        self.finished(&files.torrent).await
    }

    /// Everything else that a version consists of.
    pub(crate) async fn rest(
        &self,
        files: &HeadFiles,
        manifest: &Manifest,
    ) -> Result<(), FetchError> {
        // This version may name others than the last one did.
        let hashes = files.metainfo.info.hashes();
        mirrors::tell(&files.torrent, self.folder, &hashes, self.mirrors).await;
        files.torrent.want(Want::All).await;
        self.finished(&files.torrent).await?;
        for segment in &manifest.segments {
            self.segment(&segment.file).await?;
        }
        Ok(())
    }

    /// A small file of the head torrent, fetched before the others.
    async fn file(
        &self,
        files: &HeadFiles,
        name: &str,
        most: u64,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        let want = wanted(&files.metainfo, &[MANIFEST_FILE, name]);
        if want == Want::Nothing {
            return Ok(None);
        }
        files.torrent.want(want).await;
        self.finished(&files.torrent).await?;
        let path = files.files.join(name);
        Ok(durable::read(&path, most).map_err(at(&path))?)
    }

    /// What is in the torrent, before any of its files is made: its names are a stranger's.
    pub(crate) async fn described(
        &self,
        hashes: InfoHashes,
        root: &Path,
    ) -> Result<Arc<Metainfo>, FetchError> {
        // What an earlier run left there is of use.
        let is_fresh = !root.exists();
        let torrent = self.add(self.magnet(hashes), root, Want::Nothing, false).await?;
        let metainfo = torrent.metainfo().await?;
        torrent.remove(is_fresh).await?;
        Ok(metainfo)
    }

    /// Puts files of the last version, and of those that did not come as a whole, where the new one has files of the same
    /// name and length. Should their bytes be others, the torrent's hashes say so and they are fetched.
    fn reuse(&self, metainfo: &Metainfo, files: &Path) -> std::io::Result<()> {
        let last = self.folder.current_head().into_iter();
        let begun = self.folder.heads().into_iter().map(|root| root.join(HEAD_NAME));
        for old in last.chain(begun.filter(|old| old != files)) {
            fs::create_dir_all(files)?;
            for file in metainfo.info.files() {
                let [_, name] = &file.path[..] else { continue };
                let (old, new) = (old.join(name), files.join(name));
                let is_same = fs::metadata(&old).is_ok_and(|old| old.len() == file.length);
                if is_same && !new.exists() {
                    fs::copy(&old, &new)?;
                }
            }
        }
        Ok(())
    }

    /// Makes files that the publisher made of what is here. That they are the same is checked like all that is fetched,
    /// so whatever hinders it costs bytes and nothing else.
    async fn fold(&self, metainfo: &Metainfo, files: &Path) {
        let (folder, files) = (self.folder.clone(), files.to_owned());
        let names = metainfo.info.files().iter().filter_map(|file| file.path.last().cloned());
        let names: BTreeSet<String> = names.collect();
        let work = tokio::task::spawn_blocking(move || {
            for (file, bytes) in foldable(&folder) {
                let path = match &file.place {
                    Where::Head(name) if !names.contains(&**name) => continue,
                    Where::Head(name) => files.join(&**name),
                    Where::Torrent(_) => folder.segments_root().join(segment_name(&file.sha256)),
                };
                if !path.exists()
                    && let Err(error) = fs::write(&path, &bytes)
                {
                    tracing::debug!(path = %path.display(), %error, "what was folded is not kept");
                }
            }
        });
        // A program that ends folds the next time.
        work.await.ok();
    }

    /// A segment: it came with the head, or has a torrent of its own.
    async fn segment(&self, file: &FileRef) -> Result<(), FetchError> {
        let Where::Torrent(hashes) = file.place else { return Ok(()) };
        let root = self.folder.segments_root();
        let torrent = match self.session.find(&hashes) {
            Some(torrent) => torrent,
            None => {
                let known = root.join(segment_name(&file.sha256)).exists();
                let metainfo = self.described(hashes, &root).await?;
                check_segment(&metainfo, file)?;
                self.add(Source::Metainfo(metainfo), &root, Want::All, known).await?
            }
        };
        self.finished(&torrent).await
    }

    /// Fetches large segments again whose bytes are others than those that were signed for. Says whether there were any.
    pub(crate) async fn mend(&self, manifest: &Manifest) -> Result<bool, FetchError> {
        let (folder, manifest) = (self.folder.clone(), manifest.clone());
        let rotten = tokio::task::spawn_blocking(move || rotten(&folder, &manifest)).await;
        let rotten = rotten.unwrap_or_default();
        self.again(&rotten).await?;
        Ok(!rotten.is_empty())
    }

    /// Fetches segments of which the disk has something else than the session may believe.
    async fn again(&self, segments: &[FileRef]) -> Result<(), FetchError> {
        for file in segments {
            let Where::Torrent(hashes) = file.place else { continue };
            if let Some(torrent) = self.session.find(&hashes) {
                torrent.remove(false).await?;
            }
            self.segment(file).await?;
        }
        Ok(())
    }

    /// Waits for all of a torrent, and tells how far it is.
    pub(crate) async fn finished(&self, torrent: &Torrent) -> Result<(), FetchError> {
        let finished = torrent.finished();
        tokio::pin!(finished);
        let mut tick = interval(TELL_EVERY);
        loop {
            tokio::select! {
                done = &mut finished => return Ok(done?),
                _ = tick.tick() => {
                    let stats = torrent.stats().await?;
                    (self.tell)(Stage::Fetching {
                        done_bytes: stats.have_bytes,
                        wanted_bytes: stats.wanted_bytes,
                        peers: stats.peers,
                    });
                }
            }
        }
    }

    fn magnet(&self, hashes: InfoHashes) -> Source {
        let mut magnet = Magnet::new(hashes);
        magnet.peers = self.peers.to_vec();
        Source::Magnet(Box::new(magnet))
    }

    pub(crate) async fn add(
        &self,
        source: Source,
        root: &Path,
        want: Want,
        recheck: bool,
    ) -> Result<Torrent, FetchError> {
        let peers: Vec<SocketAddr> =
            self.peers.iter().filter_map(|peer| peer.to_string().parse().ok()).collect();
        let (trackers, web_seeds) = (vec![], vec![]);
        let root = root.to_owned();
        let hashes = match &source {
            Source::Metainfo(metainfo) => metainfo.info.hashes(),
            Source::Magnet(magnet) => magnet.hashes,
        };
        self.folder.note(&hashes);
        let add = Add { source, root, trackers, web_seeds, peers, want, recheck };
        let torrent = self.session.add(add).await?;
        // It makes no way for films when the cache is full.
        torrent.pin(true).await;
        mirrors::tell(&torrent, self.folder, &hashes, self.mirrors).await;
        Ok(torrent)
    }
}

/// What the publisher folds after the version that is here, unless that is much.
fn foldable(folder: &Folder) -> Vec<(FileRef, Vec<u8>)> {
    let Some(manifest) = folder.manifest() else { return vec![] };
    let inputs = manifest.folded_next().map(|segment| segment.file.length);
    if inputs.sum::<u64>() > FOLDED_MAX {
        return vec![];
    }
    folded(&manifest, folder).unwrap_or_default()
}

/// Large segments of a version that are not here as they were signed for.
fn rotten(folder: &Folder, manifest: &Manifest) -> Vec<FileRef> {
    let named = manifest.segments.iter().map(|segment| &segment.file);
    let large = named.filter(|file| matches!(file.place, Where::Torrent(_)));
    let is_rotten = |file: &&FileRef| {
        let path = folder.segments_root().join(segment_name(&file.sha256));
        let hash = Part::open(&path, file.length).and_then(|part| part.hash());
        !hash.is_ok_and(|hash| hash == file.sha256)
    };
    large.filter(is_rotten).cloned().collect()
}

/// A head torrent of which files are fetched.
pub(crate) struct HeadFiles {
    torrent: Torrent,
    metainfo: Arc<Metainfo>,
    /// The folder of its files.
    files: PathBuf,
}

/// The files of a head torrent with these names; nothing if one is not there.
fn wanted(metainfo: &Metainfo, names: &[&str]) -> Want {
    let place = |name: &&str| {
        metainfo
            .info
            .files()
            .iter()
            .position(|file| file.path.last().is_some_and(|one| one == name))
    };
    let places: Option<BTreeSet<usize>> = names.iter().map(place).collect();
    places.map_or(Want::Nothing, |places| Want::Files(places.into_iter().collect()))
}

/// A head torrent has one folder of one name with few files directly in it. The segment's length is checked when the
/// manifest is read.
fn check_head(metainfo: &Metainfo) -> Result<(), FetchError> {
    let info = &metainfo.info;
    let total = info.files().iter().fold(0_u64, |sum, file| sum.saturating_add(file.length));
    let flat = info
        .files()
        .iter()
        .all(|file| matches!(&file.path[..], [folder, _] if folder == HEAD_NAME));
    match () {
        () if info.name() != HEAD_NAME => Err(FetchError::NotAHead("it has another name")),
        () if info.files().len() > HEAD_FILES_MAX => {
            Err(FetchError::NotAHead("it has too many files"))
        }
        () if total > HEAD_MAX => Err(FetchError::NotAHead("it is too large")),
        () if !flat => Err(FetchError::NotAHead("it has folders in it")),
        () => Ok(()),
    }
}

fn check_segment(metainfo: &Metainfo, file: &FileRef) -> Result<(), FetchError> {
    let info = &metainfo.info;
    let fits = info.name() == segment_name(&file.sha256)
        && matches!(info.files(), [one] if one.length == file.length)
        && file.length <= SEGMENT_MAX as u64;
    if fits {
        Ok(())
    } else {
        Err(FetchError::NotAHead("a segment's torrent has something else in it"))
    }
}
