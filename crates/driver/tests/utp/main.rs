//! uTP between sessions, and with libtorrent that speaks nothing else: both directions, plain and encrypted.

#[path = "../stage/mod.rs"]
mod stage;

#[path = "../libtorrent/partner.rs"]
mod partner;

use driver::Transport;
use engine::Encryption;
use torrent::create::Version;

use self::{
    partner::Partner,
    stage::{Party, Work, soon},
};

fn work(version: Version) -> Work {
    Work::new(version, 64 * 1024, &[5_000_003, 5, 700_001])
}

/// A session that speaks uTP alone.
async fn party(encryption: Encryption) -> Party {
    Party::with(|config| {
        config.transport = Transport::Utp;
        config.engine.encryption = encryption;
    })
    .await
}

#[tokio::test]
async fn one_session_fetches_everything_from_another_over_udp_alone() {
    for version in [Version::V1, Version::Hybrid] {
        let (work, seed) = (work(version), party(Encryption::Off).await);
        let _torrent = seed.seed(&work).await;
        let leech = party(Encryption::Off).await;
        let torrent = leech.join(&work.metainfo, &[seed.addr()]).await;
        soon(torrent.finished()).await.expect("everything arrives");
        work.expect_at(&leech.root());
    }
}

#[tokio::test]
async fn encryption_goes_over_it_as_over_tcp() {
    let (work, seed) = (work(Version::V1), party(Encryption::Require).await);
    let _torrent = seed.seed(&work).await;
    let leech = party(Encryption::Require).await;
    let torrent = leech.join(&work.metainfo, &[seed.addr()]).await;
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&leech.root());
}

#[tokio::test]
async fn who_speaks_both_reaches_who_speaks_either() {
    let work = work(Version::V1);
    for only in [Transport::Tcp, Transport::Utp] {
        let seed = Party::with(|config| config.transport = only).await;
        let _torrent = seed.seed(&work).await;
        let leech = Party::new().await;
        let torrent = leech.join(&work.metainfo, &[seed.addr()]).await;
        soon(torrent.finished()).await.expect("everything arrives");
        work.expect_at(&leech.root());
    }
}

/// Kinora calls libtorrent and fetches everything.
async fn downloads(version: Version, encryption: Encryption, method: &str) {
    let work = work(version);
    let Some(partner) = Partner::start(&work, ("utp", method), true, None) else { return };
    let party = party(encryption).await;
    let (mut partner, addr) = partner.listening().await;
    let torrent = party.join(&work.metainfo, &[addr]).await;
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&party.root());
    assert!(partner.says("met ").starts_with("utp "));
}

/// libtorrent calls Kinora and fetches everything.
async fn seeds(version: Version, encryption: Encryption, method: &str) {
    let (work, party) = (work(version), party(encryption).await);
    let _torrent = party.seed(&work).await;
    let peer = party.addr().to_string();
    let Some(partner) = Partner::start(&work, ("utp", method), false, Some(&peer)) else { return };
    let (partner, _) = partner.listening().await;
    assert!(partner.fetched(&work).await.starts_with("utp "));
}

#[tokio::test]
async fn a_v1_torrent_comes_from_libtorrent() {
    downloads(Version::V1, Encryption::Off, "off").await;
}

#[tokio::test]
async fn a_hybrid_torrent_comes_from_libtorrent() {
    downloads(Version::Hybrid, Encryption::Off, "off").await;
}

#[tokio::test]
async fn a_v1_torrent_comes_from_libtorrent_encrypted() {
    downloads(Version::V1, Encryption::Require, "both").await;
}

#[tokio::test]
async fn a_v1_torrent_goes_to_libtorrent() {
    seeds(Version::V1, Encryption::Off, "off").await;
}

#[tokio::test]
async fn a_hybrid_torrent_goes_to_libtorrent() {
    seeds(Version::Hybrid, Encryption::Off, "off").await;
}

#[tokio::test]
async fn a_v1_torrent_goes_to_libtorrent_encrypted() {
    seeds(Version::V1, Encryption::Require, "both").await;
}
