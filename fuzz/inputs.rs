//! What the tests of doors put before them: the inputs that are kept in corpus/, and thousands bent from these.

use std::{fs, panic, path::Path};

/// Where strangers' bytes come in, and its name.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// Changes every bent input; printed when one fails.
const SEED: u64 = 20_261_121;

/// A small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).expect("it is below a usize")
    }
}

/// Some changes: cut short, a bit turned, a byte gone, a stretch twice, a part put in or over what is there.
fn bend(bytes: &mut Vec<u8>, parts: &[&[u8]], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        let part = parts[random.below(parts.len())].iter().copied();
        match random.below(6) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            3 if !bytes.is_empty() => {
                let end = at + random.below(bytes.len() - at);
                let twin = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, twin));
            }
            4 => {
                let end = bytes.len().min(at + part.len());
                drop(bytes.splice(at..end, part));
            }
            _ => drop(bytes.splice(at..at, part)),
        }
    }
}

/// The files of a door's corpus, in the order of their names.
pub(crate) fn corpus(door: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(door);
    let entries = fs::read_dir(&folder).expect("every door has a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(!files.is_empty(), "{door} has no corpus");
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}

/// So many inputs for each door, bent from its corpus with parts that mean something there.
#[allow(dead_code, reason = "some doors have inputs made up in other ways")]
pub(crate) fn survive_bent(doors: &[Door], count: usize, parts: &[&[u8]]) {
    let mut random = Random(SEED);
    for (name, door) in doors {
        let inputs = corpus(name);
        for _ in 0..count {
            let mut input = inputs[random.below(inputs.len())].clone();
            bend(&mut input, parts, &mut random);
            let survived = panic::catch_unwind(|| door(&input));
            assert!(survived.is_ok(), "seed {SEED}, {name}: {}", input.escape_ascii());
        }
    }
}
