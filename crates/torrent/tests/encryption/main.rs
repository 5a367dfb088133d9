//! Encrypted handshakes: against recordings of other programs, between our two sides cut anywhere, and lies.

mod recorded;

use bytes::BytesMut;
use proptest::prelude::*;
use torrent::{
    Sha1Hash,
    encryption::{
        Agreed, BadEncryption, Draw, Initiator, KEY_LEN, Methods, PADDING_MAX, Responder,
        lookup_key,
    },
    wire::Handshake,
};

const NAME: Sha1Hash = Sha1Hash([7; 20]);

fn unhex<const LEN: usize>(hex: &str) -> [u8; LEN] {
    bytes(hex).try_into().expect("it has this length")
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}

/// A draw that is the same byte throughout; 0xff gives 511 bytes of padding of either kind.
fn draw(byte: u8) -> Draw {
    Draw::new([byte; Draw::LEN])
}

fn recorded_draw() -> Draw {
    let mut random = [0; Draw::LEN];
    random[..20].copy_from_slice(&bytes(recorded::PRIVATE_KEY));
    Draw::new(random)
}

/// Finds the torrent with this name.
fn knows(name: Sha1Hash) -> impl Fn(&Sha1Hash) -> Option<Sha1Hash> {
    move |lookup| (*lookup == lookup_key(&name)).then_some(name)
}

fn initiator(offer: Methods, payload: &[u8], out: &mut BytesMut) -> Initiator {
    Initiator::new(NAME, offer, draw(3), &mut BytesMut::from(payload), out)
}

#[test]
fn a_recorded_call_of_transmission_is_understood() {
    let name = Sha1Hash(unhex(recorded::NAME));
    for (accept, method) in [(Methods::RC4, Methods::RC4), (Methods::ANY, Methods::RC4)] {
        let mut responder = Responder::new(accept, recorded_draw());
        let (mut out, find) = (BytesMut::new(), knows(name));
        let begun = responder.receive(&bytes(recorded::CALLER_KEY), &find, &mut out);
        assert!(matches!(begun, Ok(None)) && out.len() == KEY_LEN, "{begun:?}");
        let agreed = responder.receive(&bytes(recorded::CALLER_REST), &find, &mut out);
        let agreed = agreed.expect("it is right").expect("it is whole");
        assert_eq!((agreed.name, agreed.method), (name, method));
        let handshake = Handshake::parse(&agreed.received).expect("plain").expect("whole");
        assert_eq!(handshake.infohash, name);
        assert_eq!(&handshake.peer_id, b"-TR300Z-w4bd4mkebkbi");
    }
}

#[test]
fn a_recorded_answer_of_qbittorrent_is_understood() {
    let name = Sha1Hash(unhex(recorded::NAME));
    let (mut out, mut payload) = (BytesMut::new(), BytesMut::new());
    let mut initiator = Initiator::new(name, Methods::ANY, recorded_draw(), &mut payload, &mut out);
    assert_eq!(out.split().len(), KEY_LEN);
    let begun = initiator.receive(&bytes(recorded::CALLED_KEY), &mut out);
    assert!(matches!(begun, Ok(None)), "{begun:?}");
    // The mark that was recorded with it.
    assert!(out.starts_with(&bytes("99ba59141c1d8b8535b2756f6e8377b0c1293665")));
    let agreed = initiator.receive(&bytes(recorded::CALLED_REST), &mut out);
    let agreed = agreed.expect("it is right").expect("it is whole");
    let handshake = Handshake::parse(&agreed.received).expect("plain").expect("whole");
    assert_eq!(handshake.infohash, name);
    assert_eq!(&handshake.peer_id, b"-qB4250-scysDI_JuVN3");
}

#[test]
fn the_cheapest_common_method_is_chosen_and_none_is_an_error() {
    for (offer, accept, method) in [
        (Methods::ANY, Methods::ANY, Some(Methods::PLAINTEXT)),
        (Methods::ANY, Methods::RC4, Some(Methods::RC4)),
        (Methods::RC4, Methods::ANY, Some(Methods::RC4)),
        (Methods::PLAINTEXT, Methods::RC4, None),
        (Methods::RC4, Methods::PLAINTEXT, None),
    ] {
        let ends = talk(Ends::new(offer, accept, [3, 5], b"payload"), &mut |len| len);
        match ends.map(|(ours, theirs)| (ours.method, theirs.method)) {
            Ok(both) => assert_eq!(Some(both), method.map(|method| (method, method))),
            Err(why) => assert_eq!((method, why), (None, BadEncryption::Method)),
        }
    }
}

#[test]
fn a_torrent_that_is_not_here_is_not_answered() {
    let (mut call, mut answer, mut rest) = (BytesMut::new(), BytesMut::new(), BytesMut::new());
    let mut initiator = initiator(Methods::ANY, b"", &mut call);
    let mut responder = Responder::new(Methods::ANY, draw(5));
    assert!(matches!(responder.receive(&call, |_| None, &mut answer), Ok(None)));
    assert!(matches!(initiator.receive(&answer.split(), &mut rest), Ok(None)));
    let refused = responder.receive(&rest, |_| None, &mut answer).map(drop);
    assert_eq!(refused, Err(BadEncryption::UnknownTorrent));
    assert!(answer.is_empty());
    assert!(matches!(responder.receive(&[0; 4096], |_| None, &mut answer), Ok(None)));
}

#[test]
fn noise_ends_where_the_longest_padding_ends() {
    let noise = [0x55; KEY_LEN + PADDING_MAX + 20];
    let mut out = BytesMut::new();
    let mut responder = Responder::new(Methods::ANY, draw(5));
    let (last, before) = noise.split_last().expect("it is not empty");
    assert!(matches!(responder.receive(before, knows(NAME), &mut out), Ok(None)));
    let ended = responder.receive(&[*last], knows(NAME), &mut out).map(drop);
    assert_eq!(ended, Err(BadEncryption::NoMark));
    let mut initiator = initiator(Methods::ANY, b"", &mut out);
    assert!(matches!(initiator.receive(&noise[..KEY_LEN + PADDING_MAX + 7], &mut out), Ok(None)));
    let ended = initiator.receive(&[0x55], &mut out).map(drop);
    assert_eq!(ended, Err(BadEncryption::NoMark));
}

#[test]
fn what_does_not_fit_into_the_first_payload_stays_behind() {
    let (mut out, mut queue) = (BytesMut::new(), BytesMut::from(&[1; 70_000][..]));
    let _initiator = Initiator::new(NAME, Methods::ANY, draw(3), &mut queue, &mut out);
    assert_eq!(queue.len(), 70_000 - Initiator::PAYLOAD_MAX);
}

#[test]
fn nothing_on_the_wire_is_plain_when_rc4_is_all_that_is_offered() {
    let handshake = Handshake {
        reserved: torrent::wire::Reserved::NONE,
        infohash: NAME,
        peer_id: *b"-KN0100-abcdefghijkl",
    };
    let mut ends = Ends::new(Methods::RC4, Methods::ANY, [255, 254], &handshake.to_bytes());
    let mut wire = ends.call.to_vec();
    let mut cut = |len| len;
    while ends.agreed.iter().any(Option::is_none) {
        ends.pass(&mut cut).expect("they agree");
        wire.extend_from_slice(&ends.call);
        wire.extend_from_slice(&ends.answer);
    }
    for plain in [&b"BitTorrent protocol"[..], &NAME.0, b"-KN0100-"] {
        assert!(!wire.windows(plain.len()).any(|window| window == plain));
    }
    let received = ends.agreed[1].as_ref().map(|agreed| agreed.received.to_vec());
    assert_eq!(received, Some(handshake.to_bytes().to_vec()));
}

/// Both sides of a connection, and what is on its way between them.
struct Ends {
    initiator: Initiator,
    responder: Responder,
    call: BytesMut,
    answer: BytesMut,
    agreed: [Option<Agreed>; 2],
}

impl Ends {
    fn new(offer: Methods, accept: Methods, draws: [u8; 2], payload: &[u8]) -> Self {
        let (mut call, mut queue) = (BytesMut::new(), BytesMut::from(payload));
        let initiator = Initiator::new(NAME, offer, draw(draws[0]), &mut queue, &mut call);
        let responder = Responder::new(accept, draw(draws[1]));
        Self { initiator, responder, call, answer: BytesMut::new(), agreed: [None, None] }
    }

    /// Carries a part of what is on its way, as long as `cut` makes it.
    fn pass(&mut self, cut: &mut impl FnMut(usize) -> usize) -> Result<(), BadEncryption> {
        let part = self.call.split_to(cut(self.call.len()));
        match &mut self.agreed[1] {
            Some(agreed) => receive(agreed, &part),
            None => {
                let answer = self.responder.receive(&part, knows(NAME), &mut self.answer)?;
                self.agreed[1] = answer;
            }
        }
        let part = self.answer.split_to(cut(self.answer.len()));
        match &mut self.agreed[0] {
            Some(agreed) => receive(agreed, &part),
            None => self.agreed[0] = self.initiator.receive(&part, &mut self.call)?,
        }
        Ok(())
    }
}

fn receive(agreed: &mut Agreed, part: &[u8]) {
    let mut all = BytesMut::from(&agreed.received[..]);
    let begin = all.len();
    all.extend_from_slice(part);
    agreed.incoming.apply(&mut all[begin..]);
    agreed.received = all.freeze();
}

fn send(agreed: &mut Agreed, bytes: &[u8], out: &mut BytesMut) {
    let begin = out.len();
    out.extend_from_slice(bytes);
    agreed.outgoing.apply(&mut out[begin..]);
}

/// Lets both sides speak until they agree.
fn talk(
    mut ends: Ends,
    cut: &mut impl FnMut(usize) -> usize,
) -> Result<(Agreed, Agreed), BadEncryption> {
    loop {
        ends.pass(cut)?;
        if let [Some(_), Some(_)] = &ends.agreed
            && ends.call.is_empty()
        {
            let [ours, theirs] = ends.agreed.map(|agreed| agreed.expect("just seen"));
            return Ok((ours, theirs));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_sides_understand_each_other_however_the_stream_is_cut(
        // A private key of zeros makes the public key 1, which every side refuses.
        draws in [1..=u8::MAX, 1..=u8::MAX],
        offers in prop::sample::select(vec![
            (Methods::ANY, Methods::ANY),
            (Methods::RC4, Methods::ANY),
            (Methods::ANY, Methods::RC4),
            (Methods::RC4, Methods::RC4),
        ]),
        payload in prop::collection::vec(any::<u8>(), 0..600),
        words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 2),
        cuts in prop::collection::vec(1..400_usize, 1..20),
    ) {
        // Equal keys would be a draw used twice.
        prop_assume!(draws[0] != draws[1]);
        let mut cuts = cuts.into_iter().cycle();
        let mut cut = |len: usize| cuts.next().unwrap_or(1).min(len);
        let ends = Ends::new(offers.0, offers.1, draws, &payload);
        let (mut ours, mut theirs) = talk(ends, &mut cut).expect("they agree");
        prop_assert_eq!(&theirs.received[..], &payload[..]);
        prop_assert!(ours.received.is_empty() && ours.method == theirs.method);
        let (mut call, mut answer) = (BytesMut::new(), BytesMut::new());
        send(&mut ours, &words[0], &mut call);
        send(&mut theirs, &words[1], &mut answer);
        let plain = ours.method == Methods::PLAINTEXT;
        prop_assert!(!plain || call[..] == words[0][..]);
        receive(&mut theirs, &call);
        receive(&mut ours, &answer);
        prop_assert_eq!(&theirs.received[..], &[payload, words[0].clone()].concat()[..]);
        prop_assert_eq!(&ours.received[..], &words[1][..]);
    }
}
