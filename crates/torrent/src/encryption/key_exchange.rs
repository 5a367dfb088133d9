//! Diffie–Hellman in the 768-bit group of RFC 2409 (6.1) with generator 2, in constant time.

use crypto_bigint::{U192, U768, modular::ConstMontyForm};

use super::PRIVATE_KEY_LEN;

/// Bytes of a public key and of the secret.
pub const KEY_LEN: usize = 96;

/// A public key or a secret: a number below the prime, its most significant byte first.
pub(super) type Key = [u8; KEY_LEN];

crypto_bigint::const_monty_params!(
    Prime,
    U768,
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
     020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
     4FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
    "The prime."
);

type Element = ConstMontyForm<Prime, { U768::LIMBS }>;

/// The public key that belongs to a private one.
pub(super) fn public_key(private: &[u8; PRIVATE_KEY_LEN]) -> Key {
    power(&U768::from_u8(2), private)
}

/// The secret shared with the owner of a public key; `None` if that key makes it one that everybody knows.
pub(super) fn secret(theirs: &Key, private: &[u8; PRIVATE_KEY_LEN]) -> Option<Key> {
    let theirs = U768::from_be_slice(theirs);
    let largest = Element::MODULUS.wrapping_sub(&U768::from_u8(2));
    let usable = theirs > U768::ONE && theirs <= largest;
    usable.then(|| power(&theirs, private))
}

fn power(base: &U768, private: &[u8; PRIVATE_KEY_LEN]) -> Key {
    let mut exponent = [0; 24];
    exponent[24 - PRIVATE_KEY_LEN..].copy_from_slice(private);
    let power = Element::new(base).pow(&U192::from_be_slice(&exponent)).retrieve();
    let mut key = [0; KEY_LEN];
    key.copy_from_slice(power.to_be_bytes().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_find_the_same_secret() {
        let (ours, theirs) = ([7; PRIVATE_KEY_LEN], [200; PRIVATE_KEY_LEN]);
        let shared = secret(&public_key(&theirs), &ours);
        assert_eq!(shared, secret(&public_key(&ours), &theirs));
        assert!(shared.is_some_and(|shared| shared != public_key(&ours)));
    }

    #[test]
    fn keys_that_everybody_can_reckon_with_are_refused() {
        let mut prime = Element::MODULUS.to_be_bytes();
        let mut largest = prime;
        largest.as_mut()[KEY_LEN - 1] -= 1;
        let mut one = [0; KEY_LEN];
        one[KEY_LEN - 1] = 1;
        let bytes = |number: &[u8]| Key::try_from(number).expect("it has the length of a key");
        for bad in
            [[0; KEY_LEN], one, bytes(largest.as_ref()), bytes(prime.as_mut()), [0xff; KEY_LEN]]
        {
            assert_eq!(secret(&bad, &[9; PRIVATE_KEY_LEN]), None);
        }
    }
}
