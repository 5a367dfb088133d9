//! Encrypted connections with libtorrent, which takes no others here: both directions, both methods, all kinds of
//! torrents.

#[path = "../libtorrent/partner.rs"]
mod partner;
#[path = "../stage/mod.rs"]
mod stage;

use engine::Encryption;
use torrent::create::Version;

use self::{
    partner::Partner,
    stage::{Party, Work, soon},
};

fn work(version: Version) -> Work {
    Work::new(version, 64 * 1024, &[2_000_003, 5, 700_001])
}

/// Kinora calls libtorrent and fetches everything.
async fn downloads(version: Version, encryption: Encryption, method: &str, agreed: &str) {
    let work = work(version);
    let Some(partner) = Partner::start(&work, ("tcp", method), true, None) else { return };
    let party = Party::with(|config| config.engine.encryption = encryption).await;
    let (mut partner, addr) = partner.listening().await;
    let torrent = party.join(&work.metainfo, &[addr]).await;
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&party.root());
    assert_eq!(partner.says("met tcp "), agreed);
}

/// libtorrent calls Kinora and fetches everything.
async fn seeds(version: Version, encryption: Encryption, method: &str, agreed: &str) {
    let work = work(version);
    let party = Party::with(|config| config.engine.encryption = encryption).await;
    let _torrent = party.seed(&work).await;
    let peer = party.addr().to_string();
    let Some(partner) = Partner::start(&work, ("tcp", method), false, Some(&peer)) else { return };
    let (partner, _) = partner.listening().await;
    assert_eq!(partner.fetched(&work).await, format!("tcp {agreed}"));
}

const VERSIONS: [Version; 3] = [Version::V1, Version::Hybrid, Version::V2];

#[tokio::test]
async fn downloads_from_who_takes_rc4_alone() {
    for version in VERSIONS {
        downloads(version, Encryption::Prefer, "rc4", "rc4").await;
        downloads(version, Encryption::Require, "both", "rc4").await;
    }
}

#[tokio::test]
async fn downloads_from_who_wants_plaintext_after_the_handshake() {
    for version in VERSIONS {
        downloads(version, Encryption::Prefer, "plaintext", "plaintext").await;
    }
}

#[tokio::test]
async fn seeds_to_who_takes_rc4_alone() {
    for version in VERSIONS {
        seeds(version, Encryption::Prefer, "rc4", "rc4").await;
        seeds(version, Encryption::Require, "both", "rc4").await;
    }
}

#[tokio::test]
async fn seeds_to_who_wants_plaintext_after_the_handshake() {
    for version in VERSIONS {
        seeds(version, Encryption::Prefer, "plaintext", "plaintext").await;
        seeds(version, Encryption::Prefer, "both", "plaintext").await;
    }
}
