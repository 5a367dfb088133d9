//! The data folder: what lies where, and the lock that keeps a second Kinora out.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    failure::{Exit, Failure},
    http::token::Token,
};

/// A data folder that this process holds until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    root: PathBuf,
    lock: File,
}

impl DataDir {
    /// Makes the folder if needed and takes its lock.
    ///
    /// # Errors
    /// Exit code 4 when the folder cannot be written or another Kinora holds it; the message then says where
    /// that one can be reached.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        for name in ["", "torrents", "images", "resume", "media"] {
            let folder = root.join(name);
            create_private(&folder).map_err(|error| denied(&folder, &error))?;
        }
        let path = root.join("lock");
        let mut lock = private()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| denied(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(taken(root, &mut lock)),
            Err(TryLockError::Error(error)) => Err(denied(&path, &error)),
        }
    }

    /// Writes down where this process can be reached, for whoever starts a second one.
    ///
    /// # Errors
    /// Exit code 4 when the disk does not take it.
    pub fn announce(&mut self, url: &str) -> Result<(), Failure> {
        let path = self.root.join("lock");
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(url.as_bytes())
        };
        write(&mut self.lock).map_err(|error| denied(&path, &error))
    }

    /// The token of this folder; the same from start to start, so that an open page goes on working.
    ///
    /// # Errors
    /// Exit code 4 when it can be neither read nor written.
    pub fn token(&self) -> Result<Token, Failure> {
        let path = self.root.join("token");
        if let Some(token) =
            fs::read_to_string(&path).ok().and_then(|text| Token::parse(text.trim()))
        {
            return Ok(token);
        }
        let token = Token::random().map_err(|error| denied(&path, &error.into()))?;
        private()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .and_then(|mut file| file.write_all(token.reveal().as_bytes()))
            .map_err(|error| denied(&path, &error))?;
        Ok(token)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where films lie when the settings name no other place.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    /// Resume records of the driver.
    #[must_use]
    pub fn resume(&self) -> PathBuf {
        self.root.join("resume")
    }

    /// Torrents that were handed in or learned from peers, by infohash.
    #[must_use]
    pub fn torrents(&self) -> PathBuf {
        self.root.join("torrents")
    }

    /// Pictures as they are shown, by hash and size.
    #[must_use]
    pub fn images(&self) -> PathBuf {
        self.root.join("images")
    }
}

/// Options for a file that only its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn taken(root: &Path, lock: &mut File) -> Failure {
    let mut url = String::new();
    // A folder that was locked a moment ago has no address yet; the sentence does without it.
    let known = lock.read_to_string(&mut url).is_ok() && url.starts_with("http://");
    let place = if known { format!(" at {url}") } else { String::new() };
    Failure::new(
        Exit::Disk,
        "already_running",
        format!("Another Kinora is running with {}{place}.", root.display()),
        "Open that address, stop it first, or name another folder with --data-dir.",
    )
}

fn denied(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Exit::Disk,
        if error.kind() == io::ErrorKind::StorageFull { "disk_full" } else { "data_dir_denied" },
        format!("{} cannot be written: {error}.", path.display()),
        "Check the disk and the folder's permissions, or name another folder with --data-dir.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_instance_is_told_where_the_first_one_is() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = DataDir::open(dir.path()).unwrap();
        first.announce("http://127.0.0.1:5466/#token=x").unwrap();
        let failure = DataDir::open(dir.path()).unwrap_err();
        assert_eq!((failure.code, failure.exit.code()), ("already_running", 4));
        assert!(failure.message.contains("http://127.0.0.1:5466/#token=x"));
        drop(first);
        DataDir::open(dir.path()).unwrap();
    }

    #[test]
    fn the_token_stays_and_is_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        assert!(data.token().unwrap().matches(data.token().unwrap().reveal()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode =
                |name| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode("token"), mode("lock")), (0o600, 0o600));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_ends_in_exit_code_4() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let failure = DataDir::open(&dir.path().join("file/below")).unwrap_err();
        assert_eq!((failure.code, failure.exit.code()), ("data_dir_denied", 4));
        assert!(!failure.hint.is_empty());
    }
}
