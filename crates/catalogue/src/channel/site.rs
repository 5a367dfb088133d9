//! A site: a folder of pages under one key, published and found as a channel is. Its signed document says which files
//! a version has, by path, length and hash; nothing else of its torrent is ever shown.

mod media;
mod path;
mod shows;
mod theme;

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use torrent::{
    Metainfo,
    create::{Builder, CannotCreate, Version},
    hash::sha256,
};

pub use self::{
    media::Media,
    path::PagePath,
    shows::SiteChannel,
    theme::{Palette, Theme, Typeface},
};
use super::{
    Contact, HEAD_NAME, Key, MANIFEST_FILE, ROOT_FILE,
    mirror::{MIRRORS_MAX, MirrorUrl},
    sealed::{self, BadSeal, ENVELOPE},
    words::{read_texts, texts},
};
use crate::{
    cbor::{BadShape, Fields, Limits, Value, map_of},
    text::{Multilingual, Text},
};

/// What is signed starts with this.
const WORD: &[u8] = b"kinora-site/1\0";
const FORMAT: u64 = 1;
/// The largest document, bytes, without its envelope.
const DOCUMENT_MAX: usize = 2 << 20;
/// The most files of a site.
pub const SITE_FILES_MAX: usize = 5_000;
/// Bytes of all files of a site, at most.
pub const SITE_MAX: u64 = 50 << 20;
/// The largest page (HTML), bytes: visitors take out what acts each time that it is shown.
pub const SITE_PAGE_MAX: u64 = 4 << 20;
/// The largest file of Markdown on a site that has nothing else, bytes: visitors draw it each time they show it.
pub const SITE_MARKDOWN_MAX: u64 = 512 << 10;
const CONTACTS_MAX: usize = 8;
const LIMITS: Limits = Limits { bytes: DOCUMENT_MAX, depth: 4, values: 64 << 10 };
/// The folder of the pages in the head torrent.
const PAGES: &str = "pages";
/// Pages are small: with small pieces few bytes come again when one changes.
const PIECE_LEN: u32 = 64 << 10;

/// What the pages of a site may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// Markdown and pictures: the visitor's program draws the pages in this theme.
    Text(Theme),
    /// Text, pictures, styles: no script.
    Static,
    /// Scripts of its own, if the viewer agrees.
    Script,
}

/// A version of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its version: 1 and up, one more at each publish.
    pub version: u64,
    /// When it was made, milliseconds since 1970.
    pub issued_ms: u64,
    /// When news should have come, milliseconds since 1970. Nothing ends then.
    pub expires_ms: u64,
    /// The SHA-256 of the document before it; zeros in the first.
    pub previous: [u8; 32],
    /// What it is called.
    pub name: Multilingual<300>,
    /// Who publishes it.
    pub publisher: Text<200>,
    /// Where rights questions go; never empty.
    pub contact: Vec<Contact>,
    /// What its pages may do.
    pub level: Level,
    /// All of its files.
    pub files: Files,
    /// Web servers that have a copy of it.
    pub mirrors: Vec<MirrorUrl>,
    /// The channel whose titles its scripts may read, if the publisher has one.
    pub channel: Option<SiteChannel>,
}

/// The files of a site, checked together: the first page is there, no two are one on any system, none is a folder of
/// another, and the limits are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// `index.html` or `index.md`.
    entry: &'static str,
    all: BTreeMap<PagePath, SiteFile>,
}

/// A file of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteFile {
    /// Bytes.
    pub length: u64,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// Why files are no site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFiles {
    /// Nothing to begin with.
    #[error("it has no {0} to begin with")]
    NoEntry(&'static str),
    /// Too many files.
    #[error("it has more than {SITE_FILES_MAX} files")]
    TooMany,
    /// Too many bytes.
    #[error("its files are larger than {} MiB together", SITE_MAX >> 20)]
    TooLarge,
    /// A page that is too long to be made harmless each time it is shown.
    #[error("its page {0} is larger than {max} MiB", max = SITE_PAGE_MAX >> 20)]
    LargePage(String),
    /// A text that is too long to be drawn each time it is shown.
    #[error("its text {0} is larger than {max} KiB", max = SITE_MARKDOWN_MAX >> 10)]
    LargeText(String),
    /// Something that acts, or styles, where nothing but texts and pictures may be.
    #[error("a site of Markdown has texts (.md) and pictures alone, and {0} is neither")]
    NoText(String),
    /// Two paths that some systems cannot tell apart, or a file with the name of a folder.
    #[error("some systems cannot keep {0} beside another file of it")]
    Clash(String),
}

/// Why bytes are no site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSite {
    /// Not a signed document.
    #[error(transparent)]
    Seal(#[from] BadSeal),
    /// A field is missing or wrong.
    #[error("the site's document is malformed: {0}")]
    Shape(#[from] BadShape),
    /// The files cannot be a site's.
    #[error("the site cannot be used: {0}")]
    Files(#[from] BadFiles),
    /// Nobody is named for rights questions.
    #[error("the site names no contact for rights questions")]
    NoContact,
    /// Versions begin at 1.
    #[error("the site has no version")]
    NoVersion,
}

impl Files {
    /// Takes files that can be a site whose pages may do so much.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn new(level: &Level, files: BTreeMap<PagePath, SiteFile>) -> Result<Self, BadFiles> {
        let entry = level.entry();
        let total = files.values().fold(0_u64, |sum, file| sum.saturating_add(file.length));
        match () {
            () if files.len() > SITE_FILES_MAX => return Err(BadFiles::TooMany),
            () if total > SITE_MAX => return Err(BadFiles::TooLarge),
            () if !files.keys().any(|path| **path == *entry) => {
                return Err(BadFiles::NoEntry(entry));
            }
            () => {}
        }
        for (path, file) in &files {
            level.check(path, file.length)?;
        }
        let mut seen = BTreeSet::new();
        let folders: BTreeSet<String> =
            files.keys().flat_map(PagePath::folders).map(str::to_ascii_lowercase).collect();
        for path in files.keys() {
            let folded = path.to_ascii_lowercase();
            if folders.contains(&folded) || !seen.insert(folded) {
                return Err(BadFiles::Clash((**path).to_owned()));
            }
        }
        Ok(Self { entry, all: files })
    }

    /// A file by its path.
    #[must_use]
    pub fn get(&self, path: &PagePath) -> Option<&SiteFile> {
        self.all.get(path)
    }

    /// All of them, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&PagePath, &SiteFile)> {
        self.all.iter()
    }

    /// The file that an address of the site means: `/` and `/folder/` are the first pages there.
    #[must_use]
    pub fn at(&self, address: &str) -> Option<(&PagePath, &SiteFile)> {
        let path = address.strip_prefix('/')?;
        let path = match path.is_empty() || path.ends_with('/') {
            true => format!("{path}{}", self.entry),
            false => path.to_owned(),
        };
        self.all.get_key_value(&PagePath::try_from(path).ok()?)
    }
}

impl Site {
    /// The largest file of a sealed document, bytes.
    pub const SEALED_MAX: usize = DOCUMENT_MAX + ENVELOPE;

    /// The file `m` of a site's head torrent.
    #[must_use]
    pub fn seal(&self, key: &SigningKey) -> Vec<u8> {
        let files = self.files.iter().map(|(path, file)| {
            let SiteFile { length, sha256 } = file;
            Value::Array(vec![Value::Text(path), Value::Unsigned(*length), Value::Bytes(sha256)])
        });
        let contact = self.contact.iter().map(|contact| Value::Text(contact));
        let mirrors: Vec<_> = self.mirrors.iter().map(|url| Value::Text(url)).collect();
        let document = map_of([
            (1, Some(Value::Unsigned(FORMAT))),
            (2, Some(Value::Unsigned(self.version))),
            (3, Some(Value::Unsigned(self.issued_ms))),
            (4, Some(Value::Unsigned(self.expires_ms))),
            (5, Some(Value::Bytes(&self.previous))),
            (6, texts(&self.name)),
            (7, Some(Value::Text(&self.publisher))),
            (8, Some(Value::Array(contact.collect()))),
            (9, Some(Value::Unsigned(self.level.number()))),
            (10, Some(Value::Array(files.collect()))),
            (11, self.level.theme().map(Theme::value)),
            (12, (!mirrors.is_empty()).then_some(Value::Array(mirrors))),
            (13, self.channel.as_ref().map(SiteChannel::value)),
        ]);
        sealed::seal(key, WORD, &document.to_bytes())
    }

    /// Opens a signed document, and says who signed it: whether that key may is for the caller to know.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(bytes: &[u8]) -> Result<(Key, Self), BadSite> {
        let (key, payload) = sealed::open(bytes, WORD, DOCUMENT_MAX)?;
        let value = Value::read(payload, LIMITS).map_err(BadShape::from)?;
        let mut fields = Fields::of(value)?;
        fields.required(1, |format| match format.unsigned()? {
            FORMAT => Ok(()),
            _ => Err("it was written by a later program; update Kinora"),
        })?;
        let level = match fields.required(9, Level::read)? {
            Some(level) => level,
            None => Level::Text(fields.required(11, Theme::read)?),
        };
        let listed = fields.required(10, files)?;
        let site = Self {
            version: fields.required(2, Value::unsigned)?,
            issued_ms: fields.required(3, Value::unsigned)?,
            expires_ms: fields.required(4, Value::unsigned)?,
            previous: fields.required(5, Value::array_of)?,
            name: fields.required(6, read_texts)?,
            publisher: fields.required(7, Value::checked)?,
            contact: fields.required(8, |list| list.each(CONTACTS_MAX, Value::checked))?,
            files: Files::new(&level, listed)?,
            level,
            mirrors: fields
                .optional(12, |urls| urls.each(MIRRORS_MAX, Value::checked))?
                .unwrap_or_default(),
            channel: fields.optional(13, SiteChannel::read)?,
        };
        match () {
            () if site.contact.is_empty() => Err(BadSite::NoContact),
            () if site.version == 0 => Err(BadSite::NoVersion),
            () => Ok((key, site)),
        }
    }
}

impl Level {
    fn number(&self) -> u64 {
        match self {
            Self::Text(_) => 0,
            Self::Static => 1,
            Self::Script => 2,
        }
    }

    /// The level; nothing for that of Markdown, whose theme is in a field of its own.
    fn read(value: Value<'_>) -> Result<Option<Self>, &'static str> {
        match value.unsigned()? {
            0 => Ok(None),
            1 => Ok(Some(Self::Static)),
            2 => Ok(Some(Self::Script)),
            _ => Err("this program does not know what these pages may do"),
        }
    }

    /// How pages of Markdown look.
    #[must_use]
    pub fn theme(&self) -> Option<&Theme> {
        match self {
            Self::Text(theme) => Some(theme),
            Self::Static | Self::Script => None,
        }
    }

    /// What such a site begins with.
    #[must_use]
    pub fn entry(&self) -> &'static str {
        if self.theme().is_some() { "index.md" } else { "index.html" }
    }

    /// Whether such a site may have a file.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, path: &PagePath, length: u64) -> Result<(), BadFiles> {
        let named = || (**path).to_owned();
        match (self, path.media()) {
            (Self::Text(_), Media::Markdown) if length > SITE_MARKDOWN_MAX => {
                Err(BadFiles::LargeText(named()))
            }
            (Self::Text(_), media) if !media.is_text_or_picture() => Err(BadFiles::NoText(named())),
            (_, Media::Html) if length > SITE_PAGE_MAX => Err(BadFiles::LargePage(named())),
            _ => Ok(()),
        }
    }
}

fn files(value: Value<'_>) -> Result<BTreeMap<PagePath, SiteFile>, String> {
    let file = |value: Value<'_>| {
        let [path, length, sha256] = value.tuple()?;
        let file = SiteFile { length: length.unsigned()?, sha256: sha256.array_of()? };
        Ok::<_, String>((path.checked::<PagePath>()?, file))
    };
    let listed = value.each(SITE_FILES_MAX, file)?;
    let count = listed.len();
    let files: BTreeMap<_, _> = listed.into_iter().collect();
    if files.len() == count { Ok(files) } else { Err("a path stands twice".to_owned()) }
}

impl SiteFile {
    /// What describes these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len() as u64, sha256: sha256(bytes).0 }
    }
}

/// Where a page lies in a site's head torrent, below its folder.
#[must_use]
pub fn page_place(path: &PagePath) -> Vec<String> {
    std::iter::once(PAGES).chain(path.split('/')).map(str::to_owned).collect()
}

/// The head torrent of a site: its document, its root document and its pages. The same files give the same torrent.
///
/// # Errors
/// They do not fit a torrent.
pub fn site_torrent(
    document: &[u8],
    root: &[u8],
    pages: &BTreeMap<PagePath, Vec<u8>>,
) -> Result<Metainfo, CannotCreate> {
    let own = [(vec![MANIFEST_FILE.to_owned()], document), (vec![ROOT_FILE.to_owned()], root)];
    let pages = pages.iter().map(|(path, bytes)| (page_place(path), &bytes[..]));
    let files: BTreeMap<Vec<String>, &[u8]> = own.into_iter().chain(pages).collect();
    let mut builder = Builder::folder(HEAD_NAME);
    builder.version = Version::Hybrid;
    builder.piece_len = Some(PIECE_LEN);
    for (path, bytes) in &files {
        builder.file(path.clone(), bytes.len() as u64);
    }
    let mut hashing = builder.start()?;
    while let Some((path, _)) = hashing.next_file() {
        let bytes = files.get(path).copied().unwrap_or_default();
        hashing.feed(bytes)?;
    }
    hashing.finish()
}

/// Whether a torrent can be the head torrent of a site: judged before any of its files is made.
///
/// # Errors
/// What is wrong with it.
pub fn check_site_torrent(metainfo: &Metainfo) -> Result<(), &'static str> {
    let info = &metainfo.info;
    let total = info.files().iter().fold(0_u64, |sum, file| sum.saturating_add(file.length));
    let documents = (Site::SEALED_MAX + super::ROOT_DOCUMENT_MAX + ENVELOPE) as u64;
    let is_ours = |path: &[String]| match path {
        [head, name] => head == HEAD_NAME && (name == MANIFEST_FILE || name == ROOT_FILE),
        [head, pages, rest @ ..] => {
            head == HEAD_NAME && pages == PAGES && PagePath::try_from(rest.join("/")).is_ok()
        }
        _ => false,
    };
    match () {
        () if info.name() != HEAD_NAME => Err("it has another name"),
        () if info.files().len() > SITE_FILES_MAX + 2 => Err("it has too many files"),
        () if total > SITE_MAX + documents => Err("it is too large"),
        () if !info.files().iter().all(|file| is_ours(&file.path)) => {
            Err("it has files that are no pages")
        }
        () => Ok(()),
    }
}
