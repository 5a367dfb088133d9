//! Where the films lie: a folder for each, and what arrives before it is one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;

use super::{
    FILM, Facts, Inner, Master, Masters, OutgoingFile, Purpose, Work, examine::examine, lock,
};
use crate::{
    folder_lock::create_private,
    http::problem::{Code, Problem},
};

/// The folder of what goes out beside every quality.
const EXTRAS: &str = "extras";
/// How folders of films begin that are on their way in.
const ARRIVING: &str = ".arriving-";

#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
}

/// A file that is on its way in. It is gone if it is dropped before it is whole.
#[derive(Debug)]
pub struct Arriving {
    name: String,
    folder: tempfile::TempDir,
    file: tokio::fs::File,
}

impl Masters {
    /// The films below a folder, which is made if need be.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(root: &Path) -> io::Result<Self> {
        create_private(root)?;
        Ok(Self(Arc::new(Inner {
            store: Store { root: root.to_owned() },
            work: Default::default(),
            conversions: Default::default(),
            turn: Default::default(),
            changing: Default::default(),
            carried: Default::default(),
            copies: Default::default(),
        })))
    }

    /// All of them, in the order of their ids.
    #[must_use]
    pub fn all(&self) -> Vec<Master> {
        let entries = fs::read_dir(&self.0.store.root).into_iter().flatten().flatten();
        let mut all: Vec<_> =
            entries.filter_map(|entry| self.get(entry.file_name().to_str()?)).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Master> {
        let bytes = fs::read(self.path(id)?.join("master.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Its folder. Ids are letters and digits: nothing else becomes a path.
    fn path(&self, id: &str) -> Option<PathBuf> {
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain.then(|| self.0.store.root.join(id))
    }

    /// The root of its torrent.
    pub(super) fn files(&self, id: &str) -> PathBuf {
        self.path(id).unwrap_or_default().join("files")
    }

    /// The folder of a film that is here.
    pub(super) fn folder(&self, master: &Master) -> Result<PathBuf, Problem> {
        self.path(&master.id).filter(|path| path.is_dir()).ok_or_else(|| Code::MasterUnknown.into())
    }

    /// Where the torrent file of what goes out lies.
    pub(super) fn torrent_file(&self, id: &str, outgoing: &OutgoingFile) -> PathBuf {
        self.path(id).unwrap_or_default().join(format!("{}.torrent", outgoing.folder))
    }

    /// The folder of what goes out beside every quality.
    pub(super) fn extras(&self, id: &str) -> PathBuf {
        self.path(id).unwrap_or_default().join(EXTRAS)
    }

    /// The file of the film as it came.
    #[must_use]
    pub fn film(&self, master: &Master) -> PathBuf {
        self.files(&master.id).join(&master.folder).join(&master.file)
    }

    /// Changes what is known of a film that is not published, one change after the other.
    pub(super) fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Master, &Path) -> Result<(), Problem>,
    ) -> Result<Master, Problem> {
        let _changing = lock(&self.0.changing);
        let mut master = self.get(id).ok_or(Code::MasterUnknown)?;
        if master.published.is_some() {
            return Err(Code::MasterPublished.into());
        }
        let folder = self.folder(&master)?;
        change(&mut master, &folder)?;
        self.save(&master).map_err(denied)?;
        Ok(master)
    }

    /// Puts what was made of a film, below two folders, in the place of what was made before.
    pub(super) fn adopt(
        &self,
        id: &str,
        made: &Path,
        extras: &Path,
        files: Vec<OutgoingFile>,
    ) -> Result<Master, Problem> {
        self.change(id, |master, folder| {
            for old in std::mem::replace(&mut master.made, files) {
                fs::remove_dir_all(folder.join("files").join(old.folder)).map_err(denied)?;
            }
            for file in &master.made {
                let target = folder.join("files").join(&file.folder);
                // Left by an attempt that was cut off before it was written down.
                if target.exists() {
                    fs::remove_dir_all(&target).map_err(denied)?;
                }
                fs::rename(made.join(&file.folder), target).map_err(denied)?;
            }
            fs::create_dir_all(folder.join(EXTRAS)).map_err(denied)?;
            for extra in fs::read_dir(extras).map_err(denied)?.flatten() {
                let target = folder.join(EXTRAS).join(extra.file_name());
                fs::rename(extra.path(), target).map_err(denied)?;
            }
            Ok(())
        })
    }

    fn save(&self, master: &Master) -> io::Result<()> {
        let path = self.path(&master.id).ok_or(io::ErrorKind::NotFound)?;
        write_whole(&path.join("master.json"), &serde_json::to_vec_pretty(master)?)
    }

    /// Takes in a file of this machine: linked where that can be, else copied.
    ///
    /// # Errors
    /// It cannot be read, or is no film.
    pub async fn take(&self, source: &Path) -> Result<Master, Problem> {
        self.take_in(source, None).await
    }

    /// As [`take`](Self::take), for a purpose: if that is cut off before the film is published, it goes.
    ///
    /// # Errors
    /// It cannot be read, or is no film.
    pub async fn take_for(&self, source: &Path, purpose: Purpose) -> Result<Master, Problem> {
        self.take_in(source, Some(purpose)).await
    }

    async fn take_in(&self, source: &Path, purpose: Option<Purpose>) -> Result<Master, Problem> {
        let unreadable = |error: io::Error| Problem::from(Code::FileUnreadable).detail(error);
        let about = fs::metadata(source).map_err(unreadable)?;
        if !source.is_absolute() || !about.is_file() {
            return Err(Problem::from(Code::FileUnreadable).detail("it is no file of this machine"));
        }
        let facts = look(source.to_owned()).await?;
        let (masters, source) = (self.clone(), source.to_owned());
        let work = move || masters.bring(&source, facts, about.len(), purpose);
        tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal)?
    }

    fn bring(
        &self,
        source: &Path,
        facts: Facts,
        length: u64,
        purpose: Option<Purpose>,
    ) -> Result<Master, Problem> {
        let name = source.file_name().map(|name| name.to_string_lossy().into_owned());
        let folder = self.begin().map_err(denied)?;
        let inside = folder.path().join("files").join(FILM);
        fs::create_dir_all(&inside).map_err(denied)?;
        let target = inside.join(file_name(&facts));
        if fs::hard_link(source, &target).is_err() {
            fs::copy(source, &target).map_err(denied)?;
        }
        let master = self.finish(folder, name.unwrap_or_default(), (facts, length), purpose)?;
        Ok(self.add_beside(master, source))
    }

    /// Begins to take in a film that is sent.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn receive(&self, name: &str) -> Result<Arriving, Problem> {
        let folder = self.begin().map_err(denied)?;
        let file = tokio::fs::File::create(folder.path().join("arriving")).await.map_err(denied)?;
        Ok(Arriving { name: name.to_owned(), folder, file })
    }

    /// Ends taking it in.
    ///
    /// # Errors
    /// It is no film, or the disk refuses.
    pub async fn received(&self, mut arriving: Arriving) -> Result<Master, Problem> {
        arriving.file.flush().await.map_err(denied)?;
        arriving.file.sync_all().await.map_err(denied)?;
        let masters = self.clone();
        let facts = look(arriving.folder.path().join("arriving")).await?;
        let work = move || {
            let Arriving { name, folder, .. } = arriving;
            let arrived = folder.path().join("arriving");
            let length = fs::metadata(&arrived).map_err(denied)?.len();
            let inside = folder.path().join("files").join(FILM);
            fs::create_dir_all(&inside).map_err(denied)?;
            fs::rename(&arrived, inside.join(file_name(&facts))).map_err(denied)?;
            masters.finish(folder, name, (facts, length), None)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal)?
    }

    /// A folder that is removed unless it is finished. Its name is no id: nobody takes it for a film.
    fn begin(&self) -> io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix(ARRIVING).tempdir_in(&self.0.store.root)
    }

    /// Removes what is left of films that were on their way in when the program was cut off.
    pub(crate) fn clear(&self) {
        let entries = fs::read_dir(&self.0.store.root).into_iter().flatten().flatten();
        let left = entries.filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| name.starts_with(ARRIVING))
        });
        for entry in left {
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!(%error, "what is left of a film that did not arrive stays");
            }
        }
    }

    fn finish(
        &self,
        folder: tempfile::TempDir,
        name: String,
        (facts, length): (Facts, u64),
        purpose: Option<Purpose>,
    ) -> Result<Master, Problem> {
        let master = Master {
            id: new_id()?,
            name: name.chars().filter(|letter| !letter.is_control()).take(200).collect(),
            file: file_name(&facts),
            folder: FILM.to_owned(),
            length,
            facts,
            made: Vec::new(),
            subtitles: Vec::new(),
            thumbhash: None,
            purpose,
            published: None,
        };
        let json = serde_json::to_vec_pretty(&master).map_err(|_| Code::Internal)?;
        write_whole(&folder.path().join("master.json"), &json).map_err(denied)?;
        let target = self.path(&master.id).ok_or(Code::Internal)?;
        fs::rename(folder.path(), target).map_err(denied)?;
        // The folder has another name now: there is nothing left to remove.
        drop(folder.keep());
        Ok(master)
    }

    /// Removes a film that is not published; what is being done with it stops.
    ///
    /// # Errors
    /// [`Code::MasterUnknown`], [`Code::MasterPublished`], or the disk refuses.
    pub fn remove(&self, id: &str) -> Result<(), Problem> {
        let master = self.get(id).ok_or(Code::MasterUnknown)?;
        if master.published.is_some() {
            return Err(Code::MasterPublished.into());
        }
        self.stop_conversion(id);
        lock(&self.0.work).remove(id);
        let path = self.path(id).ok_or(Code::MasterUnknown)?;
        // From here on it is no film, whatever is still being made of it.
        fs::remove_file(path.join("master.json")).map_err(denied)?;
        match fs::remove_dir_all(path) {
            // What is being made of it came in between: whoever makes it removes the rest.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => removed.map_err(denied),
        }
    }

    /// Removes what was made of a film that was removed meanwhile.
    pub(super) fn remove_rest(&self, id: &str) {
        let Some(path) = self.path(id).filter(|_| self.get(id).is_none()) else { return };
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "what is left of a film that was removed stays");
            }
            _ => {}
        }
    }

    /// Removes a film for which nobody waits any more, unless it is published or its channel is being signed.
    pub(crate) fn let_go(&self, id: &str) {
        if matches!(self.work(id), Some(Work::Publishing)) {
            return;
        }
        let Err(problem) = self.remove(id) else { return };
        // It went already, or its channel has it now.
        let is_well = [Code::MasterUnknown, Code::MasterPublished].map(|one| one.name());
        if !is_well.contains(&problem.code) {
            tracing::warn!(detail = problem.detail, "a film for which nobody waits stays");
        }
    }
}

impl Arriving {
    /// Writes the next bytes of the film.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Problem> {
        self.file.write_all(&bytes).await.map_err(denied)
    }
}

/// What a film is: by its own index, or by what ffprobe says of films whose index we do not read.
async fn look(film: PathBuf) -> Result<Facts, Problem> {
    let path = film.clone();
    let facts = tokio::task::spawn_blocking(move || examine(&path)).await;
    match facts.map_err(|_| Code::Internal)? {
        Err(problem) if problem.code == Code::MasterBad.name() => {
            Masters::facts_by_ffprobe(&film, problem).await
        }
        known => known,
    }
}

fn file_name(facts: &Facts) -> String {
    format!("{FILM}.{}", facts.extension())
}

fn new_id() -> Result<String, Problem> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| Code::NoRandomness)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

pub(super) fn denied(error: io::Error) -> Problem {
    let code = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
        _ => Code::DiskDenied,
    };
    Problem::from(code).detail(error)
}
