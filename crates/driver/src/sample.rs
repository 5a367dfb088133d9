//! Small torrents for this crate's tests.

use std::{fs, path::Path};

use torrent::{Metainfo, Sha256Hash, bencode::Encoder, hash, merkle};

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

/// A v1 torrent of several files in a folder called `sample`.
pub(crate) fn v1(files: &[(&str, &[u8])], piece_len: u32) -> Metainfo {
    let content: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
    let pieces: Vec<u8> =
        content.chunks(piece_len as usize).flat_map(|piece| hash::sha1(piece).0).collect();
    let mut out = Encoder::new();
    out.begin_dict().key("info").begin_dict().key("files").begin_list();
    for (name, bytes) in files {
        out.begin_dict().key("length").int(bytes.len() as i64);
        out.key("path").begin_list().bytes(name).end().end();
    }
    out.end().key("name").bytes("sample");
    out.key("piece length").int(piece_len.into());
    out.key("pieces").bytes(pieces).end().end();
    Metainfo::parse(&out.finish()).expect("a valid torrent")
}

/// A v2 torrent of one file called `sample`.
pub(crate) fn v2(bytes: &[u8], piece_len: u32) -> Metainfo {
    let leaves = |bytes: &[u8]| -> Vec<Sha256Hash> { merkle::leaves(bytes) };
    let height = merkle::piece_layer_height(piece_len);
    let layer: Vec<Sha256Hash> = bytes
        .chunks(piece_len as usize)
        .map(|piece| merkle::root(&leaves(piece), height, merkle::PAD_LEAF))
        .collect();
    let root = merkle::root_from_leaves(&leaves(bytes));
    let mut out = Encoder::new();
    out.begin_dict().key("info").begin_dict();
    out.key("file tree").begin_dict().key("sample").begin_dict().key("").begin_dict();
    out.key("length").int(bytes.len() as i64).key("pieces root").bytes(root.0).end().end().end();
    out.key("meta version").int(2).key("name").bytes("sample");
    out.key("piece length").int(piece_len.into()).end();
    out.key("piece layers").begin_dict();
    out.key(root.0).bytes(layer.iter().flat_map(|hash| hash.0).collect::<Vec<_>>()).end().end();
    Metainfo::parse(&out.finish()).expect("a valid torrent")
}

/// Puts a sample's files where a session looks for them.
pub(crate) fn lay_out(root: &Path, files: &[(&str, &[u8])]) {
    fs::create_dir_all(root.join("sample")).expect("a writable folder");
    for (name, bytes) in files {
        fs::write(root.join("sample").join(name), bytes).expect("a writable folder");
    }
}
