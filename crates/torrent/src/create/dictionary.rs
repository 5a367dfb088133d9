//! Writes the info dictionary of a new torrent.

use super::{Builder, Source, hashing::FileTree};
use crate::{Sha1Hash, bencode::Encoder};

/// The info dictionary; its keys in order.
pub(super) fn info(
    builder: &Builder,
    piece_len: u32,
    pieces: &[Sha1Hash],
    trees: &[FileTree],
) -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict();
    if builder.version.has_v2() {
        file_tree(builder, trees, out.key("file tree"));
    }
    if builder.version.has_v1() {
        file_list(builder, piece_len, &mut out);
    }
    if builder.version.has_v2() {
        out.key("meta version").int(2);
    }
    out.key("name").bytes(&builder.name);
    out.key("piece length").int(i64::from(piece_len));
    if builder.version.has_v1() {
        out.key("pieces").bytes(pieces.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>());
    }
    if builder.private {
        out.key("private").int(1);
    }
    if let Some(source) = &builder.source {
        out.key("source").bytes(source);
    }
    out.end();
    out.finish()
}

/// `length` of a single file, or `files` with the padding that a hybrid needs.
fn file_list(builder: &Builder, piece_len: u32, out: &mut Encoder) {
    if let ([only], true) = (builder.files.as_slice(), builder.single) {
        out.key("length").int(signed(only.length));
        return;
    }
    out.key("files").begin_list();
    let mut offset = 0_u64;
    for file in &builder.files {
        let gap = offset.next_multiple_of(u64::from(piece_len)) - offset;
        if builder.version.has_v2() && file.length > 0 && gap > 0 {
            padding(gap, out);
            offset += gap;
        }
        listed(file, out);
        offset = offset.saturating_add(file.length);
    }
    out.end();
}

fn listed(file: &Source, out: &mut Encoder) {
    out.begin_dict().key("length").int(signed(file.length)).key("path").begin_list();
    for name in &file.path {
        out.bytes(name);
    }
    out.end().end();
}

/// A pad file (BEP 47), under the name that other programs give it.
fn padding(len: u64, out: &mut Encoder) {
    out.begin_dict().key("attr").bytes("p").key("length").int(signed(len));
    out.key("path").begin_list().bytes(".pad").bytes(len.to_string()).end().end();
}

/// The files as a tree; they come sorted, so that a folder's files follow one another.
fn file_tree(builder: &Builder, trees: &[FileTree], out: &mut Encoder) {
    let mut open: &[String] = &[];
    out.begin_dict();
    for (file, tree) in builder.files.iter().zip(trees) {
        let Some((name, folders)) = file.path.split_last() else { continue };
        let common = open.iter().zip(folders).take_while(|(a, b)| a == b).count();
        for _ in common..open.len() {
            out.end();
        }
        for folder in &folders[common..] {
            out.key(folder).begin_dict();
        }
        open = folders;
        leaf(file, tree, out.key(name));
    }
    for _ in 0..=open.len() {
        out.end();
    }
}

fn leaf(file: &Source, tree: &FileTree, out: &mut Encoder) {
    out.begin_dict().key("").begin_dict().key("length").int(signed(file.length));
    if let Some(root) = tree.root {
        out.key("pieces root").bytes(root.0);
    }
    out.end().end();
}

/// A length as bencoding has it. What does not fit is refused when the dictionary is read back.
fn signed(length: u64) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
