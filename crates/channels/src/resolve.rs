//! Asks the DHT for a channel's newest root and head, and keeps what is accepted before it is used.

use std::{collections::BTreeMap, time::Duration};

use catalogue::channel::{Accepted, Freshness, Key, Refused, Standing, wanted_head, wanted_root};
use dht::{Item, MutableItem, Wanted};
use driver::Dht;
use tokio::time::{Instant, sleep};

use crate::{
    folder::{Folder, FolderError},
    follow::now_ms,
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
    /// Nodes that have the rarer of the newest root and the newest head: whoever is new needs both.
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
    let (standing, counted) = (before.clone(), Counted::default());
    let mut asking = Asking { dht, standing, now_ms, heard: false, counted, refused: None };
    // Whoever knows the channel knows who signed its heads: they are asked for meanwhile.
    let known = asking.signers();
    let (roots, heads) = tokio::join!(asking.find_roots(), asking.find_heads(&known));
    asking.take_roots(roots);
    asking.take_heads(heads);
    let new: Vec<_> = asking.signers().into_iter().filter(|one| !known.contains(one)).collect();
    let heads = asking.find_heads(&new).await;
    asking.take_heads(heads);
    let Asking { mut standing, heard, counted, refused, .. } = asking;
    let copies = counted.fewest(&standing);
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
    counted: Counted,
    refused: Option<Refused>,
}

/// What the DHT has of one thing.
#[derive(Default)]
struct Found {
    /// The newest item.
    item: Option<MutableItem>,
    /// Whether anybody answered.
    heard: bool,
    /// How many nodes have it.
    copies: usize,
}

/// How many nodes have which item.
#[derive(Default)]
struct Counted {
    /// By slot.
    roots: BTreeMap<u8, usize>,
    /// By the key that signs it.
    heads: BTreeMap<Key, usize>,
}

impl Counted {
    /// Of the root and the head that are the newest now, the fewer.
    fn fewest(&self, standing: &Standing) -> usize {
        let of = |copies: Option<&usize>| copies.copied().unwrap_or(0);
        let root = standing.root_item().map(|_| of(self.roots.get(&standing.slot())));
        let head = standing.head_item().map(|item| of(self.heads.get(&Key(*item.key()))));
        [root, head].into_iter().flatten().min().unwrap_or(0)
    }
}

impl Asking<'_> {
    /// Every online key has a head of its own.
    fn signers(&self) -> Vec<Key> {
        self.standing.root().map(|root| root.online.clone()).unwrap_or_default()
    }

    /// Of the current slot and the next one: the first may have been raised to where nobody can raise it any more.
    async fn find_roots(&self) -> [(u8, Found); 2] {
        let (key, slot) = (*self.standing.key(), self.standing.slot());
        let next = slot.saturating_add(1);
        let have = self.standing.root_item().map(MutableItem::seq);
        let found = tokio::join!(
            self.get(wanted_root(&key, slot, have)),
            self.get(wanted_root(&key, next, None)),
        );
        [(slot, found.0), (next, found.1)]
    }

    fn take_roots(&mut self, found: [(u8, Found); 2]) {
        for (slot, found) in found {
            self.heard |= found.heard;
            self.counted.roots.entry(slot).or_insert(found.copies);
            if let Some(item) = found.item {
                let outcome = self.standing.offer_root(&item, self.now_ms);
                self.note(outcome);
            }
        }
    }

    async fn find_heads(&self, signers: &[Key]) -> Vec<(Key, Found)> {
        let key = *self.standing.key();
        let mut heads = vec![];
        for signer in signers {
            let own = self.standing.head_item().filter(|item| *item.key() == signer.0);
            let have = own.map(MutableItem::seq);
            heads.push((*signer, self.get(wanted_head(&key, signer, have)).await));
        }
        heads
    }

    /// Those that were found and are of keys that may still sign.
    fn take_heads(&mut self, found: Vec<(Key, Found)>) {
        let signers = self.signers();
        for (signer, found) in found {
            self.heard |= found.heard;
            if !signers.contains(&signer) {
                continue;
            }
            self.counted.heads.insert(signer, found.copies);
            if let Some(item) = found.item {
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

    async fn get(&self, what: Wanted) -> Found {
        let Ok(got) = self.dht.get(what).await else { return Found::default() };
        let item = got.item.and_then(|item| match item {
            Item::Mutable(item) => Some(item),
            Item::Immutable(_) => None,
        });
        Found { item, heard: got.stats.answers > 0, copies: got.stats.copies }
    }
}

/// How many nodes took the one of root and head that fewer took, and how many had the rarer of them before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) taken: usize,
    pub(crate) before: usize,
}

/// Puts root and head where they belong, for somebody who waits for it: if nobody takes one of them, it is tried again,
/// since hardly a node may be known yet, and one packet lost is everything then.
pub(crate) async fn put_items_patiently(dht: &Dht, standing: &Standing) -> usize {
    let mut taken = put_items(dht, standing).await.taken;
    for pause in AGAIN_PUT {
        if taken > 0 {
            break;
        }
        sleep(pause).await;
        taken = put_items(dht, standing).await.taken;
    }
    taken
}

/// Puts the items of a channel again, so that they are not forgotten. Returns how many nodes had them before; nothing if
/// nobody took them.
pub(crate) async fn put_again(dht: &Dht, folder: &Folder) -> Result<Option<usize>, FolderError> {
    // Of what is followed news is asked for anyway.
    let standing = if folder.is_followed() {
        folder.standing()?
    } else {
        resolve(dht, folder, now_ms()).await?.standing
    };
    let given = put_items(dht, &standing).await;
    Ok((given.taken > 0).then_some(given.before))
}

/// Puts root and head where they belong.
pub(crate) async fn put_items(dht: &Dht, standing: &Standing) -> Given {
    let put = async |item: Option<&MutableItem>| match item {
        Some(item) => {
            let got = dht.put(Item::Mutable(item.clone()), None, COPIES).await;
            let stats = got.map(|got| got.stats).unwrap_or_default();
            // Whoever refuses because of the same version has it.
            Some(Given { taken: stats.stored.max(stats.copies), before: stats.copies })
        }
        None => None,
    };
    let (root, head) = tokio::join!(put(standing.root_item()), put(standing.head_item()));
    let fewest = |one: Given, other: Given| Given {
        taken: one.taken.min(other.taken),
        before: one.before.min(other.before),
    };
    [root, head].into_iter().flatten().reduce(fewest).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use catalogue::channel::{Head, Root, next_root, public};
    use dht::SigningKey;
    use torrent::{InfoHashes, Sha256Hash};

    use super::*;

    const NOW: u64 = 1_790_000_000_000;

    fn signing(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn standing() -> Standing {
        let key = public(&signing(1));
        let mut standing = Standing::new(key);
        let root = Root {
            version: 1,
            document: [0; 32],
            next: next_root(&public(&signing(4))),
            online: vec![public(&signing(2)), public(&signing(3))],
            issued_ms: NOW,
            expires_ms: NOW,
            unlisted: false,
        };
        standing.offer_root(&root.sign(&signing(1), 5).unwrap(), NOW).unwrap();
        let head = Head {
            torrent: InfoHashes::V2(Sha256Hash([1; 32])),
            manifest: [0; 32],
            version: 1,
            root_version: 1,
            issued_ms: NOW,
            expires_ms: NOW,
        };
        standing.offer_head(&head.sign(&signing(3), &key, None).unwrap(), NOW).unwrap();
        standing
    }

    #[test]
    fn of_root_and_head_the_rarer_is_counted() {
        let [older, newest] = [2, 3].map(|seed| public(&signing(seed)));
        let fewest = |roots: &[(u8, usize)], heads: &[(Key, usize)]| {
            let roots = roots.iter().copied().collect();
            Counted { roots, heads: heads.iter().copied().collect() }.fewest(&standing())
        };
        assert_eq!(fewest(&[(5, 20)], &[(newest, 15)]), 15);
        assert_eq!(fewest(&[(5, 3)], &[(newest, 20)]), 3, "newcomers need the root");
        assert_eq!(fewest(&[(4, 20)], &[(newest, 20)]), 0, "a root in a slot that is left");
        assert_eq!(fewest(&[(5, 20)], &[(older, 20), (newest, 1)]), 1, "what another key signed");
        assert_eq!(Counted::default().fewest(&Standing::new(public(&signing(1)))), 0);
    }
}
