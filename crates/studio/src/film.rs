//! One film: frames drawn here, encoded by ffmpeg.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    Fault,
    canvas::Canvas,
    programme::{Cut, Look, Recipe},
    scene::draw,
    typography::Typefaces,
};

/// Frames per second.
const RATE: u32 = 24;
/// Frames of the loop that a film repeats.
const LOOP: u32 = 8 * RATE;
/// Frames are drawn no higher than this; larger films are scaled up, for drawing takes the most time.
const DRAWN_HEIGHT: u32 = 432;

/// What is to be encoded.
pub(crate) struct Shoot<'a> {
    pub(crate) look: Look,
    pub(crate) variant: u32,
    /// Shown at the start.
    pub(crate) title: &'a str,
    pub(crate) cut: Cut,
    pub(crate) sound: &'a Path,
    /// An SRT file to be put inside, if the recipe has room for it.
    pub(crate) subtitle: Option<&'a Path>,
}

/// Fails early, and in words, when there is no ffmpeg.
pub(crate) fn require_ffmpeg() -> Result<(), Fault> {
    let answer = Command::new("ffmpeg")
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match answer {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Fault::NoFfmpeg),
    }
}

/// Encodes to a file beside `to` and renames it when it is complete.
pub(crate) fn encode(shoot: &Shoot<'_>, faces: &Typefaces, to: &Path) -> Result<(), Fault> {
    let draft = with_suffix(to, "draft");
    let card = with_suffix(to, "title");
    fs::write(&card, shoot.title).map_err(|error| Fault::disk(&card, error))?;
    let result = run(shoot, faces, &card, &draft);
    let _unneeded = fs::remove_file(&card);
    result?;
    fs::rename(&draft, to).map_err(|error| Fault::disk(to, error))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn run(shoot: &Shoot<'_>, faces: &Typefaces, card: &Path, draft: &Path) -> Result<(), Fault> {
    let mut child = command(shoot, faces, card, draft).spawn().map_err(|_| Fault::NoFfmpeg)?;
    let fed = feed(&mut child, shoot);
    let output = child.wait_with_output().map_err(|error| Fault::disk(draft, error))?;
    if output.status.success() {
        // ffmpeg closes its input early if it has enough, so only its own verdict counts.
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or("it said nothing").to_owned();
    Err(Fault::Encode { file: draft.to_owned(), said: fed.err().map_or(last, |e| e.to_string()) })
}

/// Draws the loop into ffmpeg's standard input.
fn feed(child: &mut Child, shoot: &Shoot<'_>) -> std::io::Result<()> {
    let Some(mut input) = child.stdin.take() else {
        return Ok(());
    };
    let (width, height) = drawn(shoot.cut);
    for frame in 0..LOOP {
        let Some(mut canvas) = Canvas::new(width, height) else {
            return Ok(());
        };
        let turn = frame as f32 / LOOP as f32;
        draw(&mut canvas, shoot.look.scene, shoot.look.palette, turn, shoot.variant);
        input.write_all(canvas.rgba())?;
    }
    Ok(())
}

/// The size of the frames that ffmpeg is given.
fn drawn(cut: Cut) -> (u32, u32) {
    let height = cut.height.min(DRAWN_HEIGHT);
    (Cut { height, ..cut }.width(), height)
}

fn command(shoot: &Shoot<'_>, faces: &Typefaces, card: &Path, draft: &Path) -> Command {
    let cut = shoot.cut;
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"]);
    ffmpeg.args(["-f", "rawvideo", "-pix_fmt", "rgba", "-r", "24"]);
    let (width, height) = drawn(cut);
    ffmpeg.arg("-s").arg(format!("{width}x{height}")).args(["-i", "pipe:0"]);
    ffmpeg.args(["-stream_loop", "-1", "-i"]).arg(shoot.sound);
    let inside = shoot.subtitle.filter(|_| cut.recipe == Recipe::MkvSubtitled);
    if let Some(subtitle) = inside {
        ffmpeg.arg("-i").arg(subtitle);
    }
    ffmpeg.arg("-filter_complex").arg(filters(cut, faces, card));
    ffmpeg.args(["-map", "[picture]", "-map", "1:a"]);
    if inside.is_some() {
        ffmpeg.args(["-map", "2:s", "-c:s", "subrip", "-metadata:s:s:0", "language=eng"]);
    }
    ffmpeg.arg("-t").arg(cut.seconds.to_string());
    ffmpeg.args(["-metadata:s:a:0", "language=eng", "-metadata"]);
    ffmpeg.arg(format!("title={}", shoot.title));
    ffmpeg.args(codec_options(cut)).arg(draft);
    ffmpeg.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    ffmpeg
}

/// The loop again and again, film grain, a title at the start and the time in a corner.
fn filters(cut: Cut, faces: &Typefaces, card: &Path) -> String {
    let (display, text) = (faces.display.path.display(), faces.text.path.display());
    let card = card.display();
    let (width, height) = (cut.width(), cut.height);
    format!(
        "[0:v]scale={width}:{height}:flags=bicubic,format=yuv420p,loop=loop=-1:size={LOOP},setpts=N/{RATE}/TB,noise=c0s=9:c0f=t,\
         drawtext=fontfile={display}:textfile='{card}':fontsize=h/9:fontcolor=white:\
         x=(w-tw)/2:y=(h-th)/2:alpha='clip(min(t*1.5\\,(5-t)*1.5)\\,0\\,1)':enable='lt(t\\,5)':\
         shadowcolor=black@0.5:shadowx=2:shadowy=2,\
         drawtext=fontfile={text}:text='%{{pts\\:hms}}':fontsize=h/26:fontcolor=white@0.85:\
         x=w-tw-h/24:y=h/24:box=1:boxcolor=black@0.35:boxborderw=6[picture]"
    )
}

fn codec_options(cut: Cut) -> Vec<String> {
    let rate = format!("{}k", cut.kbit);
    let words = match cut.recipe {
        Recipe::Mp4 => format!("{} -movflags +faststart -f mp4", h264(&rate)),
        Recipe::Mp4IndexLast => format!("{} -f mp4", h264(&rate)),
        Recipe::Mkv | Recipe::MkvSubtitled => format!("{} -f matroska", h264(&rate)),
        Recipe::WebM => format!(
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -threads 2 -g 48 \
             -b:v {rate} -c:a libopus -b:a 96k -f webm"
        ),
        Recipe::Av1 => format!(
            "-c:v libsvtav1 -preset 12 -g 48 -b:v {rate} -c:a aac -b:a 96k \
             -movflags +faststart -f mp4"
        ),
    };
    words.split_whitespace().map(str::to_owned).collect()
}

fn h264(rate: &str) -> String {
    format!(
        "-c:v libx264 -preset ultrafast -tune zerolatency -threads 1 -g 48 -b:v {rate} \
         -maxrate {rate} -bufsize {rate} -c:a aac -b:a 96k"
    )
}
