//! Titles as outlines: fonts found on this machine, words set as paths.

use std::{fs, path::PathBuf};

use tiny_skia::{Color, PathBuilder, Transform};
use ttf_parser::{Face, OutlineBuilder};

use crate::{
    Fault,
    canvas::{At, Canvas},
};

/// Where Debian and its relatives keep fonts.
const FOLDERS: [&str; 3] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts/Supplemental"];

/// The faces of the posters.
pub(crate) struct Typefaces {
    /// Tall capitals, for titles.
    pub(crate) display: Font,
    /// An old-style serif, for titles of another mood.
    pub(crate) serif: Font,
    /// A plain sans, for the small print.
    pub(crate) text: Font,
}

/// A font file.
pub(crate) struct Font {
    /// Where it lies, for programs that want a path.
    pub(crate) path: PathBuf,
    bytes: Vec<u8>,
}

/// How a line of words is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Height of the letters' em square, in heights of the canvas.
    pub(crate) size: f32,
    /// Space between letters, in ems.
    pub(crate) tracking: f32,
    pub(crate) colour: Color,
}

impl Typefaces {
    /// The preferred faces, or what this machine has instead.
    pub(crate) fn find() -> Result<Self, Fault> {
        let files = font_files();
        Ok(Self {
            display: pick(
                &files,
                &["BebasNeue-Bold.otf", "Lato-Black.ttf", "DejaVuSans-Bold.ttf"],
            )?,
            serif: pick(
                &files,
                &["EBGaramond12-Regular.otf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"],
            )?,
            text: pick(&files, &["Lato-Medium.ttf", "DejaVuSans.ttf"])?,
        })
    }
}

impl Font {
    /// The width of a line, in heights of the canvas.
    pub(crate) fn width(&self, words: &str, style: Style) -> f32 {
        self.set(words, style).1
    }

    /// Draws a line of words whose baseline starts at `at`.
    pub(crate) fn draw(&self, canvas: &mut Canvas, words: &str, at: At, style: Style) {
        let path = self.set(words, style).0.finish();
        let place = Transform::from_translate(at.0, at.1);
        if let Some(path) = path.and_then(|path| path.transform(place)) {
            canvas.fill_path(&path, style.colour);
        }
    }

    /// Draws a line of words whose middle is at `at`.
    pub(crate) fn centre(&self, canvas: &mut Canvas, words: &str, at: At, style: Style) {
        let left = at.0 - self.width(words, style) / 2.0;
        self.draw(canvas, words, (left, at.1), style);
    }

    /// The outline of a line and its width.
    fn set(&self, words: &str, style: Style) -> (PathBuilder, f32) {
        let mut outline = Outline { path: PathBuilder::new(), x: 0.0, scale: 1.0 };
        let Ok(face) = Face::parse(&self.bytes, 0) else {
            return (outline.path, 0.0);
        };
        outline.scale = style.size / f32::from(face.units_per_em());
        for glyph in words.chars().filter_map(|letter| face.glyph_index(letter)) {
            face.outline_glyph(glyph, &mut outline);
            let advance = f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
            outline.x += advance * outline.scale + style.tracking * style.size;
        }
        let width = outline.x - style.tracking * style.size;
        (outline.path, width)
    }
}

/// Glyphs on their way into one path.
struct Outline {
    path: PathBuilder,
    x: f32,
    scale: f32,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> At {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.place(x1, y1), self.place(x2, y2));
        let (x, y) = self.place(x, y);
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

fn pick(files: &[PathBuf], names: &[&str]) -> Result<Font, Fault> {
    let path = names
        .iter()
        .find_map(|name| files.iter().find(|file| file.ends_with(name)))
        .ok_or_else(|| Fault::NoFont { wanted: names.join(", ") })?;
    let bytes = fs::read(path).map_err(|error| Fault::disk(path, error))?;
    Ok(Font { path: path.clone(), bytes })
}

/// Every font file below the usual folders.
fn font_files() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}
