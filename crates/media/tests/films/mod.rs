//! Films of a few seconds, made by ffmpeg when a test asks for them.

use std::{path::Path, process::Command, sync::LazyLock};

use bytes::Bytes;
use media::{
    ffmpeg,
    index::{BadIndex, Index, Parts, Plan, plan},
};

/// The folder in which this test run's films lie.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// A picture of moving bars and a tone: `seconds` long, a key frame every second, written with `arguments`.
pub(crate) fn film(name: &str, seconds: u32, arguments: &[&str]) -> Vec<u8> {
    let path = FOLDER.path().join(name);
    let inputs = [
        format!("testsrc2=size=320x180:rate=25:duration={seconds}"),
        format!("sine=frequency=440:duration={seconds}"),
    ];
    run(&inputs, arguments, &path);
    std::fs::read(path).unwrap()
}

fn run(inputs: &[String; 2], arguments: &[&str], path: &Path) {
    let tools =
        ffmpeg::find(&std::env::var_os("PATH").unwrap_or_default()).unwrap_or_else(|missing| {
            panic!("this test makes its films with ffmpeg: {missing}; {}", missing.hint())
        });
    let sources = inputs.iter().flat_map(|input| ["-f", "lavfi", "-i", input]);
    let made = Command::new(tools.ffmpeg)
        .args(["-v", "error", "-nostdin", "-y"])
        .args(sources)
        .args(arguments)
        .arg(path)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// H.264 in High profile and AAC in French, with further arguments of ffmpeg.
pub(crate) fn h264(name: &str, seconds: u32, more: &[&str]) -> Vec<u8> {
    let picture = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"];
    let shape = ["-profile:v", "high", "-level:v", "3.1", "-g", "25", "-sc_threshold", "0"];
    let sound = ["-c:a", "aac", "-metadata:s:a:0", "language=fra"];
    film(name, seconds, &[&picture[..], &shape[..], &sound[..], more].concat())
}

/// What a swarm was asked for to read a film's index.
pub(crate) struct Fetched {
    pub(crate) index: Result<Index, BadIndex>,
    pub(crate) rounds: usize,
    pub(crate) bytes: u64,
}

/// Reads a film's index as the program does: only the ranges that the plan names.
pub(crate) fn fetch_index(film: &[u8]) -> Fetched {
    let mut parts = Parts::new(film.len() as u64);
    let (mut rounds, mut bytes) = (0, 0);
    while let Plan::Need(ranges) = plan(&parts) {
        rounds += 1;
        for range in ranges {
            bytes += range.end - range.start;
            let piece = Bytes::copy_from_slice(&film[range.start as usize..range.end as usize]);
            parts.insert(range.start, piece);
        }
    }
    Fetched { index: Index::parse(&parts), rounds, bytes }
}
