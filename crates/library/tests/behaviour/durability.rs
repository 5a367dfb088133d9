//! What was acknowledged survives a kill.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use library::Library;

const CHILD_FOLDER: &str = "LIBRARY_DURABILITY_FOLDER";

/// Runs in the child: writes from four threads and prints the number of each write once it is acknowledged.
fn write_until_killed(folder: &Path) {
    let library = Library::open(folder).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let library = library.clone();
            scope.spawn(move || {
                for n in (thread..).step_by(4) {
                    library.set_progress(&format!("x.{n}"), f64::from(n), 1e8).unwrap();
                    let mut acknowledged = std::io::stdout().lock();
                    writeln!(acknowledged, "\nacknowledged {n}").unwrap();
                }
            });
        }
    });
}

#[test]
fn every_acknowledged_write_is_there_after_a_kill() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "durability::every_acknowledged_write_is_there_after_a_kill",
                "--nocapture",
            ])
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let number =
            |line: String| line.strip_prefix("acknowledged ").map(|n| n.parse::<u32>().unwrap());
        acknowledged.extend(lines.by_ref().filter_map(number).take(100 * round));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        acknowledged.extend(lines.filter_map(number));
        assert!(acknowledged.len() >= 100 * round, "the other process wrote nothing");
        let library = Library::open(folder.path()).unwrap();
        for n in &acknowledged {
            let progress = library.progress(&format!("x.{n}")).unwrap();
            let progress = progress.unwrap_or_else(|| panic!("write {n} is lost, round {round}"));
            assert!((progress.position_s - f64::from(*n)).abs() < 1e-9);
        }
    }
}
