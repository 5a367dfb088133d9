//! One function for each door through which strangers' bytes come, with what must hold whatever they are.
//! The tests replay the corpus through them, and `fuzz/` feeds them what libFuzzer makes up.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use dht::{Config, Dht, Family, Id, Input, Limits, News, Node, Output, Time, rewritten};
use torrent::bencode::{Document, Encoder, Limits as TextLimits, Mode, Value};

/// The name of a door and what stands behind it.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// Every door, but for the one that takes lists of inputs.
pub(crate) const DOORS: [Door; 2] = [("krpc", krpc), ("dht_snapshot", dht_snapshot)];

/// Room for the words that we write in every message and others may leave out.
const EXTRA: usize = 100;
/// A longer datagram is nobody's message.
const DATAGRAM_MAX: usize = 1472;
/// Nodes of one family that a snapshot brings at most.
const REMEMBERED_MAX: usize = 400;

/// A message: what we write to say the same is canonical and says the same.
pub(crate) fn krpc(bytes: &[u8]) {
    let Some(written) = rewritten(bytes) else { return };
    assert!(bytes.len() <= DATAGRAM_MAX && written.len() <= bytes.len() + EXTRA);
    // What was barely short enough is read no more when it has grown.
    if bytes.len() + EXTRA <= 1_200 {
        assert_eq!(rewritten(&written).as_ref(), Some(&written), "{}", written.escape_ascii());
    }
}

/// A table of an earlier run: nobody is asked whom it does not name, and too many are not asked; whoever has
/// not answered is told to nobody; what is kept of it can be read again.
pub(crate) fn dht_snapshot(bytes: &[u8]) {
    let mut now = Time(1_000_000);
    let mut dht = node(bytes);
    let named = nodes_in(bytes);
    let mut asked = BTreeMap::new();
    for answers in [false, true] {
        let until = now + Duration::from_secs(30);
        while let Some(at) = dht.deadline().filter(|at| *at <= until) {
            now = now.max(at);
            dht.handle_input(now, Input::DeadlinePassed);
            for (to, question) in sent(&mut dht) {
                let id = *named.get(&to).expect("only who is named is asked");
                *asked.entry(Family::of(to.ip())).or_insert(0) += 1;
                if answers && let Some(answer) = answer(&question, id) {
                    dht.handle_input(now, Input::Datagram(to, &answer));
                }
            }
        }
        now = until;
        let known = Family::ALL.map(|family| dht.nodes(family));
        assert!(known.iter().all(|known| *known <= if answers { REMEMBERED_MAX } else { 0 }));
    }
    // Each is asked two or three times at most.
    assert!(asked.values().all(|asked| *asked <= 3 * REMEMBERED_MAX), "{asked:?}");
    let kept = dht.snapshot();
    for (addr, id) in nodes_in(&kept) {
        assert_eq!(named.get(&addr), Some(&id));
    }
    let again = outputs(&mut node(&kept));
    assert!(!again.contains(&Output::Tell(News::BadSnapshot)));
}

fn node(snapshot: &[u8]) -> Dht {
    Dht::new(Config {
        seed: [9; 32],
        node_id: None,
        read_only: false,
        v4: true,
        v6: true,
        local_addresses: false,
        snapshot: Some(snapshot.to_vec()),
        limits: Limits::USUAL,
    })
}

/// The nodes that a snapshot names, by address; the first of two at one address.
fn nodes_in(snapshot: &[u8]) -> BTreeMap<SocketAddr, Id> {
    let limits = TextLimits { bytes: 64 * 1024, depth: 3, tokens: 32 };
    let Ok(document) = Document::parse(snapshot, Mode::Strict, &limits) else {
        return BTreeMap::new();
    };
    let nodes = |key: &str, len: usize| -> Vec<Node> {
        let list = document.root().get(key.as_bytes()).and_then(|list| list.as_bytes());
        list.unwrap_or_default().chunks_exact(len).filter_map(compact).collect()
    };
    let all = [nodes("nodes4", 26), nodes("nodes6", 38)].concat();
    all.into_iter().rev().map(|node| (node.addr, node.id)).collect()
}

fn compact(bytes: &[u8]) -> Option<Node> {
    let (id, addr) = bytes.split_first_chunk::<20>()?;
    let (ip, port) = addr.split_last_chunk::<2>()?;
    let ip: IpAddr = match ip.len() {
        4 => <[u8; 4]>::try_from(ip).ok()?.into(),
        _ => <[u8; 16]>::try_from(ip).ok()?.into(),
    };
    Some(Node { id: Id(*id), addr: (ip, u16::from_be_bytes(*port)).into() })
}

fn outputs(dht: &mut Dht) -> Vec<Output> {
    std::iter::from_fn(|| dht.poll_output()).collect()
}

fn sent(dht: &mut Dht) -> Vec<(SocketAddr, Vec<u8>)> {
    let sent = outputs(dht).into_iter().filter_map(|output| match output {
        Output::Send(to, bytes) => Some((to, bytes)),
        _ => None,
    });
    sent.collect()
}

/// What a node that knows nobody answers.
fn answer(question: &[u8], id: Id) -> Option<Vec<u8>> {
    let document = Document::parse(question, Mode::Strict, &TextLimits::MESSAGE).ok()?;
    let text = |key: &[u8]| document.root().get(key).and_then(|text: Value<'_>| text.as_bytes());
    let mut out = Encoder::new();
    out.begin_dict().key("r").begin_dict().key("id").bytes(id.0).end();
    out.key("t").bytes(text(b"t")?).key("y").bytes("r").end();
    Some(out.finish())
}
