//! Whose wrong blocks an engine took, as only a simulation can know.

use std::{collections::BTreeMap, net::SocketAddr};

/// What is known of one node's senders.
#[derive(Debug, Default)]
pub(crate) struct Lies {
    /// Whose bytes the engine hears just now.
    pub(crate) speaker: Option<SocketAddr>,
    /// Who had wrong blocks stored, and how many.
    pub(crate) senders: BTreeMap<SocketAddr, u32>,
}

impl Lies {
    /// A block goes to disk.
    pub(crate) fn stored(&mut self, right: bool) {
        if let Some(speaker) = self.speaker.filter(|_| !right) {
            *self.senders.entry(speaker).or_default() += 1;
        }
    }
}
