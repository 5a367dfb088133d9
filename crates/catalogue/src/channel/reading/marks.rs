//! The same for a filter: which marks a version changed.

use std::collections::BTreeSet;

use super::{BadChannel, Change, Cursor, Family, Reading, SegmentBytes, Walk, bucket};
use crate::channel::mark::{Mark, Verdict};

impl<S: SegmentBytes> Reading<S> {
    /// What changed; nothing if that is too much to follow.
    pub(super) fn marked_since(
        &self,
        since: u64,
        mut change: Change,
    ) -> Result<Option<Change>, BadChannel> {
        let (mut ids, is_whole) = (BTreeSet::new(), change.is_whole);
        if !self.changed(Family::Marks, since, &mut ids)? {
            return Ok(None);
        }
        self.check(Family::Marks, &ids, is_whole, &mut change, |_, _, _| {})?;
        change.touched = ids;
        Ok(Some(change))
    }

    /// Shows every mark that changed, in order; one that is taken away has no verdict. If all changed, those that are not
    /// shown are gone. What this program does not know is no verdict.
    ///
    /// # Errors
    /// A segment cannot be read any more, or whatever `show` says.
    pub fn show_marks<E: From<BadChannel>>(
        &self,
        change: &Change,
        mut show: impl FnMut(Mark, Option<Verdict>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut cursors: Vec<_> = self.of(Family::Marks).map(Cursor::new).collect();
        let mut walk = Walk::new(&change.touched, change.is_whole);
        while let Some(number) = walk.next(&mut cursors)? {
            for entry in bucket(&mut cursors, number)? {
                let verdict = entry.record.and_then(|record| Verdict::read(&record));
                let is_shown = change.is_whole && verdict.is_some();
                if is_shown || change.touched.contains(&entry.id) {
                    show(Mark(entry.id.0), verdict)?;
                }
            }
        }
        Ok(())
    }
}
