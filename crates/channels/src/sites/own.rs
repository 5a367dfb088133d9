//! Own sites: what they are called, what was published last, and from where.

use std::path::{Path, PathBuf};

use catalogue::{
    Multilingual,
    channel::{Key, MirrorUrl, Site},
};

use super::{SiteError, visit::kept};
use crate::{
    durable,
    folder::{Channels, Folder, FolderError, at},
    own::{Own, OwnError},
    seed::Seed,
    turns::Turn,
};

/// The file of an own site with the folder that it was published from last.
const PAGES_FILE: &str = "pages";
/// The longest path that is remembered, bytes.
const PATH_MAX: u64 = 16 << 10;

/// A site whose keys are on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSite {
    /// Its root key.
    pub key: Key,
    /// What it is called.
    pub name: Multilingual<300>,
    /// Who publishes it.
    pub publisher: String,
    /// Where rights questions go.
    pub contact: Vec<String>,
    /// Whether its secret is on this machine; else what needs it asks for its words.
    pub has_secret: bool,
    /// Whether its secret needs a passphrase.
    pub is_locked: bool,
    /// Whether the key that signed the version that is out has no say any more, so that it is to be published again.
    pub is_key_unpublished: bool,
    /// The key that it was handed over to.
    pub successor: Option<Key>,
    /// Web servers that have a copy of it, from the next version on; each with whether the last one names it.
    pub mirrors: Vec<(MirrorUrl, bool)>,
    /// Whether the last version names one that is named no longer.
    pub is_mirror_left: bool,
    /// The version that was published last.
    pub published: Option<Site>,
    /// The folder that was published from then, as a whole path.
    pub folder: Option<PathBuf>,
}

/// All of them, in the order of their keys.
///
/// # Errors
/// The disk refuses, or one is damaged.
pub fn own_sites(sites: &Channels) -> Result<Vec<OwnSite>, SiteError> {
    let own = sites.all()?.into_iter().filter(Folder::is_own);
    own.map(|folder| described(&Own::open(folder)?)).collect()
}

/// One of them.
///
/// # Errors
/// It is not ours, or damaged.
pub fn own_site(sites: &Channels, key: Key) -> Result<OwnSite, SiteError> {
    described(&Own::open(sites.folder(key))?)
}

/// Makes the publisher's side of a site again, from the 24 words of its secret and the version that is on this disk
/// because it was visited. The secret is locked with the passphrase, if there is one.
///
/// # Errors
/// The words are those of another site, no version is here, or the publisher's side is here already.
pub async fn restore_site(
    sites: &Channels,
    key: Key,
    seed: Seed,
    passphrase: Option<String>,
) -> Result<OwnSite, SiteError> {
    let (turn, folder) = (sites.turn(key).await, sites.folder(key));
    let work = move || {
        let (site, _) = kept(&folder)?.ok_or(OwnError::NothingHere)?;
        described(&Own::restore_site(folder, site, &seed, passphrase.as_deref())?)
    };
    let restored = tokio::task::spawn_blocking(work).await;
    drop::<Turn>(turn);
    restored.unwrap_or(Err(SiteError::Folder(FolderError::Interrupted)))
}

fn described(own: &Own) -> Result<OwnSite, SiteError> {
    let folder = own.folder();
    let published = kept(folder)?.map(|(site, _)| site);
    let standing = folder.standing()?;
    let named = published.as_ref().map_or(&[][..], |site| &site.mirrors);
    let (has_secret, is_locked) = own.secret_here()?;
    Ok(OwnSite {
        key: *folder.key(),
        name: own.names().clone(),
        publisher: (**own.publisher()).to_owned(),
        contact: own.contacts().to_vec(),
        has_secret,
        is_locked,
        is_key_unpublished: published.is_some() && standing.head_item().is_none(),
        is_mirror_left: named.iter().any(|one| !own.mirrors().contains(one)),
        mirrors: own.mirrors().iter().map(|one| (one.clone(), named.contains(one))).collect(),
        successor: standing.rotation().map(|rotation| *rotation.new_key()),
        published,
        folder: own.pages(),
    })
}

impl Own {
    /// The folder that was published from last.
    pub(crate) fn pages(&self) -> Option<PathBuf> {
        let path = self.folder().own().join(PAGES_FILE);
        let bytes = durable::read(&path, PATH_MAX).ok()??;
        String::from_utf8(bytes).ok().map(PathBuf::from)
    }

    /// Remembers it. A path that is not in UTF-8 has to be named again.
    pub(crate) fn remember_pages(&self, pages: &Path) -> Result<(), OwnError> {
        let path = self.folder().own().join(PAGES_FILE);
        let text = pages.to_str().unwrap_or_default();
        Ok(durable::write(&path, text.as_bytes()).map_err(at(&path))?)
    }
}
