//! The channel whose titles the scripts of a site may read: one of the same publisher, signed for with the channel's key.

use ed25519_dalek::SigningKey;

use super::super::{
    Key,
    sealed::{fits, sign},
};
use crate::cbor::Value;

/// What is signed starts with this.
const WORD: &[u8] = b"kinora-site-channel/1\0";

/// A publisher's word that a site is theirs as well as a channel is. Whoever has no key of the channel cannot give it, so
/// that no site learns who follows the channels of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteChannel {
    /// The channel's root key.
    pub channel: Key,
    /// The online key of the channel that signed this.
    signer: Key,
    signature: [u8; 64],
}

impl SiteChannel {
    /// The word for one site, given with an online key of the channel.
    #[must_use]
    pub fn sign(channel: Key, online: &SigningKey, site: &Key) -> Self {
        let signer = Key(online.verifying_key().to_bytes());
        Self { channel, signer, signature: sign(online, WORD, &said(&channel, site)) }
    }

    /// Whether it was given for this site by one of the keys that sign for the channel now.
    #[must_use]
    pub fn holds(&self, site: &Key, online: &[Key]) -> bool {
        let message = [WORD, &said(&self.channel, site)].concat();
        online.contains(&self.signer) && fits(&self.signer, &message, &self.signature)
    }

    pub(super) fn value(&self) -> Value<'_> {
        let parts = [&self.channel.0[..], &self.signer.0, &self.signature];
        Value::Array(parts.map(Value::Bytes).to_vec())
    }

    pub(super) fn read(value: Value<'_>) -> Result<Self, &'static str> {
        let [channel, signer, signature] = value.tuple()?;
        Ok(Self {
            channel: Key(channel.array_of()?),
            signer: Key(signer.array_of()?),
            signature: signature.array_of()?,
        })
    }
}

fn said(channel: &Key, site: &Key) -> [u8; 64] {
    let mut both = [0; 64];
    both[..32].copy_from_slice(&channel.0);
    both[32..].copy_from_slice(&site.0);
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_the_channel_says_so_and_for_one_site() {
        let (online, other) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let public = |key: &SigningKey| Key(key.verifying_key().to_bytes());
        let (channel, site) = (Key([1; 32]), Key([2; 32]));
        let word = SiteChannel::sign(channel, &online, &site);
        assert!(word.holds(&site, &[public(&other), public(&online)]));
        assert!(!word.holds(&Key([3; 32]), &[public(&online)]), "another site");
        assert!(!word.holds(&site, &[public(&other)]), "a key that signs for the channel no more");
        let moved = SiteChannel { channel: Key([4; 32]), ..word.clone() };
        assert!(!moved.holds(&site, &[public(&online)]), "another channel");
        let borrowed = SiteChannel { signer: public(&other), ..word };
        assert!(!borrowed.holds(&site, &[public(&other)]), "another key's signature");
    }
}
