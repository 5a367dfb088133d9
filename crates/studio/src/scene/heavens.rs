//! Scenes in the air: planets, a flock of paper birds, radio waves.

use super::Palette;
use crate::canvas::{At, Canvas, Hex, around, colour, mix, scatter, tint, wave};

/// Planets around a star, seen from above.
pub(super) fn orbits(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, dark]);
    for star in 0..120_u32 {
        let at = (scatter(star + variant) * aspect, scatter(star + 400));
        canvas.disc(at, 0.001 + 0.002 * scatter(star + 800), tint(light, 0.6));
    }
    let sun = (aspect * 0.5, 0.44);
    canvas.glow(sun, 0.5, tint(warm, 0.45));
    canvas.disc(sun, 0.085, colour(warm));
    canvas.disc(sun, 0.07, colour(mix(warm, light, 0.55)));
    for planet in 0..6_u32 {
        let radius = 0.14 + 0.072 * planet as f32;
        canvas.ring(sun, radius, 0.0022, tint(light, 0.28));
        let rounds = [3.0, 2.0, 2.0, 1.0, 1.0, 1.0][planet as usize];
        let place = around(sun, radius, turn * rounds + scatter(planet + variant * 17));
        let size = 0.012 + 0.022 * scatter(planet + 31);
        world(canvas, place, sun, size, [middle, warm, light][planet as usize % 3], dark);
        if planet == 4 {
            canvas.ring(place, size * 1.7, 0.004, tint(light, 0.8));
        }
    }
}

/// A planet with its night side turned away from the star.
fn world(canvas: &mut Canvas, at: At, sun: At, size: f32, day: Hex, night: Hex) {
    canvas.disc(at, size, colour(day));
    let away = (at.1 - sun.1).atan2(at.0 - sun.0) / std::f32::consts::TAU;
    canvas.wedge(at, size, (away - 0.25, away + 0.25), tint(night, 0.6));
}

/// Folded birds that cross a bright sky, their wings beating.
pub(super) fn birds(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[deep, middle, warm, light]);
    canvas.disc((aspect * 0.28, 0.66), 0.24, tint(light, 0.85));
    for hill in 0..3_u32 {
        let depth = hill as f32 / 2.0;
        let line = move |x: f32| 0.80 + 0.07 * depth + 0.035 * wave(x * 0.5 + depth * 0.7);
        canvas.land(line, mix(warm, deep, 0.35 + 0.4 * depth), mix(deep, dark, depth));
    }
    for bird in 0..17_u32 {
        let chance = scatter(bird + variant * 41);
        let size = 0.028 + 0.05 * chance * chance;
        let across = (scatter(bird + 60) + turn).fract() * (aspect + 0.4) - 0.2;
        let y = 0.12 + 0.52 * scatter(bird + 120) + 0.02 * wave(turn * 2.0 + chance);
        paper_bird(
            canvas,
            (across, y),
            size,
            wave(turn * 6.0 + chance),
            (light, mix(dark, warm, 0.35)),
        );
    }
}

fn paper_bird(canvas: &mut Canvas, (x, y): At, size: f32, beat: f32, (bright, shade): (Hex, Hex)) {
    let at = |dx: f32, dy: f32| (x + dx * size, y + dy * size);
    let lift = -0.9 * beat;
    canvas.polygon(
        &[at(-0.2, 0.0), at(0.35, 0.05), at(-0.25, lift * 0.9)],
        colour(mix(shade, bright, 0.35)),
    );
    canvas.polygon(
        &[at(-0.95, -0.28), at(0.3, 0.08), at(-0.15, 0.22)],
        colour(mix(shade, bright, 0.7)),
    );
    canvas.polygon(&[at(0.3, 0.08), at(0.95, -0.3), at(0.62, -0.06)], colour(shade));
    canvas.polygon(&[at(-0.15, 0.1), at(0.4, 0.06), at(0.25, lift)], colour(bright));
}

/// Rings of waves leave a mast and fade.
pub(super) fn signal(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, middle]);
    let tip = (aspect * 0.5, 0.36);
    for ring in 0..9_u32 {
        let age = (ring as f32 / 9.0 + turn).fract();
        let ink = mix(warm, light, age);
        canvas.ring(
            tip,
            0.03 + age * 0.95,
            0.012 * (1.0 - age) + 0.002,
            tint(ink, 0.9 * (1.0 - age)),
        );
    }
    for hill in 0..3_u32 {
        let depth = hill as f32 / 2.0;
        let shift = scatter(hill + variant);
        let line = move |x: f32| 0.76 + 0.08 * depth + 0.04 * wave(x * 0.45 + shift);
        canvas.land(line, mix(middle, dark, 0.35 + 0.6 * depth), dark);
    }
    mast(canvas, tip, light, dark);
    canvas.glow(tip, 0.05 + 0.03 * wave(turn * 3.0).abs(), tint(warm, 0.95));
    canvas.disc(tip, 0.011, colour(light));
}

fn mast(canvas: &mut Canvas, (x, y): At, ink: Hex, shade: Hex) {
    let foot = 0.80;
    let edge = |part: f32| 0.006 + 0.05 * part;
    for brace in 0..9_u8 {
        let (from, to) = (f32::from(brace) / 9.0, f32::from(brace + 1) / 9.0);
        let (above, below) = (y + (foot - y) * from, y + (foot - y) * to);
        canvas.line(
            (x - edge(from), above),
            (x + edge(to), below),
            0.003,
            colour(mix(ink, shade, 0.25)),
        );
        canvas.line(
            (x + edge(from), above),
            (x - edge(to), below),
            0.003,
            colour(mix(ink, shade, 0.4)),
        );
    }
    canvas.line((x - edge(0.0), y), (x - edge(1.0), foot), 0.005, colour(ink));
    canvas.line((x + edge(0.0), y), (x + edge(1.0), foot), 0.005, colour(mix(ink, shade, 0.3)));
}
