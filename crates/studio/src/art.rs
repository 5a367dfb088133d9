//! Posters, backdrops and stills: a scene, and a title set on it.

use std::{fs, path::Path};

use crate::{
    Fault,
    canvas::{Canvas, Hex, colour, mix, tint},
    programme::{Lettering, Look, Work},
    scene::draw,
    typography::{Font, Style, Typefaces},
};

/// Where in its loop a scene looks best on paper.
const POSTER_TURN: f32 = 0.11;

/// Draws a poster, two by three.
pub(crate) fn poster(work: &Work, faces: &Typefaces, to: &Path) -> Result<(), Fault> {
    let mut canvas = blank(720, 1080, to)?;
    draw(&mut canvas, work.look.scene, work.look.palette, POSTER_TURN, 0);
    shade_behind_title(&mut canvas, work.look);
    title(&mut canvas, work, faces);
    save(&canvas, to)
}

/// Draws a wide picture without words.
pub(crate) fn backdrop(work: &Work, to: &Path) -> Result<(), Fault> {
    picture(work.look, (1280, 720), (0.3, 0), to)
}

/// Draws a still of an episode: the same place at another time.
pub(crate) fn still(work: &Work, episode: u32, to: &Path) -> Result<(), Fault> {
    picture(work.look, (640, 360), (0.17 * episode as f32, episode), to)
}

fn picture(
    look: Look,
    (width, height): (u32, u32),
    (turn, variant): (f32, u32),
    to: &Path,
) -> Result<(), Fault> {
    let mut canvas = blank(width, height, to)?;
    draw(&mut canvas, look.scene, look.palette, turn.fract(), variant);
    save(&canvas, to)
}

fn blank(width: u32, height: u32, to: &Path) -> Result<Canvas, Fault> {
    Canvas::new(width, height).ok_or_else(|| Fault::picture(to, "no room for its pixels"))
}

fn save(canvas: &Canvas, to: &Path) -> Result<(), Fault> {
    let png = canvas.png().map_err(|why| Fault::picture(to, &why))?;
    fs::write(to, png).map_err(|error| Fault::disk(to, error))
}

fn above(lettering: Lettering) -> bool {
    !matches!(lettering, Lettering::DisplayBelow | Lettering::SerifBelow)
}

fn ink(look: Look) -> Hex {
    if look.lettering == Lettering::DisplayInk { look.palette[0] } else { look.palette[4] }
}

/// Darkens the part of the picture where the title stands, so that it reads on any scene.
fn shade_behind_title(canvas: &mut Canvas, look: Look) {
    let aspect = canvas.aspect();
    let ground = if look.lettering == Lettering::DisplayInk { 4 } else { 0 };
    let (clear, dark) = (tint(look.palette[ground], 0.0), tint(look.palette[ground], 0.86));
    if above(look.lettering) {
        canvas.fade((0.0, 0.0), (aspect, 0.42), dark, clear);
        canvas.fade((0.0, 0.86), (aspect, 0.14), clear, dark);
    } else {
        canvas.fade((0.0, 0.48), (aspect, 0.30), clear, dark);
        canvas.fade((0.0, 0.78), (aspect, 0.22), dark, dark);
    }
}

fn title(canvas: &mut Canvas, work: &Work, faces: &Typefaces) {
    let face = face(work.look.lettering, faces);
    let display = !matches!(work.look.lettering, Lettering::SerifAbove | Lettering::SerifBelow);
    let words = if display { work.name.to_uppercase() } else { work.name.to_owned() };
    let lines = break_lines(&words);
    let aspect = canvas.aspect();
    let style = fit(face, &lines, aspect * 0.84, work.look);
    let leading = style.size * if display { 0.9 } else { 0.98 };
    let tall = leading * (lines.len() - 1) as f32;
    let first = if above(work.look.lettering) {
        0.065 + style.size * 0.75
    } else {
        if display { 0.905 - tall } else { 0.885 - tall }
    };
    for (index, line) in lines.iter().enumerate() {
        let baseline = first + leading * index as f32;
        face.centre(canvas, line, (aspect / 2.0, baseline), style);
    }
    small_print(canvas, work, faces);
}

fn small_print(canvas: &mut Canvas, work: &Work, faces: &Typefaces) {
    let [_, _, _, warm, _] = work.look.palette;
    let middle = canvas.aspect() / 2.0;
    let style =
        Style { size: 0.0165, tracking: 0.22, colour: tint(mix(ink(work.look), warm, 0.15), 0.92) };
    let words = format!("A KINORA DEMONSTRATION \u{b7} {}", work.year);
    faces.text.centre(canvas, &words, (middle, 0.957), style);
}

fn face(lettering: Lettering, faces: &Typefaces) -> &Font {
    match lettering {
        Lettering::DisplayAbove | Lettering::DisplayBelow | Lettering::DisplayInk => &faces.display,
        Lettering::SerifAbove | Lettering::SerifBelow => &faces.serif,
    }
}

/// The largest size at which the longest line fits.
fn fit(face: &Font, lines: &[String], width: f32, look: Look) -> Style {
    let tracking = 0.02;
    let colour = colour(ink(look));
    let trial = Style { size: 1.0, tracking, colour };
    let widest = lines.iter().map(|line| face.width(line, trial)).fold(0.1, f32::max);
    Style { size: (width / widest).min(0.15), ..trial }
}

/// Breaks a title into lines of about nine letters, never inside a word.
fn break_lines(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 9 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::break_lines;

    #[test]
    fn a_title_is_broken_between_words_only() {
        assert_eq!(break_lines("Last Tram to Hollow Hill"), ["Last Tram", "to Hollow", "Hill"]);
        assert_eq!(break_lines("Snowline"), ["Snowline"]);
    }
}
