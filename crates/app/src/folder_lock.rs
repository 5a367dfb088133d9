//! The lock that keeps a second Kinora out of a folder, and says where the first one can be reached.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::failure::{Exit, Failure};

/// A folder that this process holds until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    path: PathBuf,
    file: File,
    flag: &'static str,
}

impl FolderLock {
    /// Makes the folder if needed, for its owner alone, and takes its lock. `flag` names another folder.
    ///
    /// # Errors
    /// Exit code 4 when the folder cannot be written or another Kinora holds it; the message then says where
    /// that one can be reached.
    pub fn take(folder: &Path, flag: &'static str) -> Result<Self, Failure> {
        create_private(folder).map_err(|error| denied(folder, &error, flag))?;
        let path = folder.join("lock");
        let options = private().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(|error| denied(&path, &error, flag))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, file, flag }),
            Err(TryLockError::WouldBlock) => Err(taken(folder, &mut file, flag)),
            Err(TryLockError::Error(error)) => Err(denied(&path, &error, flag)),
        }
    }

    /// Where the Kinora that holds a folder can be reached; none if nobody holds it or it has not said yet.
    #[must_use]
    pub fn holder(folder: &Path) -> Option<String> {
        let mut file = File::open(folder.join("lock")).ok()?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            // The lock that was taken goes with the file.
            Ok(()) | Err(TryLockError::Error(_)) => return None,
        }
        let mut url = String::new();
        file.read_to_string(&mut url).ok()?;
        url.starts_with("http://").then_some(url)
    }

    /// Writes down where this process can be reached, for whoever starts a second one.
    ///
    /// # Errors
    /// Exit code 4 when the disk does not take it.
    pub fn announce(&mut self, url: &str) -> Result<(), Failure> {
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(url.as_bytes())
        };
        write(&mut self.file).map_err(|error| denied(&self.path, &error, self.flag))
    }
}

/// Options for a file that only its owner may read.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder that only its owner may look into.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn taken(folder: &Path, lock: &mut File, flag: &str) -> Failure {
    let mut url = String::new();
    // A folder that was locked a moment ago has no address yet; the sentence does without it.
    let known = lock.read_to_string(&mut url).is_ok() && url.starts_with("http://");
    let place = if known { format!(" at {url}") } else { String::new() };
    Failure::new(
        Exit::Disk,
        "already_running",
        format!("Another Kinora is running with {}{place}.", folder.display()),
        format!("Open that address, stop it first, or name another folder with {flag}."),
    )
}

pub(crate) fn denied(path: &Path, error: &io::Error, flag: &str) -> Failure {
    Failure::new(
        Exit::Disk,
        if error.kind() == io::ErrorKind::StorageFull { "disk_full" } else { "data_dir_denied" },
        format!("{} cannot be written: {error}.", path.display()),
        format!("Check the disk and the folder's permissions, or name another folder with {flag}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_instance_is_told_where_the_first_one_is() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = FolderLock::take(dir.path(), "--dir").unwrap();
        let failure = FolderLock::take(dir.path(), "--dir").unwrap_err();
        assert!(failure.message.ends_with(&format!("{}.", dir.path().display())), "{failure}");
        first.announce("http://127.0.0.1:5466/#token=x").unwrap();
        assert_eq!(
            FolderLock::holder(dir.path()).as_deref(),
            Some("http://127.0.0.1:5466/#token=x")
        );
        let failure = FolderLock::take(dir.path(), "--dir").unwrap_err();
        assert_eq!((failure.code, failure.exit.code()), ("already_running", 4));
        assert!(failure.message.contains("http://127.0.0.1:5466/#token=x"));
        assert!(failure.hint.contains("--dir"));
        drop(first);
        assert_eq!(FolderLock::holder(dir.path()), None);
        FolderLock::take(dir.path(), "--dir").unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_ends_in_exit_code_4() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let failure = FolderLock::take(&dir.path().join("file/below"), "--dir").unwrap_err();
        assert_eq!((failure.code, failure.exit.code()), ("data_dir_denied", 4));
        assert!(!failure.hint.is_empty());
    }
}
