//! Looks at what the machine offers: programs, disk, ports.

use std::{env, ffi::OsString, fs, io, path::Path};

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

/// Whether a folder can be written into, or made; looking changes nothing.
pub async fn writable(id: &str, folder: &Path) -> Finding {
    let wanted = folder.to_owned();
    let looked = tokio::task::spawn_blocking(move || may_write(existing(&wanted))).await;
    match looked.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(()) => Finding::good(id, folder.display().to_string()),
        Err(error) => Finding::bad(
            id,
            format!("{}: {error}", folder.display()),
            "Check the disk and the folder's permissions, or choose another folder in the settings.",
        ),
    }
}

/// The folder, or the one above it in which it would be made.
pub(crate) fn existing(folder: &Path) -> &Path {
    let above = folder.ancestors().find(|above| fs::symlink_metadata(above).is_ok());
    above.filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn may_write(folder: &Path) -> io::Result<()> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        access(folder, Access::WRITE_OK | Access::EXEC_OK)?;
    }
    Ok(())
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

/// Whether the interface is there to which all traffic is bound.
#[must_use]
pub fn interface(name: &str, there: bool) -> Finding {
    if there {
        return Finding::good("interface", format!("all traffic goes by {name}"));
    }
    Finding::bad(
        "interface",
        format!("{name} is gone, so nothing is sent or heard"),
        "Connect it again: Kinora goes on by itself.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_is_judged_without_being_touched() {
        let home = tempfile::tempdir().unwrap();
        let below = home.path().join("not/yet/there");
        assert!(writable("cache", &below).await.ok, "it can be made");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "and was not");
        fs::write(home.path().join("file"), "").unwrap();
        let blocked = writable("cache", &home.path().join("file/below")).await;
        assert!(!blocked.ok && blocked.hint.is_some());
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_file_system_that_cannot_be_written_is_found() {
        let found = writable("cache", Path::new("/proc/1")).await;
        assert!(!found.ok, "{found:?}");
    }
}
