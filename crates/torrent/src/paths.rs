//! Where a stranger's file names may lie on disk: pure rules for Linux, Windows and macOS.
//!
//! A path that comes out of here is relative, has no `.` or `..`, names no device, and no two files of
//! one torrent share it, on file systems that fold case or normalise Unicode too. The same torrent
//! gives the same names every time. Whether something on the way is a symbolic link only the one who
//! opens the file can tell.

use std::collections::{BTreeMap, btree_map::Entry};

use unicode_normalization::UnicodeNormalization;

/// The rules that names must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Os {
    /// Linux and other Unix systems.
    Linux,
    /// Windows: reserved characters, device names, no trailing dots and spaces.
    Windows,
    /// macOS: no colon.
    Mac,
}

impl Os {
    /// The system this program was built for.
    pub const CURRENT: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::Mac
    } else {
        Self::Linux
    };

    /// The length of one name: UTF-16 units on Windows, bytes elsewhere.
    const MAX_NAME: usize = 255;

    /// The length of a path below the download folder, with room for that folder's own path
    /// (`PATH_MAX` is 4,096 on Linux and 1,024 on macOS, 32,767 on Windows).
    const fn max_path(self) -> usize {
        match self {
            Self::Linux => 3072,
            Self::Windows => 16_384,
            Self::Mac => 768,
        }
    }

    /// The length of a name as this system counts it.
    fn measure(self, name: &str) -> usize {
        match self {
            Self::Windows => name.encode_utf16().count(),
            Self::Linux | Self::Mac => name.len(),
        }
    }

    fn forbids(self, c: char) -> bool {
        let here = match self {
            Self::Linux => false,
            Self::Windows => matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*'),
            Self::Mac => c == ':',
        };
        here || matches!(c, '/' | '\\') || is_unseen(c)
    }
}

/// Whether a character cannot be seen but changes what is seen: controls, bidirectional overrides,
/// zero-width space. The joiners that Persian and emoji need (U+200C, U+200D) are not among them.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// One safe file or folder name out of a stranger's.
#[must_use]
pub fn name(stranger: &str, os: Os) -> String {
    let mut name: String = stranger.chars().map(|c| if os.forbids(c) { '_' } else { c }).collect();
    if matches!(name.as_str(), "" | "." | "..") {
        return "_".into();
    }
    if os == Os::Windows && is_device(&name) {
        name.insert(0, '_');
    }
    let name = shorten(&name, "", os);
    if os == Os::Windows { without_trailing_dots(&name) } else { name }
}

/// Safe paths for all files of a torrent, each in its place; `paths` are strangers' names.
#[must_use]
pub fn resolve<P: AsRef<[String]>>(paths: &[P], os: Os) -> Vec<Vec<String>> {
    let safe: Vec<Vec<String>> = paths.iter().map(|path| safe_path(path.as_ref(), os)).collect();
    Names::of(&safe, os).settle(safe)
}

/// Cleans every name of a path and keeps the whole within the system's limit.
fn safe_path(path: &[String], os: Os) -> Vec<String> {
    let mut safe: Vec<String> = path.iter().map(|stranger| name(stranger, os)).collect();
    if safe.is_empty() {
        safe.push("_".into());
    }
    let total: usize = safe.iter().map(|name| os.measure(name) + 1).sum();
    if total > os.max_path() { without_middle(&safe) } else { safe }
}

/// Puts one folder, named after a hash of them, in the place of all folders but the first.
fn without_middle(path: &[String]) -> Vec<String> {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return path.to_vec() };
    let middle = path[1..path.len() - 1].join("/");
    let digest = crate::hash::sha256(middle.as_bytes()).to_string();
    vec![first.clone(), format!("_{}", &digest[..16]), last.clone()]
}

/// Device names of Windows, with any extension: `CON`, `com1.txt`, `LPT² .x`, `CONIN$`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ').to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let number = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let mut rest = number.unwrap_or("").chars();
    matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

/// Windows drops trailing dots and spaces, so that two names become one: they are made visible.
fn without_trailing_dots(name: &str) -> String {
    let kept = name.trim_end_matches(['.', ' ']);
    let dropped = name.len() - kept.len();
    format!("{kept}{}", "_".repeat(dropped))
}

/// A name with `suffix` before its extension, cut to the system's limit between characters.
fn shorten(name: &str, suffix: &str, os: Os) -> String {
    let (stem, extension) = split_extension(name);
    let room = Os::MAX_NAME.saturating_sub(os.measure(suffix) + os.measure(extension));
    let mut used = 0;
    let cut: String = stem
        .chars()
        .take_while(|c| {
            used += os.measure(c.encode_utf8(&mut [0; 4]));
            used <= room
        })
        .collect();
    format!("{cut}{suffix}{extension}")
}

/// Splits `film.mkv` into `film` and `.mkv`. A long or leading "extension" is none.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 16 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// What a name is on a file system that folds case and normalises Unicode. Coarser than any of them:
/// a rename too many is harmless, a clash is not.
fn fold(name: &str) -> String {
    let upper: String = name.nfd().flat_map(char::to_uppercase).collect();
    let lower: String = upper.chars().flat_map(char::to_lowercase).collect();
    lower.nfd().filter(|c| !matches!(c, '\u{200c}' | '\u{200d}')).collect()
}

/// The names in use, as a tree: memory stays in proportion to the names, however deep they lie.
struct Names {
    os: Os,
    /// From a folder's number and a folded name within it to what stands there.
    taken: BTreeMap<(u32, String), Taken>,
    folders: u32,
    /// Given out where a name's own count meets names that are taken; it only grows, so that a torrent
    /// made of clashes costs no more than its length.
    spare: u64,
}

/// What has a name.
#[derive(Default)]
struct Taken {
    /// The folder's number, if a folder has it.
    folder: Option<u32>,
    /// How many further files wanted it.
    clashes: u64,
}

impl Names {
    /// Takes the names of all folders: a file that has a folder's name gives way.
    fn of(paths: &[Vec<String>], os: Os) -> Self {
        let mut names = Self { os, taken: BTreeMap::new(), folders: 0, spare: 1000 };
        for path in paths {
            names.folder_of(path);
        }
        names
    }

    /// The number of the folder that a path's file lies in.
    fn folder_of(&mut self, path: &[String]) -> u32 {
        let folders = &path[..path.len().saturating_sub(1)];
        folders.iter().fold(0, |parent, name| {
            let taken = self.taken.entry((parent, fold(name))).or_default();
            *taken.folder.get_or_insert_with(|| {
                self.folders += 1;
                self.folders
            })
        })
    }

    fn settle(mut self, mut paths: Vec<Vec<String>>) -> Vec<Vec<String>> {
        for path in &mut paths {
            let folder = self.folder_of(path);
            if let Some(file) = path.last_mut() {
                *file = self.take(folder, file);
            }
        }
        paths
    }

    /// A free name in a folder: the wanted one, or with a number before its extension.
    fn take(&mut self, folder: u32, wanted: &str) -> String {
        let Some(taken) = self.taken.get_mut(&(folder, fold(wanted))) else {
            self.taken.insert((folder, fold(wanted)), Taken::default());
            return wanted.into();
        };
        taken.clashes += 1;
        let mut number = taken.clashes + 1;
        loop {
            let name = shorten(wanted, &format!(" ({number})"), self.os);
            if let Entry::Vacant(free) = self.taken.entry((folder, fold(&name))) {
                free.insert(Taken::default());
                return name;
            }
            self.spare += 1;
            number = self.spare;
        }
    }
}
