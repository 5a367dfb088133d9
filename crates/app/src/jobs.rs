//! What goes on beside the requests: figures once a second for a page that listens, limits on sharing, news of
//! a failing disk.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use driver::Session;
use engine::{ConnId, HangUpWhy, News, TorrentId};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinSet,
    time::{interval, sleep},
};

use crate::{
    api::{network::Network, play::PlaybackState},
    cinema::Cinema,
    events::Event,
    following::keep_channels,
    http::problem::Code,
    swarm::refused_by_disk,
};

/// How often the figures are told.
const FIGURES_EVERY: Duration = Duration::from_secs(1);
/// How often the timetable is looked at.
const CLOCK_EVERY: Duration = Duration::from_secs(20);
/// How often it is looked who shares on.
const REVIEW_EVERY: Duration = Duration::from_secs(60);

/// The library is copied so long after a start, so that a short visit costs nothing.
const BACKUP_AFTER: Duration = Duration::from_secs(600);
/// The last copy of the library is no older than this while the program runs.
const BACKUP_AGE: Duration = Duration::from_secs(24 * 3600);

/// Starts all of it; dropping the set stops it.
#[must_use]
pub fn start(cinema: &Cinema) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    cinema.resume_conversions();
    jobs.spawn(tell_figures(cinema.clone()));
    jobs.spawn(watch_sharing(cinema.clone()));
    jobs.spawn(keep_timetable(cinema.clone()));
    jobs.spawn(watch_news(cinema.clone()));
    jobs.spawn(go_on(cinema.clone()));
    jobs.spawn(keep_backup(cinema.clone()));
    jobs.spawn(keep_channels(cinema.clone()));
    jobs.spawn(keep_sites(cinema.clone()));
    jobs
}

/// Whenever somebody agreed to sharing: what is on disk from earlier runs takes part again, then downloads go on.
async fn go_on(cinema: Cinema) {
    let mut sessions = cinema.swarm.watch();
    loop {
        if sessions.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let running = async {
            if let Ok(session) = cinema.swarm.session() {
                cinema.masters.share_all(&session).await;
            }
            cinema.swarm.rejoin().await;
            review(&cinema).await;
            cinema.run_downloads().await;
        };
        tokio::select! {
            () = running => {}
            // Gone, or another one already.
            _ = sessions.changed() => cinema.running.stop_all(),
        }
    }
}

/// Sites that are here are given to others, in every session.
async fn keep_sites(cinema: Cinema) {
    let mut sessions = cinema.swarm.watch();
    loop {
        let Ok(session) = sessions.wait_for(Option::is_some).await.map(|session| session.clone())
        else {
            return;
        };
        let kept = session.map_or(Ok(()), |session| cinema.sites.keep_all(&session));
        if let Err(problem) = kept {
            tracing::warn!(
                code = problem.code,
                detail = problem.detail,
                "sites are not kept alive"
            );
        }
        // Gone, or another one already.
        let ended = sessions.changed().await;
        cinema.sites.rest();
        if ended.is_err() {
            return;
        }
    }
}

/// Keeps a copy of the library beside it: the one that is pointed at should the library be damaged one day.
async fn keep_backup(cinema: Cinema) {
    loop {
        sleep(BACKUP_AFTER).await;
        if let Err(problem) = cinema.library(|library| library.backup_if_older(BACKUP_AGE)).await {
            tracing::warn!(code = problem.code, detail = problem.detail, "no backup was made");
        }
    }
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

/// Looks again and again who shares on: time passes, and what was given grows.
async fn watch_sharing(cinema: Cinema) {
    let mut tick = interval(REVIEW_EVERY);
    loop {
        tick.tick().await;
        review(&cinema).await;
    }
}

/// Puts the limits of the hour into force.
async fn keep_timetable(cinema: Cinema) {
    if cinema.fixed.sharing.timetable.is_empty() {
        return;
    }
    let (mut tick, mut last) = (interval(CLOCK_EVERY), cinema.limits());
    loop {
        tick.tick().await;
        let limits = cinema.limits();
        if limits != last {
            cinema.keep_limits().await;
            last = limits;
        }
    }
}

async fn review(cinema: &Cinema) {
    if let Err(problem) = cinema.review_sharing().await {
        tracing::warn!(code = problem.code, "who shares on could not be decided");
    }
}

/// Listens to each session's news.
async fn watch_news(cinema: Cinema) {
    let mut sessions = cinema.swarm.watch();
    loop {
        let news = match sessions.wait_for(Option::is_some).await {
            Ok(session) => session.as_ref().map(Session::news),
            Err(_) => return,
        };
        let Some(news) = news else { continue };
        tokio::select! {
            () = hear(&cinema, news) => {}
            _ = sessions.changed() => {}
        }
    }
}

async fn hear(cinema: &Cinema, mut news: broadcast::Receiver<News>) {
    let mut callers = Callers::default();
    loop {
        match news.recv().await {
            Ok(News::DiskFailed(id, fault)) => paused(cinema, id, refused_by_disk(fault)).await,
            Ok(News::DescriptionRefused(id, _)) => paused(cinema, id, Code::TorrentBad).await,
            Ok(news) => {
                if let Some((id, who)) = callers.hear(&news) {
                    saw_copy(cinema, id, who);
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// A disk that does not take bytes pauses its torrent, and so does a torrent that contradicts itself: its downloads say why.
async fn paused(cinema: &Cinema, id: TorrentId, why: Code) {
    let torrents = cinema.swarm.torrents();
    if let Some(torrent) = torrents.iter().find(|torrent| torrent.id() == id) {
        cinema.fail_downloads(torrent, why).await;
    }
}

fn saw_copy(cinema: &Cinema, id: TorrentId, who: IpAddr) {
    let torrents = cinema.swarm.torrents();
    if let Some(torrent) = torrents.iter().find(|torrent| torrent.id() == id) {
        cinema.masters.saw_copy(&torrent.hashes(), who);
    }
}

/// Who is connected: whoever leaves because both have everything is a complete copy.
#[derive(Default)]
struct Callers(BTreeMap<ConnId, SocketAddr>);

impl Callers {
    fn hear(&mut self, news: &News) -> Option<(TorrentId, IpAddr)> {
        match news {
            News::PeerJoined(_, conn, from) => {
                self.0.insert(*conn, *from);
                None
            }
            News::PeerLeft(id, conn, why) => {
                let from = self.0.remove(conn)?;
                (*why == HangUpWhy::Useless).then(|| (*id, from.ip()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_leaves_because_both_have_everything_is_a_copy_and_nobody_else() {
        let (mut callers, torrent) = (Callers::default(), TorrentId(1));
        let from = |last| SocketAddr::from(([192, 0, 2, last], 6881));
        for (conn, last) in [(1, 1), (2, 2)] {
            assert_eq!(callers.hear(&News::PeerJoined(torrent, ConnId(conn), from(last))), None);
        }
        let left = |conn, why| News::PeerLeft(torrent, ConnId(conn), why);
        assert_eq!(callers.hear(&left(1, HangUpWhy::Lost)), None);
        assert_eq!(callers.hear(&left(2, HangUpWhy::Useless)), Some((torrent, from(2).ip())));
        assert_eq!(callers.hear(&left(2, HangUpWhy::Useless)), None, "it was not there any more");
    }
}
