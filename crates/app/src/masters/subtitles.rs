//! Subtitles that go out with a film: given beside it, sent, or found inside; all of them WebVTT that we wrote.

use std::{fs, path::Path};

use catalogue::{LanguageTag, SubtitleRole};
use media::subtitle::{self, Hints};
use serde::{Deserialize, Serialize};

use super::{
    Master, Masters,
    store::{denied, write_whole},
};
use crate::http::problem::{Code, Problem};

/// The folder of subtitles in a torrent.
pub(super) const SUBTITLES: &str = "subs";
/// The most subtitles of a film: a catalogue's limit.
const SUBTITLES_MAX: usize = 128;
/// Files beside a film that are looked at.
const BESIDE_MAX: usize = 4096;

/// A subtitle of a film that is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subtitle {
    /// Its language (BCP 47); `und` if nobody said it.
    pub language: String,
    /// What tells it from others of the same language.
    pub label: Option<String>,
    /// Whom it is for.
    pub role: SubtitleRole,
    /// Its file in the torrents' folder of subtitles.
    pub file: String,
}

/// What is known of a subtitle that is added.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// BCP 47; what the file's name says if it is not given.
    pub language: Option<String>,
    /// What tells it from others.
    pub label: Option<String>,
    /// Only what is foreign in the film itself.
    pub is_forced: bool,
    /// With sounds, for the deaf and hard of hearing.
    pub is_sdh: bool,
    /// The name of its file.
    pub name: String,
}

impl Masters {
    /// Converts a subtitle and adds it. One of the same language and purpose is replaced.
    ///
    /// # Errors
    /// [`Code::SubtitleBad`], [`Code::LanguageBad`], [`Code::MasterUnknown`], or the disk refuses.
    pub fn add_subtitle(&self, id: &str, given: Given, bytes: &[u8]) -> Result<Master, Problem> {
        let described = subtitle::describe(&given.name);
        let language = given.language.or(described.language).unwrap_or_else(|| "und".to_owned());
        let language = LanguageTag::try_from(language)
            .map_err(|bad| Problem::from(Code::LanguageBad).detail(bad))?
            .to_string();
        let hints = Hints {
            language: Some(&language),
            format: subtitle::format_by_name(&given.name),
            frame_rate: None,
        };
        let vtt = subtitle::to_vtt(bytes, &hints)
            .map_err(|bad| Problem::from(Code::SubtitleBad).detail(bad))?;
        let role = match () {
            () if given.is_forced || described.forced => SubtitleRole::Forced,
            () if given.is_sdh || described.sdh => SubtitleRole::Sdh,
            () => SubtitleRole::Full,
        };
        self.change(id, |master, folder| {
            let added =
                Subtitle { file: file_name(&language, role), language, label: given.label, role };
            master.subtitles.retain(|other| other.file != added.file);
            if master.subtitles.len() >= SUBTITLES_MAX {
                return Err(Problem::from(Code::SubtitleBad).detail("128 subtitles are the most"));
            }
            let folder = folder.join("extras").join(SUBTITLES);
            fs::create_dir_all(&folder).map_err(denied)?;
            write_whole(&folder.join(&added.file), vtt.as_bytes()).map_err(denied)?;
            master.subtitles.push(added);
            Ok(())
        })
    }

    /// Takes a subtitle out again.
    ///
    /// # Errors
    /// [`Code::SubtitleUnknown`], [`Code::MasterUnknown`], or the disk refuses.
    pub fn remove_subtitle(&self, id: &str, file: &str) -> Result<Master, Problem> {
        self.change(id, |master, folder| {
            let known = master.subtitles.len();
            master.subtitles.retain(|subtitle| subtitle.file != file);
            if master.subtitles.len() == known {
                return Err(Code::SubtitleUnknown.into());
            }
            fs::remove_file(folder.join("extras").join(SUBTITLES).join(file)).map_err(denied)
        })
    }

    /// Adds the subtitles that lie beside a film and begin with its name.
    pub(super) fn add_beside(&self, master: Master, film: &Path) -> Master {
        let Some((folder, stem)) =
            film.parent().zip(film.file_stem().and_then(|stem| stem.to_str()))
        else {
            return master;
        };
        let names = fs::read_dir(folder).into_iter().flatten().flatten().take(BESIDE_MAX);
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let is_ours = |name: &String| {
            name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'))
                && subtitle::format_by_name(name).is_some()
        };
        let mut names: Vec<_> = names.filter(is_ours).collect();
        names.sort();
        names.into_iter().fold(master, |master, name| {
            self.add_file(&master.id, &folder.join(&name), None).unwrap_or_else(|problem| {
                tracing::warn!(name, detail = problem.detail, "a subtitle is left out");
                master
            })
        })
    }

    /// Adds a subtitle from a file of this machine.
    ///
    /// # Errors
    /// As [`add_subtitle`](Self::add_subtitle), or [`Code::FileUnreadable`].
    pub fn add_file(
        &self,
        id: &str,
        path: &Path,
        language: Option<String>,
    ) -> Result<Master, Problem> {
        let unreadable = |error: std::io::Error| Problem::from(Code::FileUnreadable).detail(error);
        if fs::metadata(path).map_err(unreadable)?.len() > subtitle::LEN_MAX as u64 {
            return Err(Problem::from(Code::SubtitleBad).detail(subtitle::BadSubtitle::TooLong));
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let given = Given { language, name: name.unwrap_or_default(), ..Given::default() };
        self.add_subtitle(id, given, &bytes)
    }
}

fn file_name(language: &str, role: SubtitleRole) -> String {
    let mark = match role {
        SubtitleRole::Full => "",
        SubtitleRole::Forced => ".forced",
        SubtitleRole::Sdh => ".sdh",
    };
    format!("{language}{mark}.vtt")
}
