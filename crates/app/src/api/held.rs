//! Films that a command takes in beside the server: they are here as long as it listens, or once they are published.

use std::path::PathBuf;

use axum::{extract::State, response::Response};
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{
    Problems, lines,
    masters::{MasterShown, TakeRequest},
};
use crate::{
    cinema::Cinema,
    http::{extract::Json, problem::Problem},
};

/// A line of the answer; after `taken` there is none as long as the film is held.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum HeldLine {
    /// The film is here.
    Taken(HeldFilm),
    /// It is not.
    End(HeldEnd),
}

/// A film that is held.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HeldFilm {
    /// It was taken in.
    Taken {
        /// The film.
        master: Box<MasterShown>,
    },
}

/// How taking it in ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HeldEnd {
    /// It is no film, or the disk refuses.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// Takes in a film that lies on this machine, and holds it: once whoever asked closes the connection, it goes, unless it was
/// published by then or its channel is being signed.
#[utoipa::path(post, path = "/api/v1/masters/held", tag = "publishing", request_body = TakeRequest,
    responses((status = 200, body = HeldLine, content_type = "application/jsonl"), Problems))]
pub(super) async fn hold_master(
    State(cinema): State<Cinema>,
    Json(request): Json<TakeRequest>,
) -> Result<Response, Problem> {
    let (sender, news) = mpsc::channel(1);
    let holding = cinema.clone();
    let work = tokio::spawn(async move {
        let master = match holding.masters.take(&PathBuf::from(request.path)).await {
            Ok(master) => master,
            Err(problem) => return Some(HeldEnd::from(problem)),
        };
        let id = master.id.clone();
        let master = Box::new(MasterShown::new(master, &holding));
        // Whoever has gone meanwhile is told nothing, and listens no longer.
        sender.send(HeldFilm::Taken { master }).await.ok();
        sender.closed().await;
        let masters = holding.masters.clone();
        tokio::task::spawn_blocking(move || masters.let_go(&id)).await.ok();
        None
    });
    Ok(lines::answer::<HeldLine, _, _>(news, work, cinema.stopping.subscribe()))
}

impl From<Problem> for HeldEnd {
    fn from(problem: Problem) -> Self {
        Self::Failed { problem }
    }
}

impl From<HeldFilm> for HeldLine {
    fn from(film: HeldFilm) -> Self {
        Self::Taken(film)
    }
}

impl From<HeldEnd> for HeldLine {
    fn from(end: HeldEnd) -> Self {
        Self::End(end)
    }
}
