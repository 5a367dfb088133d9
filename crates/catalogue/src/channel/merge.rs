//! Several runs of changes become one: of each record the change with the highest version.

use std::iter::Peekable;

use super::segment::{BadSegment, Entry};

/// Merges sorted runs. The first error ends it.
pub(crate) fn merge<I>(runs: Vec<I>) -> impl Iterator<Item = Result<Entry, BadSegment>>
where
    I: Iterator<Item = Result<Entry, BadSegment>>,
{
    let mut runs: Vec<Peekable<I>> = runs.into_iter().map(Iterator::peekable).collect();
    let mut failed = false;
    std::iter::from_fn(move || {
        if failed {
            return None;
        }
        let next = next(&mut runs);
        failed = matches!(next, Some(Err(_)));
        next
    })
}

fn next<I>(runs: &mut [Peekable<I>]) -> Option<Result<Entry, BadSegment>>
where
    I: Iterator<Item = Result<Entry, BadSegment>>,
{
    let mut least = None;
    for run in runs.iter_mut() {
        match run.peek() {
            Some(Ok(entry)) if least.is_none_or(|least| entry.id < least) => least = Some(entry.id),
            Some(Err(why)) => return Some(Err(*why)),
            _ => {}
        }
    }
    let least = least?;
    let is_least =
        |entry: &Result<Entry, BadSegment>| matches!(entry, Ok(entry) if entry.id == least);
    let same = runs.iter_mut().filter_map(|run| run.next_if(is_least)?.ok());
    // Two changes of one version are the same change, or their publisher's mistake: any one of them will do, but
    // everybody must take the same.
    same.max_by(|a, b| (a.version, &a.record).cmp(&(b.version, &b.record))).map(Ok)
}
