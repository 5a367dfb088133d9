//! A publisher who has nothing new is here all the same: a head that has grown old is signed again, so that nobody takes
//! the channel for one whose publisher is silent.

use catalogue::channel::Head;
use driver::Session;

use super::{Own, OwnError};
use crate::{
    folder::{Folder, FolderError},
    follow::now_ms,
    resolve,
};

/// How long after a head news of it is expected, milliseconds: thirty days.
pub(crate) const HEAD_LIFE_MS: u64 = 30 * DAY_MS;
/// How old a head grows before it is signed again, milliseconds: a publisher who is away for two weeks is not silent yet.
const OLD_MS: u64 = 10 * DAY_MS;
const DAY_MS: u64 = 24 * 3600 * 1000;

impl Own {
    /// Signs the version that is here again if its head has grown old: the same version of the same bytes, at another time.
    /// Says whether it did.
    ///
    /// # Errors
    /// The key that signs versions is not here, or the disk refuses.
    pub(crate) fn sign_again(&self, now_ms: u64) -> Result<bool, OwnError> {
        let folder = &self.folder;
        let mut standing = folder.standing()?;
        let stands_still = standing.rotation().is_some() || standing.contradiction().is_some();
        let is_here = |head: &&Head| folder.current() == Some(head.torrent.wire());
        let is_old = |head: &&Head| now_ms.saturating_sub(head.issued_ms) > OLD_MS;
        let head = standing.head().filter(is_here).filter(is_old).cloned();
        // A head of a key that has no say any more is not brought back: the publisher publishes anew.
        let last = standing.head_item().map(dht::MutableItem::seq);
        let (Some(head), Some(last), false) = (head, last, stands_still) else { return Ok(false) };
        let head = Head {
            root_version: standing.root().map_or(0, |root| root.version),
            issued_ms: now_ms,
            expires_ms: now_ms + HEAD_LIFE_MS,
            ..head
        };
        let signed = head.sign(&self.online_key()?, folder.key(), Some(last));
        if !signed.is_ok_and(|item| standing.offer_head(&item, now_ms).is_ok()) {
            return Ok(false);
        }
        folder.merge(&standing)?;
        folder.tell_it_is_here();
        Ok(true)
    }
}

/// Signs an own channel or site again if that is due, and tells the network of it.
pub(crate) async fn keep_fresh(session: &Session, folder: &Folder) {
    if let Err(error) = renew(session, folder).await {
        tracing::warn!(
            channel = %folder.key().short(), %error,
            "it is not signed again: after thirty days followers are told that its publisher is silent"
        );
    }
}

async fn renew(session: &Session, folder: &Folder) -> Result<(), OwnError> {
    let turn = folder.turns().take(*folder.key()).await;
    let own = folder.clone();
    let work = tokio::task::spawn_blocking(move || Own::open(own)?.sign_again(now_ms()));
    let signed = work.await.unwrap_or(Err(FolderError::Interrupted.into()))?;
    drop(turn);
    if let (true, Some(dht)) = (signed, session.dht()) {
        // Whatever is not put now is when it is time for that.
        resolve::put_items(dht, &folder.standing()?).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use catalogue::channel::{Accepted, Freshness};

    use super::*;
    use crate::{Channels, NewChannel, Opening, publish};

    fn new() -> NewChannel {
        NewChannel {
            kind: catalogue::channel::Kind::Catalogue,
            name: serde_json::from_str("{\"en\": \"Films\"}").unwrap(),
            about: serde_json::from_str("{}").unwrap(),
            publisher: "Somebody".to_owned().try_into().unwrap(),
            contact: "mailto:rights@example.org".to_owned().try_into().unwrap(),
        }
    }

    #[test]
    fn a_version_is_signed_again_when_it_is_old_and_its_followers_do_not_think_it_silent() {
        let home = tempfile::tempdir().unwrap();
        let channels = Channels::open(&home.path().join("channels")).unwrap();
        // What needs a passphrase is the secret: the key that signs versions is open.
        let (own, _) = Own::create(&channels, new(), Some("correct horse")).unwrap();
        assert!(!own.sign_again(u64::MAX / 2).unwrap(), "nothing is published");
        publish(&channels, *own.folder().key()).unwrap();
        let mut follower = own.folder().standing().unwrap();
        let first = follower.head().unwrap().clone();
        let after = |days: u64| first.issued_ms + days * DAY_MS + 1;

        assert!(!own.sign_again(after(9)).unwrap());
        assert_eq!(own.folder().standing().unwrap(), follower);
        assert!(own.sign_again(after(10)).unwrap());
        assert!(!own.sign_again(after(10)).unwrap(), "once is enough");

        let standing = own.folder().standing().unwrap();
        let again = standing.head().unwrap();
        assert_eq!((again.version, again.manifest), (first.version, first.manifest));
        assert_eq!(again.torrent, first.torrent);
        assert_eq!(follower.freshness(after(39)), Freshness::SilentSince(first.issued_ms));
        let item = standing.head_item().unwrap();
        assert_eq!(follower.offer_head(item, after(10)), Ok(Accepted::Newer));
        assert_eq!(follower.freshness(after(39)), Freshness::Fresh);
    }

    #[test]
    fn a_version_whose_key_has_no_say_any_more_is_not_brought_back() {
        let home = tempfile::tempdir().unwrap();
        let channels = Channels::open(&home.path().join("channels")).unwrap();
        let (mut own, _) = Own::create(&channels, new(), None).unwrap();
        publish(&channels, *own.folder().key()).unwrap();
        own.replace_online_key(&Opening::NOTHING).unwrap();
        assert!(!own.sign_again(now_ms() + 20 * DAY_MS).unwrap());
    }
}
