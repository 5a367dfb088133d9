//! Own channels while the program runs: made, changed, published, from a page or from another part of the program.

use std::collections::BTreeSet;

use catalogue::{
    Catalogue, Id, LanguageTag, Multilingual, Title, Withdrawal,
    channel::{Directory, Domain, FilterEntry, Key, Kind, MirrorUrl, PackKind},
};
use driver::Session;
use library::{Library, LibraryError};

use crate::{
    folder::{Channels, Folder, FolderError},
    follow::{self, FollowError},
    import::{Heads, import},
    own::{
        Added, FilmAdded, IfThere, ListAdded, ListTitle, NewChannel, Opening, Own, OwnEntry,
        OwnError, TakenBack,
    },
    packs::sharing::{self, Holding},
    publish::{self, PublishError, Published},
    seed::Seed,
    turns::Turn,
};

/// The channels whose keys are on this machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Publisher {
    channels: Channels,
}

/// A channel that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its root key.
    pub key: Key,
    /// The 24 words that bring it back; they are shown once and belong on paper.
    pub words: String,
}

/// An own channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnChannel {
    /// Its root key.
    pub key: Key,
    /// What is published in it.
    pub kind: Kind,
    /// What it is called.
    pub name: Multilingual<300>,
    /// What it is about.
    pub about: Multilingual<4000, true>,
    /// Who publishes it.
    pub publisher: String,
    /// Where rights questions go.
    pub contact: Vec<String>,
    /// The version that was published last; 0 before the first.
    pub version: u64,
    /// When that version was signed, milliseconds since 1970.
    pub issued_ms: u64,
    /// Titles and episodes in that version; of a filter, its entries.
    pub records: u64,
    /// Titles that wait for the next version; of a filter, its entries.
    pub waiting_titles: usize,
    /// Withdrawals that wait for it.
    pub waiting_withdrawals: usize,
    /// Whether its secret is on this machine; else what needs it asks for its words.
    pub has_secret: bool,
    /// Whether its secret needs a passphrase.
    pub is_locked: bool,
    /// The version of its root.
    pub root_version: u64,
    /// The channels for which it vouches.
    pub vouches_for: usize,
    /// The domain that it claims.
    pub domain: Option<Domain>,
    /// Whether the version that was published last says so.
    pub is_domain_published: bool,
    /// When that domain vouched for it, milliseconds since 1970; nothing if it was not asked, or does not.
    pub vouched_ms: Option<u64>,
    /// Web servers that have a copy of it, each with whether the version that was published last names it.
    pub mirrors: Vec<(MirrorUrl, bool)>,
    /// Whether that version names one that is none any more.
    pub is_mirror_left: bool,
    /// Whether followers wait for a version of the key in force: the one before was replaced since the last publish.
    pub is_key_unpublished: bool,
    /// The key that it was handed over to.
    pub successor: Option<Key>,
}

/// For which channel a publisher vouches, and what is said of it. What is left out is taken from the channel itself, if
/// something of it is here.
#[derive(Debug, Clone)]
pub struct Vouching {
    /// Its root key.
    pub key: Key,
    /// What it is called.
    pub name: Option<Multilingual<300>>,
    /// What it is about.
    pub about: Option<Multilingual<1000, true>>,
    /// The languages of its films.
    pub languages: Vec<LanguageTag>,
}

impl Publisher {
    /// The own channels below a folder.
    #[must_use]
    pub fn new(channels: Channels) -> Self {
        Self { channels }
    }

    /// All of them, in the order of their keys.
    ///
    /// # Errors
    /// The disk refuses, or one is damaged.
    pub async fn list(&self) -> Result<Vec<OwnChannel>, OwnError> {
        let channels = self.channels.clone();
        blocking(move || {
            let own = channels.all()?.into_iter().filter(Folder::is_own);
            own.map(|folder| described(&Own::open(folder)?)).collect()
        })
        .await
    }

    /// One of them.
    ///
    /// # Errors
    /// It is not ours, or damaged.
    pub async fn get(&self, key: Key) -> Result<OwnChannel, OwnError> {
        self.with(key, |own| described(own)).await
    }

    /// Makes a channel and its keys. Nobody knows of it until it is published.
    ///
    /// # Errors
    /// No random numbers, or the disk refuses.
    pub async fn create(
        &self,
        new: NewChannel,
        passphrase: Option<String>,
    ) -> Result<Created, OwnError> {
        let channels = self.channels.clone();
        blocking(move || {
            let (own, seed) = Own::create(&channels, new, passphrase.as_deref())?;
            let words = seed.words().map_err(|_| OwnError::NoRandomness)?;
            Ok(Created { key: *own.folder().key(), words })
        })
        .await
    }

    /// What `pick` makes of the titles that wait for the next version, one after the other; and what is taken back with it.
    ///
    /// # Errors
    /// It is not ours, or damaged.
    pub async fn waiting<T: Send + 'static>(
        &self,
        key: Key,
        mut pick: impl FnMut(Title) -> Option<T> + Send + 'static,
    ) -> Result<(Vec<T>, Vec<Withdrawal>), OwnError> {
        self.with(key, move |own| {
            let mut picked = vec![];
            let withdrawn = own.waiting(|title| {
                picked.extend(pick(title));
                Ok::<_, OwnError>(())
            })?;
            Ok((picked, withdrawn))
        })
        .await
    }

    /// Keeps a picture or subtitle until a version is published whose titles name it by its hash, which is returned.
    /// It is given to others as it is here: pictures are made anew before.
    ///
    /// # Errors
    /// It is not ours, or the thing is empty or too large.
    pub async fn keep_thing(
        &self,
        key: Key,
        kind: PackKind,
        bytes: Vec<u8>,
    ) -> Result<[u8; 32], OwnError> {
        self.with(key, move |own| own.keep_thing(kind, &bytes)).await
    }

    /// Removes pictures and subtitles that no waiting title names: those with these hashes, or all of them.
    ///
    /// # Errors
    /// It is not ours, or damaged.
    pub async fn let_go(
        &self,
        key: Key,
        hashes: Option<BTreeSet<[u8; 32]>>,
    ) -> Result<(), OwnError> {
        self.with(key, move |own| own.let_go(hashes.as_ref())).await
    }

    /// As [`let_go`](Self::let_go), of all channels and all that waits: for a start, when nobody is on the way to name
    /// what waits.
    ///
    /// # Errors
    /// The disk refuses, or a channel is damaged.
    pub async fn clear(&self) -> Result<(), OwnError> {
        let channels = self.channels.clone();
        blocking(move || {
            let mut own = channels.all()?.into_iter().filter(Folder::is_own);
            own.try_for_each(|folder| Own::open(folder)?.let_go(None))
        })
        .await
    }

    /// Lets titles wait for the next version; one with a known id takes the place of the earlier one. Those that were
    /// taken back stay so.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn add(&self, key: Key, titles: Vec<Title>) -> Result<Added, OwnError> {
        self.with(key, move |own| own.add(titles)).await
    }

    /// Lets the title of a film wait for the next version, unless the film is in the channel already and nobody said what
    /// is meant then.
    ///
    /// # Errors
    /// It is not ours, the title to update is not in it or is a series, or the disk refuses.
    pub async fn add_film(
        &self,
        key: Key,
        title: Title,
        if_there: IfThere,
    ) -> Result<FilmAdded, OwnError> {
        self.with(key, move |own| own.add_film(title, if_there)).await
    }

    /// Undoes [`add_film`](Self::add_film): what waited before waits again, or nothing of that id does.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn put_back(
        &self,
        key: Key,
        id: &Id,
        before: Option<Box<Title>>,
    ) -> Result<(), OwnError> {
        let id = id.clone();
        self.with(key, move |own| own.put_back(&id, before)).await
    }

    /// Lets the titles of a list wait for the next version. One whose film is in the channel already describes that title
    /// anew, unless the list gives it an id of its own.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn add_list(&self, key: Key, listed: Vec<ListTitle>) -> Result<ListAdded, OwnError> {
        self.with(key, move |own| own.add_list(listed)).await
    }

    /// Lets entries of a filter wait for the next version, and keeps what they are about. Returns how many wait then.
    ///
    /// # Errors
    /// It is not ours, is no filter, or the disk refuses.
    pub async fn enter(&self, key: Key, entries: Vec<FilterEntry>) -> Result<usize, OwnError> {
        self.with(key, move |own| own.enter(&entries)).await
    }

    /// Takes entries of a filter off with the next version. Returns how many wait then.
    ///
    /// # Errors
    /// It is not ours, is no filter, or the disk refuses.
    pub async fn take_off(&self, key: Key, entries: Vec<FilterEntry>) -> Result<usize, OwnError> {
        self.with(key, move |own| own.take_off(&entries)).await
    }

    /// All entries of a filter, with what is known of them here.
    ///
    /// # Errors
    /// It is not ours, is no filter, or damaged.
    pub async fn entries(&self, key: Key) -> Result<Vec<OwnEntry>, OwnError> {
        self.with(key, |own| own.entries()).await
    }

    /// What was taken back and stays so.
    ///
    /// # Errors
    /// It is not ours, or damaged.
    pub async fn taken_back(&self, key: Key) -> Result<TakenBack, OwnError> {
        self.with(key, |own| own.taken_back()).await
    }

    /// Lets a title wait no longer. Returns whether it did.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn take_out_of_draft(&self, key: Key, id: &Id) -> Result<bool, OwnError> {
        let id = id.clone();
        self.with(key, move |own| own.take_out(&id)).await
    }

    /// Takes a title back with the next version, for ever.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn withdraw(&self, key: Key, withdrawal: Withdrawal) -> Result<(), OwnError> {
        self.with(key, move |own| own.withdraw(vec![withdrawal])).await
    }

    /// Signs what waits, seeds it and tells the network.
    ///
    /// # Errors
    /// Why not. If it was signed and is only not known to the network yet, whoever keeps the channels tells it later.
    pub async fn publish(
        &self,
        session: Option<&Session>,
        key: Key,
    ) -> Result<Published, PublishError> {
        let turn = self.channels.turn(key).await;
        let channels = self.channels.clone();
        let mut published = blocking_publish(move || publish::publish(&channels, key)).await?;
        drop::<Turn>(turn);
        if let Some(session) = session {
            published.copies = publish::put(session, &self.channels, key).await?;
        }
        Ok(published)
    }

    /// Replaces the key that signs versions; the next version tells followers.
    ///
    /// # Errors
    /// It is opened by something else, or the secret is not here.
    pub async fn rotate(&self, key: Key, opening: Opening) -> Result<(), OwnError> {
        self.with(key, move |own| own.replace_online_key(&opening)).await
    }

    /// Hands a channel over to its next root key, where all titles wait to be published. Returns that key.
    ///
    /// # Errors
    /// The passphrase is another one, it was handed over before, or the disk refuses.
    pub async fn hand_over(&self, key: Key, opening: Opening) -> Result<Key, OwnError> {
        let channels = self.channels.clone();
        let hand_over = move |own: &mut Own| {
            let next = own.hand_over(&channels, &opening)?;
            Ok(*next.folder().key())
        };
        self.with(key, hand_over).await
    }

    /// Locks a channel's secret with another passphrase; without one it lies open.
    ///
    /// # Errors
    /// The old passphrase is another one, or the disk refuses.
    pub async fn lock(
        &self,
        key: Key,
        opening: Opening,
        new: Option<String>,
    ) -> Result<(), OwnError> {
        self.with(key, move |own| own.lock(&opening, new.as_deref())).await
    }

    /// Takes a secret off this machine, whose words are proved to be on paper.
    ///
    /// # Errors
    /// The words are those of another one, the secret is not here, or the disk refuses.
    pub async fn remove_secret(&self, key: Key, words: Seed) -> Result<(), OwnError> {
        self.with(key, move |own| own.remove_secret(&words)).await
    }

    /// Makes the publisher's side of a channel again, whose newest version is here because it was followed. Its pictures
    /// and subtitles come as a whole then, while somebody has them; the next version names them, here or not. Whoever
    /// gives up waiting leaves it made or not made, and nothing in between.
    ///
    /// # Errors
    /// The words are those of another channel, no version is here, or the publisher's side is here already.
    pub async fn restore(
        &self,
        session: Option<&Session>,
        key: Key,
        seed: Seed,
        passphrase: Option<String>,
    ) -> Result<(), OwnError> {
        let turn = self.channels.turn(key).await;
        let channels = self.channels.clone();
        blocking(move || {
            let restored = Own::restore(&channels, key, &seed, passphrase.as_deref());
            drop::<Turn>(turn);
            restored.map(drop)
        })
        .await?;
        if let Some(session) = session {
            self.hold_packs(session, key).await;
        }
        Ok(())
    }

    /// A session that refuses now is asked again when a version is published.
    async fn hold_packs(&self, session: &Session, key: Key) {
        let folder = self.channels.folder(key);
        if let Err(error) = sharing::seed(session, &folder, Holding::All).await {
            tracing::warn!(channel = %key.short(), %error, "packs are not fetched");
        }
    }

    /// Vouches for a channel from the next version on. Returns for how many then.
    ///
    /// # Errors
    /// It is not ours, there is no room, or it has no name that is known here.
    pub async fn vouch(&self, key: Key, vouching: Vouching) -> Result<usize, OwnError> {
        let met = self.channels.folder(vouching.key);
        self.with(key, move |own| own.vouch(vouching, &met)).await
    }

    /// Vouches for a channel no longer, from the next version on. Says whether that was done before.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn vouch_no_more(&self, key: Key, channel: Key) -> Result<bool, OwnError> {
        self.with(key, move |own| own.vouch_no_more(&channel)).await
    }

    /// The channels for which it vouches.
    ///
    /// # Errors
    /// It is not ours, or damaged.
    pub async fn directory(&self, key: Key) -> Result<Directory, OwnError> {
        self.with(key, |own| own.directory()).await
    }

    /// Claims a domain from the next version on, or none.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn claim(&self, key: Key, domain: Option<Domain>) -> Result<(), OwnError> {
        self.with(key, move |own| own.set_domain(domain)).await
    }

    /// Takes the version that was published last into a library as a follower does: what changed, title by title.
    ///
    /// # Errors
    /// None was published, its files are damaged, or the library refuses.
    pub async fn show(&self, key: Key, library: &Library) -> Result<(), FollowError> {
        let turn = self.channels.turn(key).await;
        let (folder, library) = (self.channels.folder(key), library.clone());
        let work = move || {
            let here = folder.current_head().zip(folder.manifest());
            let (head, manifest) = here.ok_or(FollowError::Unknown)?;
            import(&folder, Heads::of(&head), &library, &manifest, || Ok(())).map(drop)
        };
        let done = tokio::task::spawn_blocking(work).await;
        drop::<Turn>(turn);
        done.unwrap_or(Err(FollowError::Library(LibraryError::Closed)))
    }

    /// Names a web server that has a copy of the channel, from the next version on.
    ///
    /// # Errors
    /// It is not ours, there are as many as there may be, or the disk refuses.
    pub async fn add_mirror(&self, key: Key, mirror: MirrorUrl) -> Result<(), OwnError> {
        self.with(key, move |own| own.add_mirror(mirror)).await
    }

    /// Names it no longer, from the next version on. Says whether it did before.
    ///
    /// # Errors
    /// It is not ours, or the disk refuses.
    pub async fn remove_mirror(&self, key: Key, mirror: MirrorUrl) -> Result<bool, OwnError> {
        self.with(key, move |own| own.remove_mirror(&mirror)).await
    }

    /// The titles of the version that was published last.
    ///
    /// # Errors
    /// None was published, or its files are damaged.
    pub async fn titles(&self, key: Key) -> Result<Catalogue, FollowError> {
        let folder = self.channels.folder(key);
        let done = tokio::task::spawn_blocking(move || follow::catalogue(&folder)).await;
        done.unwrap_or(Err(FollowError::Unknown))
    }

    /// Works on an own channel while nobody else does.
    async fn with<T: Send + 'static>(
        &self,
        key: Key,
        work: impl FnOnce(&mut Own) -> Result<T, OwnError> + Send + 'static,
    ) -> Result<T, OwnError> {
        let turn = self.channels.turn(key).await;
        let folder = self.channels.folder(key);
        let done = blocking(move || work(&mut Own::open(folder)?)).await;
        drop::<Turn>(turn);
        done
    }
}

fn described(own: &Own) -> Result<OwnChannel, OwnError> {
    let (folder, (waiting_titles, waiting_withdrawals)) = (own.folder(), own.count_waiting()?);
    let manifest = folder.manifest();
    let records = manifest.as_ref().and_then(|one| one.tally(own.kind().main_family()));
    let (standing, domain) = (folder.standing()?, own.domain().cloned());
    let (has_secret, is_locked) = own.secret_here()?;
    let published = manifest.as_ref().and_then(|one| one.domain.as_ref());
    let vouched = folder.vouched().filter(|one| Some(&*one.domain) == domain.as_deref());
    let told = manifest.as_ref().map(|one| &one.mirrors[..]).unwrap_or_default();
    let mirrors = own.mirrors().iter().map(|one| (one.clone(), told.contains(one))).collect();
    Ok(OwnChannel {
        key: *folder.key(),
        kind: own.kind(),
        name: own.names().clone(),
        about: own.about().clone(),
        publisher: (**own.publisher()).to_owned(),
        contact: own.contacts().to_vec(),
        version: manifest.as_ref().map_or(0, |one| one.version),
        issued_ms: manifest.as_ref().map_or(0, |one| one.issued_ms),
        records: records.map_or(0, |tally| tally.records),
        waiting_titles,
        waiting_withdrawals,
        has_secret,
        is_locked,
        root_version: standing.root().map_or(0, |root| root.version),
        vouches_for: own.directory()?.channels().len(),
        is_domain_published: published == domain.as_ref(),
        mirrors,
        is_mirror_left: told.iter().any(|one| !own.mirrors().contains(one)),
        domain,
        vouched_ms: vouched.map(|one| one.at_ms),
        // A head has no say any more once the key that signed it has none.
        is_key_unpublished: manifest.is_some() && standing.head_item().is_none(),
        successor: standing.rotation().map(|rotation| *rotation.new_key()),
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OwnError> + Send + 'static,
) -> Result<T, OwnError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(OwnError::Folder(FolderError::Interrupted)))
}

async fn blocking_publish<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PublishError> + Send + 'static,
) -> Result<T, PublishError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(PublishError::Folder(FolderError::Interrupted)))
}
