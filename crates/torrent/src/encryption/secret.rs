//! What is made of the shared secret and the torrent's name: marks to find and prove, and keys.

use super::{Cipher, key_exchange::Key};
use crate::{Sha1Hash, hash::Sha1Hasher};

/// What a caller's name for a torrent looks like once the secret is taken off: the key by which a program
/// with many torrents finds the one that is meant.
#[must_use]
pub fn lookup_key(name: &Sha1Hash) -> Sha1Hash {
    hash(&[b"req2", &name.0])
}

/// Marks the end of the caller's padding.
pub(super) fn mark(secret: &Key) -> Sha1Hash {
    hash(&[b"req1", secret])
}

/// The torrent's lookup key with the secret laid over it, or taken off again.
pub(super) fn covered(secret: &Key, lookup: &Sha1Hash) -> Sha1Hash {
    let cover = hash(&[b"req3", secret]);
    Sha1Hash(std::array::from_fn(|at| cover.0[at] ^ lookup.0[at]))
}

/// The key stream of what the caller sends.
pub(super) fn from_caller(secret: &Key, name: &Sha1Hash) -> Cipher {
    Cipher::new(&hash(&[b"keyA", secret, &name.0]).0)
}

/// The key stream of what the one who was called sends.
pub(super) fn from_called(secret: &Key, name: &Sha1Hash) -> Cipher {
    Cipher::new(&hash(&[b"keyB", secret, &name.0]).0)
}

fn hash(parts: &[&[u8]]) -> Sha1Hash {
    let mut hasher = Sha1Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finish()
}
