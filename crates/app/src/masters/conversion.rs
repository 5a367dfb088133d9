//! What ffmpeg makes of a film before it is published: qualities, small pictures, chapters, texts, even loudness.
//!
//! The film itself stays as it came until all of that is there. What is made lies in a folder of its own until it is
//! whole: a conversion that is stopped leaves nothing behind, and one that Kinora's end interrupted goes on with the next start.

mod child;
mod encoding;
mod extras;
mod ladder;
mod loudness;
mod probe;
mod progress;
mod range;
mod resuming;

use std::path::{Path, PathBuf};

use media::ffmpeg::Tools;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use self::child::{answer, bounded, input, tools};
use self::{
    encoding::{Encoding, KEY_FRAMES_S},
    loudness::Loudness,
    probe::Probe,
    progress::Course,
    range::Curve,
    resuming::Unfinished,
};
pub use self::{ladder::Quality, progress::ConversionStep, range::DynamicRange};
use super::{
    FILM, Facts, Master, Masters, OutgoingFile, Work,
    examine::{examine, length, longest_wait},
    store::denied,
};
use crate::{
    cinema::Cinema,
    events::Event,
    http::problem::{Code, Problem},
};

/// The file name of every quality, in a folder of its own.
const FILM_FILE: &str = "film.mp4";
/// What a container costs beside picture and sound.
const OVERHEAD: f64 = 1.02;
/// Rate of sound that is assumed for a size, kbit/s.
const SOUND_KBIT: u32 = 160;
/// A file this much above a quality's rate is copied nonetheless.
const RATE_SLACK: f64 = 1.25;
/// A quality that ends earlier than the film by more than this part is a damaged film.
const WHOLE: f64 = 0.97;
/// And by more than this: sounds and pictures of a whole film do not end at the same moment, seconds.
const SLACK_S: f64 = 0.5;

/// What can be made of a film.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Offer {
    /// The qualities, best first.
    qualities: Vec<OfferedQuality>,
    /// Whether the film's own file can be published as it is.
    as_it_is: bool,
    /// How many sounds it has.
    sounds: usize,
    /// How many chapters it has.
    chapters: usize,
    /// Subtitles inside it that can be converted.
    texts: usize,
    /// Subtitles inside it that are pictures and cannot be converted.
    picture_texts: usize,
    /// How its picture is brought into the range of the qualities.
    dynamic_range: DynamicRange,
}

impl Offer {
    /// The names of the qualities that are proposed.
    #[must_use]
    pub fn suggested(&self) -> Vec<String> {
        let suggested = self.qualities.iter().filter(|one| one.quality.suggested);
        suggested.map(|one| one.quality.name.clone()).collect()
    }

    /// How its picture is brought into the range of the qualities.
    #[must_use]
    pub fn dynamic_range(&self) -> DynamicRange {
        self.dynamic_range
    }
}

/// A quality that can be made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferedQuality {
    /// Which.
    #[serde(flatten)]
    quality: Quality,
    /// About how large it becomes at most, bytes.
    bytes_max: u64,
    /// Whether the film's picture fits as it is, so that this takes seconds.
    copied: bool,
}

/// What is to be made of a film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The qualities by name; none leaves the film's file as it is, and makes what goes beside it.
    #[serde(default)]
    pub qualities: Vec<String>,
    /// Whether it becomes as loud as others (EBU R 128).
    #[serde(default)]
    pub level_sound: bool,
}

/// A film and what is to be made of it, as far as it is known.
struct Conversion<'a> {
    masters: &'a Masters,
    master: Master,
    film: PathBuf,
    tools: Tools,
    probe: Probe,
    choice: Choice,
    qualities: Vec<Quality>,
    level_sound: bool,
    /// The curve of brightness that is mapped.
    curve: Option<Curve>,
}

impl Masters {
    /// What can be made of a film.
    ///
    /// # Errors
    /// [`Code::FfmpegMissing`], [`Code::MasterBad`].
    pub async fn offer(&self, master: &Master) -> Result<Offer, Problem> {
        let film = self.film(master);
        let tools = tools()?;
        let probe = probe::probe(&tools, &film).await?;
        let dynamic_range = range::range(&tools, probe.curve).await;
        let wait_s = longest_wait_of(film).await?;
        let offered = |quality: Quality| OfferedQuality {
            bytes_max: bytes_max(&quality, probe.length_s),
            copied: copies(&quality, &probe, wait_s),
            quality,
        };
        let texts = probe.texts.iter().filter(|text| text.is_text).count();
        Ok(Offer {
            qualities: ladder::qualities(probe.width, probe.height)
                .into_iter()
                .map(offered)
                .collect(),
            as_it_is: master.facts.goes_as_it_is,
            sounds: probe.sounds.len(),
            chapters: probe.chapters.len(),
            texts,
            picture_texts: probe.texts.len() - texts,
            dynamic_range,
        })
    }

    /// Makes what was chosen; [`Self::work`] says how far it is. One film is converted at a time.
    ///
    /// # Errors
    /// [`Code::QualityUnknown`], [`Code::FfmpegMissing`], [`Code::ConversionFailed`], [`Code::MasterBad`], the disk.
    pub async fn convert(&self, master: Master, choice: &Choice) -> Result<Master, Problem> {
        let id = master.id.clone();
        self.set_work(&id, Some(Work::waiting()));
        let converted = self.carry_through(master, choice).await;
        self.set_work(&id, None);
        converted
    }

    async fn carry_through(&self, master: Master, choice: &Choice) -> Result<Master, Problem> {
        let conversion = Conversion::new(self, master, choice).await?;
        let _turn = self.0.turn.lock().await;
        let before = conversion.master.clone();
        let done = conversion.run().await;
        match &done {
            Ok(_) => self.forget_unfinished(&before),
            Err(_) => self.note_failure(&before),
        }
        done
    }

    /// What a film is whose own index we do not read; `why` is what is wrong with it.
    pub(super) async fn facts_by_ffprobe(film: &Path, why: Problem) -> Result<Facts, Problem> {
        let Ok(tools) = tools() else {
            let detail = why.detail.unwrap_or_default();
            let detail = format!("{detail}; with ffmpeg installed, Kinora converts other films");
            return Err(Problem::from(Code::MasterBad).detail(detail));
        };
        Ok(probe::probe(&tools, film).await?.facts())
    }

    /// What a list of filters begins with to bring a film's pictures into the range of the qualities; nothing if they are
    /// there already, or the ffmpeg here cannot do it.
    pub(super) async fn range_filters(&self, master: &Master) -> Result<String, Problem> {
        let tools = tools()?;
        let probe = probe::probe(&tools, &self.film(master)).await?;
        Ok(Curve::filters(range::mapped(&tools, probe.curve).await))
    }
}

impl Cinema {
    /// Begins to convert a film. It goes on when the page is closed.
    ///
    /// # Errors
    /// [`Code::MasterBusy`], [`Code::MasterPublished`].
    pub fn convert_master(&self, master: Master, choice: Choice) -> Result<(), Problem> {
        if master.published.is_some() {
            return Err(Code::MasterPublished.into());
        }
        let (cinema, id) = (self.clone(), master.id.clone());
        let converting = async move {
            let id = master.id.clone();
            let done = cinema.masters.carry_through(master, &choice).await;
            cinema.masters.set_work(&id, done.err().map(|problem| Work::Failed { problem }));
            cinema.events.tell(Event::Channels);
        };
        self.masters.begin_conversion(&id, converting)
    }
}

impl Cinema {
    /// Goes on with what was being converted when Kinora ended.
    pub(crate) fn resume_conversions(&self) {
        for (master, choice) in self.masters.interrupted() {
            if let Err(problem) = self.convert_master(master, choice) {
                tracing::warn!(code = problem.code, "a conversion does not go on");
            }
        }
    }
}

impl<'a> Conversion<'a> {
    async fn new(
        masters: &'a Masters,
        master: Master,
        choice: &Choice,
    ) -> Result<Conversion<'a>, Problem> {
        let (tools, film) = (tools()?, masters.film(&master));
        let probe = probe::probe(&tools, &film).await?;
        if choice.qualities.is_empty() && !master.facts.goes_as_it_is {
            return Err(Code::MasterUnconverted.into());
        }
        let mut qualities = ladder::qualities(probe.width, probe.height);
        let unknown = choice
            .qualities
            .iter()
            .find(|name| qualities.iter().all(|quality| quality.name != **name));
        if let Some(unknown) = unknown {
            let known: Vec<_> = qualities.iter().map(|quality| quality.name.as_str()).collect();
            let detail = format!("{unknown} is none of {}", known.join(", "));
            return Err(Problem::from(Code::QualityUnknown).detail(detail));
        }
        qualities.retain(|quality| choice.qualities.contains(&quality.name));
        let level_sound = choice.level_sound && !qualities.is_empty();
        let (choice, curve) = (choice.clone(), range::mapped(&tools, probe.curve).await);
        Ok(Self { masters, master, film, tools, probe, choice, qualities, level_sound, curve })
    }

    async fn run(self) -> Result<Master, Problem> {
        let mut unfinished = Unfinished::open(self.masters, &self.master, &self.choice).await?;
        let begun = unfinished.begin()?;
        let wait_s = longest_wait_of(self.film.clone()).await?;
        let mut course = self.course(wait_s, unfinished.kept_names());
        let is_left = self.qualities.iter().any(|one| unfinished.kept(&one.name).is_none());
        let loudness = if is_left { self.measure(&mut course).await? } else { Vec::new() };
        let mut files = Vec::new();
        for quality in &self.qualities {
            if let Some(kept) = unfinished.kept(&quality.name) {
                files.push(kept);
                continue;
            }
            let copies_picture = copies(quality, &self.probe, wait_s);
            let begun = begun.path();
            let file = self.encode(quality, copies_picture, &loudness, begun, &mut course).await?;
            unfinished.finish(begun, file.clone()).await?;
            files.push(file);
        }
        let smallest = files.last().map(|file| unfinished.film(file));
        let extras = begun.path().join("extras");
        std::fs::create_dir(&extras).map_err(denied)?;
        extras::write_chapters(&self.probe, &extras)?;
        // What was made is in range already.
        let (source, curve) = match smallest {
            Some(smallest) => (smallest, None),
            None => (self.film.clone(), self.curve),
        };
        let heard = course.begin(ConversionStep::Previews, None);
        extras::make_previews(&self.tools, &source, &self.probe, curve, &extras, heard).await?;
        let texts = self.texts(begun.path(), &mut course).await?;
        let master = self.masters.adopt(&self.master.id, &unfinished.files(), &extras, files)?;
        self.masters.add_texts(master, texts)
    }

    /// What is done one after the other, and about how long each part takes.
    fn course(&self, wait_s: Option<f64>, kept: Vec<String>) -> Course {
        let left = self.qualities.iter().filter(|quality| !kept.contains(&quality.name));
        let is_measured = self.level_sound && left.clone().next().is_some();
        let sounds = if is_measured { self.probe.sounds.len() } else { 0 };
        let encodings = left.map(|quality| match quality {
            quality if copies(quality, &self.probe, wait_s) => 0.05,
            quality => 0.1 + f64::from(quality.width) * f64::from(quality.height) / 500_000.0,
        });
        let total = sounds as f64 * SOUND_WORK + encodings.clone().sum::<f64>() + PREVIEWS_WORK;
        let parts = std::iter::repeat_n(SOUND_WORK, sounds).chain(encodings);
        let parts = parts.chain([PREVIEWS_WORK]).map(|part| part / total).collect();
        let (masters, id) = (self.masters.clone(), self.master.id.clone());
        Course::new(masters, id, self.probe.length_s, parts, kept)
    }

    async fn measure(&self, course: &mut Course) -> Result<Vec<Option<Loudness>>, Problem> {
        let mut found = Vec::new();
        let sounds = if self.level_sound { self.probe.sounds.len() } else { 0 };
        for number in 0..sounds {
            let heard = course.begin(ConversionStep::Measuring, None);
            found.push(Loudness::measure(&self.tools, &self.film, number, heard).await?);
        }
        Ok(found)
    }

    async fn encode(
        &self,
        quality: &Quality,
        copies_picture: bool,
        loudness: &[Option<Loudness>],
        begun: &Path,
        course: &mut Course,
    ) -> Result<OutgoingFile, Problem> {
        let folder = format!("{FILM}-{}", quality.name);
        let target = begun.join(&folder).join(FILM_FILE);
        std::fs::create_dir_all(begun.join(&folder)).map_err(denied)?;
        let curve = self.curve;
        let (film, probe) = (&self.film, &self.probe);
        let encoding = Encoding { film, probe, quality, copies_picture, curve, loudness };
        let heard = course.begin(ConversionStep::Encoding, Some(quality.name.clone()));
        encoding.run(&self.tools, &target, heard).await?;
        let path = target.clone();
        let looked = tokio::task::spawn_blocking(move || (examine(&path), length(&path))).await;
        let (facts, made_s) = looked.map_err(|_| Code::Internal)?;
        self.check_whole(made_s.unwrap_or(0.0))?;
        let facts = facts?;
        let length = std::fs::metadata(&target).map_err(denied)?.len();
        let quality = quality.name.clone();
        Ok(OutgoingFile { quality, folder, file: FILM_FILE.to_owned(), length, facts })
    }

    /// ffmpeg makes what it can of a damaged film, and calls that a success.
    fn check_whole(&self, made_s: f64) -> Result<(), Problem> {
        if made_s >= self.probe.length_s * WHOLE - SLACK_S {
            return Ok(());
        }
        let detail = format!(
            "the film says that it takes {:.0} seconds, and breaks off after {made_s:.0}",
            self.probe.length_s
        );
        Err(Problem::from(Code::MasterDamaged).detail(detail))
    }

    /// The texts inside the film, in files of their own.
    async fn texts(&self, folder: &Path, course: &mut Course) -> Result<Vec<FoundText>, Problem> {
        let mut found = Vec::new();
        for (number, text) in self.probe.texts.iter().enumerate().filter(|(_, text)| text.is_text) {
            let path = folder.join(format!("text-{number}.vtt"));
            let heard = course.begin(ConversionStep::Texts, None);
            extras::text_inside(&self.tools, &self.film, number, &path, heard).await?;
            found.push(FoundText {
                bytes: std::fs::read(&path).map_err(denied)?,
                text: text.clone(),
            });
        }
        Ok(found)
    }
}

/// A subtitle that was inside a film.
struct FoundText {
    bytes: Vec<u8>,
    text: probe::Text,
}

impl Masters {
    /// Adds the texts that were inside a film; one that cannot be read does not stop the others.
    fn add_texts(&self, mut master: Master, found: Vec<FoundText>) -> Result<Master, Problem> {
        for FoundText { bytes, text } in found {
            let given = super::subtitles::Given {
                language: text.language,
                label: text.label,
                is_forced: text.is_forced,
                is_sdh: text.is_sdh,
                name: "inside.vtt".to_owned(),
            };
            match self.add_subtitle(&master.id, given, &bytes) {
                Ok(now) => master = now,
                Err(problem) if problem.code == Code::SubtitleBad.name() => {
                    tracing::warn!(detail = problem.detail, "a subtitle inside a film is left out");
                }
                Err(problem) => return Err(problem),
            }
        }
        Ok(master)
    }
}

/// About what measuring a sound costs, in the work of half a million pixels.
const SOUND_WORK: f64 = 0.15;
/// About what small pictures cost.
const PREVIEWS_WORK: f64 = 0.1;

async fn longest_wait_of(film: PathBuf) -> Result<Option<f64>, Problem> {
    tokio::task::spawn_blocking(move || longest_wait(&film))
        .await
        .map_err(|_| Code::Internal.into())
}

fn bytes_max(quality: &Quality, length_s: f64) -> u64 {
    let kbit = f64::from(quality.kbit + SOUND_KBIT);
    // Less than a day at 16 Mbit/s.
    (kbit * 125.0 * length_s * OVERHEAD) as u64
}

/// Whether a film's picture is what a quality would be: its size, its codec, its rate, and key frames often enough.
fn copies(quality: &Quality, probe: &Probe, wait_s: Option<f64>) -> bool {
    let rate_max = f64::from(quality.kbit + SOUND_KBIT) * 1000.0 * RATE_SLACK;
    (quality.width, quality.height) == (probe.width, probe.height)
        && probe.codec == "h264"
        && probe.is_plain
        && probe.curve.is_none()
        && !probe.is_interlaced
        && wait_s.is_some_and(|wait| wait <= KEY_FRAMES_S + 0.1)
        // Less than 2^53.
        && probe.bit_rate.is_some_and(|rate| (rate as f64) <= rate_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_copied_only_if_it_is_what_would_be_made() {
        let quality = ladder::qualities(1280, 720).remove(0);
        let probe = Probe {
            length_s: 60.0,
            width: 1280,
            height: 720,
            format: "mov".to_owned(),
            codec: "h264".to_owned(),
            is_plain: true,
            curve: None,
            is_interlaced: false,
            bit_rate: Some(2_000_000),
            sounds: Vec::new(),
            texts: Vec::new(),
            chapters: Vec::new(),
        };
        assert!(copies(&quality, &probe, Some(2.0)));
        assert!(!copies(&quality, &probe, Some(10.0)), "key frames too far apart");
        assert!(!copies(&quality, &probe, None), "no index");
        for worse in [
            Probe { codec: "hevc".to_owned(), ..probe.clone() },
            Probe { is_plain: false, ..probe.clone() },
            Probe { curve: Some(Curve::Hlg), ..probe.clone() },
            Probe { is_interlaced: true, ..probe.clone() },
            Probe { bit_rate: Some(20_000_000), ..probe.clone() },
            Probe { bit_rate: None, ..probe.clone() },
            Probe { width: 1281, ..probe.clone() },
        ] {
            assert!(!copies(&quality, &worse, Some(2.0)), "{worse:?}");
        }
    }
}
