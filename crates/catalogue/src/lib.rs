//! What is there to watch, who says so, under which licence?
//!
//! A publisher's catalogue file becomes a [`Catalogue`] of checked [`Title`]s here, or a typed refusal. A
//! record that does not name a recognised open licence, its attribution and its source is dropped and
//! counted. Pure: no I/O, no clock, no async. Text is data: never markup, never control characters.

mod catalogue;
mod cbor;
pub mod channel;
pub mod exchange;
mod gate;
mod licence;
mod place;
mod sameness;
mod starter;
mod text;
mod title;
mod withdrawal;

pub use crate::{
    catalogue::{Catalogue, FORMAT_VERSION, MAX_BYTES, MAX_TITLES, RejectedCatalogue},
    gate::{Rejected, Rejection},
    licence::{Licence, UnknownLicence},
    place::{Digest, HttpsUrl, RelativePath, SwarmUrl, TorrentLink},
    sameness::FileKey,
    starter::{STARTER_CHANNEL, STARTER_FILE, starter},
    text::{BadText, Country, Id, Keyword, LanguageTag, Multilingual, Text},
    title::{
        Art, Episode, Kind, Person, Release, Season, SubtitlePlace, SubtitleRole, SubtitleTrack,
        Title,
    },
    withdrawal::{Withdrawal, WithdrawalReason},
};
