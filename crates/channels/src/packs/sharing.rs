//! Takes part in the torrents of packs: followers have of them what they opened, publishers and keepers all.

use std::{path::PathBuf, sync::Arc, time::Duration};

use catalogue::channel::{Manifest, PackRef, Where, is_pack_torrent, pack_name, swarm_name};
use driver::{Add, Session, Source, Torrent};
use engine::Want;
use tokio::time::sleep;
use torrent::{InfoHashes, Magnet, Metainfo};

use super::{PackError, here};
use crate::{durable, fetch::FetchError, folder::Folder, follow::hints, mirrors};

/// The description of a pack that its publisher made lies beside it.
pub(super) const DESCRIPTION: &str = "torrent";
/// The largest description, bytes: a line for each piece, and some more.
const DESCRIPTION_MAX: u64 = 4 << 20;
/// Followers that are asked for a pack.
const FOLLOWERS_ASKED: usize = 16;

/// How long something that was opened before is waited for.
const CARRY_PATIENCE: Duration = Duration::from_secs(60);
/// Whoever meets nobody for so long asks where followers meet.
const ALONE: Duration = Duration::from_secs(3);

/// How much of packs is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding {
    /// What somebody here opened; it makes room like films when the quota is used up.
    Opened,
    /// All of it, whatever the quota says.
    All,
}

/// The torrent of a pack, of which nothing is fetched but what is read.
pub(super) async fn join(
    session: &Session,
    folder: &Folder,
    pack: &PackRef,
) -> Result<Torrent, FetchError> {
    let torrent = enter(session, folder, pack).await?;
    let metainfo = torrent.metainfo().await?;
    if is_pack_torrent(&metainfo, &pack_name(&pack.file.sha256), pack.file.length) {
        return Ok(torrent);
    }
    torrent.remove(false).await?;
    Err(FetchError::NotAHead("a pack's torrent has something else in it"))
}

/// Takes part in a pack's torrent. Its name is a stranger's until [`join`] has looked at it: nothing is wanted before.
async fn enter(session: &Session, folder: &Folder, pack: &PackRef) -> Result<Torrent, FetchError> {
    let Where::Torrent(hashes) = pack.file.place else {
        return Err(FetchError::NotAHead("a pack has no torrent"));
    };
    let known = session.find(&hashes);
    let torrent = match known.clone() {
        Some(torrent) => torrent,
        None => {
            folder.note(&hashes);
            session.add(add(source(folder, hashes)?, folder.pack_root(&hashes))).await?
        }
    };
    mirrors::tell(&torrent, folder, &hashes, &[]).await;
    if known.is_some() {
        return Ok(torrent);
    }
    tokio::spawn(ask_followers(session.clone(), folder.clone(), hashes));
    Ok(torrent)
}

fn add(source: Source, root: PathBuf) -> Add {
    let (trackers, web_seeds, peers) = (vec![], vec![], vec![]);
    Add { source, root, trackers, web_seeds, peers, want: Want::Nothing, recheck: false }
}

/// The description that lies beside the pack, or else its names.
fn source(folder: &Folder, hashes: InfoHashes) -> Result<Source, FetchError> {
    if let Some(metainfo) = description(folder, &hashes) {
        return Ok(Source::Metainfo(Arc::new(metainfo)));
    }
    let mut magnet = Magnet::new(hashes);
    magnet.peers = hints(folder)?;
    Ok(Source::Magnet(Box::new(magnet)))
}

/// The description that lies beside a pack.
pub(crate) fn description(folder: &Folder, hashes: &InfoHashes) -> Option<Metainfo> {
    let path = folder.pack_root(hashes).join(DESCRIPTION);
    let bytes = durable::read(&path, DESCRIPTION_MAX).ok().flatten();
    let described = bytes.and_then(|bytes| Metainfo::parse(&bytes).ok());
    described.filter(|one| one.info.hashes() == *hashes)
}

/// Where followers of any version meet: some of them may have the pack before the DHT knows that. Nodes of the DHT are not
/// asked twice if once is enough.
async fn ask_followers(session: Session, folder: Folder, hashes: InfoHashes) {
    sleep(ALONE).await;
    let Some((dht, torrent)) = session.dht().zip(session.find(&hashes)) else { return };
    if torrent.stats().await.is_ok_and(|stats| stats.peers > 0) {
        return;
    }
    let found = dht.peers(dht::Id(swarm_name(folder.key()).0), None).await;
    let peers: Vec<_> = found
        .map(|(peers, _)| peers)
        .unwrap_or_default()
        .into_iter()
        .take(FOLLOWERS_ASKED)
        .collect();
    if !peers.is_empty() && session.find(&hashes).is_some() {
        let magnet = Source::Magnet(Box::new(Magnet::new(hashes)));
        let known = Add { peers, ..add(magnet, folder.pack_root(&hashes)) };
        // A session that has ended asks nobody any more.
        session.add(known).await.ok();
    }
}

/// Takes part in the packs of the version that is here: in those of which something is here, or in all.
///
/// # Errors
/// The session refuses.
pub(crate) async fn seed(
    session: &Session,
    folder: &Folder,
    holding: Holding,
) -> Result<(), FetchError> {
    if folder.moved_to().is_some() && !folder.is_own() {
        // They went along, and are shared from there.
        return Ok(());
    }
    let holding = if folder.is_own() { Holding::All } else { holding };
    let packs = folder.manifest().map(|manifest| manifest.packs).unwrap_or_default();
    for pack in packs {
        let is_here = folder.pack_file(&pack.file).is_some_and(|path| path.exists());
        if holding == Holding::All || is_here {
            let torrent = enter(session, folder, &pack).await?;
            hold(torrent, pack, holding);
        }
    }
    Ok(())
}

/// Keeps all of a pack once it is known to be one.
fn hold(torrent: Torrent, pack: PackRef, holding: Holding) {
    if holding == Holding::Opened {
        return;
    }
    tokio::spawn(async move {
        let Ok(metainfo) = torrent.metainfo().await else { return };
        if is_pack_torrent(&metainfo, &pack_name(&pack.file.sha256), pack.file.length) {
            torrent.pin(true).await;
            torrent.want(Want::All).await;
        }
    });
}

/// Fetches what somebody here opened in packs that the version does not name any more, out of those that it names: so it is
/// given to others as before. What is here of the old packs goes then; if it does not come, it stays for the next time.
async fn carry_over(session: Session, folder: Folder) {
    let listed = folder.clone();
    let work = tokio::task::spawn_blocking(move || here::left_over(&listed));
    for (path, kind, seen) in work.await.unwrap_or_default() {
        let mut is_over = true;
        for hash in seen {
            let got = super::get_from_others(&session, &folder, kind, hash, CARRY_PATIENCE).await;
            is_over &= matches!(got, Ok(_) | Err(PackError::Unknown));
        }
        if let Some(root) = path.parent().filter(|_| is_over)
            && let Err(error) = tokio::fs::remove_dir_all(root).await
        {
            tracing::debug!(%error, "an old pack could not be removed");
        }
    }
}

/// Leaves the torrents of packs that the version which is here does not name; of all without a manifest.
pub(crate) async fn leave_old(session: &Session, folder: &Folder, manifest: Option<&Manifest>) {
    let needed: Vec<_> =
        manifest.into_iter().flat_map(|one| &one.packs).map(|pack| &pack.file.place).collect();
    for torrent in session.torrents() {
        let hashes = torrent.hashes();
        let is_needed = needed.contains(&&Where::Torrent(hashes));
        if !is_needed && folder.pack_root(&hashes).exists() {
            // Nobody else has it under this name any more; what was opened stays readable here.
            torrent.remove(false).await.ok();
        }
    }
    if manifest.is_some() && !folder.is_own() {
        tokio::spawn(carry_over(session.clone(), folder.clone()));
    }
}
