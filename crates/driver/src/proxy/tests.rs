//! Proxies' names, and what they say.

use std::net::SocketAddr;

use super::{
    socks::{Refusal, chosen, greeting, let_in, login, reply, request},
    tunnel::{self, NoTunnel},
    *,
};

#[test]
fn a_proxy_is_read_with_and_without_a_login() {
    let proxy: Proxy = "socks5://me:p%40ss@[::1]:9050".parse().unwrap();
    assert_eq!(proxy.place(), ("::1", 9050));
    assert_eq!(proxy.login, Some(("me".into(), "p@ss".into())));
    assert_eq!(format!("{proxy:?}"), "Proxy(socks5://[::1]:9050)", "no login in a log");
    assert_eq!("socks5h://tor".parse::<Proxy>().unwrap().place(), ("tor", 1080));
    assert_eq!("http://cache:8080".parse::<Proxy>().unwrap().kind, Kind::Http);
    for bad in ["", "tor:9050", "socks4://tor:9050", "https://tor", "socks5://:9", "socks5://"] {
        assert_eq!(bad.parse::<Proxy>(), Err(BadProxy), "{bad}");
    }
}

#[test]
fn requests_and_headers_are_those_of_rfc_1928() {
    let v4 = Target::Addr(([192, 0, 2, 1], 6881).into());
    assert_eq!(header(v4).unwrap(), [0, 0, 0, 1, 192, 0, 2, 1, 0x1a, 0xe1]);
    let v6 = header(Target::Addr("[2001:db8::1]:80".parse().unwrap())).unwrap();
    assert_eq!((v6.len(), &v6[..6], v6[19]), (22, &[0, 0, 0, 4, 0x20, 0x01][..], 1));
    let name = Target::Name("a.example", 80);
    let written = [&[3, 9][..], b"a.example", &[0, 80]].concat();
    assert_eq!(header(name).unwrap(), [&[0, 0, 0][..], &written].concat());
    assert_eq!(request(Command::Connect, name).unwrap(), [&[5, 1, 0][..], &written].concat());
    assert_eq!(request(Command::UdpAssociate, v4).unwrap()[..4], [5, 3, 0, 1]);
    let long = "x".repeat(256);
    assert_eq!(header(Target::Name(&long, 80)), Err(Refusal::TooLong), "not another name");
    assert_eq!(login("me", &long), Err(Refusal::TooLong));
    assert_eq!(login("me", "secret").unwrap(), [&[1, 2][..], b"me", &[6], b"secret"].concat());
    assert_eq!((greeting(false), greeting(true)), (&[5, 1, 0][..], &[5, 2, 0, 2][..]));
}

#[test]
fn what_a_socks5_proxy_says_is_read_once_it_is_whole() {
    assert_eq!(chosen(&[5, 0, 9], false), Ok(Some((Next::Request, 2))));
    assert_eq!(chosen(&[5, 2], true), Ok(Some((Next::Login, 2))));
    assert_eq!(chosen(&[5, 2], false), Err(Refusal::Login), "we have none");
    assert_eq!(chosen(&[5, 0xff], true), Err(Refusal::Login));
    assert_eq!(chosen(&[4, 0], true), Err(Refusal::Garbled));
    assert_eq!((let_in(&[1, 0]), let_in(&[1, 1])), (Ok(Some(((), 2))), Err(Refusal::Login)));
    let name = [&[5, 0, 0, 3, 5][..], b"there", &[0, 80]].concat();
    for (bytes, addr) in [
        (&[5, 0, 0, 1, 192, 0, 2, 1, 0x1a, 0xe1][..], "192.0.2.1:6881"),
        (
            &[&[5, 0, 0, 4, 0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1, 0, 80]].concat(),
            "[2001:db8::1]:80",
        ),
        (&name, "0.0.0.0:80"),
    ] {
        let addr: SocketAddr = addr.parse().unwrap();
        let with_more = [bytes, b"more"].concat();
        assert_eq!(reply(&with_more), Ok(Some((addr, bytes.len()))), "and no byte behind it");
        for cut in 0..bytes.len() {
            assert_eq!(reply(&bytes[..cut]), Ok(None), "{cut}");
        }
    }
    assert_eq!(reply(&[5, 7]), Err(Refusal::Because(7)));
    assert_eq!(reply(&[5, 0, 0, 9]), Err(Refusal::Garbled));
}

#[test]
fn datagrams_are_read_as_they_were_written_and_fragments_and_nonsense_are_not() {
    for addr in ["192.0.2.1:6881", "[2001:db8::1]:80"] {
        let addr: SocketAddr = addr.parse().unwrap();
        let whole = [&header(Target::Addr(addr)).unwrap()[..], b"hello"].concat();
        assert_eq!(open(&whole), Some((addr, &b"hello"[..])));
        let fragment = [&[0, 0, 1], &whole[3..]].concat();
        assert_eq!(open(&fragment), None);
        for cut in 0..whole.len() - 5 {
            assert_eq!(open(&whole[..cut]), None, "{cut}");
        }
    }
    assert_eq!(open(&header(Target::Name("a.example", 80)).unwrap()), None);
}

#[test]
fn a_tunnel_is_asked_for_and_its_answer_read_to_its_end_and_no_further() {
    let asked = tunnel::request("a.example:80", Some(("me", "secret"))).unwrap();
    assert_eq!(
        asked,
        "CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"
    );
    for bad in ["", "a b:80", "a\r\nX: y:80"] {
        assert_eq!(tunnel::request(bad, None), Err(NoTunnel::Target), "{bad:?}");
    }
    let head = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
    assert_eq!(tunnel::answer(&[&head[..], b"bytes"].concat()), Ok(Some(head.len())));
    for cut in 0..head.len() {
        assert_eq!(tunnel::answer(&head[..cut]), Ok(None), "{cut}");
    }
    for (bytes, why) in [
        (&b"HTTP/1.1 407 Who?\r\n"[..], NoTunnel::Login),
        (b"HTTP/1.0 503 ", NoTunnel::Status(503)),
        (b"HTTP/2 200 OK", NoTunnel::Garbled),
        (b"SSH-2.0-x", NoTunnel::Garbled),
    ] {
        assert_eq!(tunnel::answer(bytes), Err(why), "{}", bytes.escape_ascii());
    }
    let endless = [&b"HTTP/1.1 200 OK\r\n"[..], &[b'x'; tunnel::ANSWER_MAX]].concat();
    assert_eq!(tunnel::answer(&endless), Err(NoTunnel::Garbled));
}
