//! Memory that connections read into, used again once nobody holds what was read into it.
//!
//! New memory costs the system a zeroed page for every 4 KiB, nearly as much as the copy out of the socket, and lies in no
//! processor's cache.

use std::sync::{Mutex, PoisonError};

use bytes::BytesMut;

/// Bytes of a slab.
pub(crate) const SLAB_LEN: usize = 256 * 1024;
/// Slabs that are remembered while parts of them are held. Beyond it the oldest goes back to the system with its last part.
const FULL_MAX: usize = 32;

/// Slabs that were read full, the oldest first. Parts of them may still be held.
#[derive(Debug, Default)]
pub(crate) struct Slabs(Mutex<Vec<BytesMut>>);

impl Slabs {
    /// An empty slab: one of which nobody holds a part any more, or new memory.
    pub(crate) fn take(&self) -> BytesMut {
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match full.iter_mut().position(|slab| slab.try_reclaim(SLAB_LEN)) {
            Some(at) => full.remove(at),
            None => BytesMut::with_capacity(SLAB_LEN),
        }
    }

    /// Remembers a slab that was read full.
    pub(crate) fn put(&self, slab: BytesMut) {
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() == FULL_MAX {
            full.remove(0);
        }
        full.push(slab);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_full(mut slab: BytesMut) -> (BytesMut, bytes::Bytes) {
        slab.resize(SLAB_LEN, 7);
        let part = slab.split().freeze();
        (slab, part)
    }

    #[test]
    fn a_slab_is_used_again_when_its_parts_are_let_go_and_not_before() {
        let slabs = Slabs::default();
        let (slab, part) = read_full(slabs.take());
        let place = part.as_ptr();
        slabs.put(slab);
        assert_ne!(slabs.take().as_ptr(), place, "somebody reads it");
        assert!(part.iter().all(|byte| *byte == 7));
        drop(part);
        assert_eq!(slabs.take().as_ptr(), place);
    }

    #[test]
    fn no_more_are_remembered_than_the_limit() {
        let slabs = Slabs::default();
        let mut parts = Vec::new();
        for _ in 0..FULL_MAX + 3 {
            let (slab, part) = read_full(slabs.take());
            slabs.put(slab);
            parts.push(part);
        }
        assert_eq!(slabs.0.lock().unwrap().len(), FULL_MAX);
        drop(parts);
    }
}
