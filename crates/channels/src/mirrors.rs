//! Web servers that have a copy of a channel or site, as what its torrents are fetched from besides peers.

use std::path::PathBuf;

use catalogue::channel::{FileRef, MirrorUrl, Where};
use driver::Torrent;
use engine::Mirror;
use torrent::{InfoHashes, Metainfo};

use crate::{
    fetch,
    folder::Folder,
    follow::FollowError,
    packs::{making, sharing},
    sites,
};

/// What is on this disk of the newest version of a channel, without its films, or of a site.
#[derive(Debug)]
pub struct Held {
    /// The version.
    pub version: u64,
    /// Its torrents.
    pub torrents: Vec<HeldTorrent>,
}

/// A torrent of a channel.
#[derive(Debug)]
pub struct HeldTorrent {
    /// The names by which the channel knows it.
    pub hashes: InfoHashes,
    /// What is in it; nothing if that is not known here.
    pub metainfo: Option<Metainfo>,
    /// The folder in which its files lie, as far as they are here.
    pub root: PathBuf,
    /// Whether its files stay as they are for as long as they are there.
    pub stays: bool,
}

/// Where mirrors have a torrent that the channel knows by these names.
fn places(mirrors: &[MirrorUrl], hashes: &InfoHashes) -> Vec<Mirror> {
    let place = |mirror: &MirrorUrl| Mirror {
        base: mirror.to_string(),
        files: mirror.files(hashes),
        description: mirror.description(hashes),
    };
    mirrors.iter().map(place).collect()
}

/// Has a torrent of a channel make use of its mirrors, in place of those that it had; `named` are those of the address,
/// for whoever has no manifest yet.
pub(crate) async fn tell(
    torrent: &Torrent,
    folder: &Folder,
    hashes: &InfoHashes,
    named: &[MirrorUrl],
) {
    let known = folder.clone();
    let mirrors = tokio::task::spawn_blocking(move || known.mirrors()).await.unwrap_or_default();
    let mirrors = if mirrors.is_empty() { named } else { &mirrors };
    torrent.mirror(places(mirrors, hashes)).await;
}

impl Folder {
    /// What is here of the newest version. Packs are here as far as they were opened.
    ///
    /// # Errors
    /// No version is here, or its files are damaged.
    pub fn held(&self) -> Result<Held, FollowError> {
        let Some(manifest) = self.manifest() else { return self.held_site() };
        let whole = fetch::torrents_of(self).into_iter().map(|(metainfo, root)| HeldTorrent {
            hashes: metainfo.info.hashes(),
            metainfo: Some(Metainfo::clone(&metainfo)),
            root,
            stays: true,
        });
        let mut torrents: Vec<_> = whole.collect();
        if !torrents.iter().any(|one| Some(one.hashes.wire()) == self.current()) {
            // A file of it is not what was published.
            return Err(FollowError::Unknown);
        }
        let segments = manifest.segments.iter().map(|segment| &segment.file);
        let lost =
            |file: &FileRef| !torrents.iter().any(|one| file.place == Where::Torrent(one.hashes));
        let lost: Vec<_> = segments.filter(|file| lost(file)).map(|file| self.lost(file)).collect();
        torrents.extend(lost.into_iter().flatten());
        torrents.extend(manifest.packs.iter().filter_map(|pack| self.held_pack(&pack.file)));
        Ok(Held { version: manifest.version, torrents })
    }

    /// What is here of a site: all of its newest version lies in one torrent.
    fn held_site(&self) -> Result<Held, FollowError> {
        let unknown = |_| FollowError::Unknown;
        let (site, _) = sites::kept(self).map_err(unknown)?.ok_or(FollowError::Unknown)?;
        let head = self.current_head().ok_or(FollowError::Unknown)?;
        let metainfo = sites::torrent_of(&head).map_err(unknown)?;
        let hashes = metainfo.info.hashes();
        if Some(hashes.wire()) != self.current() {
            // A page of it is not what was published.
            return Err(FollowError::Unknown);
        }
        let root = head.parent().unwrap_or(&head).to_owned();
        let torrent = HeldTorrent { hashes, metainfo: Some(metainfo), root, stays: true };
        Ok(Held { version: site.version, torrents: vec![torrent] })
    }

    /// A large segment that is not here.
    fn lost(&self, file: &FileRef) -> Option<HeldTorrent> {
        let Where::Torrent(hashes) = file.place else { return None };
        Some(HeldTorrent { hashes, metainfo: None, root: self.segments_root(), stays: true })
    }

    /// A pack, of which some may be here and some not. One that came from others makes room when that is short.
    fn held_pack(&self, file: &FileRef) -> Option<HeldTorrent> {
        let Where::Torrent(hashes) = file.place else { return None };
        let known = sharing::description(self, &hashes);
        let metainfo = known.or_else(|| making::described_anew(self, file));
        Some(HeldTorrent { hashes, metainfo, root: self.pack_root(&hashes), stays: self.is_own() })
    }

    /// Has a film's torrent make use of the mirrors of the channel that names it so.
    pub async fn mirror(&self, torrent: &Torrent, hashes: &InfoHashes) {
        tell(torrent, self, hashes, &[]).await;
    }
}
