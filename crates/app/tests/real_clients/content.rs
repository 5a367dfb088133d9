//! What is exchanged: a folder of a few files, the same bytes in every run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{kinora, partner};

/// Which of the files is the film.
const FILM: usize = 0;
/// The torrent's name.
const NAME: &str = "An evening";
/// Files by path and length: one of many pieces, one that ends inside a block, one in a folder, one odd name.
const FILES: [(&str, usize); 4] = [
    ("a film.bin", (6 << 20) + 12_345),
    ("b short.bin", 300_001),
    ("extras/c notes.txt", 77),
    ("extras/d \u{e9}t\u{e9}.bin", 65_536),
];

/// Which kind of torrent describes it.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    V1,
    Hybrid,
    V2,
}

/// A folder of files with its torrent, removed when dropped.
pub(crate) struct Content {
    place: TempDir,
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::Hybrid => "hybrid",
            Self::V2 => "v2",
        }
    }
}

impl Content {
    /// Files with a torrent made by libtorrent.
    pub(crate) fn described_by_libtorrent(form: Form) -> Self {
        let content = Self::write();
        let mut make = partner::command("libtorrent", "make");
        run(make.arg(form.word()).arg(content.seeds().join(NAME)).arg(content.torrent()));
        content
    }

    /// Files with a torrent made by Kinora.
    pub(crate) fn described_by_kinora(form: Form) -> Self {
        Self::write().described(form, &[])
    }

    /// The same, which a web server has too.
    pub(crate) fn on_a_web_server(form: Form, url: &str) -> Self {
        Self::write().described(form, &["--web-seed", url])
    }

    fn described(self, form: Form, words: &[&str]) -> Self {
        let mut create = kinora::command("create");
        create.arg(self.seeds().join(NAME)).arg("--to").arg(self.torrent()).args(words);
        run(create.arg(format!("--{}", form.word())));
        self
    }

    fn write() -> Self {
        let content = Self { place: tempfile::tempdir().expect("a folder for the test") };
        for (seed, (path, length)) in (1..).zip(FILES) {
            let path = content.seeds().join(NAME).join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes(seed, length)).expect("room for the content");
        }
        content
    }

    /// The torrent file.
    pub(crate) fn torrent(&self) -> PathBuf {
        self.place.path().join("an evening.torrent")
    }

    /// The folder in which the torrent's folder lies complete.
    pub(crate) fn seeds(&self) -> PathBuf {
        self.place.path().join("complete")
    }

    /// A folder to download into.
    pub(crate) fn empty_folder(&self) -> PathBuf {
        let folder = self.place.path().join("arrived");
        fs::create_dir(&folder).expect("a folder");
        folder
    }

    /// The number of the film in the torrent, whose maker chose the order.
    pub(crate) fn film_number(&self) -> usize {
        let told = self.inspected();
        let files = told["files"].as_array().expect("files");
        let is_film = |file: &Value| file["length"] == FILES[FILM].1;
        files.iter().position(is_film).expect("the film is among them")
    }

    /// The infohash of a v1 torrent, in hexadecimal digits.
    pub(crate) fn infohash(&self) -> String {
        self.inspected()["infohash_v1"].as_str().expect("an infohash").to_owned()
    }

    fn inspected(&self) -> Value {
        let said = kinora::command("inspect").arg(self.torrent()).arg("--json").output();
        serde_json::from_slice(&said.expect("kinora inspects").stdout).expect("a line of JSON")
    }

    /// The bytes of the film.
    pub(crate) fn film(&self) -> Vec<u8> {
        fs::read(self.seeds().join(NAME).join(FILES[FILM].0)).expect("the film")
    }

    /// Every file has come, and every byte of it is right.
    pub(crate) fn assert_arrived(&self, to: &Path) {
        for (path, _) in FILES {
            let (original, copy) = (self.seeds().join(NAME).join(path), to.join(NAME).join(path));
            let cmp = Command::new("cmp").arg(&original).arg(&copy).output().expect("cmp runs");
            assert!(cmp.status.success(), "{}", String::from_utf8_lossy(&cmp.stderr));
        }
    }
}

fn run(command: &mut Command) {
    let said = command.output().expect("the program can be started");
    let words = [&said.stdout[..], &said.stderr[..]].concat();
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&words));
}

/// Bytes that look random and are the same for the same seed (xorshift64).
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}
