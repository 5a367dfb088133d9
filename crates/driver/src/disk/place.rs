//! Opening, making and deleting files below a root folder, without ever following a link out of it.
//!
//! A torrent's paths are made safe by `torrent`; here the folders on disk are not trusted either. Every
//! component is opened relative to the folder before it, and one that is a link is an error.

use std::{fs::File, io, path::Path};

/// Opens a file for reading. It must be a regular file.
pub(super) fn open_to_read(root: &Path, path: &[String]) -> io::Result<File> {
    regular(system::open(root, path, false)?)
}

/// Opens a file for reading and writing, with the folders above it. A new or short file gets its full
/// length at once and is sparse: its bytes take space as they come.
pub(super) fn open_to_write(root: &Path, path: &[String], len: u64) -> io::Result<File> {
    std::fs::create_dir_all(root)?;
    let file = regular(system::open(root, path, true)?)?;
    if file.metadata()?.len() < len {
        file.set_len(len)?;
    }
    Ok(file)
}

/// Deletes a file and the folders above it that are empty then; the root stays.
pub(super) fn delete(root: &Path, path: &[String]) -> io::Result<()> {
    system::delete(root, path)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

#[cfg(unix)]
mod system {
    use std::{fs::File, io, os::fd::OwnedFd, path::Path};

    use rustix::{
        fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat},
        io::Errno,
    };

    const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::CLOEXEC);

    pub(super) fn open(root: &Path, path: &[String], write: bool) -> io::Result<File> {
        let (name, folders) = path.split_last().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = descend(root, folders, write)?;
        let access = if write { OFlags::RDWR | OFlags::CREATE } else { OFlags::RDONLY };
        // A pipe or device of that name must not make us wait.
        let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(openat(&folder, name.as_str(), flags, Mode::from_raw_mode(0o644))?.into())
    }

    pub(super) fn delete(root: &Path, path: &[String]) -> io::Result<()> {
        let (name, folders) = path.split_last().ok_or(io::ErrorKind::InvalidInput)?;
        unlinkat(descend(root, folders, false)?, name.as_str(), AtFlags::empty())?;
        for depth in (0..folders.len()).rev() {
            let above = descend(root, &folders[..depth], false)?;
            if unlinkat(above, folders[depth].as_str(), AtFlags::REMOVEDIR).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The folder at the end of `folders`, each opened from the one before.
    fn descend(root: &Path, folders: &[String], make: bool) -> io::Result<OwnedFd> {
        let mut folder = openat(CWD, root, FOLDER, Mode::empty())?;
        for name in folders {
            if make {
                match mkdirat(&folder, name.as_str(), Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(why) => return Err(why.into()),
                }
            }
            folder = openat(&folder, name.as_str(), FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok(folder)
    }
}

#[cfg(not(unix))]
mod system {
    use std::{
        fs::{self, File, OpenOptions},
        io,
        path::{Path, PathBuf},
    };

    pub(super) fn open(root: &Path, path: &[String], write: bool) -> io::Result<File> {
        let (name, folders) = path.split_last().ok_or(io::ErrorKind::InvalidInput)?;
        let file = descend(root, folders, write)?.join(name);
        if fs::symlink_metadata(&file).is_ok_and(|found| found.is_symlink()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        OpenOptions::new().read(true).write(write).create(write).truncate(false).open(file)
    }

    pub(super) fn delete(root: &Path, path: &[String]) -> io::Result<()> {
        let (name, folders) = path.split_last().ok_or(io::ErrorKind::InvalidInput)?;
        let mut folder = descend(root, folders, false)?;
        fs::remove_file(folder.join(name))?;
        while folder != root && fs::remove_dir(&folder).is_ok() {
            folder.pop();
        }
        Ok(())
    }

    fn descend(root: &Path, folders: &[String], make: bool) -> io::Result<PathBuf> {
        let mut folder = root.to_owned();
        for name in folders {
            folder.push(name);
            if make && !folder.exists() {
                fs::create_dir(&folder)?;
            }
            if fs::symlink_metadata(&folder)?.is_symlink() {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
        Ok(folder)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::scratch::Scratch;

    fn path(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn a_new_file_is_sparse_and_has_its_length() {
        use std::os::unix::fs::MetadataExt;
        let scratch = Scratch::new();
        let root = scratch.path().join("not/there/yet");
        let file = open_to_write(&root, &path(&["a", "b", "c.mkv"]), 1 << 30).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 1 << 30);
        assert_eq!(file.metadata().unwrap().blocks(), 0);
        assert!(open_to_read(&root, &path(&["a", "b", "c.mkv"])).is_ok());
    }

    #[test]
    fn no_link_is_followed_neither_as_folder_nor_as_file() {
        let (inside, outside) = (Scratch::new(), Scratch::new());
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        symlink(outside.path(), inside.path().join("folder")).unwrap();
        symlink(outside.path().join("secret"), inside.path().join("file")).unwrap();
        symlink(outside.path().join("new"), inside.path().join("dangling")).unwrap();
        for parts in [&["folder", "secret"][..], &["file"], &["dangling"], &["folder", "new"]] {
            assert!(open_to_read(inside.path(), &path(parts)).is_err(), "{parts:?}");
            assert!(open_to_write(inside.path(), &path(parts), 1).is_err(), "{parts:?}");
        }
        assert!(delete(inside.path(), &path(&["folder", "secret"])).is_err());
        assert!(outside.path().join("secret").exists());
        assert!(!outside.path().join("new").exists());
    }

    #[test]
    fn only_regular_files_are_opened() {
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path().join("folder")).unwrap();
        assert!(open_to_read(scratch.path(), &path(&["folder"])).is_err());
        assert!(open_to_write(scratch.path(), &path(&["folder"]), 1).is_err());
    }

    #[test]
    fn deleting_takes_the_empty_folders_and_spares_the_others() {
        let scratch = Scratch::new();
        for name in ["one", "two"] {
            drop(open_to_write(scratch.path(), &path(&["a", name, "f"]), 1).unwrap());
        }
        delete(scratch.path(), &path(&["a", "one", "f"])).unwrap();
        assert!(!scratch.path().join("a/one").exists());
        assert!(scratch.path().join("a/two/f").exists());
        delete(scratch.path(), &path(&["a", "two", "f"])).unwrap();
        assert!(!scratch.path().join("a").exists());
        assert!(scratch.path().exists());
    }
}
