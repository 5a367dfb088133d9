//! Subtitles in three languages and three formats, lying beside the films.

use std::fmt::Write;

/// A subtitle file to be written.
pub(crate) struct Subtitle {
    /// BCP 47.
    pub(crate) language: &'static str,
    /// The format's usual ending.
    pub(crate) ending: &'static str,
    pub(crate) text: String,
}

/// A line appears every so many seconds, for [`SHOWN_S`] of them.
const EVERY_S: u32 = 5;
const SHOWN_S: u32 = 4;

const ENGLISH: [&str; 8] = [
    "Somebody left the light on.",
    "It is further than it looks.",
    "We said we would wait until morning.",
    "Do you hear that? It comes from below.",
    "Nobody has been here for years.",
    "Keep the map dry, whatever happens.",
    "I thought you had gone home.",
    "Then we begin again, from here.",
];

const FRENCH: [&str; 8] = [
    "Quelqu\u{2019}un a laissé la lumière allumée.",
    "C\u{2019}est plus loin qu\u{2019}il n\u{2019}y paraît.",
    "Nous avions dit que nous attendrions l\u{2019}aube.",
    "Tu entends\u{a0}? Ça vient d\u{2019}en bas.",
    "Personne n\u{2019}est venu ici depuis des années.",
    "Garde la carte au sec, quoi qu\u{2019}il arrive.",
    "Je te croyais rentré à la maison.",
    "Alors on recommence, à partir d\u{2019}ici.",
];

const SPANISH: [&str; 8] = [
    "Alguien dejó la luz encendida.",
    "Está más lejos de lo que parece.",
    "Dijimos que esperaríamos hasta mañana.",
    "¿Oyes eso? Viene de abajo.",
    "Hace años que nadie pasa por aquí.",
    "Que no se moje el mapa, pase lo que pase.",
    "Creía que te habías ido a casa.",
    "Entonces empezamos otra vez, desde aquí.",
];

/// English as SRT, French as WebVTT, Spanish as ASS, for a film of so many seconds.
pub(crate) fn all(seconds: u32) -> [Subtitle; 3] {
    [
        Subtitle { language: "en", ending: "srt", text: srt(seconds) },
        Subtitle { language: "fr", ending: "vtt", text: vtt(seconds) },
        Subtitle { language: "es", ending: "ass", text: ass(seconds) },
    ]
}

/// When each line starts, with its number.
fn cues(seconds: u32) -> impl Iterator<Item = (u32, usize)> {
    (1..seconds).step_by(EVERY_S as usize).zip(0..)
}

fn srt(seconds: u32) -> String {
    let mut text = String::new();
    for (start, line) in cues(seconds) {
        let (number, end) = (line + 1, start + SHOWN_S);
        let (start, end) = (clock(start, ','), clock(end, ','));
        let words = ENGLISH[line % ENGLISH.len()];
        let _ = write!(text, "{number}\n{start} --> {end}\n{words}\n\n");
    }
    text
}

fn vtt(seconds: u32) -> String {
    let mut text = "WEBVTT\n\n".to_owned();
    for (start, line) in cues(seconds) {
        let (start, end) = (clock(start, '.'), clock(start + SHOWN_S, '.'));
        let words = FRENCH[line % FRENCH.len()];
        let _ = write!(text, "{start} --> {end}\n{words}\n\n");
    }
    text
}

fn ass(seconds: u32) -> String {
    let mut text = "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n\
        [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, Alignment\n\
        Style: Default,Lato,22,&H00FFFFFF,2\n\n\
        [Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        .to_owned();
    for (start, line) in cues(seconds) {
        let end = start + SHOWN_S;
        let words = SPANISH[line % SPANISH.len()];
        let (start, end) = (ass_clock(start), ass_clock(end));
        let _ = writeln!(text, "Dialogue: 0,{start},{end},Default,,0,0,0,,{words}");
    }
    text
}

fn clock(seconds: u32, point: char) -> String {
    format!("00:{:02}:{:02}{point}000", seconds / 60, seconds % 60)
}

fn ass_clock(seconds: u32) -> String {
    format!("0:{:02}:{:02}.00", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn each_format_has_a_line_every_five_seconds() {
        let [english, french, spanish] = all(60);
        assert_eq!(english.text.matches(" --> ").count(), 12);
        assert_eq!(french.text.matches(" --> ").count(), 12);
        assert_eq!(spanish.text.matches("Dialogue:").count(), 12);
        assert!(english.text.starts_with("1\n00:00:01,000 --> 00:00:05,000\n"));
    }
}
