//! What a filter of ours marks: what waits to be published, in `marks`, and what is published.
//! Of what was entered here it is known what it is about (`known`).

use std::collections::BTreeMap;

use catalogue::channel::{
    BadChannel, FilterEntry, Kind, Ledger, Mark, Reading, SegmentRef, SegmentStore as _, Verdict,
};

use super::{Own, OwnError, known::Known};
use crate::{
    durable,
    folder::{Folder, at},
    follow::FollowError,
};

const FILE: &str = "marks";
/// A mark, its action (0: it is taken away) and its reason.
const LINE: usize = 18;
/// As many as a filter may have, put and taken away.
const LENGTH_MAX: u64 = 2 * LINE as u64 * catalogue::channel::MARKS_MAX;

/// An entry of a filter of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEntry {
    /// Its hash.
    pub mark: Mark,
    /// What it is about, if it was entered on this machine: the thing as it was written, and a note.
    pub known: Option<Known>,
    /// What followers are told of it.
    pub published: Option<Verdict>,
    /// What the next version says of it: nothing if it is taken off.
    pub next: Option<Verdict>,
}

impl OwnEntry {
    /// Whether followers are told otherwise with the next version.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.published != self.next
    }

    /// The line of a list that adds it again, as the next version has it; nothing if it is taken off.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let (mark, verdict) = (self.mark, self.next?);
        let known = self.known.clone();
        let Known { thing, note } =
            known.unwrap_or(Known { thing: String::new(), note: String::new() });
        Some(FilterEntry { mark, verdict, thing, note }.line())
    }
}

/// All entries that a filter of ours has with the next version, as a list that can be added again.
#[must_use]
pub fn list_of_entries(entries: &[OwnEntry]) -> String {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.mark);
    entries.iter().filter_map(|entry| Some(entry.line()? + "\n")).collect()
}

impl Own {
    /// What is published in it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.described.kind
    }

    /// # Errors
    /// [`OwnError::OtherKind`].
    pub(super) fn must_be(&self, kind: Kind) -> Result<(), OwnError> {
        if self.kind() == kind { Ok(()) } else { Err(OwnError::OtherKind) }
    }

    /// Lets entries of a filter wait for the next version, and keeps what they are about. Returns how many wait then.
    ///
    /// # Errors
    /// It is no filter, the disk refuses, or the file is damaged.
    pub fn enter(&self, entries: &[FilterEntry]) -> Result<usize, OwnError> {
        let waiting = self.mark(entries.iter().map(|one| (one.mark, Some(one.verdict))))?;
        self.remember(entries)?;
        Ok(waiting)
    }

    /// Takes entries of a filter off with the next version; of those that nobody heard of, nothing is left. Returns how
    /// many wait then.
    ///
    /// # Errors
    /// It is no filter, the disk refuses, or the file is damaged.
    pub fn take_off(&self, entries: &[FilterEntry]) -> Result<usize, OwnError> {
        self.must_be(Kind::Filter)?;
        let published: BTreeMap<_, _> = self.published_marks()?.into_iter().collect();
        let mut waiting = self.waiting_marks()?;
        for FilterEntry { mark, .. } in entries {
            waiting.remove(mark);
            if published.contains_key(mark) {
                waiting.insert(*mark, None);
            }
        }
        self.forget(entries.iter().map(|one| one.mark).filter(|one| !published.contains_key(one)))?;
        self.keep_waiting(&waiting)
    }

    fn mark(
        &self,
        marks: impl IntoIterator<Item = (Mark, Option<Verdict>)>,
    ) -> Result<usize, OwnError> {
        self.must_be(Kind::Filter)?;
        let mut waiting = self.waiting_marks()?;
        waiting.extend(marks);
        self.keep_waiting(&waiting)
    }

    fn keep_waiting(&self, waiting: &BTreeMap<Mark, Option<Verdict>>) -> Result<usize, OwnError> {
        let line = |(mark, verdict): (&Mark, &Option<Verdict>)| {
            let action = verdict.map_or(0, |verdict| verdict.action.number());
            let reason = verdict.map_or(0, Verdict::reason_number);
            let mut line = mark.0.to_vec();
            line.extend([action, u8::try_from(reason).unwrap_or_default()]);
            line
        };
        let lines: Vec<u8> = waiting.iter().flat_map(line).collect();
        self.write(FILE, &lines)?;
        Ok(waiting.len())
    }

    /// What waits: entries that are to be put, and those that are to be taken off.
    pub(crate) fn waiting_marks(&self) -> Result<BTreeMap<Mark, Option<Verdict>>, OwnError> {
        let path = self.folder.own().join(FILE);
        let bytes = durable::read(&path, LENGTH_MAX).map_err(at(&path))?.unwrap_or_default();
        let (lines, torn) = bytes.as_chunks::<LINE>();
        if !torn.is_empty() {
            return Err(OwnError::Damaged { path });
        }
        let read = |line: &[u8; LINE]| {
            let [mark @ .., action, reason] = *line;
            (Mark(mark), Verdict::of(action.into(), reason.into()))
        };
        Ok(lines.iter().map(read).collect())
    }

    /// All entries, those that wait first, then by what is known of them.
    ///
    /// # Errors
    /// It is no filter, or a file of it is damaged.
    pub fn entries(&self) -> Result<Vec<OwnEntry>, OwnError> {
        self.must_be(Kind::Filter)?;
        let mut known = self.known()?;
        let mut all: BTreeMap<_, _> = self.published_marks()?.into_iter().map(both).collect();
        for (mark, next) in self.waiting_marks()? {
            all.entry(mark).or_insert((None, None)).1 = next;
        }
        all.retain(|_, verdicts| *verdicts != (None, None));
        let entry = |(mark, (published, next))| OwnEntry {
            mark,
            known: known.remove(&mark),
            published,
            next,
        };
        let mut all: Vec<_> = all.into_iter().map(entry).collect();
        all.sort_by_cached_key(|one| {
            let note = one.known.as_ref().map(|known| known.note.to_lowercase());
            (!one.is_waiting(), note.is_none(), note)
        });
        Ok(all)
    }

    fn published_marks(&self) -> Result<Vec<(Mark, Verdict)>, OwnError> {
        if self.folder.manifest().is_none() {
            return Ok(vec![]);
        }
        marks(&self.folder).map_err(|_| OwnError::NothingHere)
    }

    /// None waits any more: what was taken off is known no longer.
    pub(super) fn clear_marks(&self) -> Result<(), OwnError> {
        let waiting = self.waiting_marks()?;
        let off = waiting.into_iter().filter(|(_, verdict)| verdict.is_none());
        self.forget(off.map(|(mark, _)| mark))?;
        self.write(FILE, &[])
    }

    /// Gives an heir all entries, as they would be published next.
    pub(super) fn bequeath_marks(&self, heir: &Self) -> Result<(), OwnError> {
        let published = self.published_marks()?.into_iter();
        let mut left: BTreeMap<_, _> =
            published.map(|(mark, verdict)| (mark, Some(verdict))).collect();
        left.extend(self.waiting_marks()?);
        left.retain(|_, verdict| verdict.is_some());
        heir.clear_marks()?;
        heir.keep_known(&self.known()?)?;
        heir.mark(left).map(drop)
    }
}

fn both((mark, verdict): (Mark, Verdict)) -> (Mark, (Option<Verdict>, Option<Verdict>)) {
    (mark, (Some(verdict), Some(verdict)))
}

/// All entries of the version of a filter that is here, in order.
///
/// # Errors
/// None is here, or its files are damaged.
pub fn marks(folder: &Folder) -> Result<Vec<(Mark, Verdict)>, FollowError> {
    let manifest = folder.manifest().ok_or(FollowError::Unknown)?;
    let parts = |segment: &SegmentRef| folder.parts(&segment.file);
    let reading = Reading::open(folder.key(), &manifest, parts)?;
    let change = reading.change(&Ledger::default())?;
    let mut marks = vec![];
    reading.show_marks(&change, |mark, verdict| {
        marks.extend(verdict.map(|verdict| (mark, verdict)));
        Ok::<_, BadChannel>(())
    })?;
    Ok(marks)
}
