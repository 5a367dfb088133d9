//! Strangers' media at every door: the corpus, and inputs bent from it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod doors;

use std::{fs, panic, path::Path};

use doors::DOORS;

/// Changes every bent input; printed when one fails.
const SEED: u64 = 20_261_121;

/// How many bent inputs each door gets.
const BENT: usize = 1_000;

/// A small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).unwrap()
    }
}

fn bend(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes.truncate(at.max(16)),
            1 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            2 if !bytes.is_empty() => bytes[at] = [0, 0x7F, 0x80, 0xFF][random.below(4)],
            _ => drop(bytes.splice(at..at, [0xFF; 4])),
        }
    }
    bytes
}

/// The files of a door's corpus, in the order of their names.
fn corpus(door: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(door);
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_input_of_the_corpus_is_survived() {
    for (name, door) in DOORS {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        inputs.iter().for_each(|input| door(input));
    }
}

#[test]
fn bent_inputs_are_survived() {
    let mut random = Random(SEED);
    for (name, door) in DOORS {
        let inputs = corpus(name);
        for _ in 0..BENT {
            let input = bend(&inputs[random.below(inputs.len())], &mut random);
            let survived = panic::catch_unwind(|| door(&input));
            assert!(survived.is_ok(), "seed {SEED}, {name}: {}", input.escape_ascii());
        }
    }
}
