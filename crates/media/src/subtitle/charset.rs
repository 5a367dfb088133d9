//! From bytes to text: byte order mark, then UTF-8, then UTF-16 by its zeros, then a guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes on which UTF-16 without a mark is recognised.
const SAMPLE_LEN: usize = 4096;

/// Decodes a text file; `None` if it is none.
pub(super) fn decode<'a>(bytes: &'a [u8], language: Option<&str>) -> Option<Cow<'a, str>> {
    if is_archive(bytes) {
        return None;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Some(encoding.decode_without_bom_handling(&bytes[mark..]).0);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return Some(encoding.decode_without_bom_handling(bytes).0);
    }
    if bytes.iter().take(SAMPLE_LEN).filter(|&&byte| byte == 0).count() > 8 {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => Some(guess(bytes, language).decode_without_bom_handling(bytes).0),
    }
}

/// What subtitle sites pack files in: ZIP, gzip, RAR, 7z, xz, zstd.
fn is_archive(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] = [
        b"PK\x03\x04",
        &[0x1F, 0x8B],
        b"Rar!",
        &[0x37, 0x7A, 0xBC, 0xAF],
        &[0xFD, 0x37, 0x7A, 0x58],
        &[0x28, 0xB5, 0x2F, 0xFD],
    ];
    MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// Digits, spaces and line ends of a subtitle file have a zero byte in UTF-16, always on the same side.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes[..bytes.len().min(SAMPLE_LEN)].as_chunks::<2>();
    let high = pairs.iter().filter(|pair| pair[0] == 0).count();
    let low = pairs.iter().filter(|pair| pair[1] == 0).count();
    let enough = pairs.len() / 10 + 1;
    match (high > enough, low > enough) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

fn guess(bytes: &[u8], language: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let domain = language.and_then(domain);
    detector.guess(domain.map(str::as_bytes), Utf8Detection::Allow)
}

/// The top-level domain of the country in which a language's files are made: the detector's kind of hint.
fn domain(language: &str) -> Option<&'static str> {
    Some(match language.split('-').next()? {
        "ar" => "sa",
        "bg" => "bg",
        "cs" => "cz",
        "el" => "gr",
        "et" => "ee",
        "fa" => "ir",
        "he" => "il",
        "hr" => "hr",
        "hu" => "hu",
        "ja" => "jp",
        "ko" => "kr",
        "lt" => "lt",
        "lv" => "lv",
        "pl" => "pl",
        "ro" => "ro",
        "ru" => "ru",
        "sk" => "sk",
        "sl" => "si",
        "sr" => "rs",
        "th" => "th",
        "tr" => "tr",
        "uk" => "ua",
        "vi" => "vn",
        "zh" => "cn",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_charsets_are_found_with_the_language_as_a_hint() {
        let russian = "Здравствуйте, как ваши дела? Всё хорошо, спасибо большое.";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(russian);
        assert_eq!(decode(&bytes, Some("ru")).as_deref(), Some(russian));
        let greek = "Καλημέρα σας, τι κάνετε σήμερα; Όλα καλά, ευχαριστώ πολύ.";
        let (bytes, _, _) = encoding_rs::WINDOWS_1253.encode(greek);
        assert_eq!(decode(&bytes, Some("el")).as_deref(), Some(greek));
        let japanese = "こんにちは、お元気ですか。はい、元気です。";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(japanese);
        assert_eq!(decode(&bytes, None).as_deref(), Some(japanese));
    }

    #[test]
    fn marks_and_zeros_tell_utf_16() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nČau\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&little, None).as_deref(), Some(text));
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&[&[0xFE, 0xFF], &big[..]].concat(), None).as_deref(), Some(text));
    }

    #[test]
    fn archives_and_binaries_are_no_text() {
        assert_eq!(decode(b"PK\x03\x04film.srt", None), None);
        assert_eq!(decode(&[0; 100], None), None);
    }
}
