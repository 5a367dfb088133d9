//! How loud a film is, and how it becomes as loud as others: EBU R 128, measured first and then changed as a whole.

use std::path::Path;

use media::ffmpeg::Tools;
use serde::Deserialize;

use super::child;
use crate::http::problem::Problem;

/// The loudness of all programmes in EBU R 128, LUFS.
const TARGET_LUFS: f64 = -23.0;
/// The highest true peak in EBU R 128, dBTP.
const PEAK_DBTP: f64 = -1.0;
/// So near to the target nothing is changed, LU: R 128 allows one for live programmes.
const NEAR_LU: f64 = 1.0;
/// Below this it is silence, LUFS.
const SILENCE_LUFS: f64 = -60.0;
/// Samples a second: `loudnorm` works with more, which nobody hears.
pub(super) const SAMPLE_RATE: u32 = 48_000;

/// How loud a sound is, as ffmpeg's `loudnorm` measures it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "Measured")]
pub(super) struct Loudness {
    integrated: f64,
    peak: f64,
    range: f64,
    threshold: f64,
    offset: f64,
}

/// `loudnorm` writes its numbers as text, and silence as `-inf`.
#[derive(Debug, Deserialize)]
struct Measured {
    input_i: String,
    input_tp: String,
    input_lra: String,
    input_thresh: String,
    target_offset: String,
}

impl From<Measured> for Loudness {
    fn from(measured: Measured) -> Self {
        let number = |text: &str| text.trim().parse().unwrap_or(f64::NEG_INFINITY);
        Self {
            integrated: number(&measured.input_i),
            peak: number(&measured.input_tp),
            range: number(&measured.input_lra),
            threshold: number(&measured.input_thresh),
            offset: number(&measured.target_offset),
        }
    }
}

impl Loudness {
    /// Measures one of a film's sounds; none if there is nothing to hear, or nothing to change.
    ///
    /// # Errors
    /// What ffmpeg says.
    pub(super) async fn measure(
        tools: &Tools,
        film: &Path,
        number: usize,
        heard: impl FnMut(f64),
    ) -> Result<Option<Self>, Problem> {
        let mut command = child::ffmpeg(tools);
        command.args(child::bounded()).args(child::input(film));
        command.args(["-map", &format!("0:a:{number}"), "-af"]);
        command.arg(format!("loudnorm=I={TARGET_LUFS}:TP={PEAK_DBTP}:print_format=json"));
        command.args(["-f", "null", "-"]);
        let said = child::run(command, heard).await?;
        Ok(Self::read(&said).filter(|loudness| loudness.is_off()))
    }

    /// The object at the end of what ffmpeg says.
    fn read(said: &str) -> Option<Self> {
        let object = &said[said.rfind('{')?..];
        serde_json::from_str(&object[..=object.find('}')?]).ok()
    }

    fn is_off(&self) -> bool {
        self.integrated > SILENCE_LUFS && (self.integrated - TARGET_LUFS).abs() > NEAR_LU
    }

    /// The filter of the second pass: one gain for the whole film, unless its peaks leave no room for that.
    pub(super) fn filter(&self) -> String {
        let range = self.range.clamp(7.0, 20.0);
        format!(
            "loudnorm=I={TARGET_LUFS}:TP={PEAK_DBTP}:LRA={range:.2}:linear=true\
             :measured_I={:.2}:measured_TP={:.2}:measured_LRA={:.2}:measured_thresh={:.2}:offset={:.2}\
             ,aresample={SAMPLE_RATE}",
            self.integrated.clamp(-99.0, 0.0),
            self.peak.clamp(-99.0, 99.0),
            self.range.clamp(0.0, 99.0),
            self.threshold.clamp(-99.0, 0.0),
            self.offset.clamp(-99.0, 99.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(integrated: &str) -> String {
        format!(
            "[Parsed_loudnorm_0 @ 0x1]\n{{\n\"input_i\" : \"{integrated}\", \"input_tp\" : \"-3.1\", \"input_lra\" : \"4.0\",\
             \"input_thresh\" : \"-24.2\", \"output_i\" : \"-23.0\", \"target_offset\" : \"0.1\"\n}}\nbye"
        )
    }

    #[test]
    fn a_loud_film_is_changed_and_silence_and_what_fits_are_not() {
        let loud = Loudness::read(&said("-14.2")).unwrap();
        assert!(loud.is_off());
        let filter = loud.filter();
        assert!(
            filter.contains(":measured_I=-14.20:measured_TP=-3.10:measured_LRA=4.00"),
            "{filter}"
        );
        assert!(filter.contains("linear=true"), "{filter}");
        assert!(!Loudness::read(&said("-inf")).unwrap().is_off());
        assert!(!Loudness::read(&said("-23.4")).unwrap().is_off());
        assert_eq!(Loudness::read("nothing was measured"), None);
        assert_eq!(Loudness::read("} {"), None);
    }
}
