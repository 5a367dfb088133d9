//! Cues: put in order, times repaired, written as WebVTT.

use std::fmt::Write as _;

use super::{BadSubtitle, CUES_MAX};

/// A cue whose end lies before its beginning is shown this long, in milliseconds.
const REPAIRED_MS: u64 = 2_000;
/// No film is longer, in milliseconds: 100 hours, less one.
const TIME_MAX_MS: u64 = 100 * 3_600_000 - 1;

/// A text and when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    /// WebVTT cue text as [`super::text`] makes it.
    pub(super) text: String,
}

/// Adds a cue unless it is empty.
pub(super) fn push(cues: &mut Vec<Cue>, cue: Cue) -> Result<(), BadSubtitle> {
    if cue.text.is_empty() {
        return Ok(());
    }
    if cues.len() == CUES_MAX {
        return Err(BadSubtitle::TooManyCues);
    }
    cues.push(cue);
    Ok(())
}

/// Puts cues in the order of time, and gives every cue an end after its beginning.
pub(super) fn repair(mut cues: Vec<Cue>) -> Vec<Cue> {
    cues.retain(|cue| cue.start_ms < TIME_MAX_MS);
    cues.sort_by_key(|cue| cue.start_ms);
    let starts: Vec<_> = cues.iter().skip(1).map(|cue| Some(cue.start_ms)).chain([None]).collect();
    for (cue, next) in cues.iter_mut().zip(starts) {
        if cue.end_ms <= cue.start_ms {
            let end = cue.start_ms + REPAIRED_MS;
            cue.end_ms = next.filter(|&next| next > cue.start_ms).map_or(end, |next| next.min(end));
        }
        cue.end_ms = cue.end_ms.min(TIME_MAX_MS);
    }
    cues
}

/// Writes a WebVTT file.
pub(super) fn compose(cues: Vec<Cue>) -> String {
    let mut vtt = String::from("WEBVTT\n");
    for cue in cues {
        write!(vtt, "\n{} --> {}\n{}\n", Stamp(cue.start_ms), Stamp(cue.end_ms), cue.text)
            .expect("writing to a String cannot fail");
    }
    vtt
}

/// A WebVTT timestamp.
struct Stamp(u64);

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, ms) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{:02}:{:02}:{:02}.{ms:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}
