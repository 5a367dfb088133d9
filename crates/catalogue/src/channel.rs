//! A publisher's signed catalogue under one key, as bytes: addresses, pointers, manifests, segments, records.
//!
//! | module | question |
//! |---|---|
//! | `address`, `zbase32` | where is the channel? |
//! | `pointer`, `rotation`, `sealed` | who signed what? |
//! | `standing` | what does a follower accept, and what never again? |
//! | `gossip` | what do followers tell each other? |
//! | `root_document`, `manifest` | what does a version of the channel consist of? |
//! | `segment`, `merge`, `commitment` | which changes are in which file, and what do they give together? |
//! | `record`, `records`, `withdrawal`, `words` | what is in a record? |
//! | `assembly` | which titles does a follower see? |
//! | `bundle` | what is a version that needs no network to come? |
//! | `shelves` | which of them does a new follower see first? |
//! | `pack` | where are their pictures and subtitles? |
//! | `reading`, `ledger` | which of them did a version change? |
//! | `directory` | which other channels does it name? |
//! | `domain`, `resemblance` | which domain vouches for it, and for which other could it be taken? |
//! | `mark` | what does a filter say of what? |
//! | `mirror` | which web servers have a copy, and where? |
//! | `site` | which pages does a version of a site have? |
//! | `edition` | what does a publisher write for a change? |
//!
//! `docs/channel-format.md` describes every byte.

mod address;
mod assembly;
mod bundle;
mod commitment;
#[cfg(test)]
mod description;
mod directory;
mod domain;
mod edition;
mod gossip;
mod ledger;
mod manifest;
mod mark;
mod merge;
mod mirror;
mod pack;
mod pointer;
mod reading;
mod record;
mod records;
mod resemblance;
mod root_document;
mod rotation;
mod sealed;
mod segment;
mod shelves;
mod site;
mod standing;
mod withdrawal;
mod words;
mod zbase32;

pub use self::{
    address::{Address, BadAddress, Key},
    assembly::{BadChannel, Supplied, assemble, family_state},
    bundle::{BUNDLE_MAX, BadBundle, Bundle},
    commitment::{Live, commitment},
    directory::{BadDirectory, DIRECTORY_MAX, Directory, LISTED_MAX, Listed},
    domain::Domain,
    edition::{
        CannotPublish, Changes, Edition, HEAD_NAME, MANIFEST_FILE, Publication, ROOT_FILE,
        SegmentStore, folded, head_torrent, public, segment_name, segment_torrent,
    },
    gossip::{BadGossip, Gossip, Have, Offered, Part, swarm_name},
    ledger::Ledger,
    manifest::{
        BadManifest, CHANGES_MAX, Contact, FileName, FileRef, Kind, MANIFEST_MAX, MARKS_MAX,
        Manifest, RECORDS_MAX, SEGMENTS_MAX, SegmentRef, Tally, WITHDRAWALS_MAX, Where,
        manifest_hash,
    },
    mark::{Action, BadMarks, FilterEntry, Mark, Marked, Verdict, entries_in},
    mirror::{MIRRORS_MAX, MirrorUrl, mirror_description, mirror_name},
    pack::{
        BadPack, PACK_HEADER, PACK_LINE, PACK_MAX, PACKS_MAX, PackHeader, PackKind, PackPlan,
        PackRef, PackSearch, Step, THING_MAX, Thing, is_pack_torrent, pack_name, pack_torrent,
        packed_things,
    },
    pointer::{
        BadPointer, Head, ONLINE_KEYS_MAX, Root, commitment as next_root, head_salt, root_salt,
        wanted_head, wanted_root,
    },
    reading::{Change, Indexed, Reading, Shown},
    record::{RECORD_MAX, RecordId},
    records::{Record, records},
    resemblance::{is_alike, looks_like},
    root_document::{BadRootDocument, ROOT_DOCUMENT_MAX, RootDocument},
    rotation::{BadRotation, ROTATION_MAX, Rotation},
    sealed::BadSeal,
    segment::{
        BadSegment, Entry, Family, Parts, SEGMENT_MAX, Segment, SegmentBytes, SegmentWriter,
    },
    shelves::{CARDS_MAX, FirstScreen, SHELVES_MAX, Shelves},
    site::{
        BadFiles, BadSite, Files, Level, Media, PagePath, Palette, SITE_FILES_MAX,
        SITE_MARKDOWN_MAX, SITE_MAX, SITE_PAGE_MAX, Site, SiteChannel, SiteFile, Theme, Typeface,
        check_site_torrent, page_place, site_torrent,
    },
    standing::{Accepted, Contradiction, Freshness, Refused, Standing, Unreadable},
    withdrawal::withdrawal_of,
};
pub use crate::cbor::{BadCbor, BadShape};
