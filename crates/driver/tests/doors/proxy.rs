//! The doors of what proxies say, with what must hold whatever it is. The tests replay the corpora through them, and
//! `fuzz/` feeds them what libFuzzer makes up.

use std::net::SocketAddr;

use crate::{
    socks::{self, Command, Heard, Target},
    tunnel,
};

/// A SOCKS5 proxy's words: each is whole or not, whatever follows it, and none is longer than it may be. The first
/// byte says whether we have a login.
pub(crate) fn socks_reply(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let has_login = first % 2 == 1;
    expect_one_end(bytes, |bytes| socks::chosen(bytes, has_login));
    expect_one_end(bytes, socks::let_in);
    let Some(addr) = expect_one_end(bytes, socks::reply) else { return };
    let asked = socks::request(Command::Connect, Target::Addr(addr)).expect("an address fits");
    // A request is a reply but for its second byte.
    let said = [&[asked[0], 0], &asked[2..]].concat();
    assert_eq!(socks::reply(&said), Ok(Some((addr, said.len()))));
}

/// What is read ends at one place: less is too little, and more changes nothing.
fn expect_one_end<T: PartialEq + std::fmt::Debug>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Heard<T>,
) -> Option<T> {
    let (value, len) = read(bytes).ok()??;
    assert!((2..=socks::REPLY_MAX.min(bytes.len())).contains(&len));
    (0..len).for_each(|cut| assert_eq!(read(&bytes[..cut]), Ok(None)));
    assert_eq!(read(&bytes[..len]).as_ref(), Ok(&Some((value, len))));
    read(bytes).ok()?.map(|(value, _)| value)
}

/// An HTTP proxy's answer: it ends at one place, and who refuses has refused whatever follows.
pub(crate) fn tunnel_answer(bytes: &[u8]) {
    let more = [bytes, b"HTTP/1.1 200 OK\r\n\r\n"].concat();
    match tunnel::answer(bytes) {
        Ok(Some(len)) => {
            assert!(
                len <= bytes.len().min(tunnel::ANSWER_MAX) && bytes[..len].ends_with(b"\r\n\r\n")
            );
            assert_eq!(tunnel::answer(&more), Ok(Some(len)));
            for cut in [0, len / 2, len - 1] {
                assert_eq!(tunnel::answer(&bytes[..cut]), Ok(None));
            }
        }
        Ok(None) => assert!(bytes.len() <= tunnel::ANSWER_MAX),
        Err(why) => assert_eq!(tunnel::answer(&more), Err(why)),
    }
    let named = String::from_utf8_lossy(bytes);
    if let Ok(asked) = tunnel::request(&named, None) {
        assert_eq!(asked.lines().count(), 3, "a name is no header");
    }
}

/// A datagram from a relay: who sent it is told as we would tell it.
pub(crate) fn relay_header(bytes: &[u8]) {
    let Some((from, rest)) = socks::open(bytes) else { return };
    let header = socks::header(Target::Addr(from)).expect("an address fits");
    assert!(header.len() <= socks::ADDRESS_HEADER_MAX && rest.len() < bytes.len());
    let again = [&header[..], rest].concat();
    assert_eq!(socks::open(&again), Some((from, rest)));
    let canonical = SocketAddr::new(from.ip().to_canonical(), from.port());
    assert_eq!(from, canonical, "whatever family it was written in");
}
