//! Lists of titles and films that are taken into one of our channels while somebody listens.

use std::path::PathBuf;

use axum::{extract::State, response::Response};
use catalogue::Catalogue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{
    Problems,
    lines::{self, NEWS_WAITING},
    own_channels::key,
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    importing::{Imported, Importer, List, ListedFilm, ListedSeries, ListedTitle, News},
};

/// A list whose films and pictures lie on this machine.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListRequest {
    /// The whole path of the folder below which the pictures of titles lie.
    folder: String,
    /// Titles that have their torrents.
    #[serde(default)]
    titles: Vec<TitleOfList>,
    /// Films that have none yet.
    #[serde(default)]
    films: Vec<ListedFilm>,
    /// Series with episodes that have none yet.
    #[serde(default)]
    series: Vec<ListedSeries>,
}

/// A title of a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TitleOfList {
    /// The line that it begins in.
    line: u64,
    /// What is said of it, as in a catalogue file.
    #[schema(value_type = Object)]
    record: Map<String, Value>,
    /// Whether the list gives it its id; another one is made of what it is called.
    #[serde(default)]
    has_own_id: bool,
}

/// A line of the answer; the last one is `imported` or `failed`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ImportLine {
    /// How far it is, or what is left out.
    News(News),
    /// How it ended.
    End(ImportEnd),
}

/// How an import ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ImportEnd {
    /// All of it waits for the next publish.
    Imported(Imported),
    /// Nothing of it does.
    Failed {
        /// Why.
        problem: Problem,
    },
}

impl ListRequest {
    /// The list; with it, what is left out of it because it does not pass the gate.
    fn read(self) -> Result<(List, Vec<News>), Problem> {
        let folder = PathBuf::from(&self.folder);
        let named = self.films.iter().flat_map(|film| {
            [Some(&film.path), film.poster.as_ref(), film.backdrop.as_ref()].into_iter().flatten()
        });
        let episodes = self.series.iter().flat_map(|series| &series.episodes);
        let named = named.chain(episodes.map(|episode| &episode.path));
        if let Some(path) = named.chain([&folder]).find(|path| !path.is_absolute()) {
            let detail = format!("{} is no whole path", path.display());
            return Err(Problem::from(Code::BodyWrong).detail(detail));
        }
        let place = |title: &TitleOfList| Some((title.line, title.has_own_id));
        let mut places: Vec<_> = self.titles.iter().map(place).collect();
        let records: Vec<_> = self.titles.into_iter().map(|title| title.record).collect();
        let file = json!({
            "kinora_catalogue": 1, "id": "list", "revision": 1, "name": {"en": "list"},
            "publisher": "list", "titles": records,
        });
        let read = Catalogue::parse(file.to_string().as_bytes());
        let read = read.map_err(|why| Problem::from(Code::CatalogueBad).detail(why))?;
        let left_out = read.rejected().iter().map(|rejected| News::LeftOut {
            line: places.get_mut(rejected.index).and_then(Option::take).unwrap_or_default().0,
            name: rejected.id.clone().unwrap_or_default(),
            code: rejected.why.code().to_owned(),
            why: rejected.why.to_string(),
        });
        let left_out = left_out.collect();
        let titles = read.titles().iter().cloned().zip(places.into_iter().flatten());
        let titles = titles
            .map(|(title, (line, has_own_id))| ListedTitle { line, title, has_own_id })
            .collect();
        Ok((List { folder, titles, films: self.films, series: self.series }, left_out))
    }
}

impl Cinema {
    /// Takes lists into our channels.
    pub(crate) fn importer(&self) -> Importer {
        Importer {
            masters: self.masters.clone(),
            publisher: self.publisher.clone(),
            session: self.swarm.session().ok(),
        }
    }
}

/// Takes a list into a channel: all of it waits for the next publish then, or nothing. The answer is a line of JSON for each
/// piece of news, and one for the end; whoever closes the connection before that stops the import, and nothing of it stays.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/imports", tag = "publishing", request_body = ListRequest,
    params(("id" = String, Path)),
    responses((status = 200, body = ImportLine, content_type = "application/jsonl"), Problems))]
pub(super) async fn import_list(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<ListRequest>,
) -> Result<Response, Problem> {
    let channel = key(&id)?;
    cinema.publisher.get(channel).await.map_err(|error| Problem::from(&error))?;
    let read = tokio::task::spawn_blocking(move || request.read()).await;
    let (list, left_out) = read.map_err(|_| Code::Internal)??;
    let (sender, news) = mpsc::channel(NEWS_WAITING);
    let importing = cinema.clone();
    let work = tokio::spawn(async move {
        for one in left_out {
            if sender.send(one).await.is_err() {
                return None;
            }
        }
        let imported = importing.importer().import(channel, list, sender).await;
        importing.events.tell(Event::Channels);
        match imported {
            Ok(imported) => imported.map(ImportEnd::Imported),
            Err(problem) => Some(problem.into()),
        }
    });
    Ok(lines::answer::<ImportLine, _, _>(news, work, cinema.stopping.subscribe()))
}

impl From<Problem> for ImportEnd {
    fn from(problem: Problem) -> Self {
        Self::Failed { problem }
    }
}

impl From<News> for ImportLine {
    fn from(news: News) -> Self {
        Self::News(news)
    }
}

impl From<ImportEnd> for ImportLine {
    fn from(end: ImportEnd) -> Self {
        Self::End(end)
    }
}
