//! The sites of this household: which are here, opening one, forgetting one.

use std::time::Duration;

use axum::{extract::State, http::StatusCode};
use catalogue::channel::{Address, Freshness, Key, Level};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problems;
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    sites::{Answer, Kept, Opening},
};

/// How long a site is looked for if nobody says otherwise, and at most, seconds.
const PATIENCE_S: u64 = 60;
const PATIENCE_MAX_S: u64 = 600;

/// How a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteState {
    /// All is well.
    Fresh,
    /// Nothing was heard of its publisher for longer than they promised.
    Frozen,
    /// Its publisher's key signed two different things for one place: updates stand still.
    TwoVersions,
}

/// A site that is here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteShown {
    /// The 52 letters of its key.
    id: String,
    /// Its address.
    address: String,
    /// What it is called.
    name: String,
    /// The version that is here.
    version: u64,
    /// Files in it.
    files: usize,
    /// Bytes of all files.
    bytes: u64,
    /// Whether its pages have scripts of their own, which wait for the visitor to agree.
    scripts: bool,
    /// Whether its keys are on this machine.
    own: bool,
    /// How it is.
    state: SiteState,
    /// The address under which it goes on, since its publisher handed it over.
    #[schema(required)]
    successor: Option<String>,
    /// Of one that moved: whether this household goes along; null as long as nobody answered.
    #[schema(required)]
    goes_along: Option<bool>,
    /// What a browser is sent to; null unless it is open.
    #[schema(required)]
    url: Option<String>,
}

impl SiteShown {
    fn new(kept: Kept, cinema: &Cinema) -> Self {
        let (bytes, Kept { visited, is_own, url, answer }) = (kept.bytes(), kept);
        let site = &visited.site;
        Self {
            id: visited.key.to_string(),
            address: Address::new(visited.key).to_string(),
            name: super::channels::picked(&site.name, &cinema.languages()).unwrap_or_default(),
            version: site.version,
            files: site.files.iter().count(),
            bytes,
            scripts: site.level == Level::Script,
            own: is_own,
            state: match visited.freshness {
                _ if visited.is_halted => SiteState::TwoVersions,
                Freshness::Fresh => SiteState::Fresh,
                Freshness::SilentSince(_) => SiteState::Frozen,
            },
            successor: visited.successor.map(|next| Address::new(next).to_string()),
            goes_along: answer.map(|answer| answer != Answer::Stays),
            url,
        }
    }
}

/// The sites that are here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteList {
    /// In the order of their keys.
    sites: Vec<SiteShown>,
}

/// The sites that are here: own ones that were published, and those that somebody visited. They are kept alive for others.
#[utoipa::path(get, path = "/api/v1/sites", tag = "sites",
    responses((status = 200, body = SiteList), Problems))]
pub(super) async fn sites(State(cinema): State<Cinema>) -> Result<Json<SiteList>, Problem> {
    let sites = cinema.sites.clone();
    let all =
        tokio::task::spawn_blocking(move || sites.all()).await.map_err(|_| Code::Internal)??;
    let sites = all.into_iter().map(|kept| SiteShown::new(kept, &cinema)).collect();
    Ok(Json(SiteList { sites }))
}

/// Which site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenSite {
    /// Its address: `kinora:…`.
    address: String,
    /// How long to look for it, seconds; a minute if not said.
    patience_s: Option<u64>,
    /// Whether the newest version is waited for. Else a version that is here is shown at once, and whoever reads it is told
    /// of a newer one.
    #[serde(default)]
    newest: bool,
}

/// Opens a site for the browsers of this machine, or the one that it moved to if somebody said so before, at an origin of its own: its newest version, or the one that is here if
/// the network has none. It stays open until the server ends or it is forgotten.
#[utoipa::path(post, path = "/api/v1/sites", tag = "sites", request_body = OpenSite,
    responses((status = 200, body = SiteShown), Problems))]
pub(super) async fn open_site(
    State(cinema): State<Cinema>,
    Json(request): Json<OpenSite>,
) -> Result<Json<SiteShown>, Problem> {
    let address = request.address.parse::<Address>();
    let address = address.map_err(|why| Problem::from(Code::AddressBad).detail(why))?;
    let patience = request.patience_s.unwrap_or(PATIENCE_S).clamp(1, PATIENCE_MAX_S);
    let quota = u64::from(cinema.settings.borrow().cache.quota_gib) << 30;
    let session = cinema.swarm.session();
    let opening =
        Opening { patience: Duration::from_secs(patience), is_newest: request.newest, quota };
    let kept = cinema.sites.open(session, &address, opening).await?;
    Ok(Json(SiteShown::new(kept, &cinema)))
}

/// Forgets a site of others: it is closed, shared no longer, and its files go.
#[utoipa::path(delete, path = "/api/v1/sites/{id}", tag = "sites",
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 204), Problems))]
pub(super) async fn forget_site(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let key = Key::parse(&id).ok_or(Code::SiteUnknown)?;
    let session = cinema.swarm.session().ok();
    cinema.sites.forget(session.as_ref(), key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes updates of a site again whose key signed two different versions: a person says so, who was warned.
#[utoipa::path(post, path = "/api/v1/sites/{id}/forgiven", tag = "sites",
    params(("id" = String, Path)), responses((status = 200, body = SiteShown), Problems))]
pub(super) async fn forgive_site(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<SiteShown>, Problem> {
    let key = Key::parse(&id).ok_or(Code::SiteUnknown)?;
    let sites = cinema.sites.clone();
    let forgiven = tokio::task::spawn_blocking(move || sites.forgive(key)).await;
    Ok(Json(SiteShown::new(forgiven.map_err(|_| Code::Internal)??, &cinema)))
}

/// Whether to go along.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GoAlong {
    /// The address that is opened from now on when this one is asked for; null stays with this one.
    #[schema(required)]
    address: Option<String>,
}

/// Notes whether this household goes along with a site that moved: it is asked once.
#[utoipa::path(put, path = "/api/v1/sites/{id}/successor", tag = "sites", request_body = GoAlong,
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn go_along(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<GoAlong>,
) -> Result<StatusCode, Problem> {
    let next = request.address.map(|address| address.parse::<Address>()).transpose();
    let next = next.map_err(|why| Problem::from(Code::AddressBad).detail(why))?;
    let answer = next.map_or(Answer::Stays, |next| Answer::Goes(next.key));
    answer_for(cinema, &id, Some(answer)).await
}

/// Asks again whether to go along.
#[utoipa::path(delete, path = "/api/v1/sites/{id}/successor", tag = "sites",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn ask_again(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    answer_for(cinema, &id, None).await
}

async fn answer_for(
    cinema: Cinema,
    id: &str,
    answer: Option<Answer>,
) -> Result<StatusCode, Problem> {
    let key = Key::parse(id).ok_or(Code::SiteUnknown)?;
    let noted = tokio::task::spawn_blocking(move || cinema.sites.answer(key, answer)).await;
    noted.map_err(|_| Code::Internal)??;
    Ok(StatusCode::NO_CONTENT)
}
