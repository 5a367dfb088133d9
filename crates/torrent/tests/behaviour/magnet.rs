//! Magnet links: every parameter, damaged ones, and bounds.

use proptest::prelude::*;
use torrent::{BadMagnet, InfoHashes, Magnet, PeerHint, Sha1Hash, Sha256Hash};

const V1: &str = "xt=urn:btih:0101010101010101010101010101010101010101";
const V2: &str = "xt=urn:btmh:12200202020202020202020202020202020202020202020202020202020202020202";

fn v1() -> Sha1Hash {
    Sha1Hash([1; 20])
}

fn v2() -> Sha256Hash {
    Sha256Hash([2; 32])
}

fn parse(parameters: &str) -> Result<Magnet, BadMagnet> {
    Magnet::parse(&format!("magnet:?{parameters}"))
}

fn hashes(parameters: &str) -> Result<InfoHashes, BadMagnet> {
    parse(parameters).map(|magnet| magnet.hashes)
}

#[test]
fn torrents_are_named_by_v1_v2_or_both() {
    assert_eq!(hashes(V1), Ok(InfoHashes::V1(v1())));
    assert_eq!(hashes(V2), Ok(InfoHashes::V2(v2())));
    assert_eq!(hashes(&format!("{V2}&{V1}")), Ok(InfoHashes::Hybrid(v1(), v2())));
    let base32 = "xt=urn:btih:aeaqcaibaeaqcaibaeaqcaibaeaqcaib";
    assert_eq!(hashes(base32), Ok(InfoHashes::V1(v1())));
    assert_eq!(hashes(&base32.to_uppercase().replace("XT", "xt")), Ok(InfoHashes::V1(v1())));
    assert_eq!(
        hashes(&format!("{V1}&xt.2={}", &V1[3..])),
        Ok(InfoHashes::V1(v1())),
        "twice the same"
    );
    let capitals = Magnet::parse(&format!("  MAGNET:?{} ", V1.replace("btih", "BTIH")));
    assert_eq!(capitals.map(|magnet| magnet.hashes), Ok(InfoHashes::V1(v1())));
    assert_eq!(hashes(&V1.replace(':', "%3A")), Ok(InfoHashes::V1(v1())), "escaped");
}

#[test]
fn links_that_name_no_torrent_say_why() {
    let zero = "xt=urn:btih:0000000000000000000000000000000000000000";
    let cases = [
        (Magnet::parse("http://x"), BadMagnet::NotMagnet),
        (Magnet::parse("magnet:"), BadMagnet::NotMagnet),
        (Magnet::parse("mägnet:?x"), BadMagnet::NotMagnet),
        (parse(""), BadMagnet::NoHash),
        (parse("dn=x&xt=urn:sha1:abc"), BadMagnet::NoHash),
        (parse("xt=urn:btih:"), BadMagnet::BadHash),
        (parse("xt=urn:btih:xyz"), BadMagnet::BadHash),
        (parse(&V1.replace("01", "zz")), BadMagnet::BadHash),
        (parse("xt=urn:btih:aeaqcaibaeaqcaibaeaqcaibaeaqcai1"), BadMagnet::BadHash),
        (parse(&V2.replace("1220", "1114")), BadMagnet::BadHash),
        (parse(&V2[..V2.len() - 1]), BadMagnet::BadHash),
        (parse(&format!("{V1}&{zero}")), BadMagnet::TwoTorrents),
        (parse(&format!("{V1}&dn={}", "x".repeat(8192))), BadMagnet::TooLong { found: 8256 }),
    ];
    for (result, expected) in cases {
        assert_eq!(result, Err(expected));
    }
    assert!(BadMagnet::NoHash.to_string().contains("names no torrent"));
}

#[test]
fn every_parameter_is_read() {
    let link = format!(
        "{V1}&dn=Big+Buck%20Bunny&tr=udp%3A%2F%2Fa%3A1%2Fannounce&tr.7=http://b/&ws=http://seed/f%20x&xs=http://c/x.torrent\
         &as=http://d/y&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:51413&x.pe=host.example:1&so=0,2,4-7&xl=276445467&unknown=1"
    );
    let magnet = parse(&link).expect("a good link");
    assert_eq!(magnet.name.as_deref(), Some("Big Buck Bunny"));
    assert_eq!(magnet.trackers, ["udp://a:1/announce", "http://b/"]);
    assert_eq!(magnet.web_seeds, ["http://seed/f x"]);
    assert_eq!(magnet.sources, ["http://c/x.torrent", "http://d/y"]);
    let peers: Vec<String> = magnet.peers.iter().map(PeerHint::to_string).collect();
    assert_eq!(peers, ["10.0.0.1:6881", "[2001:db8::1]:51413", "host.example:1"]);
    assert_eq!(magnet.select_only, [0..=0, 2..=2, 4..=7]);
    let selected: Vec<u32> = (0..10).filter(|file| magnet.selects(*file)).collect();
    assert_eq!(selected, [0, 2, 4, 5, 6, 7]);
    assert_eq!(magnet.exact_length, Some(276_445_467));
    assert_eq!(Magnet::parse(&magnet.to_string()), Ok(magnet));
}

#[test]
fn damaged_parameters_are_left_out() {
    let link = format!(
        "{V1}&x.pe=nothing&x.pe=:1&x.pe=1.2.3.4:0&x.pe=[::1:5&x.pe=a/b:1&so=x,3-1,5&xl=-1&tr"
    );
    let magnet = parse(&link).expect("a good hash");
    assert_eq!((magnet.peers, magnet.exact_length), (vec![], None));
    assert_eq!(magnet.select_only, [5..=5]);
    assert!(parse(V1).expect("a good hash").selects(3), "no selection selects all");
    let escapes = parse(&format!("{V1}&dn=%e2%98%83%zz%4%ff")).expect("a good hash");
    assert_eq!(escapes.name.as_deref(), Some("☃%zz%4\u{fffd}"));
}

#[test]
fn a_bomb_of_parameters_is_kept_within_bounds() {
    let list =
        |key: &str| (0..300).map(|n| format!("&{key}=1.1.1.1:{}", n + 1)).collect::<String>();
    let magnet = |key| parse(&format!("{V1}{}", list(key))).expect("a good hash");
    assert_eq!(magnet("tr").trackers.len(), 64);
    assert_eq!(magnet("ws").web_seeds.len(), 16);
    assert_eq!(magnet("xs").sources.len(), 16);
    assert_eq!(magnet("x.pe").peers.len(), 64);
    let long = parse(&format!("{V1}&dn={}", "é".repeat(1000))).expect("a good hash");
    assert_eq!(long.name.map(|name| name.len()), Some(1024));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        both in any::<bool>(), name in prop::option::of("\\PC{1,40}"), trackers in prop::collection::btree_set("\\PC{1,30}", 0..5),
        length in any::<Option<u64>>(), ranges in prop::collection::vec((any::<u16>(), any::<u16>()), 0..4),
    ) {
        let mut magnet = Magnet::new(if both { InfoHashes::Hybrid(v1(), v2()) } else { InfoHashes::V2(v2()) });
        magnet.name = name;
        magnet.trackers = trackers.into_iter().collect();
        magnet.exact_length = length;
        magnet.select_only = ranges.into_iter().map(|(a, b)| u32::from(a.min(b))..=u32::from(a.max(b))).collect();
        prop_assert_eq!(Magnet::parse(&magnet.to_string()), Ok(magnet));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,80}", prefix in any::<bool>()) {
        let link = if prefix { format!("magnet:?{V1}&{text}") } else { text };
        drop(Magnet::parse(&link));
    }
}
