//! Metainfo: good and bad torrents with their verdicts, and where content lies in files.

use bytes::Bytes;
use torrent::{
    BLOCK_LEN, BadMetainfo, FileSlice, Info, InfoHashes, Metainfo, Piece, Sha256Hash,
    bencode::{BadBencode, Encoder, Flaw, Kind},
    create::{Builder, Version},
    hash::{sha1, sha256},
    limits, merkle,
    paths::Os,
};

/// An info dictionary by parts that are bencoded already: `(key, value)` in the order given.
fn dict(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"d".to_vec();
    for (key, value) in entries {
        out.extend_from_slice(format!("{}:{key}", key.len()).as_bytes());
        out.extend_from_slice(value);
    }
    out.push(b'e');
    out
}

fn text(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Encoder::new();
    out.bytes(bytes);
    out.finish()
}

fn int(number: i64) -> Vec<u8> {
    format!("i{number}e").into_bytes()
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [b"l".to_vec(), items.concat(), b"e".to_vec()].concat()
}

fn file(length: i64, path: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = path.iter().map(text).collect();
    dict(&[("length", &int(length)), ("path", &list(&names))])
}

fn pad(length: i64) -> Vec<u8> {
    let path = list(&[text(".pad"), text("0")]);
    dict(&[("attr", &text("p")), ("length", &int(length)), ("path", &path)])
}

fn link(path: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = path.iter().map(text).collect();
    let target = list(&[text(".."), text("etc")]);
    dict(&[
        ("attr", &text("l")),
        ("length", &int(0)),
        ("path", &list(&names)),
        ("symlink path", &target),
    ])
}

/// A v1 torrent of some files with pieces of 16 KiB.
fn v1_files(files: &[Vec<u8>], pieces: usize) -> Vec<u8> {
    dict(&[
        ("files", &list(files)),
        ("name", &text("Show")),
        ("piece length", &int(16_384)),
        ("pieces", &text(vec![1; 20 * pieces])),
    ])
}

/// A v1 torrent of one file, with some values replaced or, where they are empty, left out.
fn v1_with(changes: &[(&str, &[u8])]) -> Vec<u8> {
    let pieces = text([1; 40]);
    let values: [(&str, Vec<u8>); 4] = [
        ("length", int(20_000)),
        ("name", text("film.mkv")),
        ("piece length", int(16_384)),
        ("pieces", pieces),
    ];
    let mut entries: std::collections::BTreeMap<&str, Vec<u8>> = values.into();
    for (key, value) in changes {
        entries.insert(key, value.to_vec());
    }
    entries.retain(|_, value| !value.is_empty());
    let entries: Vec<(&str, &[u8])> = entries.iter().map(|(k, v)| (*k, v.as_slice())).collect();
    dict(&entries)
}

fn leaf(length: i64, root: &[u8]) -> Vec<u8> {
    let root = text(root);
    let mut entries: Vec<(&str, &[u8])> = vec![];
    let length = int(length);
    entries.push(("length", &length));
    if root != b"0:" {
        entries.push(("pieces root", &root));
    }
    dict(&[("", &dict(&entries))])
}

/// A v2 torrent with a file tree.
fn v2(tree: &[u8]) -> Vec<u8> {
    v2_pieces(tree, 16_384)
}

fn v2_pieces(tree: &[u8], piece_len: i64) -> Vec<u8> {
    dict(&[
        ("file tree", tree),
        ("meta version", &int(2)),
        ("name", &text("Show")),
        ("piece length", &int(piece_len)),
    ])
}

fn parse(info: Vec<u8>) -> Result<Info, BadMetainfo> {
    Info::parse(info.into())
}

fn paths(info: &Info) -> Vec<String> {
    info.files().iter().map(|file| file.path.join("/")).collect()
}

#[test]
fn good_torrents_are_read() {
    let single = parse(v1_with(&[])).expect("one file");
    assert_eq!((paths(&single), single.is_single_file()), (vec!["film.mkv".into()], true));
    assert_eq!(single.hashes(), InfoHashes::V1(sha1(single.raw())));
    let many = parse(v1_files(&[file(1, &["a"]), file(0, &["b", "c"]), file(16_384, &["d"])], 2));
    let many = many.expect("three files");
    assert_eq!(paths(&many), ["Show/a", "Show/b/c", "Show/d"]);
    assert_eq!(many.files().iter().map(|file| file.offset).collect::<Vec<_>>(), [0, 1, 1]);
    let tree = dict(&[
        ("a", &dict(&[("x", &leaf(5, &[3; 32]))])),
        ("b", &leaf(0, &[])),
        ("c", &leaf(7, &[4; 32])),
    ]);
    let second = parse(v2(&tree)).expect("a v2 torrent");
    assert_eq!(second.hashes(), InfoHashes::V2(sha256(second.raw())));
    assert_eq!(paths(&second), ["Show/a/x", "Show/b", "Show/c"]);
    assert_eq!(second.files().iter().map(|file| file.offset).collect::<Vec<_>>(), [0, 5, 16_384]);
    assert_eq!(second.geometry().pads(), std::slice::from_ref(&(5..16_384)));
    assert_eq!(second.geometry().piece_len(Piece(0)), 5, "padding is not on the wire");
}

#[test]
fn old_and_odd_torrents_are_read_too() {
    let unsorted = dict(&[
        ("pieces", &text([1; 20])),
        ("name", &text("a")),
        ("piece length", b"i016384e"),
        ("length", &int(5)),
    ]);
    assert!(parse(unsorted).is_ok(), "keys in any order");
    assert!(parse(v1_with(&[("piece length", &int(10_000))])).is_ok(), "any piece length in v1");
    let utf8 = parse(v1_with(&[("name", &text(b"\xff")), ("name.utf-8", &text("é"))]));
    assert_eq!(utf8.map(|info| info.name().to_owned()), Ok("é".into()));
    let broken = parse(v1_with(&[("name", &text(b"a\xffb"))]));
    assert_eq!(broken.map(|info| info.name().to_owned()), Ok("a_b".into()));
    assert!(parse(v1_with(&[("private", &int(1))])).expect("private").is_private());
    assert!(!parse(v1_with(&[("private", &int(0))])).expect("public").is_private());
    let both = v1_with(&[("files", &list(&[file(20_000, &["x"])]))]);
    assert_eq!(parse(both).map(|info| paths(&info)), Ok(vec!["film.mkv/x".into()]), "files count");
}

#[test]
fn hostile_names_are_made_safe_and_links_left_out() {
    let files = [
        file(1, &["..", "..", "etc", "passwd"]),
        file(1, &["/abs"]),
        file(1, &[""]),
        link(&["evil"]),
        file(1, &["CON.txt"]),
        file(1, &["con.txt"]),
    ];
    let info = parse(v1_files(&files, 1)).expect("names are replaced");
    assert_eq!(
        paths(&info),
        ["Show/_/_/etc/passwd", "Show/_abs", "Show/_ (2)", "Show/CON.txt", "Show/con (2).txt"],
        "the file without a name gives way to the folder `..` became"
    );
    assert_eq!(info.ignored_links(), 1);
    assert_eq!(info.original_path(0), ["Show", "..", "..", "etc", "passwd"]);
    assert_eq!(info.file_path(3, Os::Windows), ["Show", "_CON.txt"]);
    assert_eq!(info.file_path(3, Os::Linux), ["Show", "CON.txt"]);
    assert!(info.file_path(9, Os::Linux).is_empty() && info.original_path(9).is_empty());
    let v2_link = dict(&[
        ("a", &leaf(1, &[3; 32])),
        ("b", &dict(&[("", &dict(&[("attr", &text("l")), ("length", &int(0))]))])),
    ]);
    assert_eq!(parse(v2(&v2_link)).map(|info| info.ignored_links()), Ok(1));
}

#[test]
fn bad_torrents_are_refused_with_what_is_wrong() {
    let kind = |key, found, expected| BadMetainfo::WrongKind { key, found, expected };
    let v1_length = "1 byte to 256 MiB is allowed";
    let long = |found: &str| BadMetainfo::ContentLength { found: found.into() };
    let cases: Vec<(&str, Vec<u8>, BadMetainfo)> = vec![
        ("a list", b"le".to_vec(), kind("info", Kind::List, Kind::Dictionary)),
        ("no pieces", v1_with(&[("pieces", b"")]), BadMetainfo::Missing { key: "pieces" }),
        (
            "pieces a number",
            v1_with(&[("pieces", b"i1e")]),
            kind("pieces", Kind::Integer, Kind::Text),
        ),
        (
            "too few hashes",
            v1_with(&[("pieces", &text([1; 20]))]),
            BadMetainfo::PieceHashes { found: 20, expected: 40 },
        ),
        (
            "half a hash",
            v1_with(&[("pieces", &text([1; 50]))]),
            BadMetainfo::PieceHashes { found: 50, expected: 40 },
        ),
        (
            "no piece length",
            v1_with(&[("piece length", b"")]),
            BadMetainfo::Missing { key: "piece length" },
        ),
        (
            "pieces of 0",
            v1_with(&[("piece length", b"i0e")]),
            BadMetainfo::PieceLength { found: 0, allowed: v1_length },
        ),
        (
            "pieces of -1",
            v1_with(&[("piece length", b"i-1e")]),
            BadMetainfo::PieceLength { found: -1, allowed: v1_length },
        ),
        (
            "pieces of 2^28+1",
            v1_with(&[("piece length", b"i268435457e")]),
            BadMetainfo::PieceLength { found: (1 << 28) + 1, allowed: v1_length },
        ),
        ("no length", v1_with(&[("length", b"")]), BadMetainfo::Missing { key: "length" }),
        ("length -1", v1_with(&[("length", b"i-1e")]), long("-1")),
        (
            "length 2^64",
            v1_with(&[("length", b"i18446744073709551616e")]),
            long("18446744073709551616"),
        ),
        ("length 2^48+1", v1_with(&[("length", b"i281474976710657e")]), long("281474976710657")),
        ("empty", v1_with(&[("length", b"i0e"), ("pieces", b"0:")]), BadMetainfo::NoFiles),
        ("no files", v1_files(&[], 0), BadMetainfo::NoFiles),
        ("only padding", v1_files(&[pad(100)], 1), BadMetainfo::NoFiles),
        ("only a link", v1_files(&[link(&["a"])], 0), BadMetainfo::NoFiles),
        ("no name", v1_with(&[("name", b"")]), BadMetainfo::Missing { key: "name" }),
        ("empty name", v1_with(&[("name", b"0:")]), BadMetainfo::Missing { key: "name" }),
        (
            "long name",
            v1_with(&[("name", &text(vec![b'x'; 5000]))]),
            BadMetainfo::NameTooLong { found: 5000 },
        ),
        (
            "no path",
            v1_files(&[dict(&[("length", b"i1e")])], 1),
            BadMetainfo::FileName { index: 0 },
        ),
        (
            "empty path",
            v1_files(&[file(1, &["a"]), file(1, &[])], 1),
            BadMetainfo::FileName { index: 1 },
        ),
        (
            "a number in a path",
            v1_files(&[dict(&[("length", b"i1e"), ("path", b"li1ee")])], 1),
            BadMetainfo::FileName { index: 0 },
        ),
        (
            "a file that is a number",
            v1_files(&[int(1)], 1),
            kind("files", Kind::Integer, Kind::Dictionary),
        ),
        ("101 folders", v1_files(&[file(1, &["a"; 101])], 1), BadMetainfo::PathTooDeep),
        (
            "too many pieces",
            v1_with(&[("length", b"i2097153e"), ("piece length", b"i1e")]),
            BadMetainfo::TooManyPieces { found: 2_097_153 },
        ),
        (
            "repeated key",
            [b"d4:name1:a4:name1:be".to_vec()].concat(),
            BadMetainfo::RepeatedKey { key: "name".into() },
        ),
        (
            "sum too long",
            v1_files(&[file(1 << 48, &["a"]), file(1, &["b"])], 1),
            long("281474976710657"),
        ),
        ("version 3", v1_with(&[("meta version", b"i3e")]), BadMetainfo::Version { found: 3 }),
        ("a tree in v1", v1_with(&[("file tree", b"de")]), BadMetainfo::TreeInV1),
        (
            "trailing bytes",
            [v1_with(&[]), b"x".to_vec()].concat(),
            BadMetainfo::Bencode(BadBencode { offset: v1_with(&[]).len(), flaw: Flaw::Trailing }),
        ),
    ];
    for (what, info, expected) in cases {
        assert_eq!(parse(info), Err(expected), "{what}");
    }
}

#[test]
fn bad_v2_torrents_are_refused_with_what_is_wrong() {
    let root = [3; 32];
    let node = |path: &str| BadMetainfo::TreeNode { path: path.into() };
    let no_root = || BadMetainfo::PiecesRoot { path: "a".into() };
    let power = "a power of two from 16 KiB to 256 MiB is allowed";
    let good = dict(&[("a", &leaf(1, &root))]);
    let cases: Vec<(&str, Vec<u8>, BadMetainfo)> = vec![
        (
            "no tree",
            dict(&[("meta version", b"i2e"), ("name", b"1:a"), ("piece length", b"i16384e")]),
            BadMetainfo::Missing { key: "file tree" },
        ),
        ("empty tree", v2(b"de"), BadMetainfo::NoFiles),
        (
            "pieces of 24 KiB",
            v2_pieces(&good, 24_576),
            BadMetainfo::PieceLength { found: 24_576, allowed: power },
        ),
        (
            "pieces of 8 KiB",
            v2_pieces(&good, 8192),
            BadMetainfo::PieceLength { found: 8192, allowed: power },
        ),
        ("no root", v2(&dict(&[("a", &leaf(1, &[]))])), no_root()),
        ("short root", v2(&dict(&[("a", &leaf(1, &root[..31]))])), no_root()),
        ("a root of zeros", v2(&dict(&[("a", &leaf(1, &[0; 32]))])), no_root()),
        ("a node that is a number", v2(b"d1:ai1ee"), node("a")),
        ("a file that is a number", v2(b"d1:ad0:i1eee"), node("a")),
        (
            "a file and a folder",
            v2(&dict(&[("a", &dict(&[("", b"de"), ("b", &leaf(1, &root))]))])),
            node("a"),
        ),
        ("a file without a name", v2(&leaf(1, &root)), node("_")),
        (
            "padding in the tree",
            v2(&dict(&[("a", &dict(&[("", &dict(&[("attr", b"1:p"), ("length", b"i1e")]))]))])),
            node("a"),
        ),
    ];
    for (what, info, expected) in cases {
        assert_eq!(parse(info), Err(expected), "{what}");
    }
    let unsorted = v2(&dict(&[("b", &leaf(1, &root)), ("a", &leaf(1, &root))]));
    assert!(matches!(
        parse(unsorted),
        Err(BadMetainfo::NotCanonical(BadBencode { flaw: Flaw::KeyOrder, .. }))
    ));
    let overlong = v2(b"d1:ad0:d6:lengthi01eeee");
    assert!(matches!(parse(overlong), Err(BadMetainfo::NotCanonical(_))));
}

#[test]
fn deep_trees_are_refused_without_recursion() {
    let deep =
        |levels: usize| [b"d1:a".repeat(levels), leaf(1, &[3; 32]), b"e".repeat(levels)].concat();
    assert!(parse(v2(&deep(100))).is_ok());
    assert_eq!(parse(v2(&deep(102))), Err(BadMetainfo::PathTooDeep));
    assert!(matches!(parse(v2(&deep(100_000))), Err(BadMetainfo::Bencode(_))));
}

#[test]
fn many_files_far_down_one_way_are_refused_by_their_paths_memory() {
    let names: Vec<String> = (0..60_000).map(|n| format!("{n:05}")).collect();
    let file = leaf(0, &[]);
    let folder =
        dict(&names.iter().map(|name| (name.as_str(), file.as_slice())).collect::<Vec<_>>());
    let long = "x".repeat(200);
    let mut tree = folder;
    for _ in 0..90 {
        tree = dict(&[(&long, &tree)]);
    }
    assert_eq!(parse(v2(&tree)), Err(BadMetainfo::PathsTooLong));
}

#[test]
fn too_many_files_and_too_long_descriptions_are_refused() {
    let files = vec![file(1, &["a"]); limits::FILES + 1];
    assert_eq!(parse(v1_files(&files, 7)), Err(BadMetainfo::TooManyFiles));
    let found = limits::INFO_LEN + 1;
    assert_eq!(parse(vec![b'x'; found]), Err(BadMetainfo::InfoTooLong { found }));
}

#[test]
fn errors_read_well() {
    let shown = |info| parse(info).expect_err("a bad torrent").to_string();
    assert_eq!(shown(v1_with(&[("name", b"")])), "the torrent is damaged: `name` is missing");
    assert_eq!(
        shown(v1_with(&[("piece length", b"i0e")])),
        "the torrent's pieces are 0 bytes long; 1 byte to 256 MiB is allowed"
    );
    let huge = format!("i{}e", "9".repeat(10_000));
    assert!(shown(v1_with(&[("length", huge.as_bytes())])).len() < 150, "however long the number");
    let name = format!("\u{202e}{}", "x".repeat(3000));
    let tree = dict(&[(&name, b"i1e")]);
    assert!(shown(v2(&tree)).len() < 400 && !shown(v2(&tree)).contains('\u{202e}'));
}

fn hybrid() -> Metainfo {
    let mut builder = Builder::folder("Show");
    builder.piece_len = Some(2 * BLOCK_LEN);
    builder
        .file(vec!["a".into()], 100_000)
        .file(vec!["b".into()], 0)
        .file(vec!["c".into()], 40_000);
    let mut hashing = builder.start().expect("good names");
    while let Some((_, length)) = hashing.next_file() {
        let byte = u8::try_from(length % 251).expect("a byte");
        hashing.feed(&vec![byte; usize::try_from(length).expect("it fits")]).expect("its bytes");
    }
    hashing.finish().expect("a torrent")
}

#[test]
fn a_hybrid_that_contradicts_itself_is_refused() {
    let good = hybrid().info.raw().to_vec();
    let swap = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).rposition(|part| part == from).expect("it is there");
        parse([&good[..at], to, &good[at + from.len()..]].concat())
    };
    assert!(parse(good.clone()).is_ok());
    assert_eq!(
        swap(b"4:pathl1:ce", b"4:pathl1:de"),
        Err(BadMetainfo::Hybrid { index: 2 }),
        "a name"
    );
    assert_eq!(
        swap(b"6:lengthi40000e", b"6:lengthi40001e"),
        Err(BadMetainfo::Hybrid { index: 2 }),
        "a length"
    );
    assert_eq!(swap(b"i31072e", b"i31073e"), Err(BadMetainfo::Hybrid { index: 2 }), "padding");
    assert_eq!(
        swap(b"d6:lengthi0e4:pathl1:bee", b""),
        Err(BadMetainfo::Hybrid { index: 2 }),
        "a file less"
    );
}

#[test]
fn content_is_found_in_files_and_padding() {
    let info = hybrid().info;
    assert_eq!(info.file_at(0), Some((0, 0)));
    assert_eq!(info.file_at(99_999), Some((0, 99_999)));
    assert_eq!(info.file_at(100_000), None, "padding");
    assert_eq!(info.file_at(131_072), Some((2, 0)), "not the empty file");
    assert_eq!(info.file_at(171_072), None, "past the end");
    let slice = |file, offset_in_file, len| FileSlice { file, offset_in_file, len };
    let all = info.slices(0..u64::MAX);
    assert_eq!(
        all,
        [slice(Some(0), 0, 100_000), slice(None, 0, 31_072), slice(Some(2), 0, 40_000)]
    );
    assert_eq!(
        info.slices(99_999..131_073),
        [slice(Some(0), 99_999, 1), slice(None, 0, 31_072), slice(Some(2), 0, 1)]
    );
    assert_eq!(info.slices(5..5), []);
    assert_eq!(info.slices(200_000..300_000), []);
}

#[test]
fn pieces_of_v2_know_what_their_leaves_hash_to() {
    let torrent = hybrid();
    let leaves = |byte: u8, lengths: &[usize]| -> Vec<Sha256Hash> {
        lengths.iter().map(|len| merkle::block_leaf(&vec![byte; *len])).collect()
    };
    let first = u8::try_from(100_000 % 251).expect("a byte");
    let expected = torrent.expected_v2(Piece(3)).expect("the last piece of the first file");
    assert_eq!((expected.file, expected.blocks, expected.height), (0, 1, 1));
    assert!(expected.is_met_by(&leaves(first, &[100_000 - 3 * 32_768])));
    assert!(!expected.is_met_by(&leaves(first, &[100_000 - 3 * 32_768 + 1])));
    assert!(!expected.is_met_by(&[]));
    let second = u8::try_from(40_000 % 251).expect("a byte");
    let expected = torrent.expected_v2(Piece(4)).expect("the first piece of the last file");
    assert_eq!((expected.file, expected.blocks), (2, 2));
    assert!(expected.is_met_by(&leaves(second, &[16_384, 16_384])));
    assert_eq!(torrent.expected_v2(Piece(6)), None, "past the end");
}

#[test]
fn piece_layers_can_come_later_and_only_the_right_ones() {
    let whole = hybrid();
    let mut bare = Metainfo::new(whole.info.clone());
    assert_eq!(bare.missing_piece_layers().collect::<Vec<_>>(), [0, 2]);
    assert_eq!((bare.expected_v2(Piece(0)), bare.piece_layer(0)), (None, None));
    let layer = |file| whole.piece_layer(file).expect("a layer").to_vec();
    assert_eq!(bare.add_piece_layer(0, layer(2)), Err(BadMetainfo::PieceLayer { file: 0 }));
    assert_eq!(
        bare.add_piece_layer(1, vec![]),
        Err(BadMetainfo::PieceLayer { file: 1 }),
        "an empty file"
    );
    assert_eq!(bare.add_piece_layer(9, layer(0)), Err(BadMetainfo::PieceLayer { file: 9 }));
    for file in [0, 2] {
        bare.add_piece_layer(file, layer(file)).expect("the right one");
    }
    assert_eq!(bare.missing_piece_layers().count(), 0);
    assert_eq!(bare.to_bytes(), whole.to_bytes());
}

#[test]
fn wrong_piece_layers_in_a_file_are_an_error_and_missing_ones_are_not() {
    let bytes = hybrid().to_bytes();
    let at = bytes.windows(14).position(|part| part == b"12:piece layer").expect("layers");
    let mut wrong = bytes.clone();
    let flip = at + 70;
    wrong[flip] ^= 1;
    assert!(matches!(Metainfo::parse(&wrong), Err(BadMetainfo::PieceLayer { .. })));
    let without = Metainfo::parse(&[&bytes[..at], b"e"].concat()).expect("layers are for later");
    assert_eq!(without.missing_piece_layers().count(), 2);
}

#[test]
fn everything_around_the_info_dictionary_is_kept() {
    let mut torrent = hybrid();
    torrent.trackers = vec![vec!["http://a/".into(), "http://b/".into()], vec!["udp://c:1".into()]];
    torrent.web_seeds = vec!["http://s/".into()];
    torrent.nodes = vec![("router.example".into(), 6881)];
    torrent.comment = Some("hello".into());
    torrent.created_by = Some("Kinora".into());
    torrent.creation_date = Some(1_234_567_890);
    let bytes = torrent.to_bytes();
    assert_eq!(Metainfo::parse(&bytes), Ok(torrent));
    assert_eq!(
        Metainfo::parse(&[bytes.as_slice(), b"\r\n"].concat()).map(|m| m.to_bytes()),
        Ok(bytes)
    );
}

#[test]
fn trackers_and_seeds_of_strangers_are_bounded_and_may_be_odd() {
    let with = |key: &str, value: Vec<u8>| {
        let mut entries = [("info", v1_with(&[])), (key, value)];
        entries.sort();
        let entries: Vec<(&str, &[u8])> = entries.iter().map(|(k, v)| (*k, v.as_slice())).collect();
        Metainfo::parse(&dict(&entries)).expect("a good torrent")
    };
    let urls: Vec<Vec<u8>> = (0..500).map(|n| text(format!("http://t/{n}"))).collect();
    let tiers: Vec<Vec<u8>> = urls.iter().map(|url| list(std::slice::from_ref(url))).collect();
    assert_eq!(with("announce-list", list(&tiers)).trackers.len(), limits::TRACKERS);
    assert_eq!(with("url-list", list(&urls)).web_seeds.len(), limits::WEB_SEEDS);
    assert_eq!(with("url-list", text(" http://one/ ")).web_seeds, ["http://one/"]);
    assert_eq!(with("announce", text("http://t/")).trackers, [["http://t/"]]);
    assert_eq!(with("announce", text(vec![b'x'; 9000])).trackers.len(), 0, "too long");
    assert_eq!(with("announce-list", int(1)).trackers.len(), 0);
    assert_eq!(with("nodes", b"ll1:ai70000eel1:bi5eei3ee".to_vec()).nodes, [("b".into(), 5)]);
    let remark = with("comment", text(vec![b'x'; 100_000])).comment.expect("a remark");
    assert_eq!(remark.len(), limits::REMARK_LEN);
}

#[test]
fn damaged_files_are_told_from_torrents() {
    assert!(matches!(Metainfo::parse(b"<html>"), Err(BadMetainfo::Bencode(_))));
    assert!(matches!(Metainfo::parse(b""), Err(BadMetainfo::Bencode(_))));
    assert_eq!(Metainfo::parse(b"de"), Err(BadMetainfo::Missing { key: "info" }));
    assert_eq!(Metainfo::parse(b"i1e"), Err(BadMetainfo::Missing { key: "info" }));
    let text = Metainfo::parse(b"d4:info1:xe");
    let expected =
        BadMetainfo::WrongKind { key: "info", found: Kind::Text, expected: Kind::Dictionary };
    assert_eq!(text, Err(expected));
}

#[test]
fn every_cut_and_every_flipped_byte_of_a_torrent_is_survived() {
    for version in [Version::V1, Version::V2, Version::Hybrid] {
        let mut builder = Builder::single_file("a", 40_000);
        builder.version = version;
        let mut hashing = builder.start().expect("a good name");
        hashing.feed(&[7; 40_000]).expect("its bytes");
        let bytes = hashing.finish().expect("a torrent").to_bytes();
        for at in 0..bytes.len() {
            assert!(Metainfo::parse(&bytes[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                if let Ok(torrent) = Metainfo::parse(&flipped) {
                    assert_eq!(Info::parse(Bytes::clone(torrent.info.raw())), Ok(torrent.info));
                }
            }
        }
    }
}
