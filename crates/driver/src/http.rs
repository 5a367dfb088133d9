//! One HTTP client for trackers and web seeds: HTTP/1.1, redirects by our own rules; connections to web seeds are pooled.
//!
//! A connection is made to an address, not to a name, and the address policy is asked about every one
//! of them, also after a redirect. A server on the internet can never redirect us to a local address,
//! not even where local addresses are allowed.

use std::{
    error::Error as _,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{self, HeaderValue},
};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connected, Connection},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};
use tower_service::Service;

use crate::{
    address::Reach,
    sockets::{SocketFault, Sockets},
};

/// Redirects followed for one request.
const REDIRECTS_MAX: usize = 5;
/// How long a server may take to begin its answer, and to go on with it.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long an unused connection is kept.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Unused connections kept per web seed.
const IDLE_PER_HOST_MAX: usize = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpFault {
    /// The address policy forbids the server, or the URL is none we follow.
    #[error("the address policy forbids this server")]
    Forbidden,
    /// Unreachable, silent, broken, or redirecting in circles.
    #[error("the server was not reached")]
    NotReached,
    /// The answer is longer than an answer can be.
    #[error("the answer is too long")]
    TooLong,
}

/// What a request is for; it decides what a request to a local address may look like, so that a
/// stranger's torrent cannot speak to programs of this household that are neither tracker nor web seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Local trackers end in `/announce`, or `/scrape` to count (BEP 48).
    Tracker,
    /// Local web seeds have no query.
    WebSeed,
}

impl Purpose {
    fn permits_local(self, url: &Uri) -> bool {
        match self {
            Self::Tracker => ends(url, &["/announce", "/scrape"]),
            Self::WebSeed => url.query().is_none(),
        }
    }

    /// Unused connections kept per server. Trackers close theirs after an answer without saying so (opentracker does), and
    /// what was asked on one that closes just then is lost: that we are gone, when it was asked a moment before.
    fn idle_per_host_max(self) -> usize {
        match self {
            Self::Tracker => 0,
            Self::WebSeed => IDLE_PER_HOST_MAX,
        }
    }
}

/// Whether a path ends in one of these.
fn ends(url: &Uri, ends: &[&str]) -> bool {
    ends.iter().any(|end| url.path().ends_with(end))
}

/// Asks servers.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    purpose: Purpose,
    agent: HeaderValue,
    global: Client<Connector, Empty<Bytes>>,
    /// Reaches local addresses too; absent if the policy forbids them.
    local: Option<Client<Connector, Empty<Bytes>>>,
}

impl HttpClient {
    /// A client that reaches local addresses only if `local` is set.
    pub(crate) fn new(sockets: &Sockets, purpose: Purpose, local: bool, agent: &str) -> Self {
        let tls = Arc::new(OnceLock::new());
        let client = |local| {
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE_MAX)
                .pool_max_idle_per_host(purpose.idle_per_host_max())
                .build(Connector { sockets: sockets.clone(), local, tls: Arc::clone(&tls) })
        };
        Self {
            purpose,
            agent: HeaderValue::from_str(agent).unwrap_or(HeaderValue::from_static("kinora")),
            global: client(false),
            local: local.then(|| client(true)),
        }
    }

    /// The answer to a GET, redirects followed. `range` becomes a `Range` header as it is.
    pub(crate) async fn get(
        &self,
        url: &str,
        range: Option<HeaderValue>,
    ) -> Result<Response<Incoming>, HttpFault> {
        let mut url: Uri = url.parse().map_err(|_| HttpFault::Forbidden)?;
        let mut may_be_local = true;
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.get_once(&url, range.clone(), may_be_local).await?;
            let Some(next) = redirect(&url, &answer) else { return Ok(answer) };
            may_be_local &= reach_of(&answer) == Reach::Local;
            url = next;
        }
        Err(HttpFault::NotReached)
    }

    async fn get_once(
        &self,
        url: &Uri,
        range: Option<HeaderValue>,
        may_be_local: bool,
    ) -> Result<Response<Incoming>, HttpFault> {
        if !matches!(url.scheme_str(), Some("http" | "https")) {
            return Err(HttpFault::Forbidden);
        }
        let mut request = Request::get(url.clone()).header(header::USER_AGENT, &self.agent);
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        let request = request.body(Empty::new()).map_err(|_| HttpFault::Forbidden)?;
        let local = self.local.as_ref().filter(|_| may_be_local && self.purpose.permits_local(url));
        match timeout(SILENCE_MAX, local.unwrap_or(&self.global).request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(why)) if is_forbidden(&why) => Err(HttpFault::Forbidden),
            Ok(Err(_)) | Err(_) => Err(HttpFault::NotReached),
        }
    }
}

/// The next bytes of an answer's body; `None` at its end.
pub(crate) async fn next_bytes(
    answer: &mut Response<Incoming>,
) -> Option<Result<Bytes, HttpFault>> {
    loop {
        let frame = match timeout(SILENCE_MAX, answer.body_mut().frame()).await {
            Ok(frame) => frame?,
            Err(_) => return Some(Err(HttpFault::NotReached)),
        };
        match frame {
            // A frame of trailers holds no bytes.
            Ok(frame) => match frame.into_data() {
                Ok(bytes) => return Some(Ok(bytes)),
                Err(_trailers) => {}
            },
            Err(_) => return Some(Err(HttpFault::NotReached)),
        }
    }
}

/// The whole body of an answer of at most `max` bytes.
pub(crate) async fn body(mut answer: Response<Incoming>, max: usize) -> Result<Bytes, HttpFault> {
    let mut all = BytesMut::new();
    while let Some(bytes) = next_bytes(&mut answer).await {
        let bytes = bytes?;
        if all.len() + bytes.len() > max {
            return Err(HttpFault::TooLong);
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all.freeze())
}

/// Where an answer sends us, if it does.
fn redirect(from: &Uri, answer: &Response<Incoming>) -> Option<Uri> {
    match answer.status() {
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {
            resolve_reference(from, answer.headers().get(header::LOCATION)?.to_str().ok()?)
        }
        _ => None,
    }
}

/// The URL that a reference means at a base URL (RFC 3986 5.2, without the removal of dot segments, which
/// servers do themselves).
fn resolve_reference(base: &Uri, reference: &str) -> Option<Uri> {
    let reference = reference.split('#').next()?;
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    let absolute = if reference.contains("://") {
        reference.to_owned()
    } else if reference.starts_with("//") {
        format!("{scheme}:{reference}")
    } else if reference.starts_with('/') {
        format!("{scheme}://{authority}{reference}")
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{reference}")
    };
    absolute.parse().ok()
}

/// Whom an answer came from.
fn reach_of(answer: &Response<Incoming>) -> Reach {
    answer.extensions().get::<Reached>().map_or(Reach::Global, |reached| reached.0)
}

fn is_forbidden(why: &hyper_util::client::legacy::Error) -> bool {
    let mut source = why.source();
    while let Some(error) = source {
        if matches!(error.downcast_ref(), Some(SocketFault::Forbidden)) {
            return true;
        }
        source = error.source();
    }
    false
}

/// Makes the client's connections with [`Sockets`].
#[derive(Debug, Clone)]
struct Connector {
    sockets: Sockets,
    local: bool,
    /// Made at the first HTTPS request: reading the system's authorities takes milliseconds.
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = SocketFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, SocketFault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SocketFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(&url).await.map(TokioIo::new) })
    }
}

impl Connector {
    async fn connect(&self, url: &Uri) -> Result<Stream, SocketFault> {
        let secure = url.scheme_str() == Some("https");
        let host = url.host().ok_or(SocketFault::Forbidden)?;
        let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let tcp = self.sockets.connect_host(host, port, self.local).await?;
        let reached = Reached(self.sockets.reach_of(&tcp)?);
        let io: Box<dyn Duplex> = if secure {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let name = ServerName::try_from(bare.to_owned()).map_err(io::Error::other)?;
            let tls = TlsConnector::from(Arc::clone(self.tls.get_or_init(tls)));
            Box::new(timeout(SILENCE_MAX, tls.connect(name, tcp)).await.map_err(io::Error::from)??)
        } else {
            Box::new(tcp)
        };
        Ok(Stream { io, reached })
    }
}

/// TLS that trusts whom this machine trusts.
fn tls() -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, unusable) = roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::warn!(unusable, "no certificate authorities found: HTTPS servers will be refused");
    }
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

/// Travels with every answer of a connection.
#[derive(Debug, Clone, Copy)]
struct Reached(Reach);

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection, plain or TLS.
struct Stream {
    io: Box<dyn Duplex>,
    reached: Reached,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().extra(self.reached)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_against_their_base() {
        let base: Uri = "http://a.example:81/b/c?d".parse().unwrap();
        for (reference, absolute) in [
            ("https://e.example/f", "https://e.example/f"),
            ("//e.example/f", "http://e.example/f"),
            ("/f?g", "http://a.example:81/f?g"),
            ("f#g", "http://a.example:81/b/f"),
        ] {
            assert_eq!(resolve_reference(&base, reference).unwrap().to_string(), absolute);
        }
        assert_eq!(resolve_reference(&base, "http://[bad"), None);
    }

    #[tokio::test]
    async fn no_url_but_http_is_followed_and_local_ones_only_if_allowed() {
        let sockets = Sockets::new(None);
        let client = HttpClient::new(&sockets, Purpose::WebSeed, false, "test");
        for url in [
            "file:///etc/passwd",
            "gopher://a/",
            "/relative",
            "http://127.0.0.1:9/",
            "http://localhost:9/",
        ] {
            assert!(matches!(client.get(url, None).await, Err(HttpFault::Forbidden)), "{url}");
        }
        let client = HttpClient::new(&sockets, Purpose::WebSeed, true, "test");
        let queried = client.get("http://127.0.0.1:9/?a", None).await;
        assert!(matches!(queried, Err(HttpFault::Forbidden)));
        let closed = client.get("http://127.0.0.1:9/", None).await;
        assert!(matches!(closed, Err(HttpFault::NotReached)));
    }
}
