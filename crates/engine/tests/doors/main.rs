//! Any list of inputs: the corpus, and thousands of lists made up.

#![expect(clippy::print_stdout, reason = "which list failed")]

mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

#[test]
fn the_corpus_of_inputs_is_harmless() {
    inputs::corpus("engine_inputs").iter().for_each(|input| doors::engine_inputs(input));
}

/// SplitMix64: the same lists every time.
fn list(number: u64, len: usize) -> Vec<u8> {
    let mut state = number;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 16) as u8
    };
    // Eight strangers call and greet first: an engine that nobody talks to has little to get wrong.
    let kind = next();
    let calls = (0..8_u8).flat_map(|conn| [0, conn, conn, 1, conn, 1, conn + 65]);
    let calls: Vec<u8> = calls.collect();
    [vec![kind], calls, (0..len).map(|_| next()).collect()].concat()
}

#[test]
fn no_list_of_inputs_makes_an_engine_panic_or_tell_of_a_bug() {
    // LISTS=100000 passes as many.
    let lists = std::env::var("LISTS").ok().and_then(|lists| lists.parse().ok()).unwrap_or(600);
    for number in 0..lists {
        println!("list {number}");
        doors::engine_inputs(&list(number, 1_500));
    }
}
