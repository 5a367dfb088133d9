//! The seeds: processes of this very program, uneven in what they hold, how fast and how far away they are.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use studio::Programme;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::{not_started, share};
use crate::failure::{Exit, Failure};

/// How long a seed may take to check what it holds.
const CHECK_PATIENCE: Duration = Duration::from_secs(120);
/// How long a seed may take to leave.
const LEAVE_PATIENCE: Duration = Duration::from_secs(5);

/// How the seeds differ: their share of the swarm's rate in hundredths, and their delay.
const TEMPERS: [(u64, u64); 4] = [(15, 60), (45, 20), (25, 45), (15, 90)];

/// How much the swarm gives in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    kib_per_s: u64,
}

impl Pace {
    /// About four times what the largest film needs, so that streaming is seen and never starves.
    pub(super) fn of(programme: &Programme) -> Self {
        let needs = programme.packages.iter().flat_map(|package| {
            package.reels.iter().map(move |reel| {
                let length =
                    std::fs::metadata(programme.file(package, reel)).map_or(0, |m| m.len());
                length / 1024 / u64::from(reel.seconds)
            })
        });
        Self { kib_per_s: needs.max().unwrap_or(0).max(64) * 4 }
    }
}

/// The seeds of every torrent of the demo.
pub(super) struct Swarm {
    seeds: Vec<Seed>,
}

struct Seed {
    process: Child,
    /// Open as long as it shall seed. Not left inside `process`: waiting for a child closes its input.
    input: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Swarm {
    /// Starts the seeds and waits until each has checked what it holds.
    pub(super) async fn start(
        programme: &Programme,
        torrents: &[PathBuf],
        run: &Path,
        pace: Pace,
    ) -> Result<Self, Failure> {
        let mut seeds = Vec::new();
        for (number, temper) in (0..).zip(TEMPERS) {
            let from = share::folder(programme, number);
            let records = run.join(format!("seed-{number}"));
            let command = command(torrents, &from, &records, pace, temper);
            let command = command.map_err(|error| not_started("seeds", &error))?;
            seeds.push(Seed::spawn(command).map_err(|error| not_started("seeds", &error))?);
        }
        for seed in &mut seeds {
            seed.ready().await?;
        }
        Ok(Self { seeds })
    }

    pub(super) fn seeds(&self) -> usize {
        self.seeds.len()
    }

    /// How many times the tracker will hear from them: once for every torrent and seed.
    pub(super) fn announcements(&self, programme: &Programme) -> usize {
        self.seeds.len() * programme.packages.len()
    }

    /// Ends when a seed does.
    pub(super) async fn broken(&mut self) -> Failure {
        let ends = self.seeds.iter_mut().map(|seed| Box::pin(seed.process.wait()));
        let (ended, ..) = futures_util::future::select_all(ends).await;
        let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        Failure::new(
            Exit::NotFound,
            "seed_ended",
            format!("A seed of the demo ended by itself ({how})."),
            "Start the demo again.",
        )
    }

    /// Closes each seed's input, which is its sign to leave, and waits for it.
    pub(super) async fn stop(self) {
        for mut seed in self.seeds {
            drop(seed.input);
            if timeout(LEAVE_PATIENCE, seed.process.wait()).await.is_err() {
                // It is killed when its handle goes, at the end of this turn.
                tracing::warn!("a seed did not leave in time");
            }
        }
    }
}

impl Seed {
    fn spawn(mut command: Command) -> io::Result<Self> {
        let mut process = command.spawn()?;
        let input = process.stdin.take().ok_or_else(|| io::Error::other("it cannot be told"))?;
        let said = process.stdout.take().ok_or_else(|| io::Error::other("it cannot be heard"))?;
        Ok(Self { process, input, said: BufReader::new(said).lines() })
    }

    /// Waits until it says that it seeds.
    async fn ready(&mut self) -> Result<(), Failure> {
        let hear = async {
            while let Some(line) = self.said.next_line().await? {
                match event(&line) {
                    Some((event, _)) if event == "seeding" => return Ok(()),
                    Some((event, why)) if event == "error" => return Err(io::Error::other(why)),
                    _ => {}
                }
            }
            Err(io::ErrorKind::UnexpectedEof.into())
        };
        let heard = timeout(CHECK_PATIENCE, hear).await;
        heard
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| not_started("seeds", &error))
    }
}

/// The event of a line, and its message if it has one.
fn event(line: &str) -> Option<(String, String)> {
    let said: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    Some((text("event"), text("message")))
}

fn command(
    torrents: &[PathBuf],
    from: &Path,
    records: &Path,
    pace: Pace,
    (share, delay_ms): (u64, u64),
) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("seed").args(torrents).arg("--from").arg(from).arg("--data-dir").arg(records);
    command.args(["--listen", "127.0.0.1:0", "--local", "--no-dht", "--no-pex", "--no-lsd"]);
    command.args(["--no-port-mapping", "--until-input-ends", "--json"]);
    command.arg("--up-limit").arg((pace.kib_per_s * share / 100).max(1).to_string());
    command.arg("--delay-ms").arg(delay_ms.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command.kill_on_drop(true);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::{Seed, Swarm, TEMPERS, share};
    use futures_util::FutureExt as _;
    use std::process::Stdio;
    use tokio::{io::AsyncWriteExt as _, process::Command};

    #[cfg(unix)]
    #[tokio::test]
    async fn watching_over_the_seeds_leaves_their_input_open() {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut swarm = Swarm { seeds: vec![Seed::spawn(command).unwrap()] };
        assert!(swarm.broken().now_or_never().is_none());
        swarm.seeds[0].input.write_all(b"still here\n").await.unwrap();
        let heard = swarm.seeds[0].said.next_line().await.unwrap();
        assert_eq!(heard.as_deref(), Some("still here"));
        swarm.stop().await;
    }

    #[test]
    fn the_seeds_give_the_whole_rate_together() {
        assert_eq!(TEMPERS.iter().map(|(share, _)| share).sum::<u64>(), 100);
        assert_eq!(TEMPERS.len() as u32, share::PARTIAL_SEEDS + 1);
    }
}
