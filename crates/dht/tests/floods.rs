//! Floods of items from many addresses that are really theirs: what a node keeps for others stays, and whoever else asks
//! is answered.

#![expect(clippy::print_stdout, reason = "the figures of a run")]

use std::{net::SocketAddr, time::Duration};

use dht::{
    Config, Dht, Id, Input, Item, Limits, MutableItem, Output, SigningKey, Time, Value,
    mutable_target,
};
use torrent::bencode::{Document, Encoder, Limits as TextLimits, Mode};

const START: Time = Time(1_000_000_000);
const SALT: &[u8] = b"salt";
/// Households that put the channel's item.
const KEEPERS: u32 = 8;
/// Addresses of the flood, each of another network, and what all of them put in a second together: each stays just
/// below what would have it blocked.
const FLOODERS: u32 = 200;
const PUTS_PER_SECOND: u32 = 1_000;
const SECONDS: u32 = 30;
/// New askers in a second of it.
const ASKERS_PER_SECOND: u32 = 5;

/// A node, and what it answers.
struct Stage {
    dht: Dht,
    now: Time,
    said: usize,
}

impl Stage {
    fn new() -> Self {
        let mut dht = Dht::new(Config {
            seed: [9; 32],
            node_id: Some(Id([0x55; 20])),
            read_only: false,
            v4: true,
            v6: false,
            local_addresses: false,
            snapshot: None,
            limits: Limits::USUAL,
        });
        dht.handle_input(START, Input::DeadlinePassed);
        Self { dht, now: START, said: 0 }
    }

    /// The answer to a question, if there is one.
    fn ask(&mut self, from: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
        self.dht.handle_input(self.now, Input::Datagram(from, question));
        let mut answer = None;
        while let Some(output) = self.dht.poll_output() {
            if let Output::Send(to, bytes) = output
                && text_at(&bytes, &[b"t"]).as_deref() == Some(TRANSACTION)
            {
                assert_eq!(to, from);
                self.said += bytes.len();
                answer = Some(bytes);
            }
        }
        answer
    }

    fn token(&mut self, from: SocketAddr) -> Option<Vec<u8>> {
        text_at(&self.ask(from, &get(Id([7; 20])))?, &[b"r", b"token"])
    }
}

/// No question of the node's own has this name.
const TRANSACTION: &[u8] = b"stranger";

fn query(method: &str, arguments: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict().key("a").begin_dict().key("id").bytes([0x11; 20]);
    arguments(&mut out);
    out.end().key("q").bytes(method).key("t").bytes(TRANSACTION).key("y").bytes("q").end();
    out.finish()
}

fn get(target: Id) -> Vec<u8> {
    query("get", |out| {
        out.key("target").bytes(target.0);
    })
}

fn put(item: &MutableItem, token: &[u8]) -> Vec<u8> {
    query("put", |out| {
        out.key("k").bytes(item.key()).key("salt").bytes(SALT).key("seq").int(item.seq());
        out.key("sig").bytes(item.signature()).key("token").bytes(token);
        out.key("v").raw(item.value().raw());
    })
}

fn put_text(item: &Item, token: &[u8]) -> Vec<u8> {
    query("put", |out| {
        out.key("token").bytes(token).key("v").raw(item.value().raw());
    })
}

fn text_at(message: &[u8], path: &[&[u8]]) -> Option<Vec<u8>> {
    let document = Document::parse(message, Mode::Strict, &TextLimits::MESSAGE).ok()?;
    let found = path.iter().try_fold(document.root(), |value, key| value.get(key))?;
    found.as_bytes().map(<[u8]>::to_vec)
}

fn signed(seed: u8, seq: i64) -> MutableItem {
    let value = Value::bytes(b"where the newest version is").expect("it is short");
    let key = SigningKey::from_bytes(&[seed; 32]);
    MutableItem::sign(&key, SALT, seq, value).expect("its salt is short")
}

/// An address with a number, in a network of its own.
fn address(first: u8, number: u32) -> SocketAddr {
    let [_, _, high, low] = number.to_be_bytes();
    ([first, high, low, 1], 6881).into()
}

/// Every fourth item of the flood is signed, every second of these with a signature that does not fit: each has the
/// node verify one.
fn flood(number: u32, item: &MutableItem, token: &[u8]) -> Vec<u8> {
    let value = Value::bytes(format!("flood {number}").as_bytes()).expect("it is short");
    match number % 8 {
        0 => put(item, token),
        4 => {
            let mut forged = put(item, token);
            let at = forged.windows(5).position(|bytes| bytes == b"3:sig").expect("it is signed");
            forged[at + 10] ^= 1;
            forged
        }
        _ => put_text(&Item::Immutable(value), token),
    }
}

#[test]
fn a_flood_of_puts_takes_no_item_that_many_keep_and_no_answer_from_anybody_else() {
    let mut stage = Stage::new();
    let ours = signed(1, 5);
    let target = mutable_target(ours.key(), SALT);
    for keeper in 0..KEEPERS {
        let from = address(8, keeper);
        let token = stage.token(from).expect("a token");
        stage.ask(from, &put(&ours, &token)).expect("it is taken");
        stage.now = stage.now + Duration::from_secs(1);
    }
    let flooders: Vec<_> = (0..FLOODERS)
        .map(|number| {
            stage.now = stage.now + Duration::from_millis(100);
            let from = address(9, number);
            (from, stage.token(from).expect("a token"))
        })
        .collect();
    let theirs: Vec<_> = (2..34).map(|seed| signed(seed, 1)).collect();
    stage.now = stage.now + Duration::from_secs(20);
    stage.said = 0;
    let (mut asked, mut answered, mut taken) = (0, 0, 0);
    let every = PUTS_PER_SECOND / ASKERS_PER_SECOND;
    for number in 0..PUTS_PER_SECOND * SECONDS {
        let (from, token) = &flooders[(number % FLOODERS) as usize];
        stage.ask(*from, &flood(number, &theirs[(number / 4 % 32) as usize], token));
        stage.now = stage.now + Duration::from_secs(1) / PUTS_PER_SECOND;
        // Before it is known who asks much, everybody is answered alike.
        if number >= PUTS_PER_SECOND && number % every == every / 2 {
            let from = address(11, number / every);
            asked += 1;
            let answer = stage.ask(from, &get(target));
            let token = answer.as_ref().and_then(|answer| text_at(answer, &[b"r", b"token"]));
            let key = answer.and_then(|answer| text_at(&answer, &[b"r", b"k"]));
            answered += u32::from(key.as_deref() == Some(&ours.key()[..]));
            let put = token.and_then(|token| stage.ask(from, &put(&ours, &token)));
            taken += u32::from(put.is_some_and(|told| told.ends_with(b"1:y1:re")));
        }
    }
    println!(
        "{asked} asked, {answered} were answered, of {taken} the item was taken; {} bytes",
        stage.said
    );
    assert_eq!((answered, taken), (asked, asked));
    let limits = Limits::USUAL.answer_bytes_per_second as usize;
    assert!(stage.said <= limits * (SECONDS as usize + 2), "{} bytes", stage.said);
}
