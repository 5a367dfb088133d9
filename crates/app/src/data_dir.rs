//! The data folder: what lies where, for its owner alone, and for one Kinora at a time.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::{
    failure::Failure,
    folder_lock::{FolderLock, create_private, denied, private},
    http::token::Token,
};

/// What names another data folder.
const FLAG: &str = "--data-dir";

/// A data folder that this process holds until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    root: PathBuf,
    lock: FolderLock,
}

/// Where the records of torrents lie in a data folder.
pub(crate) fn resume_in(root: &Path) -> PathBuf {
    root.join("resume")
}

impl DataDir {
    /// Makes the folder if needed and takes its lock.
    ///
    /// # Errors
    /// Exit code 4 when the folder cannot be written or another Kinora holds it; the message then says where
    /// that one can be reached.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let lock = FolderLock::take(root, FLAG)?;
        for name in ["torrents", "images", "resume", "media"] {
            let folder = root.join(name);
            create_private(&folder).map_err(|error| denied(&folder, &error, FLAG))?;
        }
        Ok(Self { root: root.to_owned(), lock })
    }

    /// Writes down where this process can be reached, for whoever starts a second one.
    ///
    /// # Errors
    /// Exit code 4 when the disk does not take it.
    pub fn announce(&mut self, url: &str) -> Result<(), Failure> {
        self.lock.announce(url)
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
        let token = Token::random().map_err(|error| denied(&path, &error.into(), FLAG))?;
        private()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .and_then(|mut file| file.write_all(token.reveal().as_bytes()))
            .map_err(|error| denied(&path, &error, FLAG))?;
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
        resume_in(&self.root)
    }

    /// Torrents that were handed in or learned from peers, by infohash.
    #[must_use]
    pub fn torrents(&self) -> PathBuf {
        self.root.join("torrents")
    }

    /// What this household calls channels.
    #[must_use]
    pub fn petnames(&self) -> PathBuf {
        self.root.join("petnames.json")
    }

    /// Films that somebody here publishes.
    #[must_use]
    pub fn masters(&self) -> PathBuf {
        self.root.join("masters")
    }

    /// Pictures as they are shown, by hash and size.
    #[must_use]
    pub fn images(&self) -> PathBuf {
        self.root.join("images")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
