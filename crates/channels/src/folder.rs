//! What is kept of each channel: a folder under its key.
//!
//! | file | what |
//! |---|---|
//! | `standing`, `standing.copy` | what was accepted, twice: floors never go down, not even by a damaged disk |
//! | `followed.json` | how it was met; there as long as it is followed |
//! | `moved` | the key under which it is followed since its publisher handed it over |
//! | `vouched.json` | the domain that vouched for it when it was asked |
//! | `unpromised` | a key that whoever has the root key named as the next one, and that was not promised |
//! | `current` | the head torrent whose files are all here, and are what its manifest promises |
//! | `refused` | the head torrent of a newer version that is not, and the program that found so |
//! | `seen` | when somebody in the network last had it, milliseconds since 1970 |
//! | `ledger` | what was taken into the library, so that the next version costs as much as its changes |
//! | `compared` | large segments whose hash was compared |
//! | `heads/INFOHASH/kinora-channel/` | the files of head torrents |
//! | `segments/` | large segments, each the one file of a torrent |
//! | `packs/INFOHASH/` | packs of pictures and subtitles, of which followers have what they opened |
//! | `put` | when its items were last put here, milliseconds since 1970 |
//! | `own/` | a publisher's side, if the channel is ours |
//!
//! Beside the folders, `memory` says what is known of how long nodes of the DHT remember.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use catalogue::Digest;
use catalogue::channel::{
    FileRef, HEAD_NAME, Key, MANIFEST_FILE, Manifest, MirrorUrl, Parts, SEGMENT_MAX, SegmentStore,
    Standing, Where, manifest_hash, pack_name, segment_name,
};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use torrent::{InfoHashes, Sha1Hash};

use crate::{
    durable,
    looks::Looks,
    part::Part,
    readers::{Reader, Readers},
    room::Room,
    sites,
    tending::Learning,
    turns::{Turn, Turns},
    vouching::Vouched,
};

/// The largest file of a standing, bytes.
const STANDING_MAX: u64 = 1 << 20;
const SMALL_MAX: u64 = 64 << 10;
/// Changes that wait to be noticed; whoever missed some looks at everything.
const CHANGES_MAX: usize = 256;

/// The folder of all channels.
#[derive(Debug, Clone)]
pub struct Channels {
    root: PathBuf,
    carried: Carried,
    turns: Turns,
    changes: broadcast::Sender<Change>,
    readers: Readers,
    room: Room,
    looks: Looks,
    learning: Learning,
}

/// The torrents of all channels in this run, by the names they have in swarms.
type Carried = Arc<Mutex<BTreeSet<Sha1Hash>>>;

/// The folder of one channel.
#[derive(Debug, Clone)]
pub struct Folder {
    key: Key,
    path: PathBuf,
    carried: Carried,
    turns: Turns,
    changes: broadcast::Sender<Change>,
    readers: Readers,
    room: Room,
}

/// Something new of a channel.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) key: Key,
    pub(crate) news: News,
}

/// What is new.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// Signed items were accepted.
    Items,
    /// The files of the newest version are here.
    Files,
    /// These peers told of a newer version and have it.
    Newer(Arc<[SocketAddr]>),
}

/// How a channel was met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// Peers that its address named, as `HOST:PORT`.
    #[serde(default)]
    pub peers: Vec<String>,
    /// Where it was followed before its publisher handed it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<MovedHere>,
}

/// A channel that was followed under another key before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedHere {
    /// The 52 letters of that key.
    pub from: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
}

/// Why what is kept of a channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The disk refuses.
    #[error("{path} cannot be read or written: {source}", path = path.display())]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was accepted before is not readable any more: updates would be accepted without protection.
    #[error(
        "what was known of the channel is damaged at {path}; updates are refused, since an old version could be \
         passed off as new. Unfollow the channel and follow it again to begin anew",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Work on a file was not finished: the program ends, or failed.
    #[error("the work on the channel was interrupted; try again")]
    Interrupted,
}

impl Channels {
    /// The channels below a folder, which is made if need be.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        durable::create_folder(root).map_err(at(root))?;
        Ok(Self {
            root: root.to_owned(),
            carried: Carried::default(),
            turns: Turns::default(),
            changes: broadcast::Sender::new(CHANGES_MAX),
            readers: Readers::default(),
            room: Room::default(),
            looks: Looks::default(),
            learning: Learning::open(&root.join("memory")),
        })
    }

    /// The folder of a channel, whether there is one or not.
    #[must_use]
    pub fn folder(&self, key: Key) -> Folder {
        let (carried, turns) = (Arc::clone(&self.carried), self.turns.clone());
        let path = self.root.join(key.to_string());
        let (changes, readers) = (self.changes.clone(), self.readers.clone());
        Folder { key, path, carried, turns, changes, readers, room: self.room.clone() }
    }

    /// At which of them somebody looks.
    pub(crate) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// What is known of how long nodes remember.
    pub(crate) fn learning(&self) -> &Learning {
        &self.learning
    }

    /// Waits until nobody works on a channel; nobody does until this is dropped.
    pub(crate) async fn turn(&self, key: Key) -> Turn {
        self.turns.take(key).await
    }

    /// Whether a torrent of the session is a channel's: it is none of the viewer's films.
    #[must_use]
    pub fn carry(&self, hashes: &InfoHashes) -> bool {
        carried(&self.carried).contains(&hashes.wire())
    }

    /// Every channel that is followed or our own, in the order of their keys.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn all(&self) -> Result<Vec<Folder>, FolderError> {
        let kept = self.kept()?.into_iter();
        Ok(kept.filter(|folder| folder.is_followed() || folder.is_own()).collect())
    }

    /// All of them, and those whose followers went on under another key: they are kept for those who know only the old
    /// address.
    pub(crate) fn kept(&self) -> Result<Vec<Folder>, FolderError> {
        let folders = keys_in(&self.root)?.into_iter().map(|key| self.folder(key));
        Ok(folders.filter(Folder::is_kept).collect())
    }

    /// What all of them may take of the disk.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }
}

impl Folder {
    /// The channel's root key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it is followed.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.path.join("followed.json").exists()
    }

    /// Whether it is our own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.own().exists()
    }

    /// Who works on this channel, one at a time.
    fn is_kept(&self) -> bool {
        self.is_followed() || self.is_own() || self.moved_to().is_some()
    }

    /// The other folders beside it, as [`Channels::kept`] has them.
    pub(crate) fn others(&self) -> Result<Vec<Self>, FolderError> {
        let Some(root) = self.path.parent() else { return Ok(vec![]) };
        let keys = keys_in(root)?.into_iter().filter(|key| *key != self.key);
        let folder = |key: Key| Self { key, path: root.join(key.to_string()), ..self.clone() };
        Ok(keys.map(folder).filter(Self::is_kept).collect())
    }

    /// What all channels may take of the disk.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// When somebody in the network last had what we have, milliseconds since 1970.
    pub(crate) fn last_seen(&self) -> Option<u64> {
        self.time_in("seen")
    }

    /// Somebody has what we have. Not more than a hint to people: it need not outlive a power cut.
    pub(crate) fn set_last_seen(&self, now_ms: u64) {
        self.note_time("seen", now_ms);
    }

    /// When its items were last put here, since 1970.
    pub(crate) fn last_put(&self) -> Option<Duration> {
        self.time_in("put").map(Duration::from_millis)
    }

    /// Its items were put. Whoever does not know it puts them again.
    pub(crate) fn set_last_put(&self, now: Duration) {
        self.note_time("put", u64::try_from(now.as_millis()).unwrap_or_default());
    }

    fn time_in(&self, name: &str) -> Option<u64> {
        fs::read_to_string(self.path.join(name)).ok()?.trim().parse().ok()
    }

    fn note_time(&self, name: &str, ms: u64) {
        if let Err(error) = fs::write(self.path.join(name), ms.to_string()) {
            tracing::debug!(channel = %self.key.short(), %error, name, "a time is not noted");
        }
    }

    /// Notes a torrent as one of this channel, before the session has it.
    pub(crate) fn note(&self, hashes: &InfoHashes) {
        carried(&self.carried).insert(hashes.wire());
    }

    pub(crate) fn own(&self) -> PathBuf {
        self.path.join("own")
    }

    pub(crate) fn make(&self) -> Result<(), FolderError> {
        for name in ["", "heads", "segments", "packs"] {
            let path = self.path.join(name);
            durable::create_folder(&path).map_err(at(&path))?;
        }
        Ok(())
    }

    /// Removes everything, the keys of an own channel included.
    pub(crate) fn remove(&self) -> Result<(), FolderError> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&self.path)(error)),
            _ => Ok(()),
        }
    }

    /// How it was met; nothing if it is not followed.
    pub(crate) fn followed(&self) -> Result<Option<Followed>, FolderError> {
        let path = self.path.join("followed.json");
        let bytes = durable::read(&path, SMALL_MAX).map_err(at(&path))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    pub(crate) fn set_followed(&self, followed: &Followed) -> Result<(), FolderError> {
        let path = self.path.join("followed.json");
        let json = serde_json::to_vec_pretty(followed);
        let json = json.map_err(io::Error::other).map_err(at(&path))?;
        durable::write(&path, &json).map_err(at(&path))
    }

    /// The key under which it is followed since its publisher handed it over.
    #[must_use]
    pub fn moved_to(&self) -> Option<Key> {
        self.key_in("moved")
    }

    /// The key under which it was followed before its publisher handed it over.
    #[must_use]
    pub fn moved_from(&self) -> Option<Key> {
        Key::parse(&self.followed().ok()??.moved?.from)
    }

    pub(crate) fn set_moved_to(&self, key: &Key) -> Result<(), FolderError> {
        self.write_key("moved", key)
    }

    /// A key that whoever has the root key named as the next one, although another was promised.
    #[must_use]
    pub fn unpromised(&self) -> Option<Key> {
        self.key_in("unpromised")
    }

    pub(crate) fn set_unpromised(&self, key: &Key) -> Result<(), FolderError> {
        self.write_key("unpromised", key)
    }

    /// The domain that vouched for it when it was asked last.
    #[must_use]
    pub fn vouched(&self) -> Option<Vouched> {
        let bytes = durable::read(&self.path.join("vouched.json"), SMALL_MAX).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    pub(crate) fn set_vouched(&self, vouched: Option<&Vouched>) -> Result<(), FolderError> {
        let path = self.path.join("vouched.json");
        let json = serde_json::to_vec(&vouched).map_err(io::Error::other).map_err(at(&path))?;
        durable::write(&path, &json).map_err(at(&path))
    }

    fn key_in(&self, name: &str) -> Option<Key> {
        Key::parse(fs::read_to_string(self.path.join(name)).ok()?.trim())
    }

    fn write_key(&self, name: &str, key: &Key) -> Result<(), FolderError> {
        let path = self.path.join(name);
        durable::write(&path, key.to_string().as_bytes()).map_err(at(&path))
    }

    pub(crate) fn forget_followed(&self) -> Result<(), FolderError> {
        let path = self.path.join("followed.json");
        fs::remove_file(&path).map_err(at(&path))
    }

    /// What was accepted of it. A channel that was never met has nothing; one that was met and whose files are
    /// damaged is an error.
    ///
    /// # Errors
    /// The files are damaged, or the disk refuses.
    pub fn standing(&self) -> Result<Standing, FolderError> {
        let [first, second] = self.standing_paths().map(|path| self.standing_at(&path));
        match (first?, second?) {
            (Some(Ok(first)), Some(Ok(second))) => Ok(newer(first, second)),
            (Some(Ok(one)), _) | (_, Some(Ok(one))) => Ok(one),
            (None, None) if !self.is_followed() => Ok(Standing::new(self.key)),
            _ => Err(FolderError::Damaged { path: self.path.join("standing") }),
        }
    }

    fn standing_paths(&self) -> [PathBuf; 2] {
        ["standing", "standing.copy"].map(|name| self.path.join(name))
    }

    /// `None` without a file, an inner error for a damaged one.
    fn standing_at(&self, path: &Path) -> Result<Option<Result<Standing, ()>>, FolderError> {
        let bytes = durable::read(path, STANDING_MAX).map_err(at(path))?;
        let read = |bytes: Vec<u8>| {
            let standing = Standing::read(&bytes).map_err(|_| ())?;
            if *standing.key() == self.key { Ok(standing) } else { Err(()) }
        };
        Ok(bytes.map(read))
    }

    /// Takes over what somebody else accepted in the meantime, keeps all of it, and returns it. What is older than
    /// what is there changes nothing.
    ///
    /// # Errors
    /// The files are damaged, or the disk refuses; then nothing was accepted.
    pub(crate) fn merge(&self, news: &Standing) -> Result<Standing, FolderError> {
        self.turns.with_standing(self.key, || {
            let before = self.standing()?;
            let mut standing = before.clone();
            standing.merge(news);
            if standing != before {
                self.write_standing(&standing)?;
                self.tell(News::Items);
            }
            Ok(standing)
        })
    }

    /// Keeps what was accepted, both copies on disk when this returns. Whoever may meet others who do the same uses
    /// [`Self::merge`].
    ///
    /// # Errors
    /// The disk refuses; then nothing was accepted.
    pub fn keep(&self, standing: &Standing) -> Result<(), FolderError> {
        self.turns.with_standing(self.key, || self.write_standing(standing))
    }

    /// Goes on in spite of two things that the publisher signed for one place, because a person says so. Floors stay.
    ///
    /// # Errors
    /// The files are damaged, or the disk refuses.
    pub(crate) fn forgive(&self) -> Result<(), FolderError> {
        self.turns.with_standing(self.key, || {
            let mut standing = self.standing()?;
            standing.forgive();
            self.write_standing(&standing)?;
            self.tell(News::Items);
            Ok(())
        })
    }

    fn write_standing(&self, standing: &Standing) -> Result<(), FolderError> {
        let bytes = standing.to_bytes();
        for path in self.standing_paths() {
            durable::write(&path, &bytes).map_err(at(&path))?;
        }
        Ok(())
    }

    /// Tells of every channel of which something was accepted or came.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The version that the head names is here as a whole, and seeded.
    pub(crate) fn tell_it_is_here(&self) {
        self.tell(News::Files);
    }

    /// Peers told of a newer version and have it.
    pub(crate) fn tell_of_newer(&self, peers: &[SocketAddr]) {
        self.tell(News::Newer(peers.into()));
    }

    fn tell(&self, news: News) {
        // Nobody waits for changes.
        self.changes.send(Change { key: self.key, news }).ok();
    }

    /// The folder in which the files of a head torrent lie, without the torrent's own folder.
    pub(crate) fn head_root(&self, hashes: &InfoHashes) -> PathBuf {
        self.path.join("heads").join(hashes.wire().to_string())
    }

    /// A file of the channel's own folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn segments_root(&self) -> PathBuf {
        self.path.join("segments")
    }

    pub(crate) fn packs_root(&self) -> PathBuf {
        self.path.join("packs")
    }

    /// Pictures and subtitles that wait to be published.
    pub(crate) fn things_root(&self) -> PathBuf {
        self.own().join("things")
    }

    /// The folder of a pack's torrent.
    pub(crate) fn pack_root(&self, hashes: &InfoHashes) -> PathBuf {
        self.packs_root().join(hashes.wire().to_string())
    }

    /// The file of a pack, which may have holes; nothing for one without a torrent.
    pub(crate) fn pack_file(&self, file: &FileRef) -> Option<PathBuf> {
        let Where::Torrent(hashes) = &file.place else { return None };
        Some(self.pack_root(hashes).join(pack_name(&file.sha256)))
    }

    /// The head torrent whose files, and all segments, are here.
    pub(crate) fn current(&self) -> Option<Sha1Hash> {
        let text = fs::read_to_string(self.path.join("current")).ok()?;
        Digest::try_from(text.trim().to_owned()).ok().map(|digest| Sha1Hash(digest.0))
    }

    pub(crate) fn set_current(&self, hashes: &InfoHashes) -> Result<(), FolderError> {
        let path = self.path.join("current");
        durable::write(&path, hashes.wire().to_string().as_bytes()).map_err(at(&path))
    }

    /// The folder of the current head's files.
    pub(crate) fn current_head(&self) -> Option<PathBuf> {
        Some(self.path.join("heads").join(self.current()?.to_string()).join(HEAD_NAME))
    }

    /// Keeps the files of the current version where they are as long as somebody reads them.
    pub(crate) fn read_current(&self) -> Option<Reader> {
        self.readers.hold(|| Some(self.path.join("heads").join(self.current()?.to_string())))
    }

    /// Whether a version was refused: it is not asked for again before there is a newer one. Another program than the one
    /// that refused it may know better.
    pub(crate) fn has_refused(&self, hashes: &InfoHashes) -> bool {
        let text = fs::read_to_string(self.path.join("refused")).unwrap_or_default();
        text == refusal(hashes) && self.current() != Some(hashes.wire())
    }

    pub(crate) fn set_refused(&self, hashes: &InfoHashes) -> Result<(), FolderError> {
        let path = self.path.join("refused");
        durable::write(&path, refusal(hashes).as_bytes()).map_err(at(&path))
    }

    /// All files of the current head torrent.
    pub(crate) fn head_files(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(self.current_head()?).ok()? {
            let entry = entry.ok()?;
            let bytes = durable::read(&entry.path(), SEGMENT_MAX as u64).ok()??;
            files.insert(entry.file_name().into_string().ok()?, bytes);
        }
        Some(files)
    }

    /// The manifest of the version that is wholly here.
    #[must_use]
    pub fn manifest(&self) -> Option<Manifest> {
        let path = self.current_head()?.join(MANIFEST_FILE);
        let bytes = durable::read(&path, Manifest::SEALED_MAX as u64).ok()??;
        Manifest::open(&bytes).ok().map(|(_, manifest)| manifest)
    }

    /// The manifest of the newest version that was accepted, if it is here, its segments may be or not.
    pub(crate) fn coming_manifest(&self) -> Option<Manifest> {
        let standing = self.standing().ok()?;
        let head = standing.head()?;
        let path = self.head_root(&head.torrent).join(HEAD_NAME).join(MANIFEST_FILE);
        let bytes = durable::read(&path, Manifest::SEALED_MAX as u64).ok()??;
        let is_named = manifest_hash(&bytes) == head.manifest;
        Manifest::open(&bytes).ok().filter(|_| is_named).map(|(_, manifest)| manifest)
    }

    /// Web servers that have a copy of it, as the newest manifest, or document of a site, says that is here.
    #[must_use]
    pub fn mirrors(&self) -> Vec<MirrorUrl> {
        let newest = self.coming_manifest().or_else(|| self.manifest());
        let of_site = || sites::kept(self).ok().flatten().map(|(site, _)| site.mirrors);
        newest.map(|manifest| manifest.mirrors).or_else(of_site).unwrap_or_default()
    }

    /// Removes head torrents other than the current one and segments that it does not name.
    pub(crate) fn sweep(&self) -> Result<(), FolderError> {
        self.sweep_heads()?;
        // A site has none, and no segments.
        let Some(manifest) = self.manifest() else { return Ok(()) };
        let needed: Vec<_> =
            manifest.segments.iter().map(|one| segment_name(&one.file.sha256)).collect();
        remove_others(&self.segments_root(), |name| needed.iter().any(|one| one == name))
    }

    /// The folders of all head torrents of which something is here.
    pub(crate) fn heads(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path.join("heads")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// Removes head torrents other than the current one, those that somebody reads, and the one that comes.
    pub(crate) fn sweep_heads(&self) -> Result<(), FolderError> {
        let Some(current) = self.current() else { return Ok(()) };
        let (heads, current) = (self.path.join("heads"), current.to_string());
        let coming = self.standing().ok().and_then(|standing| Some(standing.head()?.torrent));
        let coming = coming.filter(|torrent| !self.has_refused(torrent));
        let coming = coming.map(|torrent| torrent.wire().to_string());
        self.readers.removing(|is_held| {
            let stays = |name: &str| {
                name == current || coming.as_deref() == Some(name) || is_held(&heads.join(name))
            };
            remove_others(&heads, stays)
        })
    }

    /// Where a file of the current version lies.
    pub(crate) fn place(&self, file: &FileRef) -> Option<PathBuf> {
        Some(self.place_beside(&self.current_head()?, file))
    }

    /// Where a file lies of the version whose head's files are in this folder.
    pub(crate) fn place_beside(&self, head: &Path, file: &FileRef) -> PathBuf {
        match &file.place {
            Where::Head(name) => head.join(&**name),
            Where::Torrent(_) => self.segments_root().join(segment_name(&file.sha256)),
        }
    }
}

impl SegmentStore for Folder {
    fn segment(&self, file: &FileRef) -> Option<Vec<u8>> {
        let bytes = durable::read(&self.place(file)?, SEGMENT_MAX as u64).ok()??;
        file.is(&bytes).then_some(bytes)
    }

    fn parts(&self, file: &FileRef) -> Option<Arc<dyn Parts>> {
        let part = Part::open(&self.place(file)?, file.length).ok()?;
        (part.hash().ok()? == file.sha256).then(|| Arc::new(part) as Arc<dyn Parts>)
    }
}

/// The keys of all folders in one, in order.
fn keys_in(root: &Path) -> Result<Vec<Key>, FolderError> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(root).map_err(at(root))? {
        let name = entry.map_err(at(root))?.file_name();
        keys.extend(name.to_str().and_then(Key::parse));
    }
    keys.sort();
    Ok(keys)
}

/// A version and the program that refused it, as it is written down.
fn refusal(hashes: &InfoHashes) -> String {
    format!("{} {}", hashes.wire(), env!("CARGO_PKG_VERSION"))
}

fn carried(carried: &Carried) -> MutexGuard<'_, BTreeSet<Sha1Hash>> {
    carried.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one that knows more: a power cut may have come between the two.
fn newer(first: Standing, second: Standing) -> Standing {
    let order = |standing: &Standing| {
        let seq = |item: Option<&dht::MutableItem>| item.map(dht::MutableItem::seq);
        (
            standing.rotation().is_some(),
            standing.root().map(|root| root.version),
            seq(standing.head_item()),
            standing.contradiction().is_some(),
        )
    };
    if order(&second) > order(&first) { second } else { first }
}

fn remove_others(folder: &Path, keep: impl Fn(&str) -> bool) -> Result<(), FolderError> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let path = entry.path();
        if entry.file_name().to_str().is_some_and(&keep) {
            continue;
        }
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(at(&path))?;
    }
    Ok(())
}

/// An error of the disk at a path.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError + use<> {
    let path = path.to_owned();
    move |source| FolderError::Disk { path, source }
}

#[cfg(test)]
mod tests {
    use catalogue::channel::{Head, Root, next_root, public};
    use dht::SigningKey;
    use torrent::Sha256Hash;

    use super::*;

    const NOW: u64 = 1_790_000_000_000;

    fn signing(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn standing(version: u64) -> Standing {
        let key = public(&signing(1));
        let mut standing = Standing::new(key);
        let root = Root {
            version: 1,
            document: [0; 32],
            next: next_root(&public(&signing(3))),
            online: vec![public(&signing(2))],
            issued_ms: NOW,
            expires_ms: NOW,
            unlisted: false,
        };
        standing.offer_root(&root.sign(&signing(1), 0).unwrap(), NOW).unwrap();
        let head = Head {
            torrent: InfoHashes::V2(Sha256Hash([1; 32])),
            manifest: [0; 32],
            version,
            root_version: 1,
            issued_ms: NOW + version,
            expires_ms: NOW,
        };
        standing.offer_head(&head.sign(&signing(2), &key, None).unwrap(), NOW).unwrap();
        standing
    }

    fn folder() -> (tempfile::TempDir, Folder) {
        let home = tempfile::tempdir().unwrap();
        let channels = Channels::open(&home.path().join("channels")).unwrap();
        let folder = channels.folder(public(&signing(1)));
        folder.make().unwrap();
        (home, folder)
    }

    #[test]
    fn what_was_kept_is_there_again() {
        let (_home, folder) = folder();
        assert_eq!(folder.standing().unwrap(), Standing::new(*folder.key()));
        folder.keep(&standing(7)).unwrap();
        assert_eq!(folder.standing().unwrap(), standing(7));
    }

    #[test]
    fn one_damaged_copy_does_no_harm_and_two_stop_all_updates() {
        let (_home, folder) = folder();
        folder.keep(&standing(7)).unwrap();
        let [first, second] = folder.standing_paths();
        fs::write(&first, b"torn").unwrap();
        assert_eq!(folder.standing().unwrap(), standing(7));
        fs::write(&second, b"").unwrap();
        assert!(matches!(folder.standing(), Err(FolderError::Damaged { .. })));
    }

    #[test]
    fn lost_files_of_a_followed_channel_are_damage_and_not_a_new_beginning() {
        let (_home, folder) = folder();
        folder.keep(&standing(7)).unwrap();
        folder.set_followed(&Followed::default()).unwrap();
        for path in folder.standing_paths() {
            fs::remove_file(path).unwrap();
        }
        assert!(matches!(folder.standing(), Err(FolderError::Damaged { .. })));
    }

    #[test]
    fn a_power_cut_between_the_copies_loses_nothing_that_was_accepted() {
        for which in [0, 1] {
            let (_home, folder) = folder();
            folder.keep(&standing(7)).unwrap();
            let paths = folder.standing_paths();
            durable::write(&paths[which], &standing(8).to_bytes()).unwrap();
            assert_eq!(folder.standing().unwrap(), standing(8));
        }
    }
}
