//! A node of libtorrent's, through its Python binding.

#[path = "../../../torrent/tests/libtorrent/interpreter.rs"]
mod interpreter;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

pub(crate) struct Libtorrent {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub(crate) port: u64,
}

impl Libtorrent {
    /// A node on loopback; `None` if libtorrent is not there and may be missing.
    pub(crate) fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dht/node.py");
        let mut process = Command::new(interpreter::python()?)
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
