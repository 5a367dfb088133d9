//! One function for each door through which strangers' bytes come, with what must hold whatever they are.
//! The tests replay the corpus through them, and `fuzz/` feeds them what libFuzzer makes up.

use std::{collections::BTreeSet, sync::LazyLock, time::Duration};

use bytes::{Bytes, BytesMut};
use torrent::{
    Info, Magnet, Metainfo, Sha1Hash, Sha256Hash,
    bencode::{Document, Kind, Limits, Mode, Value},
    encryption::{BadEncryption, Draw, Initiator, Methods, Responder, lookup_key},
    ip_filter::{IpFilter, Read},
    local_discovery::{Announcement, Beacon, DATAGRAM_MAX, GROUP_V4, GROUP_V6, NAMES_MAX, PORT},
    merkle::{PAD_LEAF, Tree},
    paths::{Os, is_unseen, resolve},
    tracker::{http, udp},
    wire::{
        self, Framer, HashRequest, Message, encode,
        extension::{DontHave, Exchange, ExtensionHandshake, Holepunch, Metadata, UploadOnly},
    },
};

/// The name of a door and what stands behind it.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// Every door.
pub(crate) const DOORS: [Door; 11] = [
    ("bencode", bencode),
    ("metainfo", metainfo),
    ("magnet", magnet),
    ("framer", framer),
    ("extension", extension),
    ("tracker", tracker),
    ("hashes", hashes),
    ("paths", paths),
    ("encryption", encryption),
    ("ip_filter", ip_filter),
    ("local_discovery", local_discovery),
];

/// An announcement in the local network: what is read fits a datagram and means the same when it is written, and
/// whoever repeats it all the time does not make us speak more than once a minute.
pub(crate) fn local_discovery(bytes: &[u8]) {
    let Some(said) = Announcement::parse(bytes) else { return };
    assert!(said.port != 0 && (1..=NAMES_MAX).contains(&said.names.len()));
    for group in [(GROUP_V4, PORT).into(), (GROUP_V6, PORT).into()] {
        let written = said.to_bytes(group);
        assert!(written.len() <= DATAGRAM_MAX);
        assert_eq!(Announcement::parse(&written).as_ref(), Some(&said));
    }
    let mut beacon = Beacon::default();
    said.names.iter().step_by(2).for_each(|name| beacon.follow(Duration::ZERO, *name));
    let mut spoken = 0;
    for second in (0..120).map(Duration::from_secs) {
        let ours = beacon.heard(second, &said.names);
        assert!(ours.len() <= said.names.len() && ours.contains(&said.names[0]));
        spoken += usize::from(!beacon.take_due(second).is_empty());
    }
    assert_eq!(spoken, 2);
}

/// Lists of addresses: a line is a range at most, and who is on a list is still on it with more lines.
pub(crate) fn ip_filter(bytes: &[u8]) {
    let Read { filter, skipped } = IpFilter::parse(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    assert!(filter.len() + skipped <= lines);
    let more = IpFilter::parse(&[bytes, b"\n1.2.3.4\n2001:db8::/32\n"].concat()).filter;
    assert!(more.blocks([1, 2, 3, 4].into()));
    for host in [0, 1 << 24, u32::MAX] {
        let ip = std::net::Ipv4Addr::from(host).into();
        assert!(!filter.blocks(ip) || more.blocks(ip));
    }
}

/// Bencoding: every value can be reached, and what is strict is lenient too.
pub(crate) fn bencode(bytes: &[u8]) {
    let limits = Limits { bytes: 1 << 20, depth: 50, tokens: 100_000 };
    let lenient = Document::parse(bytes, Mode::Lenient, &limits);
    if let Ok(document) = &lenient {
        visit(document.root());
    }
    if let Ok(strict) = Document::parse(bytes, Mode::Strict, &limits) {
        assert_eq!(strict.root().span(), 0..bytes.len());
        assert!(lenient.is_ok());
    }
}

fn visit(root: Value<'_>) {
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value.kind() {
            Kind::Integer | Kind::Text => {
                assert_eq!(value.as_bytes().is_some(), value.kind() == Kind::Text);
            }
            Kind::List => open.extend(value.as_list().into_iter().flatten()),
            Kind::Dictionary => open.extend(value.as_dict().into_iter().flatten().map(|(_, v)| v)),
        }
    }
}

/// Metainfo: what is accepted is laid out without gaps under safe paths, and is written as it was read.
pub(crate) fn metainfo(bytes: &[u8]) {
    drop(Info::parse(Bytes::copy_from_slice(bytes)));
    let Ok(torrent) = Metainfo::parse(bytes) else { return };
    let again = Metainfo::parse(&torrent.to_bytes());
    assert_eq!(again.as_ref(), Ok(&torrent));
    let info = &torrent.info;
    let mut at = 0;
    for slice in info.slices(0..u64::MAX) {
        assert!(slice.len > 0);
        let found = slice.file.map(|file| (file, slice.offset_in_file));
        assert_eq!(info.file_at(at), found);
        at += slice.len;
    }
    assert_eq!(at, info.geometry().content_len());
    for os in [Os::Linux, Os::Windows, Os::Mac] {
        let paths: Vec<&[String]> =
            (0..info.files().len()).map(|file| info.file_path(file, os)).collect();
        assert!(paths.iter().all(|path| path.len() <= 101));
        check_paths(&paths);
    }
}

/// Magnet links: what is accepted is written so that it means the same.
pub(crate) fn magnet(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(magnet) = Magnet::parse(&text) {
        let again = Magnet::parse(&magnet.to_string());
        // Text that was not escaped grows when it is written, perhaps beyond the limit.
        if magnet.to_string().len() <= Magnet::MAX_LEN {
            assert_eq!(again, Ok(magnet));
        }
    }
}

/// The stream of a peer, in parts as long as the first byte says: it means the same as in one part, and is
/// written as it was read.
pub(crate) fn framer(bytes: &[u8]) {
    let Some((part, stream)) = bytes.split_first() else { return };
    let (whole, ended) = messages(stream, stream.len().max(1));
    let (parts, ended_too) = messages(stream, usize::from(*part).max(1));
    assert_eq!((&whole, ended), (&parts, ended_too));
    let mut out = BytesMut::new();
    let known = whole.iter().take_while(|message| !matches!(message, Message::Unknown(_)));
    known.for_each(|message| encode(message, &mut out));
    assert!(stream.starts_with(&out));
}

fn messages(stream: &[u8], part: usize) -> (Vec<Message>, bool) {
    let mut framer = Framer::new(wire::Limits::default());
    let mut messages = Vec::new();
    for chunk in stream.chunks(part) {
        framer.push(Bytes::copy_from_slice(chunk));
        loop {
            match framer.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(_) => return (messages, true),
            }
        }
    }
    (messages, false)
}

/// Messages of extensions: what is accepted is written so that it means the same.
pub(crate) fn extension(bytes: &[u8]) {
    let payload = Bytes::copy_from_slice(bytes);
    if let Ok(said) = ExtensionHandshake::parse(&payload) {
        assert!(said.client.as_ref().is_none_or(|name| !name.contains(is_unseen)));
        assert_eq!(ExtensionHandshake::parse(&said.to_bytes()).as_ref(), Ok(&said));
    }
    match Metadata::parse(&payload) {
        Ok(Metadata::Unknown) | Err(_) => {}
        Ok(message) => assert_eq!(Metadata::parse(&message.to_bytes()), Ok(message)),
    }
    if let Ok(exchange) = Exchange::parse(&payload) {
        assert_eq!(Exchange::parse(&exchange.to_bytes()).as_ref(), Ok(&exchange));
    }
    if let Ok(message) = Holepunch::parse(&payload) {
        // An error code in a message that is none is not kept.
        assert_eq!(Holepunch::parse(&message.to_bytes()), Ok(message));
    }
    let small = (DontHave::parse(&payload).is_ok(), UploadOnly::parse(&payload).is_ok());
    assert_eq!(small, (payload.len() == 4, payload.len() == 1));
}

/// Answers of trackers: peers can be dialled, and there are not too many.
pub(crate) fn tracker(bytes: &[u8]) {
    let transaction = udp::transaction(bytes).unwrap_or_default();
    let mut answers = vec![http::parse_announce(bytes).ok()];
    for v6 in [false, true] {
        let answer = udp::parse(bytes, transaction, v6);
        assert!(answer.is_err() || udp::is_likely(bytes), "told from what shares its socket");
        answers.push(match answer {
            Ok(udp::Answer::Announced(answer)) => Some(answer),
            _ => None,
        });
    }
    for answer in answers.into_iter().flatten() {
        assert!(answer.peers.len() <= torrent::tracker::MAX_PEERS);
        assert!(answer.peers.iter().all(|peer| peer.port() != 0));
        assert!((60..=3600).contains(&answer.interval.as_secs()));
    }
    drop(http::parse_scrape(bytes));
}

/// Requests for hashes against a small tree: what fits is answered, and the answer proves itself.
pub(crate) fn hashes(bytes: &[u8]) {
    let Some((head, rest)) = bytes.split_first_chunk::<17>() else { return };
    let [leaves, numbers @ ..] = *head;
    let words = numbers.as_chunks::<4>().0;
    let [base_layer, index, length, proof_layers] =
        [0, 1, 2, 3].map(|at| words.get(at).copied().map_or(0, u32::from_be_bytes));
    let pieces_root = PAD_LEAF;
    let request = HashRequest { pieces_root, base_layer, index, length, proof_layers };
    let nodes: Vec<Sha256Hash> = (0..leaves).map(|n| Sha256Hash([n; 32])).collect();
    let top = torrent::merkle::height(u64::from(leaves));
    let Some(tree) = Tree::new(nodes, 0, top) else { return };
    let (height, place) = request.anchor();
    let anchor = tree.node(height, place);
    if request.fits(u64::from(leaves) * 16 * 1024) {
        let answer = request.answer(|height, index| tree.node(height, index));
        let (answer, anchor) = (answer.expect("the tree is whole"), anchor.expect("within it"));
        assert!(request.is_answered_by(&answer, &anchor));
    }
    let lies: Vec<Sha256Hash> = rest.as_chunks::<32>().0.iter().copied().map(Sha256Hash).collect();
    assert!(!request.is_answered_by(&lies, &Sha256Hash([0xee; 32])));
}

/// Names of strangers, one path a line: they become safe and different ones.
pub(crate) fn paths(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let strangers: Vec<Vec<String>> =
        text.split('\n').map(|path| path.split('/').map(str::to_owned).collect()).collect();
    for os in [Os::Linux, Os::Windows, Os::Mac] {
        let safe = resolve(&strangers, os);
        assert_eq!(safe.len(), strangers.len());
        for (path, stranger) in safe.iter().zip(&strangers) {
            assert!(path.len() <= stranger.len(), "{path:?} lies deeper than {stranger:?}");
        }
        check_paths(&safe.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
}

fn check_paths(paths: &[&[String]]) {
    let mut seen = BTreeSet::new();
    for path in paths {
        assert!(seen.insert(path.join("/").to_lowercase()), "twice: {path:?}");
        assert!(!path.is_empty());
        for name in *path {
            assert!(!matches!(name.as_str(), "" | "." | ".."), "{path:?}");
            assert!(!name.contains(['/', '\\', '\0']) && !name.contains(is_unseen), "{path:?}");
        }
    }
}

/// The torrent that encrypted handshakes are about.
const NAME: Sha1Hash = Sha1Hash([7; 20]);
/// What a peer that reads our handshake has to go through at most.
const ANSWER_MAX: usize = 2 * (96 + 512) + 2 * 20 + 14 + 512 + 2 + 65_535;

/// Encrypted handshakes, in parts as long as the first byte says: they end the same as in one part. The
/// second byte says who we are and whether the stranger knows the torrent.
pub(crate) fn encryption(bytes: &[u8]) {
    let [part, kind, stream @ ..] = bytes else { return };
    let part = usize::from(*part).max(1);
    let stream = match kind % 4 {
        0 | 1 => stream.to_vec(),
        2 => covered(&CALL, stream),
        _ => covered(&ANSWER, stream),
    };
    let end = |part| if kind % 2 == 0 { called(&stream, part) } else { calling(&stream, part) };
    assert_eq!(end(stream.len().max(1)), end(part));
}

/// An honest side's bytes, where in them the encrypted part begins, and what stood there before.
type Honest = (Vec<u8>, usize, Vec<u8>);

static CALL: LazyLock<Honest> = LazyLock::new(call_of_zeros);
static ANSWER: LazyLock<Honest> = LazyLock::new(answer_of_zeros);

/// How a handshake ended: the method and what was received, or the error; `None` if it did not.
type End = Option<Result<(Methods, Vec<u8>), BadEncryption>>;

fn called(stream: &[u8], part: usize) -> End {
    let mut responder = Responder::new(Methods::ANY, draw(5, [0, 3, 2, 0]));
    let find = |lookup: &Sha1Hash| (*lookup == lookup_key(&NAME)).then_some(NAME);
    end(stream, part, |bytes, out| responder.receive(bytes, find, out))
}

fn calling(stream: &[u8], part: usize) -> End {
    let mut first = BytesMut::new();
    let mut initiator = call(&[], &mut first);
    end(stream, part, |bytes, out| initiator.receive(bytes, out))
}

fn call(payload: &[u8], out: &mut BytesMut) -> Initiator {
    let payload = &mut BytesMut::from(payload);
    Initiator::new(NAME, Methods::ANY, draw(6, [0, 0, 0, 0]), payload, out)
}

/// A draw of the same byte throughout, but for the lengths of the paddings.
fn draw(byte: u8, lengths: [u8; 4]) -> Draw {
    let mut random = [byte; Draw::LEN];
    random[20..24].copy_from_slice(&lengths);
    Draw::new(random)
}

fn end(
    stream: &[u8],
    part: usize,
    mut receive: impl FnMut(
        &[u8],
        &mut BytesMut,
    ) -> Result<Option<torrent::encryption::Agreed>, BadEncryption>,
) -> End {
    let (mut out, mut chunks) = (BytesMut::new(), stream.chunks(part));
    let ended = chunks.find_map(|chunk| receive(chunk, &mut out).transpose());
    assert!(out.len() <= ANSWER_MAX);
    ended.map(|agreed| {
        let mut agreed = agreed?;
        let mut received = agreed.received.to_vec();
        for chunk in chunks {
            let begin = received.len();
            received.extend_from_slice(chunk);
            agreed.incoming.apply(&mut received[begin..]);
        }
        Ok((agreed.method, received))
    })
}

/// What an honest caller sends whose payload is zeros.
fn call_of_zeros() -> Honest {
    let (mut sent, mut answer) = (BytesMut::new(), BytesMut::new());
    let mut initiator = call(&[0; 4096], &mut sent);
    let mut responder = Responder::new(Methods::ANY, draw(5, [0, 3, 2, 0]));
    assert!(matches!(responder.receive(&sent, |_| None, &mut answer), Ok(None)));
    let begin = sent.len() + 40;
    assert!(matches!(initiator.receive(&answer, &mut sent), Ok(None)));
    let plain = [&[0; 8][..], &[0, 0, 0, 3, 0, 0, 0x10, 0], &[0; 4096]].concat();
    (sent.to_vec(), begin, plain)
}

/// What an honest side that is called answers, with the longest padding.
fn answer_of_zeros() -> Honest {
    let (mut call_sent, mut sent) = (BytesMut::new(), BytesMut::new());
    let mut initiator = call(&[], &mut call_sent);
    let mut responder = Responder::new(Methods::ANY, draw(5, [0, 3, 2, 0]));
    let find = |_: &Sha1Hash| Some(NAME);
    assert!(matches!(responder.receive(&call_sent.split(), find, &mut sent), Ok(None)));
    let begin = sent.len();
    assert!(matches!(initiator.receive(&sent, &mut call_sent), Ok(None)));
    assert!(matches!(responder.receive(&call_sent, find, &mut sent), Ok(Some(_))));
    let plain = [&[0; 8][..], &[0, 0, 0, 1, 2, 0], &[0; 512]].concat();
    (sent.to_vec(), begin, plain)
}

/// A stranger's bytes in the place of an honest side's, encrypted as those were.
fn covered((honest, begin, plain): &Honest, stream: &[u8]) -> Vec<u8> {
    let keys = honest[*begin..].iter().zip(plain).map(|(sent, plain)| sent ^ plain);
    let mut all = honest[..*begin].to_vec();
    all.extend(stream.iter().zip(keys).map(|(byte, key)| byte ^ key));
    all
}
