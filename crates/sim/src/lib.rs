//! Does it hold up in a thousand bad evenings?
//!
//! A second driver for the engine, over virtual time: lines with a rate and a delay, peers that are honest,
//! slow, leaving, lying or silent, whole networks of our own engines, and players that pause and seek. A
//! [`Scenario`] is a struct of named fields, a [`Report`] one line of a table. Everything follows from the
//! seed, so every run can be had again.

mod agenda;
mod calibration;
mod comparison;
mod content;
mod disk;
mod evenings;
mod fake;
mod figures;
mod lies;
mod network;
mod ours;
mod player;
mod public;
mod random;
mod recording;
mod report;
mod scenario;
mod starts;
mod swarms;
mod world;

pub use crate::{
    calibration::{Buffer, Calibration, Growth, MissingPiece, calibrate, copies_to_second_seed},
    comparison::{ORDERS, Row, compare},
    evenings::evenings,
    fake::{Behaviour, Has},
    figures::{Figure, Target, figures},
    network::Line,
    player::{Act, Seen},
    public::{PUBLIC, Public, Scale},
    recording::Recording,
    report::{Member, Report},
    scenario::{Crowd, Scenario, Stay, Viewers, Web},
    starts::{Starts, UNEVEN, Uneven},
    swarms::Swarms,
};
