//! The detail of a record as a map, and back.

use std::collections::BTreeMap;

use super::{
    super::words::{read_texts, read_words, texts, words},
    Detail, LIMITS,
};
use crate::{
    cbor::{BadShape, Fields, Value, map_of},
    place::Digest,
    text::{Keyword, Text},
    title::{Art, IDS_MAX, Person, SubtitlePlace, SubtitleRole, SubtitleTrack},
};

const BY_HASH: u64 = 1;
const IN_TORRENT: u64 = 2;
const SUBTITLES_MAX: usize = 1024;
const SEASONS_MAX: usize = 200;

impl Detail {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let people = self
            .people
            .iter()
            .map(|person| Value::Array(vec![Value::Text(&person.role), Value::Text(&person.name)]));
        let seasons = self
            .season_names
            .iter()
            .filter_map(|(number, name)| Some((Value::Unsigned(u64::from(*number)), texts(name)?)));
        let seasons: Vec<_> = seasons.collect();
        let ids =
            self.ids.iter().map(|(scheme, id)| (Value::Text(scheme), Value::Text(id))).collect();
        map_of([
            (1, texts(&self.synopsis)),
            (2, list(people)),
            (3, words(self.countries.iter().map(|country| &**country))),
            (4, list(self.subtitles.iter().filter_map(subtitle_value))),
            (5, self.art()),
            (6, (!self.ids.is_empty()).then_some(Value::Map(ids))),
            (7, (!seasons.is_empty()).then_some(Value::Map(seasons))),
            (8, self.licence_statement.as_deref().map(Value::Text)),
        ])
        .to_bytes()
    }

    /// Pictures that only the publisher's own machine has are left out, as subtitles are.
    fn art(&self) -> Option<Value<'_>> {
        let pictures = [&self.poster, &self.backdrop, &self.still];
        let pictures = pictures.map(|picture| picture.as_ref().and_then(art_value));
        let map = map_of((1..).zip(pictures));
        (map != Value::Map(vec![])).then_some(map)
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BadShape> {
        let mut fields = Fields::of(Value::read(bytes, LIMITS)?)?;
        let art = fields.optional(5, read_art)?.unwrap_or_default();
        let [poster, backdrop, still] = art;
        Ok(Self {
            synopsis: fields.optional(1, read_texts)?.unwrap_or_default(),
            people: fields.optional(2, |people| people.each(200, read_person))?.unwrap_or_default(),
            countries: fields.optional(3, |list| read_words(list, 32))?.unwrap_or_default(),
            subtitles: fields
                .optional(4, |list| list.each(SUBTITLES_MAX, read_subtitle))?
                .unwrap_or_default(),
            poster,
            backdrop,
            still,
            ids: fields.optional(6, read_ids)?.unwrap_or_default(),
            season_names: fields.optional(7, read_seasons)?.unwrap_or_default(),
            licence_statement: fields.optional(8, Value::checked)?,
        })
    }
}

fn list<'a>(values: impl Iterator<Item = Value<'a>>) -> Option<Value<'a>> {
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

fn read_person(value: Value<'_>) -> Result<Person, String> {
    let [role, name] = value.tuple()?;
    Ok(Person { role: role.checked()?, name: name.checked()? })
}

fn subtitle_value((release, track): &(usize, SubtitleTrack)) -> Option<Value<'_>> {
    let role = match track.role {
        SubtitleRole::Full => 0,
        SubtitleRole::Forced => 1,
        SubtitleRole::Sdh => 2,
    };
    let label = track.label.as_deref().map_or(Value::Null, Value::Text);
    let place = match &track.place {
        SubtitlePlace::InTorrent(path) => Value::Text(path),
        SubtitlePlace::Sha256(hash) => Value::Bytes(&hash.0),
        SubtitlePlace::File(_) => return None,
    };
    Some(Value::Array(vec![
        Value::Unsigned(*release as u64),
        Value::Text(&track.language),
        Value::Text(&track.format),
        Value::Unsigned(role),
        place,
        label,
    ]))
}

fn read_subtitle(value: Value<'_>) -> Result<(usize, SubtitleTrack), String> {
    let [release, language, format, role, place, label] = value.tuple()?;
    let role = match role.unsigned()? {
        0 => SubtitleRole::Full,
        1 => SubtitleRole::Forced,
        2 => SubtitleRole::Sdh,
        _ => return Err("this kind of subtitle is not known to this program".to_owned()),
    };
    let label = if label == Value::Null { None } else { Some(label.checked()?) };
    let place = match place {
        Value::Bytes(_) => SubtitlePlace::Sha256(Digest(place.array_of()?)),
        path => SubtitlePlace::InTorrent(path.checked()?),
    };
    let (language, format) = (language.checked()?, format.checked()?);
    Ok((release.number()?, SubtitleTrack { language, label, format, role, place }))
}

fn art_value(art: &Art) -> Option<Value<'_>> {
    let (how, value) = match art {
        Art::Sha256(hash) => (BY_HASH, Value::Bytes(&hash.0)),
        Art::InTorrent(path) => (IN_TORRENT, Value::Text(path)),
        Art::File(_) | Art::Asset(_) => return None,
    };
    Some(Value::Array(vec![Value::Unsigned(how), value]))
}

fn read_art(value: Value<'_>) -> Result<[Option<Art>; 3], BadShape> {
    let mut fields = Fields::of(value)?;
    Ok([
        fields.optional(1, read_picture)?,
        fields.optional(2, read_picture)?,
        fields.optional(3, read_picture)?,
    ])
}

fn read_picture(value: Value<'_>) -> Result<Art, String> {
    let [how, picture] = value.tuple()?;
    match how.unsigned()? {
        BY_HASH => Ok(Art::Sha256(Digest(picture.array_of()?))),
        IN_TORRENT => Ok(Art::InTorrent(picture.checked()?)),
        _ => Err("this place for a picture is not known to this program".to_owned()),
    }
}

fn read_ids(value: Value<'_>) -> Result<BTreeMap<Keyword, Text<100>>, String> {
    let entries = value.entries(IDS_MAX)?.into_iter();
    entries.map(|(scheme, id)| Ok((scheme.checked()?, id.checked()?))).collect()
}

type SeasonNames = Vec<(u16, crate::text::Multilingual<300>)>;

fn read_seasons(value: Value<'_>) -> Result<SeasonNames, String> {
    let entries = value.entries(SEASONS_MAX)?.into_iter();
    entries.map(|(number, name)| Ok((number.number()?, read_texts(name)?))).collect()
}
