//! Asking trackers, over HTTP (BEP 3, 7, 23) and UDP (BEP 15). Whom to ask and when is the engine's decision.

mod order;
mod questions;
#[cfg(test)]
mod tests;
mod udp;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use engine::{Announce, AnnounceEvent, AnnounceFault, Announced, SwarmSize};
use tokio::time::timeout;
use torrent::{
    Sha1Hash,
    tracker::{self, BadAnswer, http},
};

use self::udp::Udp;
pub(crate) use self::{order::Order, questions::Shared};
use crate::{
    http::{HttpClient, HttpFault, body},
    sockets::{SocketFault, Sockets},
};

/// Trackers that gave us an id to be repeated; more are not remembered.
const IDS_MAX: usize = 256;
/// How long an HTTP tracker has for the whole of its answer. The engine asks again after as long: one that lets bytes drip
/// must not hold a connection for every question.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Asks trackers.
pub(crate) struct Trackers {
    http: HttpClient,
    udp: Udp,
    /// Where we listen.
    port: u16,
    /// Tells trackers that we are the same although our address changed.
    key: u32,
    /// What a tracker wants to hear again, by its URL.
    ids: Mutex<BTreeMap<String, Vec<u8>>>,
    /// How long an answer over HTTP may take.
    patience: Duration,
}

impl Trackers {
    /// An asker that reaches local addresses only if `local` is set, and tells trackers `port`. Over UDP it asks from
    /// where the session listens, if it does.
    pub(crate) fn new(
        http: HttpClient,
        sockets: Sockets,
        local: bool,
        port: u16,
        shared: Option<Shared>,
    ) -> Self {
        let (udp, ids) = (Udp::new(sockets, local, shared), Mutex::default());
        Self { http, udp, port, key: udp::random(), ids, patience: ANSWER_MAX }
    }

    /// Asks one tracker.
    pub(crate) async fn announce(&self, what: &Announce) -> Result<Announced, AnnounceFault> {
        let told = self.told(what);
        let answer = match what.url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("udp") => {
                self.udp.announce(rest, &told).await?
            }
            _ => self.in_time(self.announce_http(&what.url, &told)).await?,
        };
        Ok(Announced {
            peers: answer.peers,
            interval: answer.interval,
            seeders: answer.seeders,
            leechers: answer.leechers,
            external_ip: answer.external_ip,
        })
    }

    /// Asks one tracker about torrents, as many as one question takes.
    pub(crate) async fn scrape(
        &self,
        url: &str,
        torrents: &[Sha1Hash],
    ) -> Result<Vec<(Sha1Hash, SwarmSize)>, AnnounceFault> {
        let answer: Vec<_> = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("udp") => {
                torrents.iter().copied().zip(self.udp.scrape(rest, torrents).await?).collect()
            }
            _ => self.in_time(self.scrape_http(url, torrents)).await?,
        };
        let counted = |tracker::Scraped { seeders, leechers, completed }| SwarmSize {
            seeds: seeders,
            leechers,
            completed: Some(completed),
        };
        Ok(answer.into_iter().map(|(name, answer)| (name, counted(answer))).collect())
    }

    async fn scrape_http(
        &self,
        url: &str,
        torrents: &[Sha1Hash],
    ) -> Result<Vec<(Sha1Hash, tracker::Scraped)>, AnnounceFault> {
        // A tracker without such an address cannot be asked.
        let asked = http::scrape_url(url, torrents).ok_or(AnnounceFault::Garbled)?;
        let answer = self.http.get(&asked, None).await?;
        if !answer.status().is_success() {
            return Err(AnnounceFault::Garbled);
        }
        match http::parse_scrape(&body(answer, tracker::MAX_ANSWER).await?) {
            Ok(answer) => Ok(answer.into_iter().collect()),
            Err(BadAnswer::Refused(why)) => Err(AnnounceFault::Refused(why)),
            Err(_) => Err(AnnounceFault::Garbled),
        }
    }

    fn told(&self, what: &Announce) -> tracker::Announce {
        tracker::Announce {
            infohash: what.infohash,
            peer_id: what.peer_id,
            port: self.port,
            uploaded: what.uploaded,
            downloaded: what.downloaded,
            left: what.left,
            event: match what.event {
                AnnounceEvent::Started => tracker::Event::Started,
                AnnounceEvent::Completed => tracker::Event::Completed,
                AnnounceEvent::Stopped => tracker::Event::Stopped,
                AnnounceEvent::Regular => tracker::Event::Regular,
            },
            wanted: what.wanted,
            key: self.key,
        }
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, AnnounceFault>>,
    ) -> Result<T, AnnounceFault> {
        timeout(self.patience, answer).await.unwrap_or(Err(AnnounceFault::NotReached))
    }

    async fn announce_http(
        &self,
        url: &str,
        told: &tracker::Announce,
    ) -> Result<tracker::Announced, AnnounceFault> {
        let id = self.ids().get(url).cloned();
        let asked = http::announce_url(url, told, id.as_deref());
        let answer = self.http.get(&asked, None).await?;
        // A refusal may come with any status; it is in the body either way.
        let refused = !answer.status().is_success();
        let answer = body(answer, tracker::MAX_ANSWER).await?;
        let answer = match http::parse_announce(&answer) {
            Err(BadAnswer::Refused(why)) => return Err(AnnounceFault::Refused(why)),
            Ok(answer) if !refused => answer,
            _ => return Err(AnnounceFault::Garbled),
        };
        self.remember(url, answer.tracker_id.as_deref());
        Ok(answer)
    }

    fn remember(&self, url: &str, id: Option<&[u8]>) {
        let mut ids = self.ids();
        if let Some(id) = id
            && (ids.len() < IDS_MAX || ids.contains_key(url))
        {
            ids.insert(url.to_owned(), id.to_vec());
        }
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<HttpFault> for AnnounceFault {
    fn from(why: HttpFault) -> Self {
        match why {
            HttpFault::Forbidden => Self::Forbidden,
            HttpFault::NotReached => Self::NotReached,
            HttpFault::TooLong => Self::Garbled,
        }
    }
}

impl From<SocketFault> for AnnounceFault {
    fn from(why: SocketFault) -> Self {
        match why {
            SocketFault::Forbidden => Self::Forbidden,
            SocketFault::NotReached(_) => Self::NotReached,
        }
    }
}
