//! Fetches a film's index before the player asks for it, and tells the engine how fast it plays.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use driver::{ReadError, Torrent, TorrentError};
use media::index::{Index, Parts, Plan, plan};

/// Reads the index of a file out of the swarm. Without one the film plays all the same, so nothing is reported.
pub(super) async fn index(torrent: Torrent, file: usize) {
    if let Err(error) = read(&torrent, file).await {
        tracing::debug!(%error, "the index was not read ahead");
    }
}

#[derive(Debug, thiserror::Error)]
enum NotRead {
    #[error(transparent)]
    Torrent(#[from] TorrentError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Index(#[from] media::index::BadIndex),
}

async fn read(torrent: &Torrent, file: usize) -> Result<(), NotRead> {
    let metainfo = torrent.metainfo().await?;
    let len = metainfo.info.files().get(file).map_or(0, |file| file.length);
    let mut parts = Parts::new(len);
    while let Plan::Need(ranges) = plan(&parts) {
        torrent.hint(file, &ranges);
        for range in ranges {
            let start = range.start;
            parts.insert(start, read_range(torrent, file, range).await?);
        }
    }
    if let Some(bits) = Index::parse(&parts)?.bit_rate() {
        torrent.media_rate(bits / 8);
    }
    Ok(())
}

async fn read_range(torrent: &Torrent, file: usize, range: Range<u64>) -> Result<Bytes, NotRead> {
    let mut reader = torrent.open(file, range.start, Some(range.end))?;
    let mut bytes = BytesMut::new();
    while let Some(chunk) = reader.next().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
