//! Web servers that have a copy of an own channel or site: named to its followers or visitors with the next version.

use axum::extract::State;
use catalogue::channel::MirrorUrl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    own_channels::{self, OwnChannel},
    own_sites::OwnSiteShown,
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
};

/// A web server that has a copy of an own channel or site.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mirror {
    /// The address of the folder there.
    pub(super) url: String,
    /// Whether the version that was published last names it.
    pub(super) published: bool,
}

impl From<&(MirrorUrl, bool)> for Mirror {
    fn from((url, published): &(MirrorUrl, bool)) -> Self {
        Self { url: url.to_string(), published: *published }
    }
}

/// Which web server has a copy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MirrorRequest {
    /// The address of a folder, `https://…/`.
    url: String,
}

fn read(url: &str) -> Result<MirrorUrl, Problem> {
    MirrorUrl::of_person(url).map_err(|why| Problem::from(Code::MirrorBad).detail(why))
}

/// Names a web server that has a copy of an own channel, from its next version on. It is not asked for anything now.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/mirrors", tag = "publishing", request_body = MirrorRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn add_mirror(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<MirrorRequest>,
) -> Result<Json<OwnChannel>, Problem> {
    let (key, mirror) = (own_channels::key(&id)?, read(&request.url)?);
    cinema.publisher.add_mirror(key, mirror).await.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    own_channels::shown(&cinema, key).await.map(Json)
}

/// Names it no longer, from the next version on.
#[utoipa::path(delete, path = "/api/v1/own-channels/{id}/mirrors", tag = "publishing", request_body = MirrorRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn remove_mirror(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<MirrorRequest>,
) -> Result<Json<OwnChannel>, Problem> {
    let (key, mirror) = (own_channels::key(&id)?, read(&request.url)?);
    let removed = cinema.publisher.remove_mirror(key, mirror).await;
    if !removed.map_err(|error| Problem::from(&error))? {
        return Err(Code::MirrorUnknown.into());
    }
    cinema.events.tell(Event::Channels);
    own_channels::shown(&cinema, key).await.map(Json)
}

/// Names a web server that has a copy of an own site, from its next version on. It is not asked for anything now.
#[utoipa::path(post, path = "/api/v1/own-sites/{id}/mirrors", tag = "sites", request_body = MirrorRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnSiteShown), Problems))]
pub(super) async fn add_site_mirror(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<MirrorRequest>,
) -> Result<Json<OwnSiteShown>, Problem> {
    let own = cinema.sites.add_mirror(own_channels::key(&id)?, read(&request.url)?).await?;
    Ok(Json(OwnSiteShown::new(own, &cinema)))
}

/// Names it no longer, from the next version on.
#[utoipa::path(delete, path = "/api/v1/own-sites/{id}/mirrors", tag = "sites", request_body = MirrorRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnSiteShown), Problems))]
pub(super) async fn remove_site_mirror(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<MirrorRequest>,
) -> Result<Json<OwnSiteShown>, Problem> {
    let own = cinema.sites.remove_mirror(own_channels::key(&id)?, read(&request.url)?).await?;
    Ok(Json(OwnSiteShown::new(own, &cinema)))
}
