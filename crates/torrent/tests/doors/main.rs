//! Strangers' bytes at every door: the corpus, and thousands of inputs bent from it.

mod doors;

use std::{fs, panic, path::Path};

use doors::DOORS;

/// Changes every bent input; printed when one fails.
const SEED: u64 = 20_261_121;

/// How many bent inputs each door gets.
const BENT: usize = 20_000;

/// What inputs are made of at some door or other.
const PARTS: [&[u8]; 20] = [
    b"d",
    b"l",
    b"e",
    b"i1e",
    b"i-1e",
    b"0:",
    b"4:info",
    b"6:length",
    b"\xff\xff\xff\xff",
    b"\0\0\0\x01",
    b"\0\0\x40\x09\x07",
    b"magnet:?",
    b"&xt=urn:btih:",
    b"%2f",
    b"../",
    b"\n",
    b"CON",
    b"\xe2\x80\xae",
    b"9223372036854775808",
    b"\0",
];

/// A small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("it is below a usize")
    }
}

fn bend(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            3 if !bytes.is_empty() => {
                let end = at + random.below(bytes.len() - at);
                let twin = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, twin));
            }
            _ => drop(bytes.splice(at..at, PARTS[random.below(PARTS.len())].iter().copied())),
        }
    }
    bytes
}

/// The files of a door's corpus, in the order of their names.
fn corpus(door: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(door);
    let entries = fs::read_dir(&folder).expect("every door has a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
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
