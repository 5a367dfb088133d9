//! Scenes by the water: a ferry at night, a lighthouse, northern lights.

use super::Palette;
use crate::canvas::{At, Canvas, Hex, colour, mix, scatter, tint, wave};

/// A small ferry crosses the moon's path.
pub(super) fn ferry(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, _, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, middle, deep]);
    stars(canvas, light, 70, turn, variant);
    let moon = (aspect * 0.5, 0.27);
    canvas.glow(moon, 0.45, tint(light, 0.35));
    canvas.disc(moon, 0.12, colour(light));
    canvas.disc((moon.0 - 0.035, moon.1 + 0.02), 0.02, tint(middle, 0.18));
    canvas.disc((moon.0 + 0.04, moon.1 - 0.035), 0.028, tint(middle, 0.14));
    sea(canvas, (deep, dark), 0.56, turn);
    glitter(canvas, light, (moon.0, 0.58), turn);
    let x = aspect * (0.5 + 0.34 * wave(turn));
    boat(canvas, palette, (x, 0.64 + 0.006 * wave(turn * 3.0)), wave(turn + 0.25) >= 0.0);
    canvas.land(move |x| 0.9 + 0.012 * wave(x * 0.8 - turn), mix(dark, deep, 0.3), dark);
}

fn boat(canvas: &mut Canvas, palette: Palette, (x, y): At, rightwards: bool) {
    let [dark, _, _, warm, light] = palette;
    let way = if rightwards { 1.0 } else { -1.0 };
    let at = |dx: f32, dy: f32| (x + dx * way, y + dy);
    let hull = [at(-0.16, 0.0), at(0.19, 0.0), at(0.14, 0.055), at(-0.13, 0.055)];
    canvas.polygon(&hull, colour(dark));
    let cabin = [at(-0.11, 0.0), at(-0.11, -0.05), at(0.09, -0.05), at(0.12, 0.0)];
    canvas.polygon(&cabin, colour(mix(dark, warm, 0.25)));
    let bridge = [at(-0.02, -0.05), at(-0.02, -0.085), at(0.05, -0.085), at(0.07, -0.05)];
    canvas.polygon(&bridge, colour(dark));
    canvas.polygon(
        &[at(-0.08, -0.05), at(-0.085, -0.12), at(-0.045, -0.12), at(-0.04, -0.05)],
        colour(warm),
    );
    for pane in 0..6_u8 {
        canvas.disc(at(-0.09 + f32::from(pane) * 0.032, -0.025), 0.007, colour(light));
    }
    canvas.glow(at(0.17, -0.02), 0.06, tint(warm, 0.8));
}

fn sea(canvas: &mut Canvas, (far, near): (Hex, Hex), horizon: f32, turn: f32) {
    let aspect = canvas.aspect();
    for band in 0..7_u32 {
        let depth = band as f32 / 6.0;
        let y = horizon + depth * depth * 0.36;
        let drift = turn * if band % 2 == 0 { 1.0 } else { -1.0 };
        let line = move |x: f32| {
            y + (0.003 + 0.010 * depth) * wave(x * (1.6 - depth) + depth * 2.3 + drift)
        };
        let shade = mix(far, near, depth);
        canvas.land(line, shade, mix(shade, near, 0.5));
    }
    canvas.rect((0.0, horizon - 0.001), (aspect, 0.002), tint(mix(far, 0xFF_FFFF, 0.3), 0.5));
}

/// Short strokes of light on the water, wider towards the viewer.
fn glitter(canvas: &mut Canvas, ink: Hex, (x, horizon): At, turn: f32) {
    for stroke in 0..46_u32 {
        let depth = stroke as f32 / 45.0;
        let y = horizon + depth * 0.38;
        let sway = wave(turn * 2.0 + scatter(stroke));
        let centre = x + (0.02 + 0.10 * depth) * sway * (scatter(stroke + 80) - 0.5) * 2.0;
        let half = (0.016 + 0.05 * depth) * (0.4 + 0.6 * scatter(stroke + 40));
        let alpha = 0.75 - 0.55 * depth;
        canvas.line(
            (centre - half, y),
            (centre + half, y),
            0.0022 + 0.004 * depth,
            tint(ink, alpha),
        );
    }
}

fn stars(canvas: &mut Canvas, ink: Hex, count: u32, turn: f32, variant: u32) {
    let aspect = canvas.aspect();
    for star in 0..count {
        let n = star + variant * 211;
        let at = (scatter(n) * aspect, scatter(n + 1000) * 0.55);
        let shine = 0.45 + 0.4 * wave(turn * 2.0 + scatter(n + 2000));
        canvas.disc(at, 0.0012 + 0.0022 * scatter(n + 3000), tint(ink, shine));
    }
}

/// A tower on a rock whose beam goes round.
pub(super) fn lighthouse(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, middle, warm]);
    stars(canvas, light, 40, turn, variant);
    let lamp = (aspect * 0.36, 0.33);
    beam(canvas, lamp, turn, light);
    beam(canvas, lamp, turn + 0.5, light);
    sea(canvas, (mix(middle, deep, 0.5), dark), 0.7, turn);
    tower(canvas, palette, lamp);
    canvas.glow(lamp, 0.16, tint(light, 0.95));
    canvas.disc(lamp, 0.018, colour(light));
}

/// The beam seen from the side: long across, short towards us.
fn beam(canvas: &mut Canvas, lamp: At, turn: f32, ink: Hex) {
    let (across, towards) = (wave(turn + 0.25), wave(turn));
    let reach = 3.4 * across;
    let spread = 0.06 + 0.15 * towards.abs();
    let alpha = 0.12 + 0.3 * towards.max(0.0);
    for part in [1.0, 0.6, 0.3] {
        let far = lamp.0 + reach;
        let edges =
            [lamp, (far, lamp.1 - spread * part * 2.0), (far, lamp.1 + spread * part * 2.0)];
        canvas.polygon(&edges, tint(ink, alpha));
    }
}

fn tower(canvas: &mut Canvas, palette: Palette, (x, y): At) {
    let [dark, _, _, warm, light] = palette;
    let side = |part: f32| 0.036 + 0.034 * part;
    let (top, foot) = (y + 0.04, 0.80);
    for band in 0..5_u8 {
        let (from, to) = (f32::from(band) / 5.0, f32::from(band + 1) / 5.0);
        let (above, below) = (top + (foot - top) * from, top + (foot - top) * to);
        let ink = if band % 2 == 0 { light } else { warm };
        let shape = [
            (x - side(from), above),
            (x + side(from), above),
            (x + side(to), below),
            (x - side(to), below),
        ];
        canvas.polygon(&shape, colour(mix(ink, dark, 0.12)));
        let shadow = [
            (x + side(from) * 0.3, above),
            (x + side(from), above),
            (x + side(to), below),
            (x + side(to) * 0.3, below),
        ];
        canvas.polygon(&shadow, tint(dark, 0.35));
    }
    canvas.rect((x - 0.05, y + 0.028), (0.1, 0.013), colour(dark));
    canvas.rect((x - 0.03, y - 0.03), (0.06, 0.06), tint(dark, 0.75));
    canvas.wedge((x, y - 0.028), 0.034, (0.5, 1.0), colour(dark));
    let rock = [
        (x - 0.3, 1.0),
        (x - 0.2, 0.84),
        (x - 0.09, 0.785),
        (x + 0.12, 0.79),
        (x + 0.2, 0.87),
        (x + 0.4, 1.0),
    ];
    canvas.polygon(&rock, colour(dark));
}

/// Curtains of light over mountains and their mirror.
pub(super) fn aurora(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, green, violet, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, mix(deep, green, 0.25)]);
    stars(canvas, light, 90, turn, variant);
    for curtain in 0..3_u32 {
        let ink = mix(green, violet, curtain as f32 / 2.0);
        hang(canvas, ink, curtain, turn);
    }
    let range =
        |x: f32| 0.66 - 0.09 * (wave(x * 0.47 + 0.1).abs() + 0.5 * wave(x * 1.31 + 0.4).abs());
    canvas.land(range, mix(dark, deep, 0.5), dark);
    canvas.fade((0.0, 0.70), (aspect, 0.31), colour(mix(deep, green, 0.35)), colour(dark));
    for ripple in 0..22_u32 {
        let depth = ripple as f32 / 21.0;
        let x = scatter(ripple + 60) * aspect + 0.04 * wave(turn + depth);
        let half = 0.05 + 0.12 * scatter(ripple);
        let ink = tint(mix(green, light, 0.3), 0.30 - 0.2 * depth);
        canvas.line((x - half, 0.72 + 0.27 * depth), (x + half, 0.72 + 0.27 * depth), 0.002, ink);
    }
}

fn hang(canvas: &mut Canvas, ink: Hex, curtain: u32, turn: f32) {
    let aspect = canvas.aspect();
    let shift = scatter(curtain + 5);
    let strips = 128_u32;
    for strip in 0..strips {
        let along = strip as f32 / strips as f32;
        let x = along * aspect;
        let fold = wave(along * 1.4 + shift + turn) + 0.5 * wave(along * 3.1 - turn + shift);
        let foot = 0.50 - 0.09 * curtain as f32 + 0.05 * fold;
        let tall = 0.30 + 0.07 * wave(along * 7.0 + turn * 2.0 + shift);
        let bright = 0.24 + 0.16 * wave(along * 5.0 - turn + shift);
        let wide = aspect / strips as f32;
        canvas.fade((x, foot - tall), (wide, tall), tint(ink, 0.0), tint(ink, bright));
    }
}
