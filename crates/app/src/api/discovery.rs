//! Finding channels without a centre: those that followed channels vouch for, and domains that vouch for a channel.

use axum::{extract::State, http::StatusCode};
use catalogue::{
    Multilingual,
    channel::{Address, Domain, Key, Listed},
};
use channels::{NotVouched, Recommended, Vouching};
use library::Languages;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Problems,
    channels::{Channel, OtherChannel, key, picked, shown},
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

/// A channel that at least one followed channel vouches for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundChannel {
    /// The 52 letters of its key.
    id: String,
    /// Its address.
    address: String,
    /// What it is called, as those say who vouch for it.
    name: String,
    /// What it is about, as they say.
    about: String,
    /// The languages of its films (BCP 47).
    languages: Vec<String>,
    /// Who vouches for it.
    vouched_by: Vec<OtherChannel>,
    /// Whether this household follows it.
    followed: bool,
    /// Whether this machine has its keys.
    own: bool,
    /// A channel of this household whose name looks nearly the same: this one is another.
    #[schema(required)]
    resembles: Option<OtherChannel>,
}

impl FoundChannel {
    fn new(found: &Recommended, languages: &Languages, cinema: &Cinema) -> Self {
        let other = |one: &(Key, Multilingual<300>)| OtherChannel::new(one, cinema);
        Self {
            id: found.key.to_string(),
            address: Address::new(found.key).to_string(),
            name: picked(&found.name, languages).unwrap_or_default(),
            about: picked(&found.about, languages).unwrap_or_default(),
            languages: found.languages.iter().map(|language| (**language).to_owned()).collect(),
            vouched_by: found.by.iter().map(other).collect(),
            followed: found.is_followed,
            own: found.is_own,
            resembles: found.resembles.as_ref().map(other),
        }
    }
}

/// Channels that others vouch for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundChannels {
    /// Those for which most vouch first.
    channels: Vec<FoundChannel>,
}

/// The channels that followed channels vouch for; those that are blocked here are left out. Nobody is contacted.
#[utoipa::path(get, path = "/api/v1/found-channels", tag = "channels",
    responses((status = 200, body = FoundChannels), Problems))]
pub(super) async fn found_channels(
    State(cinema): State<Cinema>,
) -> Result<Json<FoundChannels>, Problem> {
    let found = cinema.subscriptions.recommended().await;
    let found = found.map_err(|error| Problem::from(&error))?;
    let wanted = found.iter().filter(|one| !cinema.blocklist.has(&one.key));
    let languages = cinema.languages();
    let channels = wanted.map(|one| FoundChannel::new(one, &languages, &cinema)).collect();
    Ok(Json(FoundChannels { channels }))
}

/// Asks the domain that a channel claims whether it vouches for it.
#[utoipa::path(post, path = "/api/v1/channels/{id}/vouched", tag = "channels",
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 200, body = Channel), Problems))]
pub(super) async fn ask_domain(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Channel>, Problem> {
    let (key, session) = (key(&id)?, cinema.swarm.session()?);
    let asked = cinema.subscriptions.ask_domain(&session, key).await;
    cinema.events.tell(Event::Channels);
    asked.map_err(|why| Problem::from(&why))?;
    shown(&cinema, key).await.map(Json)
}

impl From<&NotVouched> for Problem {
    fn from(why: &NotVouched) -> Self {
        let code = match why {
            NotVouched::NoDomain => Code::NoDomain,
            NotVouched::Unknown => Code::NotFollowed,
            NotVouched::NoRecord { .. } => Code::DomainSilent,
            NotVouched::OtherKey { .. } => Code::DomainOther,
            NotVouched::Silent { .. } => Code::NamesUnreachable,
            NotVouched::Folder(_) => Code::DiskDenied,
        };
        Self::from(code).detail(why)
    }
}

/// What is said of a channel for which another vouches.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VouchRequest {
    /// What it is called; what it calls itself if not given.
    name: Option<String>,
    /// What it is about; what it says itself if not given.
    about: Option<String>,
    /// The language of both (BCP 47); English if not given.
    language: Option<String>,
    /// The languages of its films (BCP 47).
    #[serde(default)]
    languages: Vec<String>,
}

impl VouchRequest {
    fn read(self, key: Key) -> Result<Vouching, Problem> {
        let language = self.language.as_deref().unwrap_or("en");
        let texts = |text: Option<String>| text.map(|text| json!({ language: text }));
        let wrong = |why: serde_json::Error| {
            Problem::from(Code::BodyWrong)
                .detail(format!("What is said of it cannot be used: {why}"))
        };
        Ok(Vouching {
            key,
            name: texts(self.name).map(serde_json::from_value).transpose().map_err(wrong)?,
            about: texts(self.about).map(serde_json::from_value).transpose().map_err(wrong)?,
            languages: serde_json::from_value(json!(self.languages)).map_err(wrong)?,
        })
    }
}

/// A channel for which an own one vouches.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VouchedChannel {
    /// The 52 letters of its key.
    id: String,
    /// Its address.
    address: String,
    /// What is said that it is called.
    name: String,
    /// What is said that it is about.
    about: String,
    /// The languages of its films (BCP 47).
    languages: Vec<String>,
}

/// The channels for which an own channel vouches.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VouchedChannels {
    /// All of them, in the order of the list that followers get.
    channels: Vec<VouchedChannel>,
    /// Whether followers have another list: publish.
    unpublished: bool,
}

/// The channels for which an own channel vouches from its next version on.
#[utoipa::path(get, path = "/api/v1/own-channels/{id}/vouches", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = VouchedChannels), Problems))]
pub(super) async fn vouches(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<VouchedChannels>, Problem> {
    let key = own_channels::key(&id)?;
    let directory = cinema.publisher.directory(key).await;
    let directory = directory.map_err(|error| Problem::from(&error))?;
    let folder = cinema.channels.folder(key);
    let published = tokio::task::spawn_blocking(move || folder.manifest()?.directory).await;
    let is_published = match published.map_err(|_| Code::Internal)? {
        Some(file) => file.is(&directory.to_bytes()),
        None => directory.channels().is_empty(),
    };
    let languages = cinema.languages();
    let vouched = |listed: &Listed| VouchedChannel {
        id: listed.key.to_string(),
        address: Address::new(listed.key).to_string(),
        name: picked(&listed.name, &languages).unwrap_or_default(),
        about: picked(&listed.about, &languages).unwrap_or_default(),
        languages: listed.languages.iter().map(|language| (**language).to_owned()).collect(),
    };
    let channels = directory.channels().iter().map(vouched).collect();
    Ok(Json(VouchedChannels { channels, unpublished: !is_published }))
}

/// How many channels an own channel vouches for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Vouches {
    /// From its next version on.
    vouches_for: usize,
}

/// An own channel vouches for another from its next version on.
#[utoipa::path(put, path = "/api/v1/own-channels/{id}/vouches/{channel}", tag = "publishing",
    request_body = VouchRequest, params(("id" = String, Path), ("channel" = String, Path)),
    responses((status = 200, body = Vouches), Problems))]
pub(super) async fn vouch(
    State(cinema): State<Cinema>,
    Path((id, channel)): Path<(String, String)>,
    Json(request): Json<VouchRequest>,
) -> Result<Json<Vouches>, Problem> {
    let vouching = request.read(key(&channel)?)?;
    let vouched = cinema.publisher.vouch(key(&id)?, vouching).await;
    let vouches_for = vouched.map_err(|error| Problem::from(&error))?;
    Ok(Json(Vouches { vouches_for }))
}

/// An own channel vouches for another no longer, from its next version on.
#[utoipa::path(delete, path = "/api/v1/own-channels/{id}/vouches/{channel}", tag = "publishing",
    params(("id" = String, Path), ("channel" = String, Path)),
    responses((status = 204), Problems))]
pub(super) async fn vouch_no_more(
    State(cinema): State<Cinema>,
    Path((id, channel)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let ended = cinema.publisher.vouch_no_more(key(&id)?, key(&channel)?).await;
    match ended.map_err(|error| Problem::from(&error))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Code::NotFollowed.into()),
    }
}

/// Which domain an own channel claims.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimRequest {
    /// A domain such as `example.org`; nothing to claim none.
    domain: Option<String>,
}

/// An own channel claims a domain from its next version on.
#[utoipa::path(put, path = "/api/v1/own-channels/{id}/domain", tag = "publishing", request_body = ClaimRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn claim_domain(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<ClaimRequest>,
) -> Result<Json<OwnChannel>, Problem> {
    let key = own_channels::key(&id)?;
    let domain: Option<Domain> = request
        .domain
        .map(Domain::try_from)
        .transpose()
        .map_err(|why| Problem::from(Code::DomainBad).detail(why))?;
    cinema.publisher.claim(key, domain).await.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    own_channels::shown(&cinema, key).await.map(Json)
}

/// Asks the domain that an own channel claims whether it vouches for it, also before the claim is published.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/domain", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn ask_own_domain(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<OwnChannel>, Problem> {
    let (key, session) = (own_channels::key(&id)?, cinema.swarm.session()?);
    cinema.publisher.get(key).await.map_err(|error| Problem::from(&error))?;
    let asked = cinema.subscriptions.ask_domain(&session, key).await;
    cinema.events.tell(Event::Channels);
    asked.map_err(|why| Problem::from(&why))?;
    own_channels::shown(&cinema, key).await.map(Json)
}
