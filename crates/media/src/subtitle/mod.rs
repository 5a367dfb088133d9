//! Subtitle files to WebVTT, whatever they came as.
//!
//! The text is a stranger's. What comes out is UTF-8 WebVTT whose cues hold text and balanced `<i>`, `<b>`
//! and `<u>`, nothing else.

mod ass;
mod charset;
mod cue;
mod micro_dvd;
mod name;
mod srt;
mod text;

pub use self::name::{Described, describe};

/// The longest file that is read, in bytes.
pub const LEN_MAX: usize = 10 << 20;
/// The most cues that are read.
pub const CUES_MAX: usize = 50_000;

/// A subtitle format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// SubRip, `.srt`.
    Srt,
    /// WebVTT, `.vtt`.
    Vtt,
    /// Advanced SubStation Alpha and its ancestor, `.ass`, `.ssa`; shown as text.
    Ass,
    /// MicroDVD, `.sub`: times are picture numbers.
    MicroDvd,
}

/// What is known about a subtitle file beside its bytes. Nothing is fine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Hints<'a> {
    /// BCP 47; helps to tell legacy charsets apart.
    pub language: Option<&'a str>,
    /// The format, where the content could be several.
    pub format: Option<Format>,
    /// Pictures per second of the film, for MicroDVD files that do not say it.
    pub frame_rate: Option<f64>,
}

/// A file that is no subtitle we can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSubtitle {
    /// Longer than [`LEN_MAX`].
    #[error("the subtitle file is longer than 10 MiB")]
    TooLong,
    /// More cues than [`CUES_MAX`].
    #[error("the subtitle file has more than 50,000 cues")]
    TooManyCues,
    /// An archive, a picture or other bytes that are no text.
    #[error("the file is not text; subtitles in archives must be unpacked first")]
    NotText,
    /// Text in no format we know.
    #[error("the file is in no known subtitle format (SRT, WebVTT, ASS, MicroDVD)")]
    UnknownFormat,
    /// The right format with nothing in it.
    #[error("the subtitle file has no cues")]
    Empty,
}

/// Converts a subtitle file to WebVTT: charset found, times repaired, cues in order, text cleaned.
///
/// # Errors
/// [`BadSubtitle`] if the file is too long, no text, or in no known format.
pub fn to_vtt(bytes: &[u8], hints: &Hints<'_>) -> Result<String, BadSubtitle> {
    if bytes.len() > LEN_MAX {
        return Err(BadSubtitle::TooLong);
    }
    let text = charset::decode(bytes, hints.language).ok_or(BadSubtitle::NotText)?;
    let format = recognise(&text).or(hints.format).ok_or(BadSubtitle::UnknownFormat)?;
    let cues = match format {
        Format::Srt | Format::Vtt => srt::cues(&text),
        Format::Ass => ass::cues(&text),
        Format::MicroDvd => micro_dvd::cues(&text, hints.frame_rate),
    }?;
    if cues.is_empty() {
        return Err(BadSubtitle::Empty);
    }
    Ok(cue::compose(cue::repair(cues)))
}

/// The format by content.
fn recognise(text: &str) -> Option<Format> {
    let start = text.trim_start();
    if start.starts_with("WEBVTT") {
        return Some(Format::Vtt);
    }
    let mut lines = start.lines().take(200).map(str::trim_start);
    lines.find_map(|line| match line {
        _ if line.starts_with("[Script Info]") || line.starts_with("Dialogue:") => {
            Some(Format::Ass)
        }
        _ if micro_dvd::is_cue(line) => Some(Format::MicroDvd),
        _ if srt::is_timing(line) => Some(Format::Srt),
        _ => None,
    })
}

/// The format by a file's name.
#[must_use]
pub fn format_by_name(name: &str) -> Option<Format> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "srt" => Format::Srt,
        "vtt" => Format::Vtt,
        "ass" | "ssa" => Format::Ass,
        "sub" => Format::MicroDvd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
