//! Meets the followers of a channel under its name, for as long as the program runs, and passes its news on.

use std::{net::SocketAddr, time::Duration};

use catalogue::channel::{Gossip as Words, Key, Standing, swarm_name};
use driver::{AddError, Meeting, Session};
use engine::{ConnId, Gossip};
use tokio::{
    sync::{broadcast, mpsc},
    task::AbortHandle,
    time::{Instant, sleep_until},
};
use torrent::{InfoHashes, PeerHint};

use crate::{
    conversation::{Conversation, Deed, have},
    folder::{Change, Folder, FolderError, News},
    follow::now_ms,
};

/// When nothing is to be passed on.
const FAR: Duration = Duration::from_secs(24 * 3600);

/// A newer version was accepted from a peer.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    pub(crate) key: Key,
    /// Who has it.
    pub(crate) peers: Vec<SocketAddr>,
}

/// Everything that goes on in one name's swarm.
struct NameSwarm {
    folder: Folder,
    meeting: Meeting,
    conversation: Conversation,
    standing: Standing,
    began: Instant,
    pushed: mpsc::UnboundedSender<Pushed>,
}

/// Somebody who takes part, until this is dropped or the session ends.
#[derive(Debug)]
pub(crate) struct Part(AbortHandle);

impl Drop for Part {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Meets the other followers. `chance` is any number, different for each of them.
pub(crate) fn take_part(
    session: &Session,
    folder: &Folder,
    peers: Vec<PeerHint>,
    chance: u64,
    pushed: mpsc::UnboundedSender<Pushed>,
) -> Part {
    let (session, folder) = (session.clone(), folder.clone());
    Part(tokio::spawn(talk(session, folder, peers, chance, pushed)).abort_handle())
}

async fn talk(
    session: Session,
    folder: Folder,
    peers: Vec<PeerHint>,
    chance: u64,
    pushed: mpsc::UnboundedSender<Pushed>,
) {
    let changes = folder.changes();
    let short = folder.key().short();
    let outcome = match NameSwarm::enter(&session, folder, peers, chance, pushed).await {
        Ok(swarm) => swarm.run(changes).await,
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        tracing::warn!(channel = %short, %error, "its followers are not met");
    }
}

/// Whoever looks for a channel that the DHT does not know asks where its followers meet, until this is dropped: that is
/// another place, at which others crowd if they hide the first.
pub(crate) struct Newcomer {
    session: Session,
    key: Key,
    _part: Part,
    is_over: bool,
}

impl Newcomer {
    pub(crate) fn enter(
        session: &Session,
        folder: &Folder,
        peers: &[PeerHint],
        chance: u64,
    ) -> Self {
        // What comes is in the folder when the DHT is asked again.
        let (pushed, _) = mpsc::unbounded_channel();
        let part = take_part(session, folder, peers.to_vec(), chance, pushed);
        Self { session: session.clone(), key: *folder.key(), _part: part, is_over: false }
    }

    /// Leaves, so that somebody else may enter.
    pub(crate) async fn leave(mut self) {
        self.is_over = true;
        leave(&self.session, &self.key).await;
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        if !self.is_over {
            let (session, key) = (self.session.clone(), self.key);
            tokio::spawn(async move { leave(&session, &key).await });
        }
    }
}

/// Leaves the swarm of a channel, if it was entered.
pub(crate) async fn leave(session: &Session, key: &Key) {
    if let Some(torrent) = session.find(&InfoHashes::V1(swarm_name(key))) {
        // Nothing of it is on disk.
        torrent.remove(false).await.ok();
    }
}

#[derive(Debug, thiserror::Error)]
enum SwarmError {
    #[error(transparent)]
    Add(#[from] AddError),
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl NameSwarm {
    async fn enter(
        session: &Session,
        folder: Folder,
        peers: Vec<PeerHint>,
        chance: u64,
        pushed: mpsc::UnboundedSender<Pushed>,
    ) -> Result<Self, SwarmError> {
        let standing = folder.standing()?;
        let name = swarm_name(folder.key());
        folder.note(&InfoHashes::V1(name));
        let meeting = session.meet(name, peers).await?;
        let conversation = Conversation::new(chance, Duration::ZERO);
        Ok(Self { folder, meeting, conversation, standing, began: Instant::now(), pushed })
    }

    async fn run(mut self, mut changes: broadcast::Receiver<Change>) -> Result<(), SwarmError> {
        loop {
            let due = self.conversation.next().unwrap_or(self.began.elapsed() + FAR);
            tokio::select! {
                gossip = self.meeting.next() => match gossip {
                    Some(gossip) => self.hear(gossip).await?,
                    None => return Ok(()),
                },
                change = changes.recv() => match change {
                    Ok(change) if change.key != *self.folder.key() => {}
                    Ok(Change { news: News::Items, .. }) => self.reload(false)?,
                    Ok(Change { news: News::Files, .. }) => self.reload(true)?,
                    // It was told from here.
                    Ok(Change { news: News::Newer(_), .. }) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => self.reload(true)?,
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                },
                () = sleep_until(self.began + due) => {}
            }
            let deeds = self.conversation.pass_on(self.began.elapsed(), &self.standing);
            self.carry_out(deeds);
        }
    }

    /// Somebody in this program learned, published or fetched something. Others hear of a version once they can have
    /// it from us.
    fn reload(&mut self, is_here: bool) -> Result<(), FolderError> {
        self.standing = self.folder.standing()?;
        if is_here {
            self.conversation.news(self.began.elapsed());
        }
        Ok(())
    }

    async fn hear(&mut self, gossip: Gossip) -> Result<(), FolderError> {
        let now = self.began.elapsed();
        match gossip {
            Gossip::Joined(conn, addr) => {
                let deeds = self.conversation.joined(now, conn, addr, &self.standing);
                self.carry_out(deeds);
            }
            Gossip::Left(conn) => self.conversation.left(conn),
            Gossip::Said(conn, words) => self.weigh(now, conn, &words).await?,
        }
        Ok(())
    }

    /// What is accepted is on disk before it is passed on or used.
    async fn weigh(
        &mut self,
        now: Duration,
        conn: ConnId,
        words: &[u8],
    ) -> Result<(), FolderError> {
        let before = have(&self.standing);
        let mut standing = self.standing.clone();
        let deeds = self.conversation.heard(now, now_ms(), conn, words, &mut standing);
        if standing != self.standing {
            let folder = self.folder.clone();
            let kept = tokio::task::spawn_blocking(move || folder.merge(&standing)).await;
            self.standing = kept.unwrap_or(Err(FolderError::Interrupted))?;
            let after = have(&self.standing);
            if after.seq > before.seq || after.rotation != before.rotation {
                let peers = self.conversation.who_has(&self.standing, conn);
                self.folder.tell_of_newer(&peers);
                // Whoever fetches versions has gone.
                self.pushed.send(Pushed { key: *self.folder.key(), peers }).ok();
            }
        }
        self.carry_out(deeds);
        Ok(())
    }

    fn carry_out(&self, deeds: Vec<Deed>) {
        for deed in deeds {
            match deed {
                Deed::Say(conn, words) => self.meeting.say(conn, Words::to_bytes(&words).into()),
                Deed::Ban(conn) => self.meeting.ban(conn),
                Deed::Warn(to) => self.warn(&to),
            }
        }
    }

    /// Somebody who has the root key names another successor than was promised: the channel stays where it is.
    fn warn(&self, to: &Key) {
        let short = self.folder.key().short();
        if self.folder.unpromised().is_some() {
            return;
        }
        tracing::warn!(channel = %short, to = %to.short(), "a handing over was refused: another key was promised");
        if let Err(error) = self.folder.set_unpromised(to) {
            tracing::warn!(channel = %short, %error, "that a handing over was refused is not noted");
        }
    }
}
