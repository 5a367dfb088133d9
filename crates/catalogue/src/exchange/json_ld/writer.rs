//! A catalogue as schema.org JSON-LD.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{super::torrents::magnet, KINDS, OWN, ROLES, SUBTITLES, TYPES};
use crate::{
    catalogue::Catalogue,
    text::Multilingual,
    title::{Episode, Kind, Release, Season, SubtitlePlace, SubtitleTrack, Title},
};

/// A catalogue as a feed of schema.org's `Movie`s and `TVSeries`.
#[must_use]
pub fn write(catalogue: &Catalogue) -> Vec<u8> {
    let titles: Vec<_> = catalogue.titles().iter().map(title).collect();
    let feed = json!({
        "@context": ["https://schema.org", {"kinora": "urn:kinora:"}],
        "@type": "DataFeed",
        "name": texts(catalogue.name()),
        "publisher": {"@type": "Organization", "name": catalogue.publisher()},
        "version": catalogue.revision(),
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "dataFeedElement": titles,
    });
    serde_json::to_vec_pretty(&feed).unwrap_or_default()
}

fn texts<const MAX: usize, const P: bool>(texts: &Multilingual<MAX, P>) -> Value {
    texts.iter().map(|(language, text)| json!({"@value": text, "@language": &**language})).collect()
}

fn title(title: &Title) -> Value {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| {
        if !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)) {
            object.insert(name.to_owned(), value);
        }
    };
    let finer = KINDS.iter().find(|(kind, _)| *kind == title.kind);
    let finer = finer.and_then(|(_, types)| types.first());
    match finer {
        // What is no event stands beside the type of every film.
        Some(kind) if !kind.ends_with("Event") => set("@type", json!(["Movie", kind])),
        _ => set("@type", if title.kind == Kind::Series { "TVSeries" } else { "Movie" }.into()),
    }
    let event = finer.filter(|kind| kind.ends_with("Event"));
    set("recordedAt", event.map(|kind| json!({"@type": kind})).into());
    set("identifier", (*title.id).into());
    set(&format!("{OWN}kind"), title.kind.as_str().into());
    set("name", texts(&title.name));
    set("abstract", texts(&title.synopsis));
    set("inLanguage", title.original_language.as_deref().into());
    set("datePublished", title.year.map(|year| format!("{year:04}")).into());
    set("duration", title.runtime_s.map(duration).into());
    let licence = title.licence.url().unwrap_or_else(|| title.licence.spdx().to_owned());
    set("license", licence.into());
    set("usageInfo", title.licence_statement.as_deref().into());
    set("creditText", (*title.attribution).into());
    set("acquireLicensePage", (*title.source).into());
    set("genre", title.genres.iter().map(|genre| &**genre).collect());
    set("contentRating", title.content_rating.as_deref().into());
    let countries = title.countries.iter();
    set(
        "countryOfOrigin",
        countries.map(|name| json!({"@type": "Country", "name": &**name})).collect(),
    );
    for (field, art) in [("poster", &title.poster), ("backdrop", &title.backdrop)] {
        set(&format!("{OWN}{field}"), json!(art));
    }
    if !title.ids.is_empty() {
        set(
            &format!("{OWN}ids"),
            json!(title.ids.iter().map(|(name, id)| (&**name, &**id)).collect::<BTreeMap<_, _>>()),
        );
    }
    set(&format!("{OWN}thumbhash"), title.thumbhash.as_deref().into());
    for (property, people) in people(title) {
        set(property, people);
    }
    set("encoding", title.releases.iter().map(release).collect());
    set("containsSeason", title.seasons.iter().map(season).collect());
    object.into()
}

fn people(title: &Title) -> Vec<(&'static str, Value)> {
    let person = |name: &str| json!({"@type": "Person", "name": name});
    let mut properties: Vec<(&str, Value)> = ROLES
        .iter()
        .map(|(property, role)| {
            let people = title.people.iter().filter(|one| &*one.role == *role);
            (*property, people.map(|one| person(&one.name)).collect())
        })
        .collect();
    let others =
        title.people.iter().filter(|one| ROLES.iter().all(|(_, role)| *role != &*one.role));
    let role = |role: &str, name: &str| json!({"@type": "Role", "roleName": role, "contributor": person(name)});
    properties.push(("contributor", others.map(|one| role(&one.role, &one.name)).collect()));
    properties
}

fn release(release: &Release) -> Value {
    let torrent = &release.torrent;
    let magnet = magnet(torrent.v1.map(|v1| v1.to_string()), torrent.v2.map(|v2| v2.to_string()));
    let codecs = [&release.video_codec, &release.audio_codec];
    let codecs: Vec<_> = codecs.into_iter().flatten().map(|codec| &**codec).collect();
    let known = TYPES.iter().find(|(container, _)| *container == &*release.container);
    let media_type = known.map_or("application/octet-stream", |(_, media_type)| media_type);
    let mut object = json!({
        "@type": "VideoObject", "identifier": &*release.id, "name": &*release.path,
        "contentUrl": magnet, "contentSize": release.size_bytes.to_string(),
        "encodingFormat": media_type, "videoQuality": &*release.quality,
        format!("{OWN}container"): &*release.container,
    });
    let mut set = |name: &str, value: Value| {
        if !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)) {
            object[name] = value;
        }
    };
    set("width", json!(release.width));
    set("height", json!(release.height));
    if !codecs.is_empty() {
        set("encodingFormat", format!("{media_type}; codecs=\"{}\"", codecs.join(", ")).into());
    }
    set(&format!("{OWN}videoCodec"), release.video_codec.as_deref().into());
    set(&format!("{OWN}audioCodec"), release.audio_codec.as_deref().into());
    set(&format!("{OWN}piecesRoot"), json!(release.pieces_root));
    set("inLanguage", release.audio_languages.iter().map(|one| &**one).collect());
    set("caption", release.subtitles.iter().map(subtitle).collect());
    object
}

fn subtitle(track: &SubtitleTrack) -> Value {
    let known = SUBTITLES.iter().find(|(format, _)| *format == &*track.format);
    let place = match &track.place {
        SubtitlePlace::InTorrent(path) => ("path", (**path).to_owned()),
        SubtitlePlace::File(path) => ("file", (**path).to_owned()),
        SubtitlePlace::Sha256(hash) => ("sha256", hash.to_string()),
    };
    json!({
        "@type": "MediaObject", "inLanguage": &*track.language, "name": track.label.as_deref(),
        "encodingFormat": known.map_or("text/plain", |(_, media_type)| media_type),
        format!("{OWN}format"): &*track.format, format!("{OWN}role"): track.role,
        format!("{OWN}{}", place.0): place.1,
    })
}

fn season(season: &Season) -> Value {
    json!({
        "@type": "TVSeason", "seasonNumber": season.number, "name": texts(&season.name),
        "episode": season.episodes.iter().map(episode).collect::<Value>(),
    })
}

fn episode(episode: &Episode) -> Value {
    json!({
        "@type": "TVEpisode", "identifier": &*episode.id, "episodeNumber": episode.number,
        "name": texts(&episode.name), "abstract": texts(&episode.synopsis),
        "duration": episode.runtime_s.map(duration), format!("{OWN}still"): episode.still,
        "encoding": episode.releases.iter().map(release).collect::<Value>(),
    })
}

/// Seconds as ISO 8601 writes a duration.
fn duration(seconds: u32) -> String {
    format!("PT{}H{}M{}S", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
