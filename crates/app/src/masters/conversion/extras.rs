//! What lies beside a film in its torrent: small pictures for the time line, chapters, and the texts that were inside it.
//!
//! Both lists are WebVTT as players know it: cues of `chapters.vtt` are names (the `chapters` kind of HTML), cues of
//! `previews.vtt` name a part of a picture by `#xywh=` (W3C Media Fragments).

use std::{fmt::Write as _, path::Path};

use media::ffmpeg::Tools;

use super::{
    child,
    probe::{Chapter, Probe},
    range::Curve,
};
use crate::{
    http::problem::Problem,
    masters::{CHAPTERS, PREVIEWS},
};

/// Small pictures side by side, and one above the other, in a sheet.
const SIDE: u32 = 8;
/// A small picture's longer side, pixels.
const LONG_SIDE: u32 = 160;
/// The most small pictures of a film.
const PICTURES_MAX: f64 = 512.0;
/// They are no nearer than key frames, seconds.
const STEP_MIN_S: f64 = 2.0;

/// Makes sheets of small pictures and the list of them; a curve of brightness is mapped as it is in the qualities.
///
/// # Errors
/// What ffmpeg says, or the disk refuses.
pub(super) async fn make_previews(
    tools: &Tools,
    film: &Path,
    probe: &Probe,
    curve: Option<Curve>,
    folder: &Path,
    heard: impl FnMut(f64),
) -> Result<(), Problem> {
    let (width, height) = size(probe);
    let step_s = (probe.length_s / PICTURES_MAX).ceil().max(STEP_MIN_S);
    let mut command = child::ffmpeg(tools);
    command.args(child::bounded()).args(["-skip_frame", "nokey"]).args(child::input(film));
    command.args(["-map", "0:V:0", "-vf"]);
    let mapped = Curve::filters(curve);
    command
        .arg(format!("fps=1/{step_s},scale={width}:{height},{mapped}setsar=1,tile={SIDE}x{SIDE}"));
    command.args(["-map_metadata", "-1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "5"]);
    command.args(child::bounded()).args(["-f", "image2"]).arg(folder.join("previews-%d.jpg"));
    child::run(command, heard).await?;
    // A film with few key frames gives fewer pictures than its length has steps, or none.
    let sheets = (1..).take_while(|sheet| folder.join(sheet_name(*sheet)).exists()).count();
    match previews_list(probe.length_s, step_s, (width, height), sheets) {
        Some(list) => std::fs::write(folder.join(PREVIEWS), list).map_err(super::denied),
        None => Ok(()),
    }
}

fn sheet_name(sheet: u32) -> String {
    format!("previews-{sheet}.jpg")
}

fn size(probe: &Probe) -> (u32, u32) {
    let (width, height) = (f64::from(probe.width), f64::from(probe.height));
    let scale = f64::from(LONG_SIDE) / width.max(height);
    // At most half of the longer side.
    let even = |side: f64| 2 * ((side * scale / 2.0).round().max(1.0) as u32);
    (even(width), even(height))
}

/// The list of small pictures on so many sheets; nothing without any.
fn previews_list(
    length_s: f64,
    step_s: f64,
    (width, height): (u32, u32),
    sheets: usize,
) -> Option<String> {
    if sheets == 0 {
        return None;
    }
    let mut list = String::from("WEBVTT\n");
    // At most `PICTURES_MAX` and one.
    let count = (length_s / step_s).ceil().max(1.0) as u32;
    for number in (0..count).take(sheets * (SIDE * SIDE) as usize) {
        let start_s = f64::from(number) * step_s;
        let (sheet, place) = (number / (SIDE * SIDE) + 1, number % (SIDE * SIDE));
        let (x, y) = (place % SIDE * width, place / SIDE * height);
        let picture = format!("{}#xywh={x},{y},{width},{height}", sheet_name(sheet));
        cue(&mut list, start_s, (start_s + step_s).min(length_s), &picture);
    }
    Some(list)
}

/// Writes the list of chapters, if there are any.
///
/// # Errors
/// The disk refuses.
pub(super) fn write_chapters(probe: &Probe, folder: &Path) -> Result<(), Problem> {
    if probe.chapters.is_empty() {
        return Ok(());
    }
    let list = chapters_list(&probe.chapters, probe.length_s);
    std::fs::write(folder.join(CHAPTERS), list).map_err(super::denied)
}

fn chapters_list(chapters: &[Chapter], length_s: f64) -> String {
    let mut list = String::from("WEBVTT\n");
    let ends = chapters.iter().skip(1).map(|next| next.start_s).chain([length_s]);
    for (number, (chapter, end_s)) in chapters.iter().zip(ends).enumerate() {
        if end_s <= chapter.start_s {
            continue;
        }
        let name = match chapter.name.trim() {
            "" => (number + 1).to_string(),
            name => name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        };
        cue(&mut list, chapter.start_s, end_s, &name);
    }
    list
}

fn cue(list: &mut String, start_s: f64, end_s: f64, text: &str) {
    let stamp = |at_s: f64| {
        // Within a day.
        let ms = (at_s * 1000.0).round() as u64;
        let (seconds, ms) = (ms / 1000, ms % 1000);
        format!("{:02}:{:02}:{:02}.{ms:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    };
    write!(list, "\n{} --> {}\n{text}\n", stamp(start_s), stamp(end_s))
        .expect("writing to a String cannot fail");
}

/// One of the texts inside a film, as WebVTT.
///
/// # Errors
/// What ffmpeg says.
pub(super) async fn text_inside(
    tools: &Tools,
    film: &Path,
    number: usize,
    target: &Path,
    heard: impl FnMut(f64),
) -> Result<(), Problem> {
    let mut command = child::ffmpeg(tools);
    command.args(child::input(film)).args(["-map", &format!("0:s:{number}")]);
    command.args(["-c:s", "webvtt", "-f", "webvtt"]).arg(target);
    child::run(command, heard).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_follow_each_other_on_their_sheets() {
        let list = previews_list(131.5, 2.0, (160, 90), 2).unwrap();
        let cues: Vec<_> = list.split("\n\n").skip(1).collect();
        assert_eq!(cues.len(), 66);
        assert_eq!(cues[0], "00:00:00.000 --> 00:00:02.000\npreviews-1.jpg#xywh=0,0,160,90");
        assert!(cues[9].ends_with("previews-1.jpg#xywh=160,90,160,90"), "{}", cues[9]);
        assert!(cues[64].ends_with("previews-2.jpg#xywh=0,0,160,90"), "{}", cues[64]);
        assert!(cues[65].starts_with("00:02:10.000 --> 00:02:11.500\n"), "{}", cues[65]);
    }

    #[test]
    fn no_picture_is_listed_that_is_on_no_sheet() {
        let list = previews_list(131.5, 2.0, (160, 90), 1).unwrap();
        assert_eq!(list.split("\n\n").skip(1).count(), 64);
        assert_eq!(previews_list(1.0, 2.0, (160, 90), 0), None);
    }

    #[test]
    fn chapters_have_their_names_as_text_and_an_end() {
        let chapter = |start_s, name: &str| Chapter { start_s, name: name.to_owned() };
        let chapters = [chapter(0.0, "A <b>&"), chapter(5.0, ""), chapter(5.0, "same")];
        let list = chapters_list(&chapters, 9.0);
        assert_eq!(
            list,
            "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nA &lt;b&gt;&amp;\n\n00:00:05.000 --> 00:00:09.000\nsame\n"
        );
        let list = chapters_list(&[chapter(0.0, " "), chapter(3.0, "x --> y")], 9.0);
        assert!(list.contains("\n1\n") && list.contains("x --&gt; y"), "{list}");
    }
}
