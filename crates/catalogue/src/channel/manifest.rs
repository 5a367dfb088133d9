//! The manifest: what a version of a channel consists of, signed by an online key.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use torrent::{InfoHashes, Sha1Hash, Sha256Hash, hash::sha256};

use super::{
    Domain, Key,
    mirror::{MIRRORS_MAX, MirrorUrl},
    pack::{PACKS_MAX, PackKind, PackRef},
    sealed::{self, BadSeal, ENVELOPE},
    segment::{Family, SEGMENT_MAX},
    words::{read_texts, texts},
};
use crate::{
    cbor::{BadShape, Fields, Limits, Value, map_of},
    text::{BadText, Multilingual, Text},
};

/// What is signed starts with this.
const WORD: &[u8] = b"vod-manifest/1\0";
const FORMAT: u64 = 1;
/// The largest manifest, bytes, without its envelope.
pub const MANIFEST_MAX: usize = 256 << 10;
/// The most segments of one channel: a reader has a block of each unpacked at one time.
pub const SEGMENTS_MAX: usize = 1024;
/// The most titles and episodes of one channel: a reader remembers to which series each episode belongs.
pub const RECORDS_MAX: u64 = 4 << 20;
/// The most withdrawals of one channel: a reader has all of them in memory.
pub const WITHDRAWALS_MAX: u64 = 256 << 10;
/// The most things that one filter marks.
pub const MARKS_MAX: u64 = 1_000_000;
/// The most changes in all segments of one channel.
pub const CHANGES_MAX: u64 = 64 << 20;
/// Bytes of all segments together, at most.
const CONTENT_MAX: u64 = 8 << 30;
const LIMITS: Limits = Limits { bytes: MANIFEST_MAX, depth: 8, values: 64 << 10 };
const CONTACTS_MAX: usize = 8;

/// What is published under a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Titles to watch.
    #[default]
    Catalogue,
    /// Pages to read.
    Site,
    /// Things to leave out.
    Filter,
}

/// A version of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What is published.
    pub kind: Kind,
    /// Its version: 1 and up, one more at each publish.
    pub version: u64,
    /// When it was made, milliseconds since 1970.
    pub issued_ms: u64,
    /// When news should have come, milliseconds since 1970. Nothing ends then.
    pub expires_ms: u64,
    /// The SHA-256 of the manifest before it; zeros in the first.
    pub previous: [u8; 32],
    /// What it is called.
    pub name: Multilingual<300>,
    /// What it is about, plain text.
    pub about: Multilingual<4000, true>,
    /// Who publishes it.
    pub publisher: Text<200>,
    /// Where rights questions go; a catalogue or filter must have one.
    pub contact: Vec<Contact>,
    /// The licence of the catalogue's own texts, by its SPDX identifier.
    pub metadata_licence: Text<64>,
    /// What each family holds in the end.
    pub tallies: Vec<Tally>,
    /// The files that all this is in.
    pub segments: Vec<SegmentRef>,
    /// The first screen, in a file of the head torrent.
    pub shelves: Option<FileRef>,
    /// The channels that its publisher vouches for, in a file of the head torrent.
    pub directory: Option<FileRef>,
    /// Where its pictures and subtitles are.
    pub packs: Vec<PackRef>,
    /// Web servers that have its torrents.
    pub mirrors: Vec<MirrorUrl>,
    /// The domain that is said to vouch for it. Whether it does is for whoever asks it to know.
    pub domain: Option<Domain>,
}

/// What a family holds when all changes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Which family.
    pub family: Family,
    /// How many records are there.
    pub records: u64,
    /// [`super::commitment`] over them.
    pub commitment: [u8; 32],
}

/// A file, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRef {
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Bytes.
    pub length: u64,
    /// Where it is.
    pub place: Where,
}

/// A segment of the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRef {
    /// What its records are.
    pub family: Family,
    /// How many times they were merged.
    pub level: u8,
    /// How many changes it has.
    pub records: u64,
    /// The lowest and the highest version of a manifest in it.
    pub versions: (u64, u64),
    /// The file.
    pub file: FileRef,
}

/// Where a file of a channel is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Where {
    /// In the head torrent, under this name.
    Head(FileName),
    /// A torrent of its own, of this one file.
    Torrent(InfoHashes),
}

/// The name of a file in a head torrent: 1 to 40 of `a–z 0–9 . -`, not starting with a dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName(String);

/// Where a publisher is reached: `mailto:` or `https:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact(String);

/// Why bytes are no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    /// Not a signed document.
    #[error(transparent)]
    Seal(#[from] BadSeal),
    /// A field is missing or wrong.
    #[error("the manifest is malformed: {0}")]
    Shape(#[from] BadShape),
    /// A site: nothing that is followed.
    #[error("it is neither a catalogue of titles nor a filter, and cannot be followed")]
    NotFollowed,
    /// A filter with titles, or a catalogue with marks.
    #[error("the manifest has parts that a channel of its kind does not have")]
    OtherParts,
    /// A catalogue or filter that does not say where rights questions go.
    #[error("the manifest names no contact for rights questions")]
    NoContact,
    /// More records, withdrawals or changes than a reader has room for.
    #[error("the manifest promises more titles, withdrawals or marks than a channel may have")]
    TooMany,
    /// Segments that cannot all be what the manifest says.
    #[error("the manifest's list of segments contradicts itself")]
    Segments,
    /// A first screen that is large, or must be looked for elsewhere.
    #[error("the manifest's shelves are larger than they may be, or not in the head torrent")]
    Shelves,
    /// A list of channels that is large, or must be looked for elsewhere.
    #[error("the manifest's list of channels is larger than it may be, or not in the head torrent")]
    Directory,
    /// Packs that cannot be what the manifest says.
    #[error("the manifest's list of packs contradicts itself")]
    Packs,
}

impl TryFrom<String> for FileName {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        let fits = (1..=40).contains(&raw.len()) && raw.bytes().all(allowed);
        if fits && !raw.starts_with('.') && !raw.ends_with('.') {
            return Ok(Self(raw));
        }
        Err(BadText::Form(
            "a file here has a name of 1 to 40 small letters, digits, dots or dashes",
        ))
    }
}

impl TryFrom<String> for Contact {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let address = raw.strip_prefix("mailto:").or_else(|| raw.strip_prefix("https://"));
        let printable = raw.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"\\".contains(&b));
        if raw.len() <= 300 && printable && address.is_some_and(|address| !address.is_empty()) {
            return Ok(Self(raw));
        }
        Err(BadText::Form(
            "a contact starts with mailto: or https:// and has at most 300 characters",
        ))
    }
}

impl std::ops::Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Contact {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Manifest {
    /// The file `m` of a head torrent: the signed manifest.
    #[must_use]
    pub fn seal(&self, key: &SigningKey) -> Vec<u8> {
        sealed::seal(key, WORD, &self.payload())
    }

    fn payload(&self) -> Vec<u8> {
        let list = |values: Vec<_>| (!values.is_empty()).then_some(Value::Array(values));
        map_of([
            (1, Some(Value::Unsigned(FORMAT))),
            (2, Some(Value::Unsigned(self.kind.number()))),
            (3, Some(Value::Unsigned(self.version))),
            (4, Some(Value::Unsigned(self.issued_ms))),
            (5, Some(Value::Unsigned(self.expires_ms))),
            (6, Some(Value::Bytes(&self.previous))),
            (7, texts(&self.name)),
            (8, texts(&self.about)),
            (9, Some(Value::Text(&self.metadata_licence))),
            (10, Some(Value::Array(self.tallies.iter().map(Tally::value).collect()))),
            (13, Some(Value::Array(self.segments.iter().map(SegmentRef::value).collect()))),
            (14, self.shelves.as_ref().map(FileRef::value)),
            (15, self.directory.as_ref().map(FileRef::value)),
            (16, list(self.packs.iter().map(PackRef::value).collect())),
            (17, list(self.mirrors.iter().map(|url| Value::Text(url)).collect())),
            (18, list(self.contact.iter().map(|contact| Value::Text(contact)).collect())),
            (19, Some(Value::Text(&self.publisher))),
            (20, self.domain.as_deref().map(Value::Text)),
        ])
        .to_bytes()
    }

    /// Opens a signed manifest of a catalogue or filter, and says who signed it: whether that key may is for the caller to know.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(bytes: &[u8]) -> Result<(Key, Self), BadManifest> {
        let (key, payload) = sealed::open(bytes, WORD, MANIFEST_MAX)?;
        let value = Value::read(payload, LIMITS).map_err(BadShape::from)?;
        let manifest = Self::of(Fields::of(value)?)?;
        manifest.check_kind()?;
        if manifest.contact.is_empty() {
            return Err(BadManifest::NoContact);
        }
        manifest.check_segments()?;
        manifest.check_counts()?;
        if manifest.shelves.as_ref().is_some_and(|file| !file.may_be_shelves()) {
            return Err(BadManifest::Shelves);
        }
        if manifest.directory.as_ref().is_some_and(|file| !file.may_be_directory()) {
            return Err(BadManifest::Directory);
        }
        manifest.check_packs()?;
        Ok((key, manifest))
    }

    /// The largest file of a sealed manifest, bytes.
    pub const SEALED_MAX: usize = MANIFEST_MAX + ENVELOPE;

    fn of(mut fields: Fields<'_>) -> Result<Self, BadShape> {
        fields.required(1, |format| match format.unsigned()? {
            FORMAT => Ok(()),
            _ => Err("it was written by a later program; update Kinora"),
        })?;
        Ok(Self {
            kind: fields.required(2, |kind| Kind::of(kind.unsigned()?))?,
            version: fields.required(3, Value::unsigned)?,
            issued_ms: fields.required(4, Value::unsigned)?,
            expires_ms: fields.required(5, Value::unsigned)?,
            previous: fields.required(6, Value::array_of)?,
            name: fields.required(7, read_texts)?,
            about: fields.optional(8, read_texts)?.unwrap_or_default(),
            metadata_licence: fields.required(9, Value::checked)?,
            tallies: fields.required(10, tallies)?,
            segments: fields.required(13, segments)?,
            shelves: fields.optional(14, FileRef::of)?,
            directory: fields.optional(15, FileRef::of)?,
            packs: fields.optional(16, packs)?.unwrap_or_default(),
            mirrors: fields
                .optional(17, |urls| urls.each(MIRRORS_MAX, Value::checked))?
                .unwrap_or_default(),
            contact: fields
                .optional(18, |list| list.each(CONTACTS_MAX, Value::checked))?
                .unwrap_or_default(),
            publisher: fields.required(19, Value::checked)?,
            domain: fields.optional(20, Value::checked)?,
        })
    }

    /// What belongs to channels of one kind is in none of another.
    fn check_kind(&self) -> Result<(), BadManifest> {
        if self.kind == Kind::Site {
            return Err(BadManifest::NotFollowed);
        }
        let families = self.tallies.iter().map(|tally| tally.family);
        let mut families = families.chain(self.segments.iter().map(|segment| segment.family));
        let is_bare = self.shelves.is_none() && self.packs.is_empty();
        let holds = families.all(|family| self.kind.families().contains(&family))
            && (self.kind == Kind::Catalogue || is_bare);
        if holds { Ok(()) } else { Err(BadManifest::OtherParts) }
    }

    fn check_segments(&self) -> Result<(), BadManifest> {
        let content: u64 = self.segments.iter().map(|segment| segment.file.length).sum();
        let in_time = |segment: &SegmentRef| {
            segment.versions.0 <= segment.versions.1 && segment.versions.1 <= self.version
        };
        let places: BTreeSet<_> = self.files().map(|file| &file.place).collect();
        let families: BTreeSet<_> = self.tallies.iter().map(|tally| tally.family).collect();
        let holds = content <= CONTENT_MAX
            && self.segments.iter().all(in_time)
            && places.len() == self.files().count()
            && families.len() == self.tallies.len()
            && self.version > 0;
        if holds { Ok(()) } else { Err(BadManifest::Segments) }
    }

    /// Whether a reader has room for all of it.
    ///
    /// # Errors
    /// [`BadManifest::TooMany`].
    pub(super) fn check_counts(&self) -> Result<(), BadManifest> {
        let changes = self.segments.iter().map(|one| one.records);
        let most = |family| match family {
            Family::Withdrawals => WITHDRAWALS_MAX,
            Family::Marks => MARKS_MAX,
            _ => RECORDS_MAX,
        };
        let holds = changes.fold(0, u64::saturating_add) <= CHANGES_MAX
            && self.tallies.iter().all(|tally| tally.records <= most(tally.family));
        if holds { Ok(()) } else { Err(BadManifest::TooMany) }
    }

    /// Packs have torrents of their own: heads come and go, and are fetched as a whole.
    fn check_packs(&self) -> Result<(), BadManifest> {
        let torrents: BTreeSet<_> = self.packs.iter().map(|pack| &pack.file.place).collect();
        let is_apart = |pack: &PackRef| {
            matches!(pack.file.place, Where::Torrent(_))
                && self.segments.iter().all(|segment| segment.file.place != pack.file.place)
        };
        let holds = self.packs.iter().all(|pack| pack.is_possible() && is_apart(pack))
            && torrents.len() == self.packs.len();
        if holds { Ok(()) } else { Err(BadManifest::Packs) }
    }

    /// Every file that it names, but for packs.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        self.segments
            .iter()
            .map(|segment| &segment.file)
            .chain(&self.shelves)
            .chain(&self.directory)
    }

    /// What a family holds; nothing if the manifest does not name it.
    #[must_use]
    pub fn tally(&self, family: Family) -> Option<&Tally> {
        self.tallies.iter().find(|tally| tally.family == family)
    }
}

/// The SHA-256 of a sealed manifest: that is what a head item names.
#[must_use]
pub fn manifest_hash(sealed: &[u8]) -> [u8; 32] {
    sha256(sealed).0
}

impl Kind {
    /// The families of its segments, in order.
    #[must_use]
    pub fn families(self) -> &'static [Family] {
        match self {
            Self::Catalogue => &Family::OF_A_CATALOGUE,
            Self::Filter => &Family::OF_A_FILTER,
            Self::Site => &[],
        }
    }

    /// The family of what it is made for.
    #[must_use]
    pub fn main_family(self) -> Family {
        if self == Self::Filter { Family::Marks } else { Family::Titles }
    }

    fn number(self) -> u64 {
        match self {
            Self::Catalogue => 1,
            Self::Site => 2,
            Self::Filter => 3,
        }
    }

    fn of(number: u64) -> Result<Self, &'static str> {
        match number {
            1 => Ok(Self::Catalogue),
            2 => Ok(Self::Site),
            3 => Ok(Self::Filter),
            _ => Err("this kind of channel is not known to this program"),
        }
    }
}

/// Families that are not known here are left for later programs.
fn known_family<'a, const N: usize>(
    value: Value<'a>,
) -> Result<Option<(Family, [Value<'a>; N])>, &'static str> {
    let parts = value.tuple::<N>()?;
    let Some(Value::Unsigned(number)) = parts.first() else { return Err("a family is a number") };
    Ok(Family::of(*number).map(|family| (family, parts)))
}

fn tallies(value: Value<'_>) -> Result<Vec<Tally>, String> {
    Ok(value.each(16, Tally::of)?.into_iter().flatten().collect())
}

fn segments(value: Value<'_>) -> Result<Vec<SegmentRef>, String> {
    Ok(value.each(SEGMENTS_MAX, SegmentRef::of)?.into_iter().flatten().collect())
}

/// Kinds that are not known here are left for later programs.
fn packs(value: Value<'_>) -> Result<Vec<PackRef>, String> {
    Ok(value.each(PACKS_MAX, PackRef::of)?.into_iter().flatten().collect())
}

impl PackRef {
    fn value(&self) -> Value<'_> {
        Value::Array(vec![
            Value::Unsigned(self.kind.number().into()),
            Value::Unsigned(self.things),
            Value::Bytes(&self.span.0),
            Value::Bytes(&self.span.1),
            self.file.value(),
        ])
    }

    fn of(value: Value<'_>) -> Result<Option<Self>, String> {
        let [kind, things, first, last, file] = value.tuple()?;
        let Some(kind) = PackKind::of(kind.unsigned()?) else { return Ok(None) };
        let span = (first.array_of()?, last.array_of()?);
        let (things, file) = (things.unsigned()?, FileRef::of(file)?);
        Ok(Some(Self { kind, things, span, file }))
    }
}

impl Tally {
    fn value(&self) -> Value<'_> {
        Value::Array(vec![
            Value::Unsigned(self.family.number().into()),
            Value::Unsigned(self.records),
            Value::Bytes(&self.commitment),
        ])
    }

    fn of(value: Value<'_>) -> Result<Option<Self>, &'static str> {
        let Some((family, [_, records, commitment])) = known_family(value)? else {
            return Ok(None);
        };
        let (records, commitment) = (records.unsigned()?, commitment.array_of()?);
        Ok(Some(Self { family, records, commitment }))
    }
}

impl SegmentRef {
    fn value(&self) -> Value<'_> {
        Value::Array(vec![
            Value::Unsigned(self.family.number().into()),
            Value::Unsigned(self.level.into()),
            Value::Unsigned(self.records),
            Value::Unsigned(self.versions.0),
            Value::Unsigned(self.versions.1),
            self.file.value(),
        ])
    }

    fn of(value: Value<'_>) -> Result<Option<Self>, String> {
        let Some((family, [_, level, records, low, high, file])) = known_family(value)? else {
            return Ok(None);
        };
        let file = FileRef::of(file)?;
        if file.length > SEGMENT_MAX as u64 {
            return Err("a segment is larger than it may be".to_owned());
        }
        let versions = (low.unsigned()?, high.unsigned()?);
        let (level, records) = (level.number()?, records.unsigned()?);
        Ok(Some(Self { family, level, records, versions, file }))
    }
}

impl FileRef {
    fn value(&self) -> Value<'_> {
        Value::Array(vec![
            Value::Bytes(&self.sha256),
            Value::Unsigned(self.length),
            self.place.value(),
        ])
    }

    fn of(value: Value<'_>) -> Result<Self, String> {
        let [sha256, length, place] = value.tuple()?;
        let place = Where::of(place)?;
        Ok(Self { sha256: sha256.array_of()?, length: length.unsigned()?, place })
    }

    /// Whether these bytes are the file.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.length && sha256(bytes).0 == self.sha256
    }
}

impl Where {
    /// A name, a v1 or v2 infohash, or both of a hybrid torrent.
    fn value(&self) -> Value<'_> {
        match self {
            Self::Head(name) => Value::Text(name),
            Self::Torrent(InfoHashes::V1(v1)) => Value::Bytes(&v1.0),
            Self::Torrent(InfoHashes::V2(v2)) => Value::Bytes(&v2.0),
            Self::Torrent(InfoHashes::Hybrid(v1, v2)) => {
                Value::Array(vec![Value::Bytes(&v1.0), Value::Bytes(&v2.0)])
            }
        }
    }

    fn of(value: Value<'_>) -> Result<Self, String> {
        let hashes = match value {
            Value::Text(_) => return value.checked().map(Self::Head),
            Value::Bytes(bytes) if bytes.len() == 20 => InfoHashes::V1(Sha1Hash(value.array_of()?)),
            Value::Bytes(_) => InfoHashes::V2(Sha256Hash(value.array_of()?)),
            both => {
                let [v1, v2] = both.tuple()?;
                InfoHashes::Hybrid(Sha1Hash(v1.array_of()?), Sha256Hash(v2.array_of()?))
            }
        };
        Ok(Self::Torrent(hashes))
    }
}
