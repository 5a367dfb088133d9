//! A file of a site as it was signed: all of it, or the part of a sound or film that a browser seeks to.

use std::{
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    path::Path,
};

use axum::{
    body::{Body, Bytes},
    http::{Response, request::Parts},
};
use catalogue::channel::{Media, SiteFile};
use futures_util::stream;
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};
use torrent::Sha256Hash;

use crate::http::entity::Entity;

/// So much of a file is in memory at one time, bytes.
const AT_ONCE: u64 = 64 << 10;

/// What a GET or HEAD asks for of a file at this place; nothing if it is not there as it was signed.
pub(super) async fn shown(
    place: &Path,
    signed: &SiteFile,
    media: Media,
    asked: &Parts,
) -> Option<Response<Body>> {
    let file = File::open(place).await.ok()?;
    if file.metadata().await.ok()?.len() != signed.length {
        tracing::warn!(path = %place.display(), "a file of a site was changed on this disk");
        return None;
    }
    let entity = Entity {
        len: signed.length,
        media_type: media.content_type(),
        etag: format!("\"{}\"", Sha256Hash(signed.sha256)),
    };
    Some(entity.answer(&asked.method, &asked.headers, |part| Some(body(file, part))))
}

/// A body that reads as fast as it is taken.
fn body(file: File, part: Range<u64>) -> Body {
    Body::from_stream(stream::try_unfold((file, part), async |(mut file, part)| {
        if part.is_empty() {
            return Ok(None);
        }
        let bytes = read(&mut file, part.start, AT_ONCE.min(part.end - part.start)).await?;
        let next = part.start + bytes.len() as u64;
        Ok::<_, io::Error>(Some((bytes, (file, next..part.end))))
    }))
}

/// At least one byte and at most `len`, from a place on.
async fn read(file: &mut File, from: u64, len: u64) -> io::Result<Bytes> {
    file.seek(SeekFrom::Start(from)).await?;
    let mut bytes = Vec::new();
    file.take(len).read_to_end(&mut bytes).await?;
    if bytes.is_empty() {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes.into())
}
