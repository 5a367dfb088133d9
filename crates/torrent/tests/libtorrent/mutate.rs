//! Bends torrents: values, keys and bytes, so that most of them still look like torrents.

use torrent::bencode::{Document, Kind, Limits, Mode, Value};

/// A small generator of random numbers (SplitMix64): the same seed gives the same torrents.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("it is below a usize")
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Bencoding that may be wrong in every way.
#[derive(Clone)]
enum Node {
    Integer(String),
    Text(Vec<u8>),
    List(Vec<Self>),
    Dictionary(Vec<(Vec<u8>, Self)>),
}

const KEYS: &[&str] = &[
    "",
    "announce",
    "attr",
    "file tree",
    "files",
    "info",
    "length",
    "meta version",
    "name",
    "name.utf-8",
    "path",
    "path.utf-8",
    "piece layers",
    "piece length",
    "pieces",
    "pieces root",
    "private",
    "symlink path",
    "url-list",
    "announce-list",
];

const NUMBERS: &[&str] = &[
    "-1",
    "0",
    "1",
    "2",
    "3",
    "16383",
    "16384",
    "16385",
    "32768",
    "65536",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "00",
    "-0",
    "016384",
];

const TEXTS: &[&[u8]] = &[
    b"",
    b".",
    b"..",
    b"/",
    b"a/b",
    b"..\\x",
    b"CON",
    b"x.",
    b"p",
    b"l",
    b"xh",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b"a\x00b",
    b"name",
    &[0; 20],
    &[0; 32],
    &[7; 32],
    &[7; 40],
];

/// The torrent with a few things bent.
pub(crate) fn mutate(torrent: &[u8], random: &mut Random) -> Vec<u8> {
    let limits = Limits { bytes: 1 << 24, depth: 200, tokens: 1 << 20 };
    let document = Document::parse(torrent, Mode::Lenient, &limits).expect("a torrent to bend");
    let mut root = Node::of(&document.root());
    for _ in 0..=random.below(2) {
        root.bend_somewhere(random);
    }
    let mut out = Vec::new();
    root.write(&mut out);
    if random.below(10) == 0 {
        bend_bytes(&mut out, random);
    }
    out
}

fn bend_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << random.below(8),
        2 => drop(bytes.remove(at)),
        _ => bytes.push(b'\n'),
    }
}

impl Node {
    fn of(value: &Value<'_>) -> Self {
        match value.kind() {
            Kind::Integer => {
                let raw = value.raw();
                Self::Integer(String::from_utf8_lossy(&raw[1..raw.len() - 1]).into_owned())
            }
            Kind::Text => Self::Text(value.as_bytes().expect("a text").to_vec()),
            Kind::List => {
                Self::List(value.as_list().expect("a list").map(|v| Self::of(&v)).collect())
            }
            Kind::Dictionary => {
                let entries = value.as_dict().expect("a dictionary");
                Self::Dictionary(entries.map(|(key, v)| (key.to_vec(), Self::of(&v))).collect())
            }
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let text = |text: &[u8], out: &mut Vec<u8>| {
            out.extend_from_slice(format!("{}:", text.len()).as_bytes());
            out.extend_from_slice(text);
        };
        match self {
            Self::Integer(digits) => out.extend_from_slice(format!("i{digits}e").as_bytes()),
            Self::Text(bytes) => text(bytes, out),
            Self::List(values) => {
                out.push(b'l');
                values.iter().for_each(|value| value.write(out));
                out.push(b'e');
            }
            Self::Dictionary(entries) => {
                out.push(b'd');
                for (key, value) in entries {
                    text(key, out);
                    value.write(out);
                }
                out.push(b'e');
            }
        }
    }

    /// Goes down at random and bends the node where it stops.
    fn bend_somewhere(&mut self, random: &mut Random) {
        let deeper = random.below(4) != 0;
        match self {
            Self::List(values) if deeper && !values.is_empty() => {
                let at = random.below(values.len());
                values[at].bend_somewhere(random);
            }
            Self::Dictionary(entries) if deeper && !entries.is_empty() => {
                let at = random.below(entries.len());
                entries[at].1.bend_somewhere(random);
            }
            here => here.bend(random),
        }
    }

    fn bend(&mut self, random: &mut Random) {
        if random.below(12) == 0 {
            *self = Self::any(random);
            return;
        }
        match self {
            Self::Integer(digits) => *digits = bent_number(digits, random),
            Self::Text(bytes) => bend_text(bytes, random),
            Self::List(values) => bend_list(values, random, Self::any),
            Self::Dictionary(entries) => match random.below(3) {
                0 if !entries.is_empty() => {
                    let at = random.below(entries.len());
                    entries[at].0 = random.pick(KEYS).as_bytes().to_vec();
                }
                _ => bend_list(entries, random, |random| {
                    (random.pick(KEYS).as_bytes().to_vec(), Self::any(random))
                }),
            },
        }
    }

    fn any(random: &mut Random) -> Self {
        match random.below(4) {
            0 => Self::Integer((*random.pick(NUMBERS)).to_owned()),
            1 => Self::Text(random.pick(TEXTS).to_vec()),
            2 => Self::List(vec![]),
            _ => Self::Dictionary(vec![]),
        }
    }
}

fn bent_number(digits: &str, random: &mut Random) -> String {
    let number: i128 = digits.parse().unwrap_or(0);
    match random.below(5) {
        0 => (number + 1).to_string(),
        1 => (number - 1).to_string(),
        2 => (number * 2).to_string(),
        _ => (*random.pick(NUMBERS)).to_owned(),
    }
}

fn bend_text(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(5) {
        0 => bytes.truncate(bytes.len().saturating_sub(1)),
        1 => bytes.push(b'x'),
        2 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        3 => bytes.extend([0; 20]),
        _ => *bytes = random.pick(TEXTS).to_vec(),
    }
}

fn bend_list<T: Clone>(list: &mut Vec<T>, random: &mut Random, any: impl Fn(&mut Random) -> T) {
    let at = random.below(list.len());
    match random.below(4) {
        0 if !list.is_empty() => drop(list.remove(at)),
        1 if !list.is_empty() => {
            let twin = list[at].clone();
            list.insert(at, twin);
        }
        2 if !list.is_empty() => {
            let other = random.below(list.len());
            list.swap(at, other);
        }
        _ => {
            let value = any(random);
            list.insert(at, value);
        }
    }
}
