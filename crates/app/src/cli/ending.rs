//! How a command that runs on is ended from outside.

use std::{
    io::{self, Read as _},
    process::ExitCode,
};

use tokio::sync::oneshot;

use crate::failure::Exit;

/// Who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The person, by Ctrl-C.
    Interrupted,
    /// The system, by SIGTERM.
    Terminated,
    /// The caller, by closing standard input.
    InputClosed,
    /// The person, by closing the player.
    PlayerClosed,
}

impl Ending {
    /// Only an interruption is not the proper end.
    pub(super) fn code(self) -> ExitCode {
        match self {
            Self::Interrupted => Exit::Interrupted.code().into(),
            Self::Terminated | Self::InputClosed | Self::PlayerClosed => ExitCode::SUCCESS,
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn signal() -> Ending {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ending::Interrupted,
        () = terminated() => Ending::Terminated,
    }
}

/// Waits for a signal or the end of standard input.
pub(super) async fn signal_or_closed_input() -> Ending {
    tokio::select! {
        ending = signal() => ending,
        () = input_closed() => Ending::InputClosed,
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        // Without the signal the other ways to end remain.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

/// Reads standard input to its end on a thread of its own, which ends with the process.
async fn input_closed() {
    let (closed, is_closed) = oneshot::channel();
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut ignored = [0; 4096];
        while input.read(&mut ignored).is_ok_and(|len| len > 0) {}
        closed.send(()).ok();
    });
    is_closed.await.ok();
}
