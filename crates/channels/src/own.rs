//! A publisher's side of a channel on disk: keys, what it is called, what waits to be published.
//!
//! | file in `own/` | what |
//! |---|---|
//! | `seed` | the secret, locked with a passphrase or open; may be taken off the machine |
//! | `online.key` | the key that signs heads |
//! | `channel.json` | name, contact, counters |
//! | `draft.json` | titles and withdrawals that wait |
//! | `marks` | of a filter, the entries that wait |
//! | `known` | of a filter, what entries are about |
//! | `live-FAMILY` | ids and hashes of all records |
//! | `films.db` | what the films of the version that is here are found by; made anew if it is not there |
//! | `things/` | pictures and subtitles that wait to be published |
//! | `before` | the manifest of the version that was handed over: its packs go on in the first one here |
//! | `taken-back` | the withdrawals of that version, which go on in the first one here |
//! | `titles` | while a channel is handed over: titles on their way to where they wait |
//! | `unclean` | there while a pack that is not whole here may have what was taken back |
//! | `shelves` | the cards of the first screen |
//! | `directory` | the channels that the publisher vouches for |
//! | `pages` | the folder that a site was published from last |
//! | `r` | the root document |

mod doubles;
mod index;
mod inheritance;
mod known;
mod marks;
mod renewing;
mod restoring;
mod spool;
mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
};

use catalogue::{
    Id, Multilingual, Text,
    channel::{
        BadDirectory, Contact, DIRECTORY_MAX, Directory, Domain, Family, Key, Kind, Listed, Live,
        MANIFEST_FILE, MIRRORS_MAX, Manifest, MirrorUrl, PackKind, Publication, ROOT_FILE,
        RecordId, Root, RootDocument, SHELVES_MAX, SegmentStore as _, Shelves, SiteChannel,
        manifest_hash, next_root, public, withdrawal_of,
    },
};
use dht::SigningKey;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use torrent::hash::sha256;

use crate::{
    durable,
    folder::{Channels, Folder, FolderError, at},
    follow::now_ms,
    lock::{LockError, Locked},
    packs::making,
    publisher::Vouching,
    seed::Seed,
};

pub use self::{
    doubles::{FilmAdded, IfThere, ListAdded, ListTitle, There},
    known::Known,
    marks::{OwnEntry, list_of_entries, marks},
    restoring::{Opening, root_of},
    waiting::Added,
};
pub(crate) use self::{
    index::Following,
    renewing::{HEAD_LIFE_MS, keep_fresh},
};

/// How long after a root news of it is expected, milliseconds: a year.
const ROOT_LIFE_MS: u64 = 365 * 24 * 3600 * 1000;
const LIVE_MAX: u64 = 4 << 30;
/// An id and a hash, bytes.
const LIVE_LINE: usize = 48;
const SMALL_MAX: u64 = 1 << 20;
/// The longest text about a channel that is taken over into a list, characters.
const SHORT: usize = 250;
const SEED_FILE: &str = "seed";
const SHELVES_FILE: &str = "shelves";
const DIRECTORY_FILE: &str = "directory";

/// What a new channel is made with.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// What is published in it.
    pub kind: Kind,
    /// What it is called.
    pub name: Multilingual<300>,
    /// What it is about.
    pub about: Multilingual<4000, true>,
    /// Who publishes it.
    pub publisher: Text<200>,
    /// Where rights questions go.
    pub contact: Contact,
}

/// What a channel is, and its counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Described {
    #[serde(default)]
    kind: Kind,
    name: Multilingual<300>,
    #[serde(default)]
    about: Multilingual<4000, true>,
    publisher: Text<200>,
    contact: Vec<String>,
    /// Which root key of the seed it has.
    root_generation: u32,
    /// Which online key of the seed signs heads.
    online_generation: u32,
    /// The domain that is said to vouch for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<Domain>,
    /// Web servers that have a copy of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mirrors: Vec<MirrorUrl>,
    /// The place of the next new title.
    next_rank: u64,
}

/// What a publisher took back for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenBack(BTreeSet<RecordId>);

impl TakenBack {
    /// What is said of a title that is added all the same.
    pub const WHY: &str = "it was taken back, for ever; give a new title an id of its own";

    /// Whether a title was.
    #[must_use]
    pub fn has(&self, title: &Id) -> bool {
        self.0.contains(&withdrawal_of(title))
    }
}

/// An own channel.
#[derive(Debug)]
pub struct Own {
    folder: Folder,
    described: Described,
}

/// Why an own channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// The disk refuses.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The key cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The publisher's side is here.
    #[error("this machine has the keys of this channel already")]
    AlreadyHere,
    /// The words are not those of this channel.
    #[error("these are the words of another channel")]
    OtherWords,
    /// There is no version to go on from.
    #[error("no version of it is here, and nobody in the network gave one")]
    NothingHere,
    /// Its root key was replaced before.
    #[error("this channel was handed over to another key; publish in that one")]
    HandedOver,
    /// A picture or subtitle that no pack can have.
    #[error("a picture or subtitle of a channel has at most 2 MiB, and is not empty")]
    ThingSize,
    /// A picture or subtitle was removed from the disk while packs were made.
    #[error("a picture or subtitle that was to be published is gone; add its title again")]
    ThingGone,
    /// It is not ours.
    #[error("this machine does not have its keys")]
    NotOurs,
    /// The secret was taken off this machine.
    #[error("its secret was taken off this machine; give its 24 words")]
    SecretAway,
    /// A file of it is damaged.
    #[error("{path} is damaged; bring it back from a backup", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// It has as many mirrors as a channel may have.
    #[error("a channel has at most {MIRRORS_MAX} mirrors")]
    Mirrors,
    /// A channel has no place on its own list.
    #[error("a channel cannot vouch for itself")]
    Itself,
    /// Nothing of a channel is here, and nobody said what it is called.
    #[error("nothing of that channel is here yet; say what it is called, or follow it first")]
    Nameless,
    /// It has no place on the list.
    #[error(transparent)]
    Directory(#[from] BadDirectory),
    /// Titles for a filter, or entries for a catalogue.
    #[error("a filter has entries and no titles, and a catalogue has titles and no entries")]
    OtherKind,
    /// There is no such title in it.
    #[error("the channel has no such title")]
    NoSuchTitle,
    /// A film in the place of a series.
    #[error("a film cannot take the place of a series; import the series again")]
    IsSeries,
    /// The system gives no random numbers.
    #[error("the operating system gives no random numbers; restart the machine")]
    NoRandomness,
}

impl Own {
    /// Makes a channel: keys, root, folder. Nobody knows of it until it is published. Returns it with its seed, whose
    /// words belong on paper.
    ///
    /// # Errors
    /// No random numbers, or the disk refuses.
    pub fn create(
        channels: &Channels,
        new: NewChannel,
        passphrase: Option<&str>,
    ) -> Result<(Self, Seed), OwnError> {
        let seed = Seed::random().map_err(|_| OwnError::NoRandomness)?;
        let folder = channels.folder(public(&seed.root(0)));
        folder.make()?;
        let described = Described {
            kind: new.kind,
            name: new.name,
            about: new.about,
            publisher: new.publisher,
            contact: vec![(*new.contact).to_owned()],
            root_generation: 0,
            online_generation: 0,
            domain: None,
            mirrors: vec![],
            next_rank: 1,
        };
        let own = Self { folder, described };
        let path = own.folder.own();
        durable::create_folder(&path).map_err(at(&path))?;
        own.write(SEED_FILE, Locked::new(&seed, passphrase)?.bytes())?;
        own.write("online.key", &seed.online(0).to_bytes())?;
        own.sign_root(&seed, 1)?;
        own.save()?;
        Ok((own, seed))
    }

    /// An own channel that is on disk.
    ///
    /// # Errors
    /// It is not ours, or damaged.
    pub fn open(folder: Folder) -> Result<Self, OwnError> {
        if !folder.is_own() {
            return Err(OwnError::NotOurs);
        }
        let path = folder.own().join("channel.json");
        let bytes = durable::read(&path, SMALL_MAX).map_err(at(&path))?.unwrap_or_default();
        let described = serde_json::from_slice(&bytes).map_err(|_| OwnError::Damaged { path })?;
        Ok(Self { folder, described })
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Its name, in its first language.
    #[must_use]
    pub fn name(&self) -> &str {
        self.described.name.pick(&[] as &[&str]).unwrap_or_default()
    }

    /// Its name in all languages.
    pub(crate) fn names(&self) -> &Multilingual<300> {
        &self.described.name
    }

    pub(crate) fn about(&self) -> &Multilingual<4000, true> {
        &self.described.about
    }

    pub(crate) fn publisher(&self) -> &Text<200> {
        &self.described.publisher
    }

    pub(crate) fn contacts(&self) -> &[String] {
        &self.described.contact
    }

    /// Replaces the online key, because it may be stolen: a new root names another one. Needs the seed.
    ///
    /// # Errors
    /// The seed is opened by something else or not here, or the disk refuses.
    pub fn replace_online_key(&mut self, opening: &Opening) -> Result<(), OwnError> {
        let seed = self.seed(opening)?;
        let version = self.folder.standing()?.root().map_or(0, |root| root.version) + 1;
        self.described.online_generation += 1;
        let online = seed.online(self.described.online_generation);
        self.sign_root(&seed, version)?;
        self.write("online.key", &online.to_bytes())?;
        self.save()
    }

    /// Signs a root with the online key that is in force, and takes it as a follower would.
    fn sign_root(&self, seed: &Seed, version: u64) -> Result<(), OwnError> {
        let described = &self.described;
        let key = seed.root(described.root_generation);
        let online = vec![public(&seed.online(described.online_generation))];
        let next = next_root(&public(&seed.root(described.root_generation + 1)));
        let issued_ms = now_ms();
        let document = RootDocument {
            version,
            issued_ms,
            name: described.name.clone(),
            contact: self.contact(),
            online: online.clone(),
            next,
        };
        let document = document.seal(&key);
        let root = Root {
            version,
            document: sha256(&document).0,
            next,
            online,
            issued_ms,
            expires_ms: issued_ms + ROOT_LIFE_MS,
            unlisted: false,
        };
        let mut standing = self.folder.standing()?;
        let damaged = || OwnError::Damaged { path: self.folder.own().join("channel.json") };
        let item = root.sign(&key, standing.slot()).map_err(|_| damaged())?;
        standing.offer_root(&item, issued_ms).map_err(|_| damaged())?;
        self.write(ROOT_FILE, &document)?;
        Ok(self.folder.keep(&standing)?)
    }

    pub(crate) fn contact(&self) -> Vec<Contact> {
        let contacts = self.described.contact.iter().cloned();
        contacts.filter_map(|contact| contact.try_into().ok()).collect()
    }

    /// The key that signs heads.
    pub(crate) fn online_key(&self) -> Result<SigningKey, OwnError> {
        let path = self.folder.own().join("online.key");
        let bytes = durable::read(&path, 32).map_err(at(&path))?.unwrap_or_default();
        let bytes: Result<[u8; 32], _> = bytes.try_into();
        bytes.map(|bytes| SigningKey::from_bytes(&bytes)).map_err(|_| OwnError::Damaged { path })
    }

    /// The word that a site of the same publisher may show this channel's titles to its scripts.
    ///
    /// # Errors
    /// The key that signs for the channel is not here.
    pub fn word_for(&self, site: &Key) -> Result<SiteChannel, OwnError> {
        Ok(SiteChannel::sign(*self.folder.key(), &self.online_key()?, site))
    }

    /// The root document as followers get it.
    pub(crate) fn root_document(&self) -> Result<Vec<u8>, OwnError> {
        let path = self.folder.own().join(ROOT_FILE);
        let bytes = durable::read(&path, SMALL_MAX).map_err(at(&path))?;
        bytes.ok_or(OwnError::Damaged { path })
    }

    /// Keeps a picture or subtitle until a version is published whose titles name it by its hash, which is returned.
    /// It is given to others as it is here: pictures are made anew before.
    ///
    /// # Errors
    /// It is empty or too large, or the disk refuses.
    pub fn keep_thing(&self, kind: PackKind, bytes: &[u8]) -> Result<[u8; 32], OwnError> {
        making::keep(&self.folder, kind, bytes)
    }

    /// What was taken back and stays so, whether followers heard of it or it waits to be published.
    ///
    /// # Errors
    /// The disk refuses, or a file is damaged.
    pub fn taken_back(&self) -> Result<TakenBack, OwnError> {
        let waiting = self.read_waiting(|_: IgnoredAny| Ok::<_, OwnError>(()))?;
        let whole = waiting.iter().filter(|one| one.infohash.is_none());
        let waiting = whole.map(|one| withdrawal_of(&one.id));
        let published = self.live(Family::Withdrawals)?.into_iter().map(|(id, _)| id);
        let inherited = self.inherited_withdrawals()?.into_iter().map(|(id, _)| id);
        Ok(TakenBack(waiting.chain(published).chain(inherited).collect()))
    }

    /// Removes pictures and subtitles that no waiting title names: those with these hashes, or all of them.
    pub(crate) fn let_go(&self, hashes: Option<&BTreeSet<[u8; 32]>>) -> Result<(), OwnError> {
        let mut waiting = making::waiting(&self.folder)?;
        if hashes.is_none() {
            making::clear_unfinished(&self.folder);
        }
        waiting.retain(|(_, hash)| hashes.is_none_or(|hashes| hashes.contains(hash)));
        if waiting.is_empty() {
            return Ok(());
        }
        self.waiting(|title| {
            for named in making::shown(&title) {
                waiting.remove(&named);
            }
            Ok::<_, OwnError>(())
        })?;
        making::clear_waiting(&self.folder, &waiting);
        Ok(())
    }

    /// The place of the next new title, and one more from now on.
    pub(crate) fn take_rank(&mut self) -> u64 {
        let rank = self.described.next_rank;
        self.described.next_rank += 1;
        rank
    }

    /// What was published last, with the name and contact that hold now.
    pub(crate) fn publication(&self) -> Result<Publication, OwnError> {
        let path = || self.folder.own().join("channel.json");
        let metadata_licence = "CC0-1.0".to_owned().try_into();
        let metadata_licence = metadata_licence.map_err(|_| OwnError::Damaged { path: path() })?;
        let blank = Manifest {
            kind: self.described.kind,
            version: 0,
            issued_ms: 0,
            expires_ms: 0,
            previous: [0; 32],
            name: self.described.name.clone(),
            about: self.described.about.clone(),
            publisher: self.described.publisher.clone(),
            contact: self.contact(),
            metadata_licence,
            tallies: vec![],
            segments: vec![],
            shelves: None,
            directory: None,
            domain: self.described.domain.clone(),
            packs: vec![],
            mirrors: self.described.mirrors.clone(),
        };
        let Some((manifest, hash)) = self.folder.sealed_manifest() else {
            let packs = self.manifest_before()?.map(|before| before.packs).unwrap_or_default();
            let directory = self.directory()?;
            return Ok(Publication { directory, ..Publication::new(Manifest { packs, ..blank }) });
        };
        let families = manifest.kind.families().iter();
        let live = families.map(|family| Ok((*family, self.live(*family)?)));
        let live: Result<BTreeMap<_, _>, OwnError> = live.collect();
        let Manifest { version, issued_ms, expires_ms, previous, .. } = manifest;
        let (tallies, segments, shelves) = (manifest.tallies, manifest.segments, manifest.shelves);
        let listed = manifest.directory;
        let packs = manifest.packs;
        let manifest = Manifest {
            version,
            issued_ms,
            expires_ms,
            previous,
            tallies,
            segments,
            shelves,
            directory: listed,
            packs,
            ..blank
        };
        let shelves = self.shelves(&manifest)?;
        let directory = self.directory()?;
        Ok(Publication { manifest, manifest_hash: hash, live: live?, shelves, directory })
    }

    /// The first screen as it was after the last version; that which followers have, if it is lost.
    fn shelves(&self, manifest: &Manifest) -> Result<Shelves, OwnError> {
        let path = self.folder.own().join(SHELVES_FILE);
        let kept = durable::read(&path, SHELVES_MAX).map_err(at(&path))?;
        let published = || manifest.shelves.as_ref().and_then(|file| self.folder.segment(file));
        let bytes = kept.or_else(published);
        Ok(bytes.and_then(|bytes| Shelves::read(&bytes).ok()).unwrap_or_default())
    }

    /// The channels that the publisher vouches for, from the next version on.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn directory(&self) -> Result<Directory, OwnError> {
        let path = self.folder.own().join(DIRECTORY_FILE);
        let Some(bytes) = durable::read(&path, DIRECTORY_MAX).map_err(at(&path))? else {
            return Ok(Directory::default());
        };
        Directory::read(&bytes).map_err(|_| OwnError::Damaged { path })
    }

    /// Vouches for these channels from the next version on.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn set_directory(&self, directory: &Directory) -> Result<(), OwnError> {
        self.write(DIRECTORY_FILE, &directory.to_bytes())
    }

    /// Vouches for a channel from the next version on; `met` is what is here of it. Returns for how many then.
    ///
    /// # Errors
    /// There is no room, it has no name that is known here, or the disk refuses.
    pub fn vouch(&self, vouching: Vouching, met: &Folder) -> Result<usize, OwnError> {
        let known = met.manifest();
        let name = vouching.name.or_else(|| known.as_ref().map(|known| known.name.clone()));
        let about = vouching.about.or_else(|| known.as_ref().map(|known| shortened(&known.about)));
        let listed = Listed {
            key: vouching.key,
            name: name.filter(|name| name.iter().next().is_some()).ok_or(OwnError::Nameless)?,
            about: about.unwrap_or_default(),
            languages: vouching.languages,
        };
        if listed.key == *self.folder.key() {
            return Err(OwnError::Itself);
        }
        let mut directory = self.directory()?;
        directory.put(listed)?;
        self.set_directory(&directory)?;
        Ok(directory.channels().len())
    }

    /// Vouches for a channel no longer, from the next version on. Says whether that was done before.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn vouch_no_more(&self, key: &Key) -> Result<bool, OwnError> {
        let mut directory = self.directory()?;
        let was_listed = directory.remove(key);
        self.set_directory(&directory)?;
        Ok(was_listed)
    }

    /// The domain that is said to vouch for it.
    #[must_use]
    pub fn domain(&self) -> Option<&Domain> {
        self.described.domain.as_ref()
    }

    /// Claims a domain from the next version on, or none.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn set_domain(&mut self, domain: Option<Domain>) -> Result<(), OwnError> {
        self.described.domain = domain;
        self.save()
    }

    /// Web servers that have a copy of it, from the next version on.
    #[must_use]
    pub fn mirrors(&self) -> &[MirrorUrl] {
        &self.described.mirrors
    }

    /// Names a web server that has a copy of the channel, from the next version on.
    ///
    /// # Errors
    /// There are as many as there may be, or the disk refuses.
    pub fn add_mirror(&mut self, mirror: MirrorUrl) -> Result<(), OwnError> {
        let mirrors = &mut self.described.mirrors;
        if mirrors.contains(&mirror) {
            return Ok(());
        }
        if mirrors.len() >= MIRRORS_MAX {
            return Err(OwnError::Mirrors);
        }
        mirrors.push(mirror);
        self.save()
    }

    /// Names it no longer, from the next version on. Says whether it did before.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove_mirror(&mut self, mirror: &MirrorUrl) -> Result<bool, OwnError> {
        let before = self.described.mirrors.len();
        self.described.mirrors.retain(|one| one != mirror);
        self.save()?;
        Ok(self.described.mirrors.len() < before)
    }

    fn live(&self, family: Family) -> Result<Vec<Live>, OwnError> {
        let path = self.live_path(family);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            file => file.map_err(at(&path))?,
        };
        let length = file.metadata().map_err(at(&path))?.len();
        if length > LIVE_MAX || length % LIVE_LINE as u64 != 0 {
            return Err(OwnError::Damaged { path });
        }
        let lines = usize::try_from(length).unwrap_or(usize::MAX) / LIVE_LINE;
        let mut live = Vec::with_capacity(lines);
        let mut file = BufReader::new(file);
        for _ in 0..lines {
            let mut line = [0; LIVE_LINE];
            file.read_exact(&mut line).map_err(at(&path))?;
            let id = RecordId(std::array::from_fn(|at| line[at]));
            live.push((id, std::array::from_fn(|at| line[16 + at])));
        }
        Ok(live)
    }

    fn live_path(&self, family: Family) -> PathBuf {
        self.folder.own().join(format!("live-{}", family.number()))
    }

    pub(crate) fn set_live(&self, publication: &Publication) -> Result<(), OwnError> {
        for (family, live) in &publication.live {
            let path = self.live_path(*family);
            let write = || {
                let mut file = durable::Unfinished::begin(&path)?;
                for (id, hash) in live {
                    file.write_all(&id.0)?;
                    file.write_all(hash)?;
                }
                file.finish()
            };
            write().map_err(at(&path))?;
        }
        self.write(SHELVES_FILE, &publication.shelves.to_bytes())
    }

    pub(crate) fn save(&self) -> Result<(), OwnError> {
        self.write_json("channel.json", &self.described)
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), OwnError> {
        let path = self.folder.own().join(name);
        let json = serde_json::to_vec_pretty(value);
        self.write(name, &json.map_err(|_| OwnError::Damaged { path })?)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OwnError> {
        let path = self.folder.own().join(name);
        Ok(durable::write(&path, bytes).map_err(at(&path))?)
    }
}

/// A text cut to the length that a list has room for.
fn shortened(about: &Multilingual<4000, true>) -> Multilingual<1000, true> {
    let short = about.iter().filter_map(|(language, text)| {
        let text: String = text.chars().take(SHORT).collect();
        Some((language.clone(), Text::try_from(text).ok()?))
    });
    Multilingual::try_from(short.collect::<BTreeMap<_, _>>()).unwrap_or_default()
}

impl Folder {
    /// The manifest of the version that is here, with its hash.
    fn sealed_manifest(&self) -> Option<(Manifest, [u8; 32])> {
        let bytes = self.manifest_bytes()?;
        Some((Manifest::open(&bytes).ok()?.1, manifest_hash(&bytes)))
    }

    /// The signed manifest of the version that is here.
    fn manifest_bytes(&self) -> Option<Vec<u8>> {
        let path: &Path = &self.current_head()?.join(MANIFEST_FILE);
        durable::read(path, Manifest::SEALED_MAX as u64).ok()?
    }
}
