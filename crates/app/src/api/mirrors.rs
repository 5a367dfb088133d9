//! Web servers that have a copy of an own channel: named to its followers with the next version.

use axum::extract::State;
use catalogue::channel::MirrorUrl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    own_channels::{self, OwnChannel},
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
};

/// A web server that has a copy of an own channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mirror {
    /// The address of the folder there.
    pub(super) url: String,
    /// Whether the version that was published last names it.
    pub(super) published: bool,
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
