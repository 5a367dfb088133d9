//! Publishing a site: a folder becomes a version on disk, signed, seeded and told to the DHT.

use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use catalogue::channel::{
    HEAD_NAME, Head, Key, Level, MANIFEST_FILE, PagePath, ROOT_FILE, Site, SiteChannel,
    manifest_hash, page_place, site_torrent,
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
    own::{HEAD_LIFE_MS, Own, OwnError},
    publish::clear_old,
    resolve,
    turns::Turn,
};

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

/// How far making a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// The folder is read.
    Reading {
        /// Files that were.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// They are written to where others are given them from.
    Writing {
        /// Files that were.
        files: usize,
        /// How many there are.
        total: usize,
    },
}

/// Makes a version of what is in a folder, and signs it: one at a time. Nobody hears of it before [`put_site`]. Whoever is
/// told how far it is can stop it; nothing of it stays then. Without a word for a `channel` that of the last version stays;
/// only scripts have any use for it.
///
/// # Errors
/// Why not; then the last version is still the current one.
pub async fn publish_site(
    sites: &Channels,
    key: Key,
    pages: PathBuf,
    level: Level,
    channel: Option<SiteChannel>,
    mut tell: impl FnMut(Making) -> ControlFlow<()> + Send + 'static,
) -> Result<PublishedSite, SiteError> {
    let turn = sites.turn(key).await;
    let folder = sites.folder(key);
    let work = move || make(folder, &pages, level, channel, &mut tell);
    let made = tokio::task::spawn_blocking(work).await;
    drop::<Turn>(turn);
    made.unwrap_or(Err(SiteError::Folder(FolderError::Interrupted)))
}

fn make(
    folder: Folder,
    pages: &Path,
    level: Level,
    channel: Option<SiteChannel>,
    tell: &mut dyn FnMut(Making) -> ControlFlow<()>,
) -> Result<PublishedSite, SiteError> {
    let own = Own::open(folder)?;
    let folder = own.folder();
    if folder.standing()?.rotation().is_some() {
        return Err(OwnError::HandedOver.into());
    }
    let (files, bytes) = gather(pages, &level, tell)?;
    let last = kept(folder)?;
    let (signer, now) = (own.online_key()?, now_ms());
    let channel = channel.or_else(|| last.as_ref().and_then(|(last, _)| last.channel.clone()));
    let site = Site {
        version: last.as_ref().map_or(1, |(site, _)| site.version + 1),
        issued_ms: now,
        expires_ms: now + HEAD_LIFE_MS,
        previous: last.as_ref().map_or([0; 32], |(_, hash)| *hash),
        name: own.names().clone(),
        publisher: own.publisher().clone(),
        contact: own.contact(),
        mirrors: own.mirrors().to_vec(),
        channel: channel.filter(|_| level == Level::Script),
        level,
        files,
    };
    let (document, root) = (site.seal(&signer), own.root_document()?);
    let torrent = site_torrent(&document, &root, &bytes)?.info.hashes();
    let version = Version { site: &site, document, root, bytes: &bytes, torrent };
    if let Err(error) = version.write(folder, tell) {
        // Whatever cannot be removed goes with the next version.
        fs::remove_dir_all(folder.head_root(&torrent)).ok();
        return Err(error);
    }
    own.remember_pages(pages)?;
    version.sign(&own)?;
    let is_new = |path: &PagePath| {
        let before = last.as_ref().and_then(|(last, _)| last.files.get(path));
        before != site.files.get(path)
    };
    let new = bytes.iter().filter(|(path, _)| is_new(path));
    Ok(PublishedSite {
        key: *folder.key(),
        version: site.version,
        files: bytes.len(),
        new_bytes: new.map(|(_, bytes)| bytes.len() as u64).sum(),
        torrent,
    })
}

/// The word that goes with the next version of a site: for the channel that is `wanted`, else, if that is ours, for the one of
/// the `last` version, signed anew since the channel's key may have been replaced.
///
/// # Errors
/// The channel that is wanted is not ours.
pub fn word_for_site(
    channels: &Channels,
    wanted: Option<Key>,
    last: Option<&SiteChannel>,
    site: &Key,
) -> Result<Option<SiteChannel>, OwnError> {
    let word = |channel| Own::open(channels.folder(channel))?.word_for(site);
    match (wanted, last) {
        (Some(channel), _) => word(channel).map(Some),
        (None, Some(last)) => Ok(word(last.channel).ok()),
        (None, None) => Ok(None),
    }
}

/// A version that is being made.
struct Version<'a> {
    site: &'a Site,
    document: Vec<u8>,
    root: Vec<u8>,
    bytes: &'a BTreeMap<PagePath, Vec<u8>>,
    torrent: InfoHashes,
}

impl Version<'_> {
    fn write(
        &self,
        folder: &Folder,
        tell: &mut dyn FnMut(Making) -> ControlFlow<()>,
    ) -> Result<(), SiteError> {
        let head = folder.head_root(&self.torrent).join(HEAD_NAME);
        let put = |parts: &[String], bytes: &[u8]| {
            let path = parts.iter().fold(head.clone(), |path, part| path.join(part));
            let parent = path.parent().unwrap_or(&head);
            durable::create_folder(parent).map_err(at(parent))?;
            durable::write(&path, bytes).map_err(at(&path))
        };
        put(&[MANIFEST_FILE.to_owned()], &self.document)?;
        put(&[ROOT_FILE.to_owned()], &self.root)?;
        for (files, (path, bytes)) in self.bytes.iter().enumerate() {
            if tell(Making::Writing { files, total: self.bytes.len() }).is_break() {
                return Err(SiteError::Stopped);
            }
            put(&page_place(path), bytes)?;
        }
        Ok(())
    }

    /// From here on it is the current version.
    fn sign(&self, own: &Own) -> Result<(), SiteError> {
        let (folder, signer, now) = (own.folder(), own.online_key()?, self.site.issued_ms);
        let mut standing = folder.standing()?;
        let head = Head {
            torrent: self.torrent,
            manifest: manifest_hash(&self.document),
            version: self.site.version,
            root_version: standing.root().map_or(0, |root| root.version),
            issued_ms: now,
            expires_ms: self.site.expires_ms,
        };
        let before = standing.head_item().map(dht::MutableItem::seq);
        let item = head.sign(&signer, folder.key(), before).map_err(|_| SiteError::NotAccepted)?;
        standing.offer_head(&item, now).map_err(|_| SiteError::NotAccepted)?;
        folder.merge(&standing)?;
        Ok(folder.set_current(&self.torrent)?)
    }
}

/// Seeds the current version in place of the one before and tells the DHT of it. Returns how many nodes took its head.
///
/// # Errors
/// It cannot be seeded.
pub async fn put_site(session: &Session, sites: &Channels, key: Key) -> Result<usize, SiteError> {
    let folder = sites.folder(key);
    seed(session, &folder).await?;
    folder.tell_it_is_here();
    clear_old(session, &folder).await?;
    let Some(dht) = session.dht() else { return Ok(0) };
    Ok(resolve::put_items_patiently(dht, &folder.standing()?).await)
}

#[cfg(test)]
mod tests {
    use super::{super::own_site, *};
    use crate::own::NewChannel;

    fn site(sites: &Channels) -> Key {
        let new = NewChannel {
            kind: catalogue::channel::Kind::Site,
            name: serde_json::from_str("{\"en\": \"Evenings\"}").unwrap(),
            about: serde_json::from_str("{}").unwrap(),
            publisher: "Somebody".to_owned().try_into().unwrap(),
            contact: "mailto:rights@example.org".to_owned().try_into().unwrap(),
        };
        *Own::create(sites, new, None).unwrap().0.folder().key()
    }

    #[tokio::test]
    async fn a_version_that_is_stopped_leaves_nothing_and_the_next_one_is_whole() {
        let home = tempfile::tempdir().unwrap();
        let sites = Channels::open(&home.path().join("sites")).unwrap();
        let (key, pages) = (site(&sites), home.path().join("pages"));
        fs::create_dir(&pages).unwrap();
        for name in ["index.html", "a.css", "b.txt"] {
            fs::write(pages.join(name), name).unwrap();
        }
        let stop = |making: Making| match making {
            Making::Writing { files: 2, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let publish = |tell: fn(Making) -> ControlFlow<()>| {
            publish_site(&sites, key, pages.clone(), Level::Static, None, tell)
        };
        let stopped = publish(stop).await;
        assert!(matches!(stopped, Err(SiteError::Stopped)), "{stopped:?}");
        assert_eq!(sites.folder(key).heads(), Vec::<PathBuf>::new());
        let own = own_site(&sites, key).unwrap();
        assert_eq!((own.published, own.folder), (None, None));

        let go_on = |_| ControlFlow::Continue(());
        let published = publish(go_on).await.unwrap();
        assert_eq!((published.version, published.files), (1, 3));
        let own = own_site(&sites, key).unwrap();
        assert_eq!(own.published.map(|site| site.version), Some(1));
        assert_eq!(own.folder, Some(pages.clone()));
        fs::write(pages.join("b.exe"), "").unwrap();
        assert!(matches!(publish(go_on).await, Err(SiteError::Gather(_))));
        assert_eq!(own_site(&sites, key).unwrap().published.map(|site| site.version), Some(1));
    }

    #[tokio::test]
    async fn a_site_without_news_is_signed_again_as_a_channel_is() {
        let home = tempfile::tempdir().unwrap();
        let sites = Channels::open(&home.path().join("sites")).unwrap();
        let (key, pages) = (site(&sites), home.path().join("pages"));
        fs::create_dir(&pages).unwrap();
        fs::write(pages.join("index.html"), "Evenings").unwrap();
        let go_on = |_| ControlFlow::Continue(());
        publish_site(&sites, key, pages, Level::Static, None, go_on).await.unwrap();
        let own = Own::open(sites.folder(key)).unwrap();
        let first = own.folder().standing().unwrap().head().unwrap().clone();
        let after = first.issued_ms + HEAD_LIFE_MS / 2;
        assert!(own.sign_again(after).unwrap());
        let again = own.folder().standing().unwrap().head().unwrap().clone();
        assert_eq!(again, Head { issued_ms: after, expires_ms: after + HEAD_LIFE_MS, ..first });
    }
}
