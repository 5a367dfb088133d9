//! Our own channels: made, filled, signed and published.

use axum::{body::Bytes, extract::State, http::StatusCode};
use catalogue::{
    Catalogue, Withdrawal,
    channel::{Address, Domain, Key, Kind},
};
use channels::{Added, Created, NewChannel, TakenBack};
use library::Languages;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Problems,
    channels::{picked, time},
    filters::ChannelKind,
    mirrors::Mirror,
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    packing::{Packed, Sort},
};

/// A channel that this machine has the keys of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnChannel {
    /// The 52 letters of its key.
    id: String,
    /// What is published in it.
    kind: ChannelKind,
    /// Its address.
    address: String,
    /// Its address as clients of mutable torrents know it (BEP 46).
    magnet: String,
    /// What it is called.
    name: String,
    /// What it is about.
    about: String,
    /// Who publishes it.
    publisher: String,
    /// Where rights questions go.
    contact: Vec<String>,
    /// The version that was published last; 0 for none.
    version: u64,
    /// When that was signed (RFC 3339).
    #[schema(required)]
    issued_at: Option<String>,
    /// Titles and episodes in it; of a filter, its entries.
    records: u64,
    /// Titles that wait to be published; of a filter, its entries.
    waiting_titles: usize,
    /// Withdrawals that wait to be published.
    waiting_withdrawals: usize,
    /// Whether its secret is on this machine; else what needs it asks for the 24 words.
    secret: bool,
    /// Whether its secret is locked with a passphrase.
    locked: bool,
    /// The version of its root; each new online key is one more.
    root_version: u64,
    /// Whether its key was replaced and followers were not told yet: publish.
    key_unpublished: bool,
    /// The address that it was handed over to: that one is published from then on.
    #[schema(required)]
    successor: Option<String>,
    /// The domain that it claims.
    #[schema(required)]
    domain: Option<ClaimedDomain>,
    /// Web servers that have a copy of it.
    mirrors: Vec<Mirror>,
    /// Whether followers know of others: publish.
    mirrors_unpublished: bool,
}

/// A domain that an own channel claims.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClaimedDomain {
    /// It.
    name: String,
    /// The name of the TXT record by which it vouches for the channel.
    record_name: String,
    /// What that record says.
    record: String,
    /// Whether the version that was published last claims it.
    published: bool,
    /// When the domain vouched for the channel, RFC 3339; nothing if it was not asked, or does not.
    #[schema(required)]
    vouched_at: Option<String>,
}

impl ClaimedDomain {
    fn new(own: &channels::OwnChannel) -> Option<Self> {
        let domain = own.domain.as_ref()?;
        Some(Self {
            name: (**domain).to_owned(),
            record_name: domain.record_name(),
            record: Domain::record_for(&own.key),
            published: own.is_domain_published,
            vouched_at: own.vouched_ms.map(time),
        })
    }
}

impl OwnChannel {
    fn new(own: channels::OwnChannel, languages: &Languages) -> Self {
        let (address, domain) = (Address::new(own.key), ClaimedDomain::new(&own));
        let mirrors: Vec<_> = own.mirrors.iter().map(Mirror::from).collect();
        Self {
            id: own.key.to_string(),
            kind: own.kind.into(),
            address: address.to_string(),
            magnet: address.magnet(),
            name: picked(&own.name, languages).unwrap_or_default(),
            about: picked(&own.about, languages).unwrap_or_default(),
            publisher: own.publisher,
            contact: own.contact,
            version: own.version,
            issued_at: (own.version > 0).then(|| time(own.issued_ms)),
            records: own.records,
            waiting_titles: own.waiting_titles,
            waiting_withdrawals: own.waiting_withdrawals,
            secret: own.has_secret,
            locked: own.is_locked,
            root_version: own.root_version,
            key_unpublished: own.is_key_unpublished,
            successor: own.successor.map(|next| Address::new(next).to_string()),
            mirrors_unpublished: own.is_mirror_left || mirrors.iter().any(|one| !one.published),
            mirrors,
            domain,
        }
    }
}

/// Our own channels.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnChannelList {
    /// In the order of their keys.
    channels: Vec<OwnChannel>,
}

/// The channels that this machine has the keys of.
#[utoipa::path(get, path = "/api/v1/own-channels", tag = "publishing",
    responses((status = 200, body = OwnChannelList), Problems))]
pub(super) async fn own_channels(
    State(cinema): State<Cinema>,
) -> Result<Json<OwnChannelList>, Problem> {
    let own = cinema.publisher.list().await.map_err(|error| Problem::from(&error))?;
    let languages = cinema.languages();
    let channels = own.into_iter().map(|own| OwnChannel::new(own, &languages)).collect();
    Ok(Json(OwnChannelList { channels }))
}

/// What a channel is made with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewChannelRequest {
    /// What it is called.
    name: String,
    /// What it is about.
    about: Option<String>,
    /// Who publishes it, if not the channel's name.
    publisher: Option<String>,
    /// Where rights questions go: `mailto:…` or `https://…`.
    contact: String,
    /// The language of name and text (BCP 47); English if not given.
    language: Option<String>,
    /// Locks the secret on this disk.
    passphrase: Option<String>,
    /// Whether it is a filter, a list of what to leave out, and no catalogue.
    #[serde(default)]
    filter: bool,
}

impl std::fmt::Debug for NewChannelRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewChannelRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

impl NewChannelRequest {
    /// The channel or site that it asks for, and what locks its secret.
    pub(super) fn read(self) -> Result<(NewChannel, Option<String>), Problem> {
        let kind = if self.filter { Kind::Filter } else { Kind::Catalogue };
        let new = NewChannel { kind, ..self.described()? };
        Ok((new, self.passphrase.filter(|passphrase| !passphrase.is_empty())))
    }

    fn described(&self) -> Result<NewChannel, Problem> {
        let wrong = |what: &str, why: String| {
            Problem::from(Code::ChannelWrong).detail(format!("The {what} cannot be used: {why}."))
        };
        let language = self.language.as_deref().unwrap_or("en");
        let texts = |text: Option<&str>| match text.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => json!({ language: text }),
            None => json!({}),
        };
        let name = self.name.trim();
        if name.is_empty() {
            return Err(wrong("name", "it is empty".to_owned()));
        }
        let publisher = self.publisher.as_deref().unwrap_or(name).to_owned();
        Ok(NewChannel {
            kind: Kind::default(),
            name: serde_json::from_value(texts(Some(name)))
                .map_err(|why| wrong("name", why.to_string()))?,
            about: serde_json::from_value(texts(self.about.as_deref()))
                .map_err(|why| wrong("text", why.to_string()))?,
            publisher: publisher.try_into().map_err(|why| wrong("publisher", format!("{why}")))?,
            contact: (self.contact.clone())
                .try_into()
                .map_err(|why| wrong("contact", format!("{why}")))?,
        })
    }
}

/// A channel that was made just now.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedChannel {
    /// It.
    channel: OwnChannel,
    /// The 24 words that bring it back, told this once: they belong on paper.
    words: Vec<String>,
}

/// Makes a channel and its keys. Nobody knows of it until it is published.
#[utoipa::path(post, path = "/api/v1/own-channels", tag = "publishing", request_body = NewChannelRequest,
    responses((status = 201, body = CreatedChannel), Problems))]
pub(super) async fn create_channel(
    State(cinema): State<Cinema>,
    Json(request): Json<NewChannelRequest>,
) -> Result<(StatusCode, Json<CreatedChannel>), Problem> {
    let (new, passphrase) = request.read()?;
    let created = cinema.publisher.create(new, passphrase).await;
    let created = created.map_err(|error| Problem::from(&error))?;
    let channel = shown(&cinema, created.key).await?;
    cinema.events.tell(Event::Channels);
    Ok((StatusCode::CREATED, Json(CreatedChannel { channel, words: words(&created) })))
}

/// The words of what was made just now, one by one.
pub(super) fn words(created: &Created) -> Vec<String> {
    created.words.split(' ').map(str::to_owned).collect()
}

pub(super) fn key(id: &str) -> Result<Key, Problem> {
    Key::parse(id).ok_or_else(|| Code::NotOurs.into())
}

pub(super) async fn shown(cinema: &Cinema, key: Key) -> Result<OwnChannel, Problem> {
    let own = cinema.publisher.get(key).await.map_err(|error| Problem::from(&error))?;
    Ok(OwnChannel::new(own, &cinema.languages()))
}

/// A title or withdrawal that waits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Waiting {
    /// The title's id, as its publisher wrote it.
    id: String,
    /// Its name; empty for a withdrawal.
    name: String,
}

/// What waits to be published.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Draft {
    /// Titles that are new or changed.
    titles: Vec<Waiting>,
    /// Titles that are taken back.
    withdrawn: Vec<Waiting>,
}

/// One of our channels.
#[utoipa::path(get, path = "/api/v1/own-channels/{id}", tag = "publishing",
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn own_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<OwnChannel>, Problem> {
    shown(&cinema, key(&id)?).await.map(Json)
}

/// What waits to be published.
#[utoipa::path(get, path = "/api/v1/own-channels/{id}/draft", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = Draft), Problems))]
pub(super) async fn channel_draft(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Draft>, Problem> {
    let languages = cinema.languages();
    let title = move |title: catalogue::Title| {
        let name = picked(&title.name, &languages).unwrap_or_default();
        Some(Waiting { name, id: title.id.to_string() })
    };
    let waiting = cinema.publisher.waiting(key(&id)?, title).await;
    let (titles, withdrawn) = waiting.map_err(|error| Problem::from(&error))?;
    let withdrawal =
        |withdrawal: Withdrawal| Waiting { id: withdrawal.id.to_string(), name: String::new() };
    Ok(Json(Draft { titles, withdrawn: withdrawn.into_iter().map(withdrawal).collect() }))
}

/// A record that was left out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dropped {
    /// Its id, or its place in the file.
    id: String,
    /// What it lacks.
    why: String,
}

/// What was added.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddedTitles {
    /// How many titles.
    titles: usize,
    /// What was left out.
    dropped: Vec<Dropped>,
    /// How many wait now.
    waiting: usize,
}

/// Adds or changes titles; they wait until the next publish. The body is a catalogue file.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/titles", tag = "publishing",
    request_body(content = Object, content_type = "application/json"),
    params(("id" = String, Path)), responses((status = 200, body = AddedTitles), Problems))]
pub(super) async fn add_titles(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Result<Json<AddedTitles>, Problem> {
    if !crate::http::extract::is_json(&headers) {
        return Err(Code::TypeWrong.into());
    }
    let key = key(&id)?;
    let read = tokio::task::spawn_blocking(move || Catalogue::parse(&body)).await;
    let read = read.map_err(|_| Code::Internal)?;
    let read = read.map_err(|why| Problem::from(Code::CatalogueBad).detail(why))?;
    let mut dropped: Vec<_> = read
        .rejected()
        .iter()
        .map(|rejected| Dropped {
            id: rejected.id.clone().unwrap_or_else(|| format!("number {}", rejected.index)),
            why: rejected.why.to_string(),
        })
        .collect();
    if read.titles().is_empty() {
        let why = dropped.first().map(|first| format!("{}: {}", first.id, first.why));
        return Err(Problem::from(Code::NoValidTitle).detail(why.unwrap_or_default()));
    }
    let added = cinema.publisher.add(key, read.titles().to_vec()).await;
    let Added { waiting, taken_back } = added.map_err(|error| Problem::from(&error))?;
    let titles = read.titles().len() - taken_back.len();
    if titles == 0 {
        return Err(Code::TakenBack.into());
    }
    let taken_back = taken_back.into_iter();
    dropped.extend(
        taken_back.map(|id| Dropped { id: id.to_string(), why: TakenBack::WHY.to_owned() }),
    );
    cinema.events.tell(Event::Channels);
    Ok(Json(AddedTitles { titles, dropped, waiting }))
}

/// A picture or subtitle that waits for its title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackedFile {
    /// The SHA-256 of its bytes, by which titles name it: `{"sha256": …}`.
    sha256: String,
    /// The preview of a picture, base64 (thumbhash).
    #[schema(required)]
    thumbhash: Option<String>,
}

/// Takes a picture (JPEG, PNG, WebP; made anew here) or a subtitle in. It goes into the channel's packs with the first
/// published title that names it. Add that title before Kinora ends: what no waiting title names goes away with the next
/// start, and is to be sent again.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/files/{sort}", tag = "publishing",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path), ("sort" = String, Path, description = "`poster`, `backdrop`, `still` or `subtitle`")),
    responses((status = 200, body = PackedFile), Problems))]
pub(super) async fn take_file(
    State(cinema): State<Cinema>,
    Path((id, sort)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<PackedFile>, Problem> {
    let (key, sort) = (key(&id)?, Sort::of(&sort).ok_or(Code::FileUnknown)?);
    let Packed { sha256, thumbhash } = cinema.pack(key, sort, body.to_vec()).await?;
    Ok(Json(PackedFile { sha256, thumbhash }))
}

/// Takes a title out of what waits.
#[utoipa::path(delete, path = "/api/v1/own-channels/{id}/draft/{title}", tag = "publishing",
    params(("id" = String, Path), ("title" = String, Path, description = "The title's id as its publisher wrote it")),
    responses((status = 204), Problems))]
pub(super) async fn take_out(
    State(cinema): State<Cinema>,
    Path((id, title)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let title = title.try_into().map_err(|_| Code::TitleUnknown)?;
    let taken = cinema.publisher.take_out_of_draft(key(&id)?, &title).await;
    if !taken.map_err(|error| Problem::from(&error))? {
        return Err(Code::TitleUnknown.into());
    }
    cinema.events.tell(Event::Channels);
    Ok(StatusCode::NO_CONTENT)
}

/// Which title is taken back, and why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawalRequest {
    /// The title's id, as the publisher wrote it.
    id: String,
    /// `licence`, `rights`, `wrong_file`, `malware`, `privacy` or `superseded`.
    reason: String,
    /// One torrent of several: its v1 infohash, or the first 40 digits of its v2 one.
    #[serde(skip_serializing_if = "Option::is_none")]
    infohash: Option<String>,
    /// A note for viewers, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Takes a title back for ever; it leaves with the next publish.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/withdrawals", tag = "publishing",
    request_body = WithdrawalRequest, params(("id" = String, Path)),
    responses((status = 200, body = OwnChannel), Problems))]
pub(super) async fn withdraw_title(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<WithdrawalRequest>,
) -> Result<Json<OwnChannel>, Problem> {
    let key = key(&id)?;
    let mut record = json!({"id": request.id, "reason": request.reason.replace('-', "_")});
    if let Some(infohash) = request.infohash {
        record["infohash"] = json!(infohash.to_ascii_lowercase());
    }
    if let Some(note) = request.note {
        record["note"] = json!({"en": note});
    }
    let withdrawal = serde_json::from_value(record);
    let withdrawal = withdrawal.map_err(|why| Problem::from(Code::WithdrawalBad).detail(why))?;
    let done = cinema.publisher.withdraw(key, withdrawal).await;
    done.map_err(|error| Problem::from(&error))?;
    cinema.events.tell(Event::Channels);
    shown(&cinema, key).await.map(Json)
}

/// A version that is signed and shared.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublishedVersion {
    /// The channel's address.
    address: String,
    /// The version.
    version: u64,
    /// Titles and episodes in it.
    records: u64,
    /// The v1 infohash of its head torrent.
    #[schema(required)]
    infohash_v1: Option<String>,
    /// The v2 infohash of its head torrent.
    #[schema(required)]
    infohash_v2: Option<String>,
    /// Bytes that are new to a follower who has the version before.
    new_bytes: u64,
    /// Nodes of the DHT that know of it: with none, followers do not find it yet.
    copies: usize,
}

/// Signs what waits, shares it and tells the network.
#[utoipa::path(post, path = "/api/v1/own-channels/{id}/publish", tag = "publishing",
    params(("id" = String, Path)), responses((status = 200, body = PublishedVersion), Problems))]
pub(super) async fn publish_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<PublishedVersion>, Problem> {
    cinema.publish_channel(key(&id)?).await.map(|published| Json(PublishedVersion::new(&published)))
}

impl PublishedVersion {
    fn new(published: &channels::Published) -> Self {
        Self {
            address: Address::new(published.key).to_string(),
            version: published.version,
            records: published.records,
            infohash_v1: published.torrent.v1().map(|hash| hash.to_string()),
            infohash_v2: published.torrent.v2().map(|hash| hash.to_string()),
            new_bytes: published.new_bytes,
            copies: published.copies,
        }
    }
}

impl Cinema {
    /// Lets a picture or subtitle wait for a title of one of our channels.
    ///
    /// # Errors
    /// [`Code::ImageBad`], [`Code::SubtitleBad`], or [`Code::NotOurs`].
    pub(crate) async fn pack(
        &self,
        key: Key,
        sort: Sort,
        bytes: Vec<u8>,
    ) -> Result<Packed, Problem> {
        let made = tokio::task::spawn_blocking(move || sort.ready(bytes)).await;
        let ready = made.map_err(|_| Code::Internal)??;
        let hash = self.publisher.keep_thing(key, ready.kind, ready.bytes).await;
        let hash = hash.map_err(|error| Problem::from(&error))?;
        Ok(Packed::new(hash, ready.thumbhash))
    }

    /// Publishes what waits, and takes it into this household's own library.
    ///
    /// # Errors
    /// [`Code::ConsentNeeded`] while nobody may be contacted; else why not.
    pub(crate) async fn publish_channel(&self, key: Key) -> Result<channels::Published, Problem> {
        let session = self.swarm.session()?;
        let published = self.publisher.publish(Some(&session), key).await;
        let published = published.map_err(|error| Problem::from(&error))?;
        self.show_own(key).await.map_err(|error| Problem::from(&error))?;
        self.events.tell(Event::Channels);
        self.events.tell(Event::Library);
        Ok(published)
    }
}

/// Everything that is published now, as a catalogue file.
#[utoipa::path(get, path = "/api/v1/own-channels/{id}/catalogue", tag = "publishing",
    params(("id" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/json"), Problems))]
pub(super) async fn export_channel(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<([(axum::http::HeaderName, &'static str); 1], Vec<u8>), Problem> {
    let key = key(&id)?;
    cinema.publisher.get(key).await.map_err(|error| Problem::from(&error))?;
    let catalogue = cinema.publisher.titles(key).await.map_err(|error| Problem::from(&error))?;
    Ok(([(axum::http::header::CONTENT_TYPE, "application/json")], catalogue.to_json()))
}
