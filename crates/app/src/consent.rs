//! Consent to sharing: until somebody agreed there is no session, and so nobody who could be contacted.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::{
    cinema::Cinema,
    failure::Failure,
    http::problem::{Code, Problem},
    session,
};

/// The version of the text about sharing that the page shows.
pub const VERSION: u32 = 1;
/// How long leaving the swarms may take.
const LEAVE_PATIENCE: Duration = Duration::from_secs(8);
/// How long players may take to let go of a session that has ended, before a new one begins.
const LET_GO_PATIENCE: Duration = Duration::from_secs(5);
/// How often it is tried again meanwhile.
const LET_GO_EVERY: Duration = Duration::from_millis(50);

impl Cinema {
    /// Whether somebody agreed to sharing: on the page, to the text as it is now, or at the start.
    ///
    /// # Errors
    /// What the library says.
    pub async fn is_agreed(&self) -> Result<bool, Problem> {
        let consent = self.library(library::Library::consent).await?;
        Ok(self.fixed.consent || consent.is_some_and(|consent| consent.version == VERSION))
    }

    /// Meets peers if somebody agreed to it, and nobody if not.
    ///
    /// # Errors
    /// [`Code::PeersUnmet`] when peers cannot be met, or what the library says.
    pub async fn heed_consent(&self) -> Result<(), Problem> {
        if !self.is_agreed().await? {
            self.part().await;
            return Ok(());
        }
        let unmet = |failure: Failure| Problem::from(Code::PeersUnmet).detail(failure.message);
        self.meet().await.map_err(unmet)
    }

    /// Begins to meet peers.
    ///
    /// # Errors
    /// When a named port is taken or the folder of the records cannot be written.
    pub async fn meet(&self) -> Result<(), Failure> {
        let _alone = self.meeting.lock().await;
        if self.swarm.session().is_ok() {
            return Ok(());
        }
        let began = Instant::now();
        loop {
            let limits = self.limits();
            match session::start(&self.fixed, self.resume.clone(), limits).await {
                Ok(session) => {
                    self.swarm.open(session);
                    return Ok(());
                }
                // A player holds on to the last session until its connection has ended.
                Err(failure)
                    if failure.code == session::IN_USE && began.elapsed() < LET_GO_PATIENCE =>
                {
                    sleep(LET_GO_EVERY).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Leaves all swarms; what is on disk stays.
    pub async fn part(&self) {
        let _alone = self.meeting.lock().await;
        self.note_traffic().await;
        self.running.stop_all();
        self.playbacks.end_all();
        let Some(session) = self.swarm.close() else { return };
        if timeout(LEAVE_PATIENCE, session.shutdown()).await.is_err() {
            tracing::warn!("leaving the swarms took too long and was cut short");
        }
    }
}
