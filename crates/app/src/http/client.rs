//! Talks to a Kinora that runs on this machine, as its own page does: for commands and for the demo's viewer.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpStream;

/// The largest answer of the API that is read: an exported catalogue.
const ANSWER_MAX: usize = 256 << 20;
/// The longest line of an answer that comes line by line.
const LINE_MAX: usize = 1 << 20;

/// Why there is no answer, or none that helps.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Nobody listens there, or the connection broke.
    #[error("the connection failed: {0}")]
    Connection(#[from] io::Error),
    /// What came is no HTTP.
    #[error("HTTP failed: {0}")]
    Http(#[from] hyper::Error),
    /// The path or a header cannot be sent.
    #[error("the request could not be made: {0}")]
    Request(#[from] hyper::http::Error),
    /// The server said no.
    #[error("the server answered {status}: {body}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// The problem as it told it, or null.
        body: Value,
    },
    /// The answer is too long or no JSON.
    #[error("the answer was not understood: {0}")]
    Answer(String),
}

/// A server on this machine, and the token that opens it.
#[derive(Debug, Clone)]
pub struct Client {
    /// The port of its page.
    pub port: u16,
    /// Its token.
    pub token: String,
}

impl Client {
    /// Reads a launch address: `http://127.0.0.1:PORT/#token=…`.
    #[must_use]
    pub fn of_launch(url: &str) -> Option<Self> {
        let (place, token) =
            url.trim().strip_prefix("http://127.0.0.1:")?.split_once("/#token=")?;
        Some(Self { port: place.parse().ok()?, token: token.to_owned() })
    }

    /// Asks the API.
    ///
    /// # Errors
    /// Why there is no answer; [`ClientError::Refused`] for every status that is no success.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, ClientError> {
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        self.send_bytes(method, path, "application/json", body).await
    }

    /// Asks the API with a body of any kind.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Value, ClientError> {
        let body = collect(self.begin(method, path, kind, body).await?).await?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| ClientError::Answer(error.to_string()))
    }

    /// Asks the API for an answer that comes line by line, each of them an object.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn lines(&self, path: &str, body: &Value) -> Result<Lines, ClientError> {
        let body = body.to_string().into_bytes();
        let answer = self.begin(Method::POST, path, "application/json", body).await?;
        Ok(Lines { body: answer.into_body(), waiting: Vec::new() })
    }

    /// Sends a request, and waits until its answer begins.
    async fn begin(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Response<Incoming>, ClientError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, format!("127.0.0.1:{}", self.port))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, kind)
            .body(Full::new(Bytes::from(body)))?;
        let answer = self.send(request).await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = serde_json::from_slice(&collect(answer).await?).unwrap_or_default();
        Err(ClientError::Refused { status, body })
    }

    /// Sends a request over a connection of its own.
    ///
    /// # Errors
    /// Nobody listens, or what came is no HTTP.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the server ended");
            }
        });
        Ok(sender.send_request(request).await?)
    }
}

async fn collect(answer: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = Limited::new(answer.into_body(), ANSWER_MAX).collect().await;
    Ok(body.map_err(|error| ClientError::Answer(error.to_string()))?.to_bytes())
}

/// An answer that comes line by line. The server hears when it is dropped.
#[derive(Debug)]
pub struct Lines {
    body: Incoming,
    waiting: Vec<u8>,
}

impl Lines {
    /// The next object; nothing after the last one.
    ///
    /// # Errors
    /// The connection broke, or what came is no line of JSON.
    pub async fn next(&mut self) -> Result<Option<Value>, ClientError> {
        loop {
            if let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.waiting.drain(..=end).collect();
                let read = serde_json::from_slice(&line);
                return read.map(Some).map_err(|error| ClientError::Answer(error.to_string()));
            }
            if self.waiting.len() > LINE_MAX {
                return Err(ClientError::Answer("a line has no end".to_owned()));
            }
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            if let Ok(bytes) = frame?.into_data() {
                self.waiting.extend_from_slice(&bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launch_address_is_taken_apart_and_nothing_else_is_one() {
        let client = Client::of_launch("http://127.0.0.1:5466/#token=abc\n").unwrap();
        assert_eq!((client.port, client.token.as_str()), (5466, "abc"));
        for other in [
            "",
            "http://evil.test:80/#token=abc",
            "http://127.0.0.1:/#token=abc",
            "http://127.0.0.1:1/",
        ] {
            assert!(Client::of_launch(other).is_none(), "{other}");
        }
    }
}
