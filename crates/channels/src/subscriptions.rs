//! Followed channels while the program runs: what a page or another part of the program asks of them.

use std::time::{Duration, Instant};

use catalogue::{
    Multilingual,
    channel::{Address, Freshness, Key, Kind},
};
use driver::Session;
use library::{FilterList, Languages, Library, LibraryError};

use crate::{
    directories::{self, Names, Recommended},
    folder::{Channels, Folder, FolderError, MovedHere},
    follow::{self, FollowError, Stage, Update, now_ms},
    moving,
    own::Own,
    room::Unfit,
    vouching::{self, NotVouched, Vouched},
};

/// The channels of a household. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    channels: Channels,
    library: Library,
}

/// A channel that is followed or our own, as it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its root key.
    pub key: Key,
    /// What is published in it.
    pub kind: Kind,
    /// Of a filter, what the library has of it.
    pub filter: Option<FilterList>,
    /// Its name; empty before a manifest is here, unless it is our own.
    pub name: Multilingual<300>,
    /// What it is about.
    pub about: Multilingual<4000, true>,
    /// Who publishes it.
    pub publisher: String,
    /// Where rights questions go.
    pub contact: Vec<String>,
    /// The version that is here; 0 if none is.
    pub version: u64,
    /// When that version was signed, milliseconds since 1970.
    pub issued_ms: u64,
    /// When somebody in the network last had what we have or something newer, milliseconds since 1970.
    pub last_seen_ms: Option<u64>,
    /// Its titles in the library.
    pub titles: u64,
    /// Whether it is followed.
    pub is_followed: bool,
    /// Whether it is our own.
    pub is_own: bool,
    /// How it is.
    pub state: State,
    /// Peers that its address named.
    pub peers: Vec<String>,
    /// Where it was followed before its publisher handed it over.
    pub moved: Option<MovedHere>,
    /// A key to which somebody with its root key wanted to hand it over, and that was not promised: that was refused.
    pub unpromised: Option<Key>,
    /// The domain that it claims.
    pub domain: Option<String>,
    /// When that domain vouched for it, milliseconds since 1970; nothing if it was not asked, or does not.
    pub vouched_ms: Option<u64>,
    /// Another channel that is followed or our own, and whose name looks nearly the same: somebody may take one for the other.
    pub resembles: Option<(Key, Multilingual<300>)>,
}

/// How a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No version is here yet.
    Empty,
    /// All is well.
    Fresh,
    /// News was promised and did not come.
    Frozen {
        /// The time of the last news, milliseconds since 1970.
        since_ms: u64,
    },
    /// Its newest version is not what its publisher signed: the one before stays.
    Refused,
    /// Followed channels may take no more of the disk: the version before its newest one stays.
    NoRoom,
    /// Its publisher signed two different things; updates stand still.
    Equivocated,
    /// What was accepted is not readable; updates are refused.
    Damaged,
    /// Its publisher goes on under another key.
    HandedOver {
        /// Which one.
        to: Key,
    },
}

impl Subscriptions {
    /// The channels below a folder, whose titles go into this library.
    #[must_use]
    pub fn new(channels: Channels, library: Library) -> Self {
        Self { channels, library }
    }

    /// Follows a channel from now on, and tells how far it is. Dropping the future ends the waiting; the channel stays
    /// followed if its first screen is here already.
    ///
    /// # Errors
    /// Why it is not here; it is not followed then, unless its first screen is here already.
    pub async fn follow(
        &self,
        session: &Session,
        address: &Address,
        patience: Duration,
        tell: impl Fn(Stage) + Send + Sync,
    ) -> Result<Update, FollowError> {
        follow::follow(session, &self.channels, &self.library, address, patience, &tell).await
    }

    /// Asks for news of a followed channel now, and takes it in.
    ///
    /// # Errors
    /// Why it could not be asked for or taken in; what was here stays.
    pub async fn refresh(
        &self,
        session: &Session,
        key: Key,
        patience: Duration,
        tell: impl Fn(Stage) + Send + Sync,
    ) -> Result<Update, FollowError> {
        let folder = self.channels.folder(key);
        if !folder.is_followed() {
            return Err(FollowError::NotFollowed);
        }
        follow::update(session, &folder, &self.library, patience, &tell).await
    }

    /// Goes on with a followed channel under the key to which its publisher handed it over: it is followed there, what
    /// people here did with its titles goes with them, and the old address is kept alive for others. Nothing changes
    /// before all of the new one is here.
    ///
    /// # Errors
    /// It was not handed over, or why the new one is not here.
    pub async fn move_on(
        &self,
        session: &Session,
        key: Key,
        patience: Duration,
        tell: impl Fn(Stage) + Send + Sync,
    ) -> Result<Update, FollowError> {
        moving::move_on(session, &self.channels, &self.library, key, patience, &tell).await
    }

    /// Takes updates of a followed channel again although its publisher signed two different things, because a person says
    /// so. What was accepted before stays: nothing older is taken for new.
    ///
    /// # Errors
    /// It is not followed, or the disk refuses.
    pub async fn forgive(&self, key: Key) -> Result<(), FollowError> {
        let folder = self.channels.folder(key);
        if !folder.is_followed() {
            return Err(FollowError::NotFollowed);
        }
        blocking(move || Ok(folder.forgive()?)).await
    }

    /// Ends following; what is being fetched is given up. Titles leave the library.
    ///
    /// # Errors
    /// It is not followed, or the disk refuses.
    pub async fn unfollow(&self, session: Option<&Session>, key: Key) -> Result<(), FollowError> {
        follow::unfollow(session, &self.channels, &self.library, &key).await
    }

    /// The channels that followed ones vouch for, those first for which most do. None of them is followed by that.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn recommended(&self) -> Result<Vec<Recommended>, FollowError> {
        let channels = self.channels.clone();
        blocking(move || Ok(directories::recommended(&channels)?)).await
    }

    /// Asks the domain that a channel claims whether it vouches for it.
    ///
    /// # Errors
    /// Why it does not, or why it cannot be asked.
    pub async fn ask_domain(&self, session: &Session, key: Key) -> Result<Vouched, NotVouched> {
        vouching::ask(session, &self.channels.folder(key)).await
    }

    /// Somebody looks at a channel: for a while it is asked for news every few minutes.
    pub fn looked_at(&self, key: Key) {
        self.channels.looks().at(key, Instant::now());
    }

    /// Somebody looks through all of them.
    pub fn looked_at_all(&self) {
        self.channels.looks().at_all(Instant::now());
    }

    /// Every channel that is followed or our own.
    ///
    /// # Errors
    /// The disk or the library refuses.
    pub async fn list(&self) -> Result<Vec<Channel>, FollowError> {
        let (channels, library) = (self.channels.clone(), self.library.clone());
        blocking(move || {
            let all = channels.all()?;
            let held = held(&library, &all)?;
            all.iter().map(|folder| described(folder, &held)).collect()
        })
        .await
    }

    /// One of them, or one that was followed until its publisher handed it over.
    ///
    /// # Errors
    /// The disk or the library refuses.
    pub async fn get(&self, key: Key) -> Result<Option<Channel>, FollowError> {
        let (folder, library) = (self.channels.folder(key), self.library.clone());
        let channels = self.channels.clone();
        if !folder.is_followed() && !folder.is_own() && folder.moved_to().is_none() {
            return Ok(None);
        }
        blocking(move || described(&folder, &held(&library, &channels.all()?)?).map(Some)).await
    }
}

/// What is here: how many titles of each source, which filters, and what channels call themselves.
struct Held {
    titles: Vec<(String, u64)>,
    filters: Vec<FilterList>,
    names: Names,
}

fn held(library: &Library, all: &[Folder]) -> Result<Held, LibraryError> {
    let languages = Languages::one("en");
    let sources = library.sources(&languages)?.into_iter();
    let titles = sources.map(|source| (source.id, source.titles)).collect();
    Ok(Held { titles, filters: library.filters(&languages)?, names: Names::of(all) })
}

fn described(folder: &Folder, held: &Held) -> Result<Channel, FollowError> {
    let key = *folder.key();
    let manifest = folder.manifest();
    let id = key.to_string();
    let titles = held.titles.iter().find(|(source, _)| *source == id);
    let titles = titles.map_or(0, |(_, count)| *count);
    let (version, issued_ms) = manifest.as_ref().map_or((0, 0), |one| (one.version, one.issued_ms));
    let followed = folder.followed()?.unwrap_or_default();
    let mut channel = Channel {
        key,
        kind: Kind::default(),
        filter: held.filters.iter().find(|filter| filter.id == id).cloned(),
        name: Multilingual::default(),
        about: Multilingual::default(),
        publisher: String::new(),
        contact: vec![],
        version,
        issued_ms,
        last_seen_ms: folder.last_seen(),
        titles,
        is_followed: folder.is_followed(),
        is_own: folder.is_own(),
        state: state(folder, version > 0)?,
        peers: followed.peers,
        moved: followed.moved,
        unpromised: folder.unpromised(),
        domain: None,
        vouched_ms: None,
        resembles: None,
    };
    if let Some(manifest) = manifest.or_else(|| folder.coming_manifest()) {
        channel.kind = manifest.kind;
        channel.contact = manifest.contact.iter().map(|one| (**one).to_owned()).collect();
        (channel.name, channel.about) = (manifest.name, manifest.about);
        channel.publisher = manifest.publisher.to_string();
        let domain = manifest.domain.as_deref().map(str::to_owned);
        let vouched = folder.vouched().filter(|one| Some(&one.domain) == domain.as_ref());
        (channel.domain, channel.vouched_ms) = (domain, vouched.map(|one| one.at_ms));
        channel.resembles = held.names.like(&key, &channel.name);
    } else if let Ok(own) = Own::open(folder.clone()) {
        // Nobody has a version yet, but its publisher has said what it is.
        (channel.kind, channel.contact) = (own.kind(), own.contacts().to_owned());
        (channel.name, channel.about) = (own.names().clone(), own.about().clone());
        channel.publisher = own.publisher().to_string();
    }
    Ok(channel)
}

fn state(folder: &Folder, is_here: bool) -> Result<State, FollowError> {
    let standing = match folder.standing() {
        Ok(standing) => standing,
        Err(FolderError::Damaged { .. }) => return Ok(State::Damaged),
        Err(error) => return Err(error.into()),
    };
    if let Some(rotation) = standing.rotation() {
        return Ok(State::HandedOver { to: *rotation.new_key() });
    }
    if standing.contradiction().is_some() {
        return Ok(State::Equivocated);
    }
    if standing.head().is_some_and(|head| folder.has_refused(&head.torrent)) {
        return Ok(State::Refused);
    }
    if has_no_room(folder) {
        return Ok(State::NoRoom);
    }
    Ok(match standing.freshness(now_ms()) {
        _ if !is_here => State::Empty,
        Freshness::Fresh => State::Fresh,
        Freshness::SilentSince(since_ms) => State::Frozen { since_ms },
    })
}

/// Whether a newer version is known than the one that is here, and may not come.
fn has_no_room(folder: &Folder) -> bool {
    let coming = folder.coming_manifest();
    let coming =
        coming.filter(|coming| folder.manifest().is_none_or(|now| now.version < coming.version));
    coming.is_some_and(|coming| matches!(folder.has_room_for(&coming), Err(Unfit::NoRoom(_))))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FollowError> + Send + 'static,
) -> Result<T, FollowError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(FollowError::Library(LibraryError::Closed)))
}
