//! Hashes: the published digests, and that parts make the whole.

use torrent::hash::{Sha1Hasher, Sha256Hasher, sha1, sha256, sha256_pair};

#[test]
fn digests_are_the_published_ones() {
    // FIPS 180-2, appendices A and B.
    assert_eq!(sha1(b"abc").to_string(), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(sha1(b"").to_string(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256(b"abc").to_string(), abc);
}

#[test]
fn a_hash_fed_in_parts_is_the_hash_of_the_whole() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for part in [1, 63, 64, 65, 16_384] {
        let (mut v1, mut v2) = (Sha1Hasher::new(), Sha256Hasher::new());
        for chunk in bytes.chunks(part) {
            v1.update(chunk);
            v2.update(chunk);
        }
        assert_eq!((v1.finish(), v2.finish()), (sha1(&bytes), sha256(&bytes)), "{part}");
    }
}

#[test]
fn a_parent_is_the_hash_of_its_children_in_order() {
    let (left, right) = (sha256(b"left"), sha256(b"right"));
    assert_eq!(sha256_pair(&left, &right), sha256(&[left.0, right.0].concat()));
    assert_ne!(sha256_pair(&left, &right), sha256_pair(&right, &left));
}
