//! Packs: found by hash in few readings, the same for the same things, and refused when they lie.

use std::collections::BTreeMap;

use catalogue::channel::{
    BadManifest, BadPack, FileRef, Manifest, PACK_HEADER, PACK_LINE, PACK_MAX, PackHeader,
    PackKind, PackPlan, PackRef, PackSearch, THING_MAX, Where, is_pack_torrent, pack_torrent,
};
use torrent::{InfoHashes, Sha256Hash, hash::sha256};

use crate::publisher::{manifest, signing};

/// The file that the format's description has.
const VECTOR: &str = "4b494e50434b31000100000000000000000000000000000100000000000000\
    4a8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa400000048000000026869";

/// The file of some things.
fn pack(kind: PackKind, things: &[Vec<u8>]) -> Vec<u8> {
    let by_hash: BTreeMap<_, _> = things.iter().map(|thing| (sha256(thing).0, thing)).collect();
    let lengths = by_hash.iter().map(|(hash, thing)| (*hash, thing.len() as u32)).collect();
    let plans = PackPlan::of(kind, &lengths);
    let [plan] = &plans[..] else { panic!("one pack") };
    let mut file = plan.head();
    plan.things().iter().for_each(|thing| file.extend(by_hash[&thing.sha256]));
    assert_eq!(file.len() as u64, plan.length());
    file
}

fn header(file: &[u8]) -> Result<PackHeader, BadPack> {
    PackHeader::read(file.first_chunk().expect("a header"))
}

/// The thing with a hash, and how many times was read.
fn found(file: &[u8], hash: [u8; 32]) -> (Result<Option<Vec<u8>>, BadPack>, usize) {
    let mut readings = 0;
    let part = |start: u64, end: u64| file[start as usize..end as usize].to_vec();
    let found = PackSearch::find(header(file).unwrap(), hash, |range| {
        readings += 1;
        Some(part(range.start, range.end))
    });
    (found.map(|thing| thing.map(|thing| part(thing.start, thing.end()))), readings)
}

fn numbers(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_be_bytes().to_vec()).collect()
}

#[test]
fn a_pack_is_written_as_the_format_says() {
    let file = pack(PackKind::Pictures, &[b"hi".to_vec()]);
    let hex: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, VECTOR);
    assert_eq!(found(&file, sha256(b"hi").0), (Ok(Some(b"hi".to_vec())), 1));
    assert_eq!(found(&file, sha256(b"ho").0), (Ok(None), 1));
}

#[test]
fn each_of_many_things_is_found_in_few_readings() {
    let things = numbers(20_000);
    let file = pack(PackKind::Subtitles, &things);
    assert_eq!(header(&file).unwrap().things, 20_000);
    for thing in things.iter().step_by(7) {
        let (found, readings) = found(&file, sha256(thing).0);
        assert_eq!(found.unwrap().as_ref(), Some(thing));
        assert!(readings <= 4, "{readings} readings");
    }
    for missing in 20_000..20_100_u32 {
        let (found, readings) = found(&file, sha256(&missing.to_be_bytes()).0);
        assert!(found.unwrap().is_none() && readings <= 5, "{readings} readings");
    }
}

#[test]
fn many_things_divide_the_hashes_among_their_packs() {
    let things: BTreeMap<_, _> =
        numbers(200).iter().map(|thing| (sha256(thing).0, THING_MAX)).collect();
    let plans = PackPlan::of(PackKind::Pictures, &things);
    assert_eq!(plans.len(), 4, "some 64 of 2 MiB in each");
    assert!(plans.iter().all(|plan| plan.length() <= PACK_MAX));
    let refs: Vec<_> = plans.iter().map(|plan| described(plan, plan.length())).collect();
    for (hash, _) in things {
        assert_eq!(refs.iter().filter(|one| one.may_have(&hash)).count(), 1);
    }
    let odd = [([1; 32], 0), ([2; 32], THING_MAX + 1)].into();
    assert!(PackPlan::of(PackKind::Pictures, &odd).is_empty(), "empty, too large");
}

#[test]
fn each_lie_of_a_header_or_an_index_has_its_reason() {
    let file = pack(PackKind::Pictures, &numbers(3));
    let (first, second) = (sha256_of(&file, 0), sha256_of(&file, 1));
    let bent = |at: usize, byte: u8| {
        let mut file = file.clone();
        file[at] = byte;
        file
    };
    for (at, byte, why) in [
        (0, b'x', BadPack::Magic),
        (8, 9, BadPack::Magic),
        (9, 1, BadPack::Magic),
        (22, 1, BadPack::Size),
        (23, 0, BadPack::Size),
        (24, 1, BadPack::Size),
        (31, 32, BadPack::Size),
    ] {
        assert_eq!(header(&bent(at, byte)), Err(why), "byte {at}");
    }
    let line = |number: usize| PACK_HEADER + number * PACK_LINE;
    for (at, byte) in [
        (line(0) + 34, 9),    // starts behind the end
        (line(0) + 35, 0),    // starts in the index
        (line(0) + 36, 0xff), // is larger than anything
        (line(0) + 39, 0),    // is empty
        (line(0) + 39, 3),    // overlaps the next
        (line(0), 0xff),      // out of order
        (line(2) + 39, 3),    // ends elsewhere than the file
    ] {
        assert_eq!(found(&bent(at, byte), second).0, Err(BadPack::Index), "byte {at}");
    }
    let mut twice = file.clone();
    twice.copy_within(line(0)..line(0) + 32, line(1));
    assert_eq!(found(&twice, first).0, Err(BadPack::Index));
    let mut short = PackSearch::new(header(&file).unwrap(), first);
    assert_eq!(short.take(&file[line(0)..line(1)]), Err(BadPack::Index));
}

fn sha256_of(file: &[u8], number: usize) -> [u8; 32] {
    let start = PACK_HEADER + number * PACK_LINE;
    file[start..start + 32].try_into().unwrap()
}

#[test]
fn an_index_that_misleads_costs_few_readings() {
    // All hashes begin alike, so that where they should stand says nothing.
    let things = (0..20_000_u32).map(|number| {
        let mut hash = [7; 32];
        hash[28..].copy_from_slice(&number.to_be_bytes());
        (hash, 1)
    });
    let things: BTreeMap<_, _> = things.collect();
    let plan = PackPlan::of(PackKind::Pictures, &things).remove(0);
    let file = [plan.head(), vec![0; 20_000]].concat();
    for hash in things.keys().step_by(997) {
        let (found, readings) = found(&file, *hash);
        assert!(found.unwrap().is_some() && readings <= 16, "{readings} readings");
    }
}

fn described(plan: &PackPlan, length: u64) -> PackRef {
    let start = plan.things()[0].sha256;
    let place = Where::Torrent(InfoHashes::V2(Sha256Hash(start)));
    plan.described(FileRef { sha256: [5; 32], length, place })
}

#[test]
fn a_manifest_names_packs_and_none_that_cannot_be() {
    let plan = PackPlan::of(PackKind::Subtitles, &[([4; 32], 1)].into()).remove(0);
    let pack = described(&plan, plan.length());
    let opened = |packs: Vec<PackRef>| {
        let manifest = Manifest { version: 1, packs, ..manifest() };
        Manifest::open(&manifest.seal(&signing(2))).map(|(_, manifest)| manifest.packs)
    };
    assert_eq!(opened(vec![pack.clone()]), Ok(vec![pack.clone()]));
    let with = |change: fn(&mut PackRef)| {
        let mut changed = pack.clone();
        change(&mut changed);
        opened(vec![changed])
    };
    let lies: [fn(&mut PackRef); 5] = [
        |pack| pack.things = 0,
        |pack| pack.things = 2,
        |pack| pack.file.length = PACK_MAX + 1,
        |pack| pack.span = ([9; 8], [1; 8]),
        |pack| pack.file.place = Where::Head("p".to_owned().try_into().unwrap()),
    ];
    for lie in lies {
        assert_eq!(with(lie), Err(BadManifest::Packs));
    }
    assert_eq!(opened(vec![pack.clone(), pack]), Err(BadManifest::Packs), "one torrent twice");
}

#[test]
fn the_torrent_of_a_pack_is_always_the_same_and_of_nothing_else() {
    let file = pack(PackKind::Pictures, &numbers(3000));
    let made = || {
        let mut hashing = pack_torrent("p", file.len() as u64).unwrap();
        hashing.feed(&file).unwrap();
        hashing.finish().unwrap()
    };
    assert_eq!(made().info.hashes(), made().info.hashes());
    assert!(matches!(made().info.hashes(), InfoHashes::V2(_)));
    assert!(is_pack_torrent(&made(), "p", file.len() as u64));
    assert!(!is_pack_torrent(&made(), "p", 1) && !is_pack_torrent(&made(), "q", file.len() as u64));
}
