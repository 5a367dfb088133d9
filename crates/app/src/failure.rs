//! How a command fails: a stable code for scripts, a sentence and a hint for people, an exit code.

use std::{fmt, process::ExitCode};

use serde::Serialize;

use crate::masters::FilmThere;

/// Why the program ends early. Exit codes are those of `docs/architecture.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Bad input: a torrent, a magnet link, a flag, a setting, or a port that is not free.
    BadInput,
    /// Not found, or not reachable in time.
    NotFound,
    /// The disk is full or read-only, or the data folder is in use by another Kinora.
    Disk,
    /// Refused: licence, withdrawn, blocked.
    Refused,
    /// Stopped by the person.
    Interrupted,
}

impl Exit {
    /// The number the operating system sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::BadInput => 2,
            Self::NotFound => 3,
            Self::Disk => 4,
            Self::Refused => 5,
            Self::Interrupted => 130,
        }
    }
}

/// An error for people and scripts.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// A stable word for scripts, like `port_taken`.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// The titles that it is about, if it is about any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<FilmThere>,
    /// The exit code it ends in.
    #[serde(skip)]
    pub exit: Exit,
}

impl Failure {
    /// A failure with all its parts.
    #[must_use]
    pub fn new(
        exit: Exit,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { code, message: message.into(), hint: hint.into(), titles: vec![], exit }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.message, self.hint)
    }
}

impl std::error::Error for Failure {}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        Self::from(failure.exit.code())
    }
}
