//! What a viewer can set, and their consent to sharing.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problems;
use crate::{
    cinema::Cinema,
    consent,
    http::{
        extract::Json,
        problem::{Code, Problem},
    },
};

/// Whether somebody agreed to sharing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Consent {
    /// Whether they did, to the text as it is now.
    given: bool,
    /// When (RFC 3339).
    #[schema(required)]
    at: Option<String>,
    /// The version of the text as it is now.
    version: u32,
}

/// What is given back to the swarm.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sharing {
    /// Whether to share beyond the little that playing itself needs. Never nothing while watching.
    enabled: bool,
    /// Upload limit, KiB/s.
    #[schema(required)]
    up_limit_kib: Option<u32>,
    /// Download limit, KiB/s.
    #[schema(required)]
    down_limit_kib: Option<u32>,
    /// Stop sharing at this ratio of bytes given to bytes taken.
    #[schema(required)]
    seed_ratio_max: Option<f64>,
    /// Whether to go on sharing what was watched.
    seed_after_watching: bool,
}

impl From<library::SharingSettings> for Sharing {
    fn from(sharing: library::SharingSettings) -> Self {
        Self {
            enabled: sharing.enabled,
            up_limit_kib: sharing.up_limit_kib,
            down_limit_kib: sharing.down_limit_kib,
            seed_ratio_max: sharing.seed_ratio_max,
            seed_after_watching: sharing.seed_after_watching,
        }
    }
}

/// Where fetched data lies.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Cache {
    /// The folder.
    path: String,
    /// The most it may hold, GiB.
    quota_gib: u32,
    /// What it holds now, bytes.
    used_bytes: u64,
    /// The most that followed channels may take beside it, GiB: what they list, not their films.
    channels_gib: u32,
    /// What they take now, bytes.
    channels_used_bytes: u64,
}

/// How peers reach this machine.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NetworkSettings {
    /// The port that peers connect to; 0 while there is none.
    listen_port: u16,
}

/// Colours of the page.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system is set.
    System,
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl From<library::Theme> for Theme {
    fn from(theme: library::Theme) -> Self {
        match theme {
            library::Theme::System => Self::System,
            library::Theme::Dark => Self::Dark,
            library::Theme::Light => Self::Light,
        }
    }
}

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Settings {
    /// Consent to sharing.
    consent: Consent,
    /// What is given back.
    sharing: Sharing,
    /// Where fetched data lies.
    cache: Cache,
    /// Language of the page (BCP 47); empty until it was chosen, by somebody or by the first page that was opened.
    language: String,
    /// Preferred spoken language.
    #[schema(required)]
    audio_language: Option<String>,
    /// Preferred language of subtitles; `null` shows none.
    #[schema(required)]
    subtitle_language: Option<String>,
    /// Colours of the page.
    theme: Theme,
    /// How peers reach this machine.
    network: NetworkSettings,
}

/// A part of the sharing settings.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SharingPatch {
    /// As in [`Sharing`].
    pub enabled: Option<bool>,
    /// As in [`Sharing`]; `null` is no limit.
    pub up_limit_kib: Option<u32>,
    /// As in [`Sharing`]; `null` is no limit.
    pub down_limit_kib: Option<u32>,
    /// As in [`Sharing`]; `null` is no limit.
    pub seed_ratio_max: Option<f64>,
    /// As in [`Sharing`].
    pub seed_after_watching: Option<bool>,
}

/// A part of the cache settings.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CachePatch {
    /// The folder; `null` is the program's own.
    pub path: Option<String>,
    /// The most it may hold, GiB; at least 1.
    pub quota_gib: Option<u32>,
    /// The most that followed channels may take beside it, GiB; at least 1. What is here stays.
    pub channels_gib: Option<u32>,
}

/// The parts of the settings to change (JSON merge patch, RFC 7396).
#[derive(Debug, Deserialize, ToSchema)]
pub struct SettingsPatch {
    /// What is given back.
    pub sharing: Option<SharingPatch>,
    /// Where fetched data lies.
    pub cache: Option<CachePatch>,
    /// Language of the page (BCP 47).
    pub language: Option<String>,
    /// Preferred spoken language.
    pub audio_language: Option<String>,
    /// Preferred language of subtitles; `null` shows none.
    pub subtitle_language: Option<String>,
    /// Colours of the page.
    pub theme: Option<Theme>,
}

/// The settings in force.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings",
    responses((status = 200, body = Settings), Problems))]
pub(super) async fn settings(State(cinema): State<Cinema>) -> Result<Json<Settings>, Problem> {
    shown(&cinema).await.map(Json)
}

/// Changes a part of the settings; limits and quota hold at once.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "settings", request_body = SettingsPatch,
    responses((status = 200, body = Settings), Problems))]
pub(super) async fn patch(
    State(cinema): State<Cinema>,
    Json(patch): Json<serde_json::Value>,
) -> Result<Json<Settings>, Problem> {
    let parts = ["sharing", "cache", "language", "audio_language", "subtitle_language", "theme"];
    let known =
        |patch: &serde_json::Map<String, _>| patch.keys().all(|key| parts.contains(&&**key));
    if !patch.as_object().is_some_and(known) {
        let detail = format!("the parts are {}", parts.join(", "));
        return Err(Problem::from(Code::BodyWrong).detail(detail));
    }
    check_folder(&patch).await?;
    let settings = cinema.library(move |library| library.patch_settings(patch)).await?;
    cinema.apply(settings).await?;
    shown(&cinema).await.map(Json)
}

/// A cache folder must be one we can write into before it is promised.
async fn check_folder(patch: &serde_json::Value) -> Result<(), Problem> {
    let Some(path) = patch.pointer("/cache/path").and_then(|path| path.as_str()) else {
        return Ok(());
    };
    if !std::path::Path::new(path).is_absolute() {
        return Err(Problem::from(Code::BodyWrong).detail("`cache.path` is an absolute path"));
    }
    tokio::fs::create_dir_all(path)
        .await
        .map_err(|error| Problem::from(Code::BodyWrong).detail(format!("`cache.path`: {error}")))
}

/// Consent, with the sharing settings that were shown beside it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentRequest {
    /// Whether they agree.
    given: bool,
    /// The sharing settings; unchanged if not given.
    sharing: Option<Sharing>,
}

/// Notes consent to sharing, or that it was taken back.
#[utoipa::path(post, path = "/api/v1/consent", tag = "settings", request_body = ConsentRequest,
    responses((status = 200, body = Settings), Problems))]
pub(super) async fn consent(
    State(cinema): State<Cinema>,
    Json(request): Json<ConsentRequest>,
) -> Result<Json<Settings>, Problem> {
    let settings = cinema
        .library(move |library| {
            library.set_consent(request.given.then_some(consent::VERSION))?;
            match request.sharing {
                Some(sharing) => library.patch_settings(serde_json::json!({ "sharing": sharing })),
                None => library.settings(),
            }
        })
        .await?;
    cinema.apply(settings).await?;
    cinema.heed_consent().await?;
    shown(&cinema).await.map(Json)
}

async fn followed_bytes(cinema: &Cinema) -> Result<u64, Problem> {
    let channels = cinema.channels.clone();
    let counted = tokio::task::spawn_blocking(move || channels.followed_bytes()).await;
    let counted = counted.map_err(|_| Code::Internal)?;
    counted.map_err(|error| Problem::from(Code::DiskDenied).detail(error))
}

async fn shown(cinema: &Cinema) -> Result<Settings, Problem> {
    let given = cinema.library(library::Library::consent).await?;
    let settings = cinema.settings.borrow().clone();
    let addresses = cinema.swarm.local_addrs();
    Ok(Settings {
        consent: Consent {
            given: cinema.is_agreed().await?,
            at: given.map(|consent| consent.given_at.to_string()),
            version: consent::VERSION,
        },
        sharing: settings.sharing.into(),
        cache: Cache {
            path: cinema.swarm.media().to_string_lossy().into_owned(),
            quota_gib: settings.cache.quota_gib,
            used_bytes: cinema.swarm.used_bytes().await,
            channels_gib: settings.cache.channels_gib,
            channels_used_bytes: followed_bytes(cinema).await?,
        },
        language: settings.language,
        audio_language: settings.audio_language,
        subtitle_language: settings.subtitle_language,
        theme: settings.theme.into(),
        network: NetworkSettings { listen_port: addresses.first().map_or(0, |one| one.port()) },
    })
}
