//! Torrents that we make: the same every time, valid, and honest about what cannot be.

use torrent::{
    Metainfo, Piece,
    create::{Builder, CannotCreate, Version, piece_len_for},
    hash::sha1,
    limits,
};

fn content(seed: u64, length: u64) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from((seed * 31 + at * 7 + at / 250) % 256).expect("a byte"))
        .collect()
}

/// Feeds every file in parts of `part` bytes.
fn make(builder: Builder, part: usize) -> Metainfo {
    let mut hashing = builder.start().expect("good names");
    while let Some((path, length)) = hashing.next_file() {
        let seed = path.iter().map(|name| name.len() as u64).sum();
        for bytes in content(seed, length).chunks(part) {
            hashing.feed(bytes).expect("as many bytes as said");
        }
    }
    hashing.finish().expect("a valid torrent")
}

fn show(version: Version) -> Builder {
    let mut builder = Builder::folder("Show");
    builder.version = version;
    builder.piece_len = Some(32_768);
    builder
        .file(vec!["b".into()], 70_000)
        .file(vec!["a".into(), "x".into()], 1)
        .file(vec!["a.txt".into()], 40_000);
    builder
}

#[test]
fn the_same_files_give_the_same_torrent_in_whatever_parts_and_order() {
    for version in [Version::V1, Version::V2, Version::Hybrid] {
        let whole = make(show(version), 1 << 20).to_bytes();
        for part in [1, 1000, 16_384, 16_385] {
            assert_eq!(
                make(show(version), part).to_bytes(),
                whole,
                "{version:?} in parts of {part}"
            );
        }
        let mut turned = Builder::folder("Show");
        (turned.version, turned.piece_len) = (version, Some(32_768));
        turned
            .file(vec!["a.txt".into()], 40_000)
            .file(vec!["a".into(), "x".into()], 1)
            .file(vec!["b".into()], 70_000);
        assert_eq!(make(turned, 5000).to_bytes(), whole, "{version:?} in another order");
    }
}

#[test]
fn v1_pieces_hash_the_content_with_its_padding() {
    let torrent = make(show(Version::Hybrid), 5000);
    let info = &torrent.info;
    let mut bytes = vec![0; usize::try_from(info.geometry().content_len()).expect("it fits")];
    for file in info.files() {
        let seed = file.path[1..].iter().map(|name| name.len() as u64).sum();
        let at = usize::try_from(file.offset).expect("it fits");
        let data = content(seed, file.length);
        bytes[at..at + data.len()].copy_from_slice(&data);
    }
    let expected: Vec<_> = bytes.chunks(32_768).map(sha1).collect();
    assert_eq!(info.piece_hashes(), expected);
    assert!(info.geometry().piece_len(Piece(0)) == 32_768, "padding is on the wire");
}

#[test]
fn extras_change_the_infohash_only_where_they_should() {
    let plain = make(show(Version::Hybrid), 5000);
    let with = |change: fn(&mut Builder)| {
        let mut builder = show(Version::Hybrid);
        change(&mut builder);
        make(builder, 5000)
    };
    let outside = with(|builder| {
        builder.comment = Some("x".into());
        builder.trackers = vec![vec!["http://t/".into()]];
        builder.web_seeds = vec!["http://w/".into()];
        (builder.created_by, builder.creation_date) = (Some("Kinora".into()), Some(1));
    });
    assert_eq!(outside.info.hashes(), plain.info.hashes());
    assert_eq!(Metainfo::parse(&outside.to_bytes()), Ok(outside));
    let private = with(|builder| builder.private = true);
    assert!(private.info.is_private() && private.info.hashes() != plain.info.hashes());
    assert_ne!(
        with(|builder| builder.source = Some("x".into())).info.hashes(),
        plain.info.hashes()
    );
}

#[test]
fn piece_lengths_suit_a_viewer_and_stay_within_the_limits() {
    let mib = 1 << 20;
    let cases = [
        (0, 16_384),
        (1, 16_384),
        (32 << 20, 16_384),
        (64 << 20, 32_768),
        (700 << 20, 524_288),
        (4 << 30, 1 << 20),
        (1 << 40, mib),
        (1 << 48, 256 << 20),
    ];
    for (length, expected) in cases {
        assert_eq!(piece_len_for(length), expected, "{length}");
    }
    assert!((1_u64 << 41).div_ceil(u64::from(piece_len_for(1 << 41))) <= u64::from(limits::PIECES));
}

#[test]
fn what_cannot_be_made_is_said_before_files_are_read() {
    let start =
        |builder: &Builder| builder.clone().start().map(|_| ()).map_err(|error| error.to_string());
    for name in ["", ".", "..", "a/b", "nul\0"] {
        let mut builder = Builder::folder("Show");
        builder.file(vec!["ok".into(), name.into()], 1);
        assert_eq!(builder.start().err(), Some(CannotCreate::Name { name: name.into() }));
    }
    let mut nameless = Builder::folder("Show");
    nameless.file(vec![], 1);
    assert!(start(&nameless).is_err());
    let mut twice = show(Version::V1);
    twice.file(vec!["b".into()], 1);
    assert_eq!(start(&twice), Err("two things in the torrent are called `b`".into()));
    let mut within = show(Version::V1);
    within.file(vec!["b".into(), "c".into()], 1);
    assert!(start(&within).is_err(), "a file in a file");
    let mut odd = show(Version::V1);
    for length in [0, 1, 8192, 24_576, 512 << 20] {
        odd.piece_len = Some(length);
        assert_eq!(odd.clone().start().err(), Some(CannotCreate::PieceLength { found: length }));
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_noticed() {
    let changed = || CannotCreate::Changed { path: "film".into(), expected: 10 };
    let mut longer = Builder::single_file("film", 10).start().expect("a good name");
    assert_eq!(longer.feed(&[0; 11]), Err(changed()));
    let mut shorter = Builder::single_file("film", 10).start().expect("a good name");
    shorter.feed(&[0; 9]).expect("nine bytes");
    assert_eq!(shorter.finish(), Err(changed()));
    let mut after = Builder::single_file("film", 10).start().expect("a good name");
    after.feed(&[0; 10]).expect("ten bytes");
    assert_eq!(after.feed(&[0]), Err(changed()));
}

#[test]
fn nothing_cannot_be_made_into_a_torrent() {
    let none = Builder::folder("Show").start().expect("a good name").finish();
    assert!(matches!(none, Err(CannotCreate::Metainfo(_))));
    let empty = Builder::single_file("film", 0).start().expect("a good name");
    assert_eq!(empty.next_file(), None, "empty files are not asked for");
    assert!(matches!(empty.finish(), Err(CannotCreate::Metainfo(_))));
}

#[test]
fn the_halves_of_the_work_may_be_done_in_any_order_or_at_once() {
    let builder = || {
        let mut builder = Builder::folder("Show");
        builder.file(vec!["film".into()], 300_000);
        builder
    };
    let (mut hashing, bytes) = (builder().start().expect("good names"), content(4, 300_000));
    let (first, second) = bytes.split_at(100_001);
    let turned = hashing.feed_with(first, |v1, v2| {
        v2();
        v1();
    });
    turned.expect("as many bytes as said");
    let at_once = hashing.feed_with(second, |v1, v2| {
        std::thread::scope(|scope| {
            scope.spawn(v1);
            v2();
        });
    });
    at_once.expect("as many bytes as said");
    let made = hashing.finish().expect("a valid torrent").to_bytes();
    assert_eq!(made, make(builder(), 4096).to_bytes());
}
