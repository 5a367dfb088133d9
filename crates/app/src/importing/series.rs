//! Series of a list: each episode that lies here is taken in and made into a torrent, and all of them are one title.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use catalogue::{Id, Rejection, Title};
use channels::ListTitle;
use serde_json::{Map, Value, json};

use super::{
    Halt, Import, ListedEpisode, ListedSeries,
    films::{FRAME, Published, of_film},
    is_ours,
};
use crate::{
    http::problem::{Code, Problem},
    masters::{Description, Made, Master, Named, admitted},
    packing::Sort,
};

/// What a film that is an episode takes from its series, so that the gate looks at it with its licence.
const OF_SERIES: [&str; 4] = ["licence", "licence_statement", "attribution", "source"];

/// The films of a series so far, by their files: one may have several episodes.
type Films = BTreeMap<PathBuf, Film>;

/// A film with one or more episodes.
#[derive(Debug, Clone)]
struct Film {
    master: Master,
    made: Title,
}

impl Import {
    /// Takes series in, one after the other. An episode that is none is left out; a disk that refuses ends it.
    pub(super) async fn take_series(
        &mut self,
        series: Vec<ListedSeries>,
        folder: &Path,
        published: &Published,
    ) -> Result<(), Halt> {
        for one in series {
            self.take_one(one, folder, published).await?;
        }
        Ok(())
    }

    async fn take_one(
        &mut self,
        mut series: ListedSeries,
        folder: &Path,
        published: &Published,
    ) -> Result<(), Halt> {
        let (before, mut known) = (self.films.len(), 0);
        let (mut films, mut taken) = (Films::new(), vec![]);
        for episode in std::mem::take(&mut series.episodes) {
            let film = of_film(&episode.id, &episode.path);
            let film = film.and_then(|film| published.get(&film));
            let master = self.take_episode(&mut series.record, &episode, film, &mut films).await?;
            if let Some(master) = master {
                known += usize::from(master.published.is_some());
                taken.push((episode.id, master));
            }
            self.film_done().await?;
        }
        let left = episodes(&mut series.record).filter(|one| one.contains_key("releases")).count();
        if left == known {
            self.known += known;
            return Ok(());
        }
        for (id, master) in taken {
            self.add_still(&mut series.record, &id, &master).await?;
        }
        let name = name_of(&series.record);
        let title = match admitted(&whole(series.record)) {
            Ok(title) => self.admit(title),
            Err(problem) => Err(Rejection::Malformed(said(problem)).into()),
        };
        match title {
            Ok(title) => {
                let title = self.pictured((series.line, &name), title, folder).await?;
                let title = ListTitle { title, has_own_id: series.has_own_id };
                self.titles.push((series.line, title));
                Ok(())
            }
            Err(why) => {
                self.forget_from(before);
                self.tell(why.news(series.line, name)).await
            }
        }
    }

    /// Gives an episode the releases of its film, which is returned; one that cannot have any is told of.
    async fn take_episode(
        &mut self,
        record: &mut Map<String, Value>,
        episode: &ListedEpisode,
        known: Option<&Master>,
        films: &mut Films,
    ) -> Result<Option<Master>, Halt> {
        let before = self.films.len();
        let film = match films.get(&episode.path) {
            Some(film) => Ok(film.clone()),
            None => self.film(record, episode, known).await,
        };
        match film {
            Ok(film) => {
                give(record, &episode.id, &film.made);
                let master = film.master.clone();
                films.insert(episode.path.clone(), film);
                Ok(Some(master))
            }
            Err(Halt::Failed(problem)) if !is_ours(&problem) => {
                self.forget_from(before);
                let why = super::Refusal::from(Rejection::Malformed(said(problem)));
                self.tell(why.news(episode.line, episode.path.display().to_string())).await?;
                Ok(None)
            }
            Err(halt) => Err(halt),
        }
    }

    /// The film of an episode, as it is here or taken in now.
    async fn film(
        &mut self,
        record: &Map<String, Value>,
        episode: &ListedEpisode,
        known: Option<&Master>,
    ) -> Result<Film, Halt> {
        let (description, has_still) = described(record, &episode.id);
        if let Some(master) = known
            && let Some(made) = self.importer.masters.made(master, &description)?
        {
            return Ok(Film { master: master.clone(), made: made.title });
        }
        let mut master = self.bring(&episode.path).await?;
        if !has_still {
            // Without ffmpeg it goes without a picture.
            let framed = self.importer.masters.choose_frame(&master, FRAME).await;
            master = framed.unwrap_or(master);
        }
        let made = self.hashed(&master, &description).await?;
        let named = named(record, &made)?;
        let film = Film { master: master.clone(), made: made.title.clone() };
        if let Some(taken) = self.films.last_mut() {
            (taken.master, taken.made) = (master, Some((named, made)));
        }
        Ok(film)
    }

    /// Gives an episode without a picture the frame that was taken of it, in the packs of the channel.
    async fn add_still(
        &mut self,
        record: &mut Map<String, Value>,
        id: &str,
        master: &Master,
    ) -> Result<(), Halt> {
        let Some(frame) = self.importer.masters.backdrop(master) else { return Ok(()) };
        let Some(episode) = episode_of(record, id).filter(|one| !one.contains_key("still")) else {
            return Ok(());
        };
        if let Ok(ready) = self.ready(Sort::Still, move || Ok(frame)).await? {
            let art = self.keep(ready).await?.art();
            episode.insert("still".to_owned(), json!(art));
        }
        Ok(())
    }
}

/// A problem in words.
fn said(problem: Problem) -> String {
    problem.detail.unwrap_or_else(|| problem.title.to_owned())
}

/// What the series calls itself.
fn name_of(record: &Map<String, Value>) -> String {
    let names = record.get("name").and_then(Value::as_object);
    let name = names.and_then(|names| names.values().next()).and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

/// The episodes of a record.
fn episodes(record: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let seasons = record.get_mut("seasons").and_then(Value::as_array_mut).into_iter().flatten();
    let all = seasons.filter_map(|season| season.get_mut("episodes")?.as_array_mut()).flatten();
    all.filter_map(Value::as_object_mut)
}

fn episode_of<'a>(
    record: &'a mut Map<String, Value>,
    id: &str,
) -> Option<&'a mut Map<String, Value>> {
    episodes(record).find(|episode| episode.get("id").is_some_and(|own| own == id))
}

fn find<'a>(record: &'a Map<String, Value>, id: &str) -> Option<&'a Value> {
    let seasons = record.get("seasons").and_then(Value::as_array).into_iter().flatten();
    let mut all = seasons.filter_map(|season| season["episodes"].as_array()).flatten();
    all.find(|episode| episode["id"] == id)
}

/// An episode in the shape of a film, and whether it has a picture of its own.
fn described(record: &Map<String, Value>, id: &str) -> (Description, bool) {
    let episode = find(record, id).unwrap_or(&Value::Null);
    let of_series = OF_SERIES.iter().filter_map(|field| record.get_key_value(*field));
    let mut film: Map<_, _> =
        of_series.map(|(field, value)| (field.clone(), value.clone())).collect();
    film.insert("kind".to_owned(), "film".into());
    film.insert("id".to_owned(), id.into());
    film.insert("name".to_owned(), episode["name"].clone());
    (Description::new(film), episode.get("still").is_some())
}

/// What an episode that is made is called in the channel.
fn named(record: &Map<String, Value>, made: &Made) -> Result<Named, Problem> {
    let id = record.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let title = Id::try_from(id);
    let title = title.map_err(|why| Problem::from(Code::NoValidTitle).detail(why))?;
    Ok(Named { title, episode: Some(made.title.id.clone()) })
}

/// Gives an episode the releases of a film, and what else is known of that.
fn give(record: &mut Map<String, Value>, id: &str, film: &Title) {
    let Some(episode) = episode_of(record, id) else { return };
    let mut releases = json!(film.releases);
    for release in releases.as_array_mut().into_iter().flatten() {
        // The film may be that of another episode, too.
        let quality = release["quality"].as_str().unwrap_or_default();
        release["id"] = format!("{id}-{quality}").into();
    }
    episode.insert("releases".to_owned(), releases);
    if let Some(runtime_s) = film.runtime_s {
        episode.entry("runtime_s").or_insert_with(|| runtime_s.into());
    }
}

/// The record without episodes that have no releases.
fn whole(mut record: Map<String, Value>) -> Value {
    if let Some(seasons) = record.get_mut("seasons").and_then(Value::as_array_mut) {
        for season in seasons.iter_mut() {
            if let Some(episodes) = season.get_mut("episodes").and_then(Value::as_array_mut) {
                episodes.retain(|episode| episode.get("releases").is_some());
            }
        }
        seasons.retain(|season| season["episodes"].as_array().is_some_and(|all| !all.is_empty()));
    }
    record.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_release_is_in_no_record() {
        let episode = |id: &str, has: bool| {
            let mut one = json!({"id": id});
            if has {
                one["releases"] = json!([1]);
            }
            one
        };
        let record = json!({"seasons": [
            {"number": 1, "episodes": [episode("a", false), episode("b", true)]},
            {"number": 2, "episodes": [episode("c", false)]}, "no season", {"number": 3},
        ]});
        let Value::Object(mut record) = record else { panic!("an object") };
        assert_eq!(episodes(&mut record).count(), 3);
        assert_eq!(find(&record, "b").unwrap()["releases"], json!([1]));
        let left = json!([{"number": 1, "episodes": [episode("b", true)]}]);
        assert_eq!(whole(record)["seasons"], left);
    }
}
