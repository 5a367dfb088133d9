//! Titles on their way into the library, put in the publisher's order: they lie in a file until enough of them came.

use std::{
    fs::File,
    io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    vec,
};

use super::row::Row;

/// How many titles are put in order: neighbours in the publisher's order are neighbours in most indexes, and the more of
/// them are written together, the fewer pages are. They take some 2 KB each in the file, and 24 bytes in memory.
pub(super) const TITLES: usize = if cfg!(test) { 64 } else { 1 << 16 };

/// Titles that came.
pub(super) struct Window {
    file: BufWriter<File>,
    places: Vec<Place>,
    end: u64,
}

/// Where a title lies.
struct Place {
    position: usize,
    start: u64,
    length: usize,
}

impl Window {
    /// An empty one, in a folder; the file has no name and goes with this.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let file = BufWriter::new(tempfile::tempfile_in(folder)?);
        Ok(Self { file, places: Vec::new(), end: 0 })
    }

    pub(super) fn is_full(&self) -> bool {
        self.places.len() >= TITLES
    }

    pub(super) fn put(&mut self, row: &Row) -> io::Result<()> {
        let bytes = postcard::to_stdvec(row).map_err(io::Error::other)?;
        self.file.write_all(&bytes)?;
        let (start, length) = (self.end, bytes.len());
        self.places.push(Place { position: row.position, start, length });
        self.end += length as u64;
        Ok(())
    }

    /// No more come.
    pub(super) fn in_order(mut self) -> io::Result<InOrder> {
        self.places.sort_by_key(|place| place.position);
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(InOrder { file, places: self.places.into_iter() })
    }
}

/// Titles in the publisher's order.
pub(super) struct InOrder {
    file: File,
    places: vec::IntoIter<Place>,
}

impl InOrder {
    /// The next ones, so many at most.
    pub(super) fn next(&mut self, most: usize) -> io::Result<Vec<Row>> {
        let Self { file, places } = self;
        places.take(most).map(|place| read(file, &place)).collect()
    }
}

fn read(file: &mut File, place: &Place) -> io::Result<Row> {
    let mut bytes = vec![0; place.length];
    file.seek(SeekFrom::Start(place.start))?;
    file.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map_err(io::Error::other)
}
