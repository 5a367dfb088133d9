//! What is in this file, and how does it become something that this player can show?
//!
//! Files come from strangers: every reader here is bounded by the bytes it was given, and answers nonsense
//! with a typed error.

pub mod container;
pub mod ffmpeg;
pub mod image;
pub mod index;
pub mod language;
pub mod player;
pub mod subtitle;
pub mod timed_text;
