//! Looks at what the machine offers: programs, disk, ports.

use std::{env, ffi::OsString, path::Path};

use media::player::Player;
use serde::Serialize;
use utoipa::ToSchema;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// A stable word.
    pub id: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do, if something is to be done.
    #[schema(required)]
    pub hint: Option<String>,
}

impl Finding {
    pub(crate) fn good(id: &str, detail: impl Into<String>) -> Self {
        Self { id: id.to_owned(), ok: true, detail: detail.into(), hint: None }
    }

    pub(crate) fn bad(id: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { id: id.to_owned(), ok: false, detail: detail.into(), hint: Some(hint.into()) }
    }
}

/// Whether the programs are there that Kinora can use and does not need.
#[must_use]
pub fn programs() -> Vec<Finding> {
    let path = env::var_os("PATH").unwrap_or_default();
    let player = |player: Player, hint: &str| found(player.name(), player.find(&path), hint);
    vec![
        found(
            "ffmpeg",
            media::ffmpeg::find(&path).ok().map(|tools| tools.ffmpeg),
            "Install ffmpeg to make films and posters of your own; playing works without it.",
        ),
        player(Player::Mpv, "Install mpv to play films outside the browser."),
        player(Player::Vlc, "Install VLC to play films outside the browser."),
        player(Player::Browser, "Install xdg-utils, or open the printed address yourself."),
    ]
}

fn found(id: &str, place: Option<impl Into<OsString>>, hint: &str) -> Finding {
    match place {
        Some(place) => Finding::good(id, place.into().to_string_lossy()),
        None => Finding::bad(id, "not found", hint),
    }
}

/// Whether a folder can be written into.
pub async fn writable(id: &str, folder: &Path) -> Finding {
    let probe = folder.join(".kinora-probe");
    let tried = async {
        tokio::fs::create_dir_all(folder).await?;
        tokio::fs::write(&probe, b"").await?;
        tokio::fs::remove_file(&probe).await
    };
    match tried.await {
        Ok(()) => Finding::good(id, folder.display().to_string()),
        Err(error) => Finding::bad(
            id,
            format!("{}: {error}", folder.display()),
            "Check the disk and the folder's permissions, or choose another folder in the settings.",
        ),
    }
}

/// Whether peers can connect to us.
#[must_use]
pub fn peers(listening: bool) -> Finding {
    if listening {
        return Finding::good(
            "peers",
            "other people's programs can connect to this machine's port",
        );
    }
    Finding::bad(
        "peers",
        "no port is open for peers: only those we call ourselves are met",
        "Set network.listen in the settings file.",
    )
}
