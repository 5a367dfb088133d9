//! Deterministic CBOR (RFC 8949, 4.2.1): one way to write a value, and a reader that takes no other.
//!
//! Of the whole of CBOR a channel needs unsigned and negative integers, byte and text strings, arrays, maps, and the
//! three simple values false, true and null. Floats, tags, other simple values and indefinite lengths are refused.

mod fields;
mod reader;

pub use self::fields::BadShape;
pub(crate) use self::{
    fields::{Fields, map_of},
    reader::Reader,
};

/// A piece of data; strings stay where they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// 0 to 2^64 - 1.
    Unsigned(u64),
    /// -1 - n.
    Negative(u64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Self>),
    /// As read: in the order of the encoded keys, no key twice.
    Map(Vec<(Self, Self)>),
    Bool(bool),
    Null,
}

/// How much a reader takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of the whole.
    pub(crate) bytes: usize,
    /// Arrays and maps within each other.
    pub(crate) depth: usize,
    /// Values of any kind, inner ones included.
    pub(crate) values: usize,
}

/// Why bytes are not deterministic CBOR within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCbor {
    /// More bytes than this kind of data may have.
    #[error("it is longer than it may be")]
    TooLong,
    /// Arrays and maps too deep within each other.
    #[error("it is nested too deep")]
    TooDeep,
    /// More values than this kind of data may have.
    #[error("it has too many parts")]
    TooMany,
    /// The bytes end in the middle of a value.
    #[error("it ends too early")]
    Truncated,
    /// Bytes follow the value.
    #[error("something follows its end")]
    Trailing,
    /// A number or a length takes more bytes than it needs.
    #[error("a number is not written in its shortest form")]
    NotShortest,
    /// A string, array or map does not say how long it is.
    #[error("a length is left open")]
    Indefinite,
    /// A float, a tag or another kind of value that no channel uses.
    #[error("it holds a float, a tag or another value that is never used here")]
    Unused,
    /// The keys of a map are not sorted.
    #[error("the keys of a map are out of order")]
    Unsorted,
    /// A key stands twice in a map.
    #[error("a key stands twice in a map")]
    Repeated,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
}

impl<'a> Value<'a> {
    /// Reads exactly one value.
    pub(crate) fn read(bytes: &'a [u8], limits: Limits) -> Result<Self, BadCbor> {
        let mut reader = Reader::new(bytes, limits)?;
        let value = reader.value()?;
        if reader.is_at_end() { Ok(value) } else { Err(BadCbor::Trailing) }
    }

    /// The only encoding of this value.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Unsigned(number) => head(0, *number, out),
            Self::Negative(number) => head(1, *number, out),
            Self::Bytes(bytes) => {
                head(2, bytes.len() as u64, out);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => {
                head(3, text.len() as u64, out);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Array(values) => {
                head(4, values.len() as u64, out);
                values.iter().for_each(|value| value.write(out));
            }
            Self::Map(entries) => write_map(entries, out),
            Self::Bool(truth) => out.push(if *truth { 0xf5 } else { 0xf4 }),
            Self::Null => out.push(0xf6),
        }
    }
}

/// Writes the entries in the order of their encoded keys.
fn write_map(entries: &[(Value<'_>, Value<'_>)], out: &mut Vec<u8>) {
    let mut sorted: Vec<_> = entries.iter().map(|(key, value)| (key.to_bytes(), value)).collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    head(5, sorted.len() as u64, out);
    for (key, value) in sorted {
        out.extend_from_slice(&key);
        value.write(out);
    }
}

/// The first byte of a value and its argument, in the shortest form.
fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let first = major << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..24 => out.push(first | bytes[7]),
        24..0x100 => out.extend([first | 24, bytes[7]]),
        0x100..0x1_0000 => {
            out.push(first | 25);
            out.extend_from_slice(&bytes[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(first | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(first | 27);
            out.extend_from_slice(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1 << 16, depth: 8, values: 1000 };

    fn read(bytes: &[u8]) -> Result<Value<'_>, BadCbor> {
        Value::read(bytes, LIMITS)
    }

    #[test]
    fn the_examples_of_rfc_8949_are_read_and_written_back() {
        let examples: [&[u8]; 12] = [
            &[0x00],
            &[0x17],
            &[0x18, 0x18],
            &[0x19, 0x03, 0xe8],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x20],
            &[0x44, 1, 2, 3, 4],
            &[0x64, b'I', b'E', b'T', b'F'],
            &[0x83, 1, 2, 3],
            &[0xa2, 1, 2, 3, 4],
            &[0xa2, 0x61, b'a', 1, 0x61, b'b', 0x82, 2, 3],
            &[0x82, 0xf4, 0xf6],
        ];
        for example in examples {
            assert_eq!(read(example).unwrap().to_bytes(), example);
        }
    }

    #[test]
    fn everything_that_is_not_the_one_encoding_is_refused_with_its_reason() {
        let cases: [(&[u8], BadCbor); 18] = [
            (&[], BadCbor::Truncated),
            (&[0x18], BadCbor::Truncated),
            (&[0x42, 1], BadCbor::Truncated),
            (&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], BadCbor::Truncated),
            (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], BadCbor::TooMany),
            (&[0, 0], BadCbor::Trailing),
            (&[0x18, 0x17], BadCbor::NotShortest),
            (&[0x19, 0x00, 0xff], BadCbor::NotShortest),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], BadCbor::NotShortest),
            (&[0x9f, 0xff], BadCbor::Indefinite),
            (&[0x5f, 0xff], BadCbor::Indefinite),
            (&[0xf9, 0, 0], BadCbor::Unused),
            (&[0xc0, 0], BadCbor::Unused),
            (&[0xf7], BadCbor::Unused),
            (&[0x1c], BadCbor::Unused),
            (&[0xa2, 2, 0, 1, 0], BadCbor::Unsorted),
            (&[0xa2, 1, 0, 1, 0], BadCbor::Repeated),
            (&[0x62, 0xc3, 0x28], BadCbor::Utf8),
        ];
        for (bytes, why) in cases {
            assert_eq!(read(bytes), Err(why), "{bytes:02x?}");
        }
    }

    #[test]
    fn depth_length_and_number_of_values_are_bounded() {
        let nested = |depth| [vec![0x81; depth], vec![0]].concat();
        assert!(read(&nested(8)).is_ok());
        assert_eq!(read(&nested(9)), Err(BadCbor::TooDeep));
        assert_eq!(read(&nested(60_000)), Err(BadCbor::TooDeep));
        let many = [vec![0x99, 0x03, 0xe8], vec![0; 1000]].concat();
        assert_eq!(read(&many), Err(BadCbor::TooMany));
        assert_eq!(read(&vec![0; (1 << 16) + 1]), Err(BadCbor::TooLong));
    }

    #[test]
    fn a_map_is_written_sorted_by_its_encoded_keys() {
        let entry = |key, value| (Value::Unsigned(key), Value::Unsigned(value));
        let map = Value::Map(vec![entry(1000, 1), entry(2, 2), entry(24, 3)]);
        assert_eq!(map.to_bytes(), [0xa3, 2, 2, 0x18, 24, 3, 0x19, 0x03, 0xe8, 1]);
    }
}
