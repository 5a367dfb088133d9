//! Scenes without a horizon: turning tiles, gears, a flower of rings, the lines of a map.

use super::Palette;
use crate::canvas::{At, Canvas, Hex, around, colour, mix, scatter, tint, wave};

/// A quilt of quarter circles, each of which makes a quarter turn in its time.
pub(super) fn tiles(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let aspect = canvas.aspect();
    let side = 1.0 / 6.0;
    let columns = (aspect / side).ceil() as u32;
    canvas.sky(&[palette[0], palette[0]]);
    for tile in 0..columns * 6 {
        let at = ((tile % columns) as f32 * side, (tile / columns) as f32 * side);
        let chance = scatter(tile + variant * 300);
        let ground = palette[(chance * 4.99) as usize];
        let figure = palette[((chance * 4.99) as usize + 2) % 5];
        canvas.rect(at, (side + 0.001, side + 0.001), colour(ground));
        quarter(canvas, at, side, (ground, figure), (tile, turn));
    }
}

fn quarter(
    canvas: &mut Canvas,
    at: At,
    side: f32,
    (ground, figure): (Hex, Hex),
    (tile, turn): (u32, f32),
) {
    // Each tile rests, then turns once through a quarter: four times round a loop.
    let beat = (turn * 4.0 + scatter(tile + 70)).fract();
    let eased = ((beat - 0.6) / 0.4).clamp(0.0, 1.0);
    let quarters = ((turn * 4.0 + scatter(tile + 70)).floor() as i64 % 4) as f32;
    let angle = (quarters + eased * eased * (3.0 - 2.0 * eased)) / 4.0;
    let middle = (at.0 + side / 2.0, at.1 + side / 2.0);
    match tile % 3 {
        0 => canvas.wedge(middle, side * 0.48, (angle, angle + 0.5), colour(figure)),
        1 => {
            canvas.disc(middle, side * 0.42, colour(figure));
            canvas.disc(around(middle, side * 0.16, angle), side * 0.2, colour(ground));
        }
        _ => {
            canvas.wedge(middle, side * 0.48, (angle, angle + 0.25), colour(figure));
            canvas.wedge(middle, side * 0.48, (angle + 0.5, angle + 0.75), colour(figure));
        }
    }
}

/// A train of gears.
pub(super) fn gears(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[deep, dark]);
    let blueprint = tint(middle, 0.22);
    for rule in 0..40_u8 {
        let place = f32::from(rule) * 0.05;
        canvas.line((place, 0.0), (place, 1.0), 0.001, blueprint);
        canvas.line((0.0, place), (aspect, place), 0.001, blueprint);
    }
    let middle_x = aspect / 2.0;
    let shift = 0.02 * variant as f32;
    gear(canvas, (middle_x - 0.12, 0.36 + shift), 24, turn, (warm, dark));
    gear(canvas, (middle_x + 0.222, 0.50 + shift), 12, -turn * 2.0 + 0.03, (light, dark));
    gear(canvas, (middle_x - 0.07, 0.785 + shift), 16, -turn * 1.5 + 0.01, (middle, dark));
    gear(
        canvas,
        (middle_x + 0.37, 0.235 + shift),
        12,
        turn * 2.0 + 0.02,
        (mix(warm, light, 0.4), dark),
    );
    gear(canvas, (middle_x - 0.47, 0.50 + shift), 12, -turn * 2.0, (mix(middle, light, 0.4), dark));
}

/// A gear of so many teeth; the teeth of all gears are alike.
fn gear(canvas: &mut Canvas, at: At, teeth: u32, turn: f32, (ink, hole): (Hex, Hex)) {
    let radius = 0.0105 * teeth as f32;
    let rim = (0..teeth * 4).map(|corner| {
        let out = if corner % 4 < 2 { 0.018 } else { -0.012 };
        let lean = [0.06, -0.06, 0.06, -0.06][corner as usize % 4] / teeth as f32;
        around(at, radius + out, turn + corner as f32 / (teeth * 4) as f32 + lean)
    });
    let rim: Vec<At> = rim.collect();
    canvas.polygon(&rim, colour(ink));
    canvas.ring(at, radius * 0.78, 0.004, tint(hole, 0.5));
    for spoke in 0..5_u8 {
        canvas.disc(
            around(at, radius * 0.5, turn + f32::from(spoke) / 5.0),
            radius * 0.17,
            colour(hole),
        );
    }
    canvas.disc(at, radius * 0.16, colour(hole));
    canvas.disc(at, radius * 0.07, colour(ink));
}

/// Petals that open and close around a middle.
pub(super) fn petals(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[dark, deep, dark]);
    let heart = (aspect * 0.5, 0.45);
    for ring in (0..5_u32).rev() {
        let count = 7 + ring * 2 + variant % 2;
        let reach = 0.08 + 0.085 * ring as f32;
        let breath = 1.0 + 0.12 * wave(turn + ring as f32 * 0.17);
        let spin = turn / count as f32 * if ring % 2 == 0 { 1.0 } else { -1.0 };
        let ink = mix(
            mix(warm, middle, ring as f32 / 4.0),
            light,
            if ring % 2 == 0 { 0.0 } else { 0.28 },
        );
        for petal in 0..count {
            let angle = petal as f32 / count as f32 + spin;
            leaf(canvas, heart, (reach * breath, angle), tint(ink, 0.72));
        }
    }
    canvas.glow(heart, 0.2, tint(light, 0.55));
    canvas.disc(heart, 0.038, colour(light));
    canvas.ring(heart, 0.05, 0.004, tint(light, 0.7));
}

/// One petal: pointed at both ends, round between.
fn leaf(canvas: &mut Canvas, heart: At, (reach, angle): (f32, f32), ink: tiny_skia::Color) {
    let steps = 14_u8;
    let half = |side: f32| {
        (0..=steps).map(move |step| {
            let part = f32::from(step) / f32::from(steps);
            let belly = (part * std::f32::consts::PI).sin() * 0.055 * side;
            around(heart, 0.03 + reach * part, angle + belly)
        })
    };
    let mut outline: Vec<At> = half(1.0).collect();
    outline.extend(half(-1.0).rev());
    canvas.polygon(&outline, ink);
}

/// A city map as its makers draw it: coloured lines, stations, trains.
pub(super) fn lines(canvas: &mut Canvas, palette: Palette, turn: f32, variant: u32) {
    let [dark, deep, middle, warm, light] = palette;
    let aspect = canvas.aspect();
    canvas.sky(&[light, mix(light, middle, 0.22)]);
    for block in 0..60_u32 {
        let at =
            (scatter(block + variant * 90) * aspect * 1.1 - 0.1, scatter(block + 300) * 1.1 - 0.1);
        let size = (0.05 + 0.16 * scatter(block + 600), 0.04 + 0.12 * scatter(block + 900));
        canvas.rect(at, size, tint(mix(middle, light, 0.45), 0.22));
    }
    let river: Vec<At> = (0..=40_u8)
        .map(|step| f32::from(step) / 40.0)
        .map(|part| (aspect * part, 0.62 + 0.1 * wave(part * 0.9 + 0.1 * variant as f32)))
        .collect();
    canvas.polyline(&river, 0.075, tint(middle, 0.55));
    for (index, ink) in [warm, deep, dark, mix(warm, deep, 0.5)].into_iter().enumerate() {
        let route = route(index as u32 + variant * 4, aspect);
        canvas.polyline(&route, 0.017, colour(ink));
        for &stop in &route[1..route.len() - 1] {
            canvas.disc(stop, 0.017, colour(ink));
            canvas.disc(stop, 0.0095, colour(light));
        }
        let there_and_back = 0.5 + 0.5 * wave(turn + index as f32 * 0.23);
        canvas.disc(along(&route, there_and_back), 0.026, colour(dark));
        canvas.disc(along(&route, there_and_back), 0.017, colour(warm));
    }
}

/// A line of eight points that goes only straight or diagonally, as such maps do.
fn route(seed: u32, aspect: f32) -> Vec<At> {
    let step = aspect / 6.0;
    let mut at = (-step * 0.4, 0.2 + 0.6 * scatter(seed * 13 + 1));
    let mut points = vec![at];
    for leg in 0..7_u32 {
        let rise = match (scatter(seed * 29 + leg) * 3.0) as u8 {
            0 => -step,
            1 => 0.0,
            _ => step,
        };
        let y = at.1 + rise * 0.6;
        at = (at.0 + step, if (0.08..0.92).contains(&y) { y } else { at.1 });
        points.push(at);
    }
    points
}

fn along(points: &[At], part: f32) -> At {
    let place = part.clamp(0.0, 0.999) * (points.len() - 1) as f32;
    let (from, rest) = (place.floor() as usize, place.fract());
    let (a, b) = (points[from], points[from + 1]);
    (a.0 + (b.0 - a.0) * rest, a.1 + (b.1 - a.1) * rest)
}
