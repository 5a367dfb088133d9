//! The server from outside: its door, its answers, and films that play out of a real swarm.

mod answers;
mod door;
mod playing;
mod starting;
mod support;
