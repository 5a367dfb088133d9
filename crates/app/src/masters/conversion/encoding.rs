//! A film in one quality: H.264 and AAC in MP4 with the index in front, as every browser and television plays it.

use std::path::Path;

use media::ffmpeg::Tools;

use super::{
    child,
    ladder::Quality,
    loudness::{self, Loudness},
    probe::{Probe, Sound},
    range::Curve,
};
use crate::http::problem::Problem;

/// A player can start at least so often, seconds.
pub(super) const KEY_FRAMES_S: f64 = 2.0;
/// Constant quality of x264: at the usual distance no difference from the master is seen.
const CRF: &str = "21";
/// Sounds beyond these are left out.
const SOUNDS_MAX: usize = 8;
/// Rate of one channel of sound, kbit/s.
const CHANNEL_KBIT: u32 = 80;

/// How one quality is made.
#[derive(Debug)]
pub(super) struct Encoding<'a> {
    pub(super) film: &'a Path,
    pub(super) probe: &'a Probe,
    pub(super) quality: &'a Quality,
    /// The picture fits as it is, and is not decoded.
    pub(super) copies_picture: bool,
    /// The curve of brightness that is mapped to the usual range.
    pub(super) curve: Option<Curve>,
    /// How loud each sound is, in their order; those that are to stay as they are have none.
    pub(super) loudness: &'a [Option<Loudness>],
}

impl Encoding<'_> {
    /// Makes the file.
    ///
    /// # Errors
    /// What ffmpeg says.
    pub(super) async fn run(
        &self,
        tools: &Tools,
        target: &Path,
        heard: impl FnMut(f64),
    ) -> Result<(), Problem> {
        let mut command = child::ffmpeg(tools);
        command.args(child::bounded()).args(child::input(self.film));
        command.args(self.picture());
        for (number, sound) in self.probe.sounds.iter().take(SOUNDS_MAX).enumerate() {
            command.args(self.sound(number, sound));
        }
        // Where and with what it was filmed is nobody's business.
        command.args(["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "0"]);
        command.args(child::bounded()).args(["-movflags", "+faststart", "-f", "mp4"]).arg(target);
        child::run(command, heard).await.map(drop)
    }

    fn picture(&self) -> Vec<String> {
        let mut arguments = strings(&["-map", "0:V:0"]);
        if self.copies_picture {
            arguments.extend(strings(&["-c:v", "copy"]));
            return arguments;
        }
        let Quality { width, height, kbit, .. } = self.quality;
        let whole = if self.probe.is_interlaced { "bwdif=mode=send_frame," } else { "" };
        let mapped = Curve::filters(self.curve);
        arguments.push("-vf".to_owned());
        arguments.push(format!(
            "{whole}scale={width}:{height}:flags=lanczos,{mapped}setsar=1,format=yuv420p"
        ));
        if self.curve.is_some() {
            let colours =
                ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];
            arguments.extend(strings(&colours));
        }
        arguments.extend(strings(&["-c:v", "libx264", "-preset", "medium", "-profile:v", "high"]));
        arguments.extend(strings(&["-crf", CRF, "-maxrate"]));
        arguments.push(format!("{kbit}k"));
        arguments.push("-bufsize".to_owned());
        arguments.push(format!("{}k", kbit * 2));
        arguments.push("-force_key_frames".to_owned());
        arguments.push(format!("expr:gte(t,n_forced*{KEY_FRAMES_S})"));
        arguments
    }

    fn sound(&self, number: usize, sound: &Sound) -> Vec<String> {
        let mut arguments = vec!["-map".to_owned(), format!("0:a:{number}")];
        let loudness = self.loudness.get(number).and_then(Option::as_ref);
        if loudness.is_none() && sound.codec == "aac" {
            arguments.extend([format!("-c:a:{number}"), "copy".to_owned()]);
        } else {
            let channels = sound.channels.clamp(1, 6);
            arguments.extend([format!("-c:a:{number}"), "aac".to_owned()]);
            arguments.extend([format!("-ac:a:{number}"), channels.to_string()]);
            arguments.extend([format!("-b:a:{number}"), format!("{}k", channels * CHANNEL_KBIT)]);
            arguments.extend([format!("-ar:a:{number}"), loudness::SAMPLE_RATE.to_string()]);
        }
        if let Some(loudness) = loudness {
            arguments.extend([format!("-filter:a:{number}"), loudness.filter()]);
        }
        if let Some(language) = &sound.language {
            arguments.extend([format!("-metadata:s:a:{number}"), format!("language={language}")]);
        }
        arguments
    }
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}
