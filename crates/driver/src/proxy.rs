//! Through whom connections go, if somebody names a proxy.
//!
//! A proxy carries TCP, outwards, and a SOCKS5 proxy may carry datagrams. So with one nothing is listened to, no
//! datagram leaves beside its relay, and names are resolved by the proxy: whatever would go another way does not
//! go at all.

use std::{fmt, io, net::SocketAddr, str::FromStr};

use hyper::{
    Uri,
    header::{HeaderValue, InvalidHeaderValue},
};
use hyper_util::{client::legacy::connect::proxy::Tunnel, rt::TokioIo};
use tokio::net::TcpStream;
use tokio_socks::{TargetAddr, tcp::Socks5Stream};
use tower_service::Service;

use crate::relay;

/// A proxy, read from `socks5://[USER:PASSWORD@]HOST:PORT` or `http://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    login: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// RFC 1928, with the login of RFC 1929.
    Socks5,
    /// `CONNECT` (RFC 9110, 9.3.6).
    Http,
}

/// What is no proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proxy like socks5://127.0.0.1:9050 or http://user:password@host:3128")]
pub struct BadProxy;

impl FromStr for Proxy {
    type Err = BadProxy;

    fn from_str(text: &str) -> Result<Self, BadProxy> {
        let url: Uri = text.parse().map_err(|_| BadProxy)?;
        // `socks5h` is the word of other programs for names that the proxy resolves; ours always are.
        let (kind, usual) = match url.scheme_str() {
            Some("socks5" | "socks5h") => (Kind::Socks5, 1080),
            Some("http") => (Kind::Http, 3128),
            _ => return Err(BadProxy),
        };
        let authority = url.authority().ok_or(BadProxy)?.as_str();
        let login = match authority.rsplit_once('@') {
            Some((login, _)) => Some(read_login(login)?),
            None => None,
        };
        let host = url.host().filter(|host| !host.is_empty()).ok_or(BadProxy)?.to_owned();
        Ok(Self { kind, host, port: url.port_u16().unwrap_or(usual), login })
    }
}

/// `USER:PASSWORD`, each with what means something in a URL written as `%XX`.
fn read_login(login: &str) -> Result<(String, String), BadProxy> {
    let plain = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8();
        text.map(String::from).map_err(|_| BadProxy)
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    Ok((plain(user)?, plain(password)?))
}

/// Without the login, which is nobody's business.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            Kind::Socks5 => "socks5",
            Kind::Http => "http",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// Where a connection is to lead.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    Addr(SocketAddr),
    Name(&'a str, u16),
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addr(addr) => addr.fmt(f),
            Self::Name(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

impl Proxy {
    /// Where the proxy itself is.
    pub(crate) fn place(&self) -> (&str, u16) {
        (self.host.trim_start_matches('[').trim_end_matches(']'), self.port)
    }

    /// Has a connection to the proxy open a relay for datagrams: where it is. It stays open as long as the connection.
    pub(crate) async fn associate(&self, stream: &mut TcpStream) -> io::Result<SocketAddr> {
        match self.kind {
            Kind::Socks5 => relay::associate(stream, self.login.as_ref()).await,
            Kind::Http => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "an HTTP proxy carries no datagrams",
            )),
        }
    }

    /// Whether it may carry datagrams.
    pub(crate) fn may_relay(&self) -> bool {
        self.kind == Kind::Socks5
    }

    /// Has a connection to the proxy lead on to the target.
    pub(crate) async fn lead(
        &self,
        stream: TcpStream,
        target: Target<'_>,
    ) -> io::Result<TcpStream> {
        match self.kind {
            Kind::Socks5 => self.lead_by_socks(stream, target).await.map_err(io::Error::other),
            Kind::Http => self.lead_by_http(stream, target).await,
        }
    }

    async fn lead_by_socks(
        &self,
        stream: TcpStream,
        target: Target<'_>,
    ) -> Result<TcpStream, tokio_socks::Error> {
        let target = match target {
            Target::Addr(addr) => TargetAddr::Ip(addr),
            Target::Name(host, port) => TargetAddr::Domain(host.into(), port),
        };
        let led = match &self.login {
            Some((user, password)) => {
                let login = Socks5Stream::connect_with_password_and_socket;
                login(stream, target, user, password).await?
            }
            None => Socks5Stream::connect_with_socket(stream, target).await?,
        };
        Ok(led.into_inner())
    }

    async fn lead_by_http(&self, stream: TcpStream, target: Target<'_>) -> io::Result<TcpStream> {
        let at_proxy = Uri::from_static("http://proxy");
        let mut tunnel = Tunnel::new(at_proxy, Standing(Some(stream)));
        if let Some((user, password)) = &self.login {
            tunnel = tunnel.with_auth(basic(user, password).map_err(io::Error::other)?);
        }
        let target: Uri = format!("http://{target}").parse().map_err(io::Error::other)?;
        let led = tunnel.call(target).await.map_err(io::Error::other)?;
        Ok(led.into_inner())
    }
}

fn basic(user: &str, password: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    use base64::{Engine, prelude::BASE64_STANDARD};

    HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
}

/// A connector that has its one connection already.
struct Standing(Option<TcpStream>);

impl Service<Uri> for Standing {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Self::Response>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), io::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into());
        std::future::ready(stream.map(TokioIo::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_with_and_without_a_login() {
        let proxy: Proxy = "socks5://me:p%40ss@[::1]:9050".parse().unwrap();
        assert_eq!(proxy.place(), ("::1", 9050));
        assert_eq!(proxy.login, Some(("me".into(), "p@ss".into())));
        assert_eq!(format!("{proxy:?}"), "Proxy(socks5://[::1]:9050)", "no login in a log");
        assert_eq!("socks5h://tor".parse::<Proxy>().unwrap().place(), ("tor", 1080));
        assert_eq!("http://cache:8080".parse::<Proxy>().unwrap().kind, Kind::Http);
        for bad in ["", "tor:9050", "socks4://tor:9050", "https://tor", "socks5://:9", "socks5://"]
        {
            assert_eq!(bad.parse::<Proxy>(), Err(BadProxy), "{bad}");
        }
    }
}
