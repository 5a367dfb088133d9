//! What ffprobe finds in a film: pictures, sounds, texts and chapters, for films whose own index we do not read as well.

use std::{collections::BTreeMap, ffi::OsString, path::Path};

use media::{ffmpeg::Tools, language};
use serde::Deserialize;

use super::{super::Facts, child, range::Curve};
use crate::http::problem::{Code, Problem};

/// More streams of one kind are not looked at.
const STREAMS_MAX: usize = 32;
/// More chapters are not kept.
const CHAPTERS_MAX: usize = 500;
/// Subtitles that are text.
const TEXTS: [&str; 6] = ["subrip", "ass", "ssa", "mov_text", "webvtt", "text"];
/// The longest film, seconds: a day.
const LENGTH_MAX_S: f64 = 86_400.0;

/// A film as ffprobe describes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    /// The running time, seconds.
    pub(super) length_s: f64,
    /// How wide it is shown, pixels.
    pub(super) width: u32,
    /// How high it is shown, pixels.
    pub(super) height: u32,
    /// The container's first name.
    pub(super) format: String,
    /// The video codec.
    pub(super) codec: String,
    /// Whether every machine can decode the picture as it is: 8 bits, 4:2:0.
    pub(super) is_plain: bool,
    /// The curve of its brightness, if that has a high range.
    pub(super) curve: Option<Curve>,
    /// Whether it has half pictures.
    pub(super) is_interlaced: bool,
    /// Bits a second of the whole file.
    pub(super) bit_rate: Option<u64>,
    pub(super) sounds: Vec<Sound>,
    pub(super) texts: Vec<Text>,
    pub(super) chapters: Vec<Chapter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) codec: String,
    pub(super) channels: u32,
    /// ISO 639 as the file says it.
    pub(super) language: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// BCP 47.
    pub(super) language: Option<String>,
    pub(super) label: Option<String>,
    pub(super) is_forced: bool,
    pub(super) is_sdh: bool,
    /// Pictures of text cannot be converted.
    pub(super) is_text: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chapter {
    pub(super) start_s: f64,
    pub(super) name: String,
}

/// Asks ffprobe about a film.
///
/// # Errors
/// [`Code::MasterBad`] if it is no film.
pub(super) async fn probe(tools: &Tools, film: &Path) -> Result<Probe, Problem> {
    let asked = ["-show_format", "-show_streams", "-show_chapters", "-of", "json"];
    let arguments = child::input(film).into_iter().chain(asked.map(OsString::from));
    let bad = |why: String| Problem::from(Code::MasterBad).detail(why);
    let found = child::answer(&tools.ffprobe, arguments).await;
    let found = found.map_err(|problem| bad(problem.detail.unwrap_or_default()))?;
    let found: Found = serde_json::from_slice(&found).map_err(|error| bad(error.to_string()))?;
    Probe::of(found)
        .ok_or_else(|| bad("it has no picture, or does not say how long it is".to_owned()))
}

impl Probe {
    fn of(found: Found) -> Option<Self> {
        let length_s = found.format.duration.as_deref().and_then(|text| text.parse::<f64>().ok());
        let length_s = length_s.filter(|length| (0.0..LENGTH_MAX_S).contains(length))?;
        let of_kind = |kind: &'static str| {
            found.streams.iter().filter(move |stream| stream.codec_type == kind).take(STREAMS_MAX)
        };
        // A cover is a stream of one picture.
        let video = of_kind("video").find(|stream| stream.disposition.attached_pic == 0)?;
        let (width, height) = video.shown()?;
        Some(Self {
            length_s,
            width,
            height,
            format: found.format.format_name.split(',').next().unwrap_or_default().to_owned(),
            codec: video.codec_name.clone(),
            is_plain: video.pix_fmt.as_deref() == Some("yuv420p"),
            curve: Curve::named(&video.color_transfer),
            is_interlaced: ["tt", "bb", "tb", "bt"].contains(&&*video.field_order),
            bit_rate: found.format.bit_rate.and_then(|text| text.parse().ok()),
            sounds: of_kind("audio").map(Stream::sound).collect(),
            texts: of_kind("subtitle").map(Stream::text).collect(),
            chapters: found.chapters.iter().take(CHAPTERS_MAX).filter_map(Part::chapter).collect(),
        })
    }

    /// What is said of a film whose container browsers and catalogues do not know.
    pub(super) fn facts(&self) -> Facts {
        let languages = self.sounds.iter().filter_map(|sound| sound.language.as_deref());
        let mut audio_languages: Vec<_> = languages.filter_map(language::from_code).collect();
        audio_languages.dedup();
        Facts {
            container: self.format.clone(),
            // Shorter than a day.
            duration_s: Some(self.length_s as u32),
            width: Some(self.width),
            height: Some(self.height),
            video_codec: Some(self.codec.clone()),
            audio_codec: self.sounds.first().map(|sound| sound.codec.clone()),
            audio_languages,
            plays_in_browsers: false,
            goes_as_it_is: false,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Found {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    chapters: Vec<Part>,
    format: Format,
}

#[derive(Debug, Deserialize)]
struct Format {
    #[serde(default)]
    format_name: String,
    duration: Option<String>,
    bit_rate: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Part {
    start_time: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_name: String,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    pix_fmt: Option<String>,
    #[serde(default)]
    field_order: String,
    #[serde(default)]
    color_transfer: String,
    channels: Option<u32>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
    #[serde(default)]
    forced: u8,
    #[serde(default)]
    hearing_impaired: u8,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Stream {
    /// Width and height as it is shown: with square pixels, and turned as it says.
    fn shown(&self) -> Option<(u32, u32)> {
        let (width, height) = (self.width?, self.height?);
        let ratio = self.sample_aspect_ratio.as_deref().and_then(|text| text.split_once(':'));
        let ratio = ratio.and_then(|(x, y)| Some((x.parse::<f64>().ok()?, y.parse::<f64>().ok()?)));
        let stretch = ratio.map_or(1.0, |(x, y)| x / y);
        let stretch = if (0.1..10.0).contains(&stretch) { stretch } else { 1.0 };
        // Up to ten times a `u32` that ffmpeg takes, which is far below 2^32.
        let width = (f64::from(width.min(65_536)) * stretch).round() as u32;
        let rotation = self.side_data_list.iter().find_map(|data| data.rotation).unwrap_or(0.0);
        let is_turned = (rotation.abs() % 180.0 - 90.0).abs() < 45.0;
        Some(if is_turned { (height, width) } else { (width, height) })
    }

    fn tag(&self, name: &str) -> Option<String> {
        let text = self.tags.get(name)?;
        let text: String = text.chars().filter(|letter| !letter.is_control()).take(100).collect();
        (!text.trim().is_empty()).then_some(text)
    }

    fn sound(&self) -> Sound {
        Sound {
            codec: self.codec_name.clone(),
            channels: self.channels.unwrap_or(2),
            language: self.tag("language").filter(|language| language != "und"),
        }
    }

    fn text(&self) -> Text {
        Text {
            language: self.tag("language").and_then(|code| language::from_code(&code)),
            label: self.tag("title"),
            is_forced: self.disposition.forced != 0,
            is_sdh: self.disposition.hearing_impaired != 0,
            is_text: TEXTS.contains(&&*self.codec_name),
        }
    }
}

impl Part {
    fn chapter(&self) -> Option<Chapter> {
        let start_s = self.start_time.as_deref()?.parse::<f64>().ok()?;
        let name = self.tags.get("title").map(String::as_str).unwrap_or_default();
        let name = name.chars().filter(|letter| !letter.is_control()).take(200).collect();
        (0.0..LENGTH_MAX_S).contains(&start_s).then_some(Chapter { start_s, name })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(found: serde_json::Value) -> Option<Probe> {
        Probe::of(serde_json::from_value(found).unwrap())
    }

    #[test]
    fn a_film_is_measured_as_it_is_shown() {
        let film = |more: serde_json::Value| {
            let mut video = json!({"codec_type": "video", "codec_name": "mpeg2video", "width": 720, "height": 576});
            video.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(json!({"streams": [video], "format": {"duration": "60.5"}})).unwrap()
        };
        let wide = film(json!({"sample_aspect_ratio": "64:45", "field_order": "tt"}));
        assert_eq!((wide.width, wide.height, wide.is_interlaced), (1024, 576, true));
        let turned = film(json!({"side_data_list": [{"rotation": -90}]}));
        assert_eq!((turned.width, turned.height), (576, 720));
        let odd = film(json!({"sample_aspect_ratio": "0:1"}));
        assert_eq!((odd.width, odd.height), (720, 576));
    }

    #[test]
    fn what_has_no_picture_or_no_length_is_no_film() {
        let cover = json!({"codec_type": "video", "width": 9, "height": 9, "disposition": {"attached_pic": 1}});
        assert_eq!(read(json!({"streams": [cover], "format": {"duration": "60"}})), None);
        let video = json!({"codec_type": "video", "width": 9, "height": 9});
        for duration in [json!(null), json!("N/A"), json!("-1"), json!("1e300"), json!("NaN")] {
            assert_eq!(read(json!({"streams": [video], "format": {"duration": duration}})), None);
        }
    }
}
