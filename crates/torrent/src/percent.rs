//! Percent-encoding (RFC 3986, 2.1), for magnet links, announces and web seeds.

use std::fmt::Write as _;

/// Decodes `%41` and, as forms and magnet links write it, `+` for a space. A damaged escape stays as it is.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped =
            (byte == b'%').then(|| bytes.get(at + 1..at + 3).and_then(hex_byte)).flatten();
        out.push(match (escaped, byte) {
            (Some(escaped), _) => escaped,
            (None, b'+') => b' ',
            (None, plain) => plain,
        });
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

/// Decodes text; bytes that are not UTF-8 are replaced.
pub(crate) fn decode_text(text: &str) -> String {
    String::from_utf8_lossy(&decode(text)).into_owned()
}

/// Encodes everything but letters, digits and `-._~`, and what is in `also_plain`.
pub(crate) fn encode(bytes: &[u8], also_plain: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if plain || also_plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A byte from two hexadecimal digits.
pub(crate) fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    match *digits {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    }
}
