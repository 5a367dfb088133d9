//! The keys of our own channels: brought back from words, locked, replaced, handed over.

use std::time::Duration;

use axum::{extract::State, http::StatusCode};
use catalogue::channel::{Address, Key};
use channels::{BadWords, Opening, Seed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    channels::{ChannelProgress, key as channel_key, parse, patience},
    own_channels::{OwnChannel, key, shown},
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    restoring::{Restore, Restoring},
};

/// How long a channel is looked for before it is said that nobody has it.
const PATIENCE: Duration = Duration::from_secs(180);

/// The words that those on paper are taken from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WordList {
    /// All 2048 (BIP 39, English), in the order of the alphabet; four letters tell each from every other.
    words: &'static [&'static str],
}

/// The list of words, so that a page can check each one while it is typed without telling anybody.
#[utoipa::path(get, path = "/api/v1/recovery-words", tag = "publishing",
    responses((status = 200, body = WordList), Problems))]
pub(super) async fn word_list() -> Json<WordList> {
    Json(WordList { words: channels::word_list() })
}

/// Words on paper.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsRequest {
    /// The 24 words, separated by spaces or lines.
    words: String,
}

impl WordsRequest {
    /// The secret that they stand for.
    pub(super) fn read(&self) -> Result<Seed, Problem> {
        seed(&self.words)
    }
}

/// Which channel the words bring back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WordsRead {
    /// The 52 letters of its first key.
    id: String,
    /// The address that it had from the beginning.
    address: String,
    /// Whether this machine has its keys already.
    own: bool,
    /// The version that is here; 0 for none.
    version: u64,
}

/// Reads the words. Nobody is contacted and nothing is kept.
#[utoipa::path(post, path = "/api/v1/recovery-words", tag = "publishing", request_body = WordsRequest,
    responses((status = 200, body = WordsRead), Problems))]
pub(super) async fn read_words(
    State(cinema): State<Cinema>,
    Json(request): Json<WordsRequest>,
) -> Result<Json<WordsRead>, Problem> {
    let address = Address::new(channels::root_of(&seed(&request.words)?));
    let kept = cinema.subscriptions.get(address.key).await;
    let kept = kept.map_err(|error| Problem::from(&error))?;
    Ok(Json(WordsRead {
        id: address.key.to_string(),
        address: address.to_string(),
        own: kept.as_ref().is_some_and(|kept| kept.is_own),
        version: kept.map_or(0, |kept| kept.version),
    }))
}

fn seed(words: &str) -> Result<Seed, Problem> {
    Seed::from_words(words).map_err(|why| {
        let mixed = why == BadWords::Mixed;
        Problem::from(if mixed { Code::WordsMixed } else { Code::WordsBad }).detail(why)
    })
}

/// What a channel or site is brought back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreRequest {
    /// The 24 words.
    words: String,
    /// Locks the secret on this disk.
    passphrase: Option<String>,
    /// Its address, with peers that may have it; the one that the words say if not given.
    address: Option<String>,
    /// How long to look for it, seconds; three minutes if not given.
    #[schema(minimum = 1, maximum = 86400)]
    patience_s: Option<u64>,
}

impl RestoreRequest {
    /// What is asked, if the words are whole and those of that address.
    pub(super) fn read(self) -> Result<Restore, Problem> {
        let seed = seed(&self.words)?;
        let address = self.address.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let address = match address {
            Some(text) => parse(text)?,
            None => Address::new(channels::root_of(&seed)),
        };
        if seed.generation_of(&address.key).is_none() {
            return Err(Problem::from(&channels::OwnError::OtherWords));
        }
        let passphrase = self.passphrase.filter(|some| !some.is_empty());
        let patience = patience(self.patience_s, PATIENCE)?;
        Ok(Restore { seed, address, passphrase, patience })
    }
}

/// A channel that is brought back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Restoration {
    /// The 52 letters of the key that was asked for.
    id: String,
    /// How far it is, as long as it goes on.
    #[schema(required)]
    progress: Option<ChannelProgress>,
    /// How it failed. Nothing was changed then.
    #[schema(required)]
    problem: Option<Problem>,
    /// The channel that is ours again; its key is a later one if it was handed over since.
    #[schema(required)]
    channel: Option<OwnChannel>,
    /// Whether the network was asked for its newest version. If not, what was here was taken: should another machine have
    /// published since, followers refuse what is published here.
    newest: bool,
}

/// Channels that are brought back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Restorations {
    /// Those that go on, and those that ended in this run and were not forgotten since.
    restorations: Vec<Restoration>,
}

/// What is being brought back, and how it ended, for a page that was not there from the beginning. Words are never shown.
#[utoipa::path(get, path = "/api/v1/restorations", tag = "publishing",
    responses((status = 200, body = Restorations), Problems))]
pub(super) async fn restorations(State(cinema): State<Cinema>) -> Json<Restorations> {
    let mut restorations = vec![];
    for (id, now) in cinema.restorations.all() {
        match described(&cinema, id, now).await {
            Ok(restoration) => restorations.push(restoration),
            // The channel was removed since.
            Err(problem) => tracing::debug!(code = ?problem.code, "a restoration is not shown"),
        }
    }
    Json(Restorations { restorations })
}

async fn restoration(cinema: &Cinema, id: Key) -> Result<Restoration, Problem> {
    let now = cinema.restorations.get(&id).ok_or(Code::NotFollowed)?;
    described(cinema, id, now).await
}

async fn described(cinema: &Cinema, id: Key, now: Restoring) -> Result<Restoration, Problem> {
    let blank = Restoration {
        id: id.to_string(),
        progress: None,
        problem: None,
        channel: None,
        newest: false,
    };
    Ok(match now {
        Restoring::Pending(progress) => Restoration { progress: Some(progress), ..blank },
        Restoring::Failed(problem) => Restoration { problem: Some(problem), ..blank },
        Restoring::Done { key, is_newest } => {
            Restoration { channel: Some(shown(cinema, key).await?), newest: is_newest, ..blank }
        }
    })
}

/// Begins to bring a channel back: its newest version is looked for, then its keys are made again. News tell how far it
/// is.
#[utoipa::path(post, path = "/api/v1/restorations", tag = "publishing", request_body = RestoreRequest,
    responses((status = 202, body = Restoration), Problems))]
pub(super) async fn restore_channel(
    State(cinema): State<Cinema>,
    Json(request): Json<RestoreRequest>,
) -> Result<(StatusCode, Json<Restoration>), Problem> {
    let restore = request.read()?;
    let id = restore.address.key;
    cinema.restore_channel(restore).await?;
    Ok((StatusCode::ACCEPTED, Json(restoration(&cinema, id).await?)))
}

/// How far bringing a channel back is, or how it ended.
#[utoipa::path(get, path = "/api/v1/restorations/{id}", tag = "publishing",
    params(("id" = String, Path, description = "The 52 letters of the key that was asked for")),
    responses((status = 200, body = Restoration), Problems))]
pub(super) async fn restoration_state(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Restoration>, Problem> {
    restoration(&cinema, channel_key(&id)?).await.map(Json)
}

/// Gives up bringing a channel back, or forgets how it ended.
#[utoipa::path(delete, path = "/api/v1/restorations/{id}", tag = "publishing",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn stop_restoring(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.stop_restoring(channel_key(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Unlocking {
    /// The passphrase, if it is locked.
    passphrase: Option<String>,
    /// The 24 words in its place, for a secret that was taken off this machine.
    words: Option<String>,
}

impl Unlocking {
    /// What opens it.
    pub(super) fn read(self) -> Result<Opening, Problem> {
        match self.words {
            Some(words) => seed(&words).map(Opening::Words),
            None => Ok(Opening::Passphrase(self.passphrase)),
        }
    }
}

/// Replaces the key that signs versions, because it may be stolen; publish afterwards.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/rotate", tag = "publishing", request_body = Unlocking,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn rotate_key(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(unlocking): Json<Unlocking>,
) -> Result<Json<OwnChannel>, Problem> {
    let key = key(&id)?;
    let done = cinema.publisher.rotate(key, unlocking.read()?).await;
    done.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    shown(&cinema, key).await.map(Json)
}

/// Hands a channel over to its next root key, because the one that it has may be stolen. All titles wait in the channel
/// that is returned; publish that one afterwards.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/hand-over", tag = "publishing", request_body = Unlocking,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn hand_over(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(unlocking): Json<Unlocking>,
) -> Result<Json<OwnChannel>, Problem> {
    let next = cinema.publisher.hand_over(key(&id)?, unlocking.read()?).await;
    let next = next.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    shown(&cinema, next).await.map(Json)
}

/// Another lock for a secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LockRequest {
    /// The passphrase until now, if it is locked.
    old: Option<String>,
    /// The passphrase from now on; without one the secret lies open on this disk.
    new: Option<String>,
    /// The 24 words in place of the passphrase until now: they put a secret back that was taken off this machine.
    words: Option<String>,
}

impl LockRequest {
    /// What opens it, and the passphrase from now on.
    pub(super) fn read(self) -> Result<(Opening, Option<String>), Problem> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let unlocking = Unlocking { passphrase: given(self.old), words: self.words };
        Ok((unlocking.read()?, given(self.new)))
    }
}

/// Locks a channel's secret with another passphrase, or with none.
#[utoipa::path(put, path = "/api/v1/own-channels/{id}/passphrase", tag = "publishing", request_body = LockRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn lock_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<LockRequest>,
) -> Result<Json<OwnChannel>, Problem> {
    let key = key(&id)?;
    let (opening, new) = request.read()?;
    let locked = cinema.publisher.lock(key, opening, new).await;
    locked.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    shown(&cinema, key).await.map(Json)
}

/// Takes a channel's secret off this machine, once its words were typed as they are on paper. The key that signs versions
/// stays; what needs the secret asks for the words from then on.
#[utoipa::path(delete, path = "/api/v1/own-channels/{id}/secret", tag = "publishing", request_body = WordsRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn remove_secret(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<WordsRequest>,
) -> Result<Json<OwnChannel>, Problem> {
    let key = key(&id)?;
    let removed = cinema.publisher.remove_secret(key, request.read()?).await;
    removed.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    shown(&cinema, key).await.map(Json)
}
