//! The bearer token that opens the API, and the lock after too many wrong ones.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

/// Different wrong tokens that one address may try in a [`WINDOW`].
const WRONG_MAX: usize = 20;
/// How long a wrong token is remembered.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses whose wrong tokens are remembered at one time.
const ADDRESSES_MAX: usize = 256;

/// 256 random bits that prove a request comes from someone who may read our data folder.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new token from the operating system's random source.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bits)))
    }

    /// A token that was kept on disk; `None` if it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bits = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bits.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The token as it stands in the launch address. Never log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a presented token is this one, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Counts wrong tokens per address. The same wrong token counts once: a page that was left open with an
/// old token is not a guesser.
#[derive(Debug, Default)]
pub struct Lock {
    wrong: Mutex<HashMap<IpAddr, Vec<(Instant, blake3::Hash)>>>,
}

impl Lock {
    /// How long an address must wait before any token of its is looked at; `None` if it need not.
    #[must_use]
    pub fn wait(&self, from: IpAddr, now: Instant) -> Option<Duration> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = wrong.get_mut(&from)?;
        tries.retain(|(at, _)| now.saturating_duration_since(*at) < WINDOW);
        let oldest = tries.first().filter(|_| tries.len() >= WRONG_MAX)?.0;
        Some(WINDOW.saturating_sub(now.saturating_duration_since(oldest)))
    }

    /// Takes note of a wrong token.
    pub fn wrong(&self, from: IpAddr, presented: &str, now: Instant) {
        let print = blake3::hash(presented.as_bytes());
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= ADDRESSES_MAX && !wrong.contains_key(&from) {
            wrong.clear();
        }
        let tries = wrong.entry(from).or_default();
        if tries.len() < WRONG_MAX && !tries.iter().any(|(_, seen)| *seen == print) {
            tries.push((now, print));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_token_survives_being_kept_and_is_not_shown_by_debug() {
        let token = Token::random().unwrap();
        assert!(Token::parse(token.reveal()).unwrap().matches(token.reveal()));
        assert!(!token.matches("") && !token.matches(&token.reveal()[1..]));
        assert!(Token::parse("short").is_none());
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn twenty_different_wrong_tokens_lock_an_address_for_a_minute() {
        let (lock, start) = (Lock::default(), Instant::now());
        for guess in 0..WRONG_MAX {
            assert_eq!(lock.wait(HERE, start), None);
            lock.wrong(HERE, &guess.to_string(), start);
        }
        assert_eq!(lock.wait(HERE, start), Some(WINDOW));
        assert_eq!(lock.wait(Ipv4Addr::new(127, 0, 0, 2).into(), start), None);
        assert_eq!(lock.wait(HERE, start + WINDOW), None);
    }

    #[test]
    fn one_stale_token_repeated_for_ever_locks_nobody_out() {
        let (lock, start) = (Lock::default(), Instant::now());
        for _ in 0..1000 {
            lock.wrong(HERE, "stale", start);
        }
        assert_eq!(lock.wait(HERE, start), None);
    }
}
