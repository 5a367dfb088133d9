//! Trackers and web seeds: what is asked, and what answers mean.

use std::time::Duration;

use proptest::prelude::*;
use torrent::{
    Sha1Hash,
    create::{Builder, Version},
    tracker::{
        Announce, BadAnswer, Event, MAX_PEERS, Scraped,
        http::{announce_url, parse_announce, parse_scrape, scrape_url},
        udp::{self, Answer},
    },
    web_seed::file_url,
};

fn announce(event: Event) -> Announce {
    Announce {
        infohash: Sha1Hash(
            *b"\x12\x34\x56\x78\x9a\xbc\xde\xf1\x23\x45\x67\x89\xab\xcd\xef\x12\x34\x56\x78\x9a",
        ),
        peer_id: *b"-KN0100-abcdefghijkl",
        port: 6881,
        uploaded: 1,
        downloaded: 2,
        left: 3,
        event,
        wanted: 50,
        key: 0xbeef,
    }
}

#[test]
fn an_announce_says_all_that_trackers_want_to_know() {
    let url = announce_url("http://t.example/announce", &announce(Event::Started), None);
    let expected = "http://t.example/announce?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A\
        &peer_id=-KN0100-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=3&compact=1&numwant=50&key=0000BEEF&event=started";
    assert_eq!(url, expected);
    let regular = announce_url("http://t/a?pass=1#x", &announce(Event::Regular), Some(b"\xff!"));
    assert!(regular.starts_with("http://t/a?pass=1&info_hash="), "{regular}");
    assert!(regular.ends_with("&key=0000BEEF&trackerid=%FF%21"), "{regular}");
    assert!(
        announce_url("http://t/a?", &announce(Event::Stopped), None)
            .starts_with("http://t/a?info_hash=")
    );
}

#[test]
fn a_scrape_is_asked_where_the_convention_says() {
    let hash = [Sha1Hash([b'a'; 20])];
    let query = "info_hash=aaaaaaaaaaaaaaaaaaaa";
    let cases = [
        ("http://e/announce", Some("http://e/scrape?")),
        ("http://e/x/announce", Some("http://e/x/scrape?")),
        ("http://e/announce.php", Some("http://e/scrape.php?")),
        ("http://e/announce?x=2/4", Some("http://e/scrape?x=2/4&")),
        ("http://e/a", None),
        ("http://e/x%064announce", None),
        ("http://e", None),
    ];
    for (tracker, expected) in cases {
        assert_eq!(
            scrape_url(tracker, &hash),
            expected.map(|url| format!("{url}{query}")),
            "{tracker}"
        );
    }
}

#[test]
fn compact_and_listed_peers_are_read() {
    let body = b"d8:completei3e11:external ip4:\x01\x02\x03\x0410:incompletei7e8:intervali1800e12:min intervali900e\
        5:peers12:\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\0\x006:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x1a\xe110:tracker id2:id15:warning message4:slowe";
    let answer = parse_announce(body).expect("a good answer");
    let peers: Vec<String> = answer.peers.iter().map(ToString::to_string).collect();
    assert_eq!(peers, ["1.2.3.4:6881", "[2001:db8::1]:6881"], "port 0 is left out");
    assert_eq!((answer.seeders, answer.leechers), (Some(3), Some(7)));
    assert_eq!(answer.interval, Duration::from_secs(1800));
    assert_eq!(answer.min_interval, Some(Duration::from_secs(900)));
    assert_eq!(answer.external_ip, Some([1, 2, 3, 4].into()));
    assert_eq!(answer.tracker_id.as_deref(), Some(b"id".as_slice()));
    assert_eq!(answer.warning.as_deref(), Some("slow"));
    let listed = b"d5:peersld2:ip7:1.2.3.44:porti5eed2:ip3:::14:porti6eed2:ip8:a.host.x4:porti7eed2:ip7:1.2.3.44:porti65536eeee";
    let answer = parse_announce(listed).expect("a good answer");
    let peers: Vec<String> = answer.peers.iter().map(ToString::to_string).collect();
    assert_eq!(peers, ["1.2.3.4:5", "[::1]:6"], "host names are left out");
}

#[test]
fn intervals_stay_between_a_minute_and_an_hour() {
    let interval = |n: &str| {
        parse_announce(format!("d8:intervali{n}ee").as_bytes()).map(|a| a.interval.as_secs())
    };
    assert_eq!(interval("0"), Ok(60));
    assert_eq!(interval("-1"), Ok(60));
    assert_eq!(interval("9223372036854775807"), Ok(3600));
    assert_eq!(interval("9223372036854775808"), Ok(1800), "beyond 64 bits is none");
    assert_eq!(parse_announce(b"de").map(|a| a.interval.as_secs()), Ok(1800));
}

#[test]
fn refusals_and_damaged_answers_are_told_apart() {
    let words = "no\n\u{202e}<b>such</b> torrent";
    let refusal = format!("d14:failure reason{}:{words}e", words.len());
    assert_eq!(
        parse_announce(refusal.as_bytes()),
        Err(BadAnswer::Refused("no<b>such</b> torrent".into()))
    );
    assert_eq!(parse_announce(b"le"), Err(BadAnswer::Missing("answer")));
    assert!(matches!(parse_announce(b"<html>"), Err(BadAnswer::Bencode(_))));
    assert!(matches!(parse_announce(&vec![b'x'; 2 << 20]), Err(BadAnswer::Bencode(_))));
    let many = [b"d5:peers18000:".to_vec(), b"\x01\x02\x03\x04\0\x05".repeat(3000), b"e".to_vec()]
        .concat();
    assert_eq!(parse_announce(&many).map(|answer| answer.peers.len()), Ok(MAX_PEERS));
}

#[test]
fn scrapes_are_read_by_torrent() {
    let body = [
        b"d5:filesd20:".as_slice(),
        &[7; 20],
        b"d8:completei1e10:downloadedi2e10:incompletei3ee5:shortdeee",
    ]
    .concat();
    let scraped = parse_scrape(&body).expect("a good answer");
    let expected = Scraped { seeders: 1, leechers: 3, completed: 2 };
    assert_eq!(scraped.into_iter().collect::<Vec<_>>(), [(Sha1Hash([7; 20]), expected)]);
    assert_eq!(parse_scrape(b"de"), Err(BadAnswer::Missing("files")));
}

#[test]
fn udp_packets_are_those_of_bep_15() {
    let connect = b"\0\0\x04\x17\x27\x10\x19\x80\0\0\0\0\0\0\0\x07";
    assert_eq!(&udp::connect(7), connect);
    let packet = udp::announce(0x0102_0304_0506_0708, 7, &announce(Event::Completed), "");
    assert_eq!(packet.len(), 98);
    assert_eq!(packet[..16], *b"\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x01\0\0\0\x07");
    assert_eq!(packet[16..36], announce(Event::Completed).infohash.0);
    assert_eq!(packet[56..80], *b"\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x01");
    assert_eq!(packet[80..], *b"\0\0\0\x01\0\0\0\0\0\0\xbe\xef\0\0\0\x32\x1a\xe1");
    let scrape = udp::scrape(1, 7, &[Sha1Hash([9; 20]); 100]);
    assert_eq!(scrape.len(), 16 + 74 * 20, "no more than a packet may hold");
}

#[test]
fn the_url_s_path_follows_in_parts_of_255_bytes() {
    let path = format!("/{}", "x".repeat(299));
    let packet = udp::announce(1, 7, &announce(Event::Regular), &path);
    assert_eq!((packet[98], packet[99], packet.len()), (2, 255, 98 + 2 + 255 + 2 + 45));
    assert_eq!((packet[98 + 257], packet[98 + 258]), (2, 45));
    assert_eq!(udp::announce(1, 7, &announce(Event::Regular), &"x".repeat(2000)).len(), 98);
}

#[test]
fn udp_answers_are_read_if_they_answer_us() {
    let connected = udp::parse(b"\0\0\0\0\0\0\0\x07\x01\x02\x03\x04\x05\x06\x07\x08", 7, false);
    assert_eq!(connected, Ok(Answer::Connected { connection: 0x0102_0304_0506_0708 }));
    let body = b"\0\0\0\x01\0\0\0\x07\0\0\x07\x08\0\0\0\x02\0\0\0\x03\x01\x02\x03\x04\x1a\xe1\x05";
    let Ok(Answer::Announced(answer)) = udp::parse(body, 7, false) else { panic!("an answer") };
    assert_eq!((answer.seeders, answer.leechers), (Some(3), Some(2)));
    assert_eq!(answer.interval, Duration::from_secs(1800));
    assert_eq!(answer.peers, ["1.2.3.4:6881".parse().expect("an address")], "a rest is left out");
    let scraped = udp::parse(b"\0\0\0\x02\0\0\0\x07\0\0\0\x01\0\0\0\x02\0\0\0\x03", 7, false);
    assert_eq!(
        scraped,
        Ok(Answer::Scraped(vec![Scraped { seeders: 1, leechers: 3, completed: 2 }]))
    );
    assert_eq!(
        udp::parse(b"\0\0\0\x03\0\0\0\x07no", 7, false),
        Err(BadAnswer::Refused("no".into()))
    );
    assert_eq!(udp::parse(body, 8, false), Err(BadAnswer::Foreign), "another transaction");
    assert_eq!(udp::parse(b"\0\0\0\x09\0\0\0\x07", 7, false), Err(BadAnswer::Foreign));
    assert_eq!(
        udp::parse(b"\0\0\0\x01\0\0\0\x07\0\0", 7, false),
        Err(BadAnswer::Short { found: 10 })
    );
    assert_eq!(udp::parse(b"\0\0", 7, false), Err(BadAnswer::Short { found: 2 }));
}

#[test]
fn udp_answers_over_ipv6_have_ipv6_peers() {
    let head = b"\0\0\0\x01\0\0\0\x07\0\0\x07\x08\0\0\0\x02\0\0\0\x03".to_vec();
    let body = [head, b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x1a\xe1".to_vec()].concat();
    let Ok(Answer::Announced(answer)) = udp::parse(&body, 7, true) else { panic!("an answer") };
    assert_eq!(answer.peers, ["[2001:db8::1]:6881".parse().expect("an address")]);
}

fn torrent(single: bool, names: &[&str]) -> torrent::Info {
    let mut builder = Builder::folder("My Show");
    if single {
        builder = Builder::single_file("My Film?.mkv", 3);
    }
    for file in names {
        builder.file(file.split('/').map(str::to_owned).collect(), 3);
    }
    builder.version = Version::V1;
    let mut hashing = builder.start().expect("good names");
    while hashing.next_file().is_some() {
        hashing.feed(b"abc").expect("three bytes");
    }
    hashing.finish().expect("a torrent").info
}

#[test]
fn web_seeds_have_files_where_bep_19_says() {
    let single = torrent(true, &[]);
    let url = |seed| file_url(seed, &single, 0);
    assert_eq!(url("http://s/dir/"), Some("http://s/dir/My%20Film%3F.mkv".into()));
    assert_eq!(url("https://s/any.mkv?key=1"), Some("https://s/any.mkv?key=1".into()));
    assert_eq!(url("ftp://s/dir/"), None);
    assert_eq!(url("no url"), None);
    assert_eq!(file_url("http://s/", &single, 1), None);
    let folder = torrent(false, &["a b/ü#.mkv", "c"]);
    let url = |seed, file| file_url(seed, &folder, file);
    assert_eq!(url("http://s/x", 0), Some("http://s/x/My%20Show/a%20b/%C3%BC%23.mkv".into()));
    assert_eq!(url("http://s/x/", 1), Some("http://s/x/My%20Show/c".into()));
    assert_eq!(url("http://s/x?key=1", 0), None, "nothing can follow a query");
}

proptest! {
    #[test]
    fn arbitrary_answers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), head in 0_u8..5) {
        drop((parse_announce(&bytes), parse_scrape(&bytes)));
        let packet = [&[0, 0, 0, head, 0, 0, 0, 7], bytes.as_slice()].concat();
        drop((udp::parse(&packet, 7, false), udp::parse(&packet, 7, true), udp::parse(&bytes, 7, true)));
    }
}
