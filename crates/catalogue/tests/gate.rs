//! Catalogue files at the public door: what passes, what is dropped and why, and that nothing panics.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use catalogue::{
    Art, Catalogue, Kind, Licence, RejectedCatalogue, Rejection, Title, WithdrawalReason, starter,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn film(id: &str) -> Value {
    json!({
        "id": id, "kind": "film", "name": {"en": "A Film"}, "licence": "CC-BY-SA-4.0",
        "attribution": "Somebody", "source": "https://example.org/licence",
        "releases": [release(id)],
    })
}

fn release(id: &str) -> Value {
    json!({"id": format!("{id}-r"), "quality": "720p", "container": "mp4", "size_bytes": 1,
        "torrent": {"v1": "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"}, "path": "a/b.mp4"})
}

fn with(mut title: Value, field: &str, value: Value) -> Value {
    title[field] = value;
    title
}

fn file(titles: &[Value]) -> Value {
    json!({"kinora_catalogue": 1, "id": "test", "revision": 1, "name": {"en": "Test"},
        "publisher": "Somebody", "titles": titles})
}

fn parse(file: &Value) -> Result<Catalogue, RejectedCatalogue> {
    Catalogue::parse(file.to_string().as_bytes())
}

/// The one title of a file that must pass.
fn passed(title: Value) -> Title {
    let catalogue = parse(&file(&[title])).unwrap();
    assert_eq!(catalogue.rejected(), []);
    catalogue.titles()[0].clone()
}

/// Why the one title of a file is dropped.
fn dropped(title: Value) -> Rejection {
    let catalogue = parse(&file(&[title])).unwrap();
    assert_eq!(catalogue.titles(), []);
    catalogue.rejected()[0].why.clone()
}

#[test]
fn a_record_without_licence_attribution_or_source_is_dropped_with_that_reason() {
    let null = || json!(null);
    assert_eq!(dropped(with(film("a"), "licence", null())), Rejection::NoLicence);
    assert_eq!(dropped(with(film("a"), "attribution", json!("  "))), Rejection::NoAttribution);
    assert_eq!(dropped(with(film("a"), "source", null())), Rejection::NoSource);
}

#[test]
fn licences_that_are_not_open_are_dropped_by_name() {
    for licence in [
        "proprietary",
        "CC-BY-5.0",
        "CC-BY",
        "cc-by-4.0",
        "MIT",
        "CC-BY-NC-NL-3.0",
        "CC0-1.0 OR MIT",
    ] {
        let why = dropped(with(film("a"), "licence", json!(licence)));
        assert_eq!(why, Rejection::UnknownLicence(licence.to_owned()));
    }
}

#[test]
fn every_licence_on_the_list_passes_and_has_a_name() {
    for spdx in Licence::recognised() {
        let statement = json!("Anybody may share exact copies.");
        let title =
            passed(with(with(film("a"), "licence", json!(spdx)), "licence_statement", statement));
        assert!(!title.licence.name().is_empty());
        assert_eq!(title.licence.url().is_none(), title.licence.needs_statement(), "{spdx}");
    }
    assert!(Licence::recognised().count() > 40);
}

#[test]
fn names_and_addresses_of_licences_are_those_of_their_stewards() {
    let facts = [
        ("CC-BY-SA-4.0", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/", false),
        (
            "CC-BY-NC-ND-1.0",
            "CC BY-NC-ND 1.0",
            "https://creativecommons.org/licenses/by-nd-nc/1.0/",
            true,
        ),
        ("CC-BY-3.0-US", "CC BY 3.0 US", "https://creativecommons.org/licenses/by/3.0/us/", false),
        (
            "CC0-1.0",
            "CC0 1.0 (public domain)",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            false,
        ),
    ];
    for (spdx, name, url, limits) in facts {
        let licence = Licence::try_from(spdx.to_owned()).unwrap();
        assert_eq!((licence.name().as_str(), licence.url().as_deref()), (name, Some(url)));
        assert_eq!(licence.has_limits(), limits);
    }
}

#[test]
fn a_publishers_own_licence_needs_its_statement() {
    let own = with(film("a"), "licence", json!("LicenseRef-publisher-own"));
    assert_eq!(dropped(own.clone()), Rejection::NoStatement);
    passed(with(own, "licence_statement", json!("Anybody may share exact copies.")));
}

#[test]
fn one_bad_record_does_not_take_the_others_along_and_all_are_counted() {
    let bad = with(film("b"), "licence", json!("none"));
    let shapeless = json!([1, 2, 3]);
    let catalogue = parse(&file(&[film("a"), bad, shapeless, film("a"), film("c")])).unwrap();
    let ids: Vec<_> = catalogue.titles().iter().map(|title| &*title.id).collect();
    assert_eq!(ids, ["a", "c"]);
    let counts: Vec<_> = catalogue.rejected_counts().iter().map(|(code, n)| (*code, *n)).collect();
    assert_eq!(counts, [("duplicate_id", 1), ("licence", 1), ("malformed", 1)]);
    assert_eq!(catalogue.rejected()[2].id.as_deref(), Some("a"));
}

#[test]
fn ten_thousand_bad_records_are_counted_but_not_all_kept() {
    let catalogue = parse(&file(&vec![json!({}); 10_000])).unwrap();
    assert_eq!(catalogue.rejected_counts()["licence"], 10_000);
    assert_eq!(catalogue.rejected().len(), 100);
}

#[test]
fn text_loses_what_hides_or_reorders_it() {
    let name = "\u{202E}A\u{0} \u{FEFF}Film\n\u{2066}of\u{7} old\u{E0041}  ";
    let title = passed(with(film("a"), "name", json!({"EN-us": name})));
    assert_eq!(title.name.pick(&["en"]), Some("A Film of old"));
    assert_eq!(&**title.name.iter().next().unwrap().0, "en-US");
    let two_lines = json!({"en": "One.\n\nTwo.\r"});
    assert_eq!(
        passed(with(film("a"), "synopsis", two_lines)).synopsis.pick(&["en"]),
        Some("One.\n\nTwo.")
    );
}

#[test]
fn markup_stays_the_text_it_is() {
    let title = passed(with(film("a"), "name", json!({"en": "<b>&amp;</b>"})));
    assert_eq!(title.name.pick(&["en"]), Some("<b>&amp;</b>"));
}

#[test]
fn the_viewers_language_is_chosen_then_english_then_any() {
    let title = passed(with(film("a"), "name", json!({"de": "Eins", "en": "One", "pt-BR": "Um"})));
    let pick = |wanted: &[&str]| title.name.pick(wanted).unwrap().to_owned();
    assert_eq!(pick(&["de"]), "Eins");
    assert_eq!(pick(&["pt"]), "Um");
    assert_eq!(pick(&["de-AT", "en"]), "Eins");
    assert_eq!(pick(&["ja"]), "One");
    let only = passed(with(film("a"), "name", json!({"ja": "一"})));
    assert_eq!(only.name.pick(&["fr"]), Some("一"));
}

#[test]
fn every_field_has_a_limit() {
    let many = |n: usize, value: Value| Value::Array(vec![value; n]);
    let languages: serde_json::Map<_, _> = (0..65)
        .map(|n| {
            (
                format!("x{}", char::from(b'a' + n / 26)) + &char::from(b'a' + n % 26).to_string(),
                json!("n"),
            )
        })
        .collect();
    let too_much = [
        ("id", json!("x".repeat(65))),
        ("id", json!("a.b")),
        ("name", json!({"en": "x".repeat(301)})),
        ("name", json!({})),
        ("name", Value::Object(languages)),
        ("synopsis", json!({"en": "x".repeat(4001)})),
        ("year", json!(1492)),
        ("genres", many(17, json!("drama"))),
        ("genres", json!(["Has Spaces"])),
        ("people", many(201, json!({"name": "P", "role": "cast"}))),
        ("countries", json!(["nl"])),
        ("attribution", json!("x".repeat(1001))),
        ("source", json!("http://example.org")),
        ("source", json!("https://user@example.org")),
        ("source", json!("javascript:alert(1)")),
        ("poster", json!({"file": "../secret"})),
        ("poster", json!({"file": "/etc/passwd"})),
        ("poster", json!({"file": "C:/x"})),
        ("poster", json!({"file": "a\\b"})),
        ("releases", json!([])),
        ("releases", many(33, release("a"))),
        ("releases", json!([with(release("a"), "torrent", json!({}))])),
        ("releases", json!([with(release("a"), "torrent", json!({"v1": "xyz"}))])),
        ("releases", json!([with(release("a"), "size_bytes", json!(-1))])),
        ("seasons", json!([{"number": 1, "episodes": []}])),
    ];
    for (field, value) in too_much {
        let why = dropped(with(film("a"), field, value));
        assert!(
            matches!(why, Rejection::Malformed(_) | Rejection::DuplicateId(_)),
            "{field}: {why}"
        );
    }
}

#[test]
fn pictures_can_be_files_hashes_assets_or_in_the_torrent() {
    for art in
        [json!({"file": "art/x.png"}), json!({"sha256": "ab".repeat(32)}), json!({"asset": "reel"})]
    {
        passed(with(film("a"), "poster", art));
    }
    let title = passed(with(film("a"), "poster", json!({"in_torrent": "poster.jpg"})));
    assert!(matches!(title.poster, Some(Art::InTorrent(_))));
}

#[test]
fn a_series_has_its_releases_in_episodes() {
    let episode =
        json!({"id": "e1", "number": 1, "name": {"en": "One"}, "releases": [release("e1")]});
    let mut series = with(film("s"), "kind", json!("series"));
    assert!(matches!(dropped(series.clone()), Rejection::Malformed(_)));
    series["releases"] = json!([]);
    series["seasons"] = json!([{"number": 1, "episodes": [episode]}]);
    let title = passed(series);
    assert_eq!(
        (title.kind, title.episodes().count(), title.all_releases().count()),
        (Kind::Series, 1, 1)
    );
}

#[test]
fn withdrawn_titles_are_not_listed_and_withdrawn_torrents_leave_their_titles() {
    let mut two = film("two");
    let other =
        with(with(release("two"), "id", json!("other")), "torrent", json!({"v1": "ab".repeat(20)}));
    two["releases"] = json!([release("two"), other]);
    let mut file = file(&[film("gone"), two]);
    file["withdrawn"] = json!([
        {"id": "gone", "reason": "rights"},
        {"id": "two", "reason": "wrong_file", "infohash": "ab".repeat(20)},
    ]);
    let catalogue = parse(&file).unwrap();
    assert_eq!(catalogue.titles().len(), 1);
    assert_eq!(catalogue.titles()[0].releases.len(), 1);
    assert_eq!(catalogue.withdrawn()[0].reason, WithdrawalReason::Rights);
}

#[test]
fn a_file_of_a_newer_format_or_of_another_kind_says_so() {
    let newer = parse(&with(file(&[]), "kinora_catalogue", json!(2))).unwrap_err();
    assert_eq!(newer, RejectedCatalogue::NewerFormat { found: 2 });
    assert!(newer.to_string().contains("update Kinora"));
    for bytes in [&b""[..], b"{}", b"[]", b"\xff\xfe", b"{\"kinora_catalogue\": 1, \"titles\": 7}"]
    {
        assert!(matches!(Catalogue::parse(bytes), Err(RejectedCatalogue::Malformed(_))));
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = "[".repeat(200_000);
    assert!(Catalogue::parse(deep.as_bytes()).is_err());
    let in_record = format!(
        "{{\"kinora_catalogue\":1,\"id\":\"t\",\"revision\":1,\"name\":{{\"en\":\"T\"}},\"publisher\":\"P\",\"titles\":[{deep}"
    );
    assert!(Catalogue::parse(in_record.as_bytes()).is_err());
}

#[test]
fn a_record_written_and_read_again_is_the_same() {
    for title in starter().unwrap().titles() {
        assert_eq!(passed(serde_json::to_value(title).unwrap()), *title);
    }
}

#[test]
fn a_magnet_link_has_both_hashes_and_escapes_what_it_must() {
    let torrent =
        json!({"v1": "ab".repeat(20), "v2": "cd".repeat(32), "web_seeds": ["https://x.org/a?b&c"]});
    let title =
        passed(with(film("a"), "releases", json!([with(release("a"), "torrent", torrent)])));
    let magnet = title.releases[0].torrent.magnet("Ein Ü & x");
    let expected = format!(
        "magnet:?xt=urn:btih:{}&xt=urn:btmh:1220{}&dn=Ein%20%C3%9C%20%26%20x&ws=https%3A%2F%2Fx.org%2Fa%3Fb%26c",
        "ab".repeat(20),
        "cd".repeat(32)
    );
    assert_eq!(magnet, expected);
}

#[test]
fn the_starter_channel_passes_its_own_gate_with_the_known_torrents() {
    let starter = starter().unwrap();
    assert_eq!(starter.rejected(), []);
    let known = [
        ("big-buck-bunny", "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c", 276_134_947),
        ("sintel", "08ada5a7a6183aae1e09d831df6748d566095a10", 129_241_752),
        ("tears-of-steel", "209c8226b299b308beaf2b9cd3fb49212dbd13ec", 571_346_576),
        ("cosmos-laundromat", "c9e15763f722f23e98a29decdfae341b98d53056", 220_087_570),
    ];
    for (id, infohash, size) in known {
        let title = starter.titles().iter().find(|title| &*title.id == id).unwrap();
        let release = &title.releases[0];
        assert_eq!((release.torrent.infohash().as_str(), release.size_bytes), (infohash, size));
        assert!(!release.torrent.web_seeds.is_empty() && !release.torrent.sources.is_empty());
        assert!(title.licence.spdx().starts_with("CC-BY-"));
    }
}

/// JSON of any shape, bent towards the words that a catalogue uses.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("CC-BY-4.0")),
        Just(json!("https://example.org")),
    ];
    let word = prop::sample::select(vec![
        "id",
        "kind",
        "name",
        "licence",
        "attribution",
        "source",
        "releases",
        "seasons",
        "torrent",
        "v1",
        "en",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..8)
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let parsed = Catalogue::parse(&bytes);
        prop_assert!(parsed.is_err());
    }

    #[test]
    fn no_records_make_it_panic_and_every_one_is_passed_or_counted(records in prop::collection::vec(any_json(), 0..6)) {
        let catalogue = parse(&file(&records)).unwrap();
        let counted: usize = catalogue.rejected_counts().values().sum();
        prop_assert_eq!(catalogue.titles().len() + counted, records.len());
    }

    #[test]
    fn a_good_file_with_a_byte_changed_never_panics(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = catalogue::STARTER_FILE.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(catalogue) = Catalogue::parse(&bytes) {
            prop_assert!(catalogue.titles().len() <= 4);
        }
    }
}
