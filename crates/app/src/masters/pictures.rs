//! Pictures for a film that is published: frames that ffmpeg takes out of it, or a picture that somebody chose.

use std::ffi::OsString;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use media::image::{self, Size};

use super::{
    Master, Masters,
    conversion::{answer, bounded, input, tools},
    store::{denied, write_whole},
};
use crate::http::problem::{Code, Problem};

/// Where in a film frames are taken, as parts of its length.
const MOMENTS: [f64; 6] = [0.08, 0.2, 0.35, 0.5, 0.65, 0.8];
/// The picture that a chooser shows.
const PREVIEW: Size = Size { width: 480, height: 480 };
/// Frames of a larger film are made smaller before their brightness is mapped: no picture of ours is as large.
const SMALLER: &str = "scale='min(iw,1920)':-2,";
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
        let range = self.range(master).await;
        for moment in MOMENTS {
            let frame = self.frame(master, moment, &format!("{range}{WHOLE}")).await?;
            frames.push(made_anew(frame, PREVIEW).await?.webp);
        }
        Ok(frames)
    }

    /// Makes poster and backdrop of one of the frames.
    ///
    /// # Errors
    /// As [`frames`](Self::frames); [`Code::BodyWrong`] for a frame that is none of them.
    pub async fn choose_frame(&self, master: &Master, at: usize) -> Result<Master, Problem> {
        let moment = *MOMENTS.get(at).ok_or(Code::BodyWrong)?;
        let range = self.range(master).await;
        let backdrop = self.frame(master, moment, &format!("{range}{WHOLE}")).await?;
        let backdrop = made_anew(backdrop, Size::BACKDROP).await?;
        let poster = self.frame(master, moment, &format!("{range}{UPRIGHT}")).await?;
        let master = self.set_poster(master, poster).await?;
        write_whole(&self.extras(&master.id).join(BACKDROP), &backdrop.webp).map_err(denied)?;
        Ok(master)
    }

    /// Makes a poster of a picture that somebody chose.
    ///
    /// # Errors
    /// [`Code::ImageBad`] if it is no picture that we show.
    pub async fn set_poster(&self, master: &Master, file: Vec<u8>) -> Result<Master, Problem> {
        let poster = made_anew(file, Size::POSTER).await?;
        self.change(&master.id, |master, _| {
            let extras = self.extras(&master.id);
            std::fs::create_dir_all(&extras).map_err(denied)?;
            write_whole(&extras.join(POSTER), &poster.webp).map_err(denied)?;
            master.thumbhash = Some(BASE64_STANDARD.encode(&poster.thumbhash));
            Ok(())
        })
    }

    /// A film's poster, if it has one.
    #[must_use]
    pub fn poster(&self, master: &Master) -> Option<Vec<u8>> {
        std::fs::read(self.extras(&master.id).join(POSTER)).ok()
    }

    /// The wide frame of a film, if one was taken with its poster.
    #[must_use]
    pub fn backdrop(&self, master: &Master) -> Option<Vec<u8>> {
        std::fs::read(self.extras(&master.id).join(BACKDROP)).ok()
    }

    /// The filters that bring a film with a high dynamic range into that of pictures. What ffprobe cannot read is told of when
    /// a frame is taken.
    async fn range(&self, master: &Master) -> String {
        let filters = self.range_filters(master).await.unwrap_or_default();
        if filters.is_empty() { filters } else { format!("{SMALLER}{filters}") }
    }

    async fn frame(&self, master: &Master, moment: f64, shape: &str) -> Result<Vec<u8>, Problem> {
        let at_s = f64::from(master.facts.duration_s.unwrap_or(0)) * moment;
        let start = ["-ss".into(), format!("{at_s:.3}").into()];
        let seen = ["-map", "0:V:0", "-frames:v", "1", "-vf", shape];
        let picture = ["-f", "image2pipe", "-c:v", "png", "-"];
        let arguments = bounded().into_iter().chain(start).chain(input(&self.film(master)));
        let arguments = arguments.chain(seen.into_iter().chain(picture).map(OsString::from));
        let failed = |detail: String| Problem::from(Code::FrameFailed).detail(detail);
        let frame = answer(&tools()?.ffmpeg, arguments).await;
        let frame = frame.map_err(|problem| failed(problem.detail.unwrap_or_default()))?;
        if frame.is_empty() { Err(failed("no frame came".to_owned())) } else { Ok(frame) }
    }
}

async fn made_anew(file: Vec<u8>, size: Size) -> Result<image::Picture, Problem> {
    let made = tokio::task::spawn_blocking(move || image::poster(&file, size)).await;
    made.map_err(|_| Code::Internal)?.map_err(|bad| Problem::from(Code::ImageBad).detail(bad))
}
