//! Followed channels while the server runs: shared, kept alive, and their news taken in and told to the page.

use channels::{Keeper, Update};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{cinema::Cinema, events::Event};

/// Works whenever there is a session, that is: once somebody agreed to sharing.
pub(crate) async fn keep_channels(cinema: Cinema) {
    let mut sessions = cinema.swarm.watch();
    loop {
        let Ok(session) = sessions.wait_for(Option::is_some).await.map(|session| session.clone())
        else {
            return;
        };
        let Some(session) = session else { continue };
        let (keeper, updates) = cinema.keeper(session);
        tokio::select! {
            () = Keeper::run(keeper) => {}
            () = tell(&cinema, updates) => {}
            // Gone, or another one already.
            _ = sessions.changed() => {}
        }
    }
}

async fn tell(cinema: &Cinema, mut updates: UnboundedReceiver<Update>) {
    while let Some(update) = updates.recv().await {
        if update.is_new {
            cinema.events.tell(Event::Library);
        }
    }
}
