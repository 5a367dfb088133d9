//! The demo's own examination: several films watched and sought in, timed, every byte compared.

use std::time::{Duration, Instant};

use hyper::Method;
use media::index::Index;
use serde_json::json;
use studio::{Package, Programme, Reel};
use tokio::time::timeout;

use super::viewer::{Film, Trouble, Viewer, Watching};
use crate::serve::Server;

/// Playing starts with so much media.
const START_MEDIA: Duration = Duration::from_secs(5);
/// Playing goes on after a seek with so much media.
const SEEK_MEDIA: Duration = Duration::from_secs(2);
/// So much media is watched from the start, and after a seek.
const WATCHED: Duration = Duration::from_secs(12);
const WATCHED_AFTER_SEEK: Duration = Duration::from_secs(6);
/// Where in a film to look for data that is not there yet, best first.
const SEEK_TARGETS: [f64; 5] = [0.7, 0.85, 0.55, 0.92, 0.4];

/// How one film went.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub title: String,
    /// Container, codecs, and kind of torrent.
    pub kind: String,
    /// Seconds from the click to five seconds of media.
    pub start_s: f64,
    /// Seconds from a seek into data that was not there to two seconds of media.
    pub seek_s: f64,
    /// How often the picture stood still.
    pub stalls: u32,
    /// Bytes that came and were compared.
    pub bytes: u64,
    /// Why it could not be watched, if so.
    pub trouble: Option<String>,
}

/// How all of it went.
#[derive(Debug)]
pub struct Report {
    /// Films watched.
    pub titles: usize,
    /// Median of the films' starts, seconds.
    pub start_s: f64,
    /// Median of the films' seeks, seconds.
    pub seek_s: f64,
    /// Stalls of all films together.
    pub stalls: u32,
    /// Bytes compared, all of them right if `ok`.
    pub bytes_verified: u64,
    /// Whether every film could be watched.
    pub ok: bool,
}

/// Watches one film of every kind.
pub(super) async fn run(server: &Server, programme: &Programme, told: fn(&Outcome)) -> Report {
    let viewer = Viewer { port: server.port, token: server.token.reveal() };
    let mut outcomes = Vec::new();
    for (package, reel) in one_of_each(programme) {
        let outcome = watch(&viewer, programme, package, reel).await;
        told(&outcome);
        outcomes.push(outcome);
    }
    summary(&outcomes)
}

/// The first film of every container and kind of torrent.
fn one_of_each(programme: &Programme) -> Vec<(&Package, &Reel)> {
    let mut chosen: Vec<(&Package, &Reel)> = Vec::new();
    for package in &programme.packages {
        for reel in &package.reels {
            let known = |(p, r): &(&Package, &Reel)| {
                r.recipe() == reel.recipe() && p.form() == package.form()
            };
            if !chosen.iter().any(known) {
                chosen.push((package, reel));
            }
        }
    }
    chosen
}

async fn watch(
    viewer: &Viewer<'_>,
    programme: &Programme,
    package: &Package,
    reel: &Reel,
) -> Outcome {
    let mut outcome = Outcome {
        title: reel.title.clone(),
        kind: format!("{}, {}", reel.recipe(), package.form()),
        start_s: f64::NAN,
        seek_s: f64::NAN,
        stalls: 0,
        bytes: 0,
        trouble: None,
    };
    let film = Film::open(&programme.file(package, reel)).map_err(Trouble::from);
    let watched = match film {
        Ok(mut film) => {
            let watched = evening(viewer, reel, &mut film, &mut outcome).await;
            outcome.bytes = film.verified;
            watched
        }
        Err(error) => Err(error),
    };
    outcome.trouble = watched.err().map(|trouble| trouble.to_string());
    outcome
}

/// From the click to the end: start, watch, seek, watch.
async fn evening(
    viewer: &Viewer<'_>,
    reel: &Reel,
    film: &mut Film,
    outcome: &mut Outcome,
) -> Result<(), Trouble> {
    let clicked = Instant::now();
    let wish = json!({
        "item_id": format!("demo.{}", reel.item),
        "release_id": format!("demo.{}", reel.release()),
        "position_s": 0.0,
    });
    let playback = viewer.ask(Method::POST, "/api/v1/play", Some(wish)).await?;
    let path = playback["stream_url"].as_str().unwrap_or_default().to_owned();
    let watching = format!("/api/v1/playbacks/{}", playback["id"].as_str().unwrap_or_default());
    let index = viewer.index(film, &path).await?;

    let mut stream = viewer.open(film, &path, 0).await?;
    stream.until(offset_of(&index, START_MEDIA)).await?;
    outcome.start_s = clicked.elapsed().as_secs_f64();
    outcome.stalls += play(&mut stream, &index, START_MEDIA, WATCHED).await?;
    drop(stream);

    let target = unfetched(viewer, &watching, &index).await?;
    let from = index.byte_range_for(target).start;
    let sought = Instant::now();
    let mut stream = viewer.open(film, &path, from).await?;
    stream.until(offset_of(&index, target + SEEK_MEDIA)).await?;
    outcome.seek_s = sought.elapsed().as_secs_f64();
    let until = target + WATCHED_AFTER_SEEK;
    outcome.stalls += play(&mut stream, &index, target + SEEK_MEDIA, until).await?;
    drop(stream);
    viewer.ask(Method::DELETE, &watching, None).await?;
    Ok(())
}

/// Plays in real time what lies between `buffered` and `until`; counts how often it had to wait.
async fn play(
    stream: &mut Watching<'_>,
    index: &Index,
    buffered: Duration,
    until: Duration,
) -> Result<u32, Trouble> {
    let ahead = if buffered > START_MEDIA { SEEK_MEDIA } else { START_MEDIA };
    let (mut stalls, mut dry_at) = (0, Instant::now() + ahead);
    let mut second = buffered;
    while second < until {
        second += Duration::from_secs(1);
        let offset = offset_of(index, second);
        let left = dry_at.saturating_duration_since(Instant::now());
        if let Ok(read) = timeout(left, stream.until(offset)).await {
            read?;
            dry_at += Duration::from_secs(1);
        } else {
            stalls += 1;
            stream.until(offset).await?;
            dry_at = Instant::now() + Duration::from_secs(1);
        }
    }
    Ok(stalls)
}

/// The offset up to which bytes are needed to have shown everything before `time`.
fn offset_of(index: &Index, time: Duration) -> u64 {
    let later = index.key_frames.iter().find(|frame| frame.time >= time);
    match later {
        Some(frame) => frame.offset,
        None if index.key_frames.is_empty() => index.byte_range_for(time).end,
        None => index.file_len,
    }
}

/// A moment whose bytes have not been fetched yet, if there is one.
async fn unfetched(
    viewer: &Viewer<'_>,
    playback: &str,
    index: &Index,
) -> Result<Duration, Trouble> {
    let state = viewer.ask(Method::GET, playback, None).await?;
    let spans: Vec<(f64, f64)> =
        serde_json::from_value(state["on_disk"].clone()).unwrap_or_default();
    let duration = index.duration.unwrap_or_default();
    let missing = |share: &&f64| {
        let at = index.byte_range_for(duration.mul_f64(**share)).start as f64;
        let place = at / index.file_len as f64;
        !spans.iter().any(|&(start, end)| (start..end).contains(&place))
    };
    let share = SEEK_TARGETS.iter().find(missing).unwrap_or(&SEEK_TARGETS[0]);
    Ok(duration.mul_f64(*share))
}

fn summary(outcomes: &[Outcome]) -> Report {
    Report {
        titles: outcomes.len(),
        start_s: median(outcomes.iter().map(|outcome| outcome.start_s)),
        seek_s: median(outcomes.iter().map(|outcome| outcome.seek_s)),
        stalls: outcomes.iter().map(|outcome| outcome.stalls).sum(),
        bytes_verified: outcomes.iter().map(|outcome| outcome.bytes).sum(),
        ok: !outcomes.is_empty() && outcomes.iter().all(|outcome| outcome.trouble.is_none()),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        len if len % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_ignores_what_was_never_measured() {
        assert_eq!(median([3.0, f64::NAN, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0].into_iter()), 2.5);
        assert_eq!(median([].into_iter()), 0.0);
    }
}
