//! Bencoding: what is read strictly, leniently and not at all, and that writing is the inverse of reading.

use proptest::prelude::*;
use torrent::bencode::{Document, Encoder, Flaw, Kind, Limits, Mode, Value};

fn flaw(text: &[u8], mode: Mode) -> Option<Flaw> {
    Document::parse(text, mode, &Limits::MESSAGE).err().map(|bad| bad.flaw)
}

#[test]
fn strict_reading_accepts_the_one_form_only() {
    let good: [&[u8]; 10] = [
        b"i0e",
        b"i-1e",
        b"i42e",
        b"0:",
        b"3:abc",
        b"le",
        b"de",
        b"d1:ai1e1:bi2ee",
        b"lli1eeleed",
        b"d0:0:e",
    ];
    for text in &good[..8] {
        assert_eq!(flaw(text, Mode::Strict), None, "{}", text.escape_ascii());
    }
    assert_eq!(flaw(good[8], Mode::Strict), Some(Flaw::Trailing));
    assert_eq!(flaw(good[9], Mode::Strict), None, "an empty key is a key");
}

#[test]
fn lenient_reading_accepts_what_old_programs_wrote() {
    let cases: [(&[u8], Flaw); 7] = [
        (b"i03e", Flaw::NotCanonical),
        (b"i-0e", Flaw::NotCanonical),
        (b"i00e", Flaw::NotCanonical),
        (b"03:abc", Flaw::NotCanonical),
        (b"d1:bi1e1:ai2ee", Flaw::KeyOrder),
        (b"d1:ai1e1:ai2ee", Flaw::KeyOrder),
        (b"i1e\n", Flaw::Trailing),
    ];
    for (text, strict) in cases {
        assert_eq!(flaw(text, Mode::Strict), Some(strict), "{}", text.escape_ascii());
        assert_eq!(flaw(text, Mode::Lenient), None, "{}", text.escape_ascii());
    }
}

#[test]
fn damaged_text_is_refused_in_both_modes_with_its_flaw() {
    let cases: [(&[u8], Flaw); 17] = [
        (b"", Flaw::Truncated),
        (b"i", Flaw::Truncated),
        (b"i1", Flaw::Truncated),
        (b"ie", Flaw::BadInteger),
        (b"i-e", Flaw::BadInteger),
        (b"i--1e", Flaw::BadInteger),
        (b"i1.5e", Flaw::BadInteger),
        (b"i 1e", Flaw::BadInteger),
        (b"3:ab", Flaw::Truncated),
        (b"3", Flaw::Truncated),
        (b"3x", Flaw::Unexpected(b'x')),
        (b"99999999999999999999999:", Flaw::BadLength),
        (b"e", Flaw::Unexpected(b'e')),
        (b"l", Flaw::Truncated),
        (b"di1ei2ee", Flaw::KeyNotText),
        (b"d1:ae", Flaw::MissingValue),
        (b"-1:a", Flaw::Unexpected(b'-')),
    ];
    for (text, expected) in cases {
        for mode in [Mode::Strict, Mode::Lenient] {
            assert_eq!(flaw(text, mode), Some(expected), "{} {mode:?}", text.escape_ascii());
        }
    }
}

#[test]
fn nesting_costs_no_stack_and_stops_at_the_limit() {
    let deep = [b"l".repeat(200_000), b"e".repeat(200_000)].concat();
    assert_eq!(flaw(&deep, Mode::Lenient), Some(Flaw::TooDeep { allowed: 16 }));
    let limits = Limits { bytes: 1 << 20, depth: 200_000, tokens: 200_000 };
    let document = Document::parse(&deep, Mode::Strict, &limits).expect("deep lists");
    assert_eq!(document.root().span(), 0..400_000);
}

#[test]
fn too_many_values_and_too_long_texts_are_refused() {
    let many = [b"l".to_vec(), b"0:".repeat(10_000), b"e".to_vec()].concat();
    assert_eq!(flaw(&many, Mode::Strict), Some(Flaw::TooManyValues { allowed: 10_000 }));
    let long = vec![b'x'; (1 << 20) + 1];
    let expected = Flaw::TooLong { found: (1 << 20) + 1, allowed: 1 << 20 };
    assert_eq!(flaw(&long, Mode::Lenient), Some(expected));
}

#[test]
fn values_know_the_bytes_they_were_read_from() {
    let text = b"d4:infod6:lengthi7e4:name3:abce4:listli1e2:xxdeee";
    let document = Document::parse(text, Mode::Strict, &Limits::MESSAGE).expect("a dictionary");
    let info = document.root().get(b"info").expect("the value");
    assert_eq!(info.raw(), b"d6:lengthi7e4:name3:abce");
    assert_eq!(info.get(b"length").and_then(|v| v.as_int()), Some(7));
    assert_eq!(info.get(b"name").and_then(|v| v.as_str()), Some("abc"));
    assert!(info.get(b"list").is_none(), "a key of another dictionary");
    let list = document.root().get(b"list").expect("the value");
    let kinds: Vec<Kind> = list.as_list().expect("a list").map(|value| value.kind()).collect();
    assert_eq!(kinds, [Kind::Integer, Kind::Text, Kind::Dictionary]);
}

#[test]
fn the_first_of_repeated_keys_counts_and_they_can_be_found() {
    let text = b"d1:ai1e1:bi2e1:ai3ee";
    let document = Document::parse(text, Mode::Lenient, &Limits::MESSAGE).expect("a dictionary");
    assert_eq!(document.root().get(b"a").and_then(|v| v.as_int()), Some(1));
    assert_eq!(document.root().repeated_key(), Some(b"a".as_slice()));
}

#[test]
fn numbers_beyond_64_bits_are_read_over_but_have_no_value() {
    let text = b"i9223372036854775808e";
    let document = Document::parse(text, Mode::Strict, &Limits::MESSAGE).expect("a number");
    assert_eq!(document.root().as_int(), None);
    let least = Document::parse(b"i-9223372036854775808e", Mode::Strict, &Limits::MESSAGE);
    assert_eq!(least.expect("a number").root().as_int(), Some(i64::MIN));
}

/// Any value, as its tree.
#[derive(Debug, Clone, PartialEq)]
enum Tree {
    Integer(i64),
    Text(Vec<u8>),
    List(Vec<Self>),
    Dictionary(std::collections::BTreeMap<Vec<u8>, Self>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let text = || prop::collection::vec(any::<u8>(), 0..12);
    let leaf = prop_oneof![any::<i64>().prop_map(Tree::Integer), text().prop_map(Tree::Text)];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Tree::List),
            prop::collection::btree_map(text(), inner, 0..8).prop_map(Tree::Dictionary),
        ]
    })
}

fn write(tree: &Tree, out: &mut Encoder) {
    match tree {
        Tree::Integer(number) => drop(out.int(*number)),
        Tree::Text(bytes) => drop(out.bytes(bytes)),
        Tree::List(values) => {
            out.begin_list();
            values.iter().for_each(|value| write(value, out));
            out.end();
        }
        Tree::Dictionary(entries) => {
            out.begin_dict();
            for (key, value) in entries {
                write(value, out.key(key));
            }
            out.end();
        }
    }
}

fn read(value: &Value<'_>) -> Tree {
    match value.kind() {
        Kind::Integer => Tree::Integer(value.as_int().expect("an integer")),
        Kind::Text => Tree::Text(value.as_bytes().expect("a text").to_vec()),
        Kind::List => Tree::List(value.as_list().expect("a list").map(|v| read(&v)).collect()),
        Kind::Dictionary => {
            let entries = value.as_dict().expect("a dictionary");
            Tree::Dictionary(entries.map(|(key, v)| (key.to_vec(), read(&v))).collect())
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(tree in trees()) {
        let mut out = Encoder::new();
        write(&tree, &mut out);
        let bytes = out.finish();
        let document = Document::parse(&bytes, Mode::Strict, &Limits::MESSAGE).expect("our own writing");
        prop_assert_eq!(read(&document.root()), tree);
    }

    #[test]
    fn whatever_is_read_strictly_is_read_leniently_and_spans_all(bytes in prop::collection::vec(prop::sample::select(b"dlie0123:-a".to_vec()), 0..40)) {
        if let Ok(strict) = Document::parse(&bytes, Mode::Strict, &Limits::MESSAGE) {
            prop_assert_eq!(strict.root().span(), 0..bytes.len());
            let lenient = Document::parse(&bytes, Mode::Lenient, &Limits::MESSAGE);
            let lenient = lenient.expect("lenient is no stricter");
            prop_assert_eq!(lenient.root().raw(), strict.root().raw());
        }
    }
}
