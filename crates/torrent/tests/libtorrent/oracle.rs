//! Asks libtorrent, through its Python binding.

use std::{
    env,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// The interpreter that has libtorrent, or `None` if it may be done without.
///
/// # Panics
/// If it is not there and `KINORA_SKIP_REAL_CLIENTS=1` is not set.
#[expect(clippy::print_stderr, reason = "a test that was left out says so")]
pub(crate) fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python =
        env::var_os("KINORA_PYTHON").map_or(root.join(".tools/venv/bin/python"), PathBuf::from);
    if python.exists() {
        return Some(python);
    }
    let why = format!(
        "{} does not exist: `make setup` installs libtorrent there, KINORA_PYTHON names another \
         interpreter that has it",
        python.display()
    );
    let skip = env::var("KINORA_SKIP_REAL_CLIENTS").is_ok_and(|value| value == "1");
    assert!(skip, "{why}, KINORA_SKIP_REAL_CLIENTS=1 goes without");
    eprintln!("skipped: {why}");
    None
}

/// The answers to some questions, in their order. `None` if libtorrent is not there and may be missing.
pub(crate) fn ask(questions: &[String]) -> Option<Vec<Value>> {
    let python = python()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("questions");
    let mut file = File::create(&path).expect("a file for the questions");
    for question in questions {
        writeln!(file, "{question}").expect("room for the questions");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/libtorrent/oracle.py");
    let output = Command::new(python)
        .arg(script)
        .stdin(File::open(&path).expect("the questions"))
        .stderr(Stdio::inherit())
        .output()
        .expect("the interpreter starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an answer in JSON")).collect();
    assert_eq!(answers.len(), questions.len(), "every question has an answer");
    Some(answers)
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes out of hexadecimal digits.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(digit).collect()
}
