//! Sites: folders of pages under one key. They are found, signed and kept alive as channels are; their files are shown to
//! browsers instead of being taken into the library.
//!
//! A household keeps them in a folder of their own, of the same shape as that of its channels.

mod gather;
mod keep;
mod own;
mod publish;
mod visit;

pub(crate) use self::visit::{kept, torrent_of};
pub use self::{
    gather::{GatherError, Refusals, Unfit},
    keep::{forget_site, forgive_site, share_site},
    own::{OwnSite, own_site, own_sites, restore_site},
    publish::{Making, PublishedSite, publish_site, put_site, word_for_site},
    visit::{SiteError, Visited, kept_site, open_kept_site, stay, visit_site},
};
