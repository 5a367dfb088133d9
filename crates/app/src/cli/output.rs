//! What commands print: sentences for people, one JSON object a line for scripts.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::{Value, json};

use crate::failure::Failure;

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether scripts listen.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person watches, so that bars may move.
    pub(super) fn is_watched(self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// One result: an object for scripts, a sentence for people.
    pub(super) fn say(self, object: &Value, sentence: impl FnOnce() -> String) {
        line(&if self.json { object.to_string() } else { sentence() });
    }

    /// Something only people need.
    pub(super) fn note(self, sentence: &str) {
        if !self.json {
            error_line(sentence);
        }
    }

    /// Something only scripts need.
    pub(super) fn object(self, object: &Value) {
        if self.json {
            line(&object.to_string());
        }
    }

    /// Why the command ends early.
    pub(super) fn failure(self, failure: &Failure) {
        if self.json {
            let mut object = json!(failure);
            object["event"] = json!("error");
            line(&object.to_string());
        } else {
            error_line(&format!("error: {}", printable(&failure.message)));
            error_line(&format!("hint: {}", printable(&failure.hint)));
        }
    }
}

/// Text without what a terminal would obey: strangers' names occur in sentences.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if torrent::paths::is_unseen(c) { '\u{FFFD}' } else { c }).collect()
}

/// A line on standard output. A closed pipe is the reader's right and no error.
fn line(text: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

pub(super) fn error_line(text: &str) {
    writeln!(io::stderr().lock(), "{text}").ok();
}

/// Bytes as people say them.
pub(super) fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}
