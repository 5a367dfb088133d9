//! Reads a folder of pages as its publisher has it.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, Metadata},
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use catalogue::channel::{
    BadFiles, Files, Level, Media, PagePath, SITE_FILES_MAX, SITE_MARKDOWN_MAX, SITE_MAX,
    SITE_PAGE_MAX, SiteFile,
};

use super::{Making, SiteError};

/// Refused files that are named; whoever has more of them begins with these.
const NAMED_MAX: usize = 20;
/// Files and folders that are looked at: whoever names the wrong folder hears so soon.
const ENTRIES_MAX: usize = 4 * SITE_FILES_MAX;

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
    /// Files that a site cannot have.
    #[error("{0}")]
    Unfit(Refusals),
    /// The files together cannot be a site.
    #[error("{path} is no site: {why}", path = path.display())]
    Files {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: BadFiles,
    },
}

/// Files that a site cannot have: never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals {
    /// Each by its path below the folder, at most 20.
    pub files: Vec<(String, Unfit)>,
    /// Whether there may be others.
    pub are_more: bool,
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (path, why)) in self.files.iter().enumerate() {
            let before = if at == 0 { "" } else { "; " };
            write!(f, "{before}the file {path} cannot be part of a site: {why}")?;
        }
        if self.are_more { write!(f, "; and there may be others") } else { Ok(()) }
    }
}

/// Why a file cannot be part of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Its path.
    #[error("{0}")]
    Path(String),
    /// Its kind.
    #[error("a site has no files of this kind")]
    Kind,
    /// It points elsewhere.
    #[error("it is a link; put the file itself there")]
    Link,
    /// A pipe, a device, a socket.
    #[error("it is no ordinary file")]
    Special,
    /// It is a script.
    #[error("it is a script; publish with --scripts, and viewers are asked whether they agree")]
    Script,
    /// A page that is too large.
    #[error("a page has at most {} MiB", SITE_PAGE_MAX >> 20)]
    LargePage,
    /// A text that is too large.
    #[error("a text has at most {} KiB; divide it", SITE_MARKDOWN_MAX >> 10)]
    LargeText,
    /// It acts or styles, on a site that has neither.
    #[error("a site of Markdown has texts (.md) and pictures alone")]
    NoText,
}

impl Unfit {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Path(_) => "path",
            Self::Kind => "kind",
            Self::Link => "link",
            Self::Special => "special",
            Self::Script => "script",
            Self::LargePage => "large_page",
            Self::LargeText => "large_text",
            Self::NoText => "no_text",
        }
    }
}

/// What is in a folder of pages: described, and their bytes.
pub(super) type Gathered = (Files, BTreeMap<PagePath, Vec<u8>>);

/// All files below a folder, hidden ones (whose names start with a dot) left out. Every file that is refused is named
/// at once, so that they are put right at once.
pub(super) fn gather(
    folder: &Path,
    level: &Level,
    tell: &mut dyn FnMut(Making) -> ControlFlow<()>,
) -> Result<Gathered, SiteError> {
    let no_site = |why| GatherError::Files { path: folder.to_owned(), why };
    let mut found = Found { level, pages: BTreeMap::new(), bytes: 0, refused: vec![] };
    let mut folders = vec![(folder.to_owned(), String::new())];
    let mut entries = 0;
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let entry = entry.map_err(at(&folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            entries += 1;
            if entries > ENTRIES_MAX || found.pages.len() > SITE_FILES_MAX {
                return Err(no_site(BadFiles::TooMany).into());
            }
            let (path, place) = (entry.path(), format!("{prefix}{name}"));
            let kind = entry.file_type().map_err(at(&path))?;
            if kind.is_dir() {
                folders.push((path, format!("{place}/")));
                continue;
            }
            found.take(&path, place)?;
            if found.refused.len() > NAMED_MAX {
                return Err(found.refusals().into());
            }
            if tell(found.progress()).is_break() {
                return Err(SiteError::Stopped);
            }
        }
    }
    if !found.refused.is_empty() {
        return Err(found.refusals().into());
    }
    let described = found.pages.iter().map(|(path, bytes)| (path.clone(), SiteFile::of(bytes)));
    let files = Files::new(level, described.collect()).map_err(no_site)?;
    Ok((files, found.pages))
}

/// What was found so far.
struct Found<'a> {
    level: &'a Level,
    pages: BTreeMap<PagePath, Vec<u8>>,
    bytes: u64,
    refused: Vec<(String, Unfit)>,
}

impl Found<'_> {
    /// One file, if it can be part of a site that has room for it. Nothing is read any more once a file was refused.
    fn take(&mut self, path: &Path, place: String) -> Result<(), GatherError> {
        let about = fs::symlink_metadata(path).map_err(at(path))?;
        let page = match self.fitting(&place, &about) {
            Ok(page) => page,
            Err(why) => {
                self.refused.push((place, why));
                return Ok(());
            }
        };
        if self.bytes.saturating_add(about.len()) > SITE_MAX {
            return Err(GatherError::Files { path: path.to_owned(), why: BadFiles::TooLarge });
        }
        if self.refused.is_empty() {
            let bytes = fs::read(path).map_err(at(path))?;
            self.bytes += bytes.len() as u64;
            self.pages.insert(page, bytes);
        }
        Ok(())
    }

    fn fitting(&self, place: &str, about: &Metadata) -> Result<PagePath, Unfit> {
        match about.file_type() {
            kind if kind.is_symlink() => return Err(Unfit::Link),
            // Whoever reads a pipe waits for ever.
            kind if !kind.is_file() => return Err(Unfit::Special),
            _ => {}
        }
        let media = Media::of(place).ok_or(Unfit::Kind)?;
        let page = PagePath::try_from(place.to_owned());
        let page = page.map_err(|why| Unfit::Path(why.to_string()))?;
        match media {
            Media::Script if *self.level == Level::Static => Err(Unfit::Script),
            _ => match self.level.check(&page, about.len()) {
                Err(BadFiles::LargePage(_)) => Err(Unfit::LargePage),
                Err(BadFiles::LargeText(_)) => Err(Unfit::LargeText),
                Err(_) => Err(Unfit::NoText),
                Ok(()) => Ok(page),
            },
        }
    }

    fn progress(&self) -> Making {
        Making::Reading { files: self.pages.len(), bytes: self.bytes }
    }

    fn refusals(mut self) -> GatherError {
        let are_more = self.refused.len() > NAMED_MAX;
        self.refused.truncate(NAMED_MAX);
        GatherError::Unfit(Refusals { files: self.refused, are_more })
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> GatherError + use<> {
    let path = path.to_owned();
    move |source| GatherError::Disk { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path, level: Level) -> Result<Gathered, SiteError> {
        gather(folder, &level, &mut |_| ControlFlow::Continue(()))
    }

    fn refused(folder: &Path) -> GatherError {
        match read(folder, Level::Static) {
            Err(SiteError::Gather(why)) => why,
            other => panic!("{other:?}"),
        }
    }

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
        let (files, bytes) = read(pages.path(), Level::Static).unwrap();
        let paths: Vec<_> = files.iter().map(|(path, _)| &**path).collect();
        assert_eq!(paths, ["a/b.css", "index.html"]);
        assert_eq!(bytes[&PagePath::entry()], b"hi");
    }

    #[test]
    fn scripts_are_for_sites_that_say_so() {
        let pages = folder(&[("index.html", ""), ("a.js", "")]);
        let refused = refused(pages.path());
        let GatherError::Unfit(Refusals { files, are_more: false }) = &refused else {
            panic!("{refused}");
        };
        assert_eq!(files[..], [("a.js".to_owned(), Unfit::Script)]);
        assert!(refused.to_string().contains("--scripts"));
        read(pages.path(), Level::Script).unwrap();
    }

    #[test]
    fn what_cannot_be_shown_everywhere_is_named() {
        let empty = folder(&[("about.html", "")]);
        let why = refused(empty.path());
        assert!(matches!(why, GatherError::Files { why: BadFiles::NoEntry(_), .. }));
        for odd in ["a b.html", "a.exe", "con.html"] {
            let pages = folder(&[("index.html", ""), (odd, "")]);
            let why = refused(pages.path());
            assert!(why.to_string().contains(odd), "{why}");
        }
        let missing = refused(&empty.path().join("no"));
        assert!(matches!(missing, GatherError::Disk { .. }));
    }

    #[test]
    fn all_that_is_refused_is_named_at_once_but_not_without_end() {
        let pages = folder(&[("index.html", ""), ("a.js", ""), ("b c.html", ""), ("d/e.exe", "")]);
        let GatherError::Unfit(Refusals { mut files, are_more: false }) = refused(pages.path())
        else {
            panic!("some are refused");
        };
        files.sort_by(|one, other| one.0.cmp(&other.0));
        let codes: Vec<_> = files.iter().map(|(path, why)| (&**path, why.code())).collect();
        assert_eq!(codes, [("a.js", "script"), ("b c.html", "path"), ("d/e.exe", "kind")]);
        for number in 0..100 {
            fs::write(pages.path().join(format!("{number}.exe")), "").unwrap();
        }
        let GatherError::Unfit(Refusals { files, are_more }) = refused(pages.path()) else {
            panic!("many are refused");
        };
        assert_eq!((files.len(), are_more), (NAMED_MAX, true));
    }

    #[test]
    fn whoever_stops_listening_stops_the_reading() {
        let pages = folder(&[("index.html", "hi"), ("a.css", "")]);
        let mut told = vec![];
        let stopped = gather(pages.path(), &Level::Static, &mut |making| {
            told.push(making);
            ControlFlow::Break(())
        });
        assert!(matches!(stopped, Err(SiteError::Stopped)));
        assert_eq!(told.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let pages = folder(&[("index.html", "")]);
        std::os::unix::fs::symlink("/etc/passwd", pages.path().join("a.txt")).unwrap();
        let GatherError::Unfit(refusals) = refused(pages.path()) else { panic!("it is refused") };
        assert_eq!(refusals.files, [("a.txt".to_owned(), Unfit::Link)]);
        fs::remove_file(pages.path().join("a.txt")).unwrap();
        std::os::unix::net::UnixListener::bind(pages.path().join("a.txt")).unwrap();
        let GatherError::Unfit(refusals) = refused(pages.path()) else { panic!("it is refused") };
        assert_eq!(refusals.files, [("a.txt".to_owned(), Unfit::Special)]);
    }
}
