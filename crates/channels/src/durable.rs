//! Files that are whole and on disk when a function returns, or as they were before.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// What the name of a file ends with until it is whole.
const UNFINISHED: &str = "unfinished";
/// Bytes that are written at one time.
const WRITTEN: usize = 64 << 10;

/// Replaces a file. It is readable by its owner alone.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Unfinished::begin(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// A file that takes the place of another one when it is finished. It is readable by its owner alone.
pub(crate) struct Unfinished {
    file: BufWriter<File>,
    path: PathBuf,
}

impl Unfinished {
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        let file = private(&path.with_added_extension(UNFINISHED))?;
        Ok(Self { file: BufWriter::with_capacity(WRITTEN, file), path: path.to_owned() })
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(self.path.with_added_extension(UNFINISHED), &self.path)?;
        sync_folder(&self.path)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    sync_folder(path)
}

/// A file's bytes, or `None` if there is none. More than `most` bytes are an error.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(found) if found.len() > most => {
            Err(io::Error::other("the file is larger than it may be"))
        }
        Ok(_) => fs::read(path).map(Some),
    }
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new name is on disk when its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
