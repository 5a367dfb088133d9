//! Publishing a site: a folder becomes a version on disk, signed, seeded and told to the DHT.

use std::{collections::BTreeMap, path::Path};

use catalogue::channel::{
    HEAD_NAME, Head, Key, Level, MANIFEST_FILE, PagePath, ROOT_FILE, Site, manifest_hash,
    page_place, site_torrent,
};
use driver::Session;
use torrent::InfoHashes;

use super::{
    SiteError,
    gather::gather,
    visit::{kept, seed},
};
use crate::{
    durable,
    folder::{Channels, Folder, FolderError, at},
    follow::now_ms,
    own::Own,
    resolve,
};

/// How long after a version news of it is expected, milliseconds: thirty days.
const LIFE_MS: u64 = 30 * 24 * 3600 * 1000;

/// A version of a site that is signed and on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedSite {
    /// The site.
    pub key: Key,
    /// The version.
    pub version: u64,
    /// Its files.
    pub files: usize,
    /// Bytes of files that the version before did not have.
    pub new_bytes: u64,
    /// Its torrent.
    pub torrent: InfoHashes,
}

/// Makes a version of what is in a folder, and signs it. Nobody hears of it before [`put_site`].
///
/// # Errors
/// Why not; then the last version is still the current one.
pub fn publish_site(
    sites: &Channels,
    key: Key,
    pages: &Path,
    level: Level,
) -> Result<PublishedSite, SiteError> {
    let own = Own::open(sites.folder(key))?;
    let folder = own.folder();
    let (files, bytes) = gather(pages, level)?;
    let last = kept(folder)?;
    let (signer, now) = (own.online_key()?, now_ms());
    let site = Site {
        version: last.as_ref().map_or(1, |(site, _)| site.version + 1),
        issued_ms: now,
        expires_ms: now + LIFE_MS,
        previous: last.as_ref().map_or([0; 32], |(_, hash)| *hash),
        name: own.names().clone(),
        publisher: own.publisher().clone(),
        contact: own.contact(),
        level,
        files,
    };
    let (document, root) = (site.seal(&signer), own.root_document()?);
    let torrent = site_torrent(&document, &root, &bytes)?;
    let hashes = torrent.info.hashes();
    write(folder, &hashes, &document, &root, &bytes)?;
    let mut standing = folder.standing()?;
    let head = Head {
        torrent: hashes,
        manifest: manifest_hash(&document),
        version: site.version,
        root_version: standing.root().map_or(0, |root| root.version),
        issued_ms: now,
        expires_ms: site.expires_ms,
    };
    let before = standing.head_item().map(dht::MutableItem::seq);
    let item = head.sign(&signer, &key, before).map_err(|_| SiteError::NotAccepted)?;
    standing.offer_head(&item, now).map_err(|_| SiteError::NotAccepted)?;
    folder.keep(&standing)?;
    folder.set_current(&hashes)?;
    folder.sweep_heads()?;
    let is_new = |path: &PagePath| {
        let before = last.as_ref().and_then(|(last, _)| last.files.get(path));
        before != site.files.get(path)
    };
    let new = bytes.iter().filter(|(path, _)| is_new(path));
    Ok(PublishedSite {
        key,
        version: site.version,
        files: bytes.len(),
        new_bytes: new.map(|(_, bytes)| bytes.len() as u64).sum(),
        torrent: hashes,
    })
}

fn write(
    folder: &Folder,
    torrent: &InfoHashes,
    document: &[u8],
    root: &[u8],
    pages: &BTreeMap<PagePath, Vec<u8>>,
) -> Result<(), FolderError> {
    let head = folder.head_root(torrent).join(HEAD_NAME);
    let put = |parts: &[String], bytes: &[u8]| {
        let path = parts.iter().fold(head.clone(), |path, part| path.join(part));
        let parent = path.parent().unwrap_or(&head);
        durable::create_folder(parent).map_err(at(parent))?;
        durable::write(&path, bytes).map_err(at(&path))
    };
    put(&[MANIFEST_FILE.to_owned()], document)?;
    put(&[ROOT_FILE.to_owned()], root)?;
    pages.iter().try_for_each(|(path, bytes)| put(&page_place(path), bytes))
}

/// Seeds the current version and tells the DHT of it. Returns how many nodes took its head.
///
/// # Errors
/// It cannot be seeded.
pub async fn put_site(session: &Session, sites: &Channels, key: Key) -> Result<usize, SiteError> {
    let folder = sites.folder(key);
    seed(session, &folder).await?;
    let Some(dht) = session.dht() else { return Ok(0) };
    Ok(resolve::put_items(dht, &folder.standing()?).await)
}
