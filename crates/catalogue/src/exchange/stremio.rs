//! A catalogue as the answers of a Stremio add-on: manifest, lists, descriptions, streams by infohash.

use serde_json::{Value, json};

use crate::{
    catalogue::Catalogue,
    title::{Episode, Kind, Release, Title},
};

/// Titles in one answer.
pub const PAGE: usize = 100;
/// What every id of ours begins with.
const PREFIX: &str = "kinora:";
/// The one list of each type.
pub const LIST: &str = "channel";

/// The word for a title's kind.
#[must_use]
pub fn word(kind: Kind) -> &'static str {
    if kind == Kind::Series { "series" } else { "movie" }
}

/// What the add-on is.
#[must_use]
pub fn manifest(catalogue: &Catalogue) -> Value {
    let name = catalogue.name().pick(&[] as &[&str]).unwrap_or("Kinora");
    let about =
        catalogue.about().pick(&[] as &[&str]).unwrap_or("A channel of openly licensed films.");
    let types: Vec<_> = ["movie", "series"]
        .into_iter()
        .filter(|one| {
            *one == "movie" || catalogue.titles().iter().any(|title| word(title.kind) == *one)
        })
        .collect();
    let lists: Vec<_> = types
        .iter()
        .map(|one| json!({"type": one, "id": LIST, "name": name, "extra": [{"name": "search"}, {"name": "skip"}]}))
        .collect();
    let short: String = catalogue.id().chars().take(20).collect();
    json!({
        "id": format!("org.kinora.channel.{short}"), "version": format!("1.{}.0", catalogue.revision()),
        "name": name, "description": about, "types": types, "catalogs": lists,
        "resources": ["catalog", "meta", "stream"], "idPrefixes": [PREFIX],
    })
}

/// A page of titles: those of a type, whose names have the searched words in them.
#[must_use]
pub fn list(catalogue: &Catalogue, kind: &str, search: Option<&str>, skip: usize) -> Value {
    let wanted = search.unwrap_or_default().to_lowercase();
    let fits = |title: &&Title| {
        word(title.kind) == kind
            && (wanted.is_empty()
                || title.name.iter().any(|(_, name)| name.to_lowercase().contains(&wanted)))
    };
    let titles = catalogue.titles().iter().filter(fits).skip(skip).take(PAGE);
    json!({"metas": titles.map(preview).collect::<Value>()})
}

fn id(title: &Title) -> String {
    format!("{PREFIX}{}", &*title.id)
}

fn name(title: &Title) -> &str {
    title.name.pick(&[] as &[&str]).unwrap_or_default()
}

fn preview(title: &Title) -> Value {
    let mut meta = json!({
        "id": id(title), "type": word(title.kind), "name": name(title),
        "genres": title.genres.iter().map(|genre| &**genre).collect::<Value>(),
        "posterShape": "poster",
    });
    if let Some(year) = title.year {
        meta["releaseInfo"] = year.to_string().into();
    }
    if let Some(text) = title.synopsis.pick(&[] as &[&str]) {
        meta["description"] = text.into();
    }
    meta
}

/// Everything about one title; none if there is no such.
#[must_use]
pub fn meta(catalogue: &Catalogue, kind: &str, wanted: &str) -> Option<Value> {
    let title = find(catalogue, wanted).filter(|title| word(title.kind) == kind)?;
    let mut meta = preview(title);
    if let Some(seconds) = title.runtime_s {
        meta["runtime"] = format!("{} min", seconds.div_ceil(60)).into();
    }
    let people = |role: &str| -> Vec<&str> {
        title.people.iter().filter(|one| &*one.role == role).map(|one| &*one.name).collect()
    };
    meta["director"] = json!(people("director"));
    meta["cast"] = json!(people("cast"));
    meta["website"] = (*title.source).into();
    let credit = format!("{} · {}", title.licence.name(), &*title.attribution);
    let about = meta["description"].as_str().map(|text| format!("{text}\n\n{credit}"));
    meta["description"] = about.unwrap_or(credit).into();
    if title.kind == Kind::Series {
        meta["videos"] = title.episodes().map(|(season, one)| video(title, season, one)).collect();
    }
    Some(json!({"meta": meta}))
}

fn video(title: &Title, season: u16, episode: &Episode) -> Value {
    json!({
        "id": format!("{}:{season}:{}", id(title), episode.number),
        "title": episode.name.pick(&[] as &[&str]).unwrap_or_default(),
        "season": season, "episode": episode.number,
        "released": format!("{:04}-01-01T00:00:00.000Z", title.year.unwrap_or(1970)),
    })
}

fn find<'a>(catalogue: &'a Catalogue, wanted: &str) -> Option<&'a Title> {
    let own = wanted.strip_prefix(PREFIX)?;
    catalogue.titles().iter().find(|title| &*title.id == own)
}

/// The releases of a film, or of an episode by `ID:SEASON:NUMBER`, that have a v1 infohash; none without such a title.
#[must_use]
pub fn streams(catalogue: &Catalogue, wanted: &str) -> Option<Value> {
    let releases = match find(catalogue, wanted) {
        Some(title) => &title.releases,
        None => {
            let mut parts = wanted.rsplitn(3, ':');
            let (number, season) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let title = find(catalogue, parts.next()?)?;
            let episode = title.episodes().find(|(of, one)| (*of, one.number) == (season, number));
            &episode?.1.releases
        }
    };
    Some(json!({"streams": releases.iter().filter_map(stream).collect::<Value>()}))
}

fn stream(release: &Release) -> Option<Value> {
    let file = release.path.rsplit('/').next().unwrap_or_default();
    Some(json!({
        "infoHash": release.torrent.v1?.to_string(), "name": format!("Kinora {}", &*release.quality),
        "description": file,
        "behaviorHints": {"filename": file, "videoSize": release.size_bytes, "bingeGroup": format!("kinora-{}", &*release.quality)},
    }))
}
