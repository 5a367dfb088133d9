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

/// The files of the tree, in its order, with paths below the folder of the torrent.
pub(super) fn entries(info: &Value<'_>) -> Result<Vec<Entry>, BadMetainfo> {
    let tree = entry::required(info, "file tree", Kind::Dictionary)?;
    let mut walk = Walk::default();
    walk.enter(&tree);
    while let Some(folder) = walk.open.last_mut() {
        match folder.rest.next() {
            Some((name, node)) => walk.node(name, &node)?,
            None => walk.leave(),
        }
    }
    Ok(walk.entries)
}

/// A way through the tree, which is as deep as its maker liked: the stack is ours, not the thread's.
#[derive(Default)]
struct Walk<'d> {
    open: Vec<Folder<'d>>,
    path: Vec<String>,
    path_bytes: usize,
    entries: Vec<Entry>,
    budget: PathBudget,
}

struct Folder<'d> {
    rest: DictIter<'d>,
    last: Option<&'d [u8]>,
}

impl<'d> Walk<'d> {
    fn enter(&mut self, folder: &Value<'d>) {
        if let Some(rest) = folder.as_dict() {
            self.open.push(Folder { rest, last: None });
        }
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
        if let Some(folder) = self.open.last_mut() {
            if folder.last.is_some_and(|last| last >= name) {
                return Err(BadMetainfo::TreeOrder { path: entry::shown(&self.path) });
            }
            folder.last = Some(name);
        }
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
