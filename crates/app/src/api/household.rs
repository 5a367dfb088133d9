//! What people did with titles: progress, favourites, watched marks, blocks.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problems, card::Progress};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path},
        problem::Problem,
    },
};

/// Where somebody is in an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    /// Where they are, seconds.
    position_s: f64,
    /// How long it is, seconds.
    duration_s: f64,
}

/// Notes how far somebody is; durable once answered.
#[utoipa::path(put, path = "/api/v1/progress/{item_id}", tag = "household", request_body = Position,
    params(("item_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn set_progress(
    State(cinema): State<Cinema>,
    Path(item_id): Path<String>,
    Json(position): Json<Position>,
) -> Result<StatusCode, Problem> {
    let noted = cinema
        .library(move |library| {
            library.set_progress(&item_id, position.position_s, position.duration_s)
        })
        .await?;
    cinema.events.tell(Event::Progress { progress: Progress::from(noted) });
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets how far somebody is.
#[utoipa::path(delete, path = "/api/v1/progress/{item_id}", tag = "household",
    params(("item_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn clear_progress(
    State(cinema): State<Cinema>,
    Path(item_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.clear_progress(&item_id)).await
}

/// Makes a title a favourite.
#[utoipa::path(put, path = "/api/v1/favourites/{title_id}", tag = "household",
    params(("title_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn set_favourite(
    State(cinema): State<Cinema>,
    Path(title_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.set_favourite(&title_id, true)).await
}

/// Makes a title no longer a favourite.
#[utoipa::path(delete, path = "/api/v1/favourites/{title_id}", tag = "household",
    params(("title_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn clear_favourite(
    State(cinema): State<Cinema>,
    Path(title_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.set_favourite(&title_id, false)).await
}

/// Marks an item as watched; a series: all its episodes.
#[utoipa::path(put, path = "/api/v1/watched/{item_id}", tag = "household",
    params(("item_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn set_watched(
    State(cinema): State<Cinema>,
    Path(item_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.set_watched(&item_id, true)).await
}

/// Marks an item as not watched.
#[utoipa::path(delete, path = "/api/v1/watched/{item_id}", tag = "household",
    params(("item_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn clear_watched(
    State(cinema): State<Cinema>,
    Path(item_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.set_watched(&item_id, false)).await
}

/// A title that is hidden here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BlockedTitle {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// All titles that are hidden here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Blocked {
    /// Last hidden first.
    titles: Vec<BlockedTitle>,
}

/// The titles that are hidden here.
#[utoipa::path(get, path = "/api/v1/blocked", tag = "household",
    responses((status = 200, body = Blocked), Problems))]
pub(super) async fn blocked(State(cinema): State<Cinema>) -> Result<Json<Blocked>, Problem> {
    let languages = cinema.languages();
    let hidden = cinema.library(move |library| library.blocked(&languages)).await?;
    let titles = hidden.into_iter().map(|card| BlockedTitle { id: card.id, name: card.name });
    Ok(Json(Blocked { titles: titles.collect() }))
}

/// Hides a title from every list.
#[utoipa::path(put, path = "/api/v1/blocked/{title_id}", tag = "household",
    params(("title_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn set_blocked(
    State(cinema): State<Cinema>,
    Path(title_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.set_blocked(&title_id, true)).await
}

/// Shows a title again.
#[utoipa::path(delete, path = "/api/v1/blocked/{title_id}", tag = "household",
    params(("title_id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn clear_blocked(
    State(cinema): State<Cinema>,
    Path(title_id): Path<String>,
) -> Result<StatusCode, Problem> {
    changed(cinema, move |library| library.set_blocked(&title_id, false)).await
}

async fn changed(
    cinema: Cinema,
    change: impl FnOnce(&library::Library) -> Result<(), library::LibraryError> + Send + 'static,
) -> Result<StatusCode, Problem> {
    cinema.library(change).await?;
    cinema.events.tell(Event::Library);
    Ok(StatusCode::NO_CONTENT)
}
