//! What a torrent that nobody watches costs. One test, since others would be measured with it.

mod setting;

use std::sync::Arc;

use engine::{AddTorrent, Config, Engine, Input, Limits, Output, Prepared, Time, TorrentId, Want};
use peak_alloc::PeakAlloc;
use torrent::{
    Metainfo, Piece,
    create::{Builder, Version},
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const TORRENTS: u32 = 1_000;
/// A film of 1.2 GB in pieces of 2 MiB, as its description counts them.
const PIECES: u64 = 572;
const KIB: usize = 1024;

/// The description of a film like that, but of pieces small enough to be hashed here.
fn description(version: Version) -> Vec<u8> {
    let piece_len = 16 * 1024;
    let len = PIECES * piece_len;
    let mut builder = Builder::single_file("film.mkv", len);
    builder.version = version;
    builder.piece_len = Some(piece_len as u32);
    let mut hashing = builder.start().expect("a good name");
    let bytes = vec![7; piece_len as usize];
    while hashing.next_file().is_some() {
        (0..PIECES).for_each(|_| hashing.feed(&bytes).expect("as many bytes as it has"));
    }
    hashing.finish().expect("a valid torrent").to_bytes()
}

fn engine(active_max: Option<usize>) -> Engine {
    Engine::new(Config {
        exchange_peers: true,
        use_trackers: true,
        connections_max: 200,
        connections_per_torrent_max: 80,
        dials_max: 30,
        limits: Limits { active_max, cache_quota: Some(1 << 40), ..Limits::NONE },
        ..setting::config()
    })
}

/// The bytes of one of a thousand complete torrents, their descriptions included.
fn bytes_each(description: &[u8], active_max: Option<usize>) -> usize {
    let mut engine = engine(active_max);
    let before = MEMORY.current_usage();
    for torrent in (0..TORRENTS).map(TorrentId) {
        let metainfo = Arc::new(Metainfo::parse(description).expect("a valid torrent"));
        let add = AddTorrent {
            torrent,
            hashes: metainfo.info.hashes(),
            metainfo: Some(metainfo),
            trackers: vec![vec!["http://tracker.example/announce".into()]; 3],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        };
        let pieces = (0..PIECES as u32).map(Piece).collect();
        engine.handle_input(Time(0), Input::Add(Box::new(add)));
        let prepared = Prepared { pieces, blocks: vec![] };
        engine.handle_input(Time(0), Input::Prepared(torrent, Ok(prepared)));
        while let Some(output) = engine.poll_output() {
            drop::<Output>(output);
        }
    }
    MEMORY.current_usage().saturating_sub(before) / TORRENTS as usize
}

#[test]
fn an_idle_torrent_costs_less_than_64_kib() {
    // Here, with a description of 11 KiB and one of 29: 33 and 51 KiB.
    for (version, name) in [(Version::V1, "v1"), (Version::Hybrid, "hybrid")] {
        let description = description(version);
        let active = bytes_each(&description, None);
        let waits = bytes_each(&description, Some(8));
        assert!(active <= 64 * KIB && waits <= 64 * KIB, "{name}: {active}, {waits}");
    }
}
