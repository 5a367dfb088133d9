//! Asks the DHT for a channel's newest root and head, and keeps what is accepted before it is used.

use std::time::Duration;

use catalogue::channel::{Accepted, Freshness, Refused, Standing, wanted_head, wanted_root};
use dht::{Item, MutableItem, Wanted};
use driver::Dht;
use tokio::time::{Instant, sleep};

use crate::{
    folder::{Folder, FolderError},
    keeping::COPIES,
};

/// How long between two questions while nobody is known yet.
const AGAIN: Duration = Duration::from_millis(500);
/// How long after it a publication that nobody took is told again.
const AGAIN_PUT: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// What the DHT said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What is known now.
    pub standing: Standing,
    /// Whether something newer came.
    pub news: bool,
    /// Nodes that have the newest head.
    pub copies: usize,
    /// Whether anybody answered.
    pub heard: bool,
    /// Whether news is overdue.
    pub freshness: Freshness,
    /// Why an item that was found changed nothing.
    pub refused: Option<Refused>,
}

/// Asks once for root and head. What is accepted is on disk when this returns.
pub(crate) async fn resolve(
    dht: &Dht,
    folder: &Folder,
    now_ms: u64,
) -> Result<Resolved, FolderError> {
    let before = folder.standing()?;
    let mut asking =
        Asking { dht, standing: before.clone(), now_ms, heard: false, copies: 0, refused: None };
    asking.root().await;
    asking.heads().await;
    let Asking { mut standing, heard, copies, refused, .. } = asking;
    let news = standing != before;
    if news {
        standing = folder.merge(&standing)?;
    }
    let freshness = standing.freshness(now_ms);
    Ok(Resolved { standing, news, copies, heard, freshness, refused })
}

/// Asks until a head is known or the patience ends.
pub(crate) async fn resolve_within(
    dht: &Dht,
    folder: &Folder,
    now_ms: u64,
    patience: Duration,
) -> Result<Resolved, FolderError> {
    let end = Instant::now() + patience;
    loop {
        let resolved = resolve(dht, folder, now_ms).await?;
        if resolved.standing.head().is_some() || Instant::now() >= end {
            return Ok(resolved);
        }
        sleep(AGAIN).await;
    }
}

struct Asking<'a> {
    dht: &'a Dht,
    standing: Standing,
    now_ms: u64,
    heard: bool,
    copies: usize,
    refused: Option<Refused>,
}

impl Asking<'_> {
    /// The current slot and the next one: the first may have been raised to where nobody can raise it any more.
    async fn root(&mut self) {
        let (key, slot) = (*self.standing.key(), self.standing.slot());
        let have = self.standing.root_item().map(MutableItem::seq);
        let (now, next) = tokio::join!(
            self.get(wanted_root(&key, slot, have)),
            self.get(wanted_root(&key, slot.saturating_add(1), None)),
        );
        for (item, heard, _) in [now, next] {
            self.heard |= heard;
            if let Some(item) = item {
                let outcome = self.standing.offer_root(&item, self.now_ms);
                self.note(outcome);
            }
        }
    }

    /// Every online key has a head of its own.
    async fn heads(&mut self) {
        let key = *self.standing.key();
        let online = self.standing.root().map(|root| root.online.clone()).unwrap_or_default();
        for signer in online {
            let own = self.standing.head_item().filter(|item| *item.key() == signer.0);
            let have = own.map(MutableItem::seq);
            let (item, heard, copies) = self.get(wanted_head(&key, &signer, have)).await;
            self.heard |= heard;
            self.copies = self.copies.max(copies);
            if let Some(item) = item {
                let outcome = self.standing.offer_head(&item, self.now_ms);
                self.note(outcome);
            }
        }
    }

    fn note(&mut self, outcome: Result<Accepted, Refused>) {
        if let Err(why) = outcome {
            tracing::info!(channel = %self.standing.key().short(), %why, "an item was not accepted");
            self.refused = Some(why);
        }
    }

    /// The newest item that was found, whether anybody answered, and how many have it.
    async fn get(&self, what: Wanted) -> (Option<MutableItem>, bool, usize) {
        let Ok(got) = self.dht.get(what).await else { return (None, false, 0) };
        let item = got.item.and_then(|item| match item {
            Item::Mutable(item) => Some(item),
            Item::Immutable(_) => None,
        });
        (item, got.stats.answers > 0, got.stats.copies)
    }
}

/// Puts root and head where they belong, for somebody who waits for it: if nobody takes the head, it is tried again,
/// since hardly a node may be known yet, and one packet lost is everything then.
pub(crate) async fn put_items_patiently(dht: &Dht, standing: &Standing) -> usize {
    let mut copies = put_items(dht, standing).await;
    for pause in AGAIN_PUT {
        if copies > 0 {
            break;
        }
        sleep(pause).await;
        copies = put_items(dht, standing).await;
    }
    copies
}

/// Puts root and head where they belong. Returns how many nodes took the head.
pub(crate) async fn put_items(dht: &Dht, standing: &Standing) -> usize {
    let put = async |item: Option<&MutableItem>| match item {
        Some(item) => {
            let got = dht.put(Item::Mutable(item.clone()), None, COPIES).await;
            // Whoever refuses because of the same version has it.
            got.map_or(0, |got| got.stats.stored.max(got.stats.copies))
        }
        None => 0,
    };
    let (_, head) = tokio::join!(put(standing.root_item()), put(standing.head_item()));
    head
}
