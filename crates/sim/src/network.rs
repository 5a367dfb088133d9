//! Links: who is how far from whom, and how fast bytes leave and arrive.
//!
//! A node has one line up and one line down, each of which carries one segment after the other. A
//! connection keeps its bytes in order. Congestion control is not modelled: a line is always used fully.

use std::time::Duration;

use engine::Time;

/// A node's place in the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Bytes per second towards the network.
    pub up: f64,
    /// Bytes per second from the network.
    pub down: f64,
    /// From the node to the middle of the network, one way.
    pub delay: Duration,
}

/// When a line is free again.
#[derive(Debug, Clone)]
pub(crate) struct Usage {
    pub(crate) line: Line,
    up_free: Time,
    down_free: Time,
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

impl Usage {
    pub(crate) fn new(line: Line) -> Self {
        Self { line, up_free: Time(0), down_free: Time(0), sent: 0, received: 0 }
    }

    /// Bytes leave: when the last of them is on the way.
    pub(crate) fn send(&mut self, now: Time, bytes: usize) -> Time {
        self.sent += bytes as u64;
        self.up_free = self.up_free.max(now) + span(bytes, self.line.up);
        self.up_free
    }

    /// Bytes arrive at the near end of the line: when the last of them is through.
    pub(crate) fn receive(&mut self, now: Time, bytes: usize) -> Time {
        self.received += bytes as u64;
        self.down_free = self.down_free.max(now) + span(bytes, self.line.down);
        self.down_free
    }

    /// How long the pieces of a long message are, so that a slow line shows progress.
    pub(crate) fn segment(&self) -> usize {
        ((self.line.up / 50.0) as usize).clamp(2_048, 16_397)
    }
}

fn span(bytes: usize, rate: f64) -> Duration {
    Duration::from_secs_f64(bytes as f64 / rate)
}
