//! Through whom connections go, if somebody names a proxy.
//!
//! A proxy carries TCP, outwards, and a SOCKS5 proxy may carry datagrams. So with one nothing is listened to, no
//! datagram leaves beside its relay, and names are resolved by the proxy: whatever would go another way does not
//! go at all.

mod socks;
#[cfg(test)]
mod tests;
mod tunnel;

use std::{error::Error, fmt, io, net::SocketAddr, str::FromStr};

use hyper::Uri;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) use self::socks::{ADDRESS_HEADER_MAX, Target, header, open};
use self::socks::{Command, Next};
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

impl Proxy {
    /// Where the proxy itself is.
    pub(crate) fn place(&self) -> (&str, u16) {
        (self.host.trim_start_matches('[').trim_end_matches(']'), self.port)
    }

    /// Has a connection to the proxy open a relay for datagrams: where it is. It stays open as long as the connection.
    pub(crate) async fn associate(&self, stream: &mut TcpStream) -> io::Result<SocketAddr> {
        if self.kind == Kind::Http {
            let why = "an HTTP proxy carries no datagrams";
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        }
        // Where our datagrams will come from is not known to us: the proxy sees it.
        let nowhere = Target::Addr(([0; 4], 0).into());
        let at = self.ask_socks(stream, Command::UdpAssociate, nowhere).await?;
        Ok(relay::as_seen_from_here(at, stream.peer_addr()?.ip()))
    }

    /// Whether it may carry datagrams.
    pub(crate) fn may_relay(&self) -> bool {
        self.kind == Kind::Socks5
    }

    /// Has a connection to the proxy lead on to the target.
    pub(crate) async fn lead(
        &self,
        mut stream: TcpStream,
        target: Target<'_>,
    ) -> io::Result<TcpStream> {
        match self.kind {
            Kind::Socks5 => {
                self.ask_socks(&mut stream, Command::Connect, target).await?;
            }
            Kind::Http => self.ask_http(&mut stream, target).await?,
        }
        Ok(stream)
    }

    /// Greets, says who we are if that is wanted, and asks; the address in the answer.
    async fn ask_socks(
        &self,
        stream: &mut TcpStream,
        command: Command,
        target: Target<'_>,
    ) -> io::Result<SocketAddr> {
        let request = socks::request(command, target).map_err(io::Error::other)?;
        let known = self.login.is_some();
        stream.write_all(socks::greeting(known)).await?;
        let next = hear(stream, socks::REPLY_MAX, |bytes| socks::chosen(bytes, known)).await?;
        if let (Next::Login, Some((user, password))) = (next, &self.login) {
            let login = socks::login(user, password).map_err(io::Error::other)?;
            stream.write_all(&login).await?;
            hear(stream, socks::REPLY_MAX, socks::let_in).await?;
        }
        stream.write_all(&request).await?;
        hear(stream, socks::REPLY_MAX, socks::reply).await
    }

    async fn ask_http(&self, stream: &mut TcpStream, target: Target<'_>) -> io::Result<()> {
        let login = self.login.as_ref().map(|(user, password)| (&user[..], &password[..]));
        let request = tunnel::request(&target.to_string(), login).map_err(io::Error::other)?;
        stream.write_all(request.as_bytes()).await?;
        let answer =
            |bytes: &[u8]| Ok::<_, tunnel::NoTunnel>(tunnel::answer(bytes)?.map(|len| ((), len)));
        hear(stream, tunnel::ANSWER_MAX, answer).await
    }
}

/// Hears what a proxy answers, and no byte of what comes behind it, which is not the proxy's. `read` tells what it is
/// and how long.
async fn hear<T, E: Error + Send + Sync + 'static>(
    stream: &mut TcpStream,
    len_max: usize,
    read: impl Fn(&[u8]) -> Result<Option<(T, usize)>, E>,
) -> io::Result<T> {
    let (mut heard, mut ahead) = (Vec::new(), [0; 512]);
    while heard.len() <= len_max {
        let count = stream.peek(&mut ahead).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let before = heard.len();
        heard.extend_from_slice(&ahead[..count]);
        let answer = read(&heard).map_err(io::Error::other)?;
        let end = answer.as_ref().map_or(heard.len(), |(_, len)| *len);
        stream.read_exact(&mut ahead[..end.saturating_sub(before)]).await?;
        if let Some((answer, _)) = answer {
            return Ok(answer);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}
