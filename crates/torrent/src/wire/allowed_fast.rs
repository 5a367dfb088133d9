//! The pieces that a choked peer may still fetch (BEP 6).

use std::net::Ipv4Addr;

use crate::{Piece, Sha1Hash, hash::sha1};

/// The allowed-fast set of a peer: `count` pieces out of `pieces`, computed from its address and the torrent
/// so that reconnecting gives the same ones. All pieces, if there are no more than `count`.
#[must_use]
pub fn allowed_fast(peer: Ipv4Addr, infohash: &Sha1Hash, pieces: u32, count: usize) -> Vec<Piece> {
    if pieces as usize <= count {
        return (0..pieces).map(Piece).collect();
    }
    // The last byte is left out: a household's addresses get the same set.
    let [a, b, c, _] = peer.octets();
    let mut digest = sha1(&[&[a, b, c, 0], infohash.0.as_slice()].concat());
    let mut set: Vec<Piece> = Vec::with_capacity(count);
    while set.len() < count {
        for word in digest.0.as_chunks::<4>().0 {
            let piece = Piece(u32::from_be_bytes(*word) % pieces);
            if set.len() < count && !set.contains(&piece) {
                set.push(piece);
            }
        }
        digest = sha1(&digest.0);
    }
    set
}
