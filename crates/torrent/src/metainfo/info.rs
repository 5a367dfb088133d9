//! The info dictionary: what the infohash vouches for, validated once.

use std::{collections::BTreeMap, ops::Range};

use bytes::Bytes;

use super::{BadMetainfo, entry, layout::Layout, limits, v1, v2, version::Version};
use crate::{
    Geometry, InfoHashes, Sha1Hash, Sha256Hash,
    bencode::{BadBencode, Document, Flaw, Kind, Mode, Value},
    hash,
    paths::{self, Os},
};

/// The info dictionary, which only its one constructor makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    raw: Bytes,
    version: Version,
    hashes: InfoHashes,
    name: String,
    files: Vec<File>,
    /// The names in the torrent, where they are not those of `files`.
    original: BTreeMap<usize, Vec<String>>,
    /// Paths that must be other ones on some systems.
    renamed: BTreeMap<(Os, usize), Vec<String>>,
    links: usize,
    single: bool,
    geometry: Geometry,
    private: bool,
    piece_hashes: Vec<Sha1Hash>,
}

/// A file of a torrent. Padding is not a file, and links (BEP 47) are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Safe path below the download folder on Linux (see [`Info::file_path`] for other systems): the name of
    /// the torrent and what lies in it, or one name for a torrent of a single file.
    pub path: Vec<String>,
    /// Its length in bytes.
    pub length: u64,
    /// Its place in the content.
    pub offset: u64,
    /// The root of its Merkle tree (v2, hybrid); `None` for empty files and v1.
    pub pieces_root: Option<Sha256Hash>,
}

/// A part of the content within one file or one stretch of padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSlice {
    /// The file's place in [`Info::files`]; `None` for padding, which is zeros and lies nowhere.
    pub file: Option<usize>,
    /// Where the part starts in the file; 0 for padding.
    pub offset_in_file: u64,
    /// Its length in bytes; never 0.
    pub len: u64,
}

impl Info {
    /// Validates an info dictionary: the whole of `raw` is what the infohash is made of.
    ///
    /// # Errors
    /// What is wrong with it, and what is allowed.
    pub fn parse(raw: Bytes) -> Result<Self, BadMetainfo> {
        if raw.len() > limits::INFO_LEN {
            return Err(BadMetainfo::InfoTooLong { found: raw.len() });
        }
        let document = Document::parse(&raw, Mode::Lenient, &limits::BENCODE)?;
        let dict = document.root();
        if dict.span().end != raw.len() {
            let (offset, flaw) = (dict.span().end, Flaw::Trailing);
            return Err(BadBencode { offset, flaw }.into());
        }
        expect_dictionary(&dict)?;
        // Who knows of versions knows the one form to write them in; old programs wrote as they liked.
        if dict.get(b"meta version").is_some() {
            Document::parse(&raw, Mode::Strict, &limits::BENCODE)
                .map_err(BadMetainfo::NotCanonical)?;
        }
        let draft = Draft::read(&dict)?;
        Ok(draft.finish(&raw))
    }

    /// The exact bytes whose hash is the infohash.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Its names.
    #[must_use]
    pub fn hashes(&self) -> InfoHashes {
        self.hashes
    }

    /// Which swarms it can join.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Its suggested name, made safe.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its files, in content order.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Whether it is one file without a folder around it.
    #[must_use]
    pub fn is_single_file(&self) -> bool {
        self.single
    }

    /// How many symbolic links were left out: they are never created.
    #[must_use]
    pub fn ignored_links(&self) -> usize {
        self.links
    }

    /// How its content is cut.
    #[must_use]
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Whether only its trackers may tell of peers (BEP 27).
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// The SHA-1 of each piece; empty for v2-only torrents.
    #[must_use]
    pub fn piece_hashes(&self) -> &[Sha1Hash] {
        &self.piece_hashes
    }

    /// The safe path of a file below the download folder on a system. Empty for a file that does not exist.
    #[must_use]
    pub fn file_path(&self, file: usize, os: Os) -> &[String] {
        let here = self.files.get(file).map(|file| file.path.as_slice()).unwrap_or_default();
        self.renamed.get(&(os, file)).map_or(here, Vec::as_slice)
    }

    /// The names in the torrent, not made safe: for URLs (BEP 19) and comparisons, never for a disk.
    #[must_use]
    pub fn original_path(&self, file: usize) -> &[String] {
        let same = self.files.get(file).map(|file| file.path.as_slice()).unwrap_or_default();
        self.original.get(&file).map_or(same, Vec::as_slice)
    }

    /// The file that holds a content offset, and the offset within it. `None` for padding and past the end.
    #[must_use]
    pub fn file_at(&self, content_offset: u64) -> Option<(usize, u64)> {
        let after = self.files.partition_point(|file| file.offset <= content_offset);
        let index = after.checked_sub(1)?;
        let file = self.files.get(index)?;
        let within = content_offset - file.offset;
        (within < file.length).then_some((index, within))
    }

    /// Cuts a content range at the ends of files and padding. What lies past the content's end is left out.
    #[must_use]
    pub fn slices(&self, range: Range<u64>) -> Vec<FileSlice> {
        let end = range.end.min(self.geometry.content_len());
        let mut at = range.start;
        let mut slices = Vec::new();
        while at < end {
            let slice = self.slice_at(at, end);
            at += slice.len;
            slices.push(slice);
        }
        slices
    }

    /// The longest slice that starts at `at` and ends by `end`; `at` lies before `end`, and `end` within the content.
    fn slice_at(&self, at: u64, end: u64) -> FileSlice {
        if let Some((index, within)) = self.file_at(at) {
            let left = self.files[index].length - within;
            return FileSlice {
                file: Some(index),
                offset_in_file: within,
                len: left.min(end - at),
            };
        }
        let after = self.files.partition_point(|file| file.offset <= at);
        let next = self.files.get(after).map_or(end, |file| file.offset);
        FileSlice { file: None, offset_in_file: 0, len: next.min(end) - at }
    }
}

/// What was read, before names are given.
struct Draft {
    version: Version,
    name: String,
    layout: Layout,
    piece_len: u32,
    private: bool,
    piece_hashes: Vec<Sha1Hash>,
}

impl Draft {
    fn read(info: &Value<'_>) -> Result<Self, BadMetainfo> {
        if let Some(key) = info.repeated_key() {
            return Err(BadMetainfo::RepeatedKey { key: entry::shown(&[entry::text(key)?]) });
        }
        let version = Version::of(info)?;
        let piece_len = piece_len(info, version)?;
        let name = name(info)?;
        let layout = match version {
            Version::V1 => Layout::listed(v1::entries(info)?)?,
            Version::V2 => Layout::aligned(v2::tree(info)?, piece_len)?,
            Version::Hybrid => {
                let tree = Layout::aligned(v2::tree(info)?, piece_len)?;
                Layout::listed(v1::entries(info)?)?.agreeing_with(tree, &name, piece_len)?
            }
        };
        let pieces = piece_count(&layout, piece_len)?;
        let piece_hashes = if version.has_v1() { v1::piece_hashes(info, pieces)? } else { vec![] };
        let private = info.get(b"private").and_then(|flag| flag.as_int());
        let private = private.is_some_and(|flag| flag != 0);
        Ok(Self { version, name, layout, piece_len, private, piece_hashes })
    }

    fn finish(self, raw: &Bytes) -> Info {
        let hashes = match self.version {
            Version::V1 => InfoHashes::V1(hash::sha1(raw)),
            Version::V2 => InfoHashes::V2(hash::sha256(raw)),
            Version::Hybrid => InfoHashes::Hybrid(hash::sha1(raw), hash::sha256(raw)),
        };
        let name = self.name;
        let Layout { files, pads, len, links, single } = self.layout;
        let strangers: Vec<Vec<String>> =
            files.iter().map(|(entry, _)| full_path(&name, &entry.path, single)).collect();
        let safe = paths::resolve(&strangers, Os::Linux);
        let renamed = renames(&strangers, &safe);
        let differs = strangers.into_iter().enumerate().filter(|(at, path)| safe[*at] != *path);
        let original = differs.collect();
        let files = files.into_iter().zip(safe).map(|((entry, offset), path)| File {
            path,
            length: entry.length,
            offset,
            pieces_root: entry.pieces_root,
        });
        Info {
            raw: raw.clone(),
            hashes,
            name: paths::name(&name, Os::Linux),
            files: files.collect(),
            original,
            renamed,
            links,
            single,
            version: self.version,
            geometry: Geometry::new(self.piece_len, len, pads, self.version.has_v1()),
            private: self.private,
            piece_hashes: self.piece_hashes,
        }
    }
}

fn expect_dictionary(info: &Value<'_>) -> Result<(), BadMetainfo> {
    if info.kind() == Kind::Dictionary {
        return Ok(());
    }
    let (found, expected) = (info.kind(), Kind::Dictionary);
    Err(BadMetainfo::WrongKind { key: "info", found, expected })
}

fn piece_len(info: &Value<'_>, version: Version) -> Result<u32, BadMetainfo> {
    let found = entry::required(info, "piece length", Kind::Integer)?.as_int().unwrap_or(i64::MAX);
    let allowed = if version.has_v2() {
        "a power of two from 16 KiB to 256 MiB is allowed"
    } else {
        "1 byte to 256 MiB is allowed"
    };
    u32::try_from(found)
        .ok()
        .filter(|len| (1..=limits::PIECE_LEN).contains(len))
        .filter(|len| !version.has_v2() || (len.is_power_of_two() && *len >= crate::BLOCK_LEN))
        .ok_or(BadMetainfo::PieceLength { found, allowed })
}

fn name(info: &Value<'_>) -> Result<String, BadMetainfo> {
    let utf8 = info.get(b"name.utf-8").and_then(|name| name.as_bytes());
    let name = match utf8 {
        Some(name) => name,
        None => entry::required(info, "name", Kind::Text)?.as_bytes().unwrap_or_default(),
    };
    if name.is_empty() { Err(BadMetainfo::Missing { key: "name" }) } else { entry::text(name) }
}

fn piece_count(layout: &Layout, piece_len: u32) -> Result<u32, BadMetainfo> {
    if layout.files.iter().all(|(entry, _)| entry.length == 0) {
        return Err(BadMetainfo::NoFiles);
    }
    let found = layout.len.div_ceil(u64::from(piece_len));
    u32::try_from(found)
        .ok()
        .filter(|count| *count <= limits::PIECES)
        .ok_or(BadMetainfo::TooManyPieces { found })
}

/// A file's path below the download folder: a v1 torrent's only file is called as the torrent is.
fn full_path(name: &str, path: &[String], single: bool) -> Vec<String> {
    let folder = (!single || path.is_empty()).then(|| name.to_owned());
    folder.into_iter().chain(path.iter().cloned()).collect()
}

/// The paths that are other ones on Windows or macOS.
fn renames(strangers: &[Vec<String>], linux: &[Vec<String>]) -> BTreeMap<(Os, usize), Vec<String>> {
    let mut renamed = BTreeMap::new();
    for os in [Os::Windows, Os::Mac] {
        for (file, path) in paths::resolve(strangers, os).into_iter().enumerate() {
            if linux.get(file) != Some(&path) {
                renamed.insert((os, file), path);
            }
        }
    }
    renamed
}
