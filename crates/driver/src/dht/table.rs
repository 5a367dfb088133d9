//! The DHT's table on disk: written whole or not at all. What is in it is the node's business.

use std::{fs, io, path::Path};

/// A longer file is none of ours.
const LEN_MAX: u64 = 256 * 1024;

/// What was saved; nothing if there is nothing that can be read.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let is_bearable = fs::metadata(path).is_ok_and(|about| about.len() <= LEN_MAX);
    if !is_bearable {
        return None;
    }
    fs::read(path).ok()
}

/// Saves a table. One that cannot be saved costs a slower start, no more.
pub(super) fn write(path: &Path, table: &[u8]) {
    if let Err(why) = replace(path, table) {
        tracing::warn!(%why, "the DHT's table is not saved: the next start takes longer");
    }
}

fn replace(path: &Path, table: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, table)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_is_written_is_read_and_what_is_too_long_is_not() {
        let scratch = Scratch::new();
        let path = scratch.path().join("dht.table");
        assert_eq!(read(&path), None);
        write(&path, b"table");
        assert_eq!(read(&path).as_deref(), Some(b"table".as_slice()));
        write(&path, &vec![0; 300 * 1024]);
        assert_eq!(read(&path), None);
    }
}
