//! Who is on a list is neither called nor let in.
#![cfg(target_os = "linux")]

use std::{fs, net::SocketAddr};

use driver::{Session, StartError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};
use torrent::{
    create::Version,
    wire::{Handshake, Reserved},
};

use crate::stage::{Party, Scratch, Work, config, soon};

/// On Linux all of 127.0.0.0/8 is this machine.
const BLOCKED: &str = "127.0.0.2:0";

async fn filtering(list: &str) -> (Party, Scratch) {
    let scratch = Scratch::new();
    let path = scratch.path().join("list.dat");
    fs::write(&path, list).expect("a writable folder");
    (Party::with(|config| config.ip_filter = Some(path)).await, scratch)
}

#[tokio::test]
async fn who_is_on_the_list_is_neither_called_nor_let_in() {
    let work = Work::new(Version::V1, 64 << 10, &[300_000]);
    let seed = Party::new().await;
    seed.seed(&work).await;
    let (viewer, _list) = filtering("127.000.000.002 - 127.000.000.009 , 000 , somebody").await;
    let listener = TcpListener::bind(BLOCKED).await.unwrap();
    let blocked = listener.local_addr().unwrap();
    let torrent = viewer.join(&work.metainfo, &[blocked, seed.addr()]).await;
    soon(torrent.finished()).await.unwrap();
    let called = async {
        tokio::select! {
            biased;
            _ = listener.accept() => true,
            () = std::future::ready(()) => false,
        }
    };
    assert!(!called.await, "the address was called");
    assert_eq!(greeted(&viewer, &work, "127.0.0.1:0".parse().unwrap()).await, 68);
    assert_eq!(greeted(&viewer, &work, BLOCKED.parse().unwrap()).await, 0);
}

/// How much of a greeting somebody gets who calls from an address.
async fn greeted(party: &Party, work: &Work, from: SocketAddr) -> usize {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(from).expect("a free port");
    let mut stream = socket.connect(party.addr()).await.expect("somebody listens");
    let infohash = work.metainfo.info.hashes().v1().expect("it is v1");
    let handshake = Handshake { reserved: Reserved::default(), infohash, peer_id: [b'x'; 20] };
    // It may have been closed already.
    stream.write_all(&handshake.to_bytes()).await.ok();
    let mut answer = [0; 68];
    soon(stream.read_exact(&mut answer)).await.map_or(0, |count| count)
}

#[tokio::test]
async fn a_list_that_says_nothing_is_refused() {
    for list in ["", "no addresses\n"] {
        let scratch = Scratch::new();
        let path = scratch.path().join("list.p2p");
        fs::write(&path, list).unwrap();
        let mut config = config(scratch.path());
        config.ip_filter = Some(path);
        let refused = Session::start(config).await;
        assert!(matches!(refused, Err(StartError::IpFilter { .. })), "{refused:?}");
    }
}
