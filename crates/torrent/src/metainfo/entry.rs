//! A file as the info dictionary states it, before it is laid out.

use super::{BadMetainfo, limits};
use crate::{
    Sha256Hash,
    bencode::{Kind, Value},
    paths,
};

/// One entry of a v1 file list or a v2 file tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// A stranger's names.
    pub(super) path: Vec<String>,
    pub(super) length: u64,
    pub(super) role: Role,
    pub(super) pieces_root: Option<Sha256Hash>,
}

/// What an entry is for (BEP 47).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    File,
    Padding,
    /// Takes no content and is never created.
    Link,
}

/// The role that `attr` gives an entry. Executable and hidden files are ordinary ones here.
pub(super) fn role(entry: &Value<'_>) -> Role {
    let attributes = entry.get(b"attr").and_then(|attr| attr.as_bytes()).unwrap_or_default();
    if attributes.contains(&b'l') {
        Role::Link
    } else if attributes.contains(&b'p') {
        Role::Padding
    } else {
        Role::File
    }
}

/// The `length` of an entry; a link has none.
pub(super) fn length(entry: &Value<'_>, role: Role) -> Result<u64, BadMetainfo> {
    if role == Role::Link {
        return Ok(0);
    }
    let length = required(entry, "length", Kind::Integer)?;
    let bad = || BadMetainfo::ContentLength { found: shown_integer(&length) };
    let bytes = length.as_int().and_then(|length| u64::try_from(length).ok()).ok_or_else(bad)?;
    if bytes > limits::CONTENT_LEN { Err(bad()) } else { Ok(bytes) }
}

/// A value that must be there and be of this kind.
pub(super) fn required<'d>(
    dict: &Value<'d>,
    key: &'static str,
    expected: Kind,
) -> Result<Value<'d>, BadMetainfo> {
    optional(dict, key, expected)?.ok_or(BadMetainfo::Missing { key })
}

/// A value that must be of this kind if it is there.
pub(super) fn optional<'d>(
    dict: &Value<'d>,
    key: &'static str,
    expected: Kind,
) -> Result<Option<Value<'d>>, BadMetainfo> {
    match dict.get(key.as_bytes()) {
        Some(value) if value.kind() != expected => {
            Err(BadMetainfo::WrongKind { key, found: value.kind(), expected })
        }
        value => Ok(value),
    }
}

/// A stranger's name as text, if it is not too long; bytes that are not UTF-8 are replaced.
pub(super) fn text(bytes: &[u8]) -> Result<String, BadMetainfo> {
    if bytes.len() > limits::NAME_LEN {
        return Err(BadMetainfo::NameTooLong { found: bytes.len() });
    }
    Ok(String::from_utf8_lossy(bytes).replace('\u{fffd}', "_"))
}

/// A path as it may be shown to people: made safe, and no longer than a line or two.
pub(super) fn shown(path: &[String]) -> String {
    let safe: Vec<String> = path.iter().map(|name| paths::name(name, paths::Os::Linux)).collect();
    safe.join("/").chars().take(200).collect()
}

/// A number as it may be shown, even if it has ten thousand digits.
fn shown_integer(value: &Value<'_>) -> String {
    let raw = value.raw();
    let digits = raw.get(1..raw.len() - 1).unwrap_or_default();
    String::from_utf8_lossy(&digits[..digits.len().min(24)]).into_owned()
}

/// How much memory the paths of a torrent may take.
#[derive(Default)]
pub(super) struct PathBudget {
    used: usize,
}

impl PathBudget {
    /// Counts a path of this many names and bytes, before it is made.
    pub(super) fn spend(&mut self, names: usize, bytes: usize) -> Result<(), BadMetainfo> {
        if names > limits::PATH_DEPTH {
            return Err(BadMetainfo::PathTooDeep);
        }
        self.used = self.used.saturating_add(names * size_of::<String>() + bytes);
        if self.used > limits::PATHS_LEN { Err(BadMetainfo::PathsTooLong) } else { Ok(()) }
    }
}
