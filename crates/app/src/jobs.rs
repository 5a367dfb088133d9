//! What goes on beside the requests: figures once a second for a page that listens, limits on sharing, news of
//! a failing disk.

use std::time::Duration;

use engine::News;
use tokio::{sync::broadcast::error::RecvError, task::JoinSet, time::interval};

use crate::{
    api::{network::Network, play::PlaybackState},
    cinema::Cinema,
    events::Event,
};

/// How often the figures are told.
const FIGURES_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether enough was given.
const RATIO_EVERY: Duration = Duration::from_secs(60);

/// Starts all of it; dropping the set stops it.
#[must_use]
pub fn start(cinema: &Cinema) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(tell_figures(cinema.clone()));
    jobs.spawn(watch_ratio(cinema.clone()));
    jobs.spawn(watch_disk(cinema.clone()));
    jobs.spawn(go_on(cinema.clone()));
    jobs
}

/// What is on disk from earlier runs takes part again, then downloads go on.
async fn go_on(cinema: Cinema) {
    cinema.swarm.rejoin().await;
    cinema.run_downloads().await;
}

async fn tell_figures(cinema: Cinema) {
    let mut tick = interval(FIGURES_EVERY);
    let mut last = None;
    loop {
        tick.tick().await;
        if !cinema.events.heard() {
            continue;
        }
        let network = Network::of(&cinema).await;
        if last.as_ref() != Some(&network) {
            cinema.events.tell(Event::Network { network: network.clone() });
            last = Some(network);
        }
        for playback in cinema.playbacks.all() {
            let Ok(stats) = playback.torrent.stats().await else { continue };
            let state = Box::new(PlaybackState::new(&playback, &stats));
            cinema.events.tell(Event::Playback { id: playback.id.clone(), state });
        }
    }
}

/// A torrent that nobody watches, and that gave as much as the settings ask for, rests.
async fn watch_ratio(cinema: Cinema) {
    let mut tick = interval(RATIO_EVERY);
    loop {
        tick.tick().await;
        let Some(ratio_max) = cinema.settings.borrow().sharing.seed_ratio_max else { continue };
        let watched: Vec<_> =
            cinema.playbacks.all().iter().map(|playback| playback.torrent.id()).collect();
        for torrent in cinema.swarm.session().torrents() {
            let Ok(stats) = torrent.stats().await else { continue };
            let given_enough = stats.downloaded > 0
                && stats.uploaded as f64 >= ratio_max * stats.downloaded as f64;
            let fetching = stats.have_bytes < stats.wanted_bytes;
            if given_enough && !fetching && !watched.contains(&torrent.id()) {
                torrent.pause(true).await;
            }
        }
    }
}

/// A disk that does not take bytes pauses its torrent; its downloads say why.
async fn watch_disk(cinema: Cinema) {
    let mut news = cinema.swarm.session().news();
    loop {
        match news.recv().await {
            Ok(News::DiskFailed(id, fault)) => {
                let torrents = cinema.swarm.session().torrents();
                if let Some(torrent) = torrents.iter().find(|torrent| torrent.id() == id) {
                    cinema.fail_downloads(torrent, fault).await;
                }
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
