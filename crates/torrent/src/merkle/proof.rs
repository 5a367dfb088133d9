//! What `hash request` and `hashes` messages mean (BEP 52): which hashes are asked for and what proves them.

use super::{PAD_LEAF, height, leaf_count, piece_layer_height, proves, root};
use crate::{Sha256Hash, wire::HashRequest};

impl HashRequest {
    /// Hashes that one request may ask for: the leaves of a piece of 128 MiB.
    pub const MAX_LENGTH: u32 = 8192;

    /// Asks for the leaves of one piece of a file whose piece hash is known: no proof is needed.
    /// `None` if a piece has no more than one block, or too many.
    #[must_use]
    pub fn leaves(pieces_root: Sha256Hash, piece_in_file: u32, piece_len: u32) -> Option<Self> {
        let length = 1_u32.checked_shl(piece_layer_height(piece_len))?;
        let index = piece_in_file.checked_mul(length)?;
        (2..=Self::MAX_LENGTH).contains(&length).then_some(Self {
            pieces_root,
            base_layer: 0,
            index,
            length,
            proof_layers: 0,
        })
    }

    /// Asks for all leaves of a file of no more than one piece, which its root proves.
    /// `None` if it has no more than one block, or too many.
    #[must_use]
    pub fn file_leaves(pieces_root: Sha256Hash, file_len: u64) -> Option<Self> {
        let length = u32::try_from(leaf_count(file_len).next_power_of_two()).ok()?;
        (2..=Self::MAX_LENGTH).contains(&length).then_some(Self {
            pieces_root,
            base_layer: 0,
            index: 0,
            length,
            proof_layers: 0,
        })
    }

    /// Asks for a part of a file's piece layer: the `nth` 512 hashes, proven up to the root.
    /// `None` if the file has no piece layer, or not so many hashes.
    #[must_use]
    pub fn pieces(
        pieces_root: Sha256Hash,
        file_len: u64,
        piece_len: u32,
        nth: u32,
    ) -> Option<Self> {
        let pieces = file_len.div_ceil(u64::from(piece_len));
        let index = nth.checked_mul(512)?;
        if pieces < 2 || u64::from(index) >= pieces {
            return None;
        }
        let left = pieces - u64::from(index);
        let length = u32::try_from(left.next_power_of_two().clamp(2, 512)).ok()?;
        let base_layer = piece_layer_height(piece_len);
        let proof_layers = height(pieces) - 1;
        Some(Self { pieces_root, base_layer, index, length, proof_layers })
    }

    /// Whether a file of this length has what is asked for.
    #[must_use]
    pub fn fits(&self, file_len: u64) -> bool {
        let top = height(leaf_count(file_len));
        let Some(layers) = top.checked_sub(self.base_layer) else { return false };
        let end = u64::from(self.index) + u64::from(self.length);
        (2..=Self::MAX_LENGTH).contains(&self.length)
            && self.length.is_power_of_two()
            && self.index.is_multiple_of(self.length)
            && end <= 1 << layers
            && self.proof_layers < layers
    }

    /// How many uncles follow the hashes asked for. The layers that can be computed from those are left out.
    #[must_use]
    pub fn uncle_count(&self) -> u32 {
        self.proof_layers.saturating_add(1).saturating_sub(self.computed())
    }

    /// The node that the answer leads to: the height of its layer and its place there.
    #[must_use]
    pub fn anchor(&self) -> (u32, u64) {
        let up = self.computed().saturating_add(self.uncle_count());
        (self.base_layer.saturating_add(up), u64::from(self.index).checked_shr(up).unwrap_or(0))
    }

    /// The answer, out of a file's nodes by height and place. `None` if one of them is not known.
    #[must_use]
    pub fn answer(&self, node: impl Fn(u32, u64) -> Option<Sha256Hash>) -> Option<Vec<Sha256Hash>> {
        let first = u64::from(self.index);
        let base = (first..first + u64::from(self.length)).map(|at| node(self.base_layer, at));
        let uncles = (0..self.uncle_count()).map(|step| {
            let up = self.computed() + step;
            node(self.base_layer.checked_add(up)?, first.checked_shr(up)? ^ 1)
        });
        base.chain(uncles).collect()
    }

    /// Whether an answer has the length asked for and leads to `anchor`, the hash of [`Self::anchor`].
    #[must_use]
    pub fn is_answered_by(&self, hashes: &[Sha256Hash], anchor: &Sha256Hash) -> bool {
        let (Ok(length), Ok(uncles)) =
            (usize::try_from(self.length), usize::try_from(self.uncle_count()))
        else {
            return false;
        };
        if !self.length.is_power_of_two() || hashes.len() != length.saturating_add(uncles) {
            return false;
        }
        let (base, uncles) = hashes.split_at(length);
        let subtree = root(base, self.computed(), PAD_LEAF);
        // Only the way up to the anchor counts, not where the anchor itself stands.
        let index = u64::from(self.index >> self.computed()) & ((1 << uncles.len().min(63)) - 1);
        proves(anchor, &subtree, index, uncles)
    }

    /// How many layers above the base can be computed from the hashes asked for.
    fn computed(&self) -> u32 {
        self.length.max(1).ilog2()
    }
}
