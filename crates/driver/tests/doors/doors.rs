//! The door of resume records, with what must hold whatever is on disk. The tests replay the corpus through it, and
//! `fuzz/` feeds it what libFuzzer makes up.

use crate::journal::{Entry, MAGIC, decode};

/// A record: nothing behind the first damage counts, and what is read is read again when it is written.
///
/// A sum that is made up never fits, so the same bytes are read as entries with right sums as well: each its kind,
/// the length of its payload, and the payload.
pub(crate) fn resume_record(bytes: &[u8]) {
    read(bytes);
    read(&[MAGIC, bytes].concat());
    let whole = summed(bytes);
    let (entries, is_whole) = read(&whole);
    assert!(is_whole || entries.len() < bytes.len());
    for cut in [1, 9, 40] {
        let (part, _) = read(&whole[..whole.len().saturating_sub(cut)]);
        assert!(entries.starts_with(&part));
    }
}

fn read(record: &[u8]) -> (Vec<Entry>, bool) {
    let (entries, is_whole) = decode(record);
    let mut written = MAGIC.to_vec();
    entries.iter().for_each(|entry| entry.encode(&mut written));
    assert_eq!(decode(&written), (entries.clone(), true));
    (entries, is_whole)
}

/// The record of entries that are made of bytes.
fn summed(mut bytes: &[u8]) -> Vec<u8> {
    let mut record = MAGIC.to_vec();
    while let [kind, len, rest @ ..] = bytes {
        let (payload, rest) = rest.split_at(rest.len().min((*len).into()));
        let start = record.len();
        record.push(*kind);
        record.extend((payload.len() as u32).to_le_bytes());
        record.extend_from_slice(payload);
        let sum = torrent::hash::sha256(&record[start..]);
        record.extend_from_slice(&sum.0[..8]);
        bytes = rest;
    }
    record
}
