//! The channels of this household: which they are, how they are, following and leaving them.

use std::{collections::BTreeMap, time::Duration};

use axum::{extract::State, http::StatusCode};
use catalogue::{
    Multilingual,
    channel::{Address, Key},
};
use channels::State as Health;
use library::{Filter, Languages, Sort, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    card::cards,
    filters::{ChannelKind, FilterState},
    home::Row,
};
use crate::{
    blocklist::BlockedChannel,
    cinema::Cinema,
    events::Event,
    following::{Errand, Outcome},
    http::{
        extract::{Json, Path, Query},
        problem::{Code, Problem},
    },
};

/// How long a channel is looked for if nobody says otherwise.
const PATIENCE: Duration = Duration::from_secs(600);
/// The longest that somebody may ask for, seconds.
const PATIENCE_MAX_S: u64 = 24 * 3600;
/// Titles in a row of a channel's first screen.
const ROW: u32 = 24;

/// How a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// It is being looked for, and nothing of it is here yet.
    Following,
    /// It could not be followed.
    Failed,
    /// It is ours and was never published, or nothing of it is here.
    Empty,
    /// Its publisher said lately that this is the newest.
    Fresh,
    /// Nothing was heard of its publisher for longer than they promised.
    Frozen,
    /// Its newest version is not what its publisher signed: the one before stays.
    Refused,
    /// Followed channels may take no more of the disk: the version before its newest one stays.
    NoRoom,
    /// Its publisher's key signed two different things for one place: updates stand still.
    TwoVersions,
    /// What is kept of it is damaged: updates are refused.
    Damaged,
    /// Its publisher has handed it over to another key.
    HandedOver,
}

/// What it means that a channel was handed over to one that is blocked here.
const MOVED_TO_BLOCKED: [&str; 2] = [
    "The publisher has handed the channel over to another address, which is blocked here.",
    "It is not followed there. Unblock it in the list of channels, and it is followed as soon as somebody who has it is found.",
];

impl ChannelState {
    /// What that means, and what to do.
    fn said(self) -> [&'static str; 2] {
        match self {
            Self::Following => [
                "The channel is being looked for.",
                "It appears as soon as somebody who has it is found.",
            ],
            Self::Failed => [
                "The channel could not be followed.",
                "The problem says why. Try again, or take it out of the list.",
            ],
            Self::Empty => [
                "Nothing of this channel is here yet.",
                "An own channel is empty until it is published.",
            ],
            Self::Fresh => ["The channel is up to date.", "Nothing needs to be done."],
            Self::Frozen => [
                "Nothing was heard of the publisher for longer than they promised.",
                "What is here stays and plays. If it lasts, ask the publisher whether the channel goes on.",
            ],
            Self::Refused => [
                "The newest version of the channel is not what its publisher signed. It was refused.",
                "What is here stays and plays. Tell the publisher; the next version is taken in as soon as it is there.",
            ],
            Self::NoRoom => [
                "Followed channels may take no more of the disk: the newest version of this one is not fetched.",
                "What is here stays and plays, save what the publisher takes back. Raise the limit for channels in the settings, or unfollow one.",
            ],
            Self::TwoVersions => [
                "The publisher's key signed two different versions: it may be stolen. Updates stand still.",
                "What is here stays. Ask the publisher by another way. Updates go on when they replace the key, or when you say so.",
            ],
            Self::Damaged => [
                "What was known of the channel is damaged on this disk. Updates are refused, since an old version could pass as new.",
                "Unfollow the channel and follow it again.",
            ],
            Self::HandedOver => [
                "The publisher has handed the channel over to another address.",
                "The new one is followed by itself as soon as somebody who has it is found.",
            ],
        }
    }
}

/// What is being done with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The DHT is asked who knows it.
    Searching,
    /// Its newest version is known.
    Found,
    /// Its files come.
    Fetching,
    /// Its titles are taken into the library.
    Importing,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChannelProgress {
    /// What is being done.
    pub step: Step,
    /// Bytes that are here.
    pub done_bytes: u64,
    /// Bytes in all, once known; else 0.
    pub wanted_bytes: u64,
    /// Peers that help.
    pub peers: u32,
}

/// Another channel of this household.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OtherChannel {
    /// The 52 letters of its key.
    id: String,
    /// What it is called here.
    name: String,
}

impl OtherChannel {
    pub(super) fn new(other: &(Key, Multilingual<300>), cinema: &Cinema) -> Self {
        let (key, name) = other;
        let own_name = cinema.petnames.get(key);
        let name = own_name.or_else(|| picked(name, &cinema.languages())).unwrap_or_default();
        Self { id: key.to_string(), name }
    }
}

/// A channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Channel {
    /// The 52 letters of its key; titles' ids begin with them.
    id: String,
    /// What is published in it.
    kind: ChannelKind,
    /// Of a filter, what it is here.
    #[schema(required)]
    filter: Option<FilterState>,
    /// Its address.
    address: String,
    /// Its address as clients of mutable torrents know it (BEP 46).
    magnet: String,
    /// What its publisher calls it; empty until that is known.
    name: String,
    /// What this household calls it, if it has a name of its own for it: stronger than its publisher's.
    #[serde(skip_serializing_if = "Option::is_none")]
    petname: Option<String>,
    /// What it is about.
    about: String,
    /// Who publishes it, in their own words.
    publisher: String,
    /// Where rights questions go: `mailto:` and `https:` addresses.
    contact: Vec<String>,
    /// The version that is here; 0 for none.
    version: u64,
    /// When its publisher signed that version (RFC 3339).
    #[schema(required)]
    issued_at: Option<String>,
    /// When anybody last confirmed it (RFC 3339).
    #[schema(required)]
    last_seen_at: Option<String>,
    /// Titles that are here.
    titles: u64,
    /// Whether this household follows it.
    followed: bool,
    /// Whether this machine has its keys.
    own: bool,
    /// How it is.
    state: ChannelState,
    /// What that means.
    sentence: &'static str,
    /// What to do about it.
    hint: &'static str,
    /// What is being done with it now.
    #[schema(required)]
    progress: Option<ChannelProgress>,
    /// How the last attempt failed.
    #[schema(required)]
    problem: Option<Problem>,
    /// The address that it was handed over to.
    #[schema(required)]
    successor: Option<String>,
    /// Whether that one is blocked here: then it is not followed there.
    successor_blocked: bool,
    /// The address under which it was followed before its publisher handed it over.
    #[schema(required)]
    moved_from: Option<String>,
    /// When that was, RFC 3339.
    #[schema(required)]
    moved_at: Option<String>,
    /// The domain that it claims.
    #[schema(required)]
    domain: Option<String>,
    /// When that domain vouched for it, RFC 3339; nothing if it was not asked, or does not.
    #[schema(required)]
    vouched_at: Option<String>,
    /// An address to which somebody who has the publisher's key wanted to move it. Another one was promised, so that was
    /// refused: the key may be stolen.
    #[schema(required)]
    refused_successor: Option<String>,
    /// Another channel of this household whose name looks nearly the same: one could be taken for the other.
    #[schema(required)]
    resembles: Option<OtherChannel>,
}

impl Channel {
    /// A channel as it is kept here, and what is being done with it.
    fn new(
        kept: Option<channels::Channel>,
        key: Key,
        errand: Option<&Errand>,
        cinema: &Cinema,
    ) -> Self {
        let languages = &cinema.languages();
        let state = state(kept.as_ref(), errand);
        let next = match kept.as_ref().map(|kept| &kept.state) {
            Some(Health::HandedOver { to }) => Some(*to),
            _ => None,
        };
        let successor_blocked = next.is_some_and(|next| cinema.blocklist.has(&next));
        let [sentence, hint] = if successor_blocked { MOVED_TO_BLOCKED } else { state.said() };
        let peers = kept.as_ref().map(|kept| kept.peers.clone()).unwrap_or_default();
        let address = errand.map_or_else(|| hinted(key, &peers), |errand| errand.address.clone());
        let text = |texts: Option<String>| texts.unwrap_or_default();
        let kept_ref = kept.as_ref();
        let moved = kept_ref.and_then(|kept| kept.moved.as_ref());
        let address_of = |key: Key| Address::new(key).to_string();
        Self {
            id: key.to_string(),
            kind: kept_ref.map(|kept| kept.kind).unwrap_or_default().into(),
            filter: kept_ref.and_then(|kept| kept.filter.clone()).map(FilterState::from),
            address: address.to_string(),
            magnet: address.magnet(),
            name: text(kept_ref.and_then(|kept| picked(&kept.name, languages))),
            petname: cinema.petnames.get(&key),
            about: text(kept_ref.and_then(|kept| picked(&kept.about, languages))),
            publisher: text(kept_ref.map(|kept| kept.publisher.clone())),
            contact: kept_ref.map(|kept| kept.contact.clone()).unwrap_or_default(),
            version: kept_ref.map_or(0, |kept| kept.version),
            issued_at: kept_ref.filter(|kept| kept.version > 0).map(|kept| time(kept.issued_ms)),
            last_seen_at: kept_ref.and_then(|kept| kept.last_seen_ms).map(time),
            titles: kept_ref.map_or(0, |kept| kept.titles),
            followed: kept_ref.is_some_and(|kept| kept.is_followed),
            own: kept_ref.is_some_and(|kept| kept.is_own),
            state,
            sentence,
            hint,
            progress: errand.and_then(|errand| match &errand.outcome {
                Outcome::Pending(progress) => Some(*progress),
                Outcome::Failed(_) => None,
            }),
            problem: errand.and_then(|errand| match &errand.outcome {
                Outcome::Failed(problem) => Some(problem.clone()),
                Outcome::Pending(_) => None,
            }),
            successor: next.map(address_of),
            successor_blocked,
            moved_from: moved.and_then(|moved| Key::parse(&moved.from)).map(address_of),
            moved_at: moved.map(|moved| time(moved.at_ms)),
            domain: kept_ref.and_then(|kept| kept.domain.clone()),
            vouched_at: kept_ref.and_then(|kept| kept.vouched_ms).map(time),
            refused_successor: kept_ref.and_then(|kept| kept.unpromised).map(address_of),
            resembles: kept_ref
                .and_then(|kept| kept.resembles.as_ref())
                .map(|other| OtherChannel::new(other, cinema)),
        }
    }
}

fn state(kept: Option<&channels::Channel>, errand: Option<&Errand>) -> ChannelState {
    let is_gone = |kept: &channels::Channel| matches!(kept.state, Health::HandedOver { .. });
    let here = kept.filter(|kept| kept.is_followed || kept.is_own || is_gone(kept));
    match (here.map(|here| &here.state), errand.map(|errand| &errand.outcome)) {
        (None, Some(Outcome::Failed(_))) => ChannelState::Failed,
        (None, Some(Outcome::Pending(_))) => ChannelState::Following,
        (None, None) | (Some(Health::Empty), _) => ChannelState::Empty,
        (Some(Health::Fresh), _) => ChannelState::Fresh,
        (Some(Health::Frozen { .. }), _) => ChannelState::Frozen,
        (Some(Health::Refused), _) => ChannelState::Refused,
        (Some(Health::NoRoom), _) => ChannelState::NoRoom,
        (Some(Health::Equivocated), _) => ChannelState::TwoVersions,
        (Some(Health::Damaged), _) => ChannelState::Damaged,
        (Some(Health::HandedOver { .. }), _) => ChannelState::HandedOver,
    }
}

/// An address with the peers that it was met with.
fn hinted(key: Key, peers: &[String]) -> Address {
    let peers = peers.iter().filter_map(|peer| torrent::PeerHint::parse(peer)).collect();
    Address { peers, ..Address::new(key) }
}

pub(super) fn picked<const MAX: usize, const PARAGRAPHS: bool>(
    texts: &Multilingual<MAX, PARAGRAPHS>,
    languages: &Languages,
) -> Option<String> {
    texts.pick(&languages.0).map(str::to_owned)
}

/// Milliseconds since 1970 as RFC 3339.
pub(super) fn time(ms: u64) -> String {
    Timestamp(i64::try_from(ms).unwrap_or(i64::MAX)).to_string()
}

/// The channels of this household.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelList {
    /// Those that are here or on their way.
    channels: Vec<Channel>,
    /// Those that may not be followed.
    blocked: Vec<BlockedChannel>,
}

/// The channels that are followed, on their way, our own, or blocked.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels",
    responses((status = 200, body = ChannelList), Problems))]
pub(super) async fn channels(State(cinema): State<Cinema>) -> Result<Json<ChannelList>, Problem> {
    let mut errands = cinema.errands.all();
    let kept = cinema.subscriptions.list().await.map_err(|error| Problem::from(&error))?;
    let here = kept.into_iter().map(|kept| {
        let (key, errand) = (kept.key, errands.remove(&kept.key));
        Channel::new(Some(kept), key, errand.as_ref(), &cinema)
    });
    let mut channels: Vec<_> = here.collect();
    let coming =
        errands.iter().map(|(key, errand)| Channel::new(None, *key, Some(errand), &cinema));
    channels.extend(coming);
    Ok(Json(ChannelList { channels, blocked: cinema.blocklist.all() }))
}

/// What a channel is called here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NameRequest {
    /// One line, at most 100 characters; empty takes the name back.
    name: String,
}

/// Calls a channel something of this household's own. Nobody else hears of it.
#[utoipa::path(put, path = "/api/v1/channels/{id}/petname", tag = "channels", request_body = NameRequest,
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 204), Problems))]
pub(super) async fn name_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<NameRequest>,
) -> Result<StatusCode, Problem> {
    let key = Key::parse(&id).ok_or(Code::NotFollowed)?;
    let name = match request.name.trim() {
        "" => None,
        name => Some(name.to_owned().try_into().map_err(|why: catalogue::BadText| {
            Problem::from(Code::BodyWrong).detail(format!("The name cannot be used: {why}"))
        })?),
    };
    let petnames = cinema.petnames.clone();
    let set = tokio::task::spawn_blocking(move || petnames.set(&key, name)).await;
    set.map_err(|_| Code::Internal)?.map_err(|error| {
        let taken = error.kind() == std::io::ErrorKind::AlreadyExists;
        Problem::from(if taken { Code::NameTaken } else { Code::DiskDenied }).detail(error)
    })?;
    cinema.events.tell(Event::Channels);
    Ok(StatusCode::NO_CONTENT)
}

/// A text that may be an address.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Pasted {
    /// What somebody pasted.
    text: String,
}

/// What an address leads to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddressRead {
    /// The 52 letters of the key.
    id: String,
    /// The address in its usual form.
    address: String,
    /// The title that it means, by its id here; null if it is the whole channel.
    title: Option<String>,
    /// Peers that it names: they learn that somebody here asks for the channel.
    peers: Vec<String>,
    /// Whether this household follows it.
    followed: bool,
    /// Whether it is our own.
    own: bool,
    /// Whether it is blocked here.
    blocked: bool,
}

/// Reads an address. Nobody is contacted.
#[utoipa::path(get, path = "/api/v1/channel-address", tag = "channels", params(Pasted),
    responses((status = 200, body = AddressRead), Problems))]
pub(super) async fn read_address(
    State(cinema): State<Cinema>,
    Query(pasted): Query<Pasted>,
) -> Result<Json<AddressRead>, Problem> {
    let address = parse(&pasted.text)?;
    let kept =
        cinema.subscriptions.get(address.key).await.map_err(|error| Problem::from(&error))?;
    Ok(Json(AddressRead {
        id: address.key.to_string(),
        address: address.to_string(),
        title: address.title.as_ref().map(|title| format!("{}.{title}", address.key)),
        peers: address.peers.iter().map(ToString::to_string).collect(),
        followed: kept.as_ref().is_some_and(|kept| kept.is_followed),
        own: kept.as_ref().is_some_and(|kept| kept.is_own),
        blocked: cinema.blocklist.has(&address.key),
    }))
}

pub(super) fn parse(text: &str) -> Result<Address, Problem> {
    text.parse()
        .map_err(|why: catalogue::channel::BadAddress| Problem::from(Code::AddressBad).detail(why))
}

/// Which channel to follow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowRequest {
    /// `kinora:…`, or `magnet:?xs=urn:btpk:…`.
    address: String,
    /// How long to look for it, seconds; ten minutes if not given.
    #[schema(minimum = 1, maximum = 86400)]
    patience_s: Option<u64>,
}

/// Begins to follow a channel. It is followed once all of it is here; until then its state says how far it is.
#[utoipa::path(post, path = "/api/v1/channels", tag = "channels", request_body = FollowRequest,
    responses((status = 202, body = Channel), Problems))]
pub(super) async fn follow_channel(
    State(cinema): State<Cinema>,
    Json(request): Json<FollowRequest>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    // What is followed is the channel, whichever of its titles was sent.
    let address = Address { title: None, ..parse(&request.address)? };
    let patience = patience(request.patience_s, PATIENCE)?;
    if cinema.blocklist.has(&address.key) {
        return Err(Code::ChannelBlocked.into());
    }
    let key = address.key;
    let errand = cinema.follow_channel(address, patience)?;
    let kept = cinema.subscriptions.get(key).await.map_err(|error| Problem::from(&error))?;
    Ok((StatusCode::ACCEPTED, Json(Channel::new(kept, key, Some(&errand), &cinema))))
}

pub(super) fn patience(asked_s: Option<u64>, usual: Duration) -> Result<Duration, Problem> {
    match asked_s {
        None => Ok(usual),
        Some(seconds @ 1..=PATIENCE_MAX_S) => Ok(Duration::from_secs(seconds)),
        Some(_) => Err(Problem::from(Code::BodyWrong).detail("patience_s is between 1 and 86400")),
    }
}

pub(super) fn key(id: &str) -> Result<Key, Problem> {
    Key::parse(id).ok_or_else(|| Code::NotFollowed.into())
}

pub(super) async fn shown(cinema: &Cinema, key: Key) -> Result<Channel, Problem> {
    let errand = cinema.errands.get(&key);
    let kept = cinema.subscriptions.get(key).await.map_err(|error| Problem::from(&error))?;
    if kept.is_none() && errand.is_none() {
        return Err(Code::NotFollowed.into());
    }
    cinema.subscriptions.looked_at(key);
    Ok(Channel::new(kept, key, errand.as_ref(), cinema))
}

/// A channel.
#[utoipa::path(get, path = "/api/v1/channels/{id}", tag = "channels",
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 200, body = Channel), Problems))]
pub(super) async fn channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Channel>, Problem> {
    shown(&cinema, key(&id)?).await.map(Json)
}

/// Ends following a channel, or the attempt to: its titles leave, what was watched is remembered.
#[utoipa::path(delete, path = "/api/v1/channels/{id}", tag = "channels",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn unfollow_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.unfollow_channel(key(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks for news of a followed channel now.
#[utoipa::path(post, path = "/api/v1/channels/{id}/refresh", tag = "channels",
    params(("id" = String, Path)), responses((status = 202, body = Channel), Problems))]
pub(super) async fn refresh_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    let key = key(&id)?;
    let before = cinema.subscriptions.get(key).await.map_err(|error| Problem::from(&error))?;
    let Some(before) = before.filter(|before| before.is_followed) else {
        return Err(Code::NotFollowed.into());
    };
    let errand = cinema.refresh_channel(hinted(key, &before.peers), PATIENCE)?;
    Ok((StatusCode::ACCEPTED, Json(Channel::new(Some(before), key, Some(&errand), &cinema))))
}

/// Takes updates of a channel again although its publisher's key signed two different versions. Only a person can know that
/// this is right; nothing older than what is here is taken for new.
#[utoipa::path(post, path = "/api/v1/channels/{id}/forgiven", tag = "channels",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn forgive_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.forgive_channel(key(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The rows of a channel's first screen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Shelves {
    /// Rows to choose from.
    rows: Vec<Row>,
}

/// The first screen of a channel: its titles as its publisher orders them, and by kind.
#[utoipa::path(get, path = "/api/v1/channels/{id}/shelves", tag = "channels",
    params(("id" = String, Path)), responses((status = 200, body = Shelves), Problems))]
pub(super) async fn shelves(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Shelves>, Problem> {
    let id = shown(&cinema, key(&id)?).await?.id;
    let languages = cinema.languages();
    let pages = cinema.library(move |library| {
        let page = |(row, kind, sort): (&'static str, Option<&str>, Sort)| {
            let (kind, source) = (kind.map(str::to_owned), Some(id.clone()));
            let filter = Filter { kind, source, sort, limit: ROW, ..Filter::default() };
            Ok((row, library.titles(&filter, &languages)?.titles))
        };
        ROWS.into_iter().map(page).collect::<Result<Vec<_>, _>>()
    });
    let rows = pages.await?.into_iter().filter(|(_, titles)| !titles.is_empty());
    let row = |(id, titles): (&str, _)| Row {
        id: id.to_owned(),
        label_key: format!("row-{id}"),
        label_args: BTreeMap::new(),
        titles: cards(titles, &cinema.links),
    };
    Ok(Json(Shelves { rows: rows.map(row).collect() }))
}

/// Each row's name, the kind it is narrowed to, and its order.
const ROWS: [(&str, Option<&str>, Sort); 9] = [
    ("popular", None, Sort::Popular),
    ("recently-added", None, Sort::Added),
    ("films", Some("film"), Sort::Popular),
    ("series", Some("series"), Sort::Popular),
    ("shorts", Some("short"), Sort::Popular),
    ("concerts", Some("concert"), Sort::Popular),
    ("performances", Some("performance"), Sort::Popular),
    ("lectures", Some("lecture"), Sort::Popular),
    ("newsreels", Some("newsreel"), Sort::Popular),
];

/// Blocks a channel: it is not followed any more, and cannot be.
#[utoipa::path(put, path = "/api/v1/channels/{id}/blocked", tag = "channels",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn block_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let key = key(&id)?;
    let kept = cinema.subscriptions.get(key).await.map_err(|error| Problem::from(&error))?;
    let name = kept.and_then(|kept| picked(&kept.name, &cinema.languages()));
    cinema.blocklist.add(&key, name.unwrap_or_default()).await?;
    match cinema.unfollow_channel(key).await {
        Err(problem) if problem.code != Code::NotFollowed.name() => return Err(problem),
        _ => {}
    }
    cinema.events.tell(Event::Channels);
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a channel be followed again.
#[utoipa::path(delete, path = "/api/v1/channels/{id}/blocked", tag = "channels",
    params(("id" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn unblock_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.blocklist.remove(&key(&id)?).await?;
    cinema.events.tell(Event::Channels);
    Ok(StatusCode::NO_CONTENT)
}
