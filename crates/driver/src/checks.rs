//! Whose files are hashed now: one torrent's at a time, for two together read a disk slower than one after the other.

use std::sync::Arc;

use engine::Prepared;
use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::Instant,
};

use crate::{
    disk::Content,
    resume::{Opening, Survey},
    state::{Ready, TorrentState},
};

/// What is on disk of one torrent, to be found out.
pub(crate) struct Check {
    pub(crate) state: Arc<TorrentState>,
    pub(crate) content: Arc<Content>,
    /// Whether to hash everything, whatever the record says.
    pub(crate) recheck: bool,
    /// Threads that hash.
    pub(crate) workers: usize,
}

/// It was found out.
pub(crate) struct Checked {
    pub(crate) opening: Opening,
    pub(crate) ready: Ready,
}

impl Check {
    /// Looks at the files, and hashes what the record does not vouch for. `None` if the torrent was removed meanwhile.
    pub(crate) async fn run(self, checks: &Checks) -> Option<Checked> {
        let began = Instant::now();
        let Self { state, content, recheck, workers } = self;
        let (survey, peers, vouched) = {
            let (state, content) = (Arc::clone(&state), Arc::clone(&content));
            let look = move || {
                let record = state.take_record();
                let vouched = record.vouches();
                (Survey::new(&content, &record, recheck), record.peers, vouched)
            };
            spawn_blocking(look).await.ok()?
        };
        let turn = if survey.has_to_hash() { checks.turn(&state.hurry).await } else { None };
        if state.standing().borrow().removed {
            return None;
        }
        let prepared = {
            let (progress, content) = (Arc::clone(&state.progress), Arc::clone(&content));
            spawn_blocking(move || survey.check(&content, workers, &progress)).await.ok()?
        };
        drop(turn);
        if state.standing().borrow().removed {
            return None;
        }
        let ready = Ready { checked: began.elapsed(), have_bytes: have_bytes(&content, &prepared) };
        let (path, verified) = (state.record_path.clone(), Arc::clone(&state.verified));
        Some(Checked {
            opening: Opening { path, content, verified, prepared, peers, vouched },
            ready,
        })
    }
}

/// Bytes of files that a check or a record found, padding not counted.
fn have_bytes(content: &Content, prepared: &Prepared) -> u64 {
    let geometry = content.metainfo().info.geometry();
    let pieces = prepared.pieces.iter().map(|piece| content.piece_range(*piece));
    let blocks = prepared.blocks.iter().map(|block| geometry.block_range(*block));
    let slices = pieces.chain(blocks).flat_map(|range| content.metainfo().info.slices(range));
    slices.filter(|slice| slice.file.is_some()).map(|slice| slice.len).sum()
}

/// The turns of those whose files have to be hashed before they count.
#[derive(Debug)]
pub(crate) struct Checks(Semaphore);

impl Checks {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(1))
    }

    /// Waits for a turn, which lasts until the permit is dropped; who is in a hurry, for somebody waits for this
    /// torrent, goes ahead without one.
    pub(crate) async fn turn(&self, hurry: &Notify) -> Option<SemaphorePermit<'_>> {
        tokio::select! {
            biased;
            turn = self.0.acquire() => turn.ok(),
            () = hurry.notified() => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Waker},
    };

    use super::*;

    fn waits<T>(turn: Pin<&mut impl Future<Output = T>>) -> bool {
        turn.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    #[tokio::test]
    async fn torrents_are_checked_one_at_a_time_in_the_order_they_came() {
        let (checks, calm) = (Checks::new(), Notify::new());
        let first = checks.turn(&calm).await;
        assert!(first.is_some());
        let (mut second, mut third) = (Box::pin(checks.turn(&calm)), Box::pin(checks.turn(&calm)));
        assert!(waits(second.as_mut()) && waits(third.as_mut()));
        drop(first);
        assert!(waits(third.as_mut()), "it came later");
        let second = second.await;
        assert!(second.is_some() && waits(third.as_mut()));
        drop(second);
        assert!(third.await.is_some());
    }

    #[tokio::test]
    async fn who_is_waited_for_does_not_wait_for_others() {
        let (checks, calm, hurried) = (Checks::new(), Notify::new(), Notify::new());
        let first = checks.turn(&calm).await;
        let waits = checks.turn(&hurried);
        hurried.notify_one();
        assert!(waits.await.is_none(), "it goes ahead without a turn");
        drop(first);
    }
}
