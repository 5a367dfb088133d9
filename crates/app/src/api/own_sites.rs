//! Our own sites: made, and published from a folder on this machine.

use std::path::PathBuf;

use axum::{extract::State, http::StatusCode, response::Response};
use catalogue::channel::{Address, Key, Level, Theme};
use channels::OwnSite;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{
    Problems,
    channels::{picked, time},
    keys::{LockRequest, RestoreRequest, Unlocking, WordsRequest},
    lines::{self, NEWS_WAITING},
    mirrors::Mirror,
    own_channels::{NewChannelRequest, key, words},
};
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    sites::{NotPublished, PublishedHere, Refused, SiteNews, ThemeWish},
};

/// A site that this machine has the keys of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSiteShown {
    /// The 52 letters of its key.
    id: String,
    /// Its address.
    address: String,
    /// Its address as clients of mutable torrents know it (BEP 46).
    magnet: String,
    /// What it is called.
    name: String,
    /// Who publishes it.
    publisher: String,
    /// Where rights questions go.
    contact: Vec<String>,
    /// Whether its secret is on this machine; else what needs it asks for the 24 words.
    secret: bool,
    /// Whether its secret is locked with a passphrase.
    locked: bool,
    /// Whether its signing key was replaced since the version that is out: it holds once the site is published again.
    key_unpublished: bool,
    /// The address that it was handed over to.
    #[schema(required)]
    successor: Option<String>,
    /// The version that was published last; 0 for none.
    version: u64,
    /// When that was signed (RFC 3339).
    #[schema(required)]
    issued_at: Option<String>,
    /// Files in it.
    files: usize,
    /// Bytes of all files.
    bytes: u64,
    /// Whether its pages have scripts of their own.
    scripts: bool,
    /// Web servers that have a copy of it.
    mirrors: Vec<Mirror>,
    /// Whether the next version names others than the one that is out.
    mirrors_unpublished: bool,
    /// How its texts look, if it is a site of Markdown.
    #[schema(required)]
    theme: Option<ThemeShown>,
    /// The folder that it was published from, as a whole path.
    #[schema(required)]
    folder: Option<String>,
}

impl OwnSiteShown {
    pub(super) fn new(own: OwnSite, cinema: &Cinema) -> Self {
        let (address, site) = (Address::new(own.key), own.published.as_ref());
        let mirrors: Vec<_> = own.mirrors.iter().map(Mirror::from).collect();
        let files = || site.into_iter().flat_map(|site| site.files.iter());
        Self {
            id: own.key.to_string(),
            address: address.to_string(),
            magnet: address.magnet(),
            name: picked(&own.name, &cinema.languages()).unwrap_or_default(),
            publisher: own.publisher,
            contact: own.contact,
            secret: own.has_secret,
            locked: own.is_locked,
            successor: own.successor.map(|next| Address::new(next).to_string()),
            key_unpublished: own.is_key_unpublished,
            version: site.map_or(0, |site| site.version),
            issued_at: site.map(|site| time(site.issued_ms)),
            files: files().count(),
            bytes: files().map(|(_, file)| file.length).sum(),
            scripts: site.is_some_and(|site| site.level == Level::Script),
            mirrors_unpublished: own.is_mirror_left || mirrors.iter().any(|one| !one.published),
            mirrors,
            theme: site.and_then(|site| site.level.theme()).map(ThemeShown::from),
            folder: own.folder.and_then(|folder| folder.into_os_string().into_string().ok()),
        }
    }
}

/// Our own sites.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSiteList {
    /// In the order of their keys.
    sites: Vec<OwnSiteShown>,
}

/// The sites that this machine has the keys of, published or not.
#[utoipa::path(get, path = "/api/v1/own-sites", tag = "sites",
    responses((status = 200, body = OwnSiteList), Problems))]
pub(super) async fn own_sites(State(cinema): State<Cinema>) -> Result<Json<OwnSiteList>, Problem> {
    let own = cinema.sites.own().await?;
    let sites = own.into_iter().map(|own| OwnSiteShown::new(own, &cinema)).collect();
    Ok(Json(OwnSiteList { sites }))
}

/// A site that was made just now.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedSite {
    /// It.
    site: OwnSiteShown,
    /// The 24 words of its secret, told this once: they belong on paper.
    words: Vec<String>,
}

/// Makes a site and its keys. Nobody knows of it until it is published.
#[utoipa::path(post, path = "/api/v1/own-sites", tag = "sites", request_body = NewChannelRequest,
    responses((status = 201, body = CreatedSite), Problems))]
pub(super) async fn create_site(
    State(cinema): State<Cinema>,
    Json(request): Json<NewChannelRequest>,
) -> Result<(StatusCode, Json<CreatedSite>), Problem> {
    let (new, passphrase) = request.read()?;
    let created = cinema.sites.create(new, passphrase).await?;
    let site = OwnSiteShown::new(cinema.sites.own_one(created.key).await?, &cinema);
    Ok((StatusCode::CREATED, Json(CreatedSite { site, words: words(&created) })))
}

/// A site that is ours again.
#[derive(Serialize, ToSchema)]
pub(super) struct RestoredSite {
    /// It.
    site: OwnSiteShown,
    /// Whether the network was asked for its newest version. If not, what was here was taken: should another machine have
    /// published since, visitors refuse what is published here.
    newest: bool,
}

/// Brings a site back from its words: its newest version is looked for, then its keys are made again.
#[utoipa::path(post, path = "/api/v1/own-sites/restore", tag = "sites", request_body = RestoreRequest,
    responses((status = 200, body = RestoredSite), Problems))]
pub(super) async fn restore_site(
    State(cinema): State<Cinema>,
    Json(request): Json<RestoreRequest>,
) -> Result<Json<RestoredSite>, Problem> {
    let restored = cinema.sites.restore(cinema.swarm.session(), request.read()?).await?;
    let site = OwnSiteShown::new(restored.site, &cinema);
    Ok(Json(RestoredSite { site, newest: restored.is_newest }))
}

/// Replaces the key that signs versions of a site, because it may be stolen; publish afterwards.
#[utoipa::path(post, path = "/api/v1/own-sites/{id}/rotate", tag = "sites", request_body = Unlocking,
    params(("id" = String, Path)), responses((status = 200, body = OwnSiteShown), Problems))]
pub(super) async fn rotate_site(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(unlocking): Json<Unlocking>,
) -> Result<Json<OwnSiteShown>, Problem> {
    let own = cinema.sites.rotate(key(&id)?, unlocking.read()?).await?;
    Ok(Json(OwnSiteShown::new(own, &cinema)))
}

/// Locks a site's secret with another passphrase, or with none.
#[utoipa::path(put, path = "/api/v1/own-sites/{id}/passphrase", tag = "sites", request_body = LockRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnSiteShown), Problems))]
pub(super) async fn lock_site(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<LockRequest>,
) -> Result<Json<OwnSiteShown>, Problem> {
    let (opening, new) = request.read()?;
    let own = cinema.sites.lock(key(&id)?, opening, new).await?;
    Ok(Json(OwnSiteShown::new(own, &cinema)))
}

/// Hands a site over to its next root key, because the one that it has may be stolen. Its visitors are asked whether they go
/// there; publish in the site that is returned.
#[utoipa::path(post, path = "/api/v1/own-sites/{id}/hand-over", tag = "sites", request_body = Unlocking,
    params(("id" = String, Path)), responses((status = 200, body = OwnSiteShown), Problems))]
pub(super) async fn hand_over_site(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(unlocking): Json<Unlocking>,
) -> Result<Json<OwnSiteShown>, Problem> {
    let own = cinema.sites.hand_over(key(&id)?, unlocking.read()?).await?;
    Ok(Json(OwnSiteShown::new(own, &cinema)))
}

/// Takes a site's secret off this machine, once its words were typed as they are on paper. The key that signs versions
/// stays; what needs the secret asks for the words from then on.
#[utoipa::path(delete, path = "/api/v1/own-sites/{id}/secret", tag = "sites", request_body = WordsRequest,
    params(("id" = String, Path)), responses((status = 200, body = OwnSiteShown), Problems))]
pub(super) async fn remove_site_secret(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<WordsRequest>,
) -> Result<Json<OwnSiteShown>, Problem> {
    let own = cinema.sites.remove_secret(key(&id)?, request.read()?).await?;
    Ok(Json(OwnSiteShown::new(own, &cinema)))
}

/// How the texts of a site of Markdown look.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThemeShown {
    /// The colours: `paper`, `sea`, `forest`, `plum` or `ember`.
    palette: &'static str,
    /// The letters: `sans`, `serif` or `mono`.
    typeface: &'static str,
    /// The language of the texts (BCP 47).
    language: String,
}

impl From<&Theme> for ThemeShown {
    fn from(theme: &Theme) -> Self {
        Self {
            palette: theme.palette.name(),
            typeface: theme.typeface.name(),
            language: (*theme.language).to_owned(),
        }
    }
}

/// Which folder a site is published from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishSiteRequest {
    /// The whole path of a folder on this machine; index.html is where the site begins, or index.md for one of Markdown.
    folder: String,
    /// Whether its pages may have scripts of their own, which visitors are asked about.
    #[serde(default)]
    scripts: bool,
    /// The address of a channel of ours whose titles its scripts may show; if not given, that of the last version stays.
    channel: Option<String>,
    /// Given, it is a site of Markdown: texts and pictures alone, which visitors see in this theme.
    theme: Option<ThemeWish>,
}

impl PublishSiteRequest {
    /// What the pages may do, after a version that may do so much.
    fn level(&self, last: Option<&Level>) -> Result<Level, Problem> {
        match &self.theme {
            Some(_) if self.scripts => {
                Err(Problem::from(Code::BodyWrong).detail("a site of Markdown has no scripts"))
            }
            Some(wish) => match wish.after(last.and_then(Level::theme)) {
                Ok(theme) => Ok(Level::Text(theme)),
                Err(why) => Err(Problem::from(Code::BodyWrong).detail(why)),
            },
            None if self.scripts => Ok(Level::Script),
            None => Ok(Level::Static),
        }
    }

    /// The channel whose titles its scripts may show.
    fn channel(&self, level: &Level) -> Result<Option<Key>, Problem> {
        let Some(address) = &self.channel else { return Ok(None) };
        if *level != Level::Script {
            return Err(Problem::from(Code::BodyWrong).detail("only scripts can show titles"));
        }
        let address: Address =
            address.parse().map_err(|why| Problem::from(Code::AddressBad).detail(why))?;
        Ok(Some(address.key))
    }
}

/// A line of the answer; the last one is `published` or `failed`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SiteLine {
    /// How far it is.
    News(SiteNews),
    /// How it ended.
    End(SiteEnd),
}

/// How publishing a site ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SiteEnd {
    /// It is signed and shared.
    Published {
        /// The site's address.
        address: String,
        /// The version.
        version: u64,
        /// Files in it.
        files: usize,
        /// Bytes of files that the version before did not have.
        new_bytes: u64,
        /// Nodes of the DHT that know of it: with none, visitors do not find it yet.
        copies: usize,
        /// The v1 infohash of its torrent.
        #[schema(required)]
        infohash_v1: Option<String>,
        /// The v2 infohash of its torrent.
        #[schema(required)]
        infohash_v2: Option<String>,
    },
    /// The last version is still the current one.
    Failed {
        /// Why.
        problem: Problem,
        /// The files to blame, at most 20.
        refused: Vec<Refused>,
    },
}

impl From<PublishedHere> for SiteEnd {
    fn from(PublishedHere { site, copies }: PublishedHere) -> Self {
        Self::Published {
            address: Address::new(site.key).to_string(),
            version: site.version,
            files: site.files,
            new_bytes: site.new_bytes,
            copies,
            infohash_v1: site.torrent.v1().map(|hash| hash.to_string()),
            infohash_v2: site.torrent.v2().map(|hash| hash.to_string()),
        }
    }
}

impl From<NotPublished> for SiteEnd {
    fn from(NotPublished { problem, refused }: NotPublished) -> Self {
        Self::Failed { problem, refused }
    }
}

impl From<Problem> for SiteEnd {
    fn from(problem: Problem) -> Self {
        NotPublished::from(problem).into()
    }
}

impl From<SiteNews> for SiteLine {
    fn from(news: SiteNews) -> Self {
        Self::News(news)
    }
}

impl From<SiteEnd> for SiteLine {
    fn from(end: SiteEnd) -> Self {
        Self::End(end)
    }
}

/// Signs what is in a folder of this machine, shares it and tells the network. The answer is a line of JSON for each piece
/// of news, and one for the end; whoever closes the connection before it is signed stops it, and nothing of it stays.
#[utoipa::path(post, path = "/api/v1/own-sites/{id}/publish", tag = "sites", request_body = PublishSiteRequest,
    params(("id" = String, Path, description = "The 52 letters of its key")),
    responses((status = 200, body = SiteLine, content_type = "application/jsonl"), Problems))]
pub(super) async fn publish_site(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<PublishSiteRequest>,
) -> Result<Response, Problem> {
    let (key, folder) = (key(&id)?, PathBuf::from(&request.folder));
    if !folder.is_absolute() {
        let detail = format!("{} is no whole path", folder.display());
        return Err(Problem::from(Code::BodyWrong).detail(detail));
    }
    let session = cinema.swarm.session()?;
    let last = cinema.sites.own_one(key).await?.published;
    let level = request.level(last.as_ref().map(|site| &site.level))?;
    let wanted = request.channel(&level)?;
    let (channels, last) = (cinema.channels.clone(), last.and_then(|last| last.channel));
    let channel = move || channels::word_for_site(&channels, wanted, last.as_ref(), &key);
    let channel = tokio::task::spawn_blocking(channel).await.map_err(|_| Code::Internal)?;
    let channel = channel.map_err(|error| Problem::from(&error))?;
    let (sender, news) = mpsc::channel(NEWS_WAITING);
    let sites = cinema.sites.clone();
    let work = tokio::spawn(async move {
        match sites.publish(&session, key, folder, (level, channel), sender).await {
            Ok(published) => published.map(SiteEnd::from),
            Err(failed) => Some(failed.into()),
        }
    });
    Ok(lines::answer::<SiteLine, _, _>(news, work, cinema.stopping.subscribe()))
}
