//! A bundle: one version of a channel in one file, signed items and all, for whoever has no network yet.
//!
//! It says nothing that followers are not told anyway, and is checked as what they are told is.

use std::collections::BTreeMap;

use dht::MutableItem;
use torrent::create::CannotCreate;

use super::{
    BadChannel, BadGossip, BadManifest, FileName, Gossip, Key, MANIFEST_FILE, Manifest, Refused,
    Standing, Supplied, Where, assemble, head_torrent, manifest_hash,
};
use crate::{
    catalogue::Catalogue,
    cbor::{BadCbor, Limits, Value},
};

/// The largest bundle, bytes: channels of this size are looked for in the network, not carried around.
pub const BUNDLE_MAX: usize = 16 << 20;
const NAME: &str = "kinora-bundle/1";
/// The most files of a head torrent in a bundle.
const FILES_MAX: usize = 256;
const LIMITS: Limits = Limits { bytes: BUNDLE_MAX, depth: 3, values: 2 * FILES_MAX + 16 };

/// A version of a channel that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// What was accepted: the root and the head.
    pub standing: Standing,
    /// Who signed the head, and what it says.
    pub manifest: Manifest,
    /// The files of the head torrent, by their names.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Why bytes are no bundle, or why a channel cannot be in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// Not well written.
    #[error("it is not well written: {0}")]
    Cbor(#[from] BadCbor),
    /// Not of a bundle's shape.
    #[error("it is no bundle of a channel")]
    Form,
    /// An item in it cannot be read, or its signature does not fit.
    #[error("a signed item in it cannot be used")]
    Item,
    /// An item in it is not accepted.
    #[error("an item in it is refused: {0}")]
    Refused(#[from] Refused),
    /// Its files are not those that the head names.
    #[error("its files are not those that were signed")]
    OtherFiles,
    /// Its manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] BadManifest),
    /// Its segments are not what the manifest says.
    #[error(transparent)]
    Channel(#[from] BadChannel),
    /// A file has no place in a head torrent.
    #[error("a file in it has a name that no file can have")]
    Torrent(#[from] CannotCreate),
    /// Some of it lies in torrents of its own, or it is larger than a bundle.
    #[error("the channel is too large for a bundle: it is found through the network")]
    TooLarge,
}

impl From<BadGossip> for BadBundle {
    fn from(_: BadGossip) -> Self {
        Self::Item
    }
}

impl Bundle {
    /// The file. The same version always gives the same bytes.
    ///
    /// # Errors
    /// It has no version yet, or is too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BadBundle> {
        let is_inside = |place: &Where| matches!(place, Where::Head(_));
        if !self.manifest.files().all(|file| is_inside(&file.place)) {
            return Err(BadBundle::TooLarge);
        }
        let item = |item: Option<&MutableItem>| {
            item.map(|item| Gossip::Item(item.into()).to_bytes()).ok_or(BadBundle::Form)
        };
        let (root, head) = (item(self.standing.root_item())?, item(self.standing.head_item())?);
        let files = self.files.iter();
        let files = files.map(|(name, bytes)| (Value::Text(name), Value::Bytes(bytes))).collect();
        let parts =
            [Value::Text(NAME), Value::Bytes(&root), Value::Bytes(&head), Value::Map(files)];
        let bytes = Value::Array(parts.into()).to_bytes();
        let fits = bytes.len() <= BUNDLE_MAX && self.files.len() <= FILES_MAX;
        if fits { Ok(bytes) } else { Err(BadBundle::TooLarge) }
    }

    /// Reads a bundle and checks all of it, as if it had come from the network. `now_ms` is milliseconds since 1970.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8], now_ms: u64) -> Result<Self, BadBundle> {
        let form = |_| BadBundle::Form;
        let [name, root, head, files] = Value::read(bytes, LIMITS)?.tuple().map_err(form)?;
        if name.text().map_err(form)? != NAME {
            return Err(BadBundle::Form);
        }
        let (root, head) = (item(root)?, item(head)?);
        let mut standing = Standing::new(Key(*root.key()));
        standing.offer_root(&root, now_ms)?;
        standing.offer_head(&head, now_ms)?;
        let files = files.entries(FILES_MAX).map_err(form)?.into_iter().map(|(name, bytes)| {
            let name: FileName = name.checked().map_err(|_| BadBundle::Form)?;
            Ok(((*name).to_owned(), bytes.bytes().map_err(form)?.to_vec()))
        });
        let files = files.collect::<Result<_, BadBundle>>()?;
        let manifest = manifest_of(&standing, &head, &files)?;
        let bundle = Self { standing, manifest, files };
        bundle.catalogue()?;
        Ok(bundle)
    }

    /// Its titles.
    ///
    /// # Errors
    /// Its files are not what the manifest says.
    pub fn catalogue(&self) -> Result<Catalogue, BadBundle> {
        let supplied = self.manifest.segments.iter().map(|described| {
            let Where::Head(name) = &described.file.place else { return Err(BadBundle::TooLarge) };
            let bytes = self.files.get(&**name).ok_or(BadBundle::OtherFiles)?;
            Ok(Supplied { described, bytes })
        });
        let supplied = supplied.collect::<Result<Vec<_>, _>>()?;
        Ok(assemble(self.standing.key(), &self.manifest, &supplied)?)
    }
}

fn item(value: Value<'_>) -> Result<MutableItem, BadBundle> {
    let bytes = value.bytes().map_err(|_| BadBundle::Form)?;
    match Gossip::read(bytes)? {
        Some(Gossip::Item(offered)) => offered.verify().map_err(|_| BadBundle::Item),
        _ => Err(BadBundle::Item),
    }
}

/// The manifest, if it and all other files are those that the head names.
fn manifest_of(
    standing: &Standing,
    item: &MutableItem,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Manifest, BadBundle> {
    let head = standing.head().ok_or(BadBundle::Form)?;
    let sealed = files.get(MANIFEST_FILE).ok_or(BadBundle::OtherFiles)?;
    let is_named = manifest_hash(sealed) == head.manifest;
    if !is_named || head_torrent(files)?.info.hashes() != head.torrent {
        return Err(BadBundle::OtherFiles);
    }
    let (signer, manifest) = Manifest::open(sealed)?;
    let holds = signer.0 == *item.key() && manifest.version == head.version;
    if holds { Ok(manifest) } else { Err(BadBundle::OtherFiles) }
}
