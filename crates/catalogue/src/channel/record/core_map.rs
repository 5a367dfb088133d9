//! The core of a record as a map, and back: here stands the licence gate of channels.

use torrent::{Sha1Hash, Sha256Hash};

use super::{
    super::words::{read_texts, read_words, texts, words},
    Core, LIMITS, Place, RecordId, Rights, Work, digest, rejection,
};
use crate::{
    cbor::{BadShape, Fields, Value, map_of},
    channel::zbase32,
    gate::Rejection,
    licence::Licence,
    place::{Digest, TorrentLink},
    text::{Id, Text},
    title::{Kind, Release},
};

const FILM: u64 = 1;
const SERIES: u64 = 2;
const EPISODE: u64 = 4;
const SHORT: u64 = 5;
/// What a film is more exactly: a reader who does not know it has a film.
const FINER: [(u64, Kind); 4] =
    [(1, Kind::Concert), (2, Kind::Performance), (3, Kind::Lecture), (4, Kind::Newsreel)];
/// The most releases of one title or episode.
const RELEASES_MAX: usize = 32;
/// The bytes of a thumbhash, at most.
const THUMBHASH_MAX: usize = 25;

impl Core {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (kind, place) = match self.work {
            Work::Title(kind) => (number_of(kind), None),
            Work::Episode(place) => (EPISODE, Some(place)),
        };
        let finer = FINER.iter().find(|(_, kind)| self.work == Work::Title(*kind));
        let year = self.year.map(|year| format!("{year:04}"));
        let rights = self.rights.as_ref();
        let hash = self.thumbhash.as_deref().and_then(thumbhash_bytes);
        let number = |number: u32| Value::Unsigned(u64::from(number));
        map_of([
            (1, Some(Value::Unsigned(kind))),
            (2, texts(&self.name)),
            (3, self.original_language.as_deref().map(Value::Text)),
            (4, year.as_deref().map(Value::Text)),
            (5, self.runtime_s.map(number)),
            (6, rights.map(|rights| Value::Text(rights.licence.spdx()))),
            (7, rights.map(|rights| Value::Text(&rights.attribution))),
            (8, rights.map(|rights| Value::Text(&rights.source))),
            (9, words(self.genres.iter().map(|genre| &**genre))),
            (10, list(self.releases.iter().map(release_value))),
            (11, hash.as_deref().map(Value::Bytes)),
            (15, place.as_ref().map(place_value)),
            (16, self.content_rating.as_deref().map(Value::Text)),
            (18, (self.rank > 0).then_some(Value::Unsigned(self.rank))),
            (19, finer.map(|(number, _)| Value::Unsigned(*number))),
        ])
        .to_bytes()
    }

    /// Reads a core, or says why the record is dropped. `id` is that of the record.
    pub(crate) fn read(bytes: &[u8], id: RecordId) -> Result<Self, Rejection> {
        let value = Value::read(bytes, LIMITS).map_err(|why| rejection(&why.into()))?;
        let mut fields = Fields::of(value).map_err(|why| rejection(&why))?;
        let is_episode = fields.has(15);
        let rights = match rights(&mut fields)? {
            None if !is_episode => return Err(Rejection::NoLicence),
            rights => rights,
        };
        Self::rest(fields, rights, id).map_err(|why| rejection(&why))
    }

    fn rest(
        mut fields: Fields<'_>,
        rights: Option<Rights>,
        id: RecordId,
    ) -> Result<Self, BadShape> {
        let place = fields.optional(15, read_place)?;
        let finer = fields.optional(19, |kind| Ok::<_, &str>(kind.unsigned().ok()))?.flatten();
        let work = fields.required(1, |kind| work(kind.unsigned()?, place))?;
        Ok(Self {
            work: finer.map_or(work, |number| refined(work, number)),
            name: fields.required(2, read_texts)?,
            original_language: fields.optional(3, Value::checked)?,
            year: fields.optional(4, |date| year(date.text()?))?,
            runtime_s: fields.optional(5, Value::number)?,
            rights,
            genres: fields.optional(9, |genres| read_words(genres, 16))?.unwrap_or_default(),
            releases: fields
                .optional(10, |releases| {
                    releases.each(RELEASES_MAX, |release| read_release(release, id))
                })?
                .unwrap_or_default(),
            thumbhash: fields.optional(11, |hash| thumbhash_text(hash.bytes()?))?,
            content_rating: fields.optional(16, Value::checked)?,
            rank: fields.optional(18, Value::unsigned)?.unwrap_or(0),
        })
    }
}

/// Licence, attribution and source: all of them, or none for an episode that has its series' ones.
fn rights(fields: &mut Fields<'_>) -> Result<Option<Rights>, Rejection> {
    let shape = |why: BadShape| rejection(&why);
    let spdx = fields.optional(6, |licence| licence.text().map(str::to_owned)).map_err(shape)?;
    let attribution = fields.optional(7, Value::checked::<Text<1000>>);
    let source = fields.optional(8, Value::checked).map_err(shape)?;
    let Some(spdx) = spdx.filter(|spdx| !spdx.trim().is_empty()) else {
        return if source.is_none() { Ok(None) } else { Err(Rejection::NoLicence) };
    };
    let licence =
        Licence::try_from(spdx).map_err(|unknown| Rejection::UnknownLicence(unknown.0))?;
    let attribution = attribution.ok().flatten().ok_or(Rejection::NoAttribution)?;
    let source = source.ok_or(Rejection::NoSource)?;
    Ok(Some(Rights { licence, attribution, source }))
}

fn number_of(kind: Kind) -> u64 {
    match kind.broad() {
        Kind::Series => SERIES,
        Kind::Short => SHORT,
        _ => FILM,
    }
}

/// Only a film is told more exactly; a number that this program does not know says nothing.
fn refined(work: Work, number: u64) -> Work {
    let finer = FINER.iter().find(|(known, _)| *known == number);
    match (work, finer) {
        (Work::Title(Kind::Film), Some((_, kind))) => Work::Title(*kind),
        _ => work,
    }
}

fn work(kind: u64, place: Option<Place>) -> Result<Work, &'static str> {
    match (kind, place) {
        (FILM, None) => Ok(Work::Title(Kind::Film)),
        (SERIES, None) => Ok(Work::Title(Kind::Series)),
        (SHORT, None) => Ok(Work::Title(Kind::Short)),
        (EPISODE, Some(place)) => Ok(Work::Episode(place)),
        (EPISODE, None) => Err("an episode belongs to a series"),
        (FILM | SERIES | SHORT, Some(_)) => Err("only an episode belongs to a series"),
        _ => Err("this kind of work is not known to this program"),
    }
}

/// The year of a date as EDTF writes it (ISO 8601-2): `1927`, `1927-03~`.
fn year(date: &str) -> Result<u16, &'static str> {
    const WRONG: &str = "a date starts with a year of four digits";
    let digits = date.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let rest_is_date = date.len() <= 16
        && date.bytes().all(|byte| byte.is_ascii_digit() || b"-~?%X".contains(&byte));
    if !rest_is_date {
        return Err(WRONG);
    }
    digits.and_then(|digits| digits.parse().ok()).ok_or(WRONG)
}

fn place_value(place: &Place) -> Value<'_> {
    let number = |number: u16| Value::Unsigned(u64::from(number));
    Value::Array(vec![Value::Bytes(&place.series.0), number(place.season), number(place.number)])
}

fn read_place(value: Value<'_>) -> Result<Place, &'static str> {
    let [series, season, number] = value.tuple()?;
    Ok(Place {
        series: RecordId(series.array_of()?),
        season: season.number()?,
        number: number.number()?,
    })
}

fn list<'a>(values: impl Iterator<Item = Value<'a>>) -> Option<Value<'a>> {
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// Trackers and web seeds stay out: a channel must not be able to send its viewers to anybody's door.
fn release_value(release: &Release) -> Value<'_> {
    let torrent = &release.torrent;
    let pixels = |pixels: u32| Value::Unsigned(u64::from(pixels));
    map_of([
        (1, torrent.v2.as_ref().map(|v2| Value::Bytes(&v2.0))),
        (2, torrent.v1.as_ref().map(|v1| Value::Bytes(&v1.0))),
        (3, Some(Value::Unsigned(release.size_bytes))),
        (4, Some(Value::Text(&release.path))),
        (5, Some(Value::Text(&release.quality))),
        (6, Some(Value::Text(&release.container))),
        (7, release.width.map(pixels)),
        (8, release.height.map(pixels)),
        (9, release.video_codec.as_deref().map(Value::Text)),
        (10, release.audio_codec.as_deref().map(Value::Text)),
        (11, words(release.audio_languages.iter().map(|language| &**language))),
        (12, release.pieces_root.as_ref().map(|root| Value::Bytes(&root.0))),
    ])
}

fn read_release(value: Value<'_>, owner: RecordId) -> Result<Release, BadShape> {
    let mut fields = Fields::of(value)?;
    let torrent = TorrentLink {
        v2: fields.optional(1, |v2| v2.array_of().map(Digest))?,
        v1: fields.optional(2, |v1| v1.array_of().map(Digest))?,
        trackers: vec![],
        web_seeds: vec![],
        sources: vec![],
        metainfo: None,
    };
    let path: crate::place::RelativePath = fields.required(4, Value::checked)?;
    Ok(Release {
        id: release_id(owner, &torrent, &path)
            .map_err(|why| BadShape::Wrong { field: 1, why: why.to_owned() })?,
        quality: fields.required(5, Value::checked)?,
        width: fields.optional(7, Value::number)?,
        height: fields.optional(8, Value::number)?,
        container: fields.required(6, Value::checked)?,
        video_codec: fields.optional(9, Value::checked)?,
        audio_codec: fields.optional(10, Value::checked)?,
        audio_languages: fields
            .optional(11, |languages| read_words(languages, 64))?
            .unwrap_or_default(),
        size_bytes: fields.required(3, Value::unsigned)?,
        torrent,
        path,
        pieces_root: fields.optional(12, |root| root.array_of().map(Digest))?,
        subtitles: vec![],
    })
}

/// A release's id follows from what it is, so that no bytes are spent on it: title or episode, torrent, file.
fn release_id(owner: RecordId, torrent: &TorrentLink, path: &str) -> Result<Id, &'static str> {
    let v2 = torrent.v2.map(|v2| Sha256Hash(v2.0).0.to_vec());
    let v1 = torrent.v1.map(|v1| Sha1Hash(v1.0).0.to_vec());
    let infohash = v2.or(v1).ok_or("a torrent needs an infohash, v1 or v2")?;
    let parts: [&[u8]; 3] = [&owner.0, &infohash, path.as_bytes()];
    let text = zbase32::encode(&digest(b"kinora-release/1\0", &parts));
    Id::try_from(text).map_err(|_| "a torrent needs an infohash, v1 or v2")
}

/// Thumbhashes are base64 for pages and bytes in records.
fn thumbhash_bytes(text: &str) -> Option<Vec<u8>> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.decode(text).ok().filter(|bytes| (1..=THUMBHASH_MAX).contains(&bytes.len()))
}

fn thumbhash_text(bytes: &[u8]) -> Result<Text<48>, &'static str> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    const WRONG: &str = "a thumbhash has 1 to 25 bytes";
    if bytes.len() > THUMBHASH_MAX {
        return Err(WRONG);
    }
    Text::try_from(STANDARD.encode(bytes)).map_err(|_| WRONG)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{channel::records, title::Title};

    /// The core of a film of this kind, and its fields.
    fn core(kind: &str) -> Vec<u8> {
        let release = json!({"id": "r", "quality": "720p", "container": "mp4", "size_bytes": 1,
            "audio_languages": [], "torrent": {"v1": "11".repeat(20)}, "path": "a"});
        let film: Title = serde_json::from_value(json!({"id": "f", "kind": kind,
            "name": {"en": "A"}, "licence": "CC0-1.0", "attribution": "Somebody",
            "source": "https://example.org/", "releases": [release]}))
        .expect("a film");
        records(&film, 1).remove(0).core
    }

    fn field(core: &[u8], number: u64) -> Option<u64> {
        let value = Value::read(core, LIMITS).expect("what we write");
        let mut fields = Fields::of(value).expect("a map");
        fields.optional(number, Value::unsigned).expect("a number")
    }

    /// The same core with other numbers for what it is.
    fn altered(core: &[u8], kind: u64, finer: Value<'static>) -> Vec<u8> {
        let Ok(Value::Map(mut entries)) = Value::read(core, LIMITS) else { panic!("a map") };
        entries.retain(|(key, _)| *key != Value::Unsigned(19));
        entries[0].1 = Value::Unsigned(kind);
        entries.push((Value::Unsigned(19), finer));
        Value::Map(entries).to_bytes()
    }

    fn kind_of(core: &[u8]) -> Work {
        Core::read(core, RecordId([7; 16])).expect("a record").work
    }

    #[test]
    fn a_finer_kind_is_a_film_for_whoever_does_not_know_it() {
        for kind in Kind::SINGLE {
            let core = core(kind.as_str());
            assert_eq!(kind_of(&core), Work::Title(kind));
            let plain = if kind == Kind::Short { SHORT } else { FILM };
            assert_eq!(field(&core, 1), Some(plain), "what older programs read");
            assert_eq!(field(&core, 19).is_some(), kind.broad() != kind);
        }
    }

    #[test]
    fn a_number_that_is_not_known_or_does_not_belong_there_says_nothing() {
        let core = core("film");
        for finer in [Value::Unsigned(0), Value::Unsigned(u64::MAX), Value::Text("concert")] {
            assert_eq!(kind_of(&altered(&core, FILM, finer)), Work::Title(Kind::Film));
        }
        let short = altered(&core, SHORT, Value::Unsigned(1));
        assert_eq!(kind_of(&short), Work::Title(Kind::Short));
        let unknown = altered(&core, 6, Value::Unsigned(1));
        assert!(Core::read(&unknown, RecordId([7; 16])).is_err());
    }
}
