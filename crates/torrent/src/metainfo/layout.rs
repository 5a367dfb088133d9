//! Lays the files of a torrent out in its content.

use std::ops::Range;

use super::{
    BadMetainfo,
    entry::{Entry, Role},
    limits,
};

/// Where files and padding lie.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The entry and the offset of each file; padding and links are not among them.
    pub(super) files: Vec<(Entry, u64)>,
    pub(super) pads: Vec<Range<u64>>,
    pub(super) len: u64,
}

impl Layout {
    /// One entry after the other, padding where the list says so (v1, hybrid).
    pub(super) fn listed(entries: Vec<Entry>) -> Result<Self, BadMetainfo> {
        let mut layout = Self::default();
        for entry in entries {
            match entry.role {
                Role::File => layout.place(entry)?,
                Role::Padding => layout.pad(entry.length)?,
                Role::Link => {}
            }
        }
        Ok(layout)
    }

    /// Every file at the start of a piece (v2).
    pub(super) fn aligned(entries: Vec<Entry>, piece_len: u32) -> Result<Self, BadMetainfo> {
        let mut layout = Self::default();
        for entry in entries.into_iter().filter(|entry| entry.role == Role::File) {
            if entry.length > 0 {
                let aligned = layout.len.next_multiple_of(u64::from(piece_len));
                layout.pad(aligned - layout.len)?;
            }
            layout.place(entry)?;
        }
        Ok(layout)
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
