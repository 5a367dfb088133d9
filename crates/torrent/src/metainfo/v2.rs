//! Reads the v2 part of an info dictionary: the file tree (BEP 52).

use super::{
    BadMetainfo,
    entry::{self, Entry, PathBudget, Role},
    limits,
};
use crate::{
    Sha256Hash,
    bencode::{DictIter, Kind, Value},
};

/// A file tree, flat.
pub(super) struct Tree {
    /// Its files, with paths below the folder of the torrent.
    pub(super) entries: Vec<Entry>,
    /// Whether it is nothing but one file.
    pub(super) single: bool,
}

/// The files of the tree, in its order. The caller has made sure that keys are in order, so that no two programs
/// lay the files out differently.
pub(super) fn tree(info: &Value<'_>) -> Result<Tree, BadMetainfo> {
    let tree = entry::required(info, "file tree", Kind::Dictionary)?;
    let mut walk = Walk::default();
    walk.enter(&tree);
    while let Some(folder) = walk.open.last_mut() {
        match folder.next() {
            Some((name, node)) => walk.node(name, &node)?,
            None => walk.leave(),
        }
    }
    let one_node = tree.as_dict().is_some_and(|nodes| nodes.take(2).count() == 1);
    let single = one_node && matches!(walk.entries.as_slice(), [only] if only.path.len() == 1);
    Ok(Tree { entries: walk.entries, single })
}

/// A way through the tree, which is as deep as its maker liked: the stack is ours, not the thread's.
#[derive(Default)]
struct Walk<'d> {
    open: Vec<DictIter<'d>>,
    path: Vec<String>,
    path_bytes: usize,
    entries: Vec<Entry>,
    budget: PathBudget,
}

impl<'d> Walk<'d> {
    fn enter(&mut self, folder: &Value<'d>) {
        self.open.extend(folder.as_dict());
    }

    fn leave(&mut self) {
        self.open.pop();
        self.ascend();
    }

    fn ascend(&mut self) {
        self.path_bytes -= self.path.pop().map_or(0, |name| name.len());
    }

    fn node(&mut self, name: &'d [u8], node: &Value<'d>) -> Result<(), BadMetainfo> {
        let text = entry::text(name)?;
        self.path_bytes += text.len();
        self.path.push(text);
        let Some(mut children) = node.as_dict() else { return Err(self.bad_node()) };
        if name.is_empty() {
            return Err(self.bad_node());
        }
        match children.next() {
            Some((b"", file)) if children.next().is_none() => self.file(&file),
            Some((b"", _)) => Err(self.bad_node()),
            _ if self.path.len() > limits::PATH_DEPTH => Err(BadMetainfo::PathTooDeep),
            _ => {
                self.enter(node);
                Ok(())
            }
        }
    }

    fn file(&mut self, file: &Value<'d>) -> Result<(), BadMetainfo> {
        if self.entries.len() >= limits::FILES {
            return Err(BadMetainfo::TooManyFiles);
        }
        if file.kind() != Kind::Dictionary {
            return Err(self.bad_node());
        }
        self.budget.spend(self.path.len(), self.path_bytes)?;
        let role = entry::role(file);
        if role == Role::Padding {
            // Padding is implied in v2; an explicit one would make two layouts of one torrent.
            return Err(self.bad_node());
        }
        let length = entry::length(file, role)?;
        let pieces_root = if length > 0 { Some(self.pieces_root(file)?) } else { None };
        self.entries.push(Entry { path: self.path.clone(), length, role, pieces_root });
        self.ascend();
        Ok(())
    }

    fn pieces_root(&self, file: &Value<'d>) -> Result<Sha256Hash, BadMetainfo> {
        file.get(b"pieces root")
            .and_then(|root| root.as_bytes()?.try_into().ok())
            .filter(|root| *root != [0; 32])
            .map(Sha256Hash)
            .ok_or_else(|| BadMetainfo::PiecesRoot { path: entry::shown(&self.path) })
    }

    fn bad_node(&self) -> BadMetainfo {
        BadMetainfo::TreeNode { path: entry::shown(&self.path) }
    }
}
