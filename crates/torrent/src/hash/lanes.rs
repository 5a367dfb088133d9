//! Hashes of several messages side by side, a message in each 32-bit lane of the processor's vectors.
//!
//! One message is hashed step by step, each waiting for the one before it, and the processor's own instructions for SHA
//! wait with them. Several messages fill those waits. The steps are those of FIPS 180-4, 6.1.2 and 6.2.2, which compute with
//! words of 32 bits; a vector holds the same word of all messages.

use fearless_simd::{Level, Simd, dispatch, prelude::*};

use crate::{Sha1Hash, Sha256Hash};

/// Messages that are hashed side by side: the 32-bit lanes of a vector of AVX-512.
pub const LANES: usize = 16;
/// Bytes that one step of either function takes in.
const CHUNK: usize = 64;

/// Whether this processor has the SHA-1 of messages side by side sooner than one after the other.
#[must_use]
pub fn sha1_side_by_side_pays() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return Level::new().as_avx2().is_some();
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    return false;
}

/// The same of SHA-256, which has more to compute: vectors of eight words are no better than instructions made for it.
fn sha256_side_by_side_pays() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return Level::new().as_avx512().is_some()
        || Level::new().as_avx2().is_some() && !std::arch::is_x86_feature_detected!("sha");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    return false;
}

/// The SHA-1 of [`LANES`] messages of one length, fed side by side.
#[derive(Debug, Clone)]
pub struct Sha1Lanes(Lanes<5>);

impl Sha1Lanes {
    /// Nothing hashed yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "as `Sha1Hasher`, and large")]
    pub fn new() -> Self {
        Self(Lanes::new(SHA1_START))
    }

    /// Goes on with the next bytes of each message.
    ///
    /// # Panics
    /// Where they are not equally many, or no multiple of 64.
    pub fn update(&mut self, parts: &[&[u8]; LANES]) {
        self.0.update(parts, sha1_steps);
    }

    /// The hashes of everything given and these last bytes, as many of each message.
    ///
    /// # Panics
    /// Where they are not equally many.
    #[must_use]
    pub fn finish(self, rest: &[&[u8]; LANES]) -> [Sha1Hash; LANES] {
        let words = self.0.finish(rest, sha1_steps);
        std::array::from_fn(|lane| Sha1Hash(digest(&words, lane)))
    }
}

/// The SHA-256 of each message, in order: side by side where many are of one length and the processor gains by it.
#[must_use]
pub fn sha256_each<'a>(messages: impl Iterator<Item = &'a [u8]>) -> Vec<Sha256Hash> {
    let messages: Vec<&[u8]> = messages.collect();
    let pays = sha256_side_by_side_pays();
    let mut hashes = Vec::with_capacity(messages.len());
    for group in messages.chunks(LANES) {
        // Lanes that are left over have the first message once more.
        let lanes = std::array::from_fn(|lane| group[if lane < group.len() { lane } else { 0 }]);
        if pays && group.len() >= LANES / 2 && are_alike(&lanes) {
            hashes.extend(sha256_lanes(&lanes).into_iter().take(group.len()));
        } else {
            hashes.extend(group.iter().map(|message| super::sha256(message)));
        }
    }
    hashes
}

fn sha256_lanes(messages: &[&[u8]; LANES]) -> [Sha256Hash; LANES] {
    let words = Lanes::new(SHA256_START).finish(messages, sha256_steps);
    std::array::from_fn(|lane| Sha256Hash(digest(&words, lane)))
}

fn are_alike(parts: &[&[u8]; LANES]) -> bool {
    parts.iter().all(|part| part.len() == parts[0].len())
}

/// Takes whole chunks of each message into the state.
type Steps<const WORDS: usize> = fn(&mut [[u32; LANES]; WORDS], &[&[u8]; LANES]);

/// The state of either function: its words, each of all messages.
#[derive(Debug, Clone)]
struct Lanes<const WORDS: usize> {
    words: [[u32; LANES]; WORDS],
    /// Bytes taken in of each message.
    len: u64,
}

impl<const WORDS: usize> Lanes<WORDS> {
    fn new(start: [u32; WORDS]) -> Self {
        Self { words: start.map(|word| [word; LANES]), len: 0 }
    }

    fn update(&mut self, parts: &[&[u8]; LANES], steps: Steps<WORDS>) {
        assert!(are_alike(parts), "the parts are of one length");
        assert!(parts[0].len().is_multiple_of(CHUNK), "only the last part may break off anywhere");
        steps(&mut self.words, parts);
        self.len += parts[0].len() as u64;
    }

    /// Takes in the last bytes, and what FIPS 180-4, 5.1.1 puts after them: a one bit, zeros, and the length in bits.
    fn finish(mut self, rest: &[&[u8]; LANES], steps: Steps<WORDS>) -> [[u32; LANES]; WORDS] {
        let whole = rest[0].len() / CHUNK * CHUNK;
        assert!(are_alike(rest), "the parts are of one length");
        self.update(&rest.map(|part| &part[..whole]), steps);
        let over = rest[0].len() - whole;
        let bits = (self.len + over as u64) * 8;
        let padded = if over + 1 + 8 <= CHUNK { CHUNK } else { 2 * CHUNK };
        let ends = rest.map(|part| {
            let mut end = [0; 2 * CHUNK];
            end[..over].copy_from_slice(&part[whole..]);
            end[over] = 0x80;
            end[padded - 8..padded].copy_from_slice(&bits.to_be_bytes());
            end
        });
        self.update(&std::array::from_fn(|lane| &ends[lane][..padded]), steps);
        self.words
    }
}

/// One message's hash.
fn digest<const WORDS: usize, const BYTES: usize>(
    words: &[[u32; LANES]; WORDS],
    lane: usize,
) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (four, word) in bytes.chunks_exact_mut(4).zip(words) {
        four.copy_from_slice(&word[lane].to_be_bytes());
    }
    bytes
}

#[inline(always)]
fn rotated<S: Simd>(word: S::u32s, left: u32) -> S::u32s {
    (word << left) | (word >> (32 - left))
}

/// The sixteen words of one chunk of as many messages as a vector has lanes.
#[inline(always)]
fn chunk<S: Simd>(simd: S, messages: &[&[u8]], at: usize) -> [S::u32s; 16] {
    let lanes = S::u32s::LEN;
    let mut words = [S::u32s::splat(simd, 0); 16];
    for (part, square) in words.chunks_exact_mut(lanes).enumerate() {
        let begin = at + part * lanes * 4;
        for (row, message) in square.iter_mut().zip(messages) {
            let bytes = S::u8s::from_slice(simd, &message[begin..begin + lanes * 4]);
            *row = from_big_endian(simd, bytes.bitcast());
        }
        transpose(simd, square);
    }
    words
}

#[inline(always)]
fn from_big_endian<S: Simd>(simd: S, word: S::u32s) -> S::u32s {
    let (even, odd) = (S::u32s::splat(simd, 0x00ff_00ff), S::u32s::splat(simd, 0xff00_ff00));
    (rotated::<S>(word, 8) & even) | (rotated::<S>(word, 24) & odd)
}

/// Makes the columns of a square its rows: each round interleaves its upper with its lower half.
#[inline(always)]
fn transpose<S: Simd>(simd: S, square: &mut [S::u32s]) {
    let side = square.len();
    for _ in 0..side.ilog2() {
        let mut mixed = [S::u32s::splat(simd, 0); 16];
        for row in 0..side / 2 {
            (mixed[2 * row], mixed[2 * row + 1]) = square[row].interleave(square[row + side / 2]);
        }
        square.copy_from_slice(&mixed[..side]);
    }
}

/// Takes whole chunks of [`LANES`] messages into the state, as many messages at a time as a vector has lanes.
#[inline(always)]
fn steps<S: Simd, const WORDS: usize>(
    simd: S,
    words: &mut [[u32; LANES]; WORDS],
    parts: &[&[u8]; LANES],
    step: impl Fn(S, [S::u32s; WORDS], [S::u32s; 16]) -> [S::u32s; WORDS],
) {
    let lanes = S::u32s::LEN.min(LANES);
    for (group, parts) in parts.chunks_exact(lanes).enumerate() {
        let here = group * lanes..(group + 1) * lanes;
        let mut state: [S::u32s; WORDS] =
            std::array::from_fn(|word| S::u32s::from_slice(simd, &words[word][here.clone()]));
        for at in (0..parts[0].len()).step_by(CHUNK) {
            let after = step(simd, state, chunk(simd, parts, at));
            state = std::array::from_fn(|word| state[word] + after[word]);
        }
        for (word, lanes) in words.iter_mut().zip(state) {
            lanes.store_slice(&mut word[here.clone()]);
        }
    }
}

/// FIPS 180-4, 5.3.1.
const SHA1_START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

fn sha1_steps(words: &mut [[u32; LANES]; 5], parts: &[&[u8]; LANES]) {
    dispatch!(Level::new(), simd => steps(simd, words, parts, sha1_step));
}

/// FIPS 180-4, 6.1.2, steps 1 to 3.
#[inline(always)]
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn sha1_step<S: Simd>(simd: S, state: [S::u32s; 5], mut w: [S::u32s; 16]) -> [S::u32s; 5] {
    let [mut a, mut b, mut c, mut d, mut e] = state;
    // No closure: what is not made part of its caller is not compiled for the caller's vectors.
    macro_rules! rounds {
        ($range:expr, $k:literal, $f:expr) => {
            for t in $range {
                if t >= 16 {
                    let mixed = w[(t + 13) % 16] ^ w[(t + 8) % 16] ^ w[(t + 2) % 16] ^ w[t % 16];
                    w[t % 16] = rotated::<S>(mixed, 1);
                }
                let constant = w[t % 16] + S::u32s::splat(simd, $k);
                let next = rotated::<S>(a, 5) + $f + e + constant;
                (a, b, c, d, e) = (next, a, rotated::<S>(b, 30), c, d);
            }
        };
    }
    rounds!(0..20, 0x5a82_7999, (d ^ (b & (c ^ d))));
    rounds!(20..40, 0x6ed9_eba1, (b ^ c ^ d));
    rounds!(40..60, 0x8f1b_bcdc, ((b & c) | (d & (b | c))));
    rounds!(60..80, 0xca62_c1d6, (b ^ c ^ d));
    [a, b, c, d, e]
}

/// FIPS 180-4, 5.3.3.
const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// FIPS 180-4, 4.2.2.
#[rustfmt::skip]
const SHA256_K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

fn sha256_steps(words: &mut [[u32; LANES]; 8], parts: &[&[u8]; LANES]) {
    dispatch!(Level::new(), simd => steps(simd, words, parts, sha256_step));
}

/// FIPS 180-4, 6.2.2, steps 1 to 3.
#[inline(always)]
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn sha256_step<S: Simd>(simd: S, state: [S::u32s; 8], mut w: [S::u32s; 16]) -> [S::u32s; 8] {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
    for (t, k) in SHA256_K.into_iter().enumerate() {
        if t >= 16 {
            let (w1, w14) = (w[(t + 1) % 16], w[(t + 14) % 16]);
            let low = rotated::<S>(w1, 25) ^ rotated::<S>(w1, 14) ^ (w1 >> 3);
            let high = rotated::<S>(w14, 15) ^ rotated::<S>(w14, 13) ^ (w14 >> 10);
            w[t % 16] = w[t % 16] + low + w[(t + 9) % 16] + high;
        }
        let (choice, majority) = (g ^ (e & (f ^ g)), (a & b) | (c & (a | b)));
        let constant = S::u32s::splat(simd, k) + w[t % 16];
        let first = h
            + (rotated::<S>(e, 26) ^ rotated::<S>(e, 21) ^ rotated::<S>(e, 7))
            + choice
            + constant;
        let second = (rotated::<S>(a, 30) ^ rotated::<S>(a, 19) ^ rotated::<S>(a, 10)) + majority;
        (a, b, c, d, e, f, g, h) = (first + second, a, b, c, d + first, e, f, g);
    }
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::{sha1, sha256};

    /// Bytes of which no two messages have the same.
    fn message(lane: usize, len: usize) -> Vec<u8> {
        (0..len).map(|at| (at * 31 + at / 251 + lane * 7 + len) as u8).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn side_by_side_hashes_are_those_of_each_message(len in 0_usize..700, first in 0_usize..11) {
            let messages: [Vec<u8>; LANES] = std::array::from_fn(|lane| message(lane, len));
            let cut = (first * CHUNK).min(len / CHUNK * CHUNK);
            let mut lanes = Sha1Lanes::new();
            lanes.update(&std::array::from_fn(|lane| &messages[lane][..cut]));
            let hashes = lanes.finish(&std::array::from_fn(|lane| &messages[lane][cut..]));
            let all = std::array::from_fn(|lane| &messages[lane][..]);
            for (lane, of_256) in sha256_lanes(&all).into_iter().enumerate() {
                prop_assert_eq!(hashes[lane], sha1(&messages[lane]));
                prop_assert_eq!(of_256, sha256(&messages[lane]));
            }
        }

        #[test]
        fn each_of_many_messages_has_its_hash_whatever_their_lengths(
            lens in prop::collection::vec(prop_oneof![4 => Just(128_usize), 1 => 0_usize..200], 0..60),
        ) {
            let messages: Vec<_> =
                lens.iter().enumerate().map(|(lane, len)| message(lane, *len)).collect();
            let hashes = sha256_each(messages.iter().map(Vec::as_slice));
            let expected: Vec<_> = messages.iter().map(|message| sha256(message)).collect();
            prop_assert_eq!(hashes, expected);
        }
    }
}
