//! A seed under a passphrase: Argon2id makes a key of the passphrase, XChaCha20-Poly1305 locks with it.
//!
//! The file: `KINSEED1`, 16 bytes of salt, 24 bytes of nonce, 48 bytes of locked seed. A seed that is not locked stands
//! as `KINSEED0` and its 32 bytes.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroize as _;

use crate::seed::Seed;

const LOCKED: &[u8; 8] = b"KINSEED1";
const OPEN: &[u8; 8] = b"KINSEED0";
const SALT: usize = 16;
const NONCE: usize = 24;
const HEAD: usize = 8 + SALT + NONCE;
/// The second recommended choice of RFC 9106: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// The bytes of a seed's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked(Vec<u8>);

/// Why a seed cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// It is locked, and no passphrase was given.
    #[error("the key is locked; give its passphrase")]
    PassphraseNeeded,
    /// The passphrase is another one, or the file is damaged.
    #[error("this is not the passphrase of the key, or its file is damaged")]
    WrongPassphrase,
    /// The file is none of ours.
    #[error("the key's file is damaged; bring the key back with its 24 words")]
    Damaged,
    /// The system gives no random numbers or not enough memory.
    #[error("the key cannot be locked on this machine: {0}")]
    Unable(String),
}

impl Locked {
    /// Locks a seed, or leaves it open if there is no passphrase.
    ///
    /// # Errors
    /// The machine cannot.
    pub fn new(seed: &Seed, passphrase: Option<&str>) -> Result<Self, LockError> {
        let Some(passphrase) = passphrase else {
            return Ok(Self([OPEN, &seed.bytes()[..]].concat()));
        };
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(LOCKED);
        getrandom::fill(&mut head[8..]).map_err(|why| LockError::Unable(why.to_string()))?;
        let payload = Payload { msg: seed.bytes(), aad: &head };
        let locked = cipher(passphrase, &head)?.encrypt(nonce(&head).into(), payload);
        let locked = locked.map_err(|why| LockError::Unable(why.to_string()))?;
        Ok(Self([&head[..], &locked].concat()))
    }

    /// The seed.
    ///
    /// # Errors
    /// It needs a passphrase, or another one.
    pub fn open(&self, passphrase: Option<&str>) -> Result<Seed, LockError> {
        if let Some(seed) = self.0.strip_prefix(OPEN) {
            return seed.try_into().map(Seed::from_bytes).map_err(|_| LockError::Damaged);
        }
        let head: &[u8; HEAD] = self.0.first_chunk().ok_or(LockError::Damaged)?;
        if !head.starts_with(LOCKED) {
            return Err(LockError::Damaged);
        }
        let passphrase = passphrase.ok_or(LockError::PassphraseNeeded)?;
        let payload = Payload { msg: &self.0[HEAD..], aad: head };
        let opened = cipher(passphrase, head)?.decrypt(nonce(head).into(), payload);
        let mut opened = opened.map_err(|_| LockError::WrongPassphrase)?;
        let seed = opened.as_slice().try_into().map(Seed::from_bytes);
        opened.zeroize();
        seed.map_err(|_| LockError::Damaged)
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        !self.0.starts_with(OPEN)
    }

    /// As it lies on disk.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What lay on disk.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

fn nonce(head: &[u8; HEAD]) -> &[u8; NONCE] {
    // The head ends with it.
    head.last_chunk().unwrap_or(&[0; NONCE])
}

fn cipher(passphrase: &str, head: &[u8; HEAD]) -> Result<XChaCha20Poly1305, LockError> {
    let unable = |why: argon2::Error| LockError::Unable(why.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(unable)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &head[8..8 + SALT], &mut key)
        .map_err(unable)?;
    let cipher = XChaCha20Poly1305::new(&key.into());
    key.zeroize();
    Ok(cipher)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_seed_opens_with_its_passphrase_alone() {
        let seed = Seed::from_bytes([5; 32]);
        let locked = Locked::new(&seed, Some("correct horse")).unwrap();
        assert!(locked.is_locked());
        assert_eq!(locked.open(Some("correct horse")), Ok(seed));
        assert_eq!(locked.open(Some("battery staple")), Err(LockError::WrongPassphrase));
        assert_eq!(locked.open(None), Err(LockError::PassphraseNeeded));
        let mut changed = locked.bytes().to_vec();
        changed[10] ^= 1;
        let changed = Locked::from_bytes(changed);
        assert_eq!(changed.open(Some("correct horse")), Err(LockError::WrongPassphrase));
    }

    #[test]
    fn an_open_seed_needs_none_and_other_files_are_damaged_ones() {
        let seed = Seed::from_bytes([5; 32]);
        let open = Locked::new(&seed, None).unwrap();
        assert!(!open.is_locked());
        assert_eq!(open.open(None), Ok(seed));
        assert_eq!(Locked::from_bytes(vec![1; 100]).open(Some("x")), Err(LockError::Damaged));
        assert_eq!(Locked::from_bytes(OPEN.to_vec()).open(None), Err(LockError::Damaged));
    }
}
