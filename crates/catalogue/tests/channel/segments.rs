//! Segments: what goes in comes out, and every broken file is refused with its reason.

use catalogue::channel::{BadSegment, Entry, Family, RecordId, Segment, SegmentWriter};
use proptest::prelude::*;

fn written(entries: &[Entry]) -> Vec<u8> {
    let mut writer = SegmentWriter::new(Family::Titles, 0);
    assert!(entries.iter().all(|entry| writer.push(entry)));
    writer.finish()
}

fn entries(count: u8) -> Vec<Entry> {
    let entry = |n: u8| Entry {
        id: RecordId([n; 16]),
        version: u64::from(n) % 7 + 1,
        record: (!n.is_multiple_of(5)).then(|| vec![n; usize::from(n) * 40]),
    };
    (0..count).map(entry).collect()
}

fn read(bytes: &[u8]) -> Result<Vec<Entry>, BadSegment> {
    Segment::read(bytes)?.entries().collect()
}

#[test]
fn what_goes_in_comes_out_and_is_found_by_its_id() {
    let entries = entries(200);
    let bytes = written(&entries);
    let segment = Segment::read(&bytes[..]).unwrap();
    assert_eq!(segment.entries().collect::<Result<Vec<_>, _>>(), Ok(entries.clone()));
    assert_eq!((segment.records(), segment.versions()), (200, (1, 7)));
    for entry in &entries {
        assert_eq!(segment.get(entry.id), Ok(Some(entry.clone())));
    }
    assert_eq!(segment.get(RecordId([201; 16])), Ok(None));
    assert_eq!(segment.get(RecordId([0xff; 16])), Ok(None));
}

#[test]
fn ids_that_do_not_rise_are_not_taken() {
    let mut writer = SegmentWriter::new(Family::Titles, 0);
    let [one, two] = [1, 2].map(|n| Entry { id: RecordId([n; 16]), version: 1, record: None });
    assert!(writer.push(&two) && !writer.push(&one) && !writer.push(&two));
    assert_eq!(writer.records(), 1);
}

#[test]
fn a_text_that_repeats_itself_for_ever_is_stored_rather_than_made_a_bomb() {
    let same = Entry { id: RecordId([1; 16]), version: 1, record: Some(vec![0; 60_000]) };
    let bytes = written(std::slice::from_ref(&same));
    assert!(bytes.len() > 60_000);
    assert_eq!(read(&bytes), Ok(vec![same]));
}

/// A segment with one byte changed at a place.
fn changed(at: usize, to: u8) -> Result<Vec<Entry>, BadSegment> {
    let mut bytes = written(&entries(20));
    bytes[at] = to;
    read(&bytes)
}

#[test]
fn each_lie_of_a_header_or_an_index_has_its_reason() {
    let whole = written(&entries(20));
    let index = whole.len() - 40;
    assert_eq!(changed(0, b'X'), Err(BadSegment::Header));
    assert_eq!(changed(10, 1), Err(BadSegment::Header), "what must be zero");
    assert_eq!(changed(8, 9), Err(BadSegment::Family));
    assert_eq!(changed(23, 21), Err(BadSegment::Index), "more records than blocks have");
    assert_eq!(changed(31, whole[31] ^ 1), Err(BadSegment::Index), "the index elsewhere");
    assert_eq!(changed(24, 0xff), Err(BadSegment::Index), "the index beyond all files");
    assert_eq!(changed(39, 39), Err(BadSegment::Index), "half a line");
    assert_eq!(changed(55, 3), Err(BadSegment::Version), "versions that entries do not keep to");
    assert_eq!(changed(index + 15, 1), Err(BadSegment::Unsorted), "a block that opens otherwise");
    assert_eq!(changed(index + 23, 65), Err(BadSegment::Index), "a block elsewhere");
    assert_eq!(changed(index + 28, 0xff), Err(BadSegment::Bomb), "a block of gigabytes");
    assert_eq!(changed(index + 31, whole[index + 31] ^ 1), Err(BadSegment::Block));
    assert_eq!(changed(index + 39, 7), Err(BadSegment::Index), "an unknown way of packing");
    let mut many = whole.clone();
    (0..50).for_each(|_| many.extend_from_within(index..index + 40));
    many[32..40].copy_from_slice(&(51 * 40_u64).to_be_bytes());
    assert_eq!(read(&many), Err(BadSegment::Blocks), "an index larger than what it leads to");
    assert_eq!(read(&whole[..63]), Err(BadSegment::Header));
    assert_eq!(read(&whole[..whole.len() - 1]), Err(BadSegment::Index));
}

/// A segment whose one block is stored as it is.
fn stored(block: &[u8], records: u32) -> Vec<u8> {
    let mut bytes = b"KINSEG1\0\x01\0\0\0\0\0\0\0".to_vec();
    let index = 64 + block.len() as u64;
    for number in [u64::from(records), index, 40, 1, 1, 0] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(block);
    bytes.extend([block.get(2..18).unwrap_or(&[0; 16]), &64_u64.to_be_bytes()].concat());
    let len = u32::try_from(block.len()).unwrap();
    for number in [len, len, records, 0] {
        bytes.extend(number.to_be_bytes());
    }
    bytes
}

#[test]
fn each_lie_inside_a_block_has_its_reason() {
    let id = |n: u8| [vec![0x50], vec![n; 16]].concat();
    let entry = |n, rest: &[u8]| [vec![0x83], id(n), rest.to_vec()].concat();
    let (gap, next) = (entry(1, &[1, 0xf6]), entry(2, &[1, 0xf6]));
    assert_eq!(read(&stored(&gap, 1)).map(|entries| entries.len()), Ok(1));
    assert_eq!(read(&stored(&[gap.clone(), next.clone()].concat(), 2)).map(|all| all.len()), Ok(2));
    let refused = |block: &[u8], records| read(&stored(block, records)).unwrap_err();
    assert_eq!(refused(&[next, gap.clone()].concat(), 2), BadSegment::Unsorted);
    assert_eq!(refused(&[gap.clone(), gap.clone()].concat(), 2), BadSegment::Unsorted);
    assert_eq!(refused(&gap, 2), BadSegment::Index);
    assert_eq!(refused(&entry(1, &[2, 0xf6]), 1), BadSegment::Version);
    assert_eq!(refused(&entry(1, &[1, 0x01]), 1), BadSegment::Entry);
    assert!(matches!(refused(&entry(1, &[1, 0x18, 1]), 1), BadSegment::Cbor(_)));
    let long = [vec![1, 0x5a, 0, 1, 0, 1], vec![0; 0x10001]].concat();
    assert_eq!(refused(&entry(1, &long), 1), BadSegment::Entry);
}

proptest! {
    #[test]
    fn any_bytes_are_a_segment_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes).ok();
    }

    #[test]
    fn any_few_changed_bytes_of_a_segment_are_no_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let mut bytes = written(&entries(30));
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        if let Ok(segment) = Segment::read(&bytes[..]) {
            segment.entries().for_each(drop);
            segment.get(RecordId([7; 16])).ok();
        }
    }
}
