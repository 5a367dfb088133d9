//! Reads a folder of pages as its publisher has it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use catalogue::channel::{BadFiles, Files, Level, Media, PagePath, SITE_MAX, SiteFile};

/// The largest page, bytes: it is read as a whole when it is shown.
const PAGE_MAX: u64 = 4 << 20;

/// Why a folder is no site.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The disk refuses.
    #[error("{path} cannot be read: {source}", path = path.display())]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that a site cannot have.
    #[error("{path} cannot be part of a site: {why}", path = path.display())]
    Unfit {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: Unfit,
    },
    /// The files together cannot be a site.
    #[error("{path} is no site: {why}", path = path.display())]
    Files {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: BadFiles,
    },
}

/// Why a file cannot be part of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Its path or kind.
    #[error("{0}")]
    Path(String),
    /// It points elsewhere.
    #[error("it is a link; put the file itself there")]
    Link,
    /// It is a script.
    #[error("it is a script; publish with --scripts, and viewers are asked whether they agree")]
    Script,
    /// A page that is too large.
    #[error("a page has at most {} MiB", PAGE_MAX >> 20)]
    LargePage,
}

/// All files below a folder, hidden ones (whose names start with a dot) left out.
pub(super) fn gather(
    folder: &Path,
    level: Level,
) -> Result<(Files, BTreeMap<PagePath, Vec<u8>>), GatherError> {
    let mut found = BTreeMap::new();
    let mut left = SITE_MAX;
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let entry = entry.map_err(at(&folder))?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(at(&path))?;
            if name.starts_with('.') {
                continue;
            }
            let place = format!("{prefix}{name}");
            if kind.is_dir() {
                folders.push((path, format!("{place}/")));
                continue;
            }
            let (page, bytes) = read(&path, place, kind.is_symlink(), level, left)?;
            left = left.saturating_sub(bytes.len() as u64);
            found.insert(page, bytes);
        }
    }
    let described = found.iter().map(|(path, bytes)| (path.clone(), SiteFile::of(bytes))).collect();
    let files = Files::new(described);
    let files = files.map_err(|why| GatherError::Files { path: folder.to_owned(), why })?;
    Ok((files, found))
}

/// One file, if it can be part of a site that has room for so many bytes.
fn read(
    path: &Path,
    place: String,
    is_link: bool,
    level: Level,
    left: u64,
) -> Result<(PagePath, Vec<u8>), GatherError> {
    let unfit = |why| GatherError::Unfit { path: path.to_owned(), why };
    if is_link {
        return Err(unfit(Unfit::Link));
    }
    let page = PagePath::try_from(place).map_err(|why| unfit(Unfit::Path(why.to_string())))?;
    let length = fs::metadata(path).map_err(at(path))?.len();
    match page.media() {
        Media::Script if level < Level::Script => return Err(unfit(Unfit::Script)),
        Media::Html if length > PAGE_MAX => return Err(unfit(Unfit::LargePage)),
        _ if length > left => {
            return Err(GatherError::Files { path: path.to_owned(), why: BadFiles::TooLarge });
        }
        _ => {}
    }
    Ok((page, fs::read(path).map_err(at(path))?))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> GatherError + use<> {
    let path = path.to_owned();
    move |source| GatherError::Disk { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn everything_but_hidden_files_is_taken() {
        let pages = folder(&[("index.html", "hi"), ("a/b.css", ""), (".git/config", "secret")]);
        let (files, bytes) = gather(pages.path(), Level::Static).unwrap();
        let paths: Vec<_> = files.iter().map(|(path, _)| &**path).collect();
        assert_eq!(paths, ["a/b.css", "index.html"]);
        assert_eq!(bytes[&PagePath::entry()], b"hi");
    }

    #[test]
    fn scripts_are_for_sites_that_say_so() {
        let pages = folder(&[("index.html", ""), ("a.js", "")]);
        let refused = gather(pages.path(), Level::Static).unwrap_err();
        assert!(matches!(refused, GatherError::Unfit { why: Unfit::Script, .. }), "{refused}");
        assert!(refused.to_string().contains("--scripts"));
        gather(pages.path(), Level::Script).unwrap();
    }

    #[test]
    fn what_cannot_be_shown_everywhere_is_named() {
        let empty = folder(&[("about.html", "")]);
        let refused = gather(empty.path(), Level::Static).unwrap_err();
        assert!(matches!(refused, GatherError::Files { why: BadFiles::NoEntry, .. }));
        for odd in ["a b.html", "a.exe", "con.html"] {
            let pages = folder(&[("index.html", ""), (odd, "")]);
            let refused = gather(pages.path(), Level::Static).unwrap_err();
            assert!(refused.to_string().contains(odd), "{refused}");
        }
        let missing = gather(&empty.path().join("no"), Level::Static).unwrap_err();
        assert!(matches!(missing, GatherError::Disk { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let pages = folder(&[("index.html", "")]);
        std::os::unix::fs::symlink("/etc/passwd", pages.path().join("a.txt")).unwrap();
        let refused = gather(pages.path(), Level::Static).unwrap_err();
        assert!(matches!(refused, GatherError::Unfit { why: Unfit::Link, .. }));
    }
}
