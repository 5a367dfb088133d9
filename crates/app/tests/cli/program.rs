//! Kinora as a process: started, waited for, read.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
};

use serde_json::Value;

/// The program with a home of its own, so that no setting of the machine changes a test.
pub(crate) fn kinora(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kinora"));
    command.env("HOME", home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
    // A test speaks with nobody outside.
    command.env("KINORA_NETWORK_DHT", "false").env("KINORA_NETWORK_PORT_MAPPING", "false");
    // What a killed run leaves behind goes with the test.
    command.env("TMPDIR", home).current_dir(home).stdin(Stdio::null());
    command
}

/// What a finished run left behind.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Every line of standard output, which must all be objects.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// The last object.
    pub(crate) fn last(&self) -> Value {
        self.objects().pop().expect("a line of JSON")
    }

    /// Fails unless the run ended with this code, and told a person what happened and what to do.
    pub(crate) fn assert_failed(&self, code: i32, about: &str) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        assert!(self.err.contains("error: ") && self.err.contains("hint: "), "{}", self.err);
        assert!(self.err.contains(about), "{} does not speak of {about}", self.err);
        assert_eq!(self.out, "", "results only on standard output");
    }
}

/// Runs to the end.
pub(crate) fn run(home: &Path, arguments: &[&str]) -> Ended {
    Ended::new(kinora(home).args(arguments).output().expect("the program starts"))
}

/// Runs that go on until they are dropped.
pub(crate) struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    input: Option<ChildStdin>,
}

impl Running {
    pub(crate) fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut command = kinora(home);
        command.args(arguments);
        Self::of(command)
    }

    /// Runs a command that was made elsewhere.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, lines, input }
    }

    /// The next line of JSON.
    pub(crate) fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).expect(&line)
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// Reads what it says to its end.
    pub(crate) fn end(mut self) -> (Vec<Value>, Option<i32>) {
        let lines = self.lines.by_ref().lines().map_while(Result::ok);
        let said = lines.map(|line| serde_json::from_str(&line).expect(&line)).collect();
        (said, self.child.wait().expect("it ends").code())
    }

    /// Closes standard input and waits for the end.
    pub(crate) fn close_input(mut self) -> Option<i32> {
        self.input.take();
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A folder with a small film in it and its torrent; the bytes are the same in every run.
pub(crate) struct Film {
    pub(crate) home: tempfile::TempDir,
}

impl Film {
    /// Makes both, with more arguments for `create`.
    pub(crate) fn new(more: &[&str]) -> Self {
        let film = Self { home: tempfile::tempdir().expect("a folder") };
        let folder = film.path("source/film");
        fs::create_dir_all(folder.join("extras")).expect("folders");
        fs::write(folder.join("a film.mp4"), noise(2_000_003)).expect("a file");
        fs::write(folder.join("b short.srt"), noise(100)).expect("a file");
        fs::write(folder.join("extras/c \u{e9}t\u{e9}.txt"), noise(40_000)).expect("a file");
        fs::write(folder.join("extras/empty"), b"").expect("a file");
        let created =
            run(film.home(), &[&["create", "source/film", "--to", "film.torrent"], more].concat());
        assert_eq!(created.code, Some(0), "{}", created.err);
        film
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// A seed of it, and its address.
    pub(crate) fn seed(&self) -> (Running, String) {
        let arguments =
            ["seed", "film.torrent", "--from", "source", "--listen", "127.0.0.1:0", "--json"];
        let mut seed = Running::start(self.home(), &arguments);
        let seeding = seed.next();
        assert_eq!(seeding["event"], "seeding");
        let address = seeding["listen"][0].as_str().expect("an address").to_owned();
        (seed, address)
    }
}

/// Bytes without a pattern (xorshift, a fixed seed).
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}
