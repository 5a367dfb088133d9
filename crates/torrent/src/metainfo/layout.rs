//! Lays the files of a torrent out in its content.

use std::ops::Range;

use super::{
    BadMetainfo,
    entry::{Entry, Role},
    limits,
    v2::Tree,
};

/// Where files and padding lie.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The entry and the offset of each file; padding and links are not among them.
    pub(super) files: Vec<(Entry, u64)>,
    pub(super) pads: Vec<Range<u64>>,
    pub(super) len: u64,
    /// How many links were left out.
    pub(super) links: usize,
    /// One file without a folder around it: `length` in v1, one file at the root of the tree in v2.
    pub(super) single: bool,
}

impl Layout {
    /// One entry after the other, padding where the list says so (v1, hybrid).
    pub(super) fn listed(entries: Vec<Entry>) -> Result<Self, BadMetainfo> {
        let single = matches!(entries.as_slice(), [only] if only.path.is_empty());
        let mut layout = Self { single, ..Self::default() };
        for entry in entries {
            match entry.role {
                Role::File => layout.place(entry)?,
                Role::Padding => layout.pad(entry.length)?,
                Role::Link => layout.links += 1,
            }
        }
        Ok(layout)
    }

    /// Every file at the start of a piece (v2).
    pub(super) fn aligned(tree: Tree, piece_len: u32) -> Result<Self, BadMetainfo> {
        let mut layout = Self { single: tree.single, ..Self::default() };
        for entry in tree.entries {
            if entry.role == Role::Link {
                layout.links += 1;
                continue;
            }
            if entry.length > 0 {
                let aligned = layout.len.next_multiple_of(u64::from(piece_len));
                layout.pad(aligned - layout.len)?;
            }
            layout.place(entry)?;
        }
        Ok(layout)
    }

    /// Holds a hybrid's list against its tree, and takes the root hashes from the tree.
    pub(super) fn agreeing_with(
        mut self,
        tree: Self,
        name: &str,
        piece_len: u32,
    ) -> Result<Self, BadMetainfo> {
        if self.files.len() != tree.files.len() {
            let index = self.files.len().min(tree.files.len());
            return Err(BadMetainfo::Hybrid { index });
        }
        let bare = self.single;
        if bare && !tree.single {
            return Err(BadMetainfo::Hybrid { index: 0 });
        }
        for (index, (listed, (node, _))) in self.files.iter_mut().zip(tree.files).enumerate() {
            let (entry, offset) = listed;
            let aligned = entry.length == 0 || offset.is_multiple_of(u64::from(piece_len));
            let same_path = if bare { node.path == [name] } else { entry.path == node.path };
            if !aligned || !same_path || entry.length != node.length {
                return Err(BadMetainfo::Hybrid { index });
            }
            entry.pieces_root = node.pieces_root;
        }
        let pieces = |len: u64| len.div_ceil(u64::from(piece_len));
        if pieces(self.len) != pieces(tree.len) {
            return Err(BadMetainfo::Hybrid { index: self.files.len() });
        }
        Ok(self)
    }

    fn place(&mut self, entry: Entry) -> Result<(), BadMetainfo> {
        let offset = self.len;
        self.grow(entry.length)?;
        self.files.push((entry, offset));
        Ok(())
    }

    fn pad(&mut self, len: u64) -> Result<(), BadMetainfo> {
        let start = self.len;
        self.grow(len)?;
        match self.pads.last_mut() {
            Some(pad) if pad.end == start => pad.end = self.len,
            _ if len > 0 => self.pads.push(start..self.len),
            _ => {}
        }
        Ok(())
    }

    /// Each length is within the limit, so that the sum cannot overflow.
    fn grow(&mut self, len: u64) -> Result<(), BadMetainfo> {
        self.len += len;
        if self.len > limits::CONTENT_LEN {
            return Err(BadMetainfo::ContentLength { found: self.len.to_string() });
        }
        Ok(())
    }
}
