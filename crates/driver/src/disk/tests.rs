//! The disk threads and the record together: what is written is read, kept, struck out and found again.

#![cfg(target_os = "linux")]

use std::{fs, os::unix::fs::MetadataExt, sync::Arc};

use bytes::Bytes;
use engine::{Input, OpId, Prepared, TorrentId};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use torrent::{Block, Metainfo, Piece, hash};

use super::*;
use crate::{
    resume::{self, Opening, Record, Recorder, Survey},
    sample,
    scratch::Scratch,
    verified::Verified,
};

const ID: TorrentId = TorrentId(0);
const PIECE: u32 = 64 * 1024;

/// A disk and a recorder at work on one torrent.
struct Bench {
    scratch: Scratch,
    metainfo: Arc<Metainfo>,
    disk: Disk,
    recorder: Recorder,
    answers: UnboundedReceiver<Input>,
}

impl Bench {
    fn new(metainfo: Metainfo) -> Self {
        Self::below(Scratch::new(), Arc::new(metainfo))
    }

    fn below(scratch: Scratch, metainfo: Arc<Metainfo>) -> Self {
        let (sender, answers) = unbounded_channel();
        let (queue, inbox) = resume::queue();
        let disk = Disk::start(2, &sender, &queue).unwrap();
        let recorder = Recorder::start(queue, inbox, disk.queues().clone()).unwrap();
        Self { scratch, metainfo, disk, recorder, answers }
    }

    /// The same files, after everything in memory is gone.
    fn restarted(self) -> Self {
        let Self { scratch, metainfo, .. } = self;
        Self::below(scratch, metainfo)
    }

    fn content(&self) -> Arc<Content> {
        self.disk.content(ID, Arc::clone(&self.metainfo), self.scratch.path().join("files"))
    }

    fn record_path(&self) -> std::path::PathBuf {
        resume::path(self.scratch.path(), &self.metainfo.info.hashes())
    }

    fn prepare(&self, recheck: bool) -> Prepared {
        let record = Record::read(&self.record_path(), &self.metainfo.info.hashes());
        let content = self.content();
        Survey::new(&content, &record, recheck).check(&content, 2, &Progress::default())
    }

    fn keep_record(&self, verified: &Arc<Verified>, prepared: Prepared) {
        self.recorder.queue().open(Opening {
            path: self.record_path(),
            content: self.content(),
            verified: Arc::clone(verified),
            prepared,
            peers: vec!["9.9.9.9:9".parse().unwrap()],
            vouched: true,
        });
    }

    async fn store(
        &mut self,
        bytes: &[u8],
        block: Block,
        leaf: bool,
    ) -> Option<torrent::Sha256Hash> {
        let range = self.metainfo.info.geometry().block_range(block);
        let bytes = Bytes::copy_from_slice(&bytes[range.start as usize..range.end as usize]);
        let (op, content) = (OpId(range.start), self.content());
        self.disk.queues().give(
            block.piece,
            Job::Store { content, part: Part { op, block, bytes, leaf, soon: true } },
        );
        match self.answers.recv().await {
            Some(Input::Stored(of, stored)) if of == op => stored.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn store_piece(&mut self, bytes: &[u8], piece: Piece) {
        for index in 0..self.metainfo.info.geometry().block_count(piece) {
            self.store(bytes, Block { piece, index }, false).await;
        }
    }

    async fn sha1(&mut self, piece: Piece) -> torrent::Sha1Hash {
        let (op, content) = (OpId(0), self.content());
        self.disk.queues().give(piece, Job::Hash { op, content, piece, soon: true });
        match self.answers.recv().await {
            Some(Input::Hashed(_, hashed)) => hashed.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn blocks_in_any_order_across_files_hash_to_their_piece_and_load_again() {
    let bytes = sample::noise(200_000, 1);
    let files: &[(&str, &[u8])] =
        &[("a", &bytes[..50_000]), ("b", &bytes[50_000..50_001]), ("c", &bytes[50_001..])];
    let mut bench = Bench::new(sample::v1(files, PIECE));
    for order in [[0, 1, 2, 3], [3, 1, 0, 2], [0, 1, 1, 0]] {
        for index in order.into_iter().chain([2, 3]) {
            bench.store(&bytes, Block { piece: Piece(0), index }, false).await;
        }
        assert_eq!(bench.sha1(Piece(0)).await, bench.metainfo.info.piece_hashes()[0], "{order:?}");
    }
    bench.store_piece(&bytes, Piece(3)).await;
    assert_eq!(bench.sha1(Piece(3)).await, bench.metainfo.info.piece_hashes()[3]);
    let (op, content) = (OpId(7), bench.content());
    bench
        .disk
        .queues()
        .give(Piece(0), Job::Load { op, content, piece: Piece(0), begin: 49_000, len: 2_000 });
    match bench.answers.recv().await {
        Some(Input::Loaded(_, Ok(loaded))) => assert_eq!(loaded, bytes[49_000..51_000]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_block_stored_twice_with_other_bytes_hashes_as_it_is_on_disk() {
    let bytes = sample::noise(PIECE as usize, 2);
    let mut bench = Bench::new(sample::v1(&[("a", &bytes)], PIECE));
    let mut wrong = bytes.clone();
    wrong[20_000] ^= 1;
    bench.store_piece(&wrong, Piece(0)).await;
    bench.store(&bytes, Block { piece: Piece(0), index: 1 }, false).await;
    assert_eq!(bench.sha1(Piece(0)).await, bench.metainfo.info.piece_hashes()[0]);
}

#[tokio::test]
async fn the_leaf_of_a_stored_block_is_its_sha256() {
    let bytes = sample::noise(150_000, 3);
    let mut bench = Bench::new(sample::v2(&bytes, PIECE));
    let block = Block { piece: Piece(2), index: 1 };
    let range = bench.metainfo.info.geometry().block_range(block);
    let leaf = bench.store(&bytes, block, true).await;
    assert_eq!(leaf, Some(hash::sha256(&bytes[range.start as usize..range.end as usize])));
}

#[tokio::test]
async fn a_check_finds_what_is_right_and_only_that_in_v1_and_v2() {
    let bytes = sample::noise(300_000, 4);
    let mut damaged = bytes.clone();
    damaged[150_000] ^= 0x10;
    for metainfo in [sample::v1(&[("a", &bytes)], PIECE), sample::v2(&bytes, PIECE)] {
        let bench = Bench::new(metainfo);
        let root = bench.scratch.path().join("files");
        assert!(bench.prepare(false).pieces.is_empty(), "nothing is there");
        if bench.metainfo.info.is_single_file() {
            fs::create_dir_all(&root).unwrap();
            fs::write(root.join("sample"), &damaged).unwrap();
        } else {
            sample::lay_out(&root, &[("a", &damaged)]);
        }
        let found = bench.prepare(false).pieces;
        assert_eq!(found, [0, 1, 3, 4].map(Piece));
    }
}

#[tokio::test]
async fn a_record_left_in_order_is_trusted_until_a_file_changes() {
    let bytes = sample::noise(300_000, 5);
    let mut bench = Bench::new(sample::v1(&[("a", &bytes)], PIECE));
    let verified = Arc::new(Verified::default());
    bench.keep_record(&verified, Prepared::default());
    for piece in [Piece(1), Piece(3)] {
        bench.store_piece(&bytes, piece).await;
        bench.recorder.queue().complete(ID, piece);
    }
    bench.recorder.queue().close(ID).await;
    let bench = bench.restarted();
    let progress = Progress::default();
    let record = Record::read(&bench.record_path(), &bench.metainfo.info.hashes());
    assert_eq!(record.peers, ["9.9.9.9:9".parse().unwrap()]);
    assert_eq!(record.metainfo.as_deref(), Some(&*bench.metainfo));
    let survey = Survey::new(&bench.content(), &record, false);
    assert!(!survey.has_to_hash());
    let prepared = survey.check(&bench.content(), 1, &progress);
    assert_eq!(prepared.pieces, [Piece(1), Piece(3)]);
    assert_eq!(progress.so_far().1, 0, "nothing was hashed");
    let file = bench.scratch.path().join("files/sample/a");
    let mut damaged = fs::read(&file).unwrap();
    damaged[PIECE as usize] ^= 1;
    fs::write(&file, damaged).unwrap();
    assert_eq!(bench.prepare(false).pieces, [Piece(3)]);
}

#[tokio::test]
async fn after_a_crash_the_synced_pieces_are_trusted_and_the_others_hashed() {
    let bytes = sample::noise(300_000, 6);
    let mut bench = Bench::new(sample::v1(&[("a", &bytes)], PIECE));
    let verified = Arc::new(Verified::default());
    bench.store_piece(&bytes, Piece(0)).await;
    bench.keep_record(&verified, Prepared { pieces: vec![Piece(0)], blocks: vec![] });
    bench.store_piece(&bytes, Piece(1)).await;
    bench.recorder.queue().complete(ID, Piece(1));
    let mut wrong = bytes.clone();
    wrong[2 * PIECE as usize] ^= 1;
    bench.store_piece(&wrong, Piece(2)).await;
    bench.recorder.queue().settle().await;
    let bench = bench.restarted();
    let record = Record::read(&bench.record_path(), &bench.metainfo.info.hashes());
    let progress = Progress::default();
    let survey = Survey::new(&bench.content(), &record, false);
    assert!(survey.has_to_hash());
    let prepared = survey.check(&bench.content(), 1, &progress);
    assert_eq!(prepared.pieces, [Piece(0), Piece(1)]);
    assert_eq!(progress.so_far().1, 4, "all but the synced piece were hashed");
}

#[tokio::test]
async fn blocks_verified_alone_come_back_too() {
    let bytes = sample::noise(300_000, 7);
    let mut bench = Bench::new(sample::v2(&bytes, PIECE));
    let verified = Arc::new(Verified::default());
    bench.keep_record(&verified, Prepared::default());
    let block = Block { piece: Piece(1), index: 2 };
    bench.store(&bytes, block, true).await;
    verified.add(bench.metainfo.info.geometry().block_range(block));
    bench.recorder.queue().changed(ID);
    bench.recorder.queue().close(ID).await;
    let prepared = bench.restarted().prepare(false);
    assert_eq!((prepared.pieces, prepared.blocks), (vec![], vec![block]));
}

#[tokio::test]
async fn a_damaged_record_means_a_check_and_nothing_worse() {
    let bytes = sample::noise(300_000, 8);
    let bench = Bench::new(sample::v1(&[("a", &bytes)], PIECE));
    sample::lay_out(&bench.scratch.path().join("files"), &[("a", &bytes)]);
    bench.keep_record(&Arc::default(), Prepared { pieces: vec![Piece(0)], blocks: vec![] });
    bench.recorder.queue().close(ID).await;
    let whole = fs::read(bench.record_path()).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        fs::write(bench.record_path(), &damaged).unwrap();
        assert_eq!(bench.prepare(false).pieces.len(), 5, "byte {at}");
    }
}

#[tokio::test]
async fn an_evicted_piece_leaves_the_record_first_and_then_the_disk() {
    let bytes = sample::noise(1 << 20, 9);
    let mut bench = Bench::new(sample::v1(&[("a", &bytes)], PIECE));
    bench.keep_record(&Arc::default(), Prepared::default());
    for piece in (0..16).map(Piece) {
        bench.store_piece(&bytes, piece).await;
        bench.recorder.queue().complete(ID, piece);
    }
    let file = bench.scratch.path().join("files/sample/a");
    bench.recorder.queue().close(ID).await;
    let full = fs::metadata(&file).unwrap().blocks();
    bench.keep_record(&Arc::default(), bench.prepare(false));
    for piece in [Piece(2), Piece(3)] {
        bench.disk.queues().give(piece, Job::Evict { content: bench.content(), piece });
    }
    // Written again before its space could be given back: it stays.
    bench.store_piece(&bytes, Piece(3)).await;
    bench.disk.queues().settle(ID).await;
    bench.recorder.queue().settle().await;
    bench.disk.queues().settle(ID).await;
    assert_eq!(bench.sha1(Piece(3)).await, bench.metainfo.info.piece_hashes()[3]);
    let freed = full - fs::metadata(&file).unwrap().blocks();
    assert!(freed * 512 >= u64::from(PIECE), "{freed} sectors");
    let record = Record::read(&bench.record_path(), &bench.metainfo.info.hashes());
    let progress = Progress::default();
    let bench = bench.restarted();
    let content = bench.content();
    Survey::new(&content, &record, false).check(&content, 1, &progress);
    assert_eq!(progress.so_far().1, 2, "both left the record");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_a_fault_and_not_a_panic() {
    let bytes = sample::noise(PIECE as usize, 10);
    let mut bench = Bench::new(sample::v1(&[("a", &bytes)], PIECE));
    fs::write(bench.scratch.path().join("files"), "a file where the folder should be").unwrap();
    let block = Block { piece: Piece(0), index: 0 };
    let (op, content, leaf) = (OpId(0), bench.content(), false);
    let stored = bytes[..16_384].to_vec().into();
    bench.disk.queues().give(
        block.piece,
        Job::Store { content, part: Part { op, block, bytes: stored, leaf, soon: true } },
    );
    assert!(matches!(bench.answers.recv().await, Some(Input::Stored(_, Err(_)))));
}

#[tokio::test]
async fn files_without_bytes_are_made_and_torrents_deleted_whole() {
    let bytes = sample::noise(PIECE as usize, 11);
    let mut bench = Bench::new(sample::v1(&[("a", &bytes), ("empty", b"")], PIECE));
    bench.store_piece(&bytes, Piece(0)).await;
    let folder = bench.scratch.path().join("files/sample");
    assert_eq!(fs::metadata(folder.join("empty")).unwrap().len(), 0);
    assert_eq!(fs::read(folder.join("a")).unwrap(), bytes);
    bench.content().delete().unwrap();
    bench.content().delete().unwrap();
    assert!(!folder.exists());
}

/// A v1 torrent of two files with a short last piece, and its bytes.
fn many_pieces(count: usize) -> (Vec<u8>, Metainfo) {
    let bytes = sample::noise(count * PIECE as usize - 1_000, 5);
    let (one, two) = bytes.split_at(100_000);
    let metainfo = sample::v1(&[("one", one), ("two", two)], PIECE);
    (bytes, metainfo)
}

#[tokio::test]
async fn pieces_nobody_waits_for_are_hashed_together_and_each_has_its_hash() {
    let (mut bytes, metainfo) = many_pieces(41);
    let expected = metainfo.info.piece_hashes().to_vec();
    // One has other bytes than the torrent says.
    bytes[5 * PIECE as usize] ^= 1;
    let mut bench = Bench::new(metainfo);
    let (geometry, content) = (bench.metainfo.info.geometry().clone(), bench.content());
    let pieces = || (0..geometry.piece_count()).map(Piece);
    let mut hashes = vec![None; pieces().count()];
    for piece in pieces() {
        for index in 0..geometry.block_count(piece) {
            let block = Block { piece, index };
            let range = geometry.block_range(block);
            let bytes = Bytes::copy_from_slice(&bytes[range.start as usize..range.end as usize]);
            // The blocks of some are gone on with, as when somebody began to read or ceased to.
            let soon = piece.0 % 7 == 3 && index > 0;
            let part = Part { op: OpId(1 << 40), block, bytes, leaf: false, soon };
            bench.disk.queues().give(piece, Job::Store { content: Arc::clone(&content), part });
        }
        let (op, content) = (OpId(piece.0.into()), Arc::clone(&content));
        bench.disk.queues().give(piece, Job::Hash { op, content, piece, soon: piece.0 == 9 });
    }
    while hashes.iter().any(Option::is_none) {
        match bench.answers.recv().await {
            Some(Input::Hashed(op, hash)) => {
                assert!(hashes[op.0 as usize].replace(hash.unwrap()).is_none(), "told twice");
            }
            Some(Input::Stored(_, stored)) => assert_eq!(stored, Ok(None)),
            other => panic!("{other:?}"),
        }
    }
    for (piece, (hash, expected)) in hashes.iter().zip(&expected).enumerate() {
        assert_eq!(hash.as_ref() == Some(expected), piece != 5, "piece {piece}");
    }
}

#[test]
fn a_check_of_many_pieces_finds_each_that_is_wrong_or_not_there() {
    let (bytes, metainfo) = many_pieces(67);
    let bench = Bench::new(metainfo);
    let (mut one, mut two) = (bytes[..100_000].to_vec(), bytes[100_000..].to_vec());
    let at = |piece: usize| piece * PIECE as usize;
    two[at(40) - 100_000] ^= 0x80;
    // It ends within a piece, so that the last ones are not there.
    two.truncate(at(60) - 100_000 - 3);
    one[1] ^= 1;
    let mut wrong = vec![0, 40];
    wrong.extend(59..67);
    sample::lay_out(&bench.scratch.path().join("files"), &[("one", &one), ("two", &two)]);
    let right = bench.prepare(true).pieces;
    let expected: Vec<_> = (0..67).filter(|piece| !wrong.contains(piece)).map(Piece).collect();
    assert_eq!(right, expected);
}
