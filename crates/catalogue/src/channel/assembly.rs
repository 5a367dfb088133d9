//! From segments to titles: all changes applied, the state compared with the manifest's commitment, records joined.

use std::collections::{BTreeMap, BTreeSet};

use torrent::hash::sha256;

use super::{
    Key,
    commitment::{Live, commitment},
    manifest::{Manifest, SegmentRef},
    merge::merge,
    record::{Core, Detail, Place, RecordId, Work, rejection},
    segment::{BadSegment, Entry, Family, Segment, SegmentBytes},
    withdrawal,
};
use crate::{
    catalogue::Catalogue,
    gate::{self, Rejection},
    text::{Id, Multilingual},
    title::{Episode, Kind, Season, Title},
    withdrawal::Withdrawal,
};

/// Why the files of a channel are not what its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChannel {
    /// A file has other bytes than the manifest names.
    #[error("a file of the channel has other bytes than its manifest names")]
    OtherBytes,
    /// A segment that its own manifest describes otherwise.
    #[error("a segment is not as the manifest describes it")]
    OtherSegment,
    /// A segment that cannot be read.
    #[error("a segment cannot be read: {0}")]
    Segment(#[from] BadSegment),
    /// All changes together do not give what the publisher says they give.
    #[error("the segments together do not give what the manifest promises")]
    Commitment,
    /// More records begin alike than a reader has room for: their ids are no hashes.
    #[error("too many records of the channel have ids that begin alike")]
    Crowded,
    /// Somebody took a withdrawal back.
    #[error("a withdrawal was taken out, which never happens")]
    WithdrawalRemoved,
    /// What was a catalogue became a filter, or the other way round.
    #[error("it was a channel of another kind before, and a channel never becomes one of another")]
    OtherKind,
    /// A key that cannot be a name.
    #[error("the channel's key is no name")]
    Name,
}

/// A segment with its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Supplied<'a> {
    /// What the manifest says of it.
    pub described: &'a SegmentRef,
    /// The file.
    pub bytes: &'a [u8],
}

impl<'a> Supplied<'a> {
    /// The segment, if it is the one that is described.
    ///
    /// # Errors
    /// It is another one, or cannot be read.
    pub fn open(&self) -> Result<Segment<&'a [u8]>, BadChannel> {
        if !self.described.file.is(self.bytes) {
            return Err(BadChannel::OtherBytes);
        }
        opened(self.described, self.bytes)
    }
}

/// A segment whose bytes are known to be those that its manifest names.
pub(super) fn opened<S: SegmentBytes>(
    described: &SegmentRef,
    bytes: S,
) -> Result<Segment<S>, BadChannel> {
    let segment = Segment::read(bytes)?;
    let fits = segment.family() == described.family
        && segment.level() == described.level
        && segment.records() == described.records
        && segment.versions() == described.versions;
    if fits { Ok(segment) } else { Err(BadChannel::OtherSegment) }
}

/// Everything that a family holds when all its segments are applied. Checked against the commitment if the manifest
/// has one; a family without segments and without one is empty.
///
/// # Errors
/// What is wrong with the segments.
pub fn family_state(
    family: Family,
    manifest: &Manifest,
    segments: &[Supplied<'_>],
    mut each: impl FnMut(RecordId, Vec<u8>),
) -> Result<Vec<Live>, BadChannel> {
    let own = segments.iter().filter(|supplied| supplied.described.family == family);
    let runs: Vec<_> =
        own.map(|supplied| Ok(supplied.open()?.entries())).collect::<Result<_, BadChannel>>()?;
    let mut live = Vec::new();
    for entry in merge(runs) {
        let Entry { id, record, .. } = entry?;
        let Some(record) = record else {
            if family == Family::Withdrawals {
                return Err(BadChannel::WithdrawalRemoved);
            }
            continue;
        };
        live.push((id, sha256(&record).0));
        each(id, record);
    }
    let (records, root) = (live.len() as u64, commitment(&live));
    let fits = match manifest.tally(family) {
        Some(tally) => tally.records == records && tally.commitment == root,
        None => records == 0,
    };
    if fits { Ok(live) } else { Err(BadChannel::Commitment) }
}

/// The catalogue of a channel: the titles that all its segments give. Records that do not pass the gate are dropped
/// and counted.
///
/// # Errors
/// What is wrong with the channel as a whole.
pub fn assemble(
    key: &Key,
    manifest: &Manifest,
    segments: &[Supplied<'_>],
) -> Result<Catalogue, BadChannel> {
    let id = Id::try_from(key.to_string()).map_err(|_| BadChannel::Name)?;
    let mut assembly = Assembly::new(Catalogue::of_channel(id, manifest));
    family_state(Family::Withdrawals, manifest, segments, |id, record| {
        assembly.withdrawal(id, &record);
    })?;
    let mut details = BTreeMap::new();
    family_state(Family::Details, manifest, segments, |id, record| {
        details.insert(id, record);
    })?;
    assembly.details = details;
    family_state(Family::Titles, manifest, segments, |id, record| assembly.core(id, &record))?;
    Ok(assembly.finish())
}

pub(super) struct Assembly {
    pub(super) catalogue: Catalogue,
    withdrawn: Vec<Withdrawal>,
    pub(super) gone: BTreeSet<Id>,
    pub(super) details: BTreeMap<RecordId, Vec<u8>>,
    titles: BTreeMap<(u64, RecordId), Core>,
    episodes: BTreeMap<RecordId, Vec<(RecordId, Place, Core)>>,
    dropped: usize,
}

impl Assembly {
    pub(super) fn new(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            withdrawn: vec![],
            gone: BTreeSet::new(),
            details: BTreeMap::new(),
            titles: BTreeMap::new(),
            episodes: BTreeMap::new(),
            dropped: 0,
        }
    }

    fn withdrawal(&mut self, id: RecordId, record: &[u8]) {
        match withdrawal::read(record) {
            Ok(withdrawal) => {
                if withdrawal.infohash.is_none() {
                    self.gone.insert(withdrawal.id.clone());
                }
                self.withdrawn.push(withdrawal);
            }
            Err(why) => self.drop_record(id, rejection(&why)),
        }
    }

    fn core(&mut self, id: RecordId, record: &[u8]) {
        match Core::read(record, id) {
            Ok(core) => match core.work {
                Work::Title(_) => {
                    self.titles.insert((core.rank, id), core);
                }
                Work::Episode(place) => {
                    self.episodes.entry(place.series).or_default().push((id, place, core));
                }
            },
            Err(why) => self.drop_record(id, why),
        }
    }

    pub(super) fn drop_record(&mut self, id: RecordId, why: Rejection) {
        self.catalogue.drop_record(self.dropped, id.to_string(), why);
        self.dropped += 1;
    }

    fn finish(mut self) -> Catalogue {
        for ((_, id), core) in std::mem::take(&mut self.titles) {
            let episodes = self.episodes.remove(&id).unwrap_or_default();
            match self.title(id, core, episodes) {
                Ok(title) => self.catalogue.admit(title),
                Err(why) => self.drop_record(id, why),
            }
        }
        for (id, _, _) in std::mem::take(&mut self.episodes).into_values().flatten() {
            self.drop_record(id, Rejection::Malformed("its series is not here".to_owned()));
        }
        self.catalogue.withdraw(self.withdrawn);
        self.catalogue
    }

    pub(super) fn title(
        &mut self,
        id: RecordId,
        mut core: Core,
        episodes: Vec<(RecordId, Place, Core)>,
    ) -> Result<Title, Rejection> {
        let detail = self.detail(id)?;
        attach_subtitles(&mut core, &detail)?;
        let Work::Title(kind) = core.work else { return Err(wrong("an episode is no title")) };
        if kind != Kind::Series && !episodes.is_empty() {
            return Err(wrong("only a series has episodes"));
        }
        let rights = core.rights.ok_or(Rejection::NoLicence)?;
        let title = Title {
            id: id.to_id()?,
            kind,
            name: core.name,
            original_language: core.original_language,
            synopsis: detail.synopsis,
            year: core.year,
            runtime_s: core.runtime_s,
            licence: rights.licence,
            licence_statement: detail.licence_statement,
            attribution: rights.attribution,
            source: rights.source,
            genres: core.genres,
            people: detail.people,
            countries: detail.countries,
            ids: detail.ids,
            content_rating: core.content_rating,
            poster: detail.poster,
            backdrop: detail.backdrop,
            thumbhash: core.thumbhash,
            releases: core.releases,
            seasons: self.seasons(episodes, &detail.season_names),
        };
        gate::checked(title)
    }

    fn detail(&mut self, id: RecordId) -> Result<Detail, Rejection> {
        let record = self.details.remove(&id);
        let read = record.map(|record| Detail::read(&record)).transpose();
        read.map(Option::unwrap_or_default).map_err(|why| rejection(&why))
    }

    fn seasons(
        &mut self,
        episodes: Vec<(RecordId, Place, Core)>,
        names: &[(u16, Multilingual<300>)],
    ) -> Vec<Season> {
        let mut seasons: BTreeMap<u16, BTreeMap<(u16, RecordId), Episode>> = BTreeMap::new();
        for (id, place, core) in episodes {
            match self.episode(id, place, core) {
                Ok(Some(episode)) => {
                    let season = seasons.entry(place.season).or_default();
                    season.insert((place.number, id), episode);
                }
                Ok(None) => {}
                Err(why) => self.drop_record(id, why),
            }
        }
        let name = |number| names.iter().find(|(season, _)| *season == number);
        let season = |(number, episodes): (u16, BTreeMap<_, _>)| Season {
            number,
            name: name(number).map(|(_, name)| name.clone()).unwrap_or_default(),
            episodes: episodes.into_values().collect(),
        };
        seasons.into_iter().map(season).collect()
    }

    /// An episode, if it is not withdrawn.
    fn episode(
        &mut self,
        id: RecordId,
        place: Place,
        mut core: Core,
    ) -> Result<Option<Episode>, Rejection> {
        let detail = self.detail(id)?;
        attach_subtitles(&mut core, &detail)?;
        let id = id.to_id()?;
        if self.gone.contains(&id) {
            return Ok(None);
        }
        if core.releases.is_empty() || core.name.is_empty() {
            return Err(wrong("an episode needs a name and a release"));
        }
        Ok(Some(Episode {
            id,
            number: place.number,
            name: core.name,
            synopsis: detail.synopsis,
            runtime_s: core.runtime_s,
            still: detail.still,
            releases: core.releases,
        }))
    }
}

fn attach_subtitles(core: &mut Core, detail: &Detail) -> Result<(), Rejection> {
    for (release, track) in &detail.subtitles {
        let release = core.releases.get_mut(*release);
        let release = release.ok_or_else(|| wrong("a subtitle belongs to a release"))?;
        release.subtitles.push(track.clone());
    }
    Ok(())
}

fn wrong(why: &str) -> Rejection {
    Rejection::Malformed(why.to_owned())
}
