//! Filters: what those that are followed say of a title, and their switches.

use axum::{extract::State, http::StatusCode};
use catalogue::{
    WithdrawalReason,
    channel::{Action, Kind},
};
use library::LibraryError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problems, channels::key};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::Path,
        problem::{Code, Problem},
    },
};

/// What is published under an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Titles to watch.
    Catalogue,
    /// A list of what to leave out.
    Filter,
}

impl From<Kind> for ChannelKind {
    fn from(kind: Kind) -> Self {
        if kind == Kind::Filter { Self::Filter } else { Self::Catalogue }
    }
}

/// What a filter is here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilterState {
    /// How many things it marks.
    entries: u64,
    /// How many titles of this household it hides, or would if it were in force.
    hides: u64,
    /// Of how many it warns, or would.
    warns: u64,
    /// Whether it is in force here.
    applied: bool,
}

impl From<library::FilterList> for FilterState {
    fn from(list: library::FilterList) -> Self {
        let library::FilterList { entries, hides, warns, applied, .. } = list;
        Self { entries, hides, warns, applied }
    }
}

/// What a filter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterAction {
    /// Lists and searches leave it out.
    Hide,
    /// Its page says so.
    Warn,
    /// It is not shared.
    NoSeed,
    /// It is hidden, not fetched and not shared.
    Block,
}

impl From<Action> for FilterAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Hide => Self::Hide,
            Action::Warn => Self::Warn,
            Action::NoSeed => Self::NoSeed,
            Action::Block => Self::Block,
        }
    }
}

impl From<FilterAction> for Action {
    fn from(action: FilterAction) -> Self {
        match action {
            FilterAction::Hide => Self::Hide,
            FilterAction::Warn => Self::Warn,
            FilterAction::NoSeed => Self::NoSeed,
            FilterAction::Block => Self::Block,
        }
    }
}

/// Why a filter marks something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterReason {
    /// Its author changed or revoked the licence.
    Licence,
    /// Somebody else holds rights in it.
    Rights,
    /// It is the wrong file.
    WrongFile,
    /// It does harm to the machine that opens it.
    Malware,
    /// It shows what a person wants private.
    Privacy,
    /// A newer title takes its place.
    Superseded,
}

impl From<WithdrawalReason> for FilterReason {
    fn from(reason: WithdrawalReason) -> Self {
        match reason {
            WithdrawalReason::Licence => Self::Licence,
            WithdrawalReason::Rights => Self::Rights,
            WithdrawalReason::WrongFile => Self::WrongFile,
            WithdrawalReason::Malware => Self::Malware,
            WithdrawalReason::Privacy => Self::Privacy,
            WithdrawalReason::Superseded => Self::Superseded,
        }
    }
}

impl From<FilterReason> for WithdrawalReason {
    fn from(reason: FilterReason) -> Self {
        match reason {
            FilterReason::Licence => Self::Licence,
            FilterReason::Rights => Self::Rights,
            FilterReason::WrongFile => Self::WrongFile,
            FilterReason::Malware => Self::Malware,
            FilterReason::Privacy => Self::Privacy,
            FilterReason::Superseded => Self::Superseded,
        }
    }
}

/// What a filter in force says of a title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilteredBy {
    /// The 52 letters of the filter.
    channel: String,
    /// What it is called.
    name: String,
    /// What its publisher says of the whole list.
    #[schema(required)]
    note: Option<String>,
    /// What it asks for.
    action: FilterAction,
    /// Why.
    #[schema(required)]
    reason: Option<FilterReason>,
}

impl From<library::FilteredBy> for FilteredBy {
    fn from(by: library::FilteredBy) -> Self {
        Self {
            channel: by.id,
            name: by.name,
            note: by.about,
            action: by.action.into(),
            reason: by.reason.map(FilterReason::from),
        }
    }
}

async fn set_applied(cinema: Cinema, id: String, applied: bool) -> Result<StatusCode, Problem> {
    let id = key(&id)?.to_string();
    let set = cinema.library(move |library| match library.set_filter_applied(&id, applied) {
        Err(LibraryError::NotFound { .. }) => Ok(false),
        done => done.map(|()| true),
    });
    if !set.await? {
        return Err(Code::NotFollowed.into());
    }
    changed(&cinema).await
}

/// What filters say holds at once: for lists, and for what is shared.
async fn changed(cinema: &Cinema) -> Result<StatusCode, Problem> {
    cinema.events.tell(Event::Channels);
    cinema.events.tell(Event::Library);
    cinema.review_sharing().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a filter into force.
#[utoipa::path(put, path = "/api/v1/channels/{id}/applied", tag = "channels",
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 204), Problems))]
pub(super) async fn apply_filter(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    set_applied(cinema, id, true).await
}

/// Puts a filter out of force; it is followed all the same.
#[utoipa::path(delete, path = "/api/v1/channels/{id}/applied", tag = "channels",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn apply_filter_no_more(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    set_applied(cinema, id, false).await
}

/// Shows a title whatever filters say of it.
#[utoipa::path(put, path = "/api/v1/titles/{id}/shown-anyway", tag = "titles",
    params(("id" = String, Path, description = "A title's id")), responses((status = 204), Problems))]
pub(super) async fn show_anyway(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.library(move |library| library.set_shown_anyway(&id, true)).await?;
    changed(&cinema).await
}

/// Lets filters say again whether a title is shown.
#[utoipa::path(delete, path = "/api/v1/titles/{id}/shown-anyway", tag = "titles",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn show_anyway_no_more(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.library(move |library| library.set_shown_anyway(&id, false)).await?;
    changed(&cinema).await
}
