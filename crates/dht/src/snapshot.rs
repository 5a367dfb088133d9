//! The table on its way to disk and back. What comes back is a stranger's: bounded, and asked before it is told on.

use torrent::bencode::{Document, Encoder, Limits, Mode, Value};

use crate::{
    Family, Id, Node,
    compact::{read_nodes, write_nodes},
};

/// Nodes of one family that are kept.
const NODES_MAX: usize = 400;
/// Both families' nodes and a few words around them.
const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 3, tokens: 32 };

/// What one family looked like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) own: Id,
    pub(crate) nodes: Vec<Node>,
}

/// The names of a family's keys.
fn names(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::V4 => ("id4", "nodes4"),
        Family::V6 => ("id6", "nodes6"),
    }
}

pub(crate) fn write(families: &[(Family, Remembered)]) -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict();
    for (family, remembered) in families {
        out.key(names(*family).0).bytes(remembered.own.0);
    }
    for (family, remembered) in families {
        let most = remembered.nodes.len().min(NODES_MAX);
        out.key(names(*family).1).bytes(write_nodes(&remembered.nodes[..most]));
    }
    out.key("version").int(1).end();
    out.finish()
}

/// What is in a snapshot; `None` if it is none.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<(Family, Remembered)>> {
    let document = Document::parse(bytes, Mode::Strict, &LIMITS).ok()?;
    let root = document.root();
    if root.get(b"version")?.as_int()? != 1 {
        return None;
    }
    let all = Family::ALL.into_iter();
    Some(all.filter_map(|family| Some((family, read_family(&root, family)?))).collect())
}

fn read_family(root: &Value<'_>, family: Family) -> Option<Remembered> {
    let (id, nodes) = names(family);
    let own = Id(root.get(id.as_bytes())?.as_bytes()?.try_into().ok()?);
    let nodes = root.get(nodes.as_bytes())?.as_bytes()?;
    Some(Remembered { own, nodes: read_nodes(nodes, family, NODES_MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_comes_back_as_it_was_and_damage_is_noticed() {
        let node = Node { id: Id([1; 20]), addr: "8.8.8.8:6881".parse().unwrap() };
        let node6 = Node { id: Id([2; 20]), addr: "[2606:4700::1]:6881".parse().unwrap() };
        let families = [
            (Family::V4, Remembered { own: Id([3; 20]), nodes: vec![node] }),
            (Family::V6, Remembered { own: Id([4; 20]), nodes: vec![node6] }),
        ];
        let bytes = write(&families);
        assert_eq!(read(&bytes).as_deref(), Some(families.as_slice()));
        assert!((0..bytes.len()).all(|cut| read(&bytes[..cut]).is_none()));
        assert_eq!(read(b"de"), None);
    }

    #[test]
    fn a_poisoned_snapshot_brings_no_more_nodes_than_allowed() {
        let node = Node { id: Id([1; 20]), addr: "8.8.8.8:6881".parse().unwrap() };
        let mut out = Encoder::new();
        out.begin_dict().key("id4").bytes([3; 20]);
        out.key("nodes4").bytes(write_nodes(&vec![node; 2_000])).key("version").int(1).end();
        let read = read(&out.finish()).unwrap();
        assert_eq!(read[0].1.nodes.len(), NODES_MAX);
    }
}
