//! Peers find each other in the local network, here the one inside this machine: with nothing else to find them by.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use driver::{AddressPolicy, Transport};
use torrent::{
    create::{Builder, Version},
    local_discovery::{Announcement, GROUP_V4, PORT},
};

use crate::{
    partner::Partner,
    stage::{Party, Work, soon},
};

/// A session that may contact nobody near, unless they announce themselves.
async fn party(transport: Transport) -> Party {
    Party::with(|config| {
        config.local_discovery = true;
        config.transport = transport;
        config.address_policy =
            AddressPolicy { local_trackers: false, local_web_seeds: false, local_peers: false };
    })
    .await
}

#[tokio::test]
async fn whoever_came_first_two_sessions_find_each_other_although_local_addresses_are_forbidden() {
    for version in [Version::V1, Version::V2] {
        let work = Work::new(version, 64 * 1024, &[1_000_003]);
        let (seed, leech) = (party(Transport::Tcp).await, party(Transport::Both).await);
        let _torrent = seed.seed(&work).await;
        let torrent = leech.join(&work.metainfo, &[]).await;
        soon(torrent.finished()).await.expect("everything arrives");
        work.expect_at(&leech.root());
    }
}

#[tokio::test]
async fn libtorrent_is_found_and_finds_us() {
    let work = Work::new(Version::V1, 64 * 1024, &[1_000_003]);
    let Some(partner) = Partner::start(&work, ("utp", "off"), true, Some("local")) else { return };
    let leech = party(Transport::Utp).await;
    let (_partner, _) = partner.listening().await;
    let torrent = leech.join(&work.metainfo, &[]).await;
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&leech.root());

    let work = Work::new(Version::V1, 64 * 1024, &[1_000_009]);
    let seed = party(Transport::Utp).await;
    let Some(partner) = Partner::start(&work, ("utp", "off"), false, Some("local")) else { return };
    let (partner, _) = partner.listening().await;
    let _torrent = seed.seed(&work).await;
    partner.fetched(&work).await;
}

/// What is announced in the group on this machine.
fn ear() -> UdpSocket {
    let kind = (socket2::Domain::IPV4, socket2::Type::DGRAM);
    let socket = socket2::Socket::new(kind.0, kind.1, None).expect("a socket");
    socket.set_reuse_address(true).expect("the group is shared");
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)).into()).expect("shared");
    socket.join_multicast_v4(&GROUP_V4, &Ipv4Addr::LOCALHOST).expect("a group on loopback");
    let socket = UdpSocket::from(socket);
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a time");
    socket
}

#[tokio::test]
async fn a_private_torrent_is_not_announced() {
    let ear = ear();
    let public = Work::new(Version::V1, 64 * 1024, &[70_001]);
    let mut builder = Builder::folder("secret");
    builder.version = Version::V1;
    builder.private = true;
    builder.file(vec!["a".into()], 4);
    let mut hashing = builder.start().expect("a good name");
    while hashing.next_file().is_some() {
        hashing.feed(b"1234").expect("four bytes");
    }
    let secret = std::sync::Arc::new(hashing.finish().expect("a torrent"));
    let party = party(Transport::Tcp).await;
    let _private = party.join(&secret, &[]).await;
    let _public = party.join(&public.metainfo, &[]).await;
    let (names, port) = (public.metainfo.info.hashes().wire(), party.addr().port());
    let heard = tokio::task::spawn_blocking(move || {
        let mut heard: Vec<Announcement> = Vec::new();
        let is_ours = |one: &Announcement| one.port == port;
        while !heard.iter().any(|one| is_ours(one) && one.names.contains(&names)) {
            let mut room = [0; 2048];
            let (len, from) = ear.recv_from(&mut room).expect("an announcement in time");
            assert_eq!(from.ip(), IpAddr::from(Ipv4Addr::LOCALHOST));
            heard.extend(Announcement::parse(&room[..len]));
        }
        heard.retain(is_ours);
        heard
    });
    let heard = heard.await.expect("it is announced");
    let secret = secret.info.hashes().wire();
    assert!(heard.iter().all(|one| !one.names.contains(&secret)), "{heard:?}");
}
