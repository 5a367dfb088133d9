//! Which part of a file a GET asks for (RFC 9110, section 14).

use std::ops::Range;

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The whole file (200).
    Whole,
    /// One part of it (206).
    Part(Range<u64>),
    /// A part that the file does not have (416).
    Unsatisfiable,
}

/// Reads a `Range` header for a file of `len` bytes.
///
/// A header that is not a valid byte range is ignored, as section 14.2 asks. So are several ranges in one
/// request: players do not send them, and section 14.2 lets a server answer them with the whole file.
#[must_use]
pub fn wanted(header: &str, len: u64) -> Wanted {
    let Some(set) = strip_unit(header) else { return Wanted::Whole };
    if set.contains(',') {
        return Wanted::Whole;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Wanted::Whole };
    match (position(first), position(last)) {
        (Position::None, Position::At(suffix)) => from(len.saturating_sub(suffix), len, len),
        (Position::At(first), Position::None) => from(first, len, len),
        (Position::At(first), Position::At(last)) if first <= last => {
            from(first, last.saturating_add(1), len)
        }
        _ => Wanted::Whole,
    }
}

/// Whether an `If-Range` header lets the `Range` header count: only our own strong entity tag does.
#[must_use]
pub fn if_range_holds(header: &str, etag: &str) -> bool {
    header.trim() == etag
}

fn strip_unit(header: &str) -> Option<&str> {
    let (unit, set) = header.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(set)
}

fn from(first: u64, end: u64, len: u64) -> Wanted {
    if first >= len { Wanted::Unsatisfiable } else { Wanted::Part(first..end.min(len)) }
}

enum Position {
    None,
    At(u64),
    Bad,
}

/// A number larger than any file stands for the largest: it is beyond the end either way.
fn position(digits: &str) -> Position {
    if digits.is_empty() {
        Position::None
    } else if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Position::At(digits.parse().unwrap_or(u64::MAX))
    } else {
        Position::Bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_rfc_9110_says() {
        let cases = [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=0-", Wanted::Part(0..1000)),
            ("bytes=990-2000", Wanted::Part(990..1000)),
            ("bytes=-10", Wanted::Part(990..1000)),
            ("bytes=-5000", Wanted::Part(0..1000)),
            ("Bytes = 1-2", Wanted::Part(1..3)),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=1000-", Wanted::Unsatisfiable),
            ("bytes=9223372036854775808-", Wanted::Unsatisfiable),
            ("bytes=99999999999999999999999-", Wanted::Unsatisfiable),
            ("bytes=0-99999999999999999999999", Wanted::Part(0..1000)),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=--5", Wanted::Whole),
            ("bytes=-5-", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("items=0-1", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("", Wanted::Whole),
        ];
        for (header, expected) in cases {
            assert_eq!(wanted(header, 1000), expected, "{header}");
        }
    }

    #[test]
    fn an_empty_file_has_no_part() {
        assert_eq!(wanted("bytes=0-", 0), Wanted::Unsatisfiable);
        assert_eq!(wanted("bytes=-1", 0), Wanted::Unsatisfiable);
    }

    #[test]
    fn ten_thousand_ranges_are_one_answer() {
        let header = format!("bytes={}", "0-1,".repeat(10_000));
        assert_eq!(wanted(&header, 1000), Wanted::Whole);
    }

    #[test]
    fn if_range_takes_our_strong_tag_only() {
        assert!(if_range_holds("\"a\"", "\"a\""));
        for other in ["W/\"a\"", "\"b\"", "a", "Sat, 21 Nov 2026 00:00:00 GMT", ""] {
            assert!(!if_range_holds(other, "\"a\""), "{other}");
        }
    }
}
