//! Who holds what: the films cut up among the seeds, as sparse files.
//!
//! The first seed holds everything, and is slow. Every piece lies with one or two of the others as well, so
//! that each piece is there at least twice and no other seed has a whole film.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use studio::{Package, Programme};
use torrent::{FileSlice, Info, Piece};

use super::read_torrent;

/// Seeds with parts, besides the one with everything.
pub(super) const PARTIAL_SEEDS: u32 = 3;

/// What could not be used, and why.
type Denied = (PathBuf, io::Error);

/// The folder that a seed serves from; the first one serves the originals.
pub(super) fn folder(programme: &Programme, seed: u32) -> PathBuf {
    if seed == 0 {
        programme.content()
    } else {
        programme.folder.join("seeds").join(seed.to_string())
    }
}

/// Writes every part that is missing.
pub(super) fn out(programme: &Programme) -> Result<(), Denied> {
    for seed in 1..=PARTIAL_SEEDS {
        for package in &programme.packages {
            let to = folder(programme, seed);
            let sealed = folder(programme, seed).join(format!("{}.complete", package.id));
            if !sealed.exists() {
                copy_part(programme, package, seed, &to)?;
                fs::write(&sealed, "").map_err(|error| (sealed, error))?;
            }
        }
    }
    Ok(())
}

/// Whether a seed with parts holds a piece: one seed in turn, and now and then the next one too.
fn holds(seed: u32, piece: u32) -> bool {
    let owner = piece % PARTIAL_SEEDS + 1;
    let second = (piece / PARTIAL_SEEDS).is_multiple_of(3);
    seed == owner || (second && seed == owner % PARTIAL_SEEDS + 1)
}

fn copy_part(programme: &Programme, package: &Package, seed: u32, to: &Path) -> Result<(), Denied> {
    let info = read_torrent(programme, package)?.info;
    let from = programme.content();
    let mut files = Vec::new();
    for file in info.files() {
        let path: PathBuf = file.path.iter().collect();
        files.push(Pair::open(&from.join(&path), &to.join(&path), file.length)?);
    }
    let geometry = info.geometry();
    for piece in (0..geometry.piece_count()).filter(|&piece| holds(seed, piece)) {
        copy_piece(&info, Piece(piece), &mut files)?;
    }
    Ok(())
}

fn copy_piece(info: &Info, piece: Piece, files: &mut [Pair]) -> Result<(), Denied> {
    let start = info.geometry().piece_start(piece);
    let end = start + u64::from(info.geometry().piece_len(piece));
    for slice in info.slices(start..end) {
        if let Some(pair) = slice.file.and_then(|index| files.get_mut(index)) {
            pair.copy(slice).map_err(|error| (pair.path.clone(), error))?;
        }
    }
    Ok(())
}

/// A file and its copy with holes.
struct Pair {
    original: File,
    copy: File,
    path: PathBuf,
}

impl Pair {
    fn open(from: &Path, to: &Path, length: u64) -> Result<Self, Denied> {
        let denied = |path: &Path| {
            let path = path.to_owned();
            move |error| (path, error)
        };
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(denied(folder))?;
        }
        let original = File::open(from).map_err(denied(from))?;
        let copy = OpenOptions::new().write(true).create(true).truncate(true).open(to);
        let copy = copy.map_err(denied(to))?;
        copy.set_len(length).map_err(denied(to))?;
        Ok(Self { original, copy, path: to.to_owned() })
    }

    fn copy(&mut self, slice: FileSlice) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.original.seek(SeekFrom::Start(slice.offset_in_file))?;
        Read::by_ref(&mut self.original).take(slice.len).read_to_end(&mut bytes)?;
        self.copy.seek(SeekFrom::Start(slice.offset_in_file))?;
        self.copy.write_all(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTIAL_SEEDS, holds};

    #[test]
    fn every_piece_lies_with_a_seed_and_no_seed_has_them_all() {
        let holders = |piece| (1..=PARTIAL_SEEDS).filter(|&seed| holds(seed, piece)).count();
        assert!((0..100).all(|piece| (1..=2).contains(&holders(piece))));
        for seed in 1..=PARTIAL_SEEDS {
            let held = (0..100).filter(|&piece| holds(seed, piece)).count();
            assert!((30..60).contains(&held), "seed {seed} holds {held}");
        }
    }
}
