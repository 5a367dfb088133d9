//! SubRip and WebVTT: blocks of a timing line and text lines.
//!
//! One reader for both, because files mix them: commas and points, hours left out, numbers missing, blank
//! lines missing. A block begins at its timing line and ends before the next one.

use super::{
    BadSubtitle,
    cue::{self, Cue},
    text,
};

/// Lines longer than this are cut, in bytes.
const LINE_LEN_MAX: usize = 16 << 10;
/// A cue's text is not collected beyond this, in bytes.
const TEXT_LEN_MAX: usize = 64 << 10;

/// Reads all cues.
pub(super) fn cues(file: &str) -> Result<Vec<Cue>, BadSubtitle> {
    let mut cues = Vec::new();
    let mut current: Option<Block> = None;
    for line in file.lines().map(cut) {
        if let Some(timing) = timing(line) {
            finish(current.replace(Block::new(timing)), true, &mut cues)?;
        } else if let Some(block) = &mut current {
            block.push(line);
        }
    }
    finish(current, false, &mut cues)?;
    Ok(cues)
}

/// A cue whose lines are still coming.
struct Block {
    start_ms: u64,
    end_ms: u64,
    text: String,
    /// Where the text was before the last line, if that may be the number of the next block.
    before_number: Option<usize>,
    /// A WebVTT block (`STYLE`, `NOTE`, `REGION`) follows the cue: what comes is not its text.
    ended: bool,
    blank: bool,
}

impl Block {
    fn new((start_ms, end_ms): (u64, u64)) -> Self {
        Self {
            start_ms,
            end_ms,
            text: String::new(),
            before_number: None,
            ended: false,
            blank: false,
        }
    }

    fn push(&mut self, line: &str) {
        if line.trim().is_empty() {
            self.blank = true;
            return;
        }
        self.ended |=
            self.blank && ["NOTE", "STYLE", "REGION"].iter().any(|word| starts_word(line, word));
        if self.ended || self.text.len() > TEXT_LEN_MAX {
            return;
        }
        let is_number = line.trim().bytes().all(|b| b.is_ascii_digit());
        self.before_number = is_number.then_some(self.text.len());
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn starts_word(line: &str, word: &str) -> bool {
    line.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

fn finish(block: Option<Block>, followed: bool, cues: &mut Vec<Cue>) -> Result<(), BadSubtitle> {
    let Some(mut block) = block else { return Ok(()) };
    // The line before the next timing is that block's number, blank line or not.
    if let Some(at) = block.before_number.filter(|_| followed) {
        block.text.truncate(at);
    }
    let text = text::from_html(&block.text);
    cue::push(cues, Cue { start_ms: block.start_ms, end_ms: block.end_ms, text })
}

fn cut(line: &str) -> &str {
    &line[..line.floor_char_boundary(LINE_LEN_MAX.min(line.len()))]
}

/// Whether a line is a timing.
pub(super) fn is_timing(line: &str) -> bool {
    timing(line).is_some()
}

fn timing(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    // Settings of WebVTT and positions of SRT follow the end time.
    let end = rest.split_whitespace().next()?;
    Some((stamp(start.trim())?, stamp(end)?))
}

/// `H:MM:SS,mmm`, `MM:SS.mmm` and their kin, in milliseconds.
fn stamp(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, ""));
    let mut seconds = 0_u64;
    let fields: Vec<_> = whole.split(':').take(4).collect();
    if !(2..=3).contains(&fields.len()) {
        return None;
    }
    for field in fields {
        seconds = seconds.checked_mul(60)?.checked_add(number(field)?)?;
    }
    seconds.checked_mul(1000)?.checked_add(milliseconds(fraction)?)
}

fn milliseconds(fraction: &str) -> Option<u64> {
    let digits = fraction.get(..fraction.len().min(3))?;
    if digits.is_empty() {
        return Some(0);
    }
    Some(number(digits)? * 10_u64.pow(3 - digits.len() as u32))
}

fn number(field: &str) -> Option<u64> {
    let field = field.trim();
    let plain = !field.is_empty() && field.len() <= 9 && field.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| field.parse().ok()).flatten()
}
