//! How does a signed catalogue reach us, stay alive and get published without a server?
//!
//! What is accepted and what a channel's bytes mean is decided in `catalogue`; here it is carried out: items are asked
//! for and put into the DHT, torrents fetched and seeded, files written so that they outlive a power cut.
//!
//! | module | question |
//! |---|---|
//! | `seed`, `lock` | which keys does a publisher have, and who may use them? |
//! | `own` | what does a publisher have on disk? |
//! | `publish` | how do changes become a version that others find? |
//! | `folder`, `durable` | what is kept of a channel, and how safely? |
//! | `resolve`, `fetch`, `follow` | how does a channel reach us? |
//! | `newer` | what if a newer version is told of meanwhile? |
//! | `mirrors` | which web servers do its torrents come from? |
//! | `bundle` | how does it come in one file? |
//! | `import` | how do its titles get into the library? |
//! | `moving` | what happens when its publisher hands it over to another key? |
//! | `name_swarm`, `conversation` | how do followers tell each other news? |
//! | `packs` | where do pictures and subtitles come from? |
//! | `subscriptions`, `publisher` | what can the rest of the program ask for? |
//! | `directories`, `vouching` | who vouches for it? |
//! | `turns` | whose turn is it with a channel's files? |
//! | `keeping` | when is something put again, or asked for? |
//! | `memory`, `tending` | how long do the nodes of the DHT remember it? |
//! | `clock` | what time is it? |
//! | `looks` | does somebody look at it? |
//! | `sites` | how do folders of pages do the same? |
//! | `keeper` | who does all that while the program runs? |

mod bundle;
mod clock;
mod conversation;
mod directories;
mod durable;
mod fetch;
mod folder;
mod follow;
mod import;
mod keeper;
mod keeping;
mod lock;
mod looks;
mod memory;
mod mirrors;
mod moving;
mod name_swarm;
mod newer;
mod outgrown;
mod own;
mod packs;
mod part;
mod publish;
mod publisher;
mod readers;
mod resolve;
mod room;
mod seed;
mod sites;
mod subscriptions;
mod tending;
mod turns;
mod vouching;

pub use crate::{
    bundle::{BundleError, bundle, key_of_bundle, take_in},
    directories::Recommended,
    fetch::FetchError,
    folder::{Channels, Folder, FolderError, Followed, MovedHere},
    follow::{FollowError, Stage, Update, catalogue},
    keeper::Keeper,
    keeping::{Keeping, Task},
    lock::{LockError, Locked},
    memory::{Errand, Memory, trial_item},
    mirrors::{Held, HeldTorrent},
    own::{
        Added, FilmAdded, IfThere, Known, ListAdded, ListTitle, NewChannel, Opening, Own, OwnEntry,
        OwnError, TakenBack, There, list_of_entries, marks, root_of,
    },
    packs::{PackError, Packs},
    publish::{PublishError, Published, publish, put},
    publisher::{Created, OwnChannel, Publisher, Vouching},
    resolve::Resolved,
    room::NoRoom,
    seed::{BadWords, Seed, word_list},
    sites::{
        GatherError, Making, OwnSite, PublishedSite, Refusals, SiteError, Unfit, Visited,
        forget_site, forgive_site, kept_site, open_kept_site, own_site, own_sites, publish_site,
        put_site, restore_site, share_site, stay, visit_site, word_for_site,
    },
    subscriptions::{Channel, State, Subscriptions},
    vouching::{NotVouched, Vouched},
};
