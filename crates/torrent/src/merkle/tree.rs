//! A file's tree, or a part of it, with all its nodes at hand.

use super::{pad_hash, parents};
use crate::Sha256Hash;

/// The layers of a tree from a base layer up to its top; padding is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    base: u32,
    /// From the base upwards, without padding; the last one has one node.
    layers: Vec<Vec<Sha256Hash>>,
}

impl Tree {
    /// The tree over the nodes of layer `base`, up to layer `top`: at least one node and at most `2^(top - base)`.
    ///
    /// A file's tree is made of its leaves (`base` 0) or of its piece layer; a piece's of its leaves.
    /// `None` if there are too many nodes or none.
    #[must_use]
    pub fn new(nodes: Vec<Sha256Hash>, base: u32, top: u32) -> Option<Self> {
        let width = 1_u64.checked_shl(top.checked_sub(base)?)?;
        if nodes.is_empty() || nodes.len() as u64 > width {
            return None;
        }
        let mut pad = pad_hash(base);
        let mut layers = vec![nodes];
        for _ in base..top {
            let above = parents(layers.last()?, &pad);
            pad = crate::hash::sha256_pair(&pad, &pad);
            layers.push(above);
        }
        Some(Self { base, layers })
    }

    /// The hash at the top.
    #[must_use]
    pub fn root(&self) -> Sha256Hash {
        self.layers.last().and_then(|top| top.first()).copied().unwrap_or(super::PAD_LEAF)
    }

    /// A node by the height of its layer and its place there; padding is computed. `None` outside the tree.
    #[must_use]
    pub fn node(&self, height: u32, index: u64) -> Option<Sha256Hash> {
        let layer = self.layers.get(usize::try_from(height.checked_sub(self.base)?).ok()?)?;
        let top = self.base + u32::try_from(self.layers.len()).ok()? - 1;
        if index >> (top - height) != 0 {
            return None;
        }
        let known = usize::try_from(index).ok().and_then(|index| layer.get(index));
        Some(known.copied().unwrap_or_else(|| pad_hash(height)))
    }
}
