//! What was accepted of a channel outlives the program wherever that is cut off.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use catalogue::channel::{Head, Key, Refused, Root, Standing, next_root, public};
use channels::{Channels, Folder};
use dht::{MutableItem, SigningKey};
use torrent::{InfoHashes, Sha256Hash};

const NOW: u64 = 1_790_000_000_000;
/// Where a run of this program accepts versions until it is killed.
const ACCEPTS_IN: &str = "KINORA_TEST_ACCEPTS_IN";
/// Versions that such a run accepts at most.
const VERSIONS_MAX: u64 = 100_000;

fn signing(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn key() -> Key {
    public(&signing(1))
}

fn root() -> MutableItem {
    let root = Root {
        version: 1,
        document: [0; 32],
        next: next_root(&public(&signing(3))),
        online: vec![public(&signing(2))],
        issued_ms: NOW,
        expires_ms: NOW,
        unlisted: false,
    };
    root.sign(&signing(1), 0).unwrap()
}

fn head(version: u64) -> MutableItem {
    let head = Head {
        torrent: InfoHashes::V2(Sha256Hash([1; 32])),
        manifest: [4; 32],
        version,
        root_version: 1,
        issued_ms: NOW + version,
        expires_ms: NOW,
    };
    head.sign(&signing(2), &key(), None).unwrap()
}

fn standing(version: u64) -> Standing {
    let mut standing = Standing::new(key());
    standing.offer_root(&root(), NOW).unwrap();
    standing.offer_head(&head(version), NOW).unwrap();
    standing
}

fn folder(place: &Path) -> Folder {
    fs::create_dir_all(place.join(key().to_string())).unwrap();
    Channels::open(place).unwrap().folder(key())
}

fn version(standing: &Standing) -> u64 {
    standing.head().map_or(0, |head| head.version)
}

/// The two copies of what is kept, and what they are called while they are written.
fn files(place: &Path) -> [(PathBuf, PathBuf); 2] {
    let folder = place.join(key().to_string());
    ["standing", "standing.copy"]
        .map(|name| (folder.join(name), folder.join(format!("{name}.unfinished"))))
}

/// A program was cut off: what is known is what was known before or what was to be known, and nothing older passes.
fn is_before_or_after(place: &Path, before: u64, after: u64, cut: &str) {
    let mut known = folder(place).standing().unwrap_or_else(|error| panic!("{cut}: {error}"));
    let found = version(&known);
    assert!(found == before || found == after, "{cut}: {found} of {before} and {after}");
    assert_eq!(known.offer_head(&head(before - 1), NOW), Err(Refused::Older), "{cut}");
}

/// Every step of keeping, in the order in which a disk sees them; of the bytes every so many.
#[test]
fn cut_off_at_any_write_the_floors_are_those_before_or_those_after() {
    let (before, after) = (2, 3);
    let (old, new) = (standing(before).to_bytes(), standing(after).to_bytes());
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    folder(place).keep(&standing(before)).unwrap();
    let begin = |done: usize| {
        for (at, (path, unfinished)) in files(place).iter().enumerate() {
            fs::write(path, if at < done { &new } else { &old }).unwrap();
            fs::remove_file(unfinished).ok();
        }
    };
    let mut states = 0;
    for (step, (path, unfinished)) in files(place).iter().enumerate() {
        for cut in (0..new.len()).step_by(7).chain([new.len()]) {
            begin(step);
            fs::write(unfinished, &new[..cut]).unwrap();
            is_before_or_after(place, before, after, &format!("copy {step}, {cut} bytes"));
            // A disk that gives a file its name before it has its bytes.
            begin(step);
            fs::write(path, &new[..cut]).unwrap();
            is_before_or_after(place, before, after, &format!("torn copy {step}, {cut} bytes"));
            // Or one that wrote over the old ones.
            let rest = old.get(cut..).unwrap_or_default();
            fs::write(path, [&new[..cut], rest].concat()).unwrap();
            is_before_or_after(place, before, after, &format!("mixed copy {step}, {cut} bytes"));
            states += 3;
        }
        // Whatever was left behind, it goes on.
        folder(place).keep(&standing(after)).unwrap();
        assert_eq!(version(&folder(place).standing().unwrap()), after);
    }
    assert!(states > 300, "{states}");
}

/// Kills programs that accept one version after the other, as a power cut would.
fn killed_again_and_again(test: &str, rounds: u64) {
    if let Some(place) = std::env::var_os(ACCEPTS_IN) {
        return accept_on_and_on(Path::new(&place));
    }
    let place = tempfile::tempdir().unwrap();
    folder(place.path()).keep(&standing(1)).unwrap();
    let (mut known, mut between) = (1, 0);
    for round in 0..rounds {
        let mut program = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--include-ignored"])
            .env(ACCEPTS_IN, place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(program.stderr.take().unwrap()).lines().map(Result::unwrap);
        let heard = told.nth(usize::try_from(1 + round % 3).unwrap()).expect("it tells of some");
        // Somewhere in the next writes, which take some milliseconds.
        let (began, moment) = (Instant::now(), Duration::from_micros(round * 7919 % 5000));
        while began.elapsed() < moment {
            std::thread::yield_now();
        }
        program.kill().unwrap();
        program.wait().unwrap();
        let last = told.filter(|line| line.parse::<u64>().is_ok()).last().unwrap_or(heard);
        let last: u64 = last.parse().unwrap();
        assert!(last > known, "it went on from where the one before was killed");
        known = version(&folder(place.path()).standing().unwrap());
        assert!(known == last || known == last + 1, "{known} after {last} in round {round}");
        between += u64::from(known > last);
    }
    let mut out = io::stderr();
    writeln!(out, "killed {rounds} times, {between} of them with a version that was not told of")
        .unwrap();
}

/// Tells of each version when it is kept.
fn accept_on_and_on(place: &Path) {
    let folder = folder(place);
    let mut known = folder.standing().unwrap();
    let (first, mut out) = (version(&known) + 1, io::stderr());
    for next in first..VERSIONS_MAX {
        known.offer_head(&head(next), NOW).unwrap();
        folder.keep(&known).unwrap();
        writeln!(out, "{next}").unwrap();
    }
}

#[test]
fn whoever_is_killed_while_accepting_never_goes_back() {
    killed_again_and_again("floors::whoever_is_killed_while_accepting_never_goes_back", 20);
}

#[test]
#[ignore = "a minute or three: a thousand programs are killed"]
fn whoever_is_killed_a_thousand_times_never_goes_back() {
    killed_again_and_again("floors::whoever_is_killed_a_thousand_times_never_goes_back", 1000);
}
