//! What a command about channels works with: the data folder, the library in it, the channels in it.

use catalogue::channel::BadManifest;
use channels::{Channels, FetchError, FolderError, FollowError, LockError, OwnError, PublishError};
use library::{Library, LibraryError};

use super::{Shared, visit};
use crate::{
    cinema::channel_bytes,
    data_dir::DataDir,
    failure::{Exit, Failure},
    masters::Masters,
    petnames::Petnames,
};

/// An opened data folder; no other Kinora uses it meanwhile.
pub(super) struct Household {
    pub(super) data: DataDir,
    pub(super) library: Library,
    pub(super) channels: Channels,
}

impl Household {
    /// Opens the folder that the settings name.
    ///
    /// # Errors
    /// Exit code 4 when it cannot be used or another Kinora uses it.
    pub(super) fn open(shared: &Shared) -> Result<Self, Failure> {
        let config = shared.settings(&[])?;
        let data = DataDir::open(&config.data_dir()?)?;
        let library = Library::open(data.root()).map_err(|error| of_library(&error))?;
        let channels =
            Channels::open(&data.root().join("channels")).map_err(|error| of_folder(&error))?;
        let settings = library.settings().map_err(|error| of_library(&error))?;
        channels.allow(channel_bytes(&settings, &config.network()));
        Ok(Self { data, library, channels })
    }

    /// What this household calls channels.
    ///
    /// # Errors
    /// Exit code 4 when the file is damaged.
    pub(super) fn petnames(&self) -> Result<Petnames, Failure> {
        let path = self.data.petnames();
        Petnames::open(&path).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", path.display());
            let hint = "Bring the file back from a backup, or delete it.";
            Failure::new(Exit::Disk, "data_dir_denied", message, hint)
        })
    }

    /// The films that are published here.
    ///
    /// # Errors
    /// Exit code 4 when their folder cannot be made.
    pub(super) fn masters(&self) -> Result<Masters, Failure> {
        let path = self.data.masters();
        Masters::open(&path).map_err(|error| visit::denied(&path, &error))
    }
}

/// The library does not do what it should.
pub(super) fn of_library(error: &LibraryError) -> Failure {
    let code = match error {
        LibraryError::DiskFull { .. } => "disk_full",
        _ => "library_failed",
    };
    Failure::new(
        Exit::Disk,
        code,
        sentence(error),
        "Follow the advice, or name another --data-dir.",
    )
}

/// What is kept of a channel cannot be used.
pub(super) fn of_folder(error: &FolderError) -> Failure {
    let (code, hint) = match error {
        FolderError::Disk { .. } => ("disk_denied", "Check the data folder and its disk."),
        FolderError::Interrupted => ("interrupted", "Try again."),
        FolderError::Damaged { .. } => {
            ("channel_damaged", "Unfollow the channel and follow it again.")
        }
    };
    Failure::new(Exit::Disk, code, sentence(error), hint)
}

/// A channel cannot be followed.
pub(super) fn of_following(error: &FollowError) -> Failure {
    let found = |code, hint| Failure::new(Exit::NotFound, code, sentence(error), hint);
    match error {
        FollowError::NoDht => Failure::new(
            Exit::BadInput,
            "dht_off",
            sentence(error),
            "Leave out --no-dht, or name a node with --dht-bootstrap.",
        ),
        FollowError::NobodyThere => {
            found("dht_unreachable", "Check the connection, or name a node with --dht-bootstrap.")
        }
        FollowError::Unknown => found("channel_unknown", "Check the address, or try again later."),
        FollowError::NotFollowed | FollowError::NotMoved => {
            found("not_followed", "`kinora channels` lists those that are.")
        }
        FollowError::Fetch(error) => of_fetching(error),
        FollowError::Folder(error) => of_folder(error),
        FollowError::NoRoom(_) => Failure::new(
            Exit::Disk,
            "channels_full",
            sentence(error),
            "Raise the limit for channels in the settings of the page, or unfollow one.",
        ),
        FollowError::Library(error) => of_library(error),
        FollowError::Bad(_) | FollowError::WithdrawalsGone | FollowError::Refused => Failure::new(
            Exit::Refused,
            "channel_bad",
            sentence(error),
            "Tell its publisher. What was here before stays.",
        ),
    }
}

pub(super) fn of_fetching(error: &FetchError) -> Failure {
    let (exit, code, hint) = match error {
        FetchError::Nobody => (
            Exit::NotFound,
            "channel_unreachable",
            "Try again when its publisher or somebody else who has it is online.",
        ),
        FetchError::Folder(error) => return of_folder(error),
        FetchError::Torrent(_) | FetchError::Add(_) => {
            (Exit::Disk, "torrent_failed", "Check the data folder and its disk.")
        }
        FetchError::Manifest(BadManifest::NotFollowed) => (
            Exit::Refused,
            "channel_other_kind",
            "If it is a site, open it with `kinora site open`.",
        ),
        FetchError::NotAHead(_)
        | FetchError::OtherManifest
        | FetchError::Manifest(_)
        | FetchError::OtherSigner => (Exit::Refused, "channel_bad", "Tell its publisher."),
    };
    Failure::new(exit, code, sentence(error), hint)
}

/// An own channel cannot be used.
pub(super) fn of_own(error: &OwnError) -> Failure {
    let (exit, code, hint) = match error {
        OwnError::Folder(error) => return of_folder(error),
        OwnError::Lock(LockError::PassphraseNeeded | LockError::WrongPassphrase) => {
            (Exit::BadInput, "passphrase", "Give the file that holds it with --passphrase-file.")
        }
        OwnError::Lock(_) | OwnError::Damaged { .. } => {
            (Exit::Disk, "channel_damaged", "Bring it back from a backup.")
        }
        OwnError::AlreadyHere => {
            (Exit::BadInput, "already_here", "Publish from here; nothing needs to be restored.")
        }
        OwnError::OtherWords => {
            (Exit::BadInput, "other_words", "Check the address, or take the paper of this channel.")
        }
        OwnError::NothingHere => (
            Exit::NotFound,
            "channel_unreachable",
            "Try again when somebody who has it is online, without --no-dht.",
        ),
        OwnError::Itself | OwnError::Nameless | OwnError::Directory(_) => {
            (Exit::BadInput, "body_wrong", "Say --name, or choose another channel.")
        }
        OwnError::Mirrors => (
            Exit::BadInput,
            "mirror_bad",
            "Take one off with `kinora channel mirror --remove URL`.",
        ),
        OwnError::OtherKind => (
            Exit::BadInput,
            "channel_kind_wrong",
            "Name the other channel with --channel; `kinora channels` says what each is.",
        ),
        OwnError::HandedOver => {
            (Exit::Refused, "handed_over", "`kinora channels` lists the one of the new key.")
        }
        OwnError::NoSuchTitle => (
            Exit::NotFound,
            "title_unknown",
            "`kinora channel export` lists the titles with their ids.",
        ),
        OwnError::IsSeries => (
            Exit::BadInput,
            "title_is_series",
            "Import the series again, or add the film as one more title with --again.",
        ),
        OwnError::ThingSize => (Exit::BadInput, "too_large", "Take a smaller picture or subtitle."),
        OwnError::ThingGone => (Exit::NotFound, "file_unknown", "Add the title again."),
        OwnError::SecretAway => (
            Exit::BadInput,
            "secret_away",
            "Give the file that holds its 24 words with --words-file.",
        ),
        OwnError::NotOurs => (Exit::NotFound, "not_ours", "`kinora channel create` makes one."),
        OwnError::NoRandomness => (Exit::NotFound, "no_randomness", "Restart the machine."),
    };
    Failure::new(exit, code, sentence(error), hint)
}

/// A version cannot be published.
pub(super) fn of_publishing(error: &PublishError) -> Failure {
    match error {
        PublishError::Own(error) => of_own(error),
        PublishError::Folder(error) => of_folder(error),
        PublishError::Seed(error) => of_fetching(error),
        PublishError::NotAccepted => Failure::new(
            Exit::Refused,
            "not_newest",
            sentence(error),
            "Check this machine's clock, or publish from the other machine.",
        ),
        PublishError::Cannot(_) | PublishError::Torrent(_) => Failure::new(
            Exit::Disk,
            "channel_damaged",
            sentence(error),
            "Bring the channel's folder back from a backup.",
        ),
    }
}

/// An error as a sentence.
pub(super) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String =
        letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
