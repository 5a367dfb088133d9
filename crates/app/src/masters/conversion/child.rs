//! ffmpeg and ffprobe as child processes: bounded threads, no network, no file but the film, and an end to everybody's patience.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use media::ffmpeg::Tools;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::http::problem::{Code, Problem};

/// What holds for every film that is read. Lists of other files (HLS, DASH, concat) could name any file of this
/// machine, which would end up in a film that everybody gets: only formats that hold their pictures are opened.
const GUARD: [&str; 4] = [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    "mov,matroska,avi,mpegts,mpeg,asf,flv,ogg,mxf,dv,nut",
];
/// How long ffmpeg may go without saying how far it is.
const SILENCE_MAX: Duration = Duration::from_secs(300);
/// How long a short look may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most that is kept of what ffmpeg says, from the end, bytes.
const SAID_MAX: usize = 64 << 10;
/// The longest answer of a short look, bytes.
const ANSWER_MAX: u64 = 64 << 20;

/// The programs of ffmpeg.
///
/// # Errors
/// [`Code::FfmpegMissing`].
pub(in super::super) fn tools() -> Result<Tools, Problem> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    media::ffmpeg::find(&path).map_err(|_| Code::FfmpegMissing.into())
}

/// Half of the processors: whoever watches a film meanwhile needs some, too.
fn threads() -> usize {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    all.div_ceil(2)
}

/// Arguments that open a film.
pub(in super::super) fn input(film: &Path) -> Vec<OsString> {
    let guard = GUARD.into_iter().map(OsString::from);
    guard.chain(["-i".into(), film.into()]).collect()
}

/// An ffmpeg whose arguments follow.
pub(super) fn ffmpeg(tools: &Tools) -> Command {
    let mut command = Command::new(&tools.ffmpeg);
    command.args(["-nostdin", "-hide_banner", "-y", "-v", "info"]);
    command.args(["-nostats", "-progress", "pipe:1", "-filter_threads"]);
    command.arg(threads().to_string());
    command
}

/// Arguments that limit the threads of the input or output that follows.
pub(in super::super) fn bounded() -> [OsString; 2] {
    ["-threads".into(), threads().to_string().into()]
}

/// Runs ffmpeg and hears how far it is, seconds of the film. What it said in the end comes back.
///
/// # Errors
/// [`Code::ConversionFailed`] with what ffmpeg said, [`Code::DiskFull`].
pub(super) async fn run(mut command: Command, heard: impl FnMut(f64)) -> Result<String, Problem> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    let said = tokio::spawn(tail(child.stderr.take()));
    follow(&mut child, heard).await?;
    let status = timeout(SILENCE_MAX, child.wait()).await.map_err(|_| silent())?.map_err(failed)?;
    let said = said.await.unwrap_or_default();
    if status.success() { Ok(said) } else { Err(refusal(&said)) }
}

/// Reads `-progress` until it ends: lines of `out_time_us=MICROSECONDS` among others.
async fn follow(child: &mut Child, mut heard: impl FnMut(f64)) -> Result<(), Problem> {
    let Some(output) = child.stdout.take() else { return Ok(()) };
    let mut lines = BufReader::new(output.take(ANSWER_MAX)).lines();
    loop {
        let line = timeout(SILENCE_MAX, lines.next_line()).await.map_err(|_| silent())?;
        let Some(line) = line.map_err(failed)? else { return Ok(()) };
        let at = line.strip_prefix("out_time_us=").and_then(|at| at.parse::<f64>().ok());
        if let Some(at) = at {
            heard(at / 1e6);
        }
    }
}

/// The end of what is said; all of it is read, so that nobody waits for a full pipe.
async fn tail(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let (mut said, mut part) = (Vec::new(), vec![0; 8 << 10]);
    while let Ok(length @ 1..) = stream.read(&mut part).await {
        said.extend_from_slice(&part[..length]);
        let surplus = said.len().saturating_sub(SAID_MAX);
        said.drain(..surplus);
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// A short look at a film: what the program wrote.
///
/// # Errors
/// As [`run`].
pub(in super::super) async fn answer(
    program: &PathBuf,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Vec<u8>, Problem> {
    let mut command = Command::new(program);
    command.args(["-v", "error"]).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.map_err(|_| silent())?;
    let Output { status, stdout, stderr } = output.map_err(failed)?;
    if status.success() { Ok(stdout) } else { Err(refusal(&String::from_utf8_lossy(&stderr))) }
}

fn failed(error: std::io::Error) -> Problem {
    Problem::from(Code::ConversionFailed).detail(error)
}

fn silent() -> Problem {
    Problem::from(Code::ConversionFailed).detail("ffmpeg did not get any further")
}

/// What ffmpeg said last that is no chatter.
fn refusal(said: &str) -> Problem {
    if said.contains("No space left on device") {
        return Code::DiskFull.into();
    }
    let is_telling = |line: &&str| {
        let known = ["Invalid", "rror", "not found", "No such", "Unknown", "whitelist", "denied"];
        known.iter().any(|word| line.contains(word))
    };
    let line = said.lines().rfind(is_telling).or(said.lines().last()).unwrap_or_default();
    let line: String = line.chars().filter(|letter| !letter.is_control()).take(300).collect();
    Problem::from(Code::ConversionFailed).detail(format!("ffmpeg says: {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ffmpeg_says_becomes_one_line_that_tells_something() {
        let said = "Input #0\n[mov] moov atom not found\nfilm.mp4: Invalid data found when processing input\nbye";
        let problem = refusal(said);
        assert_eq!(problem.code, "conversion_failed");
        assert!(problem.detail.unwrap().ends_with("Invalid data found when processing input"));
        assert_eq!(refusal("av_write: No space left on device").code, "disk_full");
        assert_eq!(refusal("").detail.unwrap(), "ffmpeg says: ");
    }
}
