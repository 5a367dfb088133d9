//! z-base-32: the text form of keys and record ids, five bits a character, none easily confused with another.

const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// Writes bytes, the last character padded with zero bits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut bits, mut held) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(letter(bits >> held));
        }
    }
    if held > 0 {
        text.push(letter(bits << (5 - held)));
    }
    text
}

fn letter(bits: u32) -> char {
    char::from(ALPHABET[(bits & 31) as usize])
}

/// Reads what [`encode`] wrote: exactly `N` bytes, in the one form that they have.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(5) {
        return None;
    }
    let mut bytes = [0; N];
    let (mut bits, mut held, mut at) = (0_u32, 0, 0);
    for letter in text.bytes() {
        let five = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5 | u32::try_from(five).ok()?) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes[at] = u8::try_from(bits >> held & 0xff).ok()?;
            at += 1;
        }
    }
    let padding = bits & ((1 << held) - 1);
    (padding == 0 && at == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_its_specification_are_written_as_there() {
        assert_eq!(encode(&[0xf0, 0xbf, 0xc7]), "6n9hq");
        assert_eq!(encode(&[0xd4, 0x7a, 0x04]), "4t7ye");
        assert_eq!(encode(&[]), "");
    }

    #[test]
    fn what_was_written_is_read_back_and_every_other_spelling_is_refused() {
        let key = [0x5a; 32];
        let text = encode(&key);
        assert_eq!(text.len(), 52);
        assert_eq!(decode(&text), Some(key));
        assert_eq!(decode::<32>(&text.to_uppercase()), None);
        assert_eq!(decode::<32>(&text[1..]), None);
        let other_padding = text[..51].to_owned() + "z";
        assert_eq!(decode::<32>(&other_padding), None);
        assert_eq!(decode::<32>(&("l".to_owned() + &text[1..])), None);
    }
}
