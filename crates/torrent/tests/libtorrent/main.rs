//! Reads and makes torrents side by side with libtorrent; every difference must be an allowed one.

mod interpreter;
mod mutate;
mod oracle;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use torrent::{
    BadMetainfo, Magnet, Metainfo,
    create::{Builder, Version},
    paths::{Os, name},
};

use self::{
    mutate::{Random, mutate},
    oracle::{ask, hex, unhex},
};

/// Changes every generated torrent; printed when something fails.
const SEED: u64 = 20_261_121;

const VERSIONS: [(Version, &str); 3] =
    [(Version::V1, "v1"), (Version::V2, "v2"), (Version::Hybrid, "hybrid")];

const LENGTHS: [u64; 9] = [0, 1, 16_384, 16_385, 32_768, 40_000, 65_536, 100_000, 131_072];

/// What a torrent is made of: `name` alone for a single file, else paths below it.
struct Wish {
    version: usize,
    piece_len: u32,
    files: Vec<(Vec<String>, u64)>,
    single: bool,
}

impl Wish {
    fn random(random: &mut Random) -> Self {
        let (version, piece_len) = (random.below(3), *random.pick(&[16_384, 32_768, 65_536]));
        if random.below(3) == 0 {
            let length = 1 + random.below(200_000) as u64;
            return Self { version, piece_len, files: vec![(vec![], length)], single: true };
        }
        let mut files = vec![(vec!["first".into()], 1 + random.below(70_000) as u64)];
        for index in 0..random.below(6) {
            let folders = ["sub".to_owned(), format!("d{}", index / 2), format!("f{index}")];
            files.push((folders[random.below(3)..].to_vec(), *random.pick(&LENGTHS)));
        }
        // libtorrent keeps the order it is given, ours is that of the names.
        files.sort();
        Self { version, piece_len, files, single: false }
    }

    fn name(&self) -> &'static str {
        if self.single { "film.mkv" } else { "Show" }
    }

    fn create(&self, random: &mut Random) -> Metainfo {
        let mut builder = Builder::folder(self.name());
        if self.single {
            builder = Builder::single_file(self.name(), self.files[0].1);
        } else {
            for (path, length) in &self.files {
                builder.file(path.clone(), *length);
            }
        }
        builder.version = VERSIONS[self.version].0;
        builder.piece_len = Some(self.piece_len);
        builder.private = random.below(4) == 0;
        let trackers = [vec![], vec!["http://a/announce"], vec!["http://a/announce", "udp://b:1"]];
        builder.trackers =
            random.pick(&trackers).iter().map(|url| vec![(*url).to_owned()]).collect();
        let mut hashing = builder.start().expect("names that fit");
        for (index, (_, length)) in self.files.iter().enumerate() {
            hashing.feed(&content(index, *length)).expect("as many bytes as said");
        }
        hashing.finish().expect("a valid torrent")
    }

    fn question(&self) -> String {
        let path = |path: &[String]| [&[self.name().to_owned()], path].concat().join("/");
        let files: Vec<_> = self.files.iter().map(|(p, length)| json!([path(p), length])).collect();
        let version = VERSIONS[self.version].1;
        format!(
            "make {}",
            json!({"files": files, "piece_length": self.piece_len, "version": version})
        )
    }
}

/// The bytes of a generated file: the oracle makes the same.
fn content(index: usize, length: u64) -> Vec<u8> {
    let start = index as u64 * 37;
    (0..length).map(|place| u8::try_from((start + place % 251) % 251).expect("a byte")).collect()
}

fn wishes(count: usize) -> (Vec<Wish>, Random) {
    let mut random = Random(SEED);
    ((0..count).map(|_| Wish::random(&mut random)).collect(), random)
}

fn read_questions<'a>(torrents: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<String> {
    torrents.into_iter().map(|bytes| format!("read {}", hex(bytes))).collect()
}

/// What differs between our reading of a torrent and theirs.
fn difference(ours: &Metainfo, theirs: &Value) -> Option<String> {
    let info = &ours.info;
    let geometry = info.geometry();
    let hashes = info.hashes();
    let mine = json!({
        "v1": hashes.v1().map(|hash| hash.to_string()),
        "v2": hashes.v2().map(|hash| hash.to_string()),
        "piece_length": geometry.nominal_piece_len(),
        "pieces": geometry.piece_count(),
        "private": info.is_private(),
    });
    let facts = mine.as_object()?.iter().find(|(key, value)| theirs[key.as_str()] != **value);
    if let Some((key, value)) = facts {
        return Some(format!("{key}: we say {value}, they say {}", theirs[key.as_str()]));
    }
    let real = |file: &&Value| file["padding"] == false && file["link"] == false;
    let files: Vec<&Value> = theirs["files"].as_array()?.iter().filter(real).collect();
    if files.len() != info.files().len() {
        return Some(format!("we see {} files, they {}", info.files().len(), files.len()));
    }
    // Both make hostile and repeated names safe, each in its own way.
    let as_they_are = |file: usize| {
        let path = info.original_path(file);
        let plain = |part: &String| name(part, Os::Windows) == *part && !part.contains('_');
        path == info.files()[file].path && path.iter().all(plain)
    };
    let plain = (0..files.len()).all(as_they_are);
    (0..files.len()).find_map(|file| file_difference(ours, file, files[file], plain))
}

fn file_difference(ours: &Metainfo, file: usize, theirs: &Value, plain: bool) -> Option<String> {
    let mine = &ours.info.files()[file];
    let root = mine.pieces_root.map_or("0".repeat(64), |root| root.to_string());
    let same = theirs["length"] == mine.length
        // An empty file has no place that matters.
        && (mine.length == 0 || theirs["offset"] == mine.offset)
        && (!plain || theirs["path"] == mine.path.join("/"))
        && (theirs["root"].is_null() || theirs["root"] == root);
    (!same).then(|| format!("file {file}: we say {mine:?}, they say {theirs}"))
}

#[test]
fn libtorrent_reads_what_we_create_as_we_meant_it() {
    let (wishes, mut random) = wishes(300);
    let made: Vec<Metainfo> = wishes.iter().map(|wish| wish.create(&mut random)).collect();
    let bytes: Vec<Vec<u8>> = made.iter().map(Metainfo::to_bytes).collect();
    let Some(answers) = ask(&read_questions(&bytes)) else { return };
    for ((ours, bytes), theirs) in made.iter().zip(&bytes).zip(&answers) {
        assert_eq!(theirs["ok"], true, "{theirs} {}", bytes.escape_ascii());
        assert_eq!(difference(ours, theirs), None, "{}", bytes.escape_ascii());
        let trackers: Vec<&String> = ours.trackers.iter().flatten().collect();
        assert_eq!(theirs["trackers"], json!(trackers));
        assert_eq!(Metainfo::parse(bytes).as_ref(), Ok(ours), "we read it back as it was");
    }
}

#[test]
fn we_read_what_libtorrent_creates_and_hash_the_same_files_to_the_same() {
    let (wishes, mut random) = wishes(150);
    let questions: Vec<String> = wishes.iter().map(Wish::question).collect();
    let Some(answers) = ask(&questions) else { return };
    for (wish, answer) in wishes.iter().zip(&answers) {
        let bytes = unhex(answer["torrent"].as_str().unwrap_or_else(|| panic!("{answer}")));
        let theirs = Metainfo::parse(&bytes).expect("a torrent by libtorrent");
        assert_eq!(theirs.to_bytes(), bytes, "we write it as it was");
        assert_eq!(theirs.missing_piece_layers().count(), 0);
        let ours = wish.create(&mut random);
        for (mine, other) in ours.info.files().iter().zip(theirs.info.files()) {
            assert_eq!((&mine.path, mine.length), (&other.path, other.length));
            assert_eq!(mine.pieces_root, other.pieces_root, "{}", bytes.escape_ascii());
        }
        let layers = |made: &Metainfo| -> Vec<_> {
            (0..made.info.files().len()).map(|f| made.piece_layer(f).map(<[_]>::to_vec)).collect()
        };
        assert_eq!(layers(&ours), layers(&theirs));
        let (mine, other) = (ours.info.piece_hashes(), theirs.info.piece_hashes());
        // libtorrent pads a hybrid's last file too, which changes its last piece.
        let compared = mine.len().saturating_sub(usize::from(wish.version == 2));
        assert_eq!(mine.len(), other.len());
        assert_eq!(mine[..compared], other[..compared]);
    }
}

/// Why we may refuse what libtorrent reads: what is ambiguous or damaged is not guessed at.
fn stricter(error: &BadMetainfo) -> Option<&'static str> {
    match error {
        BadMetainfo::RepeatedKey { .. } => {
            Some("programs disagree on which of two equal keys counts")
        }
        BadMetainfo::TreeInV1 => Some("a file tree in v1 is read by some programs only"),
        BadMetainfo::Hybrid { .. } => {
            Some("names are compared as they are, not as they are cleaned")
        }
        BadMetainfo::Missing { key: "length" | "pieces" } => Some("half a v1 part is not ignored"),
        BadMetainfo::Missing { key: "name" } => Some("an empty name is not replaced"),
        BadMetainfo::ContentLength { found } if found.parse::<i64>().is_err() => {
            Some("a length that does not fit is not read as zero")
        }
        BadMetainfo::Version { .. } => Some("a version that never was is not read as 1"),
        BadMetainfo::WrongKind { .. } => Some("a key of the wrong kind is not ignored"),
        BadMetainfo::NotCanonical(_) => Some("a v2 description has one form"),
        _ => None,
    }
}

/// Why we may read what libtorrent refuses: nothing that hashes or paths depend on.
fn laxer(theirs: &str) -> Option<&'static str> {
    match theirs.split(" [").next()? {
        "a piece layer is invalid" => Some("layers that belong to no file are ignored"),
        "invalid 'name' of torrent (possible exploit attempt)" => {
            Some("padding lies nowhere, whatever it is called")
        }
        "missing name in torrent file" => Some("a hostile name is replaced"),
        "integer overflow" => Some("numbers that nobody needs are ignored"),
        _ => None,
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures of a run")]
fn bent_torrents_get_the_same_verdict_or_an_allowed_difference() {
    let (wishes, mut random) = wishes(60);
    let whole: Vec<Vec<u8>> =
        wishes.iter().map(|wish| wish.create(&mut random).to_bytes()).collect();
    let bent: Vec<Vec<u8>> = (0..6000).map(|at| mutate(&whole[at % 60], &mut random)).collect();
    let Some(answers) = ask(&read_questions(&bent)) else { return };
    let mut differences: BTreeMap<&'static str, usize> = BTreeMap::new();
    let (mut both_read, mut both_refuse) = (0, 0);
    for (bytes, theirs) in bent.iter().zip(&answers) {
        let shown = || format!("seed {SEED}: {theirs} {}", bytes.escape_ascii());
        let words = theirs["error"].as_str().unwrap_or_default();
        let reason = match (Metainfo::parse(bytes), theirs["ok"] == true) {
            (Err(_), false) => {
                both_refuse += 1;
                continue;
            }
            (Ok(ours), true) => {
                both_read += 1;
                assert_eq!(difference(&ours, theirs), None, "{}", shown());
                continue;
            }
            (Ok(_), false) => laxer(words).unwrap_or_else(|| panic!("only we read {}", shown())),
            (Err(e), true) => {
                stricter(&e).unwrap_or_else(|| panic!("only we refuse, {e}: {}", shown()))
            }
        };
        *differences.entry(reason).or_default() += 1;
    }
    eprintln!("both read {both_read}, both refuse {both_refuse}, allowed: {differences:#?}");
    assert!(
        both_read > 1500 && both_refuse > 1500,
        "the torrents are bent neither too little nor too much"
    );
}

const MAGNET_PARTS: [&str; 14] = [
    "xt=urn:btih:3272f40e418a8d4181d78648daabb1b21eb9e635",
    "xt=urn:btih:GJZPIDSBRKGUDAOXQZENVK5RWIPLTZRV",
    "xt=urn:btmh:12201a693b3c984cae4cbc53a9d1aa84596dfaff2a67a2b64fcdebff2e8493b667c4",
    "xt=urn:btih:3272",
    "xt=urn:sha1:GJZPIDSBRKGUDAOXQZENVK5RWIPLTZRV",
    "dn=Big+Buck%20Bunny",
    "dn=%e2%98%83",
    "tr=http%3a%2f%2fa.example%2fannounce%3fx%3d1%26y%3d2",
    "tr=udp://b.example:1337",
    "tr.1=http://c.example/announce",
    "ws=http://seed.example/folder/",
    "x.pe=10.0.0.1:6881",
    "x.pe=[2001:db8::1]:51413",
    "xl=12345",
];

#[test]
fn magnet_links_mean_the_same_to_libtorrent() {
    let mut random = Random(SEED);
    let links: Vec<String> = (0..2000)
        .map(|_| {
            let parts: Vec<&str> =
                (0..1 + random.below(7)).map(|_| *random.pick(&MAGNET_PARTS)).collect();
            format!("magnet:?{}", parts.join("&"))
        })
        .collect();
    let questions: Vec<String> = links.iter().map(|link| format!("magnet {link}")).collect();
    let Some(answers) = ask(&questions) else { return };
    for (link, theirs) in links.iter().zip(&answers) {
        let shown = || format!("seed {SEED}: {link} {theirs}");
        match Magnet::parse(link) {
            Ok(ours) => {
                assert_eq!(theirs["ok"], true, "{}", shown());
                assert_eq!(
                    theirs["v1"],
                    json!(ours.hashes.v1().map(|h| h.to_string())),
                    "{}",
                    shown()
                );
                assert_eq!(
                    theirs["v2"],
                    json!(ours.hashes.v2().map(|h| h.to_string())),
                    "{}",
                    shown()
                );
                // Peers that stand twice we keep once.
                let known = |peer: &str| {
                    theirs["peers"].as_array().is_some_and(|all| all.iter().any(|p| p == peer))
                };
                let mut peers =
                    ours.peers.iter().map(|peer| format!("{}|{}", peer.host, peer.port));
                assert!(peers.all(|peer| known(&peer)), "{}", shown());
                let again = Magnet::parse(&ours.to_string());
                assert_eq!(again.as_ref(), Ok(&ours), "{}", shown());
            }
            Err(error) => assert_eq!(theirs["ok"], false, "we say {error}, {}", shown()),
        }
    }
}
