//! How long a pick takes: 100,000 pieces, 1,000 peers, as in the middle of a download.

use criterion::{Criterion, criterion_group, criterion_main};
use engine::{
    bits::Bits,
    picker::{Holdings, Rarity},
};

const PIECES: u32 = 100_000;
const PEERS: u32 = 1_000;

/// SplitMix64: the same swarm every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(end)) as u32
    }
}

/// Peers that have between none and all, and a downloader that has half.
fn swarm() -> (Rarity, Vec<Holdings>) {
    let mut random = Random(1);
    let mut rarity = Rarity::new(PIECES);
    let peers: Vec<Holdings> = (0..PEERS)
        .map(|_| {
            let share = random.below(100);
            let mut bits = Bits::new(PIECES);
            (0..PIECES).filter(|_| random.below(100) < share).for_each(|piece| {
                bits.insert(piece);
            });
            Holdings::Some(bits)
        })
        .collect();
    peers.iter().for_each(|peer| rarity.join(peer));
    (0..PIECES).filter(|_| random.below(2) == 0).for_each(|piece| {
        rarity.lack(piece);
        rarity.offer(piece);
    });
    (rarity, peers)
}

fn pick(c: &mut Criterion) {
    let (mut rarity, peers) = swarm();
    let mut random = Random(2);
    c.bench_function("pick the rarest piece", |b| {
        b.iter(|| {
            let peer = &peers[random.below(PEERS) as usize];
            rarity.pick(peer, 0..PIECES, random.below(PIECES))
        });
    });
    c.bench_function("pick within a window", |b| {
        b.iter(|| {
            let peer = &peers[random.below(PEERS) as usize];
            let from = random.below(PIECES - 200);
            rarity.pick(peer, from..from + 200, from)
        });
    });
    c.bench_function("ask whether a peer is scarce", |b| {
        b.iter(|| rarity.is_scarce(&peers[random.below(PEERS) as usize]));
    });
    c.bench_function("take in a have message", |b| {
        b.iter(|| rarity.gained(random.below(PIECES)));
    });
}

criterion_group!(benches, pick);
criterion_main!(benches);
