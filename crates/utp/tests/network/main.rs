//! uTP on a network that behaves as badly as we like: what must hold on every path, and what it comes to.
//!
//! Everything is simulated: clocks that are apart and drift, links with a rate, a queue, delay, loss, reordering,
//! duplication and a longest packet, and a loss-based sender beside ours. The same seed gives the same run.

mod figures;
mod host;
mod hostile;
mod link;
mod properties;
mod reno;
mod world;
