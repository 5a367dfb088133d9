//! What a tracker is told of a torrent reaches it in the order in which it was so.
//!
//! Each question goes its own way: without that, who leaves a moment after the last piece came would be counted as a seed, because
//! "completed" was heard after "stopped".

use std::{collections::BTreeMap, time::Duration};

use engine::{Announce, TorrentId};
use tokio::{
    sync::oneshot::{Receiver, Sender, channel},
    time::timeout,
};
use torrent::Sha1Hash;

/// For what was to be told before nobody waits longer: a session that ends has three seconds.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The last question to each tracker about each torrent.
#[derive(Debug, Default)]
pub(crate) struct Order(BTreeMap<(TorrentId, String, Sha1Hash), Receiver<()>>);

/// A place behind the question before.
#[derive(Debug)]
pub(crate) struct Turn {
    before: Option<Receiver<()>>,
    /// Tells the next one when it is dropped.
    _over: Sender<()>,
}

impl Order {
    /// The turn of a question. The `last` about a torrent needs nobody to wait for it.
    pub(crate) fn turn(&mut self, announce: &Announce, last: bool) -> Turn {
        let key = (announce.torrent, announce.url.clone(), announce.infohash);
        let (over, is_over) = channel();
        let before = if last { self.0.remove(&key) } else { self.0.insert(key, is_over) };
        Turn { before, _over: over }
    }
}

impl Turn {
    /// Waits until the question before is answered, or for long enough.
    pub(crate) async fn comes(&mut self) {
        if let Some(before) = self.before.take() {
            timeout(WAIT_MAX, before).await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::AnnounceEvent;

    use super::*;

    fn announce(url: &str, event: AnnounceEvent) -> Announce {
        Announce {
            torrent: TorrentId(1),
            url: url.to_owned(),
            infohash: Sha1Hash([1; 20]),
            event,
            peer_id: [2; 20],
            uploaded: 0,
            downloaded: 0,
            left: 0,
            wanted: 0,
        }
    }

    #[tokio::test]
    async fn who_leaves_says_so_after_everything_else() {
        let mut order = Order::default();
        let completed = order.turn(&announce("http://a/", AnnounceEvent::Completed), false);
        let mut elsewhere = order.turn(&announce("http://b/", AnnounceEvent::Completed), false);
        elsewhere.comes().await;
        let mut stopped = order.turn(&announce("http://a/", AnnounceEvent::Stopped), true);
        let mut farewell = std::pin::pin!(stopped.comes());
        tokio::select! {
            biased;
            () = farewell.as_mut() => panic!("the tracker was told before that we are gone"),
            () = std::future::ready(()) => {}
        }
        drop(completed);
        farewell.await;
        assert!(order.0.keys().all(|(_, url, _)| url == "http://b/"), "nothing is kept of it");
    }
}
