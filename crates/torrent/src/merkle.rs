//! The Merkle trees of v2 torrents (BEP 52): made from blocks, proven, verified.
//!
//! A file's tree has one leaf per block of 16 KiB: the SHA-256 of the block, the last one as short as
//! it is. Leaves are filled up with zero hashes to a power of two, and the root is the file's
//! `pieces root`. A *layer* is named by its height: layer 0 are the leaves.

mod proof;
mod tree;

pub use self::tree::Tree;
use crate::{
    BLOCK_LEN, Sha256Hash,
    hash::{sha256, sha256_each, sha256_pair},
};

/// The hash that stands for a leaf after the end of the file.
pub const PAD_LEAF: Sha256Hash = Sha256Hash([0; 32]);

/// The leaf of a block: its SHA-256.
#[must_use]
pub fn block_leaf(block: &[u8]) -> Sha256Hash {
    sha256(block)
}

/// The leaves of blocks that follow each other: all but the last are whole.
#[must_use]
pub fn leaves(bytes: &[u8]) -> Vec<Sha256Hash> {
    sha256_each(bytes.chunks(BLOCK_LEN as usize))
}

/// The hash of a subtree of `2^height` leaves after the end of the file.
#[must_use]
pub fn pad_hash(height: u32) -> Sha256Hash {
    (0..height).fold(PAD_LEAF, |below, _| sha256_pair(&below, &below))
}

/// How many leaves a file of `len` bytes has before filling up.
#[must_use]
pub fn leaf_count(len: u64) -> u64 {
    len.div_ceil(u64::from(BLOCK_LEN))
}

/// The height of the tree over `count` nodes: 0 for one node.
#[must_use]
pub fn height(count: u64) -> u32 {
    count.max(1).next_power_of_two().trailing_zeros()
}

/// The root over the nodes of one layer, filled up with `pad` to `2^height` nodes.
///
/// `nodes` beyond `2^height` must not be given; an empty layer has the root of padding alone.
#[must_use]
pub fn root(nodes: &[Sha256Hash], height: u32, pad: Sha256Hash) -> Sha256Hash {
    debug_assert!(nodes.len() as u64 <= 1 << height, "more nodes than the tree holds");
    let mut layer = nodes.to_vec();
    let mut pad = pad;
    for _ in 0..height {
        layer = parents(&layer, &pad);
        pad = sha256_pair(&pad, &pad);
    }
    layer.first().copied().unwrap_or(pad)
}

/// The layer above; a missing right neighbour is `pad`.
fn parents(layer: &[Sha256Hash], pad: &Sha256Hash) -> Vec<Sha256Hash> {
    layer.chunks(2).map(|two| sha256_pair(&two[0], two.get(1).unwrap_or(pad))).collect()
}

/// The root of a file given in its blocks, each of 16 KiB but the last.
#[must_use]
pub fn root_from_blocks<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Sha256Hash {
    root_from_leaves(&blocks.into_iter().map(block_leaf).collect::<Vec<_>>())
}

/// The root of a file given in its leaves.
#[must_use]
pub fn root_from_leaves(leaves: &[Sha256Hash]) -> Sha256Hash {
    root(leaves, height(leaves.len() as u64), PAD_LEAF)
}

/// The height of the layer whose nodes are pieces: log2 of the blocks in a piece.
#[must_use]
pub fn piece_layer_height(piece_len: u32) -> u32 {
    height(leaf_count(u64::from(piece_len)))
}

/// The root of a file given in its piece layer.
#[must_use]
pub fn root_from_piece_layer(layer: &[Sha256Hash], piece_len: u32) -> Sha256Hash {
    root(layer, height(layer.len() as u64), pad_hash(piece_layer_height(piece_len)))
}

/// Whether `uncles` lead from a node to the root: `index` is its place in its layer, and the uncles
/// are its sibling, its parent's sibling and so on, from below to above.
#[must_use]
pub fn proves(root: &Sha256Hash, node: &Sha256Hash, index: u64, uncles: &[Sha256Hash]) -> bool {
    if uncles.len() < 64 && index >> uncles.len() != 0 {
        return false;
    }
    let mut at = index;
    let top = uncles.iter().fold(*node, |node, uncle| {
        let parent =
            if at & 1 == 0 { sha256_pair(&node, uncle) } else { sha256_pair(uncle, &node) };
        at >>= 1;
        parent
    });
    top == *root
}
