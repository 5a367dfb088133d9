//! The bytes of one file of a torrent, as HTTP asks for them.
//!
//! An answer begins at once and its body waits: every byte is verified before it is sent. Dropping the body,
//! as happens when a player closes its connection, ends its demand in the swarm.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Response},
};
use driver::{Reader, Torrent, TorrentError};
use futures_util::stream;
use media::container;

use crate::http::entity::Entity;

/// The type of a file in no container that we know.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file of a torrent that can be asked for.
#[derive(Debug, Clone)]
pub struct Served {
    torrent: Torrent,
    file: usize,
    entity: Entity,
}

impl Served {
    /// Waits until it is known what is in the torrent.
    ///
    /// # Errors
    /// There is no such file, or the torrent was removed meanwhile.
    pub async fn new(torrent: Torrent, file: usize) -> Result<Self, TorrentError> {
        let metainfo = torrent.metainfo().await?;
        let files = metainfo.info.files();
        let missing = TorrentError::NoSuchFile { file, count: files.len() };
        let described = files.get(file).ok_or(missing)?;
        let name = described.path.last().map_or("", String::as_str);
        let entity = Entity {
            len: described.length,
            media_type: container::by_name(name).map_or(UNKNOWN_TYPE, container::mime),
            etag: format!("\"{}.{file}\"", torrent.hashes().wire()),
        };
        Ok(Self { torrent, file, entity })
    }

    /// Answers a GET or HEAD.
    #[must_use]
    pub fn answer(&self, method: &Method, headers: &HeaderMap) -> Response<Body> {
        self.entity.answer(method, headers, |part| {
            let opened = self.torrent.open(self.file, part.start, Some(part.end));
            let gone = |error: &TorrentError| {
                tracing::info!(%error, "a file could not be opened for a player");
            };
            opened.inspect_err(gone).ok().map(body)
        })
    }
}

/// A body that reads as fast as it is taken.
fn body(reader: Reader) -> Body {
    Body::from_stream(stream::try_unfold(reader, async |mut reader| {
        Ok::<_, driver::ReadError>(reader.next().await?.map(|bytes| (bytes, reader)))
    }))
}
