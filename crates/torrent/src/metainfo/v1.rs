//! Reads the v1 part of an info dictionary: file list and piece hashes (BEP 3, BEP 47).

use super::{
    BadMetainfo,
    entry::{self, Entry, PathBudget, Role},
    limits,
};
use crate::{
    Sha1Hash,
    bencode::{Kind, ListIter, Value},
};

/// The files of a v1 torrent, in order, with paths below the folder of the torrent; a single file has
/// an empty path. A torrent with both `files` and `length` is read as a list of files.
pub(super) fn entries(info: &Value<'_>) -> Result<Vec<Entry>, BadMetainfo> {
    let Some(files) = entry::optional(info, "files", Kind::List)?.and_then(|f| f.as_list()) else {
        let role = entry::role(info);
        let length = entry::length(info, role)?;
        return Ok(vec![Entry { path: vec![], length, role, pieces_root: None }]);
    };
    let mut budget = PathBudget::default();
    let mut entries = Vec::new();
    for (index, file) in files.enumerate() {
        if index >= limits::FILES {
            return Err(BadMetainfo::TooManyFiles);
        }
        entries.push(entry(&file, index, &mut budget)?);
    }
    Ok(entries)
}

fn entry(file: &Value<'_>, index: usize, budget: &mut PathBudget) -> Result<Entry, BadMetainfo> {
    if file.kind() != Kind::Dictionary {
        let (found, expected) = (file.kind(), Kind::Dictionary);
        return Err(BadMetainfo::WrongKind { key: "files", found, expected });
    }
    let role = entry::role(file);
    let length = entry::length(file, role)?;
    // Padding lies nowhere, whatever it is called.
    let path = if role == Role::Padding { vec![] } else { path(file, index, budget)? };
    Ok(Entry { path, length, role, pieces_root: None })
}

fn path(
    file: &Value<'_>,
    index: usize,
    budget: &mut PathBudget,
) -> Result<Vec<String>, BadMetainfo> {
    let bad = BadMetainfo::FileName { index };
    let list = |key| file.get(key).and_then(|path: Value<'_>| path.as_list());
    let Some(names) = list(b"path.utf-8").or_else(|| list(b"path")) else { return Err(bad) };
    let (count, bytes) = measure(names.clone()).ok_or_else(|| bad.clone())?;
    budget.spend(count, bytes)?;
    let names = names.filter_map(|name| name.as_bytes());
    let path = names.map(entry::text).collect::<Result<Vec<_>, _>>()?;
    if path.is_empty() { Err(bad) } else { Ok(path) }
}

/// How many names a path has, and their bytes; `None` if something in it is not a text.
fn measure(mut names: ListIter<'_>) -> Option<(usize, usize)> {
    names.try_fold((0, 0), |(count, bytes), name| Some((count + 1, bytes + name.as_bytes()?.len())))
}

/// The hashes of the pieces, as many as the content has.
pub(super) fn piece_hashes(info: &Value<'_>, count: u32) -> Result<Vec<Sha1Hash>, BadMetainfo> {
    let pieces = entry::required(info, "pieces", Kind::Text)?.as_bytes().unwrap_or_default();
    let expected = u64::from(count) * 20;
    if pieces.len() as u64 != expected {
        return Err(BadMetainfo::PieceHashes { found: pieces.len(), expected });
    }
    Ok(pieces.as_chunks::<20>().0.iter().map(|hash| Sha1Hash(*hash)).collect())
}
