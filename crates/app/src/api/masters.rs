//! The wizard's side of publishing a film: taken in, given a poster and a record, published.

use std::path::PathBuf;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::StatusCode,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use catalogue::{
    Id,
    channel::{Key, RecordId},
};
use channels::IfThere;
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, timeout};
use utoipa::ToSchema;

use super::Problems;
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Path, Query},
        problem::{Code, Problem},
    },
    masters::{Choice, Facts, FilmRecord, Given, Master, Offer, PublishedFilm, Work},
};

/// How long the next part of a film that is sent may take.
const PART_PATIENCE: Duration = Duration::from_secs(60);
/// Other complete copies that make it safe to close.
const COPIES_SAFE: usize = 2;

/// A film that somebody here publishes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MasterShown {
    /// Its id.
    id: String,
    /// What its file was called.
    name: String,
    /// Its length, bytes.
    length: u64,
    /// What is in it.
    facts: Facts,
    /// The files that go out, best first: what was made of it, or itself.
    outgoing: Vec<OutgoingShown>,
    /// Whether ffmpeg made them.
    converted: bool,
    /// Its subtitles.
    subtitles: Vec<SubtitleShown>,
    /// Its poster, as a data address.
    #[schema(required)]
    poster: Option<String>,
    /// What is being done with it.
    #[schema(required)]
    work: Option<Work>,
    /// What it became.
    #[schema(required)]
    published: Option<PublishedFilm>,
    /// Other complete copies of every quality that were seen in this run; those behind one address count once.
    copies: usize,
    /// Whether enough others have all of it that this machine may rest.
    safe_to_close: bool,
}

/// A file that goes out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutgoingShown {
    /// `720p`.
    quality: String,
    /// Its length, bytes.
    length: u64,
    /// What is in it.
    facts: Facts,
}

/// A subtitle that goes out with every quality.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubtitleShown {
    /// Its id.
    id: String,
    /// Its language (BCP 47); `und` if nobody said it.
    language: String,
    /// What tells it from others of the same language.
    #[schema(required)]
    label: Option<String>,
}

impl MasterShown {
    pub(super) fn new(master: Master, cinema: &Cinema) -> Self {
        let copies = master.published.as_ref().map_or(0, |published| copies(published, cinema));
        let outgoing = master.outgoing().into_iter().map(|one| OutgoingShown {
            quality: one.quality,
            length: one.length,
            facts: one.facts,
        });
        let subtitles = master.subtitles.iter().map(|one| SubtitleShown {
            id: one.file.clone(),
            language: one.language.clone(),
            label: one.label.clone(),
        });
        Self {
            outgoing: outgoing.collect(),
            converted: !master.made.is_empty(),
            subtitles: subtitles.collect(),
            poster: cinema.masters.poster(&master).map(|webp| data(&webp)),
            work: cinema.masters.work(&master.id),
            id: master.id,
            name: master.name,
            length: master.length,
            facts: master.facts,
            published: master.published,
            copies,
            safe_to_close: copies >= COPIES_SAFE,
        }
    }
}

/// Of the quality that fewest have.
fn copies(published: &PublishedFilm, cinema: &Cinema) -> usize {
    let each = published.releases.iter().map(|one| cinema.masters.copies(&one.infohash));
    each.min().unwrap_or_else(|| cinema.masters.copies(&published.infohash))
}

fn data(webp: &[u8]) -> String {
    format!("data:image/webp;base64,{}", BASE64_STANDARD.encode(webp))
}

/// The films that somebody here publishes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MasterList {
    /// All of them.
    masters: Vec<MasterShown>,
}

/// The films that somebody here publishes, and those that wait to be.
#[utoipa::path(get, path = "/api/v1/masters", tag = "publishing",
    responses((status = 200, body = MasterList), Problems))]
pub(super) async fn masters(State(cinema): State<Cinema>) -> Json<MasterList> {
    let mut all = cinema.masters.all();
    // Those of a list that is being imported belong to that import alone.
    all.retain(|master| master.purpose.is_none() || master.published.is_some());
    let masters = all.into_iter().map(|master| MasterShown::new(master, &cinema)).collect();
    Json(MasterList { masters })
}

/// Which file of this machine.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeRequest {
    /// Its whole path.
    pub(super) path: String,
}

/// Takes in a film that lies on this machine: linked where that can be, else copied.
#[utoipa::path(post, path = "/api/v1/masters", tag = "publishing", request_body = TakeRequest,
    responses((status = 201, body = MasterShown), Problems))]
pub(super) async fn take_master(
    State(cinema): State<Cinema>,
    Json(request): Json<TakeRequest>,
) -> Result<(StatusCode, Json<MasterShown>), Problem> {
    let master = cinema.masters.take(&PathBuf::from(request.path)).await?;
    Ok((StatusCode::CREATED, Json(MasterShown::new(master, &cinema))))
}

/// What the file was called.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sent {
    /// Its name.
    name: String,
}

/// Takes in a film that is sent, as long as it comes.
#[utoipa::path(post, path = "/api/v1/masters/file", tag = "publishing", params(Sent),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = MasterShown), Problems))]
pub(super) async fn receive_master(
    State(cinema): State<Cinema>,
    Query(sent): Query<Sent>,
    mut body: Body,
) -> Result<(StatusCode, Json<MasterShown>), Problem> {
    let mut arriving = cinema.masters.receive(&sent.name).await?;
    loop {
        let frame = timeout(PART_PATIENCE, body.frame()).await.map_err(|_| Code::TooSlow)?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Code::BadRequest)?;
        if let Ok(bytes) = frame.into_data() {
            arriving.write(bytes).await?;
        }
    }
    let master = cinema.masters.received(arriving).await?;
    Ok((StatusCode::CREATED, Json(MasterShown::new(master, &cinema))))
}

fn find(cinema: &Cinema, id: &str) -> Result<Master, Problem> {
    cinema.masters.get(id).ok_or_else(|| Code::MasterUnknown.into())
}

/// One of the films.
#[utoipa::path(get, path = "/api/v1/masters/{id}", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = MasterShown), Problems))]
pub(super) async fn master(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<MasterShown>, Problem> {
    Ok(Json(MasterShown::new(find(&cinema, &id)?, &cinema)))
}

/// Removes a film that is not published; what is being done with it stops.
#[utoipa::path(delete, path = "/api/v1/masters/{id}", tag = "publishing",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn remove_master(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let masters = cinema.masters.clone();
    tokio::task::spawn_blocking(move || masters.remove(&id))
        .await
        .map_err(|_| Code::Internal)??;
    Ok(StatusCode::NO_CONTENT)
}

/// What ffmpeg can make of the film.
#[utoipa::path(get, path = "/api/v1/masters/{id}/conversion", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = Offer), Problems))]
pub(super) async fn offer(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Offer>, Problem> {
    let master = find(&cinema, &id)?;
    Ok(Json(cinema.masters.offer(&master).await?))
}

/// Begins to make what was chosen. It goes on when the page is closed; the film's work says how far it is.
#[utoipa::path(post, path = "/api/v1/masters/{id}/conversion", tag = "publishing", request_body = Choice,
    params(("id" = String, Path)), responses((status = 202, body = MasterShown), Problems))]
pub(super) async fn convert_master(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(choice): Json<Choice>,
) -> Result<(StatusCode, Json<MasterShown>), Problem> {
    let master = find(&cinema, &id)?;
    cinema.convert_master(master.clone(), choice)?;
    Ok((StatusCode::ACCEPTED, Json(MasterShown::new(master, &cinema))))
}

/// Stops a conversion; nothing stays of it.
#[utoipa::path(delete, path = "/api/v1/masters/{id}/conversion", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = MasterShown), Problems))]
pub(super) async fn stop_conversion(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<MasterShown>, Problem> {
    let master = find(&cinema, &id)?;
    cinema.masters.stop_conversion(&id);
    Ok(Json(MasterShown::new(master, &cinema)))
}

/// What is known of a subtitle file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SentSubtitle {
    /// Its name, which may say its language: `film.fr.srt`.
    name: String,
    /// Its language (BCP 47).
    language: Option<String>,
}

/// Adds a subtitle (SRT, WebVTT, ASS, MicroDVD). One of the same language and purpose is replaced.
#[utoipa::path(put, path = "/api/v1/masters/{id}/subtitles", tag = "publishing", 
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path), SentSubtitle), responses((status = 200, body = MasterShown), Problems))]
pub(super) async fn add_subtitle(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Query(sent): Query<SentSubtitle>,
    body: Bytes,
) -> Result<Json<MasterShown>, Problem> {
    changeable(&cinema, &id)?;
    let masters = cinema.masters.clone();
    let given = Given { language: sent.language, name: sent.name, ..Given::default() };
    let work = move || masters.add_subtitle(&id, given, &body);
    let master = tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal)??;
    Ok(Json(MasterShown::new(master, &cinema)))
}

/// Takes a subtitle out again.
#[utoipa::path(delete, path = "/api/v1/masters/{id}/subtitles/{subtitle}", tag = "publishing",
    params(("id" = String, Path), ("subtitle" = String, Path)),
    responses((status = 200, body = MasterShown), Problems))]
pub(super) async fn remove_subtitle(
    State(cinema): State<Cinema>,
    Path((id, subtitle)): Path<(String, String)>,
) -> Result<Json<MasterShown>, Problem> {
    changeable(&cinema, &id)?;
    let master = cinema.masters.remove_subtitle(&id, &subtitle)?;
    Ok(Json(MasterShown::new(master, &cinema)))
}

/// Frames to choose a poster from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Frames {
    /// Pictures as data addresses.
    frames: Vec<String>,
}

/// Frames of the film, taken out by ffmpeg.
#[utoipa::path(get, path = "/api/v1/masters/{id}/frames", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = Frames), Problems))]
pub(super) async fn frames(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Frames>, Problem> {
    let master = find(&cinema, &id)?;
    let frames = cinema.masters.frames(&master).await?;
    Ok(Json(Frames { frames: frames.iter().map(|webp| data(webp)).collect() }))
}

/// Which frame.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameChoice {
    /// Its place in the list of frames.
    frame: usize,
}

/// Makes poster and backdrop of a frame.
#[utoipa::path(post, path = "/api/v1/masters/{id}/frames", tag = "publishing", request_body = FrameChoice,
    params(("id" = String, Path)), responses((status = 200, body = MasterShown), Problems))]
pub(super) async fn choose_frame(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(choice): Json<FrameChoice>,
) -> Result<Json<MasterShown>, Problem> {
    let master = changeable(&cinema, &id)?;
    let master = cinema.masters.choose_frame(&master, choice.frame).await?;
    Ok(Json(MasterShown::new(master, &cinema)))
}

/// Makes a poster of a picture that somebody chose: JPEG, PNG or WebP.
#[utoipa::path(put, path = "/api/v1/masters/{id}/poster", tag = "publishing",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path)), responses((status = 200, body = MasterShown), Problems))]
pub(super) async fn set_poster(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<MasterShown>, Problem> {
    let master = changeable(&cinema, &id)?;
    let master = cinema.masters.set_poster(&master, body.to_vec()).await?;
    Ok(Json(MasterShown::new(master, &cinema)))
}

/// A film whose torrents are not being made and were not made.
fn changeable(cinema: &Cinema, id: &str) -> Result<Master, Problem> {
    let master = find(cinema, id)?;
    if master.published.is_some() {
        return Err(Code::MasterPublished.into());
    }
    match cinema.masters.work(id) {
        None | Some(Work::Failed { .. } | Work::Converting { .. }) => Ok(master),
        Some(Work::There { .. }) => {
            // Its torrents are not those of what it becomes now.
            cinema.masters.end_work(id);
            Ok(master)
        }
        Some(Work::Hashing { .. } | Work::Publishing) => Err(Code::MasterBusy.into()),
    }
}

/// What a film is published as, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishRequest {
    /// The channel, by the 52 letters of its key.
    channel: String,
    /// What is said of the film.
    film: FilmRecord,
    /// The id of the title of this channel that is described anew with it, and keeps what is not said.
    update: Option<String>,
    /// Whether it becomes one more title even if the channel has the film already.
    #[serde(default)]
    again: bool,
}

impl PublishRequest {
    fn if_there(&self) -> Result<IfThere, Problem> {
        match &self.update {
            Some(_) if self.again => {
                let detail = "a film updates a title, or becomes one more";
                Err(Problem::from(Code::BodyWrong).detail(detail))
            }
            Some(title) => {
                let id = Id::try_from(title.clone());
                let id = id.map_err(|why| Problem::from(Code::TitleUnknown).detail(why))?;
                Ok(IfThere::Update(RecordId::of(&id)))
            }
            None if self.again => Ok(IfThere::Add),
            None => Ok(IfThere::Tell),
        }
    }
}

/// Begins to publish a film: its torrent is made, the channel signed and told. The film's work says how far it is. If the
/// channel has the film already and neither `update` nor `again` says what is meant, the work ends as `there`, and the film
/// can be published with one of them.
#[utoipa::path(post, path = "/api/v1/masters/{id}/publish", tag = "publishing", request_body = PublishRequest,
    params(("id" = String, Path)), responses((status = 202, body = MasterShown), Problems))]
pub(super) async fn publish_master(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<PublishRequest>,
) -> Result<(StatusCode, Json<MasterShown>), Problem> {
    let master = find(&cinema, &id)?;
    let channel = Key::parse(&request.channel).ok_or(Code::NotOurs)?;
    let if_there = request.if_there()?;
    cinema.publish_master(master.clone(), channel, request.film, if_there).await?;
    Ok((StatusCode::ACCEPTED, Json(MasterShown::new(master, &cinema))))
}

/// A licence that everybody may share under.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LicenceChoice {
    /// SPDX identifier.
    spdx: String,
    /// Name for people.
    name: String,
    /// Where its text can be read.
    #[schema(required)]
    url: Option<String>,
}

/// The licences that a title may have.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Licences {
    /// All that are recognised.
    licences: Vec<LicenceChoice>,
}

/// The licences that a title may have.
#[utoipa::path(get, path = "/api/v1/licences", tag = "publishing",
    responses((status = 200, body = Licences), Problems))]
pub(super) async fn licences() -> Json<Licences> {
    let known = catalogue::Licence::recognised().filter_map(|spdx| {
        let licence: catalogue::Licence = serde_json::from_value(spdx.into()).ok()?;
        Some(LicenceChoice {
            spdx: licence.spdx().to_owned(),
            name: licence.name(),
            url: licence.url(),
        })
    });
    Json(Licences { licences: known.collect() })
}
