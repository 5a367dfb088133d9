//! Domains: a channel claims one, and whoever wants to know asks the domain whether it vouches for the channel's key.

use catalogue::channel::Domain;
use driver::{NoTexts, Session};
use serde::{Deserialize, Serialize};

use crate::{
    folder::{Folder, FolderError},
    follow::now_ms,
    own::Own,
};

/// A domain vouched for a channel when it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// The domain.
    pub domain: String,
    /// When that was, milliseconds since 1970.
    pub at_ms: u64,
}

/// Why no domain vouches for a channel.
#[derive(Debug, thiserror::Error)]
pub enum NotVouched {
    /// It claims none.
    #[error("this channel claims no domain")]
    NoDomain,
    /// Nothing of the channel is here.
    #[error("nothing of this channel is here yet")]
    Unknown,
    /// The domain has no record for channels.
    #[error("{domain} does not vouch for this channel: it has no record {record}")]
    NoRecord {
        /// The domain that the channel claims.
        domain: String,
        /// Where its records would be.
        record: String,
    },
    /// The domain has records and none of them names this channel.
    #[error("{domain} does not vouch for this channel: its record {record} names another key")]
    OtherKey {
        /// The domain that the channel claims.
        domain: String,
        /// Where its records are.
        record: String,
    },
    /// The domain cannot be asked.
    #[error("{domain} cannot be asked: {why}")]
    Silent {
        /// The domain that the channel claims.
        domain: String,
        /// Why not.
        why: NoTexts,
    },
    /// The answer cannot be kept.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Asks the domain that a channel claims. What it says is kept until it is asked again, or another one is claimed.
pub(crate) async fn ask(session: &Session, folder: &Folder) -> Result<Vouched, NotVouched> {
    let domain = claimed(folder)?.ok_or(NotVouched::NoDomain)?;
    let answer = session.texts(&domain.record_name()).await;
    let outcome = judge(folder, &domain, answer);
    match &outcome {
        Ok(vouched) => folder.set_vouched(Some(vouched))?,
        // Whoever cannot be asked has not taken anything back.
        Err(NotVouched::Silent { .. }) => {}
        Err(_) => folder.set_vouched(None)?,
    }
    outcome
}

/// The domain that a channel claims; our own may be asked before the claim is published.
fn claimed(folder: &Folder) -> Result<Option<Domain>, NotVouched> {
    if folder.is_own() {
        return Own::open(folder.clone())
            .map(|own| own.domain().cloned())
            .map_err(|_| NotVouched::Unknown);
    }
    folder.manifest().map(|manifest| manifest.domain).ok_or(NotVouched::Unknown)
}

fn judge(
    folder: &Folder,
    domain: &Domain,
    answer: Result<Vec<String>, NoTexts>,
) -> Result<Vouched, NotVouched> {
    let (name, record) = ((**domain).to_owned(), domain.record_name());
    let texts = match answer {
        Ok(texts) => texts,
        Err(NoTexts::NotThere) => vec![],
        Err(why) => return Err(NotVouched::Silent { domain: name, why }),
    };
    let mut keys = Domain::keys_in(texts.iter().map(String::as_str)).peekable();
    if keys.peek().is_none() {
        return Err(NotVouched::NoRecord { domain: name, record });
    }
    if keys.any(|key| key == *folder.key()) {
        Ok(Vouched { domain: name, at_ms: now_ms() })
    } else {
        Err(NotVouched::OtherKey { domain: name, record })
    }
}
