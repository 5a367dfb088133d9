//! What the entries of a filter of ours are about: lists have hashes alone, so it is kept here, for nobody else.
//! `known` has a line for each: its mark, the thing as it was written, and a note, with tabs between them.

use std::{collections::BTreeMap, fmt::Write as _};

use catalogue::channel::{FilterEntry, Mark};

use super::{Own, OwnError};
use crate::{durable, folder::at};

const FILE: &str = "known";
/// Of as many as this has room for it is known what they are about; more are entries all the same.
const LENGTH_MAX: usize = 128 << 20;

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The thing as it was written: an infohash, an address, a title's id.
    pub thing: String,
    /// What its publisher calls it.
    pub note: String,
}

impl Own {
    /// Keeps what these entries are about. An entry by its hash alone, and without a note, says nothing new.
    pub(super) fn remember(&self, entries: &[FilterEntry]) -> Result<(), OwnError> {
        let mut known = self.known()?;
        let telling = entries.iter().filter(|one| !one.is_bare());
        known.extend(
            telling
                .map(|one| (one.mark, Known { thing: one.thing.clone(), note: one.note.clone() })),
        );
        self.keep_known(&known)
    }

    pub(super) fn forget(&self, marks: impl Iterator<Item = Mark>) -> Result<(), OwnError> {
        let mut known = self.known()?;
        let forgotten: Vec<_> = marks.filter_map(|mark| known.remove(&mark)).collect();
        if forgotten.is_empty() { Ok(()) } else { self.keep_known(&known) }
    }

    /// A file that somebody else wrote into costs the lines that say nothing.
    pub(super) fn known(&self) -> Result<BTreeMap<Mark, Known>, OwnError> {
        let path = self.folder.own().join(FILE);
        let bytes = durable::read(&path, LENGTH_MAX as u64).map_err(at(&path))?;
        let bytes = bytes.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).lines().filter_map(read).collect())
    }

    pub(super) fn keep_known(&self, known: &BTreeMap<Mark, Known>) -> Result<(), OwnError> {
        let mut lines = String::new();
        for (mark, Known { thing, note }) in known {
            let before = lines.len();
            // A string takes whatever is written.
            let _ = writeln!(lines, "{mark}\t{thing}\t{note}");
            if lines.len() > LENGTH_MAX {
                lines.truncate(before);
                break;
            }
        }
        self.write(FILE, lines.as_bytes())
    }
}

fn read(line: &str) -> Option<(Mark, Known)> {
    let mut parts = line.splitn(3, '\t');
    let mark = Mark::parse(parts.next()?)?;
    let (thing, note) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some((mark, Known { thing, note }))
}
