//! Packs: files of many pictures, or of many subtitles, each found by its hash without reading the rest.
//!
//! | bytes | what |
//! |---|---|
//! | 32 | header |
//! | 40 each | index: a line for each thing, sorted by hash |
//! | | the things, in the order of the index, without a gap |

use torrent::{
    Metainfo,
    create::{Builder, CannotCreate, Hashing, Version},
};

use super::{manifest::FileRef, record::Detail};
use crate::title::{Art, SubtitlePlace};

mod plan;
mod search;

pub use self::{
    plan::PackPlan,
    search::{PackSearch, Step},
};

const MAGIC: [u8; 8] = *b"KINPCK1\0";
/// The bytes of a header.
pub const PACK_HEADER: usize = 32;
/// The bytes of a line of the index.
pub const PACK_LINE: usize = 40;
/// The largest pack, bytes.
pub const PACK_MAX: u64 = 256 << 20;
/// The most packs of one channel.
pub const PACKS_MAX: usize = 1024;
/// The largest picture or subtitle in a pack, bytes.
pub const THING_MAX: u32 = 2 << 20;

/// What is in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackKind {
    /// Posters, backdrops, stills.
    Pictures,
    /// Subtitles.
    Subtitles,
}

/// A pack of the channel, as its manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRef {
    /// What is in it.
    pub kind: PackKind,
    /// How many things are in it.
    pub things: u64,
    /// The first eight bytes of the lowest and the highest hash.
    pub span: ([u8; 8], [u8; 8]),
    /// The file.
    pub file: FileRef,
}

/// What a pack says of itself at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackHeader {
    /// What is in it.
    pub kind: PackKind,
    /// How many things are in it.
    pub things: u64,
    /// Bytes of the whole file.
    pub length: u64,
}

/// A thing's place in its pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thing {
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Where it starts.
    pub start: u64,
    /// Its bytes.
    pub length: u32,
}

/// Why bytes are no pack, or not the one that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPack {
    /// Not a pack of a known kind.
    #[error("it is not a pack, or one that a later program wrote")]
    Magic,
    /// It says of itself something else than the manifest.
    #[error("it is not the pack that the manifest describes")]
    Other,
    /// More things, or more bytes, than there may be.
    #[error("it says that it has more in it than there can be")]
    Size,
    /// A line of the index that cannot be.
    #[error("its index is not in order")]
    Index,
}

impl PackKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Pictures, Self::Subtitles];

    /// Its number in files.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Pictures => 1,
            Self::Subtitles => 2,
        }
    }

    pub(super) fn of(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| u64::from(kind.number()) == number)
    }
}

impl PackRef {
    /// Whether a thing with this hash can be in it.
    #[must_use]
    pub fn may_have(&self, sha256: &[u8; 32]) -> bool {
        let start = &sha256[..8];
        *start >= self.span.0[..] && *start <= self.span.1[..]
    }

    /// The header that the file must have.
    #[must_use]
    pub fn header(&self) -> PackHeader {
        PackHeader { kind: self.kind, things: self.things, length: self.file.length }
    }

    /// Whether it can be a pack at all.
    pub(super) fn is_possible(&self) -> bool {
        self.header().is_possible() && self.span.0 <= self.span.1
    }
}

impl PackHeader {
    /// As it stands in the file.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; PACK_HEADER] {
        let mut bytes = [0; PACK_HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8] = self.kind.number();
        bytes[16..24].copy_from_slice(&self.things.to_be_bytes());
        bytes[24..].copy_from_slice(&self.length.to_be_bytes());
        bytes
    }

    /// Reads the start of a file.
    ///
    /// # Errors
    /// It is no pack, or says of itself what cannot be.
    pub fn read(bytes: &[u8; PACK_HEADER]) -> Result<Self, BadPack> {
        let kind = PackKind::of(bytes[8].into()).ok_or(BadPack::Magic)?;
        let header = Self { kind, things: number(&bytes[16..24]), length: number(&bytes[24..]) };
        if header.to_bytes() != *bytes {
            return Err(BadPack::Magic);
        }
        if header.is_possible() { Ok(header) } else { Err(BadPack::Size) }
    }

    fn is_possible(&self) -> bool {
        // Each thing has a line and at least one byte.
        let lines = self.things.saturating_mul(PACK_LINE as u64 + 1);
        let least = lines.saturating_add(PACK_HEADER as u64);
        self.things > 0 && self.length <= PACK_MAX && least <= self.length
    }

    /// Where the index ends and the first thing starts.
    #[must_use]
    pub fn data_start(&self) -> u64 {
        PACK_HEADER as u64 + self.things * PACK_LINE as u64
    }

    /// Reads a line of the index.
    ///
    /// # Errors
    /// [`BadPack::Index`] for a thing that cannot be in this pack.
    pub fn thing(&self, line: &[u8; PACK_LINE]) -> Result<Thing, BadPack> {
        let short = |at: usize| u32::from_be_bytes(std::array::from_fn(|byte| line[at + byte]));
        let thing = Thing {
            sha256: std::array::from_fn(|at| line[at]),
            start: short(32).into(),
            length: short(36),
        };
        let fits = (1..=THING_MAX).contains(&thing.length)
            && thing.start >= self.data_start()
            && thing.end() <= self.length;
        if fits { Ok(thing) } else { Err(BadPack::Index) }
    }
}

impl Thing {
    /// Where it ends.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }

    fn line(&self) -> Option<[u8; PACK_LINE]> {
        let mut line = [0; PACK_LINE];
        line[..32].copy_from_slice(&self.sha256);
        line[32..36].copy_from_slice(&u32::try_from(self.start).ok()?.to_be_bytes());
        line[36..].copy_from_slice(&self.length.to_be_bytes());
        Some(line)
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The name of a pack's file in its torrent.
#[must_use]
pub fn pack_name(sha256: &[u8; 32]) -> String {
    let hex: String = sha256[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.pack")
}

/// The pictures and subtitles that a detail names by their hashes; none if it cannot be read.
#[must_use]
pub fn packed_things(detail: &[u8]) -> Vec<(PackKind, [u8; 32])> {
    let Ok(detail) = Detail::read(detail) else { return vec![] };
    let pictures = [detail.poster, detail.backdrop, detail.still].into_iter().flatten();
    let pictures = pictures.filter_map(|art| match art {
        Art::Sha256(hash) => Some((PackKind::Pictures, hash.0)),
        _ => None,
    });
    let subtitles = detail.subtitles.into_iter().filter_map(|(_, track)| match track.place {
        SubtitlePlace::Sha256(hash) => Some((PackKind::Subtitles, hash.0)),
        _ => None,
    });
    pictures.chain(subtitles).collect()
}

/// The torrent of a pack, always the same for the same bytes, ready to be fed with them. It is a v2 torrent: its
/// description stays small however large the pack is, and hashes come with the pieces.
///
/// # Errors
/// There is nothing in it.
pub fn pack_torrent(name: &str, length: u64) -> Result<Hashing, CannotCreate> {
    let mut builder = Builder::single_file(name, length);
    builder.version = Version::V2;
    builder.start()
}

/// Whether a torrent is of this one pack and nothing else.
#[must_use]
pub fn is_pack_torrent(metainfo: &Metainfo, name: &str, length: u64) -> bool {
    let info = &metainfo.info;
    info.name() == name && matches!(info.files(), [one] if one.length == length)
}
