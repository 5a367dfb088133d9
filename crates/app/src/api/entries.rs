//! The entries of our own filters: put in, taken off, and listed with what is known of them here.

use axum::extract::State;
use catalogue::{
    WithdrawalReason,
    channel::{Action, Verdict, entries_in},
};
use channels::OwnEntry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    filters::{FilterAction, FilterReason},
    own_channels,
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path, Query},
        problem::{Code, Problem},
    },
};

/// As many as one answer has.
const LISTED_MAX: usize = 200;

/// Entries of a filter of our own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EntriesRequest {
    /// A thing a line: an infohash, a channel's address, the id of a title as followers see it, or `mark:` and 32 digits;
    /// after it an action and a reason, if they are others than those below. What follows `#` is a note that stays here.
    list: String,
    /// What is asked for; hiding if not given.
    action: Option<FilterAction>,
    /// Why.
    reason: Option<FilterReason>,
    /// Whether they are taken off.
    #[serde(default)]
    remove: bool,
}

/// What waits now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedEntries {
    /// How many things the list named.
    entries: usize,
    /// How many entries wait to be published.
    waiting: usize,
}

/// All entries of a filter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entries {
    /// One a line, as they are added: with the things and the notes that are known on this machine, else by their hashes.
    list: String,
}

/// Puts entries into a filter of ours, or takes them off; they wait until the next publish.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/entries", tag = "publishing",
    request_body = EntriesRequest, params(("id" = String, Path)),
    responses((status = 200, body = AddedEntries), Problems))]
pub(super) async fn add_entries(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<EntriesRequest>,
) -> Result<Json<AddedEntries>, Problem> {
    let key = own_channels::key(&id)?;
    let action = request.action.map_or(Action::Hide, Action::from);
    let usual = Verdict { action, reason: request.reason.map(WithdrawalReason::from) };
    let read = tokio::task::spawn_blocking(move || entries_in(&request.list, usual)).await;
    let listed = read.map_err(|_| Code::Internal)?;
    let listed = listed.map_err(|why| Problem::from(Code::EntriesBad).detail(why))?;
    let entries = listed.len();
    let done = match request.remove {
        true => cinema.publisher.take_off(key, listed).await,
        false => cinema.publisher.enter(key, listed).await,
    };
    let waiting = done.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    Ok(Json(AddedEntries { entries, waiting }))
}

/// Everything that a filter of ours marks with its next version.
#[utoipa::path(get, path = "/api/v1/own-channels/{id}/entries", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = Entries), Problems))]
pub(super) async fn entries(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Entries>, Problem> {
    let key = own_channels::key(&id)?;
    let all = cinema.publisher.entries(key).await.map_err(|error| Problem::from(&error))?;
    let list = tokio::task::spawn_blocking(move || channels::list_of_entries(&all)).await;
    Ok(Json(Entries { list: list.map_err(|_| Code::Internal)? }))
}

/// Which entries of a filter.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedEntries {
    /// Words that what is known of an entry has, or a part of its hash.
    q: Option<String>,
    /// How many are passed over.
    offset: usize,
}

/// What becomes of an entry with the next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum EntryState {
    /// Nothing: followers have it as it is.
    Published,
    /// It comes.
    New,
    /// It says something else.
    Changed,
    /// It goes.
    Removed,
}

/// An entry of a filter of ours.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ListedEntry {
    /// Its hash, as lists have it: `mark:` and 32 digits.
    mark: String,
    /// What was entered here: an infohash, a channel's address, a title's id. Nothing if that was on another machine.
    #[schema(required)]
    thing: Option<String>,
    /// The note that was made of it here; never published.
    note: String,
    /// What it asks for.
    action: FilterAction,
    /// Why.
    #[schema(required)]
    reason: Option<FilterReason>,
    /// What becomes of it.
    state: EntryState,
}

impl ListedEntry {
    /// An entry that neither is nor comes is none.
    fn new(entry: OwnEntry) -> Option<Self> {
        let said = entry.next.or(entry.published)?;
        let state = match (entry.published, entry.next) {
            (None, _) => EntryState::New,
            (_, None) => EntryState::Removed,
            (before, after) if before == after => EntryState::Published,
            _ => EntryState::Changed,
        };
        let (thing, note) = entry.known.map(|known| (known.thing, known.note)).unzip();
        Some(Self {
            mark: format!("mark:{}", entry.mark),
            thing,
            note: note.unwrap_or_default(),
            action: said.action.into(),
            reason: said.reason.map(FilterReason::from),
            state,
        })
    }

    /// Whether these words, which are in small letters, are found in it.
    fn has(&self, words: &str) -> bool {
        let thing = self.thing.as_deref().unwrap_or_default();
        self.mark.contains(words)
            || thing.to_lowercase().contains(words)
            || self.note.to_lowercase().contains(words)
    }
}

/// Some entries of a filter of ours.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct EntryList {
    /// Those that wait first, then in the order of their notes; at most 200.
    entries: Vec<ListedEntry>,
    /// How many have the words.
    total: usize,
    /// How many entries followers are told otherwise of with the next version.
    unpublished: usize,
}

fn picked(all: Vec<OwnEntry>, wanted: &WantedEntries) -> EntryList {
    let unpublished = all.iter().filter(|entry| entry.is_waiting()).count();
    let words = wanted.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let fit = all.into_iter().filter_map(ListedEntry::new).filter(|entry| entry.has(&words));
    let fit: Vec<_> = fit.collect();
    let total = fit.len();
    let entries = fit.into_iter().skip(wanted.offset).take(LISTED_MAX).collect();
    EntryList { entries, total, unpublished }
}

/// The entries of a filter of ours, those that wait among them, with what is known of them on this machine.
#[utoipa::path(get, path = "/api/v1/own-channels/{id}/marks", tag = "publishing",
    params(("id" = String, Path), WantedEntries), responses((status = 200, body = EntryList), Problems))]
pub(super) async fn marks(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Query(wanted): Query<WantedEntries>,
) -> Result<Json<EntryList>, Problem> {
    let all = cinema.publisher.entries(own_channels::key(&id)?).await;
    let all = all.map_err(|error| Problem::from(&error))?;
    let picked = tokio::task::spawn_blocking(move || picked(all, &wanted)).await;
    Ok(Json(picked.map_err(|_| Code::Internal)?))
}
