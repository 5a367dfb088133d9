//! The one secret of a publisher: all keys of a channel follow from it, and 24 words on paper bring it back.

use bip39::{Language, Mnemonic};
use dht::SigningKey;
use torrent::hash::sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// 32 bytes from the operating system. Whoever has them owns the channel.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

/// Words that are no seed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these are not the 24 words of a channel: {0}; check the spelling and the order")]
pub struct BadWords(String);

impl Seed {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 24 words (BIP 39, English).
    ///
    /// # Errors
    /// Never: 32 bytes always have words.
    pub fn words(&self) -> Result<String, BadWords> {
        let words = Mnemonic::from_entropy_in(Language::English, &self.0);
        words.map(|words| words.to_string()).map_err(|why| BadWords(why.to_string()))
    }

    /// Reads the 24 words.
    ///
    /// # Errors
    /// A word is unknown, or they do not belong together.
    pub fn from_words(words: &str) -> Result<Self, BadWords> {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let words = Mnemonic::parse_in_normalized(Language::English, &words);
        let mut entropy = words.map_err(|why| BadWords(why.to_string()))?.to_entropy();
        let bytes = entropy.as_slice().try_into();
        entropy.zeroize();
        bytes.map(Self).map_err(|_| BadWords("there must be 24 of them".to_owned()))
    }

    /// The root key of a generation: 0 is the first, each next one is what the last one promised. One of them, stolen,
    /// tells nothing about the others.
    #[must_use]
    pub fn root(&self, generation: u32) -> SigningKey {
        self.derive(b"kinora-root/1\0", generation)
    }

    /// An online key; a new one replaces a stolen one.
    #[must_use]
    pub fn online(&self, generation: u32) -> SigningKey {
        self.derive(b"kinora-online/1\0", generation)
    }

    fn derive(&self, word: &[u8], generation: u32) -> SigningKey {
        let mut material = [word, &self.0, &generation.to_be_bytes()].concat();
        let key = SigningKey::from_bytes(&sha256(&material).0);
        material.zeroize();
        key
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_bring_the_seed_back_and_one_wrong_word_is_noticed() {
        let seed = Seed::from_bytes([7; 32]);
        let words = seed.words().unwrap();
        assert_eq!(words.split(' ').count(), 24);
        assert_eq!(Seed::from_words(&format!("  {} ", words.to_uppercase())), Ok(seed));
        assert!(
            Seed::from_words(&words.replacen("alcohol", "zoo", 1)).is_err()
                || !words.contains("alcohol")
        );
        let (first, rest) = words.split_once(' ').unwrap();
        assert!(Seed::from_words(&format!("{rest} {first}")).is_err());
        assert!(Seed::from_words("abandon ability").is_err());
    }

    #[test]
    fn every_generation_has_keys_of_its_own() {
        let seed = Seed::from_bytes([7; 32]);
        let keys = [seed.root(0), seed.root(1), seed.online(0), seed.online(1)];
        let keys = keys.map(|key| key.verifying_key().to_bytes());
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[at + 1..].contains(key));
        }
    }
}
