//! A small tracker on loopback: who is in which swarm of the demo (BEP 3, BEP 23).

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use torrent::bencode::Encoder;

/// After how many seconds peers come back.
const INTERVAL_S: i64 = 60;
/// How long the seeds may take to announce themselves.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running tracker.
pub(super) struct Tracker {
    /// Where peers announce themselves.
    pub(super) url: String,
    known: watch::Receiver<usize>,
    accepting: JoinHandle<()>,
}

/// Who is in a swarm, and whether they have everything.
type Swarm = BTreeMap<SocketAddrV4, bool>;

/// Peers by infohash.
#[derive(Default)]
struct Swarms(Mutex<BTreeMap<Vec<u8>, Swarm>>);

impl Tracker {
    /// Listens on a free port of loopback.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/announce", listener.local_addr()?);
        let (count, known) = watch::channel(0);
        let accepting = tokio::spawn(accept(listener, count));
        Ok(Self { url, known, accepting })
    }

    /// Waits until so many announcements came in. Late ones only make the first film start later.
    pub(super) async fn hears_from(&self, announcements: usize) {
        let mut known = self.known.clone();
        let all = known.wait_for(|&count| count >= announcements);
        if timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("not every seed has announced itself yet");
        }
    }

    pub(super) fn stop(self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, count: watch::Sender<usize>) {
    let swarms = Arc::new(Swarms::default());
    let count = Arc::new(count);
    while let Ok((stream, from)) = listener.accept().await {
        let (swarms, count) = (Arc::clone(&swarms), Arc::clone(&count));
        tokio::spawn(async move { serve(stream, from, &swarms, &count).await });
    }
}

async fn serve(stream: TcpStream, from: SocketAddr, swarms: &Swarms, count: &watch::Sender<usize>) {
    let answer = service_fn(|request: Request<Incoming>| async move {
        let body = swarms.announce(request.uri().query().unwrap_or_default(), from);
        count.send_replace(swarms.members());
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(body))))
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await {
        tracing::debug!(%error, "a peer left the tracker early");
    }
}

impl Swarms {
    /// Notes who asks and answers with everybody else.
    fn announce(&self, query: &str, from: SocketAddr) -> Vec<u8> {
        let (Some(infohash), Some(port)) = (value(query, "info_hash"), port(query)) else {
            return refusal("info_hash and port are needed");
        };
        let SocketAddr::V4(from) = from else {
            return refusal("only IPv4 on loopback");
        };
        let asking = SocketAddrV4::new(*from.ip(), port);
        let mut swarms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let swarm = swarms.entry(infohash).or_default();
        if value(query, "event").as_deref() == Some(b"stopped") {
            swarm.remove(&asking);
        } else if port != 0 {
            swarm.insert(asking, value(query, "left").as_deref() == Some(b"0"));
        }
        answer(swarm, asking)
    }

    fn members(&self) -> usize {
        let swarms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        swarms.values().map(BTreeMap::len).sum()
    }
}

/// How many there are, and who, but for the one who asks.
fn answer(swarm: &Swarm, asking: SocketAddrV4) -> Vec<u8> {
    let seeds = swarm.values().filter(|is_seed| **is_seed).count();
    let others = swarm.keys().filter(|peer| **peer != asking);
    let compact: Vec<u8> = others
        .flat_map(|peer| [&peer.ip().octets()[..], &peer.port().to_be_bytes()].concat())
        .collect();
    let mut answer = Encoder::new();
    answer.begin_dict();
    answer.key("complete").int(seeds as i64);
    answer.key("incomplete").int((swarm.len() - seeds) as i64);
    answer.key("interval").int(INTERVAL_S);
    answer.key("peers").bytes(compact);
    answer.end();
    answer.finish()
}

fn refusal(why: &str) -> Vec<u8> {
    let mut answer = Encoder::new();
    answer.begin_dict().key("failure reason").bytes(why).end();
    answer.finish()
}

fn port(query: &str) -> Option<u16> {
    String::from_utf8(value(query, "port")?).ok()?.parse().ok()
}

fn value(query: &str, key: &str) -> Option<Vec<u8>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| *name == key);
    Some(percent_decode_str(found.next()?.1).collect())
}

#[cfg(test)]
mod tests {
    use super::Swarms;
    use torrent::tracker::http::parse_announce;

    #[test]
    fn peers_learn_of_each_other_and_not_of_themselves() {
        let swarms = Swarms::default();
        let announce = |port: u16, event: &str, left: u64| {
            let query = format!("info_hash=%01abc&port={port}&event={event}&left={left}");
            let body = swarms.announce(&query, "127.0.0.1:999".parse().unwrap());
            parse_announce(&body).unwrap()
        };
        let ask = |port, event| {
            let peers = announce(port, event, 1).peers;
            peers.into_iter().map(|peer| peer.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ask(1, "started"), [""; 0]);
        assert_eq!(ask(2, "started"), ["127.0.0.1:1"]);
        assert_eq!(ask(1, ""), ["127.0.0.1:2"]);
        let counted = announce(2, "completed", 0);
        assert_eq!((counted.seeders, counted.leechers), (Some(1), Some(1)));
        ask(2, "stopped");
        assert_eq!(ask(1, ""), [""; 0]);
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let body = Swarms::default().announce("port=x", "127.0.0.1:999".parse().unwrap());
        assert!(parse_announce(&body).is_err());
    }
}
