//! What strangers' bytes make us allocate: in proportion to their length, whatever they claim. One test, since
//! others would be measured with it.

use bytes::Bytes;
use peak_alloc::PeakAlloc;
use torrent::{
    Info, Magnet, Metainfo,
    bencode::{Document, Limits, Mode},
    tracker::{http, udp},
    wire::{
        Framer, Limits as WireLimits,
        extension::{Exchange, ExtensionHandshake},
    },
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most memory that work needs beyond what was in use before, in bytes.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    drop(work());
    MEMORY.peak_usage().saturating_sub(before)
}

/// A framer that got the start of a message of `claimed` bytes and then `sent` more in parts of `part`.
fn stalled(claimed: u32, id: u8, sent: usize, part: usize) -> usize {
    let mut framer = Framer::new(WireLimits::default());
    peak(move || {
        framer.push(Bytes::from([&claimed.to_be_bytes()[..], &[id]].concat()));
        let mut left = sent;
        while left > 0 {
            let now = part.min(left);
            framer.push(Bytes::from(vec![7; now]));
            assert_eq!(framer.next(), Ok(None));
            left -= now;
        }
        framer
    })
}

#[test]
fn memory_follows_what_came_and_not_what_was_claimed() {
    let kib = 1024;
    let mib = 1024 * kib;

    assert!(stalled(1 << 20, 20, 1, 1) < 20 * kib, "a long message was only announced");
    assert!(stalled(1 << 20, 20, 100 * kib, 1) < 300 * kib, "one byte at a time");
    assert!(stalled((128 << 10) + 9, 7, 64 * kib, 1448) < 192 * kib, "a block in packets");

    let limits = Limits { bytes: 1 << 24, depth: 100, tokens: 1 << 22 };
    let dense = [b"l".to_vec(), b"le".repeat(500_000), b"e".to_vec()].concat();
    let tokens = peak(|| Document::parse(&dense, Mode::Lenient, &limits).is_ok());
    assert!(tokens < 13 * mib, "12 bytes for each of 500,000 values, doubled: {tokens}");
    assert!(peak(|| Document::parse(b"999999999999:x", Mode::Lenient, &limits).is_ok()) < kib);

    // The densest description that is still read through: more files than are allowed.
    let files = b"d6:lengthi1e4:pathl1:aee".repeat(400_000);
    let bomb = [b"d5:filesl".to_vec(), files, b"e4:name1:a12:piece lengthi1e6:pieces0:e".to_vec()]
        .concat();
    let bytes = Bytes::from(bomb);
    let used = peak(|| Info::parse(bytes.clone()).is_ok());
    assert!(used < 64 * mib, "{used} bytes for a description of {}", bytes.len());

    // One long way down to many files: each of them would have the whole path.
    let names: String = (0..40_000).map(|n| format!("5:{n:05}d0:d6:lengthi0eee")).collect();
    let way = format!("100:{}d", "x".repeat(100)).repeat(90);
    let tree = format!(
        "d4:infod9:file treed{way}{names}{}e12:meta versioni2e4:name1:a12:piece lengthi16384eee",
        "e".repeat(90)
    );
    let used = peak(|| assert!(Metainfo::parse(tree.as_bytes()).is_err()));
    assert!(used < 64 * mib, "{used} bytes for a torrent of {}", tree.len());

    let peers = [b"d5:peers1000000:".to_vec(), vec![1; 1_000_000], b"e".to_vec()].concat();
    assert!(peak(|| http::parse_announce(&peers).is_ok()) < 256 * kib);
    assert!(peak(|| udp::parse(&vec![1; 65_535], 0x0101_0101, false).is_ok()) < 256 * kib);
    let pex = [b"d5:added900000:".to_vec(), vec![1; 900_000], b"e".to_vec()].concat();
    assert!(peak(|| Exchange::parse(&pex).is_ok()) < 64 * kib);
    let keys: String = (0..9000).map(|n| format!("4:{n:04}i1e")).collect();
    let said = format!("d1:md{keys}ee");
    assert!(peak(|| ExtensionHandshake::parse(said.as_bytes()).is_ok()) < 512 * kib);
    let link = format!("magnet:?xt=urn:btih:{}{}", "01".repeat(20), "&tr=x".repeat(1500));
    assert!(peak(|| Magnet::parse(&link).is_ok()) < 64 * kib);
}
