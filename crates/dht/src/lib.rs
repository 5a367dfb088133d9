//! Who in the world knows about this key?
//!
//! A node of the Mainline DHT for IPv4 and IPv6 (BEP 5, 32, 42, 43, 44, 46, 51). It does no I/O and reads
//! no clock: a driver feeds it [`Input`]s with the time they happened and carries out the [`Output`]s.
//!
//! | module | question |
//! |---|---|
//! | `krpc`, `compact`, `transactions` | what do nodes say, and whose answer is this? |
//! | `table`, `side`, `votes`, `snapshot`, `upkeep` | whom do we know, and who are we? |
//! | `search`, `walk`, `around`, `lookups`, `asking`, `follow`, `knock` | how do we get to a key, and what did we find? |
//! | `serving`, `token`, `peers`, `census`, `items`, `guard` | what do we keep for others, and how much of us may they use? |
//! | `id`, `reach`, `item` | what is close, who can be where, who signed what? |

mod around;
mod asking;
mod census;
mod compact;
mod config;
mod dht;
mod follow;
mod guard;
mod id;
mod input;
mod introduced;
mod item;
mod items;
mod knock;
mod krpc;
mod lookups;
mod node;
mod output;
mod peers;
mod random;
mod reach;
mod search;
mod serving;
mod side;
mod snapshot;
mod table;
mod time;
mod token;
mod transactions;
mod upkeep;
mod votes;
mod walk;

pub use ed25519_dalek::SigningKey;

#[doc(hidden)]
pub use crate::krpc::rewritten;
pub use crate::{
    config::{Config, Limits},
    dht::Dht,
    id::Id,
    input::{AnnouncedPort, Command, Input, LookupId, Wanted},
    item::{BadItem, Item, MutableItem, SALT_MAX, VALUE_MAX, Value, mutable_target},
    knock::Knock,
    node::{Family, Node},
    output::{DoneWhy, LookupStats, News, Output},
    time::Time,
};
