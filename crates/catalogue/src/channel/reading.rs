//! Reads a version of a channel bucket by bucket: what changed since another version, whether all records together are
//! what the manifest promises, and the titles that changed. What it keeps in memory does not grow with the titles.

mod chosen;
mod marks;

use std::collections::{BTreeMap, BTreeSet};

use torrent::hash::sha256;

pub use self::chosen::Indexed;
use super::{
    Key,
    assembly::{Assembly, BadChannel, opened},
    commitment::bucket_of,
    ledger::Ledger,
    manifest::{Kind, Manifest, SegmentRef},
    merge::merge,
    record::{Core, RecordId, Work},
    segment::{BadSegment, Entry, Family, Segment, SegmentBytes},
    withdrawal,
};
use crate::{
    catalogue::Catalogue,
    gate::Rejection,
    text::{Id, Multilingual},
    title::Title,
    withdrawal::{self as withdrawals, Withdrawal},
};

/// Bytes of episodes that are kept while all titles are read; others are looked up one by one.
const EPISODES_KEPT: usize = 64 << 20;
/// Bytes that the changes of one bucket take when they are unpacked, at most, each with [`CHANGE_COST`]. Ids are hashes: a
/// channel with as many titles as it may have has 64 in a bucket.
const BUCKET_MAX: usize = 16 << 20;
/// What a change takes besides its record, bytes.
const CHANGE_COST: usize = 64;
/// Changes that are followed one by one; if there are more, everything is read bucket by bucket, which takes less memory.
const CHANGED_MAX: usize = 512 << 10;
/// Bytes of the notes of withdrawals that are kept. What is taken back is so without its note.
const NOTES_KEPT: usize = 32 << 20;

/// A version of a channel whose segments can be read.
#[derive(Debug, Clone)]
pub struct Reading<S> {
    manifest: Manifest,
    header: Catalogue,
    segments: Vec<Segment<S>>,
}

/// What a version changed, checked.
#[derive(Debug)]
pub struct Change {
    /// What is to be remembered for the next version.
    pub ledger: Ledger,
    /// Whether every title counts as changed; those that are not shown are gone.
    pub is_whole: bool,
    /// Titles that are gone, withdrawn ones not among them.
    pub gone: Vec<Id>,
    /// Everything that was taken back since, titles and single torrents.
    pub withdrawn: Vec<Withdrawal>,
    touched: BTreeSet<RecordId>,
    taken_back: BTreeMap<Id, Vec<Withdrawal>>,
}

/// A title that changed, or why it is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// It is there, at this place in the publisher's order.
    Title(u64, Box<Title>),
    /// A title, or an episode of one that is shown all the same, is dropped.
    Dropped(Option<Id>, Rejection),
}

impl<S: SegmentBytes> Reading<S> {
    /// Opens the segments of a version. Whoever supplies bytes has compared their hash with what the manifest says.
    ///
    /// # Errors
    /// A segment is missing, or not as it is described.
    pub fn open(
        key: &Key,
        manifest: &Manifest,
        mut supply: impl FnMut(&SegmentRef) -> Option<S>,
    ) -> Result<Self, BadChannel> {
        let id = Id::try_from(key.to_string()).map_err(|_| BadChannel::Name)?;
        let supplied = manifest
            .segments
            .iter()
            .map(|described| opened(described, supply(described).ok_or(BadChannel::OtherBytes)?));
        let segments = supplied.collect::<Result<_, _>>()?;
        let header = Catalogue::of_channel(id, manifest);
        Ok(Self { manifest: manifest.clone(), header, segments })
    }

    /// The channel without its titles.
    #[must_use]
    pub fn header(&self) -> &Catalogue {
        &self.header
    }

    /// What changed since the version that the ledger remembers. If that does not lead to what the manifest promises,
    /// everything is read: removals that are long past are not written down for ever.
    ///
    /// # Errors
    /// The segments do not give what the manifest promises.
    pub fn change(&self, since: &Ledger) -> Result<Change, BadChannel> {
        if (1..=self.manifest.version).contains(&since.version) {
            match self.change_since(since) {
                Ok(None) | Err(BadChannel::Commitment) => {}
                Ok(Some(change)) => return Ok(change),
                Err(why) => return Err(why),
            }
        }
        // There are no changes to follow one by one then.
        self.change_since(&Ledger::default())?.ok_or(BadChannel::Commitment)
    }

    /// What changed; nothing if that is too much to follow.
    fn change_since(&self, since: &Ledger) -> Result<Option<Change>, BadChannel> {
        let is_whole = since.version == 0;
        let mut ledger = since.clone();
        ledger.version = self.manifest.version;
        let mut change = Change {
            ledger,
            is_whole,
            gone: vec![],
            withdrawn: vec![],
            touched: BTreeSet::new(),
            taken_back: BTreeMap::new(),
        };
        if self.manifest.kind == Kind::Filter {
            return self.marked_since(since.version, change);
        }
        self.take_back(since.version, &mut change)?;
        let mut ids = BTreeSet::new();
        for family in [Family::Titles, Family::Details] {
            if !self.changed(family, since.version, &mut ids)? {
                return Ok(None);
            }
        }
        self.check(Family::Details, &ids, is_whole, &mut change, |_, _, _| {})?;
        let mut gone = ids.clone();
        self.check(Family::Titles, &ids, is_whole, &mut change, |change, id, record| {
            if gone.remove(&id) || is_whole {
                touch(change, id, record);
            }
        })?;
        leave(&mut change, gone)?;
        Ok(Some(change))
    }

    /// Withdrawals are few: all of them are read every time.
    fn take_back(&self, since: u64, change: &mut Change) -> Result<(), BadChannel> {
        let runs = self.of(Family::Withdrawals).map(Segment::entries).collect();
        let mut live = BTreeMap::<u16, Vec<_>>::new();
        let (mut left, mut room) = (self.promised(Family::Withdrawals), NOTES_KEPT);
        for entry in merge(runs) {
            let Entry { id, version, record } = entry?;
            let record = record.ok_or(BadChannel::WithdrawalRemoved)?;
            // More than that cannot end in what was promised, and is not kept until it is known.
            left = left.checked_sub(1).ok_or(BadChannel::Commitment)?;
            live.entry(bucket_of(id)).or_default().push((id, sha256(&record).0));
            let Ok(mut withdrawal) = withdrawal::read(&record) else { continue };
            let note = std::mem::take(&mut withdrawal.note);
            if version > since {
                change.touched.insert(RecordId::of(&withdrawal.id));
                if let Some(series) = change.ledger.episodes.get(&RecordId::of(&withdrawal.id)) {
                    change.touched.insert(*series);
                }
                let rest = room.checked_sub(record.len());
                let note = if rest.is_some() { note } else { Multilingual::default() };
                room = rest.unwrap_or(room);
                change.withdrawn.push(Withdrawal { note, ..withdrawal.clone() });
            }
            change.taken_back.entry(withdrawal.id.clone()).or_default().push(withdrawal);
        }
        live.iter().for_each(|(number, live)| {
            change.ledger.set(Family::Withdrawals, *number, live);
        });
        self.compare(Family::Withdrawals, &change.ledger)
    }

    /// How many records of a family there are, as the manifest says.
    fn promised(&self, family: Family) -> u64 {
        self.manifest.tally(family).map_or(0, |tally| tally.records)
    }

    /// Collects the ids of all records that have changes after a version, unless these are too many.
    fn changed(
        &self,
        family: Family,
        since: u64,
        ids: &mut BTreeSet<RecordId>,
    ) -> Result<bool, BadChannel> {
        if since == 0 {
            return Ok(true);
        }
        for segment in self.of(family).filter(|segment| segment.versions().1 > since) {
            for entry in segment.entries() {
                let entry = entry?;
                if entry.version > since {
                    ids.insert(entry.id);
                }
                if ids.len() > CHANGED_MAX {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Brings the buckets of these records up to date, or all buckets, and compares the whole with the manifest.
    fn check(
        &self,
        family: Family,
        ids: &BTreeSet<RecordId>,
        is_whole: bool,
        change: &mut Change,
        mut each: impl FnMut(&mut Change, RecordId, &[u8]),
    ) -> Result<(), BadChannel> {
        let mut cursors: Vec<_> = self.of(family).map(Cursor::new).collect();
        let mut left = self.promised(family);
        let mut walk = Walk::new(ids, is_whole);
        while let Some(number) = walk.next(&mut cursors)? {
            let mut live = vec![];
            for entry in bucket(&mut cursors, number)? {
                let Some(record) = entry.record else { continue };
                left = left.checked_sub(1).ok_or(BadChannel::Commitment)?;
                live.push((entry.id, sha256(&record).0));
                each(change, entry.id, &record);
            }
            change.ledger.set(family, number, &live);
        }
        self.compare(family, &change.ledger)
    }

    fn compare(&self, family: Family, ledger: &Ledger) -> Result<(), BadChannel> {
        let is = ledger.tally(family);
        let fits = match self.manifest.tally(family) {
            Some(said) => (said.records, said.commitment) == is,
            None => is.0 == 0,
        };
        if fits { Ok(()) } else { Err(BadChannel::Commitment) }
    }

    /// Shows every title that changed. The order is that of their ids.
    ///
    /// # Errors
    /// A segment cannot be read any more, or whatever `show` says.
    pub fn show<E: From<BadChannel>>(
        &self,
        change: &Change,
        mut show: impl FnMut(Shown) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut titles: Vec<_> = self.of(Family::Titles).map(Cursor::new).collect();
        let mut details: Vec<_> = self.of(Family::Details).map(Cursor::new).collect();
        let episodes = self.episodes(change)?;
        let mut walk = Walk::new(&change.touched, change.is_whole);
        while let Some(number) = walk.next(&mut titles)? {
            let mut found = BTreeMap::new();
            for entry in bucket(&mut details, number)? {
                found.insert(entry.id, entry.record);
            }
            for entry in bucket(&mut titles, number)? {
                let is_shown = change.is_whole || change.touched.contains(&entry.id);
                let Some(core) = entry.record.filter(|_| is_shown) else { continue };
                let detail = found.remove(&entry.id).flatten();
                for shown in self.shown(change, &episodes, entry.id, &core, detail)? {
                    show(shown)?;
                }
            }
        }
        Ok(())
    }

    /// What becomes of a record: nothing if it is an episode, for its series shows it.
    fn shown(
        &self,
        change: &Change,
        episodes: &Episodes,
        id: RecordId,
        core: &[u8],
        detail: Option<Vec<u8>>,
    ) -> Result<Vec<Shown>, BadChannel> {
        let core = match Core::read(core, id) {
            Ok(core) => core,
            Err(why) => return Ok(vec![dropped(id, why)]),
        };
        let Work::Title(_) = core.work else { return Ok(vec![]) };
        let mut assembly = Assembly::new(self.header.clone());
        assembly.details.extend(detail.map(|detail| (id, detail)));
        let own = self.own_episodes(change, episodes, id, &mut assembly)?;
        let rank = core.rank;
        let title = assembly.title(id, core, own);
        let of_episodes = assembly.catalogue.rejected().iter().map(|one| one.why.clone());
        let mut shown: Vec<_> = of_episodes.map(|why| Shown::Dropped(None, why)).collect();
        match title {
            Ok(title) => {
                let taken_back = change.taken_back.get(&title.id).map_or(&[][..], Vec::as_slice);
                let mut left = vec![title];
                withdrawals::apply(&mut left, taken_back);
                shown.extend(left.into_iter().map(|title| Shown::Title(rank, Box::new(title))));
            }
            Err(why) => shown.push(dropped(id, why)),
        }
        Ok(shown)
    }

    /// A series' episodes, with what they show besides in the assembly.
    fn own_episodes(
        &self,
        change: &Change,
        episodes: &Episodes,
        series: RecordId,
        assembly: &mut Assembly,
    ) -> Result<Vec<(RecordId, super::record::Place, Core)>, BadChannel> {
        let mut own = vec![];
        for id in episodes.of.get(&series).into_iter().flatten() {
            let (core, detail) = match episodes.kept.get(id) {
                Some((core, detail)) => (Some(core.clone()), detail.clone()),
                None => (self.newest(Family::Titles, *id)?, self.newest(Family::Details, *id)?),
            };
            let Some(core) = core else { continue };
            match Core::read(&core, *id) {
                Ok(Core { work: Work::Episode(place), .. }) if place.series != series => {}
                Ok(core) => {
                    let Work::Episode(place) = core.work else { continue };
                    if let Ok(name) = id.to_id()
                        && change.taken_back.contains_key(&name)
                    {
                        assembly.gone.insert(name);
                    }
                    assembly.details.extend(detail.map(|detail| (*id, detail)));
                    own.push((*id, place, core));
                }
                Err(why) => assembly.drop_record(*id, why),
            }
        }
        Ok(own)
    }

    /// The episodes of each series that is shown; while all are, as many as memory allows with their records.
    fn episodes(&self, change: &Change) -> Result<Episodes, BadChannel> {
        let mut episodes = Episodes::default();
        for (id, series) in &change.ledger.episodes {
            if change.is_whole || change.touched.contains(series) {
                episodes.of.entry(*series).or_default().push(*id);
            }
        }
        if !change.is_whole || episodes.of.is_empty() {
            return Ok(episodes);
        }
        let mut titles: Vec<_> = self.of(Family::Titles).map(Cursor::new).collect();
        let mut details: Vec<_> = self.of(Family::Details).map(Cursor::new).collect();
        let mut room = EPISODES_KEPT;
        let mut walk = Walk::All(Some(0));
        while let Some(number) = walk.next(&mut titles)? {
            let mut found: BTreeMap<_, _> =
                bucket(&mut details, number)?.into_iter().map(|one| (one.id, one.record)).collect();
            for Entry { id, record, .. } in bucket(&mut titles, number)? {
                let is_episode = change.ledger.episodes.contains_key(&id);
                let Some(core) = record.filter(|_| is_episode) else { continue };
                let detail = found.remove(&id).flatten();
                let size = core.len() + detail.as_ref().map_or(0, Vec::len);
                let Some(left) = room.checked_sub(size) else { return Ok(episodes) };
                room = left;
                episodes.kept.insert(id, (core, detail));
            }
        }
        Ok(episodes)
    }

    /// What holds of a record now.
    fn newest(&self, family: Family, id: RecordId) -> Result<Option<Vec<u8>>, BadChannel> {
        let mut newest: Option<Entry> = None;
        for segment in self.of(family) {
            let Some(found) = segment.get(id)? else { continue };
            let order = |entry: &Entry| (entry.version, entry.record.clone());
            if newest.as_ref().is_none_or(|have| order(&found) > order(have)) {
                newest = Some(found);
            }
        }
        Ok(newest.and_then(|entry| entry.record))
    }

    fn of(&self, family: Family) -> impl Iterator<Item = &Segment<S>> {
        self.segments.iter().filter(move |segment| segment.family() == family)
    }
}

fn dropped(id: RecordId, why: Rejection) -> Shown {
    Shown::Dropped(id.to_id().ok(), why)
}

/// The episodes of series.
#[derive(Default)]
struct Episodes {
    of: BTreeMap<RecordId, Vec<RecordId>>,
    kept: BTreeMap<RecordId, (Vec<u8>, Option<Vec<u8>>)>,
}

/// A record is there, new or changed: an episode means its series.
fn touch(change: &mut Change, id: RecordId, core: &[u8]) {
    let work = Core::read(core, id).map(|core| core.work);
    if let Ok(Work::Episode(place)) = work {
        let before = change.ledger.episodes.insert(id, place.series);
        if !change.is_whole {
            change.touched.extend([Some(place.series), before].into_iter().flatten());
        }
    } else if !change.is_whole {
        change.touched.insert(id);
    }
}

/// Records that are there no more.
fn leave(change: &mut Change, gone: BTreeSet<RecordId>) -> Result<(), BadChannel> {
    for id in gone {
        if let Some(series) = change.ledger.episodes.remove(&id) {
            change.touched.insert(series);
            continue;
        }
        let name = id.to_id().map_err(|_| BadChannel::Name)?;
        let withdrawn = change.taken_back.get(&name).into_iter().flatten();
        if withdrawn.filter(|one| one.infohash.is_none()).count() == 0 {
            change.gone.push(name);
        }
    }
    Ok(())
}

/// Goes through the buckets that are concerned, in order.
enum Walk {
    /// Those of some records.
    Of(std::vec::IntoIter<u16>),
    /// All in which there is anything, from this one on.
    All(Option<u16>),
}

impl Walk {
    fn new(ids: &BTreeSet<RecordId>, is_whole: bool) -> Self {
        if is_whole {
            return Self::All(Some(0));
        }
        let mut numbers: Vec<_> = ids.iter().map(|id| bucket_of(*id)).collect();
        numbers.dedup();
        Self::Of(numbers.into_iter())
    }

    /// The next bucket.
    fn next<S: SegmentBytes>(
        &mut self,
        cursors: &mut [Cursor<'_, S>],
    ) -> Result<Option<u16>, BadChannel> {
        let from = match self {
            Self::Of(numbers) => return Ok(numbers.next()),
            Self::All(from) => from,
        };
        let Some(at) = *from else { return Ok(None) };
        let mut next: Option<u16> = None;
        for cursor in cursors {
            next = next.into_iter().chain(cursor.next_bucket(at)?).min();
        }
        *from = next.and_then(|number| number.checked_add(1));
        Ok(next)
    }
}

/// All records of a bucket, of each the newest change. Whoever publishes chooses the ids: those of all records may begin alike.
fn bucket<S: SegmentBytes>(
    cursors: &mut [Cursor<'_, S>],
    number: u16,
) -> Result<Vec<Entry>, BadChannel> {
    let mut room = BUCKET_MAX;
    let runs = cursors.iter_mut().map(|cursor| {
        let entries = cursor.bucket(number, &mut room)?;
        Ok(entries.into_iter().map(Ok::<_, BadSegment>))
    });
    let runs = runs.collect::<Result<Vec<_>, BadChannel>>()?;
    Ok(merge(runs).collect::<Result<_, _>>()?)
}

/// Goes through a segment in the order of its ids: each block is unpacked once.
struct Cursor<'s, S> {
    segment: &'s Segment<S>,
    unpacked: Option<(usize, Vec<Entry>)>,
    /// The block that was unpacked before that one, and the last id in it.
    passed: Option<(usize, RecordId)>,
}

impl<'s, S: SegmentBytes> Cursor<'s, S> {
    fn new(segment: &'s Segment<S>) -> Self {
        Self { segment, unpacked: None, passed: None }
    }

    /// The first bucket, from this one on, in which there is a change.
    fn next_bucket(&mut self, number: u16) -> Result<Option<u16>, BadChannel> {
        let (first, _) = edges(number);
        let (_, last) = edges(u16::MAX);
        for block in self.segment.blocks_of(first, last) {
            if let Some(entry) = self.entries(block, first)?.first() {
                return Ok(Some(bucket_of(entry.id)));
            }
        }
        Ok(None)
    }

    /// The changes of a bucket, as far as there is room for them.
    fn bucket(&mut self, number: u16, room: &mut usize) -> Result<Vec<Entry>, BadChannel> {
        let (first, last) = edges(number);
        let mut found = vec![];
        for block in self.segment.blocks_of(first, last) {
            let entries = self.entries(block, first)?;
            for entry in entries.iter().take_while(|entry| entry.id <= last) {
                let cost = CHANGE_COST + entry.record.as_ref().map_or(0, Vec::len);
                *room = room.checked_sub(cost).ok_or(BadChannel::Crowded)?;
                found.push(entry.clone());
            }
        }
        Ok(found)
    }

    /// The changes of a block, from an id on.
    fn entries(&mut self, block: usize, first: RecordId) -> Result<&[Entry], BadChannel> {
        if self.passed.is_some_and(|(at, last)| at == block && last < first) {
            return Ok(&[]);
        }
        if self.unpacked.as_ref().is_none_or(|(at, _)| *at != block) {
            let fresh = self.segment.entries_of(block)?;
            let before = self.unpacked.replace((block, fresh));
            self.passed = before.and_then(|(at, entries)| Some((at, entries.last()?.id)));
        }
        let entries = self.unpacked.as_ref().map_or(&[][..], |(_, entries)| entries);
        // A block has thousands of marks, and a bucket few of them.
        Ok(&entries[entries.partition_point(|entry| entry.id < first)..])
    }
}

/// The least and the greatest id of a bucket.
fn edges(number: u16) -> (RecordId, RecordId) {
    let [high, low] = number.to_be_bytes();
    let edge = |fill: u8| {
        RecordId(std::array::from_fn(|at| match at {
            0 => high,
            1 => low,
            _ => fill,
        }))
    };
    (edge(0), edge(0xFF))
}
