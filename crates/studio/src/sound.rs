//! The music: a slow chord and plucked notes above it, in a loop without a seam.

use std::{f32::consts::TAU, fs, path::Path};

use crate::{Fault, canvas::scatter};

/// Samples per second.
const RATE: u32 = 48_000;
/// Length of the loop.
const SECONDS: u32 = 16;
/// Plucked notes per loop.
const NOTES: u32 = 48;
/// Steps of the minor pentatonic scale over two octaves, as frequency ratios.
const SCALE: [f32; 10] = [1.0, 1.2, 4.0 / 3.0, 1.5, 1.8, 2.0, 2.4, 8.0 / 3.0, 3.0, 3.6];

/// Writes the loop as a WAV file. `key` is its lowest note in Hz.
pub(crate) fn compose(key: f32, to: &Path) -> Result<(), Fault> {
    let mut wave = header();
    for sample in mix_down(key) {
        for side in sample {
            wave.extend_from_slice(&((side.clamp(-1.0, 1.0) * 32_000.0) as i16).to_le_bytes());
        }
    }
    fs::write(to, wave).map_err(|error| Fault::disk(to, error))
}

/// Two channels of samples.
fn mix_down(key: f32) -> Vec<[f32; 2]> {
    let length = (RATE * SECONDS) as usize;
    let mut sound = vec![[0.0; 2]; length];
    drone(&mut sound, key);
    for note in 0..NOTES {
        if scatter(note * 7 + key as u32) > 0.22 {
            pluck(&mut sound, key, note);
        }
    }
    sound
}

/// A chord that swells and falls; its notes fit the loop in whole cycles.
fn drone(sound: &mut [[f32; 2]], key: f32) {
    let cycles = |frequency: f32| (frequency * SECONDS as f32).round();
    let length = sound.len() as f32;
    for (voice, ratio) in [0.5, 0.75, 1.0, 1.2].into_iter().enumerate() {
        let (turns, swell) = (cycles(key * ratio), 1.0 + voice as f32);
        for (i, sample) in sound.iter_mut().enumerate() {
            let at = i as f32 / length;
            // The phase is reduced before the sine, where single precision would be too coarse.
            let phase = (f64::from(turns) * i as f64 / f64::from(length)).fract() as f32;
            let level = 0.045 * (1.0 + 0.6 * (TAU * at * swell).sin());
            let tone = level * (TAU * phase).sin();
            sample[voice % 2] += tone;
            sample[(voice + 1) % 2] += tone * 0.6;
        }
    }
}

/// A string plucked at its beat; its tail wraps round to the start of the loop.
fn pluck(sound: &mut [[f32; 2]], key: f32, note: u32) {
    let length = sound.len();
    let start = length / NOTES as usize * note as usize;
    let step = (scatter(note * 13 + key as u32) * SCALE.len() as f32) as usize;
    let frequency = key * SCALE[step % SCALE.len()] * 2.0;
    let pan = scatter(note + 3);
    for i in 0..RATE as usize {
        let seconds = i as f32 / RATE as f32;
        let decay = (-5.0 * seconds).exp() * (seconds * 400.0).min(1.0);
        let phase = TAU * (frequency * seconds).fract();
        let tone = 0.11 * decay * (phase.sin() + 0.35 * (2.0 * phase).sin());
        let sample = &mut sound[(start + i) % length];
        sample[0] += tone * (1.0 - pan);
        sample[1] += tone * pan;
    }
}

/// A WAV header for 16-bit stereo.
fn header() -> Vec<u8> {
    let data = RATE * SECONDS * 4;
    let mut bytes = Vec::with_capacity(data as usize + 44);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(data + 36).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&2_u16.to_le_bytes());
    bytes.extend_from_slice(&RATE.to_le_bytes());
    bytes.extend_from_slice(&(RATE * 4).to_le_bytes());
    bytes.extend_from_slice(&4_u16.to_le_bytes());
    bytes.extend_from_slice(&16_u16.to_le_bytes());
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&data.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::{RATE, SECONDS, mix_down};

    #[test]
    fn the_loop_is_not_silent_not_clipped_and_has_no_seam() {
        let sound = mix_down(146.83);
        assert_eq!(sound.len(), (RATE * SECONDS) as usize);
        let loudest = sound.iter().flatten().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!((0.2..1.0).contains(&loudest), "{loudest}");
        let seam = (sound[0][0] - sound[sound.len() - 1][0]).abs();
        assert!(seam < 0.05, "{seam}");
    }
}
