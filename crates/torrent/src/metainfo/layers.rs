//! Piece layers: the hashes of a v2 torrent's pieces, file by file (BEP 52).

use std::collections::BTreeMap;

use super::{BadMetainfo, File, Info};
use crate::{
    Piece, Sha256Hash,
    bencode::{Encoder, Value},
    merkle,
};

/// What the leaves of a piece must hash up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct V2Expected {
    /// The file's place in [`Info::files`].
    pub file: usize,
    /// The hash over the piece's leaves.
    pub root: Sha256Hash,
    /// How many blocks the piece has.
    pub blocks: u32,
    /// The height of the piece's tree: its leaves are filled up with [`merkle::PAD_LEAF`] to `2^height`.
    pub height: u32,
}

impl V2Expected {
    /// Whether these are the leaves of the piece's blocks.
    #[must_use]
    pub fn is_met_by(&self, leaves: &[Sha256Hash]) -> bool {
        leaves.len() as u64 == u64::from(self.blocks)
            && merkle::root(leaves, self.height, merkle::PAD_LEAF) == self.root
    }
}

/// The piece layers that are known: each leads to its file's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PieceLayers {
    /// One entry per file; empty where a file has no layer or it is not known yet.
    by_file: Vec<Vec<Sha256Hash>>,
}

impl PieceLayers {
    pub(super) fn none(info: &Info) -> Self {
        let files = if info.hashes().v2().is_some() { info.files().len() } else { 0 };
        Self { by_file: vec![vec![]; files] }
    }

    /// Reads `piece layers`. A layer that is not there can still come from peers; a wrong one is an error, and
    /// one that belongs to no file is ignored.
    pub(super) fn read(
        &mut self,
        info: &Info,
        layers: Option<Value<'_>>,
    ) -> Result<(), BadMetainfo> {
        let entries = layers.and_then(|layers| layers.as_dict()).into_iter().flatten();
        let by_root: BTreeMap<&[u8], Value<'_>> = entries.collect();
        for (file, described) in info.files().iter().enumerate() {
            let root = described.pieces_root.filter(|_| self.is_missing(info, file));
            if let Some(layer) = root.and_then(|root| by_root.get(root.0.as_slice())) {
                let hashes = hashes(layer).ok_or(BadMetainfo::PieceLayer { file })?;
                self.add(info, file, hashes)?;
            }
        }
        Ok(())
    }

    pub(super) fn write(&self, info: &Info, out: &mut Encoder) {
        let known = info.files().iter().zip(&self.by_file).filter(|(_, layer)| !layer.is_empty());
        let by_root: BTreeMap<_, _> =
            known.filter_map(|(file, layer)| Some((file.pieces_root?, layer))).collect();
        out.begin_dict();
        for (root, layer) in by_root {
            let bytes: Vec<u8> = layer.iter().flat_map(|hash| hash.0).collect();
            out.key(root.0).bytes(bytes);
        }
        out.end();
    }

    pub(super) fn get(&self, file: usize) -> Option<&[Sha256Hash]> {
        self.by_file.get(file).map(Vec::as_slice).filter(|layer| !layer.is_empty())
    }

    pub(super) fn is_missing(&self, info: &Info, file: usize) -> bool {
        let known = self.by_file.get(file);
        known.is_some_and(Vec::is_empty) && has_layer(info, &info.files()[file])
    }

    pub(super) fn add(
        &mut self,
        info: &Info,
        file: usize,
        layer: Vec<Sha256Hash>,
    ) -> Result<(), BadMetainfo> {
        let bad = BadMetainfo::PieceLayer { file };
        let (Some(slot), Some(described)) = (self.by_file.get_mut(file), info.files().get(file))
        else {
            return Err(bad);
        };
        let piece_len = info.geometry().nominal_piece_len();
        let pieces = described.length.div_ceil(u64::from(piece_len));
        if !has_layer(info, described)
            || layer.len() as u64 != pieces
            || described.pieces_root != Some(merkle::root_from_piece_layer(&layer, piece_len))
        {
            return Err(bad);
        }
        *slot = layer;
        Ok(())
    }

    pub(super) fn expected(&self, info: &Info, piece: Piece) -> Option<V2Expected> {
        let geometry = info.geometry();
        if !geometry.has(piece) {
            return None;
        }
        let (file, within) = info.file_at(geometry.piece_start(piece))?;
        let described = info.files().get(file)?;
        let piece_len = geometry.nominal_piece_len();
        let blocks = u32::try_from(merkle::leaf_count(u64::from(geometry.data_len(piece)))).ok()?;
        if !has_layer(info, described) {
            let (root, height) = (described.pieces_root?, merkle::height(u64::from(blocks)));
            return Some(V2Expected { file, root, blocks, height });
        }
        let index = usize::try_from(within / u64::from(piece_len)).ok()?;
        let root = *self.get(file)?.get(index)?;
        Some(V2Expected { file, root, blocks, height: merkle::piece_layer_height(piece_len) })
    }
}

/// A file of more than one piece has a layer.
fn has_layer(info: &Info, file: &File) -> bool {
    file.pieces_root.is_some() && file.length > u64::from(info.geometry().nominal_piece_len())
}

fn hashes(layer: &Value<'_>) -> Option<Vec<Sha256Hash>> {
    let (hashes, rest) = layer.as_bytes()?.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Sha256Hash).collect())
}
