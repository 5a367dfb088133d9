//! The wire: handshakes, every message, framing of bytes cut anywhere, and extensions.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use torrent::{
    Block, Geometry, Piece, Sha1Hash, Sha256Hash,
    wire::{
        BadHandshake, BadMessage, Framer, Handshake, HashRequest, Limits, Message, Request,
        Reserved, allowed_fast, encode,
        extension::{
            BadExtension, DontHave, Exchange, ExchangePeer, ExtensionHandshake, ExtensionIds,
            Holepunch, HolepunchError, Metadata, PeerFlags, UploadOnly,
        },
        piece_header,
    },
};

fn encoded(message: &Message) -> Vec<u8> {
    let mut out = BytesMut::new();
    encode(message, &mut out);
    out.to_vec()
}

/// The messages in some bytes that come at once.
fn read(bytes: &[u8]) -> Result<Vec<Message>, BadMessage> {
    let mut framer = Framer::new(Limits::default());
    framer.push(Bytes::copy_from_slice(bytes));
    let mut messages = Vec::new();
    while let Some(message) = framer.next()? {
        messages.push(message);
    }
    Ok(messages)
}

fn request() -> Request {
    Request { piece: Piece(1), begin: 0x4000, len: 0x4000 }
}

fn hash_request() -> HashRequest {
    let pieces_root = Sha256Hash([9; 32]);
    HashRequest { pieces_root, base_layer: 1, index: 2, length: 3, proof_layers: 4 }
}

/// Every message with the bytes that BEP 3, 5, 6, 10 and 52 give it.
fn vectors() -> Vec<(Message, Vec<u8>)> {
    let numbers = b"\0\0\0\x01\0\0\x40\0\0\0\x40\0";
    let cat = |parts: &[&[u8]]| parts.concat();
    let hashes = cat(&[&[9; 32], b"\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04"]);
    let block = Message::Piece { piece: Piece(1), begin: 5, data: Bytes::from_static(b"data") };
    let answer = Message::Hashes { request: hash_request(), hashes: vec![Sha256Hash([7; 32]); 2] };
    vec![
        (Message::KeepAlive, b"\0\0\0\0".to_vec()),
        (Message::Choke, b"\0\0\0\x01\x00".to_vec()),
        (Message::Unchoke, b"\0\0\0\x01\x01".to_vec()),
        (Message::Interested, b"\0\0\0\x01\x02".to_vec()),
        (Message::NotInterested, b"\0\0\0\x01\x03".to_vec()),
        (Message::Have(Piece(258)), b"\0\0\0\x05\x04\0\0\x01\x02".to_vec()),
        (Message::Bitfield(Bytes::from_static(b"\xf0")), b"\0\0\0\x02\x05\xf0".to_vec()),
        (Message::Request(request()), cat(&[b"\0\0\0\x0d\x06", numbers])),
        (block, b"\0\0\0\x0d\x07\0\0\0\x01\0\0\0\x05data".to_vec()),
        (Message::Cancel(request()), cat(&[b"\0\0\0\x0d\x08", numbers])),
        (Message::Port(6881), b"\0\0\0\x03\x09\x1a\xe1".to_vec()),
        (Message::Suggest(Piece(3)), b"\0\0\0\x05\x0d\0\0\0\x03".to_vec()),
        (Message::HaveAll, b"\0\0\0\x01\x0e".to_vec()),
        (Message::HaveNone, b"\0\0\0\x01\x0f".to_vec()),
        (Message::Reject(request()), cat(&[b"\0\0\0\x0d\x10", numbers])),
        (Message::AllowedFast(Piece(3)), b"\0\0\0\x05\x11\0\0\0\x03".to_vec()),
        (
            Message::Extended { id: 3, payload: Bytes::from_static(b"x") },
            b"\0\0\0\x03\x14\x03x".to_vec(),
        ),
        (Message::HashRequest(hash_request()), cat(&[b"\0\0\0\x31\x15", &hashes])),
        (answer, cat(&[b"\0\0\0\x71\x16", &hashes, &[7; 64]])),
        (Message::HashReject(hash_request()), cat(&[b"\0\0\0\x31\x17", &hashes])),
        (Message::Unknown(200), b"\0\0\0\x01\xc8".to_vec()),
    ]
}

#[test]
fn every_message_is_written_and_read_as_specified() {
    for (message, bytes) in vectors() {
        assert_eq!(encoded(&message), bytes, "{message:?}");
        assert_eq!(read(&bytes), Ok(vec![message]));
    }
}

#[test]
fn messages_of_the_wrong_length_end_the_connection() {
    let fixed = [0, 1, 2, 3, 4, 6, 8, 9, 13, 14, 15, 16, 17, 21, 23];
    for id in fixed {
        let bytes = [&[0, 0, 0, 60, id], [0; 59].as_slice()].concat();
        assert_eq!(read(&bytes), Err(BadMessage::Length { id, found: 60 }), "longer");
    }
    for (id, len) in [(4, 4), (6, 12), (7, 8), (9, 2), (20, 1), (21, 48), (22, 48), (22, 50)] {
        let bytes = [&[0, 0, 0, len, id], [0; 60].as_slice()].concat();
        let found = u32::from(len);
        assert_eq!(read(&bytes), Err(BadMessage::Length { id, found }), "shorter, kind {id}");
    }
}

#[test]
fn a_message_that_is_too_long_is_refused_before_its_bytes_come() {
    let cases: [(&[u8], u8, u32, u32); 5] = [
        (b"\xff\xff\xff\xff", 255, u32::MAX, 1 << 20),
        (b"\x80\0\0\0", 255, 1 << 31, 1 << 20),
        (b"\0\x10\0\x01", 255, (1 << 20) + 1, 1 << 20),
        (b"\0\x02\0\x0a\x07", 7, (128 << 10) + 10, (128 << 10) + 9),
        (b"\0\x10\0\0\x07", 7, 1 << 20, (128 << 10) + 9),
    ];
    for (bytes, id, found, allowed) in cases {
        assert_eq!(read(bytes), Err(BadMessage::TooLong { id, found, allowed }));
    }
}

#[test]
fn a_block_in_one_part_is_not_copied() {
    let data = vec![7; 16 * 1024];
    let message = Message::Piece { piece: Piece(0), begin: 0, data: data.into() };
    let received = Bytes::from([encoded(&Message::Choke), encoded(&message)].concat());
    let range = received.as_ptr_range();
    let mut framer = Framer::new(Limits::default());
    framer.push(received.clone());
    assert_eq!(framer.next(), Ok(Some(Message::Choke)));
    let Ok(Some(Message::Piece { data, .. })) = framer.next() else { panic!("a block") };
    assert!(range.contains(&data.as_ptr()), "a slice of what was received");
    assert_eq!(framer.next(), Ok(None));
}

#[test]
fn a_piece_header_is_what_stands_before_a_block() {
    let message = Message::Piece { piece: Piece(7), begin: 9, data: Bytes::from_static(b"data") };
    assert_eq!(encoded(&message)[..13], piece_header(Piece(7), 9, 4));
}

#[test]
fn requests_are_as_long_as_their_blocks() {
    let geometry = Geometry::new(32_768, 40_000, vec![], true);
    let of = |piece, index| Request::of(Block { piece: Piece(piece), index }, &geometry);
    assert_eq!(of(0, 1), Some(Request { piece: Piece(0), begin: 16_384, len: 16_384 }));
    assert_eq!(of(1, 0), Some(Request { piece: Piece(1), begin: 0, len: 40_000 - 32_768 }));
    assert_eq!((of(1, 1), of(2, 0), of(0, u32::MAX)), (None, None, None));
}

fn handshake() -> Handshake {
    let reserved = Reserved::NONE.with_extended().with_dht().with_fast().with_v2();
    Handshake { reserved, infohash: Sha1Hash([5; 20]), peer_id: *b"-KN0100-abcdefghijkl" }
}

#[test]
fn a_handshake_is_read_as_it_was_written_however_it_is_cut() {
    let bytes = handshake().to_bytes();
    assert_eq!(&bytes[..20], b"\x13BitTorrent protocol");
    assert_eq!(bytes[20..28], [0, 0, 0, 0, 0, 0x10, 0, 0x15]);
    for cut in 0..bytes.len() {
        let mut framer = Framer::new(Limits::default());
        framer.push(Bytes::copy_from_slice(&bytes[..cut]));
        assert_eq!(framer.handshake(), Ok(None), "{cut}");
        framer.push(Bytes::from([&bytes[cut..], b"\0\0\0\x01\x01"].concat()));
        assert_eq!(framer.handshake(), Ok(Some(handshake())), "{cut}");
        assert_eq!(framer.next(), Ok(Some(Message::Unchoke)));
    }
}

#[test]
fn another_protocol_is_told_from_its_first_wrong_byte() {
    assert_eq!(Handshake::parse(b"GET / HTTP/1.1"), Err(BadHandshake));
    assert_eq!(Handshake::parse(b"\x13BitTorrent protocom"), Err(BadHandshake));
    assert_eq!(Handshake::parse(b"\x00"), Err(BadHandshake));
    assert_eq!(Handshake::parse(b"\xff"), Err(BadHandshake));
    assert_eq!(Handshake::parse(b"\x13BitT"), Ok(None));
}

#[test]
fn reserved_bits_say_what_a_peer_can() {
    let all = handshake().reserved;
    assert!(all.extended() && all.dht() && all.fast() && all.v2());
    let none = Reserved::NONE;
    assert!(!none.extended() && !none.dht() && !none.fast() && !none.v2());
}

#[test]
fn the_allowed_fast_set_is_that_of_bep_6() {
    let (peer, torrent) = (Ipv4Addr::new(80, 4, 4, 200), Sha1Hash([0xaa; 20]));
    let expected = [1059, 431, 808, 1217, 287, 376, 1188, 353, 508].map(Piece);
    assert_eq!(allowed_fast(peer, &torrent, 1313, 7), expected[..7]);
    assert_eq!(allowed_fast(peer, &torrent, 1313, 9), expected);
    assert_eq!(allowed_fast(peer, &torrent, 3, 7), [0, 1, 2].map(Piece), "all there are");
    assert_eq!(allowed_fast(peer, &torrent, 0, 7), []);
}

fn said() -> ExtensionHandshake {
    ExtensionHandshake {
        ids: ExtensionIds::OURS,
        client: Some("Kinora 0.1".into()),
        port: Some(6881),
        request_queue: Some(500),
        metadata_size: Some(12_345),
        your_ip: Some([1, 2, 3, 4].into()),
        ipv4: Some([10, 0, 0, 1].into()),
        ipv6: Some("2001:db8::1".parse().expect("an address")),
        upload_only: true,
    }
}

#[test]
fn an_extension_handshake_is_read_as_it_was_written() {
    assert_eq!(ExtensionHandshake::parse(&said().to_bytes()), Ok(said()));
    let nothing = ExtensionHandshake::default();
    assert_eq!(&nothing.to_bytes()[..], b"d1:mdee");
    assert_eq!(ExtensionHandshake::parse(b"d1:mdee"), Ok(nothing));
}

#[test]
fn a_further_extension_handshake_changes_what_it_names() {
    let after = said().updated_by(b"d1:md6:ut_pexi0e11:ut_metadatai9eee").expect("a handshake");
    assert_eq!((after.ids.exchange, after.ids.metadata), (None, Some(9)));
    assert_eq!(after.ids.dont_have, said().ids.dont_have);
    assert_eq!(after.client, said().client);
}

#[test]
fn nonsense_in_an_extension_handshake_counts_as_missing() {
    let bytes =
        b"d1:md11:ut_metadatai256e6:ut_pexi-1e12:ut_holepunch1:xe13:metadata_sizei-1e1:pi65536e\
                  4:reqqi4294967296e6:yourip3:abce";
    assert_eq!(ExtensionHandshake::parse(bytes), Ok(ExtensionHandshake::default()));
    let zero = b"d13:metadata_sizei0e1:pi0e4:reqqi0ee";
    assert_eq!(ExtensionHandshake::parse(zero), Ok(ExtensionHandshake::default()));
    assert_eq!(ExtensionHandshake::parse(b"i1e"), Err(BadExtension::Field("handshake")));
    assert!(ExtensionHandshake::parse(&b"l".repeat(10_000)).is_err(), "nested without end");
}

#[test]
fn a_program_s_name_is_short_and_hides_nothing() {
    let hostile = format!("\u{202e}evil\n\u{200b}{}", "x".repeat(1000));
    let bytes = format!("d1:v{}:{hostile}e", hostile.len());
    let client = ExtensionHandshake::parse(bytes.as_bytes()).expect("a handshake").client;
    assert_eq!(client, Some(format!("evil{}", "x".repeat(60))));
}

#[test]
fn metadata_messages_are_those_of_bep_9() {
    let data = Bytes::from_static(b"xxxxx");
    let cases: [(Metadata, &[u8]); 3] = [
        (Metadata::Request { piece: 0 }, b"d8:msg_typei0e5:piecei0ee"),
        (
            Metadata::Data { piece: 0, total_size: 34_256, data },
            b"d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxx",
        ),
        (Metadata::Reject { piece: 0 }, b"d8:msg_typei2e5:piecei0ee"),
    ];
    for (message, bytes) in cases {
        assert_eq!(&message.to_bytes()[..], bytes);
        assert_eq!(Metadata::parse(&Bytes::from_static(bytes)), Ok(message));
    }
    let later = Bytes::from_static(b"d8:msg_typei9e5:piecei0ee");
    assert_eq!(Metadata::parse(&later), Ok(Metadata::Unknown));
}

#[test]
fn damaged_metadata_messages_are_refused() {
    let parse = |bytes: &[u8]| Metadata::parse(&Bytes::copy_from_slice(bytes));
    assert_eq!(parse(b"d5:piecei0ee"), Err(BadExtension::Field("msg_type")));
    assert_eq!(parse(b"d8:msg_typei0ee"), Err(BadExtension::Field("piece")));
    assert_eq!(parse(b"d8:msg_typei0e5:piecei-1ee"), Err(BadExtension::Field("piece")));
    let unsized_data = b"d8:msg_typei1e5:piecei0eexx";
    assert_eq!(parse(unsized_data), Err(BadExtension::Field("total_size")));
    let head = b"d8:msg_typei1e5:piecei0e10:total_sizei99999ee".to_vec();
    let long = [head, vec![0; 16_385]].concat();
    assert_eq!(parse(&long), Err(BadExtension::Length { found: 16_385 }));
}

fn addr(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn peer_exchange_carries_both_families_with_their_flags() {
    let peer = |text, flags| ExchangePeer { addr: addr(text), flags: PeerFlags(flags) };
    let exchange = Exchange {
        added: vec![
            peer("1.2.3.4:5", PeerFlags::SEED | PeerFlags::UTP),
            peer("5.6.7.8:9", 0),
            peer("[2001:db8::1]:6881", PeerFlags::REACHABLE),
        ],
        dropped: vec![addr("9.9.9.9:9"), addr("[2001:db8::2]:1")],
    };
    assert_eq!(Exchange::parse(&exchange.to_bytes()), Ok(exchange.clone()));
    assert!(exchange.added[0].flags.has(PeerFlags::SEED));
    assert!(!exchange.added[0].flags.has(PeerFlags::HOLEPUNCH));
}

#[test]
fn peer_exchange_is_bounded_and_forgives_missing_flags() {
    let many = [b"d5:added6000:".to_vec(), b"\x01\x02\x03\x04\0\x05".repeat(1000), b"e".to_vec()];
    let read = Exchange::parse(&many.concat()).expect("a message");
    assert_eq!(read.added.len(), Exchange::MAX_PEERS);
    assert_eq!(read.added[0].flags, PeerFlags(0));
    let odd =
        Exchange::parse(b"d5:added8:\x01\x02\x03\x04\0\x05xx7:droppedi3ee").expect("a message");
    assert_eq!((odd.added.len(), odd.dropped.len()), (1, 0));
    let no_port = Exchange::parse(b"d5:added6:\x01\x02\x03\x04\0\0e").expect("a message");
    assert_eq!(no_port.added, []);
    assert_eq!(Exchange::parse(b"le"), Err(BadExtension::Field("pex")));
}

#[test]
fn small_extension_messages_have_their_one_length() {
    assert_eq!(DontHave::parse(b"\0\0\x01\x02"), Ok(DontHave(Piece(258))));
    assert_eq!(&DontHave(Piece(258)).to_bytes()[..], b"\0\0\x01\x02");
    assert_eq!(DontHave::parse(b"\0\0\x01"), Err(BadExtension::Length { found: 3 }));
    assert_eq!(UploadOnly::parse(b"\x01"), Ok(UploadOnly(true)));
    assert_eq!(&UploadOnly(false).to_bytes()[..], b"\0");
    assert_eq!(UploadOnly::parse(b""), Err(BadExtension::Length { found: 0 }));
}

#[test]
fn holepunch_messages_are_those_of_bep_55() {
    let (v4, v6) = (addr("1.2.3.4:258"), addr("[2001:db8::1]:258"));
    let cases = [
        Holepunch::Rendezvous(v4),
        Holepunch::Connect(v6),
        Holepunch::Error(v4, HolepunchError::NotConnected),
        Holepunch::Error(v6, HolepunchError::Other(99)),
    ];
    for message in cases {
        assert_eq!(Holepunch::parse(&message.to_bytes()), Ok(message));
    }
    let bytes = Holepunch::Error(v4, HolepunchError::NoSelf).to_bytes();
    assert_eq!(&bytes[..], b"\x02\x00\x01\x02\x03\x04\x01\x02\0\0\0\x04");
    let short = b"\x00\x00\x01\x02\x03\x04\x01\x02";
    assert_eq!(Holepunch::parse(short), Ok(Holepunch::Rendezvous(v4)), "without an error code");
    assert_eq!(Holepunch::parse(&short[..7]), Err(BadExtension::Length { found: 7 }));
    assert_eq!(Holepunch::parse(b"\x00\x02abc"), Err(BadExtension::Field("addr_type")));
    assert_eq!(
        Holepunch::parse(b"\x03\x00\x01\x02\x03\x04\x01\x02"),
        Err(BadExtension::Field("msg_type"))
    );
    assert_eq!(Holepunch::parse(b"\x00"), Err(BadExtension::Length { found: 1 }));
}

proptest! {
    #[test]
    fn bytes_cut_anywhere_give_the_same_messages(
        picks in prop::collection::vec(0_usize..21, 0..30), cuts in prop::collection::vec(1_usize..40, 1..200),
    ) {
        let all = vectors();
        let messages: Vec<Message> = picks.iter().map(|at| all[*at].0.clone()).collect();
        let bytes: Vec<u8> = picks.iter().flat_map(|at| all[*at].1.clone()).collect();
        let mut framer = Framer::new(Limits::default());
        let (mut rest, mut got) = (Bytes::from(bytes), Vec::new());
        for (turn, cut) in cuts.iter().cycle().enumerate() {
            if rest.is_empty() {
                break;
            }
            framer.push(rest.split_to((*cut).min(rest.len())));
            // Sometimes several parts come before anybody reads.
            while turn % 3 == 0 && let Some(message) = framer.next().expect("good messages") {
                got.push(message);
            }
        }
        while let Some(message) = framer.next().expect("good messages") {
            got.push(message);
        }
        prop_assert_eq!(got, messages);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(read(&bytes));
        let shared = Bytes::from(bytes);
        drop((Handshake::parse(&shared), ExtensionHandshake::parse(&shared)));
        drop((Metadata::parse(&shared), Exchange::parse(&shared), Holepunch::parse(&shared)));
        let _ = (DontHave::parse(&shared), UploadOnly::parse(&shared));
    }
}
