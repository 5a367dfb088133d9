//! What strangers send: nonsense, lies, floods, forged addresses. Nothing of it may cost more than it is worth.

use std::{net::SocketAddr, time::Duration};

use dht::{
    AnnouncedPort, Command, Config, Dht, DoneWhy, Family, Id, Input, Limits, LookupId, News,
    Output, Time,
};
use proptest::prelude::*;
use torrent::bencode::{Document, Encoder, Limits as TextLimits, Mode};

const START: Time = Time(1_000_000_000);

fn config() -> Config {
    Config {
        seed: [9; 32],
        node_id: Some(Id([0x55; 20])),
        read_only: false,
        v4: true,
        v6: true,
        local_addresses: false,
        snapshot: None,
        limits: Limits::USUAL,
    }
}

fn node() -> Dht {
    let mut dht = Dht::new(config());
    dht.handle_input(START, Input::DeadlinePassed);
    dht
}

fn addr(n: u8) -> SocketAddr {
    ([8, n, 0, 1], 6881).into()
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

fn hear(dht: &mut Dht, from: SocketAddr, bytes: &[u8]) -> Vec<(SocketAddr, Vec<u8>)> {
    dht.handle_input(START, Input::Datagram(from, bytes));
    sent(dht)
}

/// A query as a stranger writes it.
fn query(method: &str, arguments: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict().key("a").begin_dict().key("id").bytes([0x11; 20]);
    arguments(&mut out);
    out.end().key("q").bytes(method).key("t").bytes("aa").key("y").bytes("q").end();
    out.finish()
}

fn get_peers(infohash: Id) -> Vec<u8> {
    query("get_peers", |out| {
        out.key("info_hash").bytes(infohash.0);
    })
}

/// An answer to a question of ours.
fn answer(question: &[u8], id: Id, more: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let transaction = text_at(question, &[b"t"]).expect("questions have names");
    let mut out = Encoder::new();
    out.begin_dict().key("r").begin_dict().key("id").bytes(id.0);
    more(&mut out);
    out.end().key("t").bytes(transaction).key("y").bytes("r").end();
    out.finish()
}

fn text_at(message: &[u8], path: &[&[u8]]) -> Option<Vec<u8>> {
    let document =
        Document::parse(message, Mode::Strict, &TextLimits::MESSAGE).expect("we write well");
    let found = path.iter().try_fold(document.root(), |value, key| value.get(key))?;
    found.as_bytes().map(<[u8]>::to_vec)
}

fn announce(infohash: Id, token: &[u8]) -> Vec<u8> {
    query("announce_peer", |out| {
        out.key("implied_port").int(1).key("info_hash").bytes(infohash.0);
        out.key("port").int(1).key("token").bytes(token);
    })
}

proptest! {
    #[test]
    fn no_bytes_make_a_node_panic(bytes in prop::collection::vec(any::<u8>(), 0..1600)) {
        let mut dht = node();
        prop_assert!(hear(&mut dht, addr(1), &bytes).is_empty());
    }

    #[test]
    fn no_bent_message_makes_a_node_panic(
        which in 0..6_usize,
        bends in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut dht = node();
        dht.handle_input(START, Input::Command(Command::Bootstrap(vec![addr(1)])));
        let asked = sent(&mut dht);
        let mut bytes = match which {
            0 => get_peers(Id([7; 20])),
            1 => announce(Id([7; 20]), b"token"),
            2 => query("get", |out| {
                out.key("seq").int(-1).key("target").bytes([1; 20]).key("want").begin_list().bytes("n6").end();
            }),
            3 => query("put", |out| {
                out.key("k").bytes([2; 32]).key("salt").bytes("s").key("seq").int(4);
                out.key("sig").bytes([3; 64]).key("token").bytes("t").key("v").begin_list().int(1).end();
            }),
            4 => query("sample_infohashes", |out| {
                out.key("target").bytes([1; 20]);
            }),
            _ => answer(&asked[0].1, Id([0x44; 20]), |out| {
                out.key("interval").int(9).key("nodes").bytes([8; 80]).key("num").int(i64::MAX);
                out.key("samples").bytes([1; 41]).key("token").bytes("x").key("v").int(5);
                out.key("values").begin_list().bytes([9; 6]).bytes([9; 7]).end();
            }),
        };
        for (at, byte) in bends {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let end = cut.index(bytes.len() * 4).min(bytes.len());
        hear(&mut dht, addr(1), &bytes[..end]);
        dht.handle_input(START + Duration::from_secs(60), Input::DeadlinePassed);
    }

    #[test]
    fn no_snapshot_makes_a_node_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut dht = Dht::new(Config { snapshot: Some(bytes), ..config() });
        prop_assert!(outputs(&mut dht).contains(&Output::Tell(News::BadSnapshot)));
    }
}

#[test]
fn a_forged_question_is_answered_with_four_times_its_bytes_at_most() {
    let mut dht = node();
    let infohash = Id([7; 20]);
    for n in 0..60 {
        let (from, now) = (addr(n), START + Duration::from_secs(n.into()));
        dht.handle_input(now, Input::Datagram(from, &get_peers(infohash)));
        let replies = sent(&mut dht);
        let (_, reply) = replies.iter().find(|(to, _)| *to == from).expect("an answer");
        let token = text_at(reply, &[b"r", b"token"]).expect("a token");
        dht.handle_input(now, Input::Datagram(from, &announce(infohash, &token)));
        outputs(&mut dht);
    }
    let now = START + Duration::from_secs(120);
    let question = get_peers(infohash);
    dht.handle_input(now, Input::Datagram(addr(200), &question));
    let replies = sent(&mut dht);
    let reply = &replies.iter().find(|(to, _)| *to == addr(200)).expect("an answer").1;
    // With the headers of IP and UDP around both.
    let (asked, told) = (question.len() + 28, reply.len() + 28);
    assert!(told <= asked * 4, "{told} for {asked}");
    assert!(reply.windows(6).any(|bytes| bytes == b"values"), "with peers in it");
}

/// The form of BEP 33: two filters of 256 bytes, with the peer that announced itself in one of them.
#[test]
fn who_counts_peers_is_told_filters_and_no_peers() {
    let mut dht = node();
    let infohash = Id([9; 20]);
    let token = hear(&mut dht, addr(1), &get_peers(infohash));
    let token = text_at(&token[0].1, &[b"r", b"token"]).expect("a token");
    let seed = query("announce_peer", |out| {
        out.key("implied_port").int(1).key("info_hash").bytes(infohash.0);
        out.key("port").int(1).key("seed").int(1).key("token").bytes(&token);
    });
    hear(&mut dht, addr(1), &seed);
    let count = query("get_peers", |out| {
        out.key("info_hash").bytes(infohash.0).key("scrape").int(1);
    });
    let told = hear(&mut dht, addr(2), &count);
    let filter = |key: &[u8]| text_at(&told[0].1, &[b"r", key]).expect("a filter");
    let bits = |key| filter(key).iter().map(|byte| byte.count_ones()).sum::<u32>();
    assert_eq!((filter(b"BFsd").len(), filter(b"BFpe").len()), (256, 256));
    assert_eq!((bits(b"BFsd"), bits(b"BFpe")), (2, 0));
    let document = Document::parse(&told[0].1, Mode::Strict, &TextLimits::MESSAGE).expect("good");
    assert!(document.root().get(b"r").is_some_and(|answer| answer.get(b"values").is_none()));
}

#[test]
fn all_answers_together_stay_below_eight_kilobytes_a_second() {
    let mut dht = node();
    let mut bytes = 0;
    for n in 0..20_000_u32 {
        let [_, a, b, c] = n.to_be_bytes();
        let from = ([9, a, b, c], 1).into();
        let now = START + Duration::from_millis(u64::from(n));
        dht.handle_input(now, Input::Datagram(from, &get_peers(Id([7; 20]))));
        bytes += sent(&mut dht).iter().map(|(_, sent)| sent.len()).sum::<usize>();
    }
    let checks = 20 * 120 * 8;
    assert!(bytes <= 8_000 * 20 + 16_000 + checks, "{bytes} bytes in 20 s of a flood");
}

#[test]
fn a_flooding_source_is_not_heard_for_five_minutes() {
    let mut dht = node();
    let question = query("ping", |_| {});
    for _ in 0..60 {
        hear(&mut dht, addr(1), &question);
    }
    let later = START + Duration::from_secs(200);
    dht.handle_input(later, Input::Datagram(addr(1), &question));
    assert!(!sent(&mut dht).iter().any(|(_, reply)| reply.ends_with(b"y1:re")));
    dht.handle_input(later, Input::Datagram(addr(2), &question));
    assert!(sent(&mut dht).iter().any(|(to, _)| *to == addr(2)));
}

#[test]
fn a_token_is_worth_nothing_at_another_address_or_when_it_is_old() {
    let mut dht = node();
    let infohash = Id([7; 20]);
    let (_, reply) = hear(&mut dht, addr(1), &get_peers(infohash)).remove(0);
    let token = text_at(&reply, &[b"r", b"token"]).expect("a token");
    let refused = |replies: Vec<(SocketAddr, Vec<u8>)>| replies[0].1.ends_with(b"1:y1:ee");
    assert!(refused(hear(&mut dht, addr(2), &announce(infohash, &token))));
    assert!(refused(hear(&mut dht, addr(1), &announce(infohash, b""))));
    assert!(!refused(hear(&mut dht, addr(1), &announce(infohash, &token))));
    let later = START + Duration::from_secs(3600);
    dht.handle_input(later, Input::Datagram(addr(1), &announce(infohash, &token)));
    let replies = sent(&mut dht).into_iter().filter(|(to, _)| *to == addr(1)).collect();
    assert!(refused(replies));
}

/// A lookup through one door; its answers go through `reply`.
fn lookup_with(reply: impl Fn(&[u8]) -> Vec<(SocketAddr, Vec<u8>)>) -> (Dht, Vec<Output>) {
    let mut dht = node();
    let mut all = Vec::new();
    let lookup = LookupId(1);
    dht.handle_input(START, Input::Command(Command::Bootstrap(vec![addr(1)])));
    outputs(&mut dht);
    let announce = Some(AnnouncedPort::At(1));
    let command = Command::Peers { lookup, infohash: Id([7; 20]), announce };
    dht.handle_input(START, Input::Command(command));
    let mut now = START;
    for _ in 0..2_000 {
        for output in outputs(&mut dht) {
            if let Output::Send(_, question) = &output {
                for (from, bytes) in reply(question) {
                    dht.handle_input(now, Input::Datagram(from, &bytes));
                }
            }
            all.push(output);
        }
        if all.iter().any(|output| matches!(output, Output::Done { .. })) {
            break;
        }
        now = dht.deadline().expect("something is due").max(now + Duration::from_millis(1));
        dht.handle_input(now, Input::DeadlinePassed);
    }
    (dht, all)
}

fn done(all: &[Output]) -> (DoneWhy, dht::LookupStats) {
    let done = all.iter().find_map(|output| match output {
        Output::Done { why, stats, .. } => Some((*why, *stats)),
        _ => None,
    });
    done.expect("the lookup ended")
}

fn compact(id: Id, addr: SocketAddr) -> Vec<u8> {
    let SocketAddr::V4(addr) = addr else { panic!("IPv4 here") };
    [id.0.as_slice(), &addr.ip().octets(), &addr.port().to_be_bytes()].concat()
}

#[test]
fn an_answer_from_another_port_or_with_another_name_counts_for_nothing() {
    let (_, all) = lookup_with(|question| {
        let right = answer(question, Id([1; 20]), |_| {});
        let mut wrong = right.clone();
        let at = wrong.windows(4).position(|bytes| bytes == b"1:t4").expect("a name") + 5;
        wrong[at] ^= 1;
        vec![(([8, 1, 0, 1], 6882).into(), right), (addr(1), wrong)]
    });
    assert_eq!(done(&all).0, DoneWhy::NoAnswers);
}

#[test]
fn nodes_and_peers_in_local_networks_are_not_believed() {
    let local: Vec<SocketAddr> = ["127.0.0.1:80", "10.0.0.1:80", "192.168.1.1:80", "9.9.9.9:0"]
        .map(|addr| addr.parse().expect("an address"))
        .to_vec();
    let (_, all) = lookup_with(|question| {
        let nodes: Vec<u8> = local.iter().flat_map(|addr| compact(Id([6; 20]), *addr)).collect();
        let answer = answer(question, Id([1; 20]), |out| {
            out.key("nodes").bytes(&nodes).key("token").bytes("t").key("values").begin_list();
            local.iter().for_each(|addr| {
                out.bytes(&compact(Id([6; 20]), *addr)[20..]);
            });
            out.end();
        });
        vec![(addr(1), answer)]
    });
    let asked = all.iter().filter_map(|output| match output {
        Output::Send(to, _) => Some(*to),
        _ => None,
    });
    assert!(asked.into_iter().all(|to| to == addr(1)));
    assert!(!all.iter().any(|output| matches!(output, Output::Peers { .. })));
}

#[test]
fn endless_lists_of_nodes_that_are_ever_closer_end() {
    let count = std::cell::Cell::new(0_u32);
    let (_, all) = lookup_with(|question| {
        let asked = count.get();
        let mut nodes = Vec::new();
        for n in 0..16 {
            count.set(count.get() + 1);
            let [_, a, b, c] = count.get().to_be_bytes();
            let mut id = [7; 20];
            id[4..8].copy_from_slice(&(u32::MAX - count.get()).to_be_bytes());
            nodes.extend(compact(Id(id), ([9, a, b, c], n + 1).into()));
        }
        let reply = answer(question, Id([1; 20]), |out| {
            out.key("nodes").bytes(&nodes).key("token").bytes("t");
        });
        // Every invented node answers, too, whatever it is called.
        let [_, a, b, c] = asked.to_be_bytes();
        vec![(addr(1), reply.clone()), (([9, a, b, c], 1).into(), reply)]
    });
    let (_, stats) = done(&all);
    assert!(stats.queries <= 96, "{stats:?}");
    assert_eq!(stats.stored, 0, "nothing is given to nodes whose id does not fit");
}

#[test]
fn sixty_four_nodes_of_one_neighbourhood_are_one() {
    let (dht, all) = lookup_with(|question| {
        let nodes: Vec<u8> =
            (1..=16).flat_map(|n| compact(Id([7 ^ n; 20]), ([66, 6, 6, n], 1).into())).collect();
        let reply = answer(question, Id([1; 20]), |out| {
            out.key("nodes").bytes(&nodes);
        });
        let sybils = (1..=16)
            .map(|n| (([66, 6, 6, n], 1).into(), answer(question, Id([7 ^ n; 20]), |_| {})));
        sybils.chain([(addr(1), reply)]).collect()
    });
    let mut asked: Vec<_> = all
        .iter()
        .filter_map(|output| match output {
            Output::Send(to, _) if to.ip().to_string().starts_with("66.6.6.") => Some(*to),
            _ => None,
        })
        .collect();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(dht.nodes(Family::V4) <= 2);
}

/// The only node that is known answered once, and then no more.
#[test]
fn a_lone_node_that_falls_silent_is_asked_once_in_five_seconds_at_most() {
    let mut dht = node();
    dht.handle_input(START, Input::Command(Command::Node(addr(1))));
    let question = sent(&mut dht).remove(0).1;
    hear(&mut dht, addr(1), &answer(&question, Id([0x44; 20]), |_| {}));
    let (mut now, mut asked) = (START, 0);
    while now < START + Duration::from_secs(3600) {
        now = dht.deadline().expect("something is due").max(now + Duration::from_millis(1));
        dht.handle_input(now, Input::DeadlinePassed);
        asked += sent(&mut dht).len();
    }
    assert!((2..=725).contains(&asked), "{asked} questions in an hour");
}

#[test]
fn whoever_only_reads_answers_nobody_and_says_so() {
    let mut dht = Dht::new(Config { read_only: true, ..config() });
    dht.handle_input(START, Input::DeadlinePassed);
    assert!(hear(&mut dht, addr(1), &query("ping", |_| {})).is_empty());
    dht.handle_input(START, Input::Command(Command::Node(addr(2))));
    let sent = sent(&mut dht);
    assert!(sent[0].1.windows(7).any(|bytes| bytes == b"2:roi1e"));
}

#[test]
fn nodes_of_a_snapshot_are_told_to_nobody_before_they_have_answered() {
    let mut text = Encoder::new();
    text.begin_dict().key("id4").bytes([3; 20]).key("nodes4");
    let node = |n: u8| compact(Id([n; 20]), addr(n));
    text.bytes((1..100).flat_map(node).collect::<Vec<_>>()).key("version").int(1).end();
    let mut dht = Dht::new(Config { snapshot: Some(text.finish()), ..config() });
    dht.handle_input(START, Input::DeadlinePassed);
    assert!(!sent(&mut dht).is_empty(), "they are asked whether they are there");
    let question = query("find_node", |out| {
        out.key("target").bytes([1; 20]);
    });
    let replies = hear(&mut dht, addr(200), &question);
    let (_, reply) = replies.iter().find(|(to, _)| *to == addr(200)).expect("an answer");
    assert_eq!(text_at(reply, &[b"r", b"nodes"]), None);
}

#[test]
fn questions_that_are_none_are_refused_by_the_book() {
    let mut dht = node();
    let code = |replies: Vec<(SocketAddr, Vec<u8>)>| {
        let document = Document::parse(&replies[0].1, Mode::Strict, &TextLimits::MESSAGE).unwrap();
        document.root().get(b"e").and_then(|e| e.as_list()?.next()?.as_int())
    };
    assert_eq!(code(hear(&mut dht, addr(1), &query("vote", |_| {}))), Some(204));
    assert_eq!(code(hear(&mut dht, addr(1), &query("find_node", |_| {}))), Some(203));
    assert!(hear(&mut dht, addr(1), b"d1:t2:aa1:y1:xe").is_empty());
    assert!(hear(&mut dht, addr(1), &vec![b'l'; 1500]).is_empty());
}
