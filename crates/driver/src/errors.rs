//! Why a session does not start, does not take a torrent, or does nothing any more.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why a session does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens there.
    #[error("{addr} is in use: stop the other program, or choose another port to listen on")]
    PortTaken {
        /// The address that was asked for.
        addr: SocketAddr,
    },
    /// Listening fails for another reason.
    #[error("listening on {addr} is not possible: {source}; choose an address of this machine")]
    Listen {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// What everything is to be bound to is not there.
    #[error("there is no network interface {name}: connect it first, or name another one")]
    Interface {
        /// Its name.
        name: String,
    },
    /// The list of addresses that are not to be met cannot be used.
    #[error("the IP filter {} cannot be used: {source}; name a list as eMule or PeerGuardian have them", path.display())]
    IpFilter {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The folder of the records cannot be used.
    #[error("the folder {} cannot be used: {source}; choose one that can be written", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another session uses the folder.
    #[error("{} is used by another Kinora: stop it, or choose another folder", path.display())]
    DataDirInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}; restart the machine")]
    Randomness(io::Error),
    /// The system gives no threads.
    #[error("the system gives no threads: {0}; stop other programs, or raise the limit")]
    Threads(io::Error),
}

/// Why a torrent is not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The root is no path that can be made absolute.
    #[error("the folder for the files is no usable path: choose another one")]
    Root,
    /// The session has ended.
    #[error(transparent)]
    Ended(#[from] Ended),
}

/// The session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session has ended: start Kinora again")]
pub struct Ended;
