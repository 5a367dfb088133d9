//! News for the page: one stream of typed events.

use serde::Serialize;
use tokio::sync::broadcast;
use utoipa::ToSchema;

use crate::api::{card::Progress, downloads::Download, network::Network, play::PlaybackState};

/// How many events a slow page may lag behind before it misses some.
const BACKLOG: usize = 64;

/// Something the page may want to draw anew.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Somebody watched a bit more of an item.
    Progress {
        /// How far they are.
        progress: Progress,
    },
    /// A download went on, changed or began.
    Download {
        /// How it is now.
        download: Box<Download>,
    },
    /// A download is gone.
    DownloadRemoved {
        /// Which one.
        id: String,
    },
    /// How the whole machine is doing with peers, once a second while something moves.
    Network {
        /// The figures.
        network: Network,
    },
    /// How a playback is doing, once a second while it is watched.
    Playback {
        /// Which one.
        id: String,
        /// How it is.
        state: Box<PlaybackState>,
    },
    /// The settings were changed.
    Settings,
    /// Channels came, went, or went on.
    Channels,
    /// Titles, favourites, watched marks or blocks were changed.
    Library,
}

/// The events of this process.
#[derive(Debug, Clone)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Events {
    /// Tells whoever listens.
    pub fn tell(&self, event: Event) {
        // Nobody listening is not an error.
        drop(self.0.send(event));
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
