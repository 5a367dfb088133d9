//! Scenes on land: dunes, firs, a town.

use super::Palette;
use crate::canvas::{Canvas, colour, mix, scatter, tint, wave};

/// Layers of sand that drift past a low sun.
pub(super) fn dunes(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[deep, middle, warm, light]);
    let sun = (aspect * 0.62, 0.40 + 0.02 * wave(turn));
    canvas.glow(sun, 0.42, tint(light, 0.75));
    canvas.disc(sun, 0.13, colour(light));
    for layer in 0..6_u32 {
        let depth = layer as f32 / 5.0;
        let phase = scatter(layer + variant * 7);
        let drift = turn * f32::from(layer as u8 % 3 + 1);
        let crest = 0.46 + depth * 0.42;
        let line = move |x: f32| {
            let slow = wave(x * 0.28 + phase - drift);
            let quick = wave(x * 0.61 + phase * 3.0 + drift);
            crest + (0.055 - 0.02 * depth) * slow + 0.02 * quick
        };
        canvas.land(line, mix(warm, dark, depth.sqrt()), mix(middle, dark, depth * 0.9 + 0.1));
    }
    caravan(canvas, dark, turn);
}

/// A few walkers far away.
fn caravan(canvas: &mut Canvas, ink: u32, turn: f32) {
    let aspect = canvas.aspect();
    for walker in 0..5_u8 {
        let x = aspect * 0.18 + f32::from(walker) * 0.045 + 0.05 * turn;
        let y = 0.905 + 0.004 * wave(turn * 8.0 + f32::from(walker) * 0.3);
        canvas
            .polygon(&[(x - 0.008, y + 0.03), (x, y - 0.012), (x + 0.008, y + 0.03)], colour(ink));
        canvas.disc((x, y - 0.016), 0.0065, colour(ink));
    }
}

/// Rows of firs, fog between them, snow in front.
pub(super) fn firs(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, pale, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[middle, pale, light]);
    canvas.disc((aspect * 0.3, 0.24), 0.085, tint(light, 0.9));
    canvas.glow((aspect * 0.3, 0.24), 0.3, tint(light, 0.5));
    for row in 0..4_u32 {
        let depth = row as f32 / 3.0;
        let ink = mix(mix(middle, pale, 0.4), dark, depth);
        let ground = 0.62 + depth * 0.30;
        fir_row(canvas, ink, ground, 0.16 + depth * 0.24, row + variant * 11, turn);
        canvas.fade((0.0, ground - 0.12), (aspect, 0.30), tint(light, 0.0), tint(pale, 0.42));
    }
    canvas.land(|x| 0.93 + 0.02 * wave(x * 0.4 + 0.3), mix(deep, dark, 0.6), dark);
    snow(canvas, light, turn);
}

fn fir_row(canvas: &mut Canvas, ink: u32, ground: f32, height: f32, seed: u32, turn: f32) {
    let aspect = canvas.aspect();
    let count = (aspect / height * 3.4) as u32 + 2;
    for tree in 0..count {
        let chance = scatter(seed * 97 + tree);
        let x = (tree as f32 + chance * 0.8) / count as f32 * (aspect + 0.2) - 0.1;
        let tall = height * (0.6 + 0.5 * scatter(seed * 31 + tree));
        let sway = 0.006 * wave(turn + chance);
        for tier in 0..4_u8 {
            let part = f32::from(tier) / 4.0;
            let top = ground - tall * (1.0 - part * 0.72);
            let wide = tall * (0.09 + 0.06 * f32::from(tier));
            let base = top + tall * 0.34;
            let tip = x + sway * (1.0 - part);
            canvas.polygon(&[(x - wide, base), (tip, top), (x + wide, base)], colour(ink));
        }
    }
}

fn snow(canvas: &mut Canvas, ink: u32, turn: f32) {
    let aspect = canvas.aspect();
    for flake in 0..130_u32 {
        let speed = 1.0 + f32::from(flake as u8 % 3);
        let fall = (scatter(flake) + turn * speed).fract();
        let x = scatter(flake + 500) * aspect + 0.02 * wave(turn + scatter(flake + 900));
        let size = 0.0016 + 0.003 * scatter(flake + 700);
        canvas.disc((x, fall * 1.04 - 0.02), size, tint(ink, 0.85));
    }
}

/// A town on a hill by night: windows, a tram with its light.
pub(super) fn town(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, middle]);
    if aspect > 1.0 {
        canvas.disc((aspect * 0.74, 0.2), 0.06, tint(light, 0.95));
        canvas.disc((aspect * 0.74 + 0.025, 0.185), 0.055, colour(mix(dark, deep, 0.45)));
    }
    houses(canvas, mix(deep, middle, 0.55), tint(warm, 0.35), (0.36, 0.30), variant + 3, turn);
    houses(canvas, mix(dark, deep, 0.6), tint(warm, 0.9), (0.52, 0.26), variant + 8, turn);
    canvas.rect((0.0, 0.86), (aspect, 0.15), colour(dark));
    canvas.rect((0.0, 0.935), (aspect, 0.004), tint(middle, 0.9));
    tram(canvas, palette, turn);
}

fn houses(
    canvas: &mut Canvas,
    wall: u32,
    lamp: tiny_skia::Color,
    (top, spread): (f32, f32),
    seed: u32,
    turn: f32,
) {
    let aspect = canvas.aspect();
    let count = (aspect / 0.13) as u32 + 1;
    for house in 0..count {
        let x = house as f32 * 0.13 - 0.03;
        let roof = top + spread * scatter(seed * 53 + house);
        canvas.rect((x, roof), (0.132, 1.0 - roof), colour(wall));
        if scatter(seed + house * 3) > 0.5 {
            canvas.polygon(&[(x, roof), (x + 0.066, roof - 0.07), (x + 0.132, roof)], colour(wall));
        }
        windows(canvas, lamp, (x, roof), seed * 1000 + house * 40, turn);
    }
}

fn windows(
    canvas: &mut Canvas,
    lamp: tiny_skia::Color,
    (x, roof): (f32, f32),
    seed: u32,
    turn: f32,
) {
    for cell in 0..24_u32 {
        let (column, row) = (cell % 3, cell / 3);
        let at = (x + 0.02 + column as f32 * 0.036, roof + 0.03 + row as f32 * 0.05);
        let chance = scatter(seed + cell);
        let awake = wave(turn + chance) > -0.4;
        if chance > 0.45 && awake && at.1 < 0.84 {
            canvas.rect(at, (0.018, 0.026), lamp);
        }
    }
}

fn tram(canvas: &mut Canvas, palette: Palette, turn: f32) {
    let [dark, _, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    let x = (turn + 0.42).fract() * (aspect + 1.0) - 0.55;
    canvas.line((0.0, 0.74), (aspect, 0.74), 0.002, tint(middle, 0.9));
    canvas.line((x + 0.2, 0.80), (x + 0.22, 0.74), 0.004, colour(dark));
    canvas.glow((x + 0.44, 0.89), 0.2, tint(light, 0.55));
    canvas.rect((x, 0.80), (0.42, 0.125), colour(warm));
    canvas.rect((x, 0.885), (0.42, 0.012), colour(light));
    for pane in 0..6_u8 {
        canvas.rect((x + 0.022 + f32::from(pane) * 0.065, 0.82), (0.048, 0.05), colour(light));
    }
    for wheel in [0.08, 0.13, 0.29, 0.34] {
        canvas.disc((x + wheel, 0.93), 0.015, colour(mix(dark, middle, 0.2)));
    }
}
