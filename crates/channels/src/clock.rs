//! The time since 1970, for what outlives a run: it goes on when the machine slept, and not back when its clock is set back.

use std::time::{Duration, Instant};

use crate::follow::now_ms;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    began: Duration,
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { began: wall(), started: Instant::now() }
    }

    pub(crate) fn now(&self) -> Duration {
        wall().max(self.began + self.started.elapsed())
    }
}

fn wall() -> Duration {
    Duration::from_millis(now_ms())
}
