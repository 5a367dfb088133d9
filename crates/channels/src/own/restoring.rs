//! What the 24 words are for: a publisher's side is made again from them and what the network has of the channel, its
//! secret gets another lock, and the channel is handed over to the next root key.

use std::{collections::BTreeMap, fs};

use catalogue::{
    Multilingual,
    channel::{
        Directory, Family, Key, Kind, Live, Manifest, Publication, ROOT_FILE, Rotation,
        SegmentStore as _, Shelves, Site, Supplied, family_state, public,
    },
};

use super::{Described, Own, OwnError, SEED_FILE, SMALL_MAX};
use crate::{
    durable,
    folder::{Channels, Folder, at},
    follow::now_ms,
    lock::Locked,
    seed::Seed,
};

/// Generations of keys that are looked through: nobody replaces keys more often.
const GENERATIONS: u32 = 1000;

impl Seed {
    /// The generation of this root key; none if the key is not of this seed.
    #[must_use]
    pub fn generation_of(&self, root: &Key) -> Option<u32> {
        (0..GENERATIONS).find(|generation| public(&self.root(*generation)) == *root)
    }
}

/// The first root key of a seed: the address that its channel had from the beginning.
#[must_use]
pub fn root_of(seed: &Seed) -> Key {
    public(&seed.root(0))
}

/// What opens the secret of a channel or site.
#[derive(Clone)]
pub enum Opening {
    /// Its passphrase, if it is locked.
    Passphrase(Option<String>),
    /// The words on paper: the secret itself, wherever its file is.
    Words(Seed),
}

impl Opening {
    /// Nothing is needed: the secret lies open.
    pub const NOTHING: Self = Self::Passphrase(None);
}

impl Own {
    /// Makes the publisher's side of a channel again, whose newest version is on this disk because it was followed.
    /// The secret is locked with the passphrase, if there is one.
    ///
    /// # Errors
    /// The words are those of another channel, no version is here, or the publisher's side is here already.
    pub fn restore(
        channels: &Channels,
        key: Key,
        seed: &Seed,
        passphrase: Option<&str>,
    ) -> Result<Self, OwnError> {
        let folder = channels.folder(key);
        let root_generation = root_generation(&folder, seed)?;
        let (manifest, hash) = folder.sealed_manifest().ok_or(OwnError::NothingHere)?;
        let online_generation = online_generation(&folder, seed)?;
        let live = live(&folder, &manifest)?;
        let shelves = manifest.shelves.as_ref().and_then(|file| folder.segment(file));
        let shelves = shelves.and_then(|bytes| Shelves::read(&bytes).ok()).unwrap_or_default();
        let directory = manifest.directory.as_ref().and_then(|file| folder.segment(file));
        let directory =
            directory.and_then(|bytes| Directory::read(&bytes).ok()).unwrap_or_default();
        let publication = Publication { manifest, manifest_hash: hash, live, shelves, directory };
        let described = Described {
            kind: publication.manifest.kind,
            name: publication.manifest.name.clone(),
            about: publication.manifest.about.clone(),
            publisher: publication.manifest.publisher.clone(),
            contact: publication.manifest.contact.iter().map(|one| (**one).to_owned()).collect(),
            root_generation,
            online_generation,
            domain: publication.manifest.domain.clone(),
            mirrors: publication.manifest.mirrors.clone(),
            next_rank: next_rank(&folder, &publication)?,
        };
        let own = Self { folder, described };
        own.write_keys(seed, passphrase)?;
        own.set_live(&publication)?;
        own.set_directory(&publication.directory)?;
        // By this file an own channel is known: it is the last one.
        own.save()?;
        Ok(own)
    }

    /// The same for a site whose newest version is on this disk because it was visited.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    pub(crate) fn restore_site(
        folder: Folder,
        site: Site,
        seed: &Seed,
        passphrase: Option<&str>,
    ) -> Result<Self, OwnError> {
        let described = Described {
            kind: Kind::Site,
            name: site.name,
            about: Multilingual::default(),
            publisher: site.publisher,
            contact: site.contact.iter().map(|one| (**one).to_owned()).collect(),
            root_generation: root_generation(&folder, seed)?,
            online_generation: online_generation(&folder, seed)?,
            domain: None,
            mirrors: site.mirrors,
            next_rank: 1,
        };
        let own = Self { folder, described };
        own.write_keys(seed, passphrase)?;
        own.save()?;
        Ok(own)
    }

    fn write_keys(&self, seed: &Seed, passphrase: Option<&str>) -> Result<(), OwnError> {
        let path = self.folder.own();
        durable::create_folder(&path).map_err(at(&path))?;
        let head = self.folder.current_head().ok_or(OwnError::NothingHere)?;
        let root = durable::read(&head.join(ROOT_FILE), SMALL_MAX).map_err(at(&head))?;
        self.write(ROOT_FILE, &root.ok_or(OwnError::NothingHere)?)?;
        self.write(SEED_FILE, Locked::new(seed, passphrase)?.bytes())?;
        self.write("online.key", &seed.online(self.described.online_generation).to_bytes())
    }

    /// The secret as it lies here; nothing if it was taken off this machine.
    fn locked_seed(&self) -> Result<Option<Locked>, OwnError> {
        let path = self.folder.own().join(SEED_FILE);
        let bytes = durable::read(&path, SMALL_MAX).map_err(at(&path))?;
        Ok(bytes.map(Locked::from_bytes))
    }

    /// Whether its secret is on this machine, and whether it needs a passphrase.
    pub(crate) fn secret_here(&self) -> Result<(bool, bool), OwnError> {
        let seed = self.locked_seed()?;
        Ok((seed.is_some(), seed.is_some_and(|seed| seed.is_locked())))
    }

    /// The secret.
    pub(super) fn seed(&self, opening: &Opening) -> Result<Seed, OwnError> {
        match opening {
            Opening::Passphrase(passphrase) => {
                let locked = self.locked_seed()?.ok_or(OwnError::SecretAway)?;
                Ok(locked.open(passphrase.as_deref())?)
            }
            Opening::Words(seed) => self.proved(seed).map(|()| seed.clone()),
        }
    }

    /// Whether words are those of this channel or site.
    fn proved(&self, seed: &Seed) -> Result<(), OwnError> {
        let root = public(&seed.root(self.described.root_generation));
        if root == *self.folder.key() { Ok(()) } else { Err(OwnError::OtherWords) }
    }

    /// Locks the secret with another passphrase; without one it lies open. Words put one back that was taken off.
    ///
    /// # Errors
    /// It is opened by something else, or the disk refuses.
    pub fn lock(&self, opening: &Opening, new: Option<&str>) -> Result<(), OwnError> {
        let seed = self.seed(opening)?;
        self.write(SEED_FILE, Locked::new(&seed, new)?.bytes())
    }

    /// Takes the secret off this machine, once its words were proved to be on paper. The key that signs versions stays,
    /// so that publishing goes on; whatever else is done with the keys asks for the words.
    ///
    /// # Errors
    /// The words are those of another channel, the secret is not here, or the disk refuses.
    pub fn remove_secret(&self, words: &Seed) -> Result<(), OwnError> {
        self.proved(words)?;
        let here = self.locked_seed()?.ok_or(OwnError::SecretAway)?;
        let path = self.folder.own().join(SEED_FILE);
        // A file that is only unlinked may be found again; what a disk keeps of this one is for the disk to know.
        let zeros = vec![0; here.bytes().len()];
        fs::write(&path, zeros).and_then(|()| fs::remove_file(&path)).map_err(at(&path))?;
        Ok(())
    }

    /// Hands the channel over to the next root key, because the old one may be stolen: followers were promised that key
    /// before anybody could have stolen it. All titles wait in the channel of the new key to be published there.
    ///
    /// # Errors
    /// It is opened by something else, it was handed over before, or the disk refuses.
    pub fn hand_over(&self, channels: &Channels, opening: &Opening) -> Result<Self, OwnError> {
        let seed = self.seed(opening)?;
        let mut standing = self.folder.standing()?;
        if standing.rotation().is_some() {
            return Err(OwnError::HandedOver);
        }
        let next = self.successor(channels, &seed)?;
        let (old, generation) = (self.described.root_generation, next.described.root_generation);
        let root_version = standing.root().map_or(0, |root| root.version);
        let rotation =
            Rotation::sign(&seed.root(old), &seed.root(generation), root_version, now_ms());
        let damaged = || OwnError::Damaged { path: self.folder.own().join("channel.json") };
        standing.offer_rotation(&rotation).map_err(|_| damaged())?;
        self.folder.keep(&standing)?;
        self.folder.tell_it_is_here();
        Ok(next)
    }

    /// The channel of the next root key, with everything that is published now waiting in it.
    fn successor(&self, channels: &Channels, seed: &Seed) -> Result<Self, OwnError> {
        let root_generation = self.described.root_generation + 1;
        let folder = channels.folder(public(&seed.root(root_generation)));
        folder.make()?;
        let online_generation = self.described.online_generation + 1;
        let described = Described {
            root_generation,
            online_generation,
            next_rank: 1,
            ..self.described.clone()
        };
        let next = Self { folder, described };
        let path = next.folder.own();
        durable::create_folder(&path).map_err(at(&path))?;
        // The same secret behind the same lock; one that was taken off stays away.
        if let Some(locked) = self.locked_seed()? {
            next.write(SEED_FILE, locked.bytes())?;
        }
        next.write("online.key", &seed.online(online_generation).to_bytes())?;
        next.sign_root(seed, 1)?;
        self.bequeath(&next)?;
        next.save()?;
        Ok(next)
    }
}

/// Which of the seed's keys the channel or site has, if its publisher's side may be made here.
fn root_generation(folder: &Folder, seed: &Seed) -> Result<u32, OwnError> {
    if folder.is_own() {
        return Err(OwnError::AlreadyHere);
    }
    seed.generation_of(folder.key()).ok_or(OwnError::OtherWords)
}

/// Which of the seed's keys the root names for signing versions.
fn online_generation(folder: &Folder, seed: &Seed) -> Result<u32, OwnError> {
    let standing = folder.standing()?;
    let online = standing.root().map(|root| root.online.clone()).unwrap_or_default();
    let found = (0..GENERATIONS).find(|one| online.contains(&public(&seed.online(*one))));
    found.ok_or(OwnError::OtherWords)
}

/// Ids and hashes of all records, out of the segments.
fn live(folder: &Folder, manifest: &Manifest) -> Result<BTreeMap<Family, Vec<Live>>, OwnError> {
    let files: Option<Vec<_>> =
        manifest.segments.iter().map(|one| folder.segment(&one.file)).collect();
    let files = files.ok_or(OwnError::NothingHere)?;
    let supplied = manifest.segments.iter().zip(&files);
    let supplied: Vec<_> =
        supplied.map(|(described, bytes)| Supplied { described, bytes }).collect();
    let state = |family| family_state(family, manifest, &supplied, |_, _| {});
    (manifest.kind.families().iter())
        .map(|family| Ok((*family, state(*family).map_err(|_| OwnError::NothingHere)?)))
        .collect()
}

/// The place after all that are taken.
fn next_rank(folder: &Folder, publication: &Publication) -> Result<u64, OwnError> {
    let titles = publication.live.get(&Family::Titles).map_or(&[][..], |live| live);
    let ids: Vec<_> = titles.iter().map(|(id, _)| *id).collect();
    let ranks = publication.ranks(&ids, folder).map_err(|_| OwnError::NothingHere)?;
    Ok(ranks.values().max().map_or(1, |last| last + 1))
}
