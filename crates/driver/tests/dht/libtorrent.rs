//! A node of libtorrent's, through its Python binding.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

pub(crate) struct Libtorrent {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub(crate) port: u64,
}

/// The interpreter that has libtorrent, or `None` if it may be done without.
#[expect(clippy::print_stderr, reason = "a test that was left out says so")]
fn python() -> Option<PathBuf> {
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

impl Libtorrent {
    /// A node on loopback; `None` if libtorrent is not there and may be missing.
    pub(crate) fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dht/node.py");
        let mut process = Command::new(python()?)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let questions = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut node = Self { process, questions, answers, port: 0 };
        node.port = node.answer()["port"].as_u64().expect("its port");
        Some(node)
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, question: &str) -> Value {
        writeln!(self.questions, "{question}").expect("it listens");
        self.answer()
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("an answer in JSON")
    }
}

impl Drop for Libtorrent {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
