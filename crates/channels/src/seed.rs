//! The one secret of a publisher: all keys of a channel follow from it, and 24 words on paper bring it back.

use bip39::{Language, Mnemonic};
use dht::SigningKey;
use torrent::hash::sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// 32 bytes from the operating system. Whoever has them owns the channel.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

/// Words that are no seed. None of them is repeated here: a message may end in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWords {
    /// Some are missing, or there are too many.
    #[error("these are {0} words, and a channel has 24")]
    Count(usize),
    /// One is not on the list.
    #[error("word number {0} is not on the list of words; check its spelling")]
    Unknown(usize),
    /// Each is on the list, but their check sum says that they are not what was written down.
    #[error("each word exists, but they do not belong together; check them and their order")]
    Mixed,
}

/// How many words a seed has.
const WORDS: usize = 24;

/// The 2048 words that those of a seed are taken from (BIP 39, English), in the order of the alphabet.
#[must_use]
pub fn word_list() -> &'static [&'static str; 2048] {
    Language::English.word_list()
}

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
        words.map(|words| words.to_string()).map_err(bad_words)
    }

    /// Reads the 24 words.
    ///
    /// # Errors
    /// A word is unknown, or they do not belong together.
    pub fn from_words(words: &str) -> Result<Self, BadWords> {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let words = Mnemonic::parse_in_normalized(Language::English, &words);
        let words = words.map_err(bad_words)?;
        let mut entropy = words.to_entropy();
        let bytes = entropy.as_slice().try_into();
        entropy.zeroize();
        bytes.map(Self).map_err(|_| BadWords::Count(words.word_count()))
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

fn bad_words(why: bip39::Error) -> BadWords {
    match why {
        bip39::Error::BadWordCount(count) => BadWords::Count(count),
        bip39::Error::BadEntropyBitCount(bits) => BadWords::Count(bits * WORDS / 256),
        bip39::Error::UnknownWord(place) => BadWords::Unknown(place + 1),
        bip39::Error::InvalidChecksum | bip39::Error::AmbiguousLanguages(_) => BadWords::Mixed,
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
        assert_eq!(Seed::from_words("abandon ability"), Err(BadWords::Count(2)));
        let swapped = words.replacen(&format!("{first} "), "", 1) + " " + first;
        assert_eq!(Seed::from_words(&swapped), Err(BadWords::Mixed));
        let misspelt = words.replacen(rest.split(' ').next().unwrap(), "aband0n", 1);
        assert_eq!(Seed::from_words(&misspelt), Err(BadWords::Unknown(2)));
        let twelve = format!("{}about", "abandon ".repeat(11));
        assert_eq!(Seed::from_words(&twelve), Err(BadWords::Count(12)));
    }

    #[test]
    fn the_words_of_a_seed_are_on_the_list() {
        let words = Seed::from_bytes([7; 32]).words().unwrap();
        assert!(words.split(' ').all(|word| word_list().binary_search(&word).is_ok()));
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
