//! Tokens: whoever announces or puts shows that the address is its own (BEP 5).

use std::{net::IpAddr, time::Duration};

use torrent::hash::sha256;

use crate::{Time, random::Random};

/// How long a secret is used; a token is good for one to two of these spans.
const ROTATION: Duration = Duration::from_secs(5 * 60);
/// Bytes of a token: guessing one takes longer than it is good for.
const LEN: usize = 8;

/// Gives and checks tokens without keeping any.
#[derive(Debug)]
pub(crate) struct Tokens {
    now: [u8; 32],
    before: [u8; 32],
    rotated: Time,
}

impl Tokens {
    pub(crate) fn new(random: &mut Random) -> Self {
        Self { now: random.bytes(), before: random.bytes(), rotated: Time(0) }
    }

    /// A token for an address.
    pub(crate) fn give(&mut self, ip: IpAddr, now: Time, random: &mut Random) -> [u8; LEN] {
        self.rotate(now, random);
        token(&self.now, ip)
    }

    /// Whether a token was given to this address lately.
    pub(crate) fn check(
        &mut self,
        ip: IpAddr,
        shown: &[u8],
        now: Time,
        random: &mut Random,
    ) -> bool {
        self.rotate(now, random);
        token(&self.now, ip) == shown || token(&self.before, ip) == shown
    }

    fn rotate(&mut self, now: Time, random: &mut Random) {
        let age = now.since(self.rotated);
        if age < ROTATION {
            return;
        }
        let fresh = random.bytes();
        self.before = if age < ROTATION * 2 { self.now } else { random.bytes() };
        self.now = fresh;
        self.rotated = now;
    }
}

fn token(secret: &[u8; 32], ip: IpAddr) -> [u8; LEN] {
    let octets = match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let hash = sha256(&[secret.as_slice(), &octets].concat()).0;
    std::array::from_fn(|at| hash[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_at_its_address_and_for_a_while() {
        let mut random = Random::new([3; 32]);
        let mut tokens = Tokens::new(&mut random);
        let (ip, other) = ([8, 8, 8, 8].into(), [8, 8, 8, 9].into());
        let start = Time(0) + ROTATION;
        let token = tokens.give(ip, start, &mut random);
        assert!(tokens.check(ip, &token, start, &mut random));
        assert!(!tokens.check(other, &token, start, &mut random));
        assert!(!tokens.check(ip, &[], start, &mut random));
        assert!(tokens.check(ip, &token, start + ROTATION, &mut random));
        assert!(!tokens.check(ip, &token, start + ROTATION * 2, &mut random));
    }

    #[test]
    fn a_token_that_slept_through_two_rotations_is_old() {
        let mut random = Random::new([3; 32]);
        let mut tokens = Tokens::new(&mut random);
        let ip = [8, 8, 8, 8].into();
        let token = tokens.give(ip, Time(0), &mut random);
        assert!(!tokens.check(ip, &token, Time(0) + ROTATION * 5, &mut random));
    }
}
