//! WebVTT that is not read aloud by anybody: lists of chapters and of small pictures, as a title's torrent carries them.

use std::time::Duration;

/// The longest list that is read, in bytes.
pub const LEN_MAX: usize = 256 << 10;
/// The most entries of a list.
const ENTRIES_MAX: usize = 2_000;
/// The longest text of an entry, in characters.
const TEXT_MAX: usize = 300;
/// No film is longer, in hours.
const HOURS_MAX: u64 = 100;

/// An entry of a list: a text and when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedText {
    /// From when.
    pub start: Duration,
    /// Until when, after `start`.
    pub end: Duration,
    /// Plain text in one line; a stranger's.
    pub text: String,
}

/// A part of a picture, as a list of small pictures names it: `sheet.jpg#xywh=160,0,160,90` (W3C Media Fragments).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicturePart {
    /// The picture's file, in the folder of the list.
    pub file: String,
    /// Left edge, pixels.
    pub x: u32,
    /// Upper edge, pixels.
    pub y: u32,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

/// Reads a list. What is no entry is left out; a list that is too long or no WebVTT has none.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<TimedText> {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LEN_MAX) else {
        return Vec::new();
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.starts_with("WEBVTT") {
        return Vec::new();
    }
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let blocks = lines.split(|line| line.is_empty());
    blocks.filter_map(entry).take(ENTRIES_MAX).collect()
}

fn entry(block: &[&str]) -> Option<TimedText> {
    let at = block.iter().take(2).position(|line| line.contains("-->"))?;
    let (start, end) = block[at].split_once("-->")?;
    let end = end.split_whitespace().next()?;
    let (start, end) = (time(start.trim())?, time(end)?);
    let text = plain(&block[at + 1..].join(" "));
    (start < end && !text.is_empty()).then_some(TimedText { start, end, text })
}

/// `01:02:03.456` or `02:03.456`.
fn time(text: &str) -> Option<Duration> {
    let (clock, ms) = text.split_once('.')?;
    let mut parts = clock.split(':').rev();
    let mut next = |max: u64| -> Option<u64> {
        parts.next().map_or(Some(0), |part| part.parse().ok().filter(|number| *number < max))
    };
    let (seconds, minutes, hours) = (next(60)?, next(60)?, next(HOURS_MAX)?);
    let ms: u64 = ms.parse().ok().filter(|ms| *ms < 1000)?;
    Some(Duration::from_millis(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms))
}

/// A cue's text without its markup.
fn plain(markup: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in markup.chars() {
        match letter {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            letter if !is_tag && !letter.is_control() => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.trim().chars().take(TEXT_MAX).collect()
}

impl PicturePart {
    /// Reads an entry's text; none if it names a file elsewhere, or no part.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (file, part) = text.split_once("#xywh=")?;
        let is_name = !file.is_empty() && !file.contains(['/', '\\', ':', '\0']) && file != "..";
        let numbers: Option<Vec<u32>> = part.split(',').map(|part| part.parse().ok()).collect();
        let [x, y, width, height] = numbers?[..] else { return None };
        let is_part = [x, y].iter().all(|at| *at < 65_536)
            && [width, height].iter().all(|side| (1..=1024).contains(side));
        (is_name && is_part).then(|| Self { file: file.to_owned(), x, y, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_entries_as_plain_text() {
        let list = "WEBVTT\n\nNOTE nothing\n\n1\n00:01.500 --> 00:02.000 align:start\n<b>A &amp;</b>\nB &lt;c&gt;\n\n\
                    01:00:00.000 --> 01:00:01.000\n1984\n\n00:05.000 --> 00:04.000\nbackwards\n\n00:60.000 --> 02:00.000\nno time\n";
        let read = read(list.as_bytes());
        let texts: Vec<_> = read.iter().map(|one| (one.start.as_millis(), &*one.text)).collect();
        assert_eq!(texts, [(1500, "A & B <c>"), (3_600_000, "1984")]);
    }

    #[test]
    fn nonsense_has_no_entries() {
        for bytes in [
            &b""[..],
            b"WEBVTT",
            b"\xff\xfe",
            b"1\n00:01.000 --> 00:02.000\nno head",
            &[b'W'; LEN_MAX + 1],
        ] {
            assert_eq!(read(bytes), []);
        }
        let many = format!("WEBVTT\n\n{}", "00:01.000 --> 00:02.000\nx\n\n".repeat(5_000));
        assert_eq!(read(many.as_bytes()).len(), ENTRIES_MAX);
    }

    #[test]
    fn only_a_part_of_a_picture_beside_the_list_is_taken() {
        let part = PicturePart { file: "a-1.jpg".to_owned(), x: 160, y: 0, width: 160, height: 90 };
        assert_eq!(PicturePart::parse("a-1.jpg#xywh=160,0,160,90"), Some(part));
        for bad in [
            "a.jpg",
            "#xywh=0,0,1,1",
            "../a.jpg#xywh=0,0,1,1",
            "..#xywh=0,0,1,1",
            "https://a/b#xywh=0,0,1,1",
            "a.jpg#xywh=0,0,1",
            "a.jpg#xywh=0,0,0,9",
            "a.jpg#xywh=-1,0,1,1",
            "a.jpg#xywh=0,0,9999,1",
        ] {
            assert_eq!(PicturePart::parse(bad), None, "{bad}");
        }
    }
}
