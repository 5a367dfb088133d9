//! The bytes of a resume record: a magic line, then entries that are only ever appended.
//!
//! An entry is its kind (1 byte), the length of its payload (4 bytes, little endian), the payload, and
//! the first 8 bytes of the SHA-256 of all that. Numbers in payloads are little endian.

use std::{net::SocketAddr, path::PathBuf};

use torrent::{Block, Piece, hash};

use crate::disk::Stamp;

/// The first bytes of every record; the number is the version of the format.
pub(super) const MAGIC: &[u8] = b"kinora resume 1\n";
/// The longest payload: the metainfo of the largest torrent we take.
const PAYLOAD_MAX: usize = 64 << 20;
const SUM_LEN: usize = 8;
const HEAD_LEN: usize = 5;

/// One thing that a record says. What is said later counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// The torrent, as a `.torrent` file.
    Metainfo(Vec<u8>),
    /// Where its files lie.
    Root(PathBuf),
    /// These pieces are on disk, synced and right.
    Pieces(Vec<Piece>),
    /// Of the other pieces, these blocks are on disk, synced and right, and no others.
    Blocks(Vec<Block>),
    /// These pieces are not there any more.
    Gone(Vec<Piece>),
    /// These peers were good.
    Peers(Vec<SocketAddr>),
    /// The session ended in good order and left the files like this.
    Closed(Vec<Option<Stamp>>),
    /// A session writes to the files: only what it says itself counts.
    Opened,
    /// The disk failed to sync: nothing said so far counts.
    Doubt,
}

impl Entry {
    /// Appends the entry to `into`.
    pub(super) fn encode(&self, into: &mut Vec<u8>) {
        let start = into.len();
        into.push(self.kind());
        into.extend([0; 4]);
        self.encode_payload(into);
        let len = u32::try_from(into.len() - start - HEAD_LEN).unwrap_or(u32::MAX);
        into[start + 1..start + HEAD_LEN].copy_from_slice(&len.to_le_bytes());
        let sum = hash::sha256(&into[start..]);
        into.extend_from_slice(&sum.0[..SUM_LEN]);
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Metainfo(_) => 1,
            Self::Root(_) => 2,
            Self::Pieces(_) => 3,
            Self::Blocks(_) => 4,
            Self::Gone(_) => 5,
            Self::Peers(_) => 6,
            Self::Closed(_) => 7,
            Self::Opened => 8,
            Self::Doubt => 9,
        }
    }

    fn encode_payload(&self, into: &mut Vec<u8>) {
        match self {
            Self::Metainfo(bytes) => into.extend_from_slice(bytes),
            Self::Root(path) => into.extend_from_slice(path.as_os_str().as_encoded_bytes()),
            Self::Pieces(pieces) | Self::Gone(pieces) => {
                into.extend(pieces.iter().flat_map(|piece| piece.0.to_le_bytes()));
            }
            Self::Blocks(blocks) => {
                into.extend(blocks.iter().flat_map(|block| {
                    (u64::from(block.piece.0) | u64::from(block.index) << 32).to_le_bytes()
                }));
            }
            Self::Peers(peers) => {
                let lines: Vec<_> = peers.iter().map(ToString::to_string).collect();
                into.extend_from_slice(lines.join("\n").as_bytes());
            }
            Self::Closed(stamps) => {
                for stamp in stamps {
                    // A file that is not there has a length that no file has.
                    let stamp = stamp.unwrap_or(Stamp { len: u64::MAX, changed: 0 });
                    into.extend(stamp.len.to_le_bytes());
                    into.extend(stamp.changed.to_le_bytes());
                }
            }
            Self::Opened | Self::Doubt => {}
        }
    }

    fn decode(kind: u8, payload: &[u8]) -> Option<Self> {
        Some(match kind {
            1 => Self::Metainfo(payload.to_vec()),
            2 => Self::Root(decode_path(payload)?),
            3 => Self::Pieces(decode_pieces(payload)?),
            4 => Self::Blocks(words(payload)?.map(decode_block).collect()),
            5 => Self::Gone(decode_pieces(payload)?),
            6 => Self::Peers(decode_peers(payload)?),
            7 => Self::Closed(decode_stamps(payload)?),
            8 => Self::Opened,
            9 => Self::Doubt,
            _ => return None,
        })
    }
}

/// The entries at the start of a record, and whether it is whole.
pub(super) fn decode(bytes: &[u8]) -> (Vec<Entry>, bool) {
    let mut entries = Vec::new();
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return (entries, false) };
    while !rest.is_empty() {
        let Some((entry, after)) = decode_one(rest) else { return (entries, false) };
        entries.push(entry);
        rest = after;
    }
    (entries, true)
}

fn decode_one(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let head = bytes.get(..HEAD_LEN)?;
    let len = u32::from_le_bytes(head[1..].try_into().ok()?) as usize;
    if len > PAYLOAD_MAX {
        return None;
    }
    let summed = bytes.get(..HEAD_LEN + len)?;
    let sum = bytes.get(HEAD_LEN + len..HEAD_LEN + len + SUM_LEN)?;
    if hash::sha256(summed).0[..SUM_LEN] != *sum {
        return None;
    }
    Some((Entry::decode(head[0], &summed[HEAD_LEN..])?, &bytes[HEAD_LEN + len + SUM_LEN..]))
}

fn words(payload: &[u8]) -> Option<impl Iterator<Item = u64>> {
    let (words, rest) = payload.as_chunks::<8>();
    rest.is_empty().then(|| words.iter().map(|word| u64::from_le_bytes(*word)))
}

fn decode_pieces(payload: &[u8]) -> Option<Vec<Piece>> {
    let (pieces, rest) = payload.as_chunks::<4>();
    rest.is_empty().then(|| pieces.iter().map(|piece| Piece(u32::from_le_bytes(*piece))).collect())
}

fn decode_block(word: u64) -> Block {
    // The two halves of the word, each cut to what it is.
    Block { piece: Piece(word as u32), index: (word >> 32) as u32 }
}

fn decode_peers(payload: &[u8]) -> Option<Vec<SocketAddr>> {
    str::from_utf8(payload).ok()?.lines().map(|line| line.parse().ok()).collect()
}

fn decode_stamps(payload: &[u8]) -> Option<Vec<Option<Stamp>>> {
    let words: Vec<u64> = words(payload)?.collect();
    let (stamps, rest) = words.as_chunks::<2>();
    let stamp = |&[len, changed]: &[u64; 2]| (len != u64::MAX).then_some(Stamp { len, changed });
    rest.is_empty().then(|| stamps.iter().map(stamp).collect())
}

#[cfg(unix)]
fn decode_path(payload: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(payload).into())
}

#[cfg(not(unix))]
fn decode_path(payload: &[u8]) -> Option<PathBuf> {
    // A name that is not Unicode is not found again: the torrent is then checked anew.
    str::from_utf8(payload).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        vec![
            Entry::Metainfo(b"d4:infode".to_vec()),
            Entry::Root("/films/é".into()),
            Entry::Opened,
            Entry::Pieces(vec![Piece(0), Piece(7), Piece(u32::MAX)]),
            Entry::Blocks(vec![Block { piece: Piece(3), index: 9 }]),
            Entry::Gone(vec![Piece(7)]),
            Entry::Peers(vec!["1.2.3.4:5".parse().unwrap(), "[::1]:6".parse().unwrap()]),
            Entry::Doubt,
            Entry::Closed(vec![None, Some(Stamp { len: 5, changed: 6 })]),
        ]
    }

    fn record() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        entries().iter().for_each(|entry| entry.encode(&mut bytes));
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(decode(&record()), (entries(), true));
        assert_eq!(decode(MAGIC), (vec![], true));
    }

    #[test]
    fn a_record_cut_anywhere_gives_a_part_and_says_so() {
        let whole = record();
        for len in 0..whole.len() {
            let (part, is_whole) = decode(&whole[..len]);
            assert!(entries().starts_with(&part), "{len}");
            let ends_between = is_whole && len >= MAGIC.len();
            assert_eq!(is_whole, ends_between, "{len}");
        }
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed() {
        let whole = record();
        for at in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            let (part, is_whole) = decode(&bytes);
            assert!(!is_whole && entries().starts_with(&part), "bit {at}");
        }
    }
}
