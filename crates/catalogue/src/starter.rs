//! The starter channel: openly licensed films that every fresh installation knows.

use crate::catalogue::{Catalogue, RejectedCatalogue};

/// The starter channel's catalogue file, as it ships with the program.
pub const STARTER_FILE: &str = include_str!("../starter/starter.json");

/// The starter channel as it was signed: a bundle (`channel::Bundle`). Empty until whoever releases the program has made
/// it with `scripts/starter-channel`; its secret is theirs and never here.
pub const STARTER_CHANNEL: &[u8] = include_bytes!("../starter/starter.channel");

/// The starter channel.
///
/// # Errors
///
/// Never for the file that ships; the same errors as [`Catalogue::parse`] are passed on.
pub fn starter() -> Result<Catalogue, RejectedCatalogue> {
    Catalogue::parse(STARTER_FILE.as_bytes())
}
