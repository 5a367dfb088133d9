//! The publisher's side: changes become one delta, deltas are folded, a manifest names it all.
//!
//! What is written costs as much as the change, not as the channel; folding spreads the rest over many publishes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ed25519_dalek::SigningKey;
use torrent::{
    Metainfo,
    create::{Builder, CannotCreate, Version, piece_len_for},
    hash::sha256,
};

use super::{
    Key,
    assembly::{BadChannel, Supplied, opened},
    commitment::{Live, commitment},
    directory::Directory,
    manifest::{
        FileName, FileRef, MARKS_MAX, Manifest, RECORDS_MAX, SegmentRef, Tally, WITHDRAWALS_MAX,
        Where, manifest_hash,
    },
    mark::{Mark, Verdict},
    merge::merge,
    record::{Core, RecordId},
    records::Record,
    segment::{Entry, Family, Parts, Segment, SegmentWriter},
    shelves::{SHELVES_MAX, Shelves},
    withdrawal,
};
use crate::withdrawal::Withdrawal;

/// So many segments of one level become one of the next.
const FOLD: usize = 16;
/// Segments of this level are not folded any more.
const LEVEL_MAX: u8 = 4;
/// A level's segments have some sixteen times the records of the level below: the first level up to this many.
const LEVEL_RECORDS: u64 = 1024;
/// A larger segment gets a torrent of its own, which keeps its name while heads come and go. Bytes.
const HEAD_FILE_MAX: usize = 1 << 20;
/// A segment ends with the record that brings it to this size, bytes.
const SEGMENT_TARGET: usize = 32 << 20;
/// The name of the manifest in the head torrent.
pub const MANIFEST_FILE: &str = "m";
/// The name of the root document in the head torrent.
pub const ROOT_FILE: &str = "r";
/// The name of the list of channels in the head torrent, after the version that brought it.
const DIRECTORY_FILE: &str = "channels";
/// The name of every head torrent.
pub const HEAD_NAME: &str = "kinora-channel";

/// Changes of some records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<Family, BTreeMap<RecordId, Option<Vec<u8>>>>);

/// The segments that a publisher has on disk.
pub trait SegmentStore {
    /// The bytes of a file, if they are there.
    fn segment(&self, file: &FileRef) -> Option<Vec<u8>>;

    /// The same, to be read in parts where that can be: several large files are read at one time.
    fn parts(&self, file: &FileRef) -> Option<Arc<dyn Parts>> {
        self.segment(file).map(|bytes| Arc::new(bytes) as Arc<dyn Parts>)
    }
}

/// What a publisher holds between two publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// What was published last; version 0 before the first time.
    pub manifest: Manifest,
    /// The hash of the manifest's file; zeros before the first time.
    pub manifest_hash: [u8; 32],
    /// Every record that is there, sorted by id.
    pub live: BTreeMap<Family, Vec<Live>>,
    /// The first screen as it is now; what followers have of it may be somewhat older.
    pub shelves: Shelves,
    /// The channels that the publisher vouches for.
    pub directory: Directory,
}

/// A publish: what is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// What comes after this.
    pub publication: Publication,
    /// The manifest's file, [`MANIFEST_FILE`].
    pub sealed: Vec<u8>,
    /// Files that were not there before.
    pub written: Vec<(FileRef, Vec<u8>)>,
    /// Files that are not needed any more.
    pub dropped: Vec<FileRef>,
}

/// Why nothing was published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotPublish {
    /// A segment that must be folded is not on disk any more.
    #[error(
        "a segment of the channel is missing on disk; restore it from a backup or from a follower"
    )]
    Missing,
    /// A segment on disk is damaged.
    #[error("a segment of the channel is damaged on disk: {0}")]
    Damaged(#[from] BadChannel),
    /// A torrent cannot be made.
    #[error("the torrent of a segment cannot be made: {0}")]
    Torrent(#[from] CannotCreate),
    /// A name that a file cannot have.
    #[error("a segment cannot be named")]
    Name,
    /// Followers would refuse it.
    #[error(
        "a channel has at most {RECORDS_MAX} titles and episodes and {WITHDRAWALS_MAX} withdrawals, a filter {MARKS_MAX} marks; publish the rest in another one"
    )]
    TooMany,
}

impl Changes {
    /// Adds records, or puts them in the place of older ones with their ids.
    pub fn put(&mut self, records: impl IntoIterator<Item = Record>) {
        for Record { id, core, detail } in records {
            self.set(Family::Titles, id, Some(core));
            self.set(Family::Details, id, Some(detail));
        }
    }

    /// Takes records out: a correction, nothing that others must obey.
    pub fn remove(&mut self, id: RecordId) {
        self.set(Family::Titles, id, None);
        self.set(Family::Details, id, None);
    }

    /// Takes a title back for ever: its record goes, the withdrawal stays.
    pub fn withdraw(&mut self, withdrawal: &Withdrawal, at_ms: u64) {
        if withdrawal.infohash.is_none() {
            self.remove(RecordId::of(&withdrawal.id));
        }
        let id = withdrawal::withdrawal_id(withdrawal);
        self.set(Family::Withdrawals, id, Some(withdrawal::to_bytes(withdrawal, at_ms)));
    }

    /// A withdrawal of the channel before, which was handed over: its record stays the same.
    pub fn go_on_withdrawing(&mut self, id: RecordId, record: Vec<u8>) {
        self.set(Family::Withdrawals, id, Some(record));
    }

    fn set(&mut self, family: Family, id: RecordId, record: Option<Vec<u8>>) {
        self.0.entry(family).or_default().insert(id, record);
    }

    /// What changes in a family.
    pub(super) fn of(&self, family: Family) -> impl Iterator<Item = (&RecordId, &Option<Vec<u8>>)> {
        self.0.get(&family).into_iter().flatten()
    }

    /// What becomes of a record, if it changes: nothing is left of one that goes.
    pub(super) fn get(&self, family: Family, id: &RecordId) -> Option<&Option<Vec<u8>>> {
        self.0.get(&family)?.get(id)
    }

    /// Marks something, or takes a mark away.
    pub fn mark(&mut self, mark: Mark, verdict: Option<Verdict>) {
        self.set(Family::Marks, RecordId(mark.0), verdict.map(Verdict::to_bytes));
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }
}

impl Publication {
    /// The state before anything was published, with the name and contact that the manifest has.
    #[must_use]
    pub fn new(manifest: Manifest) -> Self {
        let live = manifest.kind.families().iter().map(|family| (*family, vec![])).collect();
        Self {
            manifest,
            manifest_hash: [0; 32],
            live,
            shelves: Shelves::default(),
            directory: Directory::default(),
        }
    }

    /// The places in the publisher's order of those titles that are there. Each segment is read once.
    ///
    /// # Errors
    /// A segment is missing or damaged on disk.
    pub fn ranks(
        &self,
        ids: &[RecordId],
        store: &impl SegmentStore,
    ) -> Result<BTreeMap<RecordId, u64>, CannotPublish> {
        let rank =
            |(id, entry): (RecordId, Entry)| Some((id, Core::read(&entry.record?, id).ok()?.rank));
        Ok(self.newest(ids, store)?.into_iter().filter_map(rank).collect())
    }

    /// Whether a title or episode of this id is there.
    #[must_use]
    pub fn is_there(&self, id: &RecordId) -> bool {
        let live = self.live.get(&Family::Titles).map_or(&[][..], |live| live);
        live.binary_search_by_key(id, |(id, _)| *id).is_ok()
    }

    /// The newest record of each of these that are there.
    fn newest(
        &self,
        ids: &[RecordId],
        store: &impl SegmentStore,
    ) -> Result<BTreeMap<RecordId, Entry>, CannotPublish> {
        let known: Vec<_> = ids.iter().filter(|id| self.is_there(id)).collect();
        let mut newest: BTreeMap<RecordId, Entry> = BTreeMap::new();
        let titles = self.manifest.segments.iter().filter(|one| one.family == Family::Titles);
        for described in titles.take_while(|_| !known.is_empty()) {
            let bytes = store.segment(&described.file).ok_or(CannotPublish::Missing)?;
            let segment = Supplied { described, bytes: &bytes }.open()?;
            for id in &known {
                let Some(found) = segment.get(**id).map_err(BadChannel::from)? else { continue };
                let have = newest.get(id).is_some_and(|have| have.version >= found.version);
                if !have {
                    newest.insert(**id, found);
                }
            }
        }
        Ok(newest)
    }

    /// Publishes: one more version, with the changes in it. `expires_ms` and `now_ms` are milliseconds since 1970.
    ///
    /// # Errors
    /// Why it cannot be done; nothing has changed then.
    pub fn publish(
        &self,
        changes: Changes,
        key: &SigningKey,
        now_ms: u64,
        expires_ms: u64,
        store: &impl SegmentStore,
    ) -> Result<Edition, CannotPublish> {
        let mut making = Making::new(self, store, now_ms, expires_ms);
        // Folded is what followers have: they do the same and need not fetch it.
        for family in self.manifest.kind.families() {
            making.fold(*family)?;
        }
        let withdrawn = self.live.get(&Family::Withdrawals).map_or(&[][..], |live| live);
        making.next.shelves.change(&changes, making.next.manifest.version, withdrawn);
        for (family, records) in changes.0 {
            making.apply(family, records)?;
        }
        making.put_shelves()?;
        making.put_directory()?;
        making.finish(self, key)
    }
}

impl Manifest {
    /// The segments of a level, if they are enough to be folded.
    fn full_level(&self, family: Family, level: u8) -> impl Iterator<Item = &SegmentRef> {
        let is_of = move |segment: &&SegmentRef| segment.family == family && segment.level == level;
        let is_full = self.segments.iter().filter(is_of).count() >= FOLD;
        self.segments.iter().filter(is_of).filter(move |_| is_full)
    }

    /// The segments that are folded before the version after this one.
    pub fn folded_next(&self) -> impl Iterator<Item = &SegmentRef> {
        let families = self.kind.families().iter();
        let levels = families.flat_map(|one| (0..LEVEL_MAX).map(move |at| (*one, at)));
        levels.flat_map(|(family, level)| self.full_level(family, level))
    }
}

/// The files that a publisher folds before it writes the version after this one. Whoever has the segments of this one can
/// make them as well, byte by byte, in place of fetching them.
///
/// # Errors
/// A segment is missing or damaged on disk.
pub fn folded(
    manifest: &Manifest,
    store: &impl SegmentStore,
) -> Result<Vec<(FileRef, Vec<u8>)>, CannotPublish> {
    let last = Publication::new(manifest.clone());
    let mut making = Making::new(&last, store, 0, 0);
    for family in manifest.kind.families() {
        making.fold(*family)?;
    }
    Ok(making.written)
}

/// A publish that is under way.
struct Making<'a, S> {
    last: &'a Publication,
    /// Its records are those of families that changed; the others are as they were.
    next: Publication,
    written: Vec<(FileRef, Vec<u8>)>,
    store: &'a S,
}

impl<'a, S: SegmentStore> Making<'a, S> {
    fn new(last: &'a Publication, store: &'a S, now_ms: u64, expires_ms: u64) -> Self {
        let mut next = Publication {
            manifest: last.manifest.clone(),
            manifest_hash: last.manifest_hash,
            live: BTreeMap::new(),
            shelves: last.shelves.clone(),
            directory: last.directory.clone(),
        };
        next.manifest.version += 1;
        next.manifest.issued_ms = now_ms;
        next.manifest.expires_ms = expires_ms;
        next.manifest.previous = last.manifest_hash;
        Self { last, next, written: vec![], store }
    }

    fn live(&self, family: Family) -> &[Live] {
        let live = self.next.live.get(&family).or_else(|| self.last.live.get(&family));
        live.map_or(&[], |live| live)
    }

    /// One delta with what really changes.
    fn apply(
        &mut self,
        family: Family,
        records: BTreeMap<RecordId, Option<Vec<u8>>>,
    ) -> Result<(), CannotPublish> {
        let version = self.next.manifest.version;
        let live = self.live(family);
        let changed: Vec<_> =
            records.into_iter().filter(|(id, record)| differs(live, id, record)).collect();
        let live = updated(live, &changed);
        self.next.live.insert(family, live);
        let level = level_for(changed.len() as u64);
        let entry = |(id, record)| Ok(Entry { id, version, record });
        self.write(family, level, changed.into_iter().map(entry))
    }

    /// Sixteen segments of a level become one of the next.
    fn fold(&mut self, family: Family) -> Result<(), CannotPublish> {
        for level in 0..LEVEL_MAX {
            let is_folded =
                |segment: &SegmentRef| segment.family == family && segment.level == level;
            let all = self.next.manifest.segments.iter().filter(|one| one.family == family).count();
            let folded: Vec<_> = self.next.manifest.full_level(family, level).cloned().collect();
            if folded.is_empty() {
                continue;
            }
            let opened = folded.iter().map(|described| {
                let parts = self.parts(&described.file).ok_or(CannotPublish::Missing)?;
                Ok(opened(described, parts)?)
            });
            let segments: Vec<_> = opened.collect::<Result<_, CannotPublish>>()?;
            let runs: Vec<_> = segments.iter().map(Segment::entries).collect();
            // What was taken out is forgotten once no older segment has it.
            let keeps_gaps = folded.len() < all;
            let entries = merge(runs)
                .filter(|entry| keeps_gaps || !matches!(entry, Ok(Entry { record: None, .. })));
            self.next.manifest.segments.retain(|segment| !is_folded(segment));
            let entries = entries.map(|entry| entry.map_err(|why| BadChannel::from(why).into()));
            self.write(family, level + 1, entries)?;
        }
        Ok(())
    }

    /// The first screen as it is after the changes, if followers need another file of it.
    fn put_shelves(&mut self) -> Result<(), CannotPublish> {
        let Publication { shelves, live, manifest, .. } = &mut self.next;
        let of = |family| {
            let live = live.get(&family).or_else(|| self.last.live.get(&family));
            live.map_or(&[][..], |live| live)
        };
        if let Some(file) = &manifest.shelves {
            let bytes = self.store.segment(file).ok_or(CannotPublish::Missing)?;
            let published = Shelves::read(&bytes).map_err(BadChannel::from)?;
            if !shelves.replace(&published, of(Family::Titles), of(Family::Withdrawals)) {
                return Ok(());
            }
        }
        let bytes = shelves.to_bytes();
        manifest.shelves = None;
        if shelves.is_empty() || bytes.len() as u64 > SHELVES_MAX {
            return Ok(());
        }
        let place = Where::Head(self.name(Family::Shelves, 0)?);
        let file = FileRef { sha256: sha256(&bytes).0, length: bytes.len() as u64, place };
        self.next.manifest.shelves = Some(file.clone());
        self.written.push((file, bytes));
        Ok(())
    }

    /// The list of channels, if it is another one than followers have.
    fn put_directory(&mut self) -> Result<(), CannotPublish> {
        let Publication { directory, manifest, .. } = &mut self.next;
        let bytes = directory.to_bytes();
        let is_known = manifest.directory.as_ref().is_some_and(|file| file.is(&bytes));
        if directory.channels().is_empty() {
            manifest.directory = None;
        } else if !is_known {
            let name = format!("{}-{DIRECTORY_FILE}", manifest.version);
            let name = FileName::try_from(name).map_err(|_| CannotPublish::Name)?;
            let (sha256, length) = (sha256(&bytes).0, bytes.len() as u64);
            let file = FileRef { sha256, length, place: Where::Head(name) };
            manifest.directory = Some(file.clone());
            self.written.push((file, bytes));
        }
        Ok(())
    }

    /// Writes entries into as many segments as they need.
    fn write(
        &mut self,
        family: Family,
        level: u8,
        entries: impl Iterator<Item = Result<Entry, CannotPublish>>,
    ) -> Result<(), CannotPublish> {
        let mut writer = SegmentWriter::new(family, level);
        for entry in entries {
            writer.push(&entry?);
            if writer.len() >= SEGMENT_TARGET {
                let full = std::mem::replace(&mut writer, SegmentWriter::new(family, level));
                self.add(family, level, full)?;
            }
        }
        if writer.is_empty() { Ok(()) } else { self.add(family, level, writer) }
    }

    fn add(
        &mut self,
        family: Family,
        level: u8,
        writer: SegmentWriter,
    ) -> Result<(), CannotPublish> {
        let (records, versions) = (writer.records(), writer.versions());
        let bytes = writer.finish();
        let hash = sha256(&bytes).0;
        let place = if bytes.len() <= HEAD_FILE_MAX {
            Where::Head(self.name(family, level)?)
        } else {
            Where::Torrent(segment_torrent(&hash, &bytes)?.info.hashes())
        };
        let file = FileRef { sha256: hash, length: bytes.len() as u64, place };
        let segment = SegmentRef { family, level, records, versions, file: file.clone() };
        self.next.manifest.segments.push(segment);
        self.written.push((file, bytes));
        Ok(())
    }

    /// `VERSION-FAMILY-LEVEL`, and a number if there are several.
    fn name(&self, family: Family, level: u8) -> Result<FileName, CannotPublish> {
        let stem = format!("{}-{}-{level}", self.next.manifest.version, family.number());
        let taken = |name: &str| {
            self.written
                .iter()
                .any(|(file, _)| matches!(&file.place, Where::Head(one) if **one == *name))
        };
        let names =
            [stem.clone()].into_iter().chain((1..).map(|more: u32| format!("{stem}-{more}")));
        let free = names.take(10_000).find(|name| !taken(name));
        free.and_then(|name| FileName::try_from(name).ok()).ok_or(CannotPublish::Name)
    }

    fn parts(&self, file: &FileRef) -> Option<Arc<dyn Parts>> {
        let fresh = self.written.iter().find(|(one, _)| one == file);
        let fresh = fresh.map(|(_, bytes)| Arc::new(bytes.clone()) as Arc<dyn Parts>);
        fresh.or_else(|| self.store.parts(file))
    }

    fn finish(self, last: &Publication, key: &SigningKey) -> Result<Edition, CannotPublish> {
        let Self { mut next, written, .. } = self;
        for (family, live) in &last.live {
            next.live.entry(*family).or_insert_with(|| live.clone());
        }
        let tally = |(family, live): (&Family, &Vec<Live>)| Tally {
            family: *family,
            records: live.len() as u64,
            commitment: commitment(live),
        };
        next.manifest.tallies = next.live.iter().map(tally).collect();
        next.manifest
            .segments
            .sort_by_key(|segment| (segment.family, segment.level, segment.versions));
        next.manifest.check_counts().map_err(|_| CannotPublish::TooMany)?;
        let sealed = next.manifest.seal(key);
        next.manifest_hash = manifest_hash(&sealed);
        let needed: BTreeSet<_> = next.manifest.files().map(|file| file.sha256).collect();
        let is_needed = |file: &FileRef| needed.contains(&file.sha256);
        let dropped = last.manifest.files().filter(|file| !is_needed(file)).cloned().collect();
        let written = written.into_iter().filter(|(file, _)| is_needed(file)).collect();
        Ok(Edition { publication: next, sealed, written, dropped })
    }
}

/// Whether a change changes anything.
fn differs(live: &[Live], id: &RecordId, record: &Option<Vec<u8>>) -> bool {
    let found = live.binary_search_by_key(id, |(id, _)| *id).ok();
    let have = found.map(|at| live[at].1);
    have != record.as_ref().map(|record| sha256(record).0)
}

/// The list with the changes in it; both are sorted by id.
fn updated(live: &[Live], changed: &[(RecordId, Option<Vec<u8>>)]) -> Vec<Live> {
    let mut next = Vec::with_capacity(live.len() + changed.len());
    let mut rest = live;
    for (id, record) in changed {
        let before = rest.partition_point(|(other, _)| other < id);
        next.extend_from_slice(&rest[..before]);
        rest = &rest[before..];
        if rest.first().is_some_and(|(other, _)| other == id) {
            rest = &rest[1..];
        }
        next.extend(record.as_ref().map(|record| (*id, sha256(record).0)));
    }
    next.extend_from_slice(rest);
    next
}

/// The level of a delta of so many records: a first publish may be larger than what is folded later.
fn level_for(records: u64) -> u8 {
    let mut level = 0;
    let mut most = LEVEL_RECORDS;
    while records > most && level < LEVEL_MAX {
        level += 1;
        most = most.saturating_mul(FOLD as u64);
    }
    level
}

/// The torrent of one segment, always the same for the same bytes.
///
/// # Errors
/// There is nothing in it.
pub fn segment_torrent(sha256: &[u8; 32], bytes: &[u8]) -> Result<Metainfo, CannotCreate> {
    let mut builder = Builder::single_file(segment_name(sha256), bytes.len() as u64);
    builder.version = Version::Hybrid;
    builder.piece_len = Some(piece_len_for(bytes.len() as u64));
    let mut hashing = builder.start()?;
    hashing.feed(bytes)?;
    hashing.finish()
}

/// The file's name in the torrent of a segment.
#[must_use]
pub fn segment_name(sha256: &[u8; 32]) -> String {
    let hex: String = sha256[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.segment")
}

/// The head torrent of some files: small pieces, so that a change of one costs little.
///
/// # Errors
/// A name that no file can have.
pub fn head_torrent(files: &BTreeMap<String, Vec<u8>>) -> Result<Metainfo, CannotCreate> {
    let mut builder = Builder::folder(HEAD_NAME);
    builder.version = Version::Hybrid;
    builder.piece_len = Some(torrent::BLOCK_LEN);
    for (name, bytes) in files {
        builder.file(vec![name.clone()], bytes.len() as u64);
    }
    let mut hashing = builder.start()?;
    while let Some((path, _)) = hashing.next_file() {
        let bytes = path.first().and_then(|name| files.get(name)).cloned().unwrap_or_default();
        hashing.feed(&bytes)?;
    }
    hashing.finish()
}

/// The public half of a signing key.
#[must_use]
pub fn public(key: &SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}
