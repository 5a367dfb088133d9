//! The interpreter that has libtorrent.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Where it is, or `None` if it may be done without.
#[expect(clippy::print_stderr, reason = "a test that was left out says so")]
pub(crate) fn python() -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin/python");
    let python = env::var_os("KINORA_PYTHON").map_or(usual, PathBuf::from);
    if python.exists() {
        return Some(python);
    }
    let why = format!(
        "{} does not exist: `scripts/setup test` installs libtorrent there, KINORA_PYTHON names another \
         interpreter that has it",
        python.display()
    );
    let skip = env::var("KINORA_SKIP_REAL_CLIENTS").is_ok_and(|value| value == "1");
    assert!(skip, "{why}, KINORA_SKIP_REAL_CLIENTS=1 goes without");
    eprintln!("skipped: {why}");
    None
}
