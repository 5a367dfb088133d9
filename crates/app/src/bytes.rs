//! The bytes of one file of a torrent, as HTTP asks for them (RFC 9110, section 14).
//!
//! An answer begins at once and its body waits: every byte is verified before it is sent. Dropping the body,
//! as happens when a player closes its connection, ends its demand in the swarm.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use driver::{Reader, Torrent, TorrentError};
use futures_util::stream;
use media::container;

use crate::http::{
    listener::Endless,
    range::{self, Wanted},
};

/// The type of a file in no container that we know.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file of a torrent that can be asked for.
#[derive(Debug, Clone)]
pub struct Served {
    torrent: Torrent,
    file: usize,
    len: u64,
    media_type: &'static str,
    etag: String,
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
        Ok(Self {
            file,
            len: described.length,
            media_type: container::by_name(name).map_or(UNKNOWN_TYPE, container::mime),
            etag: format!("\"{}.{file}\"", torrent.hashes().wire()),
            torrent,
        })
    }

    /// Answers a GET or HEAD.
    #[must_use]
    pub fn answer(&self, method: &Method, headers: &HeaderMap) -> Response<Body> {
        let (status, part) = match self.wanted(headers) {
            Wanted::Whole => (StatusCode::OK, 0..self.len),
            Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
            Wanted::Unsatisfiable => return self.unsatisfiable(),
        };
        let body = if *method == Method::HEAD {
            Body::empty()
        } else {
            match self.torrent.open(self.file, part.start, Some(part.end)) {
                Ok(reader) => body(reader),
                Err(error) => return self.gone(&error),
            }
        };
        let mut answer = self.answer_with(status, body);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_LENGTH, (part.end - part.start).into());
        if status == StatusCode::PARTIAL_CONTENT {
            let place = format!("bytes {}-{}/{}", part.start, part.end - 1, self.len);
            headers.extend(place.parse().ok().map(|place| (header::CONTENT_RANGE, place)));
        }
        answer.extensions_mut().insert(Endless);
        answer
    }

    /// What the headers ask for: `If-Range` decides whether `Range` counts.
    fn wanted(&self, headers: &HeaderMap) -> Wanted {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let stands =
            text(header::IF_RANGE).is_none_or(|tag| range::if_range_holds(tag, &self.etag));
        match text(header::RANGE).filter(|_| stands) {
            Some(range) => range::wanted(range, self.len),
            None => Wanted::Whole,
        }
    }

    fn answer_with(&self, status: StatusCode, body: Body) -> Response<Body> {
        let mut answer = Response::new(body);
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(self.media_type));
        headers.insert(header::ACCEPT_RANGES, header::HeaderValue::from_static("bytes"));
        headers.extend(self.etag.parse().ok().map(|etag| (header::ETAG, etag)));
        answer
    }

    fn unsatisfiable(&self) -> Response<Body> {
        let mut answer = self.answer_with(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty());
        let all = format!("bytes */{}", self.len);
        answer.headers_mut().extend(all.parse().ok().map(|all| (header::CONTENT_RANGE, all)));
        answer
    }

    fn gone(&self, error: &TorrentError) -> Response<Body> {
        tracing::info!(%error, "a file could not be opened for a player");
        self.answer_with(StatusCode::GONE, Body::empty())
    }
}

/// A body that reads as fast as it is taken.
fn body(reader: Reader) -> Body {
    Body::from_stream(stream::try_unfold(reader, async |mut reader| {
        Ok::<_, driver::ReadError>(reader.next().await?.map(|bytes| (bytes, reader)))
    }))
}
