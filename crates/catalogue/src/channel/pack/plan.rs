//! Which things go into which pack, and what stands before them: the same things give the same files.

use std::{collections::BTreeMap, iter::zip};

use super::{PACK_HEADER, PACK_LINE, PackHeader, PackKind, PackRef, THING_MAX, Thing};
use crate::channel::manifest::FileRef;

/// A pack ends with the thing that brings it to this size, bytes.
const TARGET: u64 = 128 << 20;

/// A pack before its things are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackPlan {
    kind: PackKind,
    things: Vec<Thing>,
}

impl PackPlan {
    /// As few packs as hold these things, given by their hashes and lengths. Several packs divide the hashes among them,
    /// so that a reader knows which one to open. Things that are empty or too large are left out.
    #[must_use]
    pub fn of(kind: PackKind, things: &BTreeMap<[u8; 32], u32>) -> Vec<Self> {
        let mut plans: Vec<Vec<([u8; 32], u32)>> = vec![];
        let mut size = TARGET;
        for (sha256, length) in things {
            if !(1..=THING_MAX).contains(length) {
                continue;
            }
            if size >= TARGET {
                plans.push(vec![]);
                size = PACK_HEADER as u64;
            }
            size += PACK_LINE as u64 + u64::from(*length);
            if let Some(plan) = plans.last_mut() {
                plan.push((*sha256, *length));
            }
        }
        plans.into_iter().map(|things| Self::placed(kind, &things)).collect()
    }

    fn placed(kind: PackKind, things: &[([u8; 32], u32)]) -> Self {
        let mut start = PACK_HEADER as u64 + (things.len() * PACK_LINE) as u64;
        let placed = things.iter().map(|(sha256, length)| {
            let thing = Thing { sha256: *sha256, start, length: *length };
            start = thing.end();
            thing
        });
        Self { kind, things: placed.collect() }
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.things.last().map_or(PACK_HEADER as u64, Thing::end)
    }

    /// What stands before the things: header and index.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let things = self.things.len() as u64;
        let header = PackHeader { kind: self.kind, things, length: self.length() };
        let lines = self.things.iter().filter_map(Thing::line);
        [header.to_bytes().to_vec(), lines.flatten().collect()].concat()
    }

    /// The things in the order in which they follow.
    #[must_use]
    pub fn things(&self) -> &[Thing] {
        &self.things
    }

    /// What the manifest says of the written file.
    #[must_use]
    pub fn described(&self, file: FileRef) -> PackRef {
        let start = |thing: Option<&Thing>| {
            let mut start = [0; 8];
            zip(&mut start, thing.iter().flat_map(|one| one.sha256))
                .for_each(|(to, from)| *to = from);
            start
        };
        PackRef {
            kind: self.kind,
            things: self.things.len() as u64,
            span: (start(self.things.first()), start(self.things.last())),
            file,
        }
    }
}
