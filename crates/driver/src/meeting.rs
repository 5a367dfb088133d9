//! A meeting place: the swarm of a name, without content, whose peers exchange news.

use bytes::Bytes;
use engine::{ConnId, Gossip, Input};
use tokio::sync::mpsc;
use torrent::{InfoHashes, Magnet, PeerHint, Sha1Hash};

use crate::{
    carrier::Command,
    errors::AddError,
    session::{Add, Session, Source},
    torrents::{Torrent, TorrentError},
};

/// Words that wait to be heard. A peer's words are lost beyond it; whoever said them says them again.
const WORDS_MAX: usize = 1024;

/// A meeting place that we are in, until it is left.
#[derive(Debug)]
pub struct Meeting {
    torrent: Torrent,
    heard: mpsc::Receiver<Gossip>,
}

impl Session {
    /// Goes where those meet who know this name; these peers are asked first. Nothing is ever written to disk for it.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn meet(&self, name: Sha1Hash, peers: Vec<PeerHint>) -> Result<Meeting, AddError> {
        let mut magnet = Magnet::new(InfoHashes::V1(name));
        magnet.peers = peers;
        let add = Add {
            source: Source::Magnet(Box::new(magnet)),
            root: std::env::temp_dir(),
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: engine::Want::Nothing,
            recheck: false,
        };
        let torrent = self.add(add).await?;
        let (words, heard) = mpsc::channel(WORDS_MAX);
        self.command(Command::Meet(torrent.id(), words))?;
        Ok(Meeting { torrent, heard })
    }
}

impl Meeting {
    /// The next thing that happens; nothing once the session has ended.
    pub async fn next(&mut self) -> Option<Gossip> {
        self.heard.recv().await
    }

    /// Tells a peer something.
    pub fn say(&self, to: ConnId, words: Bytes) {
        self.torrent.tell(Input::Gossip(self.torrent.id(), to, words));
    }

    /// Bans a peer that told something no honest one would.
    pub fn ban(&self, who: ConnId) {
        self.torrent.tell(Input::Ban(self.torrent.id(), who));
    }

    /// Goes away.
    ///
    /// # Errors
    /// The session's records cannot be removed.
    pub async fn leave(self) -> Result<(), TorrentError> {
        self.torrent.remove(false).await
    }
}
