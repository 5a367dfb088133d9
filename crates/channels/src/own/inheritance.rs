//! What a channel that was handed over leaves to the next one: titles, what was taken back, and the packs that have their
//! pictures.
//!
//! Withdrawals go on as they are: the id of one is made of the title's, which stays the same, so that whoever comes late
//! hears of them, and what was taken back is not added again by mistake.
//!
//! The first version under the new key names the packs of the last one under the old: they stay the same torrents, so
//! that followers have what they opened, and a publisher who lacks some of them loses none.

use catalogue::{
    Title,
    channel::{
        BadChannel, Family, Kind, Ledger, Manifest, Reading, RecordId, SegmentRef,
        SegmentStore as _, Shown, Supplied, family_state,
    },
};
use serde::de::IgnoredAny;

use super::{Own, OwnError, spool::Spool};
use crate::{
    durable,
    folder::at,
    packs::inheriting::{self, Leaving},
};

/// The signed manifest of the version that was handed over.
const BEFORE_FILE: &str = "before";
/// The withdrawals of that version: an id, the record's length in four bytes (high byte first) and the record, each.
const TAKEN_BACK_FILE: &str = "taken-back";
const TAKEN_BACK_MAX: u64 = 1 << 30;

/// Titles on their way to the heir.
const TITLES_FILE: &str = "titles";

/// Why not all titles were shown.
pub(super) enum Halt {
    Own(OwnError),
    /// What is here is no whole version.
    Channel,
}

impl From<BadChannel> for Halt {
    fn from(_: BadChannel) -> Self {
        Self::Channel
    }
}

impl From<Halt> for OwnError {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Own(error) => error,
            Halt::Channel => Self::NothingHere,
        }
    }
}

impl Own {
    /// Gives an heir that has no version yet everything that is published or waits here.
    pub(super) fn bequeath(&self, heir: &Self) -> Result<(), OwnError> {
        // A site has nothing else that waits.
        if let Some(pages) = self.pages() {
            return heir.remember_pages(&pages);
        }
        let before =
            self.folder.manifest_bytes().map_or_else(|| self.before(), |bytes| Ok(Some(bytes)));
        if let Some(before) = before? {
            heir.write(BEFORE_FILE, &before)?;
        }
        heir.write(TAKEN_BACK_FILE, &encoded(&self.taken_back_records()?))?;
        inheriting::link(&self.folder, &heir.folder, Leaving::Both)?;
        inheriting::link_waiting(&self.folder, &heir.folder)?;
        match self.kind() {
            Kind::Filter => self.bequeath_marks(heir)?,
            _ => self.bequeath_titles(heir)?,
        }
        heir.set_directory(&self.directory()?)
    }

    /// All titles, as they would be published next: one after the other, because there may be many.
    fn bequeath_titles(&self, heir: &Self) -> Result<(), OwnError> {
        // An attempt that was cut off may have left some.
        heir.clear_waiting()?;
        heir.withdraw(self.read_waiting(|_: IgnoredAny| Ok::<_, OwnError>(()))?)?;
        let gone = heir.taken_back()?;
        let path = heir.folder.own().join(TITLES_FILE);
        let disk = |error| OwnError::from(at(&path)(error));
        let mut spool = Spool::begin(path.clone()).map_err(disk)?;
        self.show_published(|rank, title| {
            if gone.has(&title.id) { Ok(()) } else { spool.publish(rank, &title).map_err(disk) }
        })?;
        self.waiting(
            |title| {
                if gone.has(&title.id) { Ok(()) } else { spool.wait(&title).map_err(disk) }
            },
        )?;
        heir.wait_instead(spool)
    }

    /// Shows each title of the version that is here, with its place in the publisher's order.
    pub(super) fn show_published(
        &self,
        mut show: impl FnMut(u64, Title) -> Result<(), OwnError>,
    ) -> Result<(), OwnError> {
        let Some(manifest) = self.folder.manifest() else { return Ok(()) };
        let parts = |segment: &SegmentRef| self.folder.parts(&segment.file);
        let mut read = || {
            let reading = Reading::open(self.folder.key(), &manifest, parts)?;
            let change = reading.change(&Ledger::default())?;
            reading.show(&change, |shown| match shown {
                Shown::Title(rank, title) => show(rank, *title).map_err(Halt::Own),
                Shown::Dropped(..) => Ok(()),
            })
        };
        read().map_err(OwnError::from)
    }

    /// What was taken back and stays so: each withdrawal's id and record. Those of a version that is here, or, before the
    /// first one, those of the channel that was handed over.
    fn taken_back_records(&self) -> Result<Vec<(RecordId, Vec<u8>)>, OwnError> {
        let Some(manifest) = self.folder.manifest() else { return self.inherited_withdrawals() };
        let segments = manifest.segments.iter().filter(|one| one.family == Family::Withdrawals);
        let files = segments.map(|one| Some((one, self.folder.segment(&one.file)?)));
        let files: Vec<_> = files.collect::<Option<_>>().ok_or(OwnError::NothingHere)?;
        let supplied: Vec<_> =
            files.iter().map(|(described, bytes)| Supplied { described, bytes }).collect();
        let mut records = vec![];
        let read = family_state(Family::Withdrawals, &manifest, &supplied, |id, record| {
            records.push((id, record));
        });
        read.map(|_| records).map_err(|_| OwnError::NothingHere)
    }

    /// The withdrawals of the channel that was handed over to this one; they go into its first version.
    pub(crate) fn inherited_withdrawals(&self) -> Result<Vec<(RecordId, Vec<u8>)>, OwnError> {
        let path = self.folder.own().join(TAKEN_BACK_FILE);
        let bytes = durable::read(&path, TAKEN_BACK_MAX).map_err(at(&path))?.unwrap_or_default();
        decoded(&bytes).ok_or(OwnError::Damaged { path })
    }

    /// The manifest of the version that was handed over here; nothing for a channel that began under this key.
    pub(super) fn manifest_before(&self) -> Result<Option<Manifest>, OwnError> {
        let damaged = || OwnError::Damaged { path: self.folder.own().join(BEFORE_FILE) };
        let opened = self.before()?.map(|bytes| Manifest::open(&bytes).map_err(|_| damaged()));
        Ok(opened.transpose()?.map(|(_, manifest)| manifest))
    }

    fn before(&self) -> Result<Option<Vec<u8>>, OwnError> {
        let path = self.folder.own().join(BEFORE_FILE);
        Ok(durable::read(&path, Manifest::SEALED_MAX as u64).map_err(at(&path))?)
    }
}

fn encoded(records: &[(RecordId, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![];
    for (id, record) in records {
        bytes.extend_from_slice(&id.0);
        // A record has at most 64 KiB.
        bytes.extend_from_slice(&u32::try_from(record.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(record);
    }
    bytes
}

fn decoded(mut bytes: &[u8]) -> Option<Vec<(RecordId, Vec<u8>)>> {
    let mut records = vec![];
    while !bytes.is_empty() {
        let (id, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (record, rest) = rest.split_at_checked(length)?;
        records.push((RecordId(*id), record.to_vec()));
        bytes = rest;
    }
    Some(records)
}
