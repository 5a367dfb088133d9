//! How a command that runs on is ended from outside.

use std::{
    io::{self, Read as _},
    process::ExitCode,
    sync::LazyLock,
};

use tokio::sync::{oneshot, watch};

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
        self.exit_code().into()
    }

    fn exit_code(self) -> u8 {
        match self {
            Self::Interrupted => Exit::Interrupted.code(),
            Self::Terminated | Self::InputClosed | Self::PlayerClosed => 0,
        }
    }
}

/// What was heard from the person or the system; listened to from before the command begins, so that no signal
/// finds nobody.
static HEARD: LazyLock<watch::Sender<Option<Ending>>> = LazyLock::new(|| watch::Sender::new(None));

/// Begins to listen for Ctrl-C and SIGTERM; needs the runtime. A second signal ends the program at once.
pub(super) fn listen() {
    let interrupted = heard(Ending::Interrupted);
    let terminated = heard(Ending::Terminated);
    tokio::spawn(async move {
        tokio::join!(repeat(interrupted), repeat(terminated));
    });
}

async fn repeat(signals: Option<(Signal, Ending)>) {
    let Some((mut signals, ending)) = signals else { return };
    while signals.recv().await.is_some() {
        if HEARD.send_replace(Some(ending)).is_some() {
            std::process::exit(ending.exit_code().into());
        }
    }
}

/// Waits for Ctrl-C or SIGTERM, or tells at once what was heard before.
pub(super) async fn signal() -> Ending {
    let mut heard = HEARD.subscribe();
    let ending = heard.wait_for(Option::is_some).await.map(|ending| *ending);
    match ending {
        Ok(Some(ending)) => ending,
        // The sender is a static: it never goes.
        _ => std::future::pending().await,
    }
}

/// Waits for a signal or the end of standard input.
pub(super) async fn signal_or_closed_input() -> Ending {
    tokio::select! {
        ending = signal() => ending,
        () = input_closed() => Ending::InputClosed,
    }
}

/// Waits until the command is asked to end. The end of standard input asks a helper of another program.
pub(super) async fn asked(with_input: bool) -> Ending {
    if with_input { signal_or_closed_input().await } else { signal().await }
}

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind};

#[cfg(unix)]
fn heard(ending: Ending) -> Option<(Signal, Ending)> {
    let kind = match ending {
        Ending::Interrupted => SignalKind::interrupt(),
        _ => SignalKind::terminate(),
    };
    // Without the signal the other ways to end remain.
    Some((tokio::signal::unix::signal(kind).ok()?, ending))
}

#[cfg(windows)]
use tokio::signal::windows::CtrlC as Signal;

#[cfg(windows)]
fn heard(ending: Ending) -> Option<(Signal, Ending)> {
    let is_ctrl_c = ending == Ending::Interrupted;
    Some((is_ctrl_c.then(tokio::signal::windows::ctrl_c)?.ok()?, ending))
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
