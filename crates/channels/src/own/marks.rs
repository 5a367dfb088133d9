//! What a filter of ours marks: what waits to be published, in `marks`, and what is published.

use std::collections::BTreeMap;

use catalogue::channel::{
    BadChannel, Kind, Ledger, Mark, Reading, SegmentRef, SegmentStore as _, Verdict,
};

use super::{Own, OwnError};
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

    /// Lets entries of a filter wait for the next version: to be put into it, or, without a verdict, to be taken off.
    /// Returns how many wait then.
    ///
    /// # Errors
    /// It is no filter, the disk refuses, or the file is damaged.
    pub fn mark(
        &self,
        marks: impl IntoIterator<Item = (Mark, Option<Verdict>)>,
    ) -> Result<usize, OwnError> {
        self.must_be(Kind::Filter)?;
        let mut waiting = self.waiting_marks()?;
        waiting.extend(marks);
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

    /// None waits any more.
    pub(super) fn clear_marks(&self) -> Result<(), OwnError> {
        self.write(FILE, &[])
    }

    /// Gives an heir all entries, as they would be published next.
    pub(super) fn bequeath_marks(&self, heir: &Self) -> Result<(), OwnError> {
        let mut left = BTreeMap::new();
        if self.folder.manifest().is_some() {
            let published = marks(&self.folder).map_err(|_| OwnError::NothingHere)?;
            left.extend(published.into_iter().map(|(mark, verdict)| (mark, Some(verdict))));
        }
        left.extend(self.waiting_marks()?);
        left.retain(|_, verdict| verdict.is_some());
        heir.clear_marks()?;
        heir.mark(left).map(drop)
    }
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
