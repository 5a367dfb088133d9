//! A picture being drawn: shapes in the unit of its own height, over tiny-skia.
//!
//! Scenes speak in heights: `y` runs from 0 (top) to 1 (bottom) and `x` from 0 to [`Canvas::aspect`], so
//! that the same scene fills a portrait poster and a landscape frame.

use std::f32::consts::TAU;

use tiny_skia::{
    Color, FillRule, GradientStop, LineCap, LinearGradient, Paint, Path, PathBuilder, Pixmap,
    Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// A colour as `0xRRGGBB`, the way palettes are written.
pub(crate) type Hex = u32;

/// A picture being drawn.
pub(crate) struct Canvas {
    pixels: Pixmap,
    scale: f32,
}

/// A point of a scene.
pub(crate) type At = (f32, f32);

/// An opaque colour.
pub(crate) fn colour(hex: Hex) -> Color {
    tint(hex, 1.0)
}

/// A colour with an opacity of 0 to 1.
pub(crate) fn tint(hex: Hex, alpha: f32) -> Color {
    let [_, red, green, blue] = hex.to_be_bytes();
    let mut colour = Color::from_rgba8(red, green, blue, 255);
    colour.set_alpha(alpha.clamp(0.0, 1.0));
    colour
}

/// The colour a part of the way from one to the other.
pub(crate) fn mix(from: Hex, to: Hex, part: f32) -> Hex {
    let (from, to) = (from.to_be_bytes(), to.to_be_bytes());
    let blend = |i: usize| {
        let value = f32::from(from[i]) + (f32::from(to[i]) - f32::from(from[i])) * part;
        value.clamp(0.0, 255.0) as u8
    };
    u32::from_be_bytes([0, blend(1), blend(2), blend(3)])
}

impl Canvas {
    /// An empty picture of so many pixels; `None` if a side is zero.
    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        Some(Self { pixels: Pixmap::new(width, height)?, scale: height as f32 })
    }

    /// Its width in heights.
    pub(crate) fn aspect(&self) -> f32 {
        self.pixels.width() as f32 / self.scale
    }

    /// Its pixels, four bytes each: red, green, blue, alpha.
    pub(crate) fn rgba(&self) -> &[u8] {
        self.pixels.data()
    }

    /// Itself as a PNG file.
    pub(crate) fn png(&self) -> Result<Vec<u8>, String> {
        self.pixels.encode_png().map_err(|error| error.to_string())
    }

    /// Fills everything with colours from the top down, evenly spaced.
    pub(crate) fn sky(&mut self, colours: &[Hex]) {
        let shader = self.vertical(0.0, 1.0, colours);
        let (width, height) = (self.aspect(), 1.0);
        self.paint_rect((0.0, 0.0), (width, height), shader);
    }

    /// A filled rectangle from its top left corner.
    pub(crate) fn rect(&mut self, at: At, size: At, colour: Color) {
        self.paint_rect(at, size, Shader::SolidColor(colour));
    }

    /// A rectangle that fades from one colour at its top to another at its bottom.
    pub(crate) fn fade(&mut self, at: At, size: At, top: Color, bottom: Color) {
        let stops = vec![GradientStop::new(0.0, top), GradientStop::new(1.0, bottom)];
        let shader = self.linear((at.0, at.1), (at.0, at.1 + size.1), stops);
        self.paint_rect(at, size, shader);
    }

    /// A filled circle.
    pub(crate) fn disc(&mut self, at: At, radius: f32, colour: Color) {
        if let Some(path) = PathBuilder::from_circle(at.0, at.1, radius) {
            self.fill(&path, Shader::SolidColor(colour));
        }
    }

    /// A circle that glows: its colour in the middle, nothing at its edge.
    pub(crate) fn glow(&mut self, at: At, radius: f32, colour: Color) {
        let mut edge = colour;
        edge.set_alpha(0.0);
        let stops = vec![GradientStop::new(0.0, colour), GradientStop::new(1.0, edge)];
        let centre = Point::from_xy(at.0, at.1);
        let shader = RadialGradient::new(
            centre,
            0.0,
            centre,
            radius,
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        if let (Some(shader), Some(path)) = (shader, PathBuilder::from_circle(at.0, at.1, radius)) {
            self.fill(&path, shader);
        }
    }

    /// A circle's outline.
    pub(crate) fn ring(&mut self, at: At, radius: f32, width: f32, colour: Color) {
        if let Some(path) = PathBuilder::from_circle(at.0, at.1, radius) {
            self.stroke(&path, width, colour);
        }
    }

    /// A filled shape with straight sides.
    pub(crate) fn polygon(&mut self, points: &[At], colour: Color) {
        if let Some(path) = closed(points) {
            self.fill(&path, Shader::SolidColor(colour));
        }
    }

    /// A straight line with round ends.
    pub(crate) fn line(&mut self, from: At, to: At, width: f32, colour: Color) {
        self.polyline(&[from, to], width, colour);
    }

    /// A line through several points, with round ends.
    pub(crate) fn polyline(&mut self, points: &[At], width: f32, colour: Color) {
        if let Some(path) = open(points) {
            self.stroke(&path, width, colour);
        }
    }

    /// A slice of a disc, from one angle to another (0 is to the right, a turn is 1, clockwise).
    pub(crate) fn wedge(&mut self, at: At, radius: f32, turns: (f32, f32), colour: Color) {
        let mut points = vec![at];
        let steps = 24;
        for step in 0..=steps {
            let turn = turns.0 + (turns.1 - turns.0) * step as f32 / steps as f32;
            points.push(around(at, radius, turn));
        }
        self.polygon(&points, colour);
    }

    /// The land below a line: `line` gives the height of the ground at each `x`.
    pub(crate) fn land(&mut self, line: impl Fn(f32) -> f32, top: Hex, bottom: Hex) {
        let aspect = self.aspect();
        let steps = 96;
        let mut points: Vec<At> = (0..=steps)
            .map(|step| aspect * step as f32 / steps as f32)
            .map(|x| (x, line(x)))
            .collect();
        let crest = points.iter().map(|point| point.1).fold(1.0, f32::min);
        points.push((aspect, 1.01));
        points.push((0.0, 1.01));
        let shader = self.vertical(crest, 1.0, &[top, bottom]);
        if let Some(path) = closed(&points) {
            self.fill(&path, shader);
        }
    }

    /// Any path, filled with one colour.
    pub(crate) fn fill_path(&mut self, path: &Path, colour: Color) {
        self.fill(path, Shader::SolidColor(colour));
    }

    fn vertical(&self, from: f32, to: f32, colours: &[Hex]) -> Shader<'static> {
        let last = colours.len().saturating_sub(1).max(1) as f32;
        let stops = colours
            .iter()
            .enumerate()
            .map(|(i, &hex)| GradientStop::new(i as f32 / last, colour(hex)))
            .collect();
        self.linear((0.0, from), (0.0, to), stops)
    }

    fn linear(&self, from: At, to: At, stops: Vec<GradientStop>) -> Shader<'static> {
        LinearGradient::new(
            Point::from_xy(from.0, from.1),
            Point::from_xy(to.0, to.1),
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        )
        .unwrap_or(Shader::SolidColor(Color::BLACK))
    }

    fn paint_rect(&mut self, at: At, size: At, shader: Shader<'_>) {
        if let Some(rect) = Rect::from_xywh(at.0, at.1, size.0, size.1) {
            let paint = Paint { shader, anti_alias: false, ..Paint::default() };
            self.pixels.fill_rect(rect, &paint, self.transform(), None);
        }
    }

    fn fill(&mut self, path: &Path, shader: Shader<'_>) {
        let paint = Paint { shader, anti_alias: true, ..Paint::default() };
        self.pixels.fill_path(path, &paint, FillRule::Winding, self.transform(), None);
    }

    fn stroke(&mut self, path: &Path, width: f32, colour: Color) {
        let paint =
            Paint { shader: Shader::SolidColor(colour), anti_alias: true, ..Paint::default() };
        let stroke = Stroke { width, line_cap: LineCap::Round, ..Stroke::default() };
        self.pixels.stroke_path(path, &paint, &stroke, self.transform(), None);
    }

    fn transform(&self) -> Transform {
        Transform::from_scale(self.scale, self.scale)
    }
}

/// The point on a circle at an angle given in turns.
pub(crate) fn around(at: At, radius: f32, turn: f32) -> At {
    let (sin, cos) = (turn * TAU).sin_cos();
    (at.0 + radius * cos, at.1 + radius * sin)
}

/// A wave between -1 and 1 over turns.
pub(crate) fn wave(turns: f32) -> f32 {
    (turns * TAU).sin()
}

/// A number between 0 and 1 that looks random and is always the same for the same `n`.
pub(crate) fn scatter(n: u32) -> f32 {
    let mut bits = n.wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B;
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297A_2D39);
    (bits ^ (bits >> 15)) as f32 / u32::MAX as f32
}

fn open(points: &[At]) -> Option<Path> {
    lines(points).finish()
}

fn closed(points: &[At]) -> Option<Path> {
    let mut path = lines(points);
    path.close();
    path.finish()
}

fn lines(points: &[At]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path
}
