//! What is made of a film until all of it is: it goes on where it was when Kinora is started again.
//!
//! | in `converting/` | what |
//! |---|---|
//! | `plan.json` | what was chosen, and the qualities that are whole, each with its length and its hash |
//! | `files/film-QUALITY/` | the qualities that are whole |
//! | `run-…/` | what is in work. Each run has a folder of its own: an ffmpeg that outlived the last one has no way to it |

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use torrent::hash::Sha256Hasher;

use super::{
    super::{
        Master, Masters, OutgoingFile, Work, lock,
        store::{denied, write_whole},
    },
    Choice,
};
use crate::http::problem::{Code, Problem};

const FOLDER: &str = "converting";
const FILES: &str = "files";
const PLAN: &str = "plan.json";
/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// What is to be made, and what is.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Plan {
    choice: Choice,
    /// Bytes of the film that it is made of.
    film_length: u64,
    finished: Vec<Finished>,
    /// It ended badly: somebody has to begin it again.
    has_failed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Finished {
    file: OutgoingFile,
    sha256: String,
}

/// A conversion's folder.
#[derive(Debug)]
pub(super) struct Unfinished {
    masters: Masters,
    id: String,
    path: PathBuf,
    plan: Plan,
}

impl Unfinished {
    /// The folder of a film's conversion. Of what an earlier attempt made, the whole qualities that are wanted now stay, if
    /// their length and hash are those that were written down.
    pub(super) async fn open(
        masters: &Masters,
        master: &Master,
        choice: &Choice,
    ) -> Result<Self, Problem> {
        let path = masters.folder(master)?.join(FOLDER);
        let (masters, id) = (masters.clone(), master.id.clone());
        let (choice, film_length) = (choice.clone(), master.length);
        let work = move || {
            let before = read(&path).filter(|plan| {
                plan.film_length == film_length && plan.choice.level_sound == choice.level_sound
            });
            let finished = before.map(|plan| plan.finished).unwrap_or_default();
            let wanted = |one: &Finished| choice.qualities.contains(&one.file.quality);
            let whole = |one: &Finished| wanted(one) && is_whole(&path, one);
            let finished: Vec<_> = finished.into_iter().filter(whole).collect();
            clear(&path, &finished).map_err(denied)?;
            let plan = Plan { choice, film_length, finished, has_failed: false };
            let unfinished = Self { masters, id, path, plan };
            unfinished.save()?;
            Ok(unfinished)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal)?
    }

    /// A folder for what is in work; it goes when it is dropped.
    pub(super) fn begin(&self) -> Result<tempfile::TempDir, Problem> {
        tempfile::Builder::new().prefix("run-").tempdir_in(&self.path).map_err(denied)
    }

    /// The folder of the qualities that are whole.
    pub(super) fn files(&self) -> PathBuf {
        self.path.join(FILES)
    }

    /// A quality that is whole.
    pub(super) fn film(&self, file: &OutgoingFile) -> PathBuf {
        film(&self.path, file)
    }

    /// A quality that was made before.
    pub(super) fn kept(&self, quality: &str) -> Option<OutgoingFile> {
        let found = self.plan.finished.iter().find(|one| one.file.quality == quality);
        found.map(|one| one.file.clone())
    }

    /// The names of what was made before.
    pub(super) fn kept_names(&self) -> Vec<String> {
        self.plan.finished.iter().map(|one| one.file.quality.clone()).collect()
    }

    /// A quality that was in work is whole: it is written down before the next one is begun.
    pub(super) async fn finish(&mut self, begun: &Path, file: OutgoingFile) -> Result<(), Problem> {
        let (path, target) = (film(&self.path, &file), self.files().join(&file.folder));
        let begun = begun.join(&file.folder);
        let hashed = tokio::task::spawn_blocking(move || {
            fs::rename(begun, target)?;
            File::open(&path)?.sync_all()?;
            hash(&path)
        });
        let sha256 = hashed.await.map_err(|_| Code::Internal)?.map_err(denied)?;
        self.plan.finished.push(Finished { file, sha256 });
        self.save()
    }

    /// Whoever stopped the conversion meanwhile is not contradicted.
    fn save(&self) -> Result<(), Problem> {
        let _changing = lock(&self.masters.0.changing);
        if !matches!(self.masters.work(&self.id), Some(Work::Converting { .. })) {
            return Err(Code::MasterUnknown.into());
        }
        write(&self.path, &self.plan)
    }
}

impl Masters {
    /// Conversions that did not end before Kinora did, with what was chosen.
    #[must_use]
    pub fn interrupted(&self) -> Vec<(Master, Choice)> {
        let unfinished = self.all().into_iter().filter(|master| master.published.is_none());
        let plans = unfinished.filter_map(|master| {
            let plan = read(&self.folder(&master).ok()?.join(FOLDER))?;
            (!plan.has_failed).then_some((master, plan.choice))
        });
        plans.collect()
    }

    /// A conversion that failed is not begun again by itself; what it made is kept for another attempt.
    pub(super) fn note_failure(&self, master: &Master) {
        let Ok(path) = self.folder(master).map(|folder| folder.join(FOLDER)) else { return };
        let _changing = lock(&self.0.changing);
        let Some(plan) = read(&path) else { return };
        if let Err(problem) = write(&path, &Plan { has_failed: true, ..plan }) {
            tracing::warn!(detail = problem.detail, "a conversion that failed may begin again");
        }
    }

    /// Nothing stays of a conversion.
    pub(in super::super) fn forget_unfinished(&self, master: &Master) {
        let Ok(folder) = self.folder(master) else { return };
        let _changing = lock(&self.0.changing);
        if let Err(error) = take_away(&folder).or_else(unless_missing) {
            tracing::warn!(%error, "what a conversion made stays on the disk");
        }
    }
}

/// Moved away first: an ffmpeg that is just being stopped finds no place for another file.
fn take_away(folder: &Path) -> io::Result<()> {
    let unfinished = folder.join(FOLDER);
    fs::metadata(&unfinished)?;
    let gone = tempfile::Builder::new().prefix(".gone-").tempdir_in(folder)?;
    fs::rename(&unfinished, gone.path().join(FOLDER))?;
    gone.close()
}

fn read(path: &Path) -> Option<Plan> {
    serde_json::from_slice(&fs::read(path.join(PLAN)).ok()?).ok()
}

fn write(path: &Path, plan: &Plan) -> Result<(), Problem> {
    let json = serde_json::to_vec_pretty(plan).map_err(|_| Code::Internal)?;
    write_whole(&path.join(PLAN), &json).map_err(denied)
}

fn film(path: &Path, file: &OutgoingFile) -> PathBuf {
    path.join(FILES).join(&file.folder).join(&file.file)
}

fn is_whole(path: &Path, one: &Finished) -> bool {
    let path = film(path, &one.file);
    let has_length = fs::metadata(&path).is_ok_and(|about| about.len() == one.file.length);
    has_length && hash(&path).is_ok_and(|sha256| sha256 == one.sha256)
}

fn hash(path: &Path) -> io::Result<String> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256Hasher::new());
    let mut part = vec![0; CHUNK];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hasher.finish().to_string()),
            length => hasher.update(&part[..length]),
        }
    }
}

/// Removes everything but what is whole and the plan.
fn clear(path: &Path, finished: &[Finished]) -> io::Result<()> {
    let files = path.join(FILES);
    fs::create_dir_all(&files)?;
    sweep(path, |name| [FILES, PLAN].contains(&name))?;
    sweep(&files, |name| finished.iter().any(|one| one.file.folder == name))
}

/// Removes the folders below one whose names are not kept.
fn sweep(path: &Path, is_kept: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(&is_kept) && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn unless_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A film that is converted, and nothing of it is made.
    fn house(root: &Path) -> (Masters, Master) {
        let facts = json!({
            "container": "mp4", "duration_s": 4, "width": 320, "height": 180, "video_codec": "h264",
            "audio_codec": null, "audio_languages": [], "plays_in_browsers": true, "goes_as_it_is": true,
        });
        let master = json!({
            "id": "a1", "name": "film.mp4", "file": "film.mp4", "folder": "film", "length": 9,
            "facts": facts, "thumbhash": null, "published": null,
        });
        fs::create_dir_all(root.join("a1")).unwrap();
        fs::write(root.join("a1/master.json"), master.to_string()).unwrap();
        let masters = Masters::open(root).unwrap();
        masters.set_work("a1", Some(Work::waiting()));
        let master = masters.get("a1").unwrap();
        (masters, master)
    }

    async fn make(unfinished: &mut Unfinished, facts: &Master, quality: &str) {
        let folder = format!("film-{quality}");
        let begun = unfinished.begin().unwrap();
        let path = begun.path().join(&folder);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("film.mp4"), quality).unwrap();
        let file = OutgoingFile {
            quality: quality.to_owned(),
            folder,
            file: "film.mp4".to_owned(),
            length: quality.len() as u64,
            facts: facts.facts.clone(),
        };
        unfinished.finish(begun.path(), file).await.unwrap();
    }

    fn choice(qualities: &[&str]) -> Choice {
        let qualities = qualities.iter().map(|one| (*one).to_owned()).collect();
        Choice { qualities, level_sound: true }
    }

    #[tokio::test]
    async fn what_is_whole_is_kept_and_what_was_changed_or_is_not_wanted_is_made_again() {
        let root = tempfile::tempdir().unwrap();
        let (masters, master) = house(root.path());
        let all = choice(&["720p", "480p", "360p", "240p"]);
        let mut first = Unfinished::open(&masters, &master, &all).await.unwrap();
        for quality in ["720p", "480p", "360p"] {
            make(&mut first, &master, quality).await;
        }
        let files = first.files();
        let in_work = files.with_file_name("run-abc");
        fs::create_dir(&in_work).unwrap();
        fs::write(files.join("film-480p/film.mp4"), "48Op").unwrap();
        assert_eq!(masters.interrupted().len(), 1);
        let (_, chosen) = masters.interrupted().remove(0);
        assert_eq!(chosen, all);
        let again = Unfinished::open(&masters, &master, &all).await.unwrap();
        assert_eq!(again.kept_names(), ["720p", "360p"]);
        assert!(!files.join("film-480p").exists() && !in_work.exists());
        let fewer = choice(&["720p"]);
        let fewer = Unfinished::open(&masters, &master, &fewer).await.unwrap();
        assert_eq!(fewer.kept_names(), ["720p"]);
        assert!(!files.join("film-360p").exists());
        let louder = Choice { level_sound: false, ..choice(&["720p"]) };
        let louder = Unfinished::open(&masters, &master, &louder).await.unwrap();
        assert!(louder.kept_names().is_empty(), "its sound is another");
    }

    #[tokio::test]
    async fn what_was_stopped_or_failed_does_not_begin_again_by_itself() {
        let root = tempfile::tempdir().unwrap();
        let (masters, master) = house(root.path());
        let all = choice(&["720p", "480p"]);
        let mut unfinished = Unfinished::open(&masters, &master, &all).await.unwrap();
        make(&mut unfinished, &master, "720p").await;
        masters.note_failure(&master);
        assert!(masters.interrupted().is_empty());
        let again = Unfinished::open(&masters, &master, &all).await.unwrap();
        assert_eq!(again.kept_names(), ["720p"], "another attempt goes on from there");
        masters.stop_conversion("a1");
        assert!(masters.interrupted().is_empty());
        assert!(!root.path().join("a1/converting").exists());
        assert!(again.save().is_err(), "nothing is written after that");
    }
}
