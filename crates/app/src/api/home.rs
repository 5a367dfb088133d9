//! The first page, and search.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    card::{Card, cards},
};
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Query},
        problem::Problem,
    },
};

/// A row of the first page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Row {
    /// Its id, the same at every visit.
    pub(super) id: String,
    /// The message that heads it (Fluent).
    pub(super) label_key: String,
    /// What the message names.
    pub(super) label_args: BTreeMap<String, String>,
    /// Its titles.
    pub(super) titles: Vec<Card>,
}

/// The first page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Home {
    /// What is under way, last seen first.
    continue_watching: Vec<Card>,
    /// Rows to choose from.
    rows: Vec<Row>,
}

/// The first page.
#[utoipa::path(get, path = "/api/v1/home", tag = "titles",
    responses((status = 200, body = Home), Problems))]
pub(super) async fn home(State(cinema): State<Cinema>) -> Result<Json<Home>, Problem> {
    let languages = cinema.languages();
    let home = cinema.library(move |library| library.home(&languages)).await?;
    let row = |row: library::HomeRow| Row {
        id: row.id,
        label_key: row.label_key.to_owned(),
        label_args: row
            .label_args
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
        titles: cards(row.titles, &cinema.links),
    };
    Ok(Json(Home {
        continue_watching: cards(home.continue_watching, &cinema.links),
        rows: home.rows.into_iter().map(row).collect(),
    }))
}

/// What is searched for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// What was typed so far.
    q: String,
    /// How many titles, at most 100; 20 if not given.
    limit: Option<usize>,
}

/// What a search found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SearchResult {
    /// Titles, the best first.
    titles: Vec<Card>,
    /// What was searched for instead, if the words as typed found nothing.
    #[schema(required)]
    corrected: Option<String>,
}

/// Search as you type. Every text is a query; none is an error.
#[utoipa::path(get, path = "/api/v1/search", tag = "titles", params(Asked),
    responses((status = 200, body = SearchResult), Problems))]
pub(super) async fn search(
    State(cinema): State<Cinema>,
    Query(asked): Query<Asked>,
) -> Result<Json<SearchResult>, Problem> {
    let languages = cinema.languages();
    let limit = asked.limit.unwrap_or(20).min(100);
    cinema.subscriptions.looked_at_all();
    let found = cinema.library(move |library| library.search(&asked.q, limit, &languages)).await?;
    let titles = cards(found.titles, &cinema.links);
    Ok(Json(SearchResult { titles, corrected: found.corrected }))
}
