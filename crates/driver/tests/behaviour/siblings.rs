//! Two torrents of one content: a file that is there already is not fetched twice, and both swarms are served.

use driver::{Add, Torrent};
use engine::Want;
use torrent::create::Version;

use crate::{
    partner::Partner,
    stage::{Party, Work, soon},
};

const LENS: [usize; 2] = [3_000_001, 200_000];

/// The same files under other names: another version, other pieces.
fn works() -> [(Work, Work); 3] {
    let pairs = [
        (Version::Hybrid, Version::V2),
        (Version::V2, Version::Hybrid),
        (Version::Hybrid, Version::Hybrid),
    ];
    pairs.map(|(one, two)| (Work::new(one, 64 << 10, &LENS), Work::new(two, 32 << 10, &LENS)))
}

/// Adds a torrent whose files lie in a folder of their own, with nobody to fetch it from.
async fn added_apart(party: &Party, work: &Work) -> Torrent {
    let root = party.scratch.path().join("apart");
    let add = Add { root, want: Want::All, ..party.add(&work.metainfo) };
    party.session.add(add).await.expect("the session goes on")
}

#[tokio::test]
async fn a_second_torrent_of_the_same_files_is_complete_without_fetching_and_serves() {
    for (first, second) in works() {
        let (seed, viewer, other) = (Party::new().await, Party::new().await, Party::new().await);
        seed.seed(&first).await;
        let one = viewer.join(&first.metainfo, &[seed.addr()]).await;
        let two = added_apart(&viewer, &second).await;
        assert_ne!(one.id(), two.id());
        soon(one.finished()).await.expect("it is fetched");
        soon(two.finished()).await.expect("it is there");
        second.expect_at(&viewer.scratch.path().join("apart"));
        let stats = soon(two.stats()).await.expect("it is known");
        assert_eq!((stats.downloaded, stats.have_bytes), (0, second.len()));
        // Whoever knows the second name alone is served, also when the first is gone with its files.
        soon(one.remove(true)).await.expect("its files can be deleted");
        let got = other.join(&second.metainfo, &[viewer.addr()]).await;
        soon(got.finished()).await.expect("the viewer serves it");
        second.expect_at(&other.root());
    }
}

#[tokio::test]
async fn libtorrent_gets_a_torrent_that_was_never_fetched_under_its_name() {
    let (first, second) =
        (Work::new(Version::V2, 64 << 10, &LENS), Work::new(Version::Hybrid, 32 << 10, &LENS));
    let party = Party::new().await;
    let _one = party.seed(&first).await;
    let two = added_apart(&party, &second).await;
    soon(two.finished()).await.expect("it is there");
    let peer = party.addr().to_string();
    let Some(partner) = Partner::start(&second, ("tcp", "off"), false, Some(&peer)) else { return };
    let (partner, _) = partner.listening().await;
    partner.fetched(&second).await;
}

#[tokio::test]
async fn a_restart_keeps_what_was_taken_from_another_torrent() {
    let (first, second) =
        (Work::new(Version::Hybrid, 64 << 10, &LENS), Work::new(Version::V2, 32 << 10, &LENS));
    let party = Party::new().await;
    party.seed(&first).await;
    soon(added_apart(&party, &second).await.finished()).await.expect("it is there");
    let Party { session, scratch } = party;
    soon(session.shutdown()).await;
    let session = soon(driver::Session::start(crate::stage::config(scratch.path()))).await;
    let party = Party { session: session.expect("the last one has ended"), scratch };
    let torrent = added_apart(&party, &second).await;
    let ready = soon(torrent.ready()).await.expect("its storage opens");
    assert_eq!(ready.have_bytes, second.len());
    assert_eq!(torrent.checked(), (0, 0), "nothing is hashed");
}
