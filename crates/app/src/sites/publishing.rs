//! Own sites while the server runs: made, published from a folder, told to the network.

use std::{ops::ControlFlow, path::PathBuf};

use catalogue::channel::{BadFiles, Key, Kind, Level, MirrorUrl, SiteChannel};
use channels::{
    Created, GatherError, Making, NewChannel, Opening, OwnSite, PublishedSite, Publisher, Seed,
    SiteError,
};
use driver::Session;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Sender, error::TrySendError};
use utoipa::ToSchema;

use super::{Sites, household::problem};
use crate::{
    http::problem::{Code, Problem},
    restoring::Restore,
};

/// What is told while a site is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SiteNews {
    /// The folder is read.
    Reading {
        /// Files that were.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// What visitors get is written.
    Writing {
        /// Files that were.
        files: usize,
        /// How many there are.
        total: usize,
    },
    /// The version is signed, and the network is told.
    Telling,
}

impl From<Making> for SiteNews {
    fn from(making: Making) -> Self {
        match making {
            Making::Reading { files, bytes } => Self::Reading { files, bytes },
            Making::Writing { files, total } => Self::Writing { files, total },
        }
    }
}

/// A version that is out.
#[derive(Debug)]
pub struct PublishedHere {
    /// What was published.
    pub site: PublishedSite,
    /// Nodes of the DHT that know of it.
    pub copies: usize,
}

/// A site that is ours again.
pub(crate) struct RestoredHere {
    /// It.
    pub(crate) site: OwnSite,
    /// Whether the network was asked for its newest version.
    pub(crate) is_newest: bool,
}

/// Why none is.
#[derive(Debug)]
pub struct NotPublished {
    /// What happened.
    pub problem: Problem,
    /// The files to blame.
    pub refused: Vec<Refused>,
}

/// A file that a site cannot have, or what it has not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Refused {
    /// Its path below the folder; empty for the folder itself.
    path: String,
    /// `path`, `kind`, `link`, `special`, `script`, `large_page`, `large_text`, `no_text`, `no_entry`, `no_first_text`,
    /// `too_many`, `too_large`, `clash` or `unreadable`.
    code: &'static str,
    /// The same as a sentence.
    why: String,
}

impl From<Problem> for NotPublished {
    fn from(problem: Problem) -> Self {
        Self { problem, refused: vec![] }
    }
}

impl From<&SiteError> for NotPublished {
    fn from(error: &SiteError) -> Self {
        let refused = match error {
            SiteError::Gather(error) => refused(error),
            _ => vec![],
        };
        Self { problem: problem(error), refused }
    }
}

fn refused(error: &GatherError) -> Vec<Refused> {
    let of = |path: String, code, why: String| Refused { path, code, why };
    match error {
        GatherError::Unfit(refusals) => {
            let files = refusals.files.iter();
            files.map(|(path, why)| of(path.clone(), why.code(), why.to_string())).collect()
        }
        GatherError::Files { why, .. } => {
            let (path, code) = match why {
                BadFiles::NoEntry("index.md") => ("", "no_first_text"),
                BadFiles::NoEntry(_) => ("", "no_entry"),
                BadFiles::TooMany => ("", "too_many"),
                BadFiles::TooLarge => ("", "too_large"),
                BadFiles::LargePage(path) => (&**path, "large_page"),
                BadFiles::LargeText(path) => (&**path, "large_text"),
                BadFiles::NoText(path) => (&**path, "no_text"),
                BadFiles::Clash(path) => (&**path, "clash"),
            };
            vec![of(path.to_owned(), code, why.to_string())]
        }
        GatherError::Disk { path, source } => {
            vec![of(path.display().to_string(), "unreadable", source.to_string())]
        }
    }
}

impl Sites {
    /// The sites whose keys are on this machine, published or not.
    ///
    /// # Errors
    /// The disk refuses, or one is damaged.
    pub async fn own(&self) -> Result<Vec<OwnSite>, Problem> {
        let channels = self.channels().clone();
        let own = tokio::task::spawn_blocking(move || channels::own_sites(&channels)).await;
        own.map_err(|_| Code::Internal)?.map_err(|error| problem(&error))
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Code::NotOurs`], or it is damaged.
    pub async fn own_one(&self, key: Key) -> Result<OwnSite, Problem> {
        let channels = self.channels().clone();
        let own = tokio::task::spawn_blocking(move || channels::own_site(&channels, key)).await;
        own.map_err(|_| Code::Internal)?.map_err(|error| problem(&error))
    }

    /// Makes a site and its keys. Nobody knows of it until it is published.
    ///
    /// # Errors
    /// No random numbers, the disk refuses, or a command works on the sites.
    pub async fn create(
        &self,
        new: NewChannel,
        passphrase: Option<String>,
    ) -> Result<Created, Problem> {
        self.hold()?;
        let new = NewChannel { kind: Kind::Site, ..new };
        let created = Publisher::new(self.channels().clone()).create(new, passphrase).await;
        created.map_err(|error| Problem::from(&error))
    }

    /// Brings a site back from its words: the newest version that can be had, then its keys.
    ///
    /// # Errors
    /// It is ours already, no version of it is to be had, or the disk refuses.
    pub(crate) async fn restore(
        &self,
        session: Result<Session, Problem>,
        restore: Restore,
    ) -> Result<RestoredHere, Problem> {
        self.hold()?;
        let Restore { seed, address, passphrase, patience } = restore;
        let key = address.key;
        if self.channels().folder(key).is_own() {
            return Err(Problem::from(&channels::OwnError::AlreadyHere));
        }
        let newest = self.newest(&session, &address, patience).await?;
        let restored = channels::restore_site(self.channels(), key, seed, passphrase).await;
        let site = restored.map_err(|error| problem(&error))?;
        if let Ok(session) = session {
            self.keep(&session, key);
        }
        Ok(RestoredHere { site, is_newest: newest.is_of_network })
    }

    /// Replaces the key that signs its versions.
    ///
    /// # Errors
    /// It is not ours, the passphrase is another one, or the disk refuses.
    pub async fn rotate(&self, key: Key, opening: Opening) -> Result<OwnSite, Problem> {
        self.hold()?;
        let rotated = Publisher::new(self.channels().clone()).rotate(key, opening).await;
        rotated.map_err(|error| Problem::from(&error))?;
        self.own_one(key).await
    }

    /// Locks its secret with another passphrase; without one it lies open.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    pub async fn lock(
        &self,
        key: Key,
        opening: Opening,
        new: Option<String>,
    ) -> Result<OwnSite, Problem> {
        self.hold()?;
        let locked = Publisher::new(self.channels().clone()).lock(key, opening, new).await;
        locked.map_err(|error| Problem::from(&error))?;
        self.own_one(key).await
    }

    /// Names a web server that has a copy of it, from the next version on.
    ///
    /// # Errors
    /// It is not ours, there are as many as there may be, or the disk refuses.
    pub async fn add_mirror(&self, key: Key, mirror: MirrorUrl) -> Result<OwnSite, Problem> {
        self.hold()?;
        let added = Publisher::new(self.channels().clone()).add_mirror(key, mirror).await;
        added.map_err(|error| Problem::from(&error))?;
        self.own_one(key).await
    }

    /// Names it no longer, from the next version on.
    ///
    /// # Errors
    /// [`Code::MirrorUnknown`], it is not ours, or the disk refuses.
    pub async fn remove_mirror(&self, key: Key, mirror: MirrorUrl) -> Result<OwnSite, Problem> {
        self.hold()?;
        let removed = Publisher::new(self.channels().clone()).remove_mirror(key, mirror).await;
        if !removed.map_err(|error| Problem::from(&error))? {
            return Err(Code::MirrorUnknown.into());
        }
        self.own_one(key).await
    }

    /// Hands a site over to its next root key; what comes next is published there.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate), or it was handed over before.
    pub async fn hand_over(&self, key: Key, opening: Opening) -> Result<OwnSite, Problem> {
        self.hold()?;
        let next = Publisher::new(self.channels().clone()).hand_over(key, opening).await;
        let next = next.map_err(|error| Problem::from(&error))?;
        if let Ok(here) = self.get(key) {
            self.renew(&here.visited);
        }
        self.own_one(next).await
    }

    /// Takes a site's secret off this machine, whose words are proved to be on paper.
    ///
    /// # Errors
    /// It is not ours, the words are those of another one, or the secret is not here.
    pub async fn remove_secret(&self, key: Key, words: Seed) -> Result<OwnSite, Problem> {
        self.hold()?;
        let removed = Publisher::new(self.channels().clone()).remove_secret(key, words).await;
        removed.map_err(|error| Problem::from(&error))?;
        self.own_one(key).await
    }

    /// Signs what is in a folder, shares it from now on and tells the network. Whoever stops listening before it is signed
    /// stops it, and there is no outcome then. With what the pages may do comes the word for the channel whose titles they
    /// may show.
    ///
    /// # Errors
    /// Why not; the last version is still the current one then.
    pub async fn publish(
        &self,
        session: &Session,
        key: Key,
        folder: PathBuf,
        (level, channel): (Level, Option<SiteChannel>),
        news: Sender<SiteNews>,
    ) -> Result<Option<PublishedHere>, NotPublished> {
        self.hold()?;
        let listener = news.clone();
        // Whoever listens slowly misses some of it, and holds nothing up.
        let tell = move |making: Making| match listener.try_send(making.into()) {
            Err(TrySendError::Closed(_)) => ControlFlow::Break(()),
            Ok(()) | Err(TrySendError::Full(_)) => ControlFlow::Continue(()),
        };
        let site = match channels::publish_site(self.channels(), key, folder, level, channel, tell)
            .await
        {
            Ok(site) => site,
            Err(SiteError::Stopped) => return Ok(None),
            Err(error) => return Err((&error).into()),
        };
        // It is signed, whoever listens.
        news.send(SiteNews::Telling).await.ok();
        self.show_in_browsers(&self.get(key)?.visited);
        let told = channels::put_site(session, self.channels(), key).await;
        self.keep(session, key);
        let copies = told.unwrap_or_else(|error| {
            tracing::warn!(%error, "nobody was told of the new version; whoever keeps it tries again");
            0
        });
        Ok(Some(PublishedHere { site, copies }))
    }
}
