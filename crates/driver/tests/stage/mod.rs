//! The stage of the tests: sessions on loopback, the torrents they exchange, and what is checked of them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use driver::{Add, AddressPolicy, Config, Session, Source, Torrent, Transport};
use engine::{Encryption, Limits, Secret, Want};
use torrent::{
    Metainfo,
    create::{Builder, Version},
};

#[path = "../../src/scratch.rs"]
mod scratch;

pub(crate) use self::scratch::Scratch;

static SEED: AtomicU64 = AtomicU64::new(1);

/// Longer than anything takes here, shorter than anybody waits for a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const NO_LIMITS: Limits = Limits::NONE;

/// How a session of these tests is set up: on loopback, and quick.
pub(crate) fn config(data_dir: &Path) -> Config {
    Config {
        engine: engine::Config {
            seed: 7,
            secret: Secret([7; 32]),
            encryption: Encryption::Prefer,
            client: *b"-KN0000-",
            client_name: "Kinora test".into(),
            listen_port: 0,
            exchange_peers: false,
            dht_port: 0,
            punch: true,
            use_trackers: true,
            connections_max: 100,
            connections_per_torrent_max: 50,
            dials_max: 20,
            handshake_patience: Duration::from_secs(10),
            limits: NO_LIMITS,
        },
        transport: Transport::Both,
        listen: vec!["127.0.0.1:0".parse().expect("an address")],
        interface: None,
        dns: vec![],
        proxy: None,
        port_mapping: None,
        ip_filter: None,
        data_dir: data_dir.join("records"),
        address_policy: AddressPolicy {
            local_trackers: true,
            local_web_seeds: true,
            local_peers: true,
        },
        local_discovery: false,
        dht: None,
        hash_workers: 2,
        user_agent: "kinora-test".into(),
    }
}

/// A session with a folder of its own.
pub(crate) struct Party {
    pub(crate) session: Session,
    pub(crate) scratch: Scratch,
}

impl Party {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let scratch = Scratch::new();
        let mut config = config(scratch.path());
        // Peers must not have one identity.
        config.engine.seed = SEED.fetch_add(1, Ordering::Relaxed);
        config.engine.secret = Secret([config.engine.seed as u8; 32]);
        change(&mut config);
        let session = Session::start(config).await.expect("loopback has free ports");
        Self { session, scratch }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.scratch.path().join("files")
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.session.local_addrs()[0]
    }

    /// Takes part in a torrent with these peers, wanting all of it.
    pub(crate) async fn join(&self, metainfo: &Arc<Metainfo>, peers: &[SocketAddr]) -> Torrent {
        let add = Add { peers: peers.to_vec(), want: Want::All, ..self.add(metainfo) };
        self.session.add(add).await.expect("the session goes on")
    }

    pub(crate) fn add(&self, metainfo: &Arc<Metainfo>) -> Add {
        add(metainfo, self.root())
    }

    /// Puts all of a work on disk and takes part in its torrent.
    pub(crate) async fn seed(&self, work: &Work) -> Torrent {
        work.lay_out(&self.root());
        let torrent = self.join(&work.metainfo, &[]).await;
        let ready = soon(torrent.ready()).await.expect("its storage opens");
        assert_eq!(ready.have_bytes, work.len(), "the seed has everything");
        torrent
    }
}

/// Taking part in a torrent without anybody's help, wanting nothing.
pub(crate) fn add(metainfo: &Arc<Metainfo>, root: PathBuf) -> Add {
    Add {
        source: Source::Metainfo(Arc::clone(metainfo)),
        root,
        trackers: vec![],
        web_seeds: vec![],
        peers: vec![],
        want: Want::Nothing,
        recheck: false,
    }
}

/// Files and their torrent.
pub(crate) struct Work {
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    pub(crate) metainfo: Arc<Metainfo>,
}

impl Work {
    /// A folder of files of these lengths.
    pub(crate) fn new(version: Version, piece_len: u32, lens: &[usize]) -> Self {
        Self::told_of(version, piece_len, lens, |_| {})
    }

    pub(crate) fn told_of(
        version: Version,
        piece_len: u32,
        lens: &[usize],
        change: impl FnOnce(&mut Builder),
    ) -> Self {
        let names = ["one.mkv", "two.srt", "three.nfo", "four.mp4"];
        let files: Vec<_> = names
            .into_iter()
            .zip(lens)
            .enumerate()
            .map(|(seed, (name, len))| (name, noise(*len, seed as u64 + 1)))
            .collect();
        let mut builder = Builder::folder("work");
        builder.version = version;
        builder.piece_len = Some(piece_len);
        for (name, bytes) in &files {
            builder.file(vec![(*name).into()], bytes.len() as u64);
        }
        change(&mut builder);
        Self { metainfo: Arc::new(described(builder, &files)), files }
    }

    pub(crate) fn len(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    pub(crate) fn lay_out(&self, root: &Path) {
        for (name, bytes) in &self.files {
            let path = self.path(root, name);
            let folder = path.parent().expect("it is in a folder");
            fs::create_dir_all(folder).expect("a writable folder");
            fs::write(path, bytes).expect("a writable folder");
        }
    }

    /// Compares every byte on disk.
    pub(crate) fn expect_at(&self, root: &Path) {
        for (name, bytes) in &self.files {
            let found = fs::read(self.path(root, name)).expect("the file is there");
            assert!(found == *bytes, "{name} differs");
        }
    }

    /// Where a file lies on disk.
    pub(crate) fn path(&self, root: &Path, name: &str) -> PathBuf {
        let file = &self.metainfo.info.files()[self.index(name)];
        file.path.iter().fold(root.to_owned(), |path, part| path.join(part))
    }

    /// The place of a file in the torrent, whose order may be another one.
    pub(crate) fn index(&self, name: &str) -> usize {
        let files = self.metainfo.info.files();
        files.iter().position(|file| file.path.ends_with(&[name.to_owned()])).expect("it is there")
    }
}

fn described(builder: Builder, files: &[(&'static str, Vec<u8>)]) -> Metainfo {
    let mut hashing = builder.start().expect("good names and lengths");
    while let Some((path, _)) = hashing.next_file() {
        let name = path.last().cloned().expect("a name");
        let (_, bytes) = files.iter().find(|(known, _)| *known == name).expect("one of ours");
        hashing.feed(bytes).expect("as many bytes as it has");
    }
    hashing.finish().expect("a valid torrent")
}

/// Bytes that look like nothing in particular, the same for the same seed.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Waits for something that happens soon or never.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it takes less than a minute")
}

/// Everything a reader gives.
pub(crate) async fn read_all(mut reader: driver::Reader) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(bytes) = soon(reader.next()).await.expect("the disk works") {
        all.extend_from_slice(&bytes);
    }
    all
}
