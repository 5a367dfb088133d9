//! Pictures that a list names: which lie beside it, and which are told of because they cannot.

use std::path::{Path, PathBuf};

use catalogue::{
    RelativePath,
    exchange::{Elsewhere, Entry},
};

use super::report::Report;
use crate::{importing::NoPicture, packing};

/// What is said of a path that leads elsewhere.
const OUTSIDE: &str = "it is no path below the folder of the list";

/// Names the pictures of an entry that cannot lie beside the list, but for those that were found in another way.
pub(super) fn tell_elsewhere(entry: &Entry, found: &[&str], report: &mut Report) {
    for one in entry.elsewhere.iter().filter(|one| !found.contains(&one.field)) {
        let (code, why) =
            if one.is_address { ("remote", packing::REMOTE) } else { ("outside", OUTSIDE) };
        report.no_picture(&NoPicture {
            line: entry.line,
            name: entry.name(),
            picture: one.field.to_owned(),
            file: one.written.clone(),
            code: code.to_owned(),
            why: why.to_owned(),
        });
    }
}

/// The pictures of a film that is taken in.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The upright one.
    pub(super) poster: Option<PathBuf>,
    /// The wide one.
    pub(super) backdrop: Option<PathBuf>,
}

/// Endings of the pictures that media centres keep beside films.
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

impl Beside {
    /// Those of a film: what its entry names below a folder, or what lies beside it under the names that media centres use.
    pub(super) fn of(film: &Path, entry: &mut Entry, folder: &Path) -> Self {
        let mut named = |field: &str| Some(packing::below(folder, &entry.take_picture(field)?));
        let (poster, backdrop) = (named("poster"), named("backdrop"));
        Self {
            poster: poster.or_else(|| beside(film, &["poster"])),
            backdrop: backdrop.or_else(|| beside(film, &["fanart", "backdrop"])),
        }
    }

    /// The fields of those that are there.
    pub(super) fn found(&self) -> Vec<&'static str> {
        let all = [("poster", &self.poster), ("backdrop", &self.backdrop)];
        all.into_iter().filter(|(_, path)| path.is_some()).map(|(field, _)| field).collect()
    }
}

/// The picture beside a film: `NAME-poster.jpg`, or `poster.jpg`.
fn beside(film: &Path, words: &[&str]) -> Option<PathBuf> {
    let stem = film.file_stem()?.to_str()?;
    let of_film = words.iter().map(|word| format!("{stem}-{word}"));
    first_of(film, of_film.chain(words.iter().map(|word| (*word).to_owned())))
}

/// The first picture of these names in the folder of a file.
fn first_of(file: &Path, names: impl Iterator<Item = String>) -> Option<PathBuf> {
    let files = names.flat_map(|name| ENDINGS.map(|ending| format!("{name}.{ending}")));
    files.map(|name| file.with_file_name(name)).find(|path| path.is_file())
}

/// Names the pictures of a series below the list's folder: those that its description names, or what lies beside that.
pub(super) fn name_of_series(entry: &mut Entry, list: &Path, nfo: &Path) {
    let folder = nfo.parent().unwrap_or(Path::new("."));
    let words: [(_, &[&str]); 2] =
        [("poster", &["poster", "folder"]), ("backdrop", &["fanart", "backdrop"])];
    for (field, words) in words {
        let named = entry.take_picture(field).map(|path| packing::below(folder, &path));
        name(entry, field, named.or_else(|| beside(nfo, words)), list);
    }
}

/// Names the picture of an episode below the list's folder: what its record names below a folder, or `NAME-thumb.jpg` beside
/// its film.
pub(super) fn name_of_episode(entry: &mut Entry, list: &Path, film: &Path, folder: &Path) {
    let named = entry.take_picture("still").map(|path| packing::below(folder, &path));
    let stem = film.file_stem().and_then(|stem| stem.to_str());
    let thumb = || first_of(film, stem.map(|stem| format!("{stem}-thumb")).into_iter());
    name(entry, "still", named.or_else(thumb), list);
}

fn name(entry: &mut Entry, field: &'static str, path: Option<PathBuf>, list: &Path) {
    let Some(path) = path else { return };
    match below(list, &path) {
        Some(path) => entry.put_picture(field, &path),
        None => entry.elsewhere.push(Elsewhere {
            field,
            written: path.display().to_string(),
            is_address: false,
        }),
    }
}

/// A path as those are written that lead below the list's folder.
fn below(list: &Path, path: &Path) -> Option<RelativePath> {
    let parts = path.strip_prefix(list).unwrap_or(path).components();
    let parts: Option<Vec<_>> = parts.map(|part| part.as_os_str().to_str()).collect();
    parts?.join("/").try_into().ok()
}
