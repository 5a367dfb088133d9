//! Merkle trees: roots, layers, proofs and the messages that carry them.

use proptest::prelude::*;
use torrent::{
    Sha256Hash,
    hash::{sha256, sha256_pair},
    merkle::{self, PAD_LEAF, Tree, block_leaf, pad_hash},
    wire::HashRequest,
};

fn leaves(count: usize) -> Vec<Sha256Hash> {
    (0..count).map(|n| sha256(&n.to_be_bytes())).collect()
}

/// The root by the words of BEP 52: fill up, then hash pairs until one is left.
fn plain_root(mut nodes: Vec<Sha256Hash>) -> Sha256Hash {
    nodes.resize(nodes.len().next_power_of_two(), PAD_LEAF);
    while nodes.len() > 1 {
        nodes = nodes.chunks(2).map(|two| sha256_pair(&two[0], &two[1])).collect();
    }
    nodes[0]
}

const ROOT: Sha256Hash = Sha256Hash([1; 32]);
const BLOCK: u64 = 16 * 1024;

#[test]
fn a_file_of_one_block_has_the_hash_of_the_block_as_its_root() {
    assert_eq!(merkle::root_from_blocks([b"abc".as_slice()]), sha256(b"abc"));
    // FIPS 180-2: the well-known digest of "abc".
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(block_leaf(b"abc").to_string(), expected);
}

#[test]
fn roots_are_those_of_trees_that_are_really_filled_up() {
    for count in 1..40 {
        assert_eq!(merkle::root_from_leaves(&leaves(count)), plain_root(leaves(count)), "{count}");
    }
    assert_eq!(pad_hash(3), plain_root(vec![PAD_LEAF; 8]));
}

#[test]
fn the_piece_layer_leads_to_the_same_root_as_the_leaves() {
    for count in 5..40 {
        let layer: Vec<Sha256Hash> =
            leaves(count).chunks(4).map(|piece| merkle::root(piece, 2, PAD_LEAF)).collect();
        let from_layer = merkle::root_from_piece_layer(&layer, 4 * 16 * 1024);
        assert_eq!(from_layer, merkle::root_from_leaves(&leaves(count)), "{count}");
    }
}

#[test]
fn a_tree_knows_its_nodes_and_its_padding_and_nothing_outside() {
    let tree = Tree::new(leaves(5), 0, 3).expect("five of eight leaves");
    assert_eq!(tree.root(), merkle::root_from_leaves(&leaves(5)));
    assert_eq!(tree.node(0, 4), Some(leaves(5)[4]));
    assert_eq!(tree.node(0, 5), Some(PAD_LEAF));
    assert_eq!(tree.node(1, 3), Some(pad_hash(1)));
    assert_eq!(tree.node(3, 0), Some(tree.root()));
    assert_eq!((tree.node(0, 8), tree.node(3, 1), tree.node(4, 0)), (None, None, None));
    assert_eq!(Tree::new(leaves(5), 0, 2), None, "more leaves than the tree is wide");
    assert_eq!(Tree::new(vec![], 0, 2), None);
    assert_eq!(Tree::new(leaves(1), 3, 2), None, "the top below the base");
}

#[test]
fn requests_ask_for_what_a_file_has() {
    let file = 100 * BLOCK;
    let request = HashRequest::leaves(ROOT, 3, 4 * 16 * 1024).expect("pieces of four blocks");
    assert_eq!((request.index, request.length, request.uncle_count()), (12, 4, 0));
    assert!(request.fits(file));
    assert!(!HashRequest { index: 128, ..request }.fits(file), "past the end of the tree");
    assert!(!HashRequest { index: 2, ..request }.fits(file), "not a multiple of the length");
    assert!(!HashRequest { length: 3, index: 0, ..request }.fits(file), "not a power of two");
    assert!(!HashRequest { length: 1, ..request }.fits(file), "no pair");
    assert!(!HashRequest { base_layer: 9, ..request }.fits(file), "above the root");
    assert!(!HashRequest { proof_layers: 7, ..request }.fits(file), "the root is no uncle");
    assert!(HashRequest { proof_layers: 6, ..request }.fits(file));
    assert_eq!(HashRequest::leaves(ROOT, 0, 16 * 1024), None, "one block is its own leaf");
    assert_eq!(
        HashRequest::pieces(ROOT, 100 * BLOCK, 64 * 1024, 1),
        None,
        "25 pieces are one part"
    );
}

#[test]
fn extreme_numbers_of_a_stranger_do_no_harm() {
    let all = u32::MAX;
    for [base_layer, index, length, proof_layers] in
        [[all; 4], [0, 0, 0, 0], [0, all, 2, all], [all, 0, 2, 0], [0, 0, 1 << 31, all]]
    {
        let request = HashRequest { pieces_root: ROOT, base_layer, index, length, proof_layers };
        assert!(!request.fits(u64::MAX));
        let _ = (request.uncle_count(), request.anchor());
        assert!(!request.is_answered_by(&[ROOT; 4], &ROOT));
        assert_eq!(request.answer(|_, _| None).unwrap_or_default(), []);
    }
}

#[test]
fn a_piece_layer_comes_in_proven_parts_of_512() {
    let pieces = 600;
    let tree = Tree::new(leaves(pieces), 2, 12).expect("a file of 600 pieces");
    let file = pieces as u64 * 4 * BLOCK;
    let parts: Vec<HashRequest> =
        (0..3).map_while(|nth| HashRequest::pieces(ROOT, file, 64 * 1024, nth)).collect();
    assert_eq!(parts.iter().map(|part| part.length).collect::<Vec<_>>(), [512, 128]);
    let mut layer = Vec::new();
    for part in parts {
        assert!(part.fits(file));
        assert_eq!(part.anchor(), (12, 0), "the root");
        let answer = part.answer(|height, index| tree.node(height, index)).expect("all nodes");
        assert!(part.is_answered_by(&answer, &tree.root()));
        layer.extend_from_slice(&answer[..part.length as usize]);
    }
    assert_eq!(layer[..pieces], leaves(pieces));
}

proptest! {
    #[test]
    fn an_answer_proves_itself_and_a_changed_one_does_not(
        count in 2_usize..200, length_log in 1_u32..6, at in any::<u32>(), depth in any::<u32>(), flip in any::<prop::sample::Index>(),
    ) {
        let top = merkle::height(count as u64);
        let length_log = length_log.min(top);
        let tree = Tree::new(leaves(count), 0, top).expect("a tree");
        let length = 1 << length_log;
        let index = at % (1 << (top - length_log)) * length;
        let proof_layers = depth % top;
        let request = HashRequest { pieces_root: ROOT, base_layer: 0, index, length, proof_layers };
        prop_assert!(request.fits(count as u64 * BLOCK));
        let (height, place) = request.anchor();
        let anchor = tree.node(height, place).expect("a node of the tree");
        let mut answer = request.answer(|height, index| tree.node(height, index)).expect("all nodes");
        prop_assert!(request.is_answered_by(&answer, &anchor));
        let at = flip.index(answer.len());
        answer[at].0[7] ^= 1;
        prop_assert!(!request.is_answered_by(&answer, &anchor));
        answer[at].0[7] ^= 1;
        answer.push(ROOT);
        prop_assert!(!request.is_answered_by(&answer, &anchor));
    }

    #[test]
    fn a_block_is_proven_by_its_uncles_at_its_own_place_only(count in 2_usize..100, at in any::<prop::sample::Index>()) {
        let top = merkle::height(count as u64);
        let tree = Tree::new(leaves(count), 0, top).expect("a tree");
        let index = at.index(count) as u64;
        let uncles: Vec<_> = (0..top).filter_map(|up| tree.node(up, (index >> up) ^ 1)).collect();
        let leaf = leaves(count)[at.index(count)];
        prop_assert!(merkle::proves(&tree.root(), &leaf, index, &uncles));
        prop_assert!(!merkle::proves(&tree.root(), &leaf, index ^ 1, &uncles));
        prop_assert!(!merkle::proves(&tree.root(), &leaf, index + (1 << top), &uncles), "past the tree");
    }
}
