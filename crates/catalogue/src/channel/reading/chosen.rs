//! What a publisher who keeps an index of a version needs of it: all its records once, and single titles after that.

use std::collections::{BTreeMap, BTreeSet};

use super::{BadChannel, Change, Cursor, Family, Reading, SegmentBytes, Walk, bucket};
use crate::{
    channel::{
        ledger::Ledger,
        record::{Core, RecordId, Work},
    },
    sameness::FileKey,
    title::{Release, Title},
};

/// A record of a title or episode, and what its files are known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// The title or episode.
    pub id: RecordId,
    /// The series of an episode.
    pub series: Option<RecordId>,
    /// What its files are known by; nothing if this program cannot read the record.
    pub keys: Vec<FileKey>,
}

impl Indexed {
    /// What the records of a title are found by, once it is published.
    pub fn of(title: &Title) -> impl Iterator<Item = Self> {
        let series = RecordId::of(&title.id);
        let own = Self { id: series, series: None, keys: keys(&title.releases) };
        let episodes = title.episodes().map(move |(_, episode)| Self {
            id: RecordId::of(&episode.id),
            series: Some(series),
            keys: keys(&episode.releases),
        });
        [own].into_iter().chain(episodes)
    }

    fn read(id: RecordId, record: &[u8]) -> Self {
        let Ok(core) = Core::read(record, id) else {
            return Self { id, series: None, keys: vec![] };
        };
        let series = match core.work {
            Work::Episode(place) => Some(place.series),
            Work::Title(_) => None,
        };
        Self { id, series, keys: keys(&core.releases) }
    }
}

fn keys(releases: &[Release]) -> Vec<FileKey> {
    releases.iter().flat_map(Release::file_keys).collect()
}

impl<S: SegmentBytes> Reading<S> {
    /// Shows every record of titles and episodes, in the order of their ids. Segments are read once, and not compared with
    /// what the manifest promises of all of them together.
    ///
    /// # Errors
    /// A segment cannot be read any more, or whatever `show` says.
    pub fn show_indexed<E: From<BadChannel>>(
        &self,
        mut show: impl FnMut(Indexed) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut cursors: Vec<_> = self.of(Family::Titles).map(Cursor::new).collect();
        let mut walk = Walk::All(Some(0));
        while let Some(number) = walk.next(&mut cursors)? {
            for entry in bucket(&mut cursors, number)? {
                if let Some(record) = entry.record {
                    show(Indexed::read(entry.id, &record))?;
                }
            }
        }
        Ok(())
    }

    /// What [`show`](Self::show) needs to show these titles, whether they changed or not: of each series, its episodes are
    /// said. It says what was taken back, and remembers nothing.
    ///
    /// # Errors
    /// The withdrawals are not what the manifest promises.
    pub fn choose(
        &self,
        titles: BTreeSet<RecordId>,
        series_of: BTreeMap<RecordId, RecordId>,
    ) -> Result<Change, BadChannel> {
        let mut change = Change {
            ledger: Ledger::default(),
            is_whole: false,
            gone: vec![],
            withdrawn: vec![],
            touched: BTreeSet::new(),
            taken_back: BTreeMap::new(),
        };
        self.take_back(0, &mut change)?;
        (change.touched, change.ledger.episodes) = (titles, series_of);
        Ok(change)
    }
}
