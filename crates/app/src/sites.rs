//! Shows sites to browsers: each on an origin of its own, inside a frame of ours, without a way out.
//!
//! A site's pages are strangers' HTML. Their own policy stops what they load, not where they go: only the page around
//! them can, by naming the one origin that may be in its frame. So a site is never shown by itself.

mod answers;
mod door;
mod file;
mod frame;
mod headers;
mod household;
mod leaving;
mod port;
mod publishing;
mod still;
mod text;
mod wish;

pub use self::{
    answers::{Answer, Answers},
    door::{Door, Leading},
    household::{Kept, Opening, Sites},
    leaving::Home,
    port::{Asker, NotTold, Offer, Question, Shelf, Wanted, WantedTitle, poster_path},
    publishing::{NotPublished, PublishedHere, Refused, SiteNews},
    wish::{BadTheme, ThemeWish},
};
