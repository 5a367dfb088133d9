//! What is said to a SOCKS5 proxy and what it says: bytes in, bytes out (RFC 1928, and the login of RFC 1929).

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// The version of SOCKS, and of its login.
const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
/// Ways of saying who we are.
const NO_LOGIN: u8 = 0;
const BY_PASSWORD: u8 = 2;
/// Kinds of addresses.
const V4: u8 = 1;
const NAME: u8 = 3;
const V6: u8 = 4;
/// The longest name or login.
const TEXT_MAX: usize = 255;
/// The longest reply: a name.
pub(crate) const REPLY_MAX: usize = 4 + 1 + TEXT_MAX + 2;
/// The longest header of an address.
pub(crate) const ADDRESS_HEADER_MAX: usize = 4 + 16 + 2;

/// Where a connection or a datagram is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    Addr(SocketAddr),
    /// A name that the proxy resolves.
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

/// What we ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Connect = 1,
    UdpAssociate = 3,
}

/// Why a proxy does not do what we ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It wants another login, or another way of saying it.
    #[error("the proxy refuses our login")]
    Login,
    /// Its own reason (RFC 1928, section 6).
    #[error("the proxy refuses, reason {0}")]
    Because(u8),
    /// It speaks something else.
    #[error("what the proxy says is not SOCKS5")]
    Garbled,
    /// A name or a login that does not fit.
    #[error("a name or a login of more than 255 bytes")]
    TooLong,
}

/// What follows the greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The request.
    Request,
    /// The login.
    Login,
}

/// What was read from the front of some bytes, and how many of them it was; `None` while more must come.
pub(crate) type Heard<T> = Result<Option<(T, usize)>, Refusal>;

/// The ways in which we can say who we are.
pub(crate) fn greeting(has_login: bool) -> &'static [u8] {
    if has_login { &[VERSION, 2, NO_LOGIN, BY_PASSWORD] } else { &[VERSION, 1, NO_LOGIN] }
}

/// Which of them the proxy wants.
pub(crate) fn chosen(bytes: &[u8], has_login: bool) -> Heard<Next> {
    match bytes {
        [VERSION, NO_LOGIN, ..] => Ok(Some((Next::Request, 2))),
        [VERSION, BY_PASSWORD, ..] if has_login => Ok(Some((Next::Login, 2))),
        [VERSION, _, ..] => Err(Refusal::Login),
        [] | [VERSION] => Ok(None),
        _ => Err(Refusal::Garbled),
    }
}

/// Who we are.
///
/// # Errors
/// It does not fit.
pub(crate) fn login(user: &str, password: &str) -> Result<Vec<u8>, Refusal> {
    let mut words = vec![LOGIN_VERSION];
    for text in [user, password] {
        words.push(u8::try_from(text.len()).map_err(|_| Refusal::TooLong)?);
        words.extend_from_slice(text.as_bytes());
    }
    Ok(words)
}

/// Whether we are let in. The version is written in more than one way there.
pub(crate) fn let_in(bytes: &[u8]) -> Heard<()> {
    match bytes {
        [_, 0, ..] => Ok(Some(((), 2))),
        [_, _, ..] => Err(Refusal::Login),
        _ => Ok(None),
    }
}

/// Asks for something.
///
/// # Errors
/// A name that does not fit.
pub(crate) fn request(command: Command, target: Target<'_>) -> Result<Vec<u8>, Refusal> {
    let mut words = vec![VERSION, command as u8, 0];
    put_target(target, &mut words)?;
    Ok(words)
}

/// Whether the proxy does it, and at which address. A name means the proxy itself: nothing is resolved beside it.
pub(crate) fn reply(bytes: &[u8]) -> Heard<SocketAddr> {
    match bytes {
        [VERSION, 0, ..] | [VERSION] | [] => {}
        [VERSION, reason, ..] => return Err(Refusal::Because(*reason)),
        _ => return Err(Refusal::Garbled),
    }
    let Some((&[_, _, _, kind], rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let len = match kind {
        V4 => 4,
        V6 => 16,
        NAME => match rest.first() {
            Some(len) => 1 + usize::from(*len),
            None => return Ok(None),
        },
        _ => return Err(Refusal::Garbled),
    };
    let Some((place, rest)) = rest.split_at_checked(len) else { return Ok(None) };
    let Some(port) = rest.first_chunk() else { return Ok(None) };
    let ip = ip(place).filter(|_| kind != NAME).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    Ok(Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), 4 + len + 2)))
}

/// The address that as many bytes are.
fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|ip| Ipv4Addr::from(ip).into());
    let v6 = || <[u8; 16]>::try_from(bytes).map(|ip| Ipv6Addr::from(ip).to_canonical());
    v4.or_else(|_| v6()).ok()
}

fn put_target(target: Target<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let port = match target {
        Target::Addr(addr) => {
            match addr.ip() {
                IpAddr::V4(ip) => {
                    out.push(V4);
                    out.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    out.push(V6);
                    out.extend_from_slice(&ip.octets());
                }
            }
            addr.port()
        }
        Target::Name(name, port) => {
            out.extend([NAME, u8::try_from(name.len()).map_err(|_| Refusal::TooLong)?]);
            out.extend_from_slice(name.as_bytes());
            port
        }
    };
    out.extend_from_slice(&port.to_be_bytes());
    Ok(())
}

/// What goes in front of a datagram to a target.
///
/// # Errors
/// A name that does not fit.
pub(crate) fn header(target: Target<'_>) -> Result<Vec<u8>, Refusal> {
    let mut header = vec![0, 0, 0];
    put_target(target, &mut header)?;
    Ok(header)
}

/// Who sent a datagram that the relay passed on, and what. `None` for what is none: a fragment, a name, nonsense.
pub(crate) fn open(datagram: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (&[_, _, fragment, kind], rest) = datagram.split_first_chunk::<4>()?;
    let len = match kind {
        V4 => 4,
        V6 => 16,
        _ => return None,
    };
    let (place, rest) = rest.split_at_checked(len).filter(|_| fragment == 0)?;
    let (port, bytes) = rest.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip(place)?, u16::from_be_bytes(*port)), bytes))
}
