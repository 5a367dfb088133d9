//! What does this household remember? Titles to choose from, and what was done with them, in SQLite.
//!
//! One writer thread, many readers. Every method blocks; callers in async code use a blocking task. A method
//! that changes something returns when the change is on disk: what was acknowledged survives a kill and a power cut.

mod browse;
mod card;
mod checkpointer;
mod downloads;
mod error;
mod facets;
mod filters;
mod home;
mod household;
mod import;
mod inherit;
mod migrations;
mod offered;
mod provenance;
mod readers;
mod search;
mod settings;
mod store;
mod taken_back;
mod time;
mod title;
mod torrents;
mod traffic;
mod typos;
mod words;
mod works;
mod writer;

pub use crate::{
    browse::{Filter, Page, Sort},
    card::{Card, EpisodeNumber, Languages, Picture, Progress},
    downloads::{Download, DownloadChange, DownloadState, NewDownload},
    error::LibraryError,
    facets::{Facet, Facets},
    filters::{FilterAbout, FilterList, FilteredBy, Ruling, TakingFilter},
    home::{Home, HomeRow},
    import::{Imported, Source, TakingIn},
    offered::{OFFERED_MAX, Offered, Offers, Wish},
    provenance::Provenance,
    search::Found,
    settings::{CacheSettings, Consent, NetworkSettings, Settings, SharingSettings, Theme},
    store::Library,
    time::Timestamp,
    title::{Episode, Item, Release, Season, Subtitle, TitleDetail},
    traffic::Traffic,
};
