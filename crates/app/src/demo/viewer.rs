//! A viewer without a screen: asks the server over HTTP as a browser's player does, and checks every byte.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Incoming,
    header::{HOST, RANGE},
};
use media::index::{Index, Parts, Plan, plan};
use serde_json::Value;
use thiserror::Error;
use tokio::time::timeout;

use crate::http::client::{Client, ClientError};

/// Longer than this nobody waits for a byte.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a film could not be watched.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the film cannot be read: {0}")]
    Film(#[from] io::Error),
    #[error("HTTP failed: {0}")]
    Http(#[from] hyper::Error),
    #[error("the request could not be made: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("the server answered {status}: {said}")]
    Refused { status: StatusCode, said: String },
    #[error("no byte came for {} s", PATIENCE.as_secs())]
    TooLate,
    #[error("the stream ended at byte {at} of {length}")]
    Short { at: u64, length: u64 },
    #[error("a byte after {at} is not that of the film")]
    WrongByte { at: u64 },
    #[error("the film's index cannot be read: {0}")]
    Index(#[from] media::index::BadIndex),
}

/// Somebody who talks to the server.
pub(super) struct Viewer<'a> {
    pub(super) port: u16,
    pub(super) token: &'a str,
}

impl Viewer<'_> {
    /// Asks the API.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, Trouble> {
        Ok(self.client().ask(method, path, body).await?)
    }

    fn client(&self) -> Client {
        Client { port: self.port, token: self.token.to_owned() }
    }

    /// Opens the stream at an offset with an open end, as players do.
    pub(super) async fn open<'f>(
        &self,
        film: &'f mut Film,
        path: &str,
        at: u64,
    ) -> Result<Watching<'f>, Trouble> {
        let request = Request::builder()
            .uri(path)
            .header(HOST, format!("127.0.0.1:{}", self.port))
            .header(RANGE, format!("bytes={at}-"))
            .body(Full::new(Bytes::new()))?;
        let answer = timeout(PATIENCE, self.client().send(request))
            .await
            .map_err(|_| Trouble::TooLate)??;
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            let said = "the range was not granted".to_owned();
            return Err(Trouble::Refused { status: answer.status(), said });
        }
        film.source.seek(SeekFrom::Start(at))?;
        Ok(Watching { film, body: answer.into_body(), at })
    }

    /// Reads the container's index by the ranges that it lies in.
    pub(super) async fn index(&self, film: &mut Film, path: &str) -> Result<Index, Trouble> {
        let mut parts = Parts::new(film.length);
        while let Plan::Need(ranges) = plan(&parts) {
            for range in ranges {
                let bytes = self.range(film, path, range.clone()).await?;
                parts.insert(range.start, bytes);
            }
        }
        Ok(Index::parse(&parts)?)
    }

    async fn range(
        &self,
        film: &mut Film,
        path: &str,
        range: Range<u64>,
    ) -> Result<Bytes, Trouble> {
        let mut watching = self.open(film, path, range.start).await?;
        let mut bytes = Vec::new();
        while watching.at < range.end.min(watching.film.length) {
            bytes.extend_from_slice(&watching.next().await?);
        }
        Ok(bytes.into())
    }
}

/// The film as it was made, to compare with.
pub(super) struct Film {
    source: File,
    pub(super) length: u64,
    /// Bytes that came and were right.
    pub(super) verified: u64,
}

impl Film {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let source = File::open(path)?;
        let length = source.metadata()?.len();
        Ok(Self { source, length, verified: 0 })
    }
}

/// An open stream.
pub(super) struct Watching<'f> {
    film: &'f mut Film,
    body: Incoming,
    /// The offset of the next byte.
    pub(super) at: u64,
}

impl Watching<'_> {
    /// The next bytes, compared with the film.
    pub(super) async fn next(&mut self) -> Result<Bytes, Trouble> {
        let frame = timeout(PATIENCE, self.body.frame()).await.map_err(|_| Trouble::TooLate)?;
        let ended = Trouble::Short { at: self.at, length: self.film.length };
        let bytes = frame.ok_or(ended)??.into_data().unwrap_or_default();
        let mut expected = vec![0; bytes.len()];
        self.film.source.read_exact(&mut expected)?;
        if expected != bytes {
            return Err(Trouble::WrongByte { at: self.at });
        }
        self.at += bytes.len() as u64;
        self.film.verified += bytes.len() as u64;
        Ok(bytes)
    }

    /// Reads until an offset is reached.
    pub(super) async fn until(&mut self, offset: u64) -> Result<(), Trouble> {
        while self.at < offset.min(self.film.length) {
            self.next().await?;
        }
        Ok(())
    }
}
