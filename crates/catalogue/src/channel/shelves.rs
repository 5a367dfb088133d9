//! Shelves: the cards of the titles that a new follower sees first, in one small file of the head torrent.
//!
//! They are chosen from what changes, never by reading the channel: publishing ten titles costs the same however many
//! there are. A card may be a little older than its record; the record takes its place as soon as it is here.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Key,
    assembly::{Assembly, BadChannel},
    commitment::Live,
    edition::Changes,
    manifest::{FileRef, Manifest},
    record::{Core, Detail, RECORD_MAX, RecordId, Work},
    segment::{BadSegment, Entry, Family, Segment, SegmentWriter},
    withdrawal::{self, withdrawal_id},
};
use crate::{
    catalogue::Catalogue,
    cbor::{Limits, Value},
    place::Digest,
    text::{Id, Keyword},
    title::Title,
    withdrawal::{Withdrawal, WithdrawalReason},
};

/// The most cards on the shelves of a channel.
pub const CARDS_MAX: usize = 128;
/// The largest file of shelves, bytes.
pub const SHELVES_MAX: u64 = 256 << 10;
/// A title with a larger record comes with its segment, bytes.
const CARD_MAX: usize = 2 << 10;
/// Cards of the titles that the publisher put first, and of those added last: a row of a page each.
const ROW: usize = 24;
/// Genres with a row of their own, and cards of each.
const GENRES: usize = 4;
const OF_GENRE: usize = 12;
/// The file is written again when one card in so many is another one: rows may be somewhat old, changes must be small.
const STALE: usize = 4;
const LIMITS: Limits = Limits { bytes: RECORD_MAX, depth: 1, values: 4 };

/// The cards of a channel's first rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelves(BTreeMap<RecordId, Card>);

/// What a row shows of a title.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Card {
    /// The version of the manifest that brought it.
    version: u64,
    core: Vec<u8>,
    /// What of its detail a card needs; nothing if that is nothing.
    detail: Option<Vec<u8>>,
}

/// What a new follower is shown first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstScreen {
    /// The channel, as of no version: the next one counts as new.
    pub header: Catalogue,
    /// Titles with their places in the publisher's order. A series has its episodes later.
    pub titles: Vec<(u64, Title)>,
}

impl FirstScreen {
    /// Reads a channel's shelves. Cards that do not pass the licence gate are left out.
    ///
    /// # Errors
    /// The file is another one than the manifest names, or cannot be read.
    pub fn read(key: &Key, manifest: &Manifest, bytes: &[u8]) -> Result<Self, BadChannel> {
        if !manifest.shelves.as_ref().is_some_and(|file| file.is(bytes)) {
            return Err(BadChannel::OtherBytes);
        }
        let id = Id::try_from(key.to_string()).map_err(|_| BadChannel::Name)?;
        let header = Catalogue::of_channel(id, &Manifest { version: 0, ..manifest.clone() });
        let cards = Shelves::read(bytes)?.0;
        let titles = cards.into_iter().filter_map(|(id, card)| card.title(id, &header));
        Ok(Self { titles: titles.collect(), header })
    }
}

impl Shelves {
    /// Reads a file of shelves.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, BadSegment> {
        let segment = Segment::read(bytes)?;
        if segment.family() != Family::Shelves || segment.records() > CARDS_MAX as u64 {
            return Err(BadSegment::Family);
        }
        let card = |entry: Result<Entry, BadSegment>| Card::read(entry?);
        segment.entries().map(card).collect::<Result<_, _>>().map(Self)
    }

    /// The file; the same cards give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = SegmentWriter::new(Family::Shelves, 0);
        for (id, card) in &self.0 {
            writer.push(&Entry { id: *id, version: card.version, record: Some(card.to_bytes()) });
        }
        writer.finish()
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes changes in: titles that are new or changed may come on the shelves, those that went leave, and so do those that
    /// are taken back, by these changes or by `withdrawn` before them. Of many titles no more is kept at one time than what
    /// is compared; cards are made of those that are chosen.
    pub(super) fn change(&mut self, changes: &Changes, version: u64, withdrawn: &[Live]) {
        let known = std::mem::take(&mut self.0);
        let records = changes.of(Family::Withdrawals).filter_map(|(_, record)| record.as_deref());
        let taken_back = records.filter_map(|record| withdrawal::read(record).ok());
        let gone: BTreeSet<_> = taken_back.map(|one| RecordId::of(&one.id)).collect();
        let card = |id: &RecordId| match changes.get(Family::Titles, id) {
            Some(core) => {
                let detail = changes.get(Family::Details, id).and_then(Option::as_deref);
                core.as_ref().map(|core| Card::of(version, core, detail))
            }
            None => known.get(id).cloned(),
        };
        let is_withdrawn =
            |id: &RecordId| changes.get(Family::Withdrawals, id).is_some() || has(withdrawn, id);
        let stay = known.keys().filter(|id| changes.get(Family::Titles, id).is_none());
        let ids = stay.chain(changes.of(Family::Titles).map(|(id, _)| id));
        let place = |id: &RecordId| {
            let seen = card(id).filter(Card::is_small)?.seen(*id)?;
            (!seen.is_withdrawn(is_withdrawn)).then(|| seen.place())
        };
        let places = ids.filter(|id| !gone.contains(id)).filter_map(place).collect();
        let chosen = chosen(places).into_iter();
        self.0 = chosen.filter_map(|id| Some((id, card(&id)?))).collect();
    }

    /// Whether those that followers have must be replaced: a title of them is gone or taken back, or many cards are
    /// others.
    pub(super) fn replace(&self, published: &Self, titles: &[Live], withdrawn: &[Live]) -> bool {
        let is_gone = |id: &RecordId| !has(titles, id);
        let mut seen = published.0.iter().filter_map(|(id, card)| card.seen(*id));
        let is_other = |(id, card): &(&RecordId, &Card)| {
            published.0.get(*id).is_none_or(|known| !known.looks_like(card))
        };
        published.0.keys().any(is_gone)
            || seen.any(|one| one.is_withdrawn(|id| has(withdrawn, id)))
            || self.0.iter().filter(is_other).count() * STALE >= self.0.len().max(1)
    }
}

impl FileRef {
    /// Whether a file may be a channel's shelves: small, and in the head torrent.
    pub(super) fn may_be_shelves(&self) -> bool {
        matches!(self.place, super::Where::Head(_)) && self.length <= SHELVES_MAX
    }
}

/// A card whose core can be read.
struct Seen {
    id: RecordId,
    core: Core,
}

impl Seen {
    /// Whether it, or a torrent of it, is among the withdrawals.
    fn is_withdrawn(&self, is_known: impl Fn(&RecordId) -> bool) -> bool {
        let Ok(id) = self.id.to_id() else { return true };
        let torrents = self.core.releases.iter().map(|release| &release.torrent);
        let hashes = torrents
            .flat_map(|one| [one.v1, one.v2.map(|v2| Digest(std::array::from_fn(|at| v2.0[at])))]);
        let is_there = |infohash| {
            let (id, note) = (id.clone(), Default::default());
            let id =
                withdrawal_id(&Withdrawal { id, infohash, reason: WithdrawalReason::Rights, note });
            is_known(&id)
        };
        is_there(None) || hashes.flatten().any(|infohash| is_there(Some(infohash)))
    }

    fn place(self) -> Place {
        Place { rank: self.core.rank, id: self.id, genres: self.core.genres }
    }
}

/// What of a title says whether it comes on the shelves; in the publisher's order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: u64,
    id: RecordId,
    genres: Vec<Keyword>,
}

/// Those that the first rows show.
fn chosen(mut places: Vec<Place>) -> BTreeSet<RecordId> {
    places.sort_unstable();
    let mut chosen: BTreeSet<_> = places.iter().take(ROW).map(|one| one.id).collect();
    chosen.extend(places.iter().rev().take(ROW).map(|one| one.id));
    for genre in common_genres(&places) {
        let of_genre = places.iter().filter(|one| one.genres.contains(&genre));
        chosen.extend(of_genre.take(OF_GENRE).map(|one| one.id));
    }
    chosen
}

/// Whether a record of this id is there.
fn has(live: &[Live], id: &RecordId) -> bool {
    live.binary_search_by_key(id, |(id, _)| *id).is_ok()
}

/// The genres of most cards, those with the earlier word first if there are as many.
fn common_genres(places: &[Place]) -> Vec<Keyword> {
    let mut counts: BTreeMap<&Keyword, usize> = BTreeMap::new();
    for genre in places.iter().flat_map(|one| &one.genres) {
        *counts.entry(genre).or_default() += 1;
    }
    let mut genres: Vec<_> = counts.into_iter().collect();
    genres.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    genres.into_iter().take(GENRES).map(|(genre, _)| genre.clone()).collect()
}

impl Card {
    fn of(version: u64, core: &[u8], detail: Option<&[u8]>) -> Self {
        let detail = detail.and_then(|detail| Detail::read(detail).ok());
        let shown = detail.map(|detail| Detail {
            poster: detail.poster,
            backdrop: detail.backdrop,
            licence_statement: detail.licence_statement,
            ..Detail::default()
        });
        let shown = shown.filter(|shown| *shown != Detail::default());
        Self { version, core: core.to_vec(), detail: shown.map(|shown| shown.to_bytes()) }
    }

    /// `[core, detail / null]`.
    fn to_bytes(&self) -> Vec<u8> {
        let detail = self.detail.as_deref().map_or(Value::Null, Value::Bytes);
        Value::Array(vec![Value::Bytes(&self.core), detail]).to_bytes()
    }

    fn read(entry: Entry) -> Result<(RecordId, Self), BadSegment> {
        let record = entry.record.ok_or(BadSegment::Entry)?;
        let value = Value::read(&record, LIMITS)?;
        let [core, detail] = value.tuple().map_err(|_| BadSegment::Entry)?;
        let core = core.bytes().map_err(|_| BadSegment::Entry)?.to_vec();
        let detail = match detail {
            Value::Null => None,
            detail => Some(detail.bytes().map_err(|_| BadSegment::Entry)?.to_vec()),
        };
        Ok((entry.id, Self { version: entry.version, core, detail }))
    }

    fn is_small(&self) -> bool {
        self.core.len() + self.detail.as_ref().map_or(0, Vec::len) <= CARD_MAX
    }

    /// Whether it shows the same, whenever it was made.
    fn looks_like(&self, other: &Self) -> bool {
        (&self.core, &self.detail) == (&other.core, &other.detail)
    }

    /// Its core, if it is a title's.
    fn seen(&self, id: RecordId) -> Option<Seen> {
        let core = Core::read(&self.core, id).ok()?;
        matches!(core.work, Work::Title(_)).then_some(Seen { id, core })
    }

    /// The title as far as it is on the card, if it passes the gate.
    fn title(self, id: RecordId, header: &Catalogue) -> Option<(u64, Title)> {
        let Seen { core, .. } = self.seen(id)?;
        let mut assembly = Assembly::new(header.clone());
        assembly.details.extend(self.detail.map(|detail| (id, detail)));
        Some((core.rank, assembly.title(id, core, vec![]).ok()?))
    }
}
