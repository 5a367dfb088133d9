//! Asks libtorrent, through its Python binding.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::interpreter::python;

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
