//! Players on this machine: finding them, and the arguments with which they show a stream.
//!
//! No shell is involved. The URL comes last, behind `--`, and must be HTTP on this machine; titles are glued
//! to their option, so that no name can become an option of its own.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
    time::Duration,
};

/// Characters of a title that are handed to a player.
const TITLE_LEN_MAX: usize = 200;

/// A program that can show a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Player {
    /// mpv.
    Mpv,
    /// VLC.
    Vlc,
    /// The desktop's own choice for web pages.
    Browser,
}

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    /// The stream, or the page.
    pub url: String,
    /// The window's title; a stranger's text.
    pub title: Option<String>,
    /// Where to begin.
    pub start: Duration,
    /// Subtitle URLs.
    pub subtitles: Vec<String>,
}

/// A URL that no player is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only HTTP addresses of this machine are given to a player")]
pub struct BadUrl;

impl Player {
    /// In the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Mpv, Self::Vlc, Self::Browser];

    /// Its name, for people and for settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mpv => "mpv",
            Self::Vlc => "vlc",
            Self::Browser => "browser",
        }
    }

    /// The names under which its program may be installed.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Mpv => &["mpv"],
            Self::Vlc => &["vlc", "cvlc"],
            Self::Browser => {
                &["xdg-open", "open", "chromium", "chromium-browser", "google-chrome", "firefox"]
            }
        }
    }

    /// Its program, looked for in the folders of a `PATH`.
    #[must_use]
    pub fn find(self, path: &OsStr) -> Option<PathBuf> {
        let find = |program| which::which_in_global(program, Some(path)).ok()?.next();
        self.programs().iter().find_map(find)
    }

    /// The arguments after the program's name.
    ///
    /// # Errors
    /// [`BadUrl`] unless every URL is HTTP on the loopback interface or `localhost`.
    pub fn arguments(self, show: &Show) -> Result<Vec<OsString>, BadUrl> {
        if !std::iter::once(&show.url).chain(&show.subtitles).all(|url| is_ours(url)) {
            return Err(BadUrl);
        }
        let mut arguments = match self {
            Self::Mpv => mpv_options(show),
            Self::Vlc => vlc_options(show),
            // Launchers know no `--`; the URL begins with "http".
            Self::Browser => return Ok(vec![show.url.clone().into()]),
        };
        arguments.extend(["--".to_owned(), show.url.clone()]);
        Ok(arguments.into_iter().map(OsString::from).collect())
    }
}

fn is_ours(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '#', '?']).next().unwrap_or("");
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let local = matches!(host, "127.0.0.1" | "[::1]" | "localhost") || host.ends_with(".localhost");
    local && !url.contains(char::is_whitespace) && !url.contains(char::is_control)
}

fn mpv_options(show: &Show) -> Vec<String> {
    let mut options = vec!["--no-ytdl".to_owned(), format!("--start={}", show.start.as_secs_f64())];
    options.extend(show.title.iter().map(|title| format!("--force-media-title={}", plain(title))));
    options.extend(show.subtitles.iter().map(|url| format!("--sub-file={url}")));
    options
}

fn vlc_options(show: &Show) -> Vec<String> {
    let mut options = vec![format!("--start-time={}", show.start.as_secs_f64())];
    options.extend(show.title.iter().map(|title| format!("--meta-title={}", plain(title))));
    options.extend(show.subtitles.first().map(|url| format!("--input-slave={url}")));
    options
}

/// A title without control characters, and without the characters that players expand or split at.
fn plain(title: &str) -> String {
    title
        .chars()
        .take(TITLE_LEN_MAX)
        .map(|c| if c.is_control() || matches!(c, '$' | '%') { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(url: &str, title: &str) -> Show {
        let start = Duration::from_secs(90);
        Show { url: url.to_owned(), title: Some(title.to_owned()), start, subtitles: Vec::new() }
    }

    #[test]
    fn the_url_is_last_and_behind_two_dashes() {
        for player in [Player::Mpv, Player::Vlc] {
            let arguments = player.arguments(&show("http://127.0.0.1:1/a", "Film")).unwrap();
            assert_eq!(arguments[arguments.len() - 2..], ["--", "http://127.0.0.1:1/a"]);
        }
    }

    #[test]
    fn a_title_cannot_become_an_option() {
        let arguments =
            Player::Mpv.arguments(&show("http://127.0.0.1:1/a", "--script=/x\n${y}")).unwrap();
        let options = &arguments[..arguments.len() - 2];
        assert!(options.iter().all(|option| !option.to_string_lossy().starts_with("--script")));
        assert!(options.contains(&OsString::from("--force-media-title=--script=/x  {y}")));
    }

    #[test]
    fn only_this_machine_is_given_to_a_player() {
        for url in [
            "https://x/",
            "http://x/",
            "file:///etc/passwd",
            "-x",
            "http://127.0.0.1@x/",
            "http://127.0.0.1.x/",
            "http://localhost:1/a b",
        ] {
            assert_eq!(Player::Mpv.arguments(&show(url, "")), Err(BadUrl), "{url}");
        }
        assert!(Player::Browser.arguments(&show("http://[::1]:1/#token=x", "")).is_ok());
    }
}
