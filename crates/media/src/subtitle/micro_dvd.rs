//! MicroDVD: `{first picture}{last picture}line|line`.

use super::{
    BadSubtitle,
    cue::{self, Cue},
    text::{CueText, Style},
};

/// Pictures per second when nothing says it: the rate of cinema on disc.
const FRAME_RATE: f64 = 24_000.0 / 1_001.0;
/// Rates that a file may claim.
const FRAME_RATES: std::ops::RangeInclusive<f64> = 5.0..=240.0;

/// Whether a line is a cue.
pub(super) fn is_cue(line: &str) -> bool {
    split(line).is_some()
}

/// Reads all cues; the first may hold nothing but the rate.
pub(super) fn cues(file: &str, frame_rate: Option<f64>) -> Result<Vec<Cue>, BadSubtitle> {
    let mut lines = file.lines().map(str::trim).filter_map(split).peekable();
    let stated = lines
        .next_if(|&(first, last, text)| first <= 1 && last <= 1 && rate(text).is_some())
        .and_then(|(_, _, text)| rate(text));
    let rate =
        stated.or(frame_rate.filter(|rate| FRAME_RATES.contains(rate))).unwrap_or(FRAME_RATE);
    let at = |frame: u32| (f64::from(frame) * 1000.0 / rate) as u64;
    let mut cues = Vec::new();
    for (first, last, raw) in lines {
        cue::push(&mut cues, Cue { start_ms: at(first), end_ms: at(last), text: text(raw) })?;
    }
    Ok(cues)
}

fn rate(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|rate| FRAME_RATES.contains(rate))
}

/// First picture, last picture (the first again where none is given) and text.
fn split(line: &str) -> Option<(u32, u32, &str)> {
    let (first, rest) = line.strip_prefix('{')?.split_once('}')?;
    let (last, text) = rest.strip_prefix('{')?.split_once('}')?;
    let first = first.parse().ok()?;
    let last = if last.is_empty() { first } else { last.parse().ok()? };
    Some((first, last, text))
}

/// Cue text: lines split at `|`, the style of `{y:i,b,u}` kept.
fn text(raw: &str) -> String {
    let mut out = CueText::default();
    for line in raw.split('|') {
        let mut rest = line.trim_start_matches('/');
        let mut styles = Vec::new();
        while let Some((control, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            styles.extend(control.strip_prefix(['y', 'Y']).into_iter().flat_map(styles_of));
            rest = after;
        }
        styles.iter().for_each(|&style| out.open(style));
        rest.chars().for_each(|c| out.push(c));
        styles.iter().for_each(|&style| out.close(style));
        out.push('\n');
    }
    out.finish()
}

fn styles_of(control: &str) -> impl Iterator<Item = Style> + '_ {
    control.chars().filter_map(|c| match c {
        'b' => Some(Style::Bold),
        'i' => Some(Style::Italic),
        'u' => Some(Style::Underlined),
        _ => None,
    })
}
