//! What is said to an HTTP proxy that is to open a tunnel and what it says: bytes in, bytes out (`CONNECT`, RFC 9110,
//! 9.3.6).

use base64::{Engine, prelude::BASE64_STANDARD};

/// The longest head of an answer.
pub(crate) const ANSWER_MAX: usize = 16 * 1024;

/// Why a proxy opens no tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoTunnel {
    /// It wants another login.
    #[error("the proxy refuses our login")]
    Login,
    /// Its status.
    #[error("the proxy refuses with status {0}")]
    Status(u16),
    /// It speaks something else, or too much.
    #[error("what the proxy says is no answer of HTTP/1")]
    Garbled,
    /// Where it should lead is not a name that can stand in a request.
    #[error("a name that cannot be told to a proxy")]
    Target,
}

/// Asks for a tunnel to `HOST:PORT`.
///
/// # Errors
/// The target would be more than one word.
pub(crate) fn request(target: &str, login: Option<(&str, &str)>) -> Result<String, NoTunnel> {
    if target.is_empty() || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(NoTunnel::Target);
    }
    let login = login.map_or_else(String::new, |(user, password)| {
        let told = BASE64_STANDARD.encode(format!("{user}:{password}"));
        format!("Proxy-Authorization: Basic {told}\r\n")
    });
    Ok(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n"))
}

/// Whether the tunnel is open, and how long the answer is; `None` while more must come.
///
/// # Errors
/// It is not, and will not be.
pub(crate) fn answer(bytes: &[u8]) -> Result<Option<usize>, NoTunnel> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    if end.unwrap_or(bytes.len()) > ANSWER_MAX {
        return Err(NoTunnel::Garbled);
    }
    let Some(status) = status(bytes)? else { return Ok(None) };
    match status {
        200..=299 => Ok(end),
        407 => Err(NoTunnel::Login),
        _ => Err(NoTunnel::Status(status)),
    }
}

/// The number in the status line, once it is there.
fn status(bytes: &[u8]) -> Result<Option<u16>, NoTunnel> {
    const VERSION: &[u8] = b"HTTP/1.";
    let common = bytes.len().min(VERSION.len());
    if bytes[..common] != VERSION[..common] {
        return Err(NoTunnel::Garbled);
    }
    let Some((line, _)) = bytes[common..].split_first_chunk::<6>() else { return Ok(None) };
    match line {
        [b'0' | b'1', b' ', digits @ .., b' ' | b'\r'] if digits.iter().all(u8::is_ascii_digit) => {
            Ok(Some(digits.iter().fold(0, |all, digit| all * 10 + u16::from(digit - b'0'))))
        }
        _ => Err(NoTunnel::Garbled),
    }
}
