//! Publishing: what waits becomes a version on disk, signed, told to the DHT and seeded.

use std::{collections::BTreeMap, path::Path};

use catalogue::channel::{
    CannotPublish, Changes, Edition, HEAD_NAME, Head, Key, Kind, MANIFEST_FILE, Publication,
    ROOT_FILE, RecordId, SegmentStore as _, Where, head_torrent, packed_things, records,
    segment_name,
};
use driver::Session;
use torrent::{InfoHashes, create::CannotCreate};

use crate::{
    durable,
    fetch::{self, FetchError},
    folder::{Channels, Folder, FolderError, at},
    follow::{leave_old, now_ms},
    own::{Following, HEAD_LIFE_MS, Own, OwnError},
    packs::{
        making::{self, Changing, ShownThings},
        sharing::{self, Holding},
    },
    resolve,
};

/// A version that is signed and on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The channel.
    pub key: Key,
    /// The version.
    pub version: u64,
    /// Titles and episodes in it; of a filter, its entries.
    pub records: u64,
    /// The head torrent.
    pub torrent: InfoHashes,
    /// Bytes that are new to a follower who has the version before: manifest and deltas.
    pub new_bytes: u64,
    /// Nodes of the DHT that took its head; 0 before they were asked.
    pub copies: usize,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The channel cannot be used.
    #[error(transparent)]
    Own(#[from] OwnError),
    /// The disk refuses.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The version cannot be made.
    #[error(transparent)]
    Cannot(#[from] CannotPublish),
    /// Its torrent cannot be made.
    #[error("the torrent of the channel cannot be made: {0}")]
    Torrent(#[from] CannotCreate),
    /// What was signed is not accepted: another machine has published since, or the clock went back.
    #[error("a newer version of this channel is known; publish from the machine that has it")]
    NotAccepted,
    /// It cannot be seeded.
    #[error(transparent)]
    Seed(#[from] FetchError),
}

/// Makes and signs a version of what waits. Nobody hears of it before [`put`].
///
/// # Errors
/// Why not; then the last version is still the current one.
pub fn publish(channels: &Channels, key: Key) -> Result<Published, PublishError> {
    let mut own = Own::open(channels.folder(key))?;
    let mut publication = own.publication()?;
    let folder = own.folder().clone();
    let (changes, changing, following) = changes(&mut own, &publication)?;
    publication.manifest.packs = making::packs(&folder, &publication.manifest, &changing)?;
    let (signer, now) = (own.online_key()?, now_ms());
    let edition = publication.publish(changes, &signer, now, now + HEAD_LIFE_MS, &folder)?;
    let files = head_files(&own, &edition)?;
    let torrent = head_torrent(&files)?.info.hashes();
    write_files(&folder, &edition, &files, &torrent)?;
    let mut standing = folder.standing()?;
    let manifest = &edition.publication.manifest;
    let head = Head {
        torrent,
        manifest: edition.publication.manifest_hash,
        version: manifest.version,
        root_version: standing.root().map_or(0, |root| root.version),
        issued_ms: now,
        expires_ms: manifest.expires_ms,
    };
    let last = standing.head_item().map(dht::MutableItem::seq);
    let item = head.sign(&signer, &key, last).map_err(|_| PublishError::NotAccepted)?;
    standing.offer_head(&item, now).map_err(|_| PublishError::NotAccepted)?;
    own.set_live(&edition.publication)?;
    folder.keep(&standing)?;
    folder.set_current(&torrent)?;
    following.keep(&edition.publication.manifest_hash);
    own.save()?;
    own.clear_waiting()?;
    making::clear_waiting(&folder, &changing.shown);
    let written: u64 = edition.written.iter().map(|(file, _)| file.length).sum();
    Ok(Published {
        key,
        version: manifest.version,
        records: manifest.tally(manifest.kind.main_family()).map_or(0, |tally| tally.records),
        torrent,
        new_bytes: written + edition.sealed.len() as u64,
        copies: 0,
    })
}

/// What waits, as changes of records. A title that is there already keeps its place. One title after the other is read
/// and makes room for its records: many may wait.
fn changes(
    own: &mut Own,
    publication: &Publication,
) -> Result<(Changes, Changing, Following), PublishError> {
    if own.kind() == Kind::Filter {
        let mut changes = Changes::default();
        own.waiting_marks()?.into_iter().for_each(|(mark, verdict)| changes.mark(mark, verdict));
        return Ok((changes, Changing::default(), Following::NOBODY));
    }
    let waiting = own.waiting_ids()?;
    let series = waiting.iter().filter(|(_, kind)| *kind == catalogue::Kind::Series);
    let series = series.map(|(id, _)| *id).filter(|id| publication.is_there(id)).collect();
    let titles: Vec<_> = waiting.into_iter().map(|(id, _)| id).collect();
    let mut gone = own.published_episodes(&series)?;
    let mut following = own.following(&publication.manifest_hash);
    let mut ranks = publication.ranks(&titles, own.folder())?;
    for id in &titles {
        ranks.entry(*id).or_insert_with(|| own.take_rank());
    }
    let (mut changes, mut shown) = (Changes::default(), ShownThings::new());
    let withdrawn = own.waiting(|title| {
        let rank = ranks.get(&RecordId::of(&title.id)).copied().unwrap_or_default();
        for (_, episode) in title.episodes() {
            gone.remove(&RecordId::of(&episode.id));
        }
        following.put(&title);
        for record in records(&title, rank) {
            shown.extend(packed_things(&record.detail));
            changes.put([record]);
        }
        Ok::<_, PublishError>(())
    })?;
    // A series is said as a whole: what no title names any more is not in it.
    for episode in gone.into_keys() {
        following.remove(&episode);
        changes.remove(episode);
    }
    if publication.manifest.version == 0 {
        for (id, record) in own.inherited_withdrawals()? {
            changes.go_on_withdrawing(id, record);
        }
    }
    let now = now_ms();
    for withdrawal in &withdrawn {
        if withdrawal.infohash.is_none() {
            following.remove(&RecordId::of(&withdrawal.id));
        }
        changes.withdraw(withdrawal, now);
    }
    Ok((changes, Changing { titles, withdrawn, shown }, following))
}

/// Every file of the head torrent.
fn head_files(own: &Own, edition: &Edition) -> Result<BTreeMap<String, Vec<u8>>, PublishError> {
    let mut files = BTreeMap::from([
        (MANIFEST_FILE.to_owned(), edition.sealed.clone()),
        (ROOT_FILE.to_owned(), own.root_document()?),
    ]);
    for file in edition.publication.manifest.files() {
        let Where::Head(name) = &file.place else { continue };
        let fresh = edition.written.iter().find(|(written, _)| written == file);
        let bytes = match fresh {
            Some((_, bytes)) => bytes.clone(),
            None => own.folder().segment(file).ok_or(CannotPublish::Missing)?,
        };
        files.insert((**name).to_owned(), bytes);
    }
    Ok(files)
}

fn write_files(
    folder: &Folder,
    edition: &Edition,
    files: &BTreeMap<String, Vec<u8>>,
    torrent: &InfoHashes,
) -> Result<(), FolderError> {
    let head = folder.head_root(torrent).join(HEAD_NAME);
    durable::create_folder(&head).map_err(at(&head))?;
    let write = |path: &Path, bytes: &[u8]| durable::write(path, bytes).map_err(at(path));
    for (name, bytes) in files {
        write(&head.join(name), bytes)?;
    }
    for (file, bytes) in &edition.written {
        if matches!(file.place, Where::Torrent(_)) {
            write(&folder.segments_root().join(segment_name(&file.sha256)), bytes)?;
        }
    }
    Ok(())
}

/// Seeds the current version and tells the DHT of it. Returns how many nodes took its head.
///
/// # Errors
/// It cannot be seeded.
pub async fn put(session: &Session, channels: &Channels, key: Key) -> Result<usize, PublishError> {
    let folder = channels.folder(key);
    fetch::seed(session, &folder).await?;
    sharing::leave_old(session, &folder, folder.manifest().as_ref()).await;
    making::clear_packs(&folder);
    sharing::seed(session, &folder, Holding::Opened).await?;
    folder.tell_it_is_here();
    clear_old(session, &folder).await?;
    let standing = folder.standing()?;
    let Some(dht) = session.dht() else { return Ok(0) };
    Ok(resolve::put_items_patiently(dht, &standing).await)
}

/// Lets go of the files that the current version does not name any more. If somebody works on the channel just now, they
/// go with the next version.
pub(crate) async fn clear_old(session: &Session, folder: &Folder) -> Result<(), FolderError> {
    let turn = folder.turns().try_take(*folder.key());
    let Some((_turn, current)) = turn.zip(folder.current()) else { return Ok(()) };
    leave_old(session, folder, &current).await;
    folder.sweep()
}
