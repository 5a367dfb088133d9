//! Paths that carry their own permission, for players and image tags that can send no header.
//!
//! A signed word is `base64url(scope ‖ expiry ‖ subject ‖ mac)`: the scope is one byte, the expiry eight
//! bytes of Unix seconds, the mac the first 16 bytes of a keyed BLAKE3 hash over all before it. The key is
//! made at start and never leaves the process, so a restart ends every path given out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

const MAC_LEN: usize = 16;
const HEAD_LEN: usize = 1 + 8;
/// A word longer than this is not one of ours.
const WORD_LEN_MAX: usize = 512;

/// What a signed path opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The bytes of one media file.
    Stream,
    /// One picture in one size.
    Image,
    /// One subtitle as WebVTT.
    Subtitle,
}

impl Scope {
    fn byte(self) -> u8 {
        match self {
            Self::Stream => b's',
            Self::Image => b'i',
            Self::Subtitle => b't',
        }
    }
}

/// Why a signed path does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not made by this process, made for something else, or changed on the way.
    #[error("this address was not given out by this Kinora")]
    Forged,
    /// It was right and its time is over.
    #[error("this address has expired")]
    Expired,
}

/// Signs and checks paths.
pub struct Signer {
    key: [u8; 32],
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// A signer with a key of its own.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key })
    }

    /// A word that opens `subject` for at least `lifetime` and at most twice that. Expiries are rounded up
    /// to multiples of `lifetime`, so that the same subject keeps the same address for a browser's cache.
    #[must_use]
    pub fn sign(&self, scope: Scope, subject: &str, now: SystemTime, lifetime: Duration) -> String {
        let step = lifetime.as_secs().max(1);
        let expiry = (unix(now) / step + 2) * step;
        let mut word = Vec::with_capacity(HEAD_LEN + subject.len() + MAC_LEN);
        word.push(scope.byte());
        word.extend_from_slice(&expiry.to_be_bytes());
        word.extend_from_slice(subject.as_bytes());
        word.extend_from_slice(&self.mac(&word));
        BASE64_URL_SAFE_NO_PAD.encode(word)
    }

    /// The subject of a signed word.
    ///
    /// # Errors
    /// [`BadSignature`] when the word is not ours, is for another scope, or has expired.
    pub fn open(&self, scope: Scope, word: &str, now: SystemTime) -> Result<String, BadSignature> {
        let bytes = Some(word)
            .filter(|word| word.len() <= WORD_LEN_MAX)
            .and_then(|word| BASE64_URL_SAFE_NO_PAD.decode(word).ok())
            .filter(|bytes| bytes.len() >= HEAD_LEN + MAC_LEN)
            .ok_or(BadSignature::Forged)?;
        let (signed, mac) = bytes.split_at(bytes.len() - MAC_LEN);
        let right: bool = self.mac(signed).as_slice().ct_eq(mac).into();
        if !right || signed[0] != scope.byte() {
            return Err(BadSignature::Forged);
        }
        let (head, subject) = signed.split_at(HEAD_LEN);
        let expiry = head[1..].iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        if unix(now) >= expiry {
            return Err(BadSignature::Expired);
        }
        String::from_utf8(subject.to_vec()).map_err(|_| BadSignature::Forged)
    }

    fn mac(&self, signed: &[u8]) -> [u8; MAC_LEN] {
        let mut mac = [0; MAC_LEN];
        mac.copy_from_slice(&blake3::keyed_hash(&self.key, signed).as_bytes()[..MAC_LEN]);
        mac
    }
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_signed_word_opens_its_subject_until_it_expires() {
        let (signer, now) = (Signer::random().unwrap(), SystemTime::now());
        let word = signer.sign(Scope::Stream, "abc:0", now, HOUR);
        assert_eq!(signer.open(Scope::Stream, &word, now).unwrap(), "abc:0");
        assert_eq!(signer.open(Scope::Stream, &word, now + HOUR).unwrap(), "abc:0");
        assert_eq!(signer.open(Scope::Stream, &word, now + 2 * HOUR), Err(BadSignature::Expired));
    }

    #[test]
    fn a_word_for_one_scope_or_from_another_process_opens_nothing() {
        let (signer, now) = (Signer::random().unwrap(), SystemTime::now());
        let word = signer.sign(Scope::Image, "abc:0", now, HOUR);
        assert_eq!(signer.open(Scope::Stream, &word, now), Err(BadSignature::Forged));
        let other = Signer::random().unwrap();
        assert_eq!(other.open(Scope::Image, &word, now), Err(BadSignature::Forged));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (signer, now) = (Signer::random().unwrap(), SystemTime::now());
        let word = signer.sign(Scope::Subtitle, "abc:0:1", now, HOUR);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&word).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(signer.open(Scope::Subtitle, &changed, now), Err(BadSignature::Forged));
        }
        for nonsense in ["", "a", "!!!!", &"A".repeat(100_000)] {
            assert_eq!(signer.open(Scope::Subtitle, nonsense, now), Err(BadSignature::Forged));
        }
    }

    #[test]
    fn the_same_subject_keeps_its_address_within_one_lifetime() {
        let signer = Signer::random().unwrap();
        let noon = UNIX_EPOCH + 1_000_000 * HOUR;
        let first = signer.sign(Scope::Image, "x", noon, HOUR);
        assert_eq!(first, signer.sign(Scope::Image, "x", noon + HOUR / 2, HOUR));
    }
}
