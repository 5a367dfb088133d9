//! Pictures for a film that is published: frames that ffmpeg takes out of it, or a picture that somebody chose.

use std::{path::Path, process::Stdio, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use media::image::{self, Size};
use tokio::{process::Command, time::timeout};

use super::{
    Master, Masters,
    store::{denied, write_whole},
};
use crate::http::problem::{Code, Problem};

/// Where in a film frames are taken, as parts of its length.
const MOMENTS: [f64; 4] = [0.1, 0.3, 0.5, 0.75];
/// How long ffmpeg may take for one frame.
const PATIENCE: Duration = Duration::from_secs(60);
/// The picture that a chooser shows.
const PREVIEW: Size = Size { width: 480, height: 480 };
/// The middle of a frame in the shape of a poster.
const UPRIGHT: &str = "crop='min(iw,ih*2/3)':ih";
const WHOLE: &str = "null";

/// The names of the pictures in a torrent.
pub(super) const POSTER: &str = "poster.webp";
pub(super) const BACKDROP: &str = "backdrop.webp";

impl Masters {
    /// Frames of a film as WebP files.
    ///
    /// # Errors
    /// [`Code::FfmpegMissing`], or ffmpeg cannot read the film.
    pub async fn frames(&self, master: &Master) -> Result<Vec<Vec<u8>>, Problem> {
        let mut frames = Vec::new();
        for moment in MOMENTS {
            let frame = self.frame(master, moment, WHOLE).await?;
            frames.push(made_anew(frame, PREVIEW).await?.webp);
        }
        Ok(frames)
    }

    /// Makes poster and backdrop of one of the frames.
    ///
    /// # Errors
    /// As [`frames`](Self::frames); [`Code::BodyWrong`] for a frame that is none of them.
    pub async fn choose_frame(&self, master: Master, at: usize) -> Result<Master, Problem> {
        let moment = *MOMENTS.get(at).ok_or(Code::BodyWrong)?;
        let backdrop = self.frame(&master, moment, WHOLE).await?;
        let backdrop = made_anew(backdrop, Size::BACKDROP).await?;
        let poster = self.frame(&master, moment, UPRIGHT).await?;
        write_whole(&self.inside(&master).join(BACKDROP), &backdrop.webp).map_err(denied)?;
        self.set_poster(master, poster).await
    }

    /// Makes a poster of a picture that somebody chose.
    ///
    /// # Errors
    /// [`Code::ImageBad`] if it is no picture that we show.
    pub async fn set_poster(&self, mut master: Master, file: Vec<u8>) -> Result<Master, Problem> {
        let poster = made_anew(file, Size::POSTER).await?;
        write_whole(&self.inside(&master).join(POSTER), &poster.webp).map_err(denied)?;
        master.thumbhash = Some(BASE64_STANDARD.encode(&poster.thumbhash));
        self.save(&master).map_err(denied)?;
        Ok(master)
    }

    /// A film's poster, if it has one.
    #[must_use]
    pub fn poster(&self, master: &Master) -> Option<Vec<u8>> {
        std::fs::read(self.inside(master).join(POSTER)).ok()
    }

    async fn frame(&self, master: &Master, moment: f64, shape: &str) -> Result<Vec<u8>, Problem> {
        let tools = std::env::var_os("PATH").and_then(|path| media::ffmpeg::find(&path).ok());
        let tools = tools.ok_or(Code::FfmpegMissing)?;
        let at = f64::from(master.facts.duration_s.unwrap_or(0)) * moment;
        take(&tools.ffmpeg, &self.film(master), at, shape).await
    }
}

async fn take(ffmpeg: &Path, film: &Path, at_s: f64, shape: &str) -> Result<Vec<u8>, Problem> {
    let child = Command::new(ffmpeg)
        .args(["-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-ss"])
        .arg(format!("{at_s:.3}"))
        .arg("-i")
        .arg(film)
        .args(["-frames:v", "1", "-vf", shape, "-f", "image2pipe", "-c:v", "png", "-"])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let failed = |why: String| Problem::from(Code::FrameFailed).detail(why);
    let output =
        timeout(PATIENCE, child).await.map_err(|_| failed("it takes too long".to_owned()))?;
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() || output.stdout.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.lines().next().unwrap_or("no frame came").to_owned()));
    }
    Ok(output.stdout)
}

async fn made_anew(file: Vec<u8>, size: Size) -> Result<image::Picture, Problem> {
    let made = tokio::task::spawn_blocking(move || image::poster(&file, size)).await;
    made.map_err(|_| Code::Internal)?.map_err(|bad| Problem::from(Code::ImageBad).detail(bad))
}
