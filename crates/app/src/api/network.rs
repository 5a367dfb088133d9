//! How this machine is doing with peers, and the stream of news.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use super::Problems;
use crate::{
    cinema::Cinema,
    events::Event,
    http::{extract::Json, listener::Endless, problem::Problem},
};

/// How often a silent stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How this machine is doing with peers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Network {
    /// Connected peers.
    peers: u32,
    /// Bytes per second.
    down_rate: u64,
    /// Bytes per second.
    up_rate: u64,
    /// Bytes given since the start.
    uploaded: u64,
    /// Bytes taken since the start.
    downloaded: u64,
    /// The port that peers connect to; 0 if there is none.
    listen_port: u16,
    /// Where the internet sees this machine, `HOST:PORT`, as far as others told it; empty behind a proxy.
    public_addresses: Vec<String>,
    /// Torrents that take part.
    torrents: usize,
}

/// How many take part in a swarm, as a tracker or the DHT counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SwarmSize {
    /// Peers that have everything.
    seeds: u32,
    /// Peers that do not.
    leechers: u32,
}

impl From<engine::SwarmSize> for SwarmSize {
    fn from(size: engine::SwarmSize) -> Self {
        Self { seeds: size.seeds, leechers: size.leechers }
    }
}

impl Network {
    pub(crate) async fn of(cinema: &Cinema) -> Self {
        let stats = cinema.swarm.stats().await;
        let public_addrs = cinema.swarm.public_addrs().await;
        Self {
            peers: stats.peers,
            down_rate: stats.down_rate,
            up_rate: stats.up_rate,
            uploaded: stats.uploaded,
            downloaded: stats.downloaded,
            listen_port: cinema.swarm.local_addrs().first().map_or(0, |address| address.port()),
            public_addresses: public_addrs.iter().map(ToString::to_string).collect(),
            torrents: cinema.swarm.torrents().len(),
        }
    }
}

/// How this machine is doing with peers.
#[utoipa::path(get, path = "/api/v1/network", tag = "network",
    responses((status = 200, body = Network), Problems))]
pub(super) async fn network(State(cinema): State<Cinema>) -> Json<Network> {
    Json(Network::of(&cinema).await)
}

/// News as they happen (`text/event-stream`): each `data:` line is one event.
#[utoipa::path(get, path = "/api/v1/events", tag = "network",
    responses((status = 200, body = Event, content_type = "text/event-stream"), Problems))]
pub(super) async fn events(State(cinema): State<Cinema>) -> Result<Response, Problem> {
    let first = Event::Network { network: Network::of(&cinema).await };
    let stream = news(&cinema, first);
    let mut response =
        Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.extensions_mut().insert(Endless);
    Ok(response)
}

/// A page that lags behind misses what it was too slow for and goes on with what is new. The stream ends when
/// the server stops.
fn news(
    cinema: &Cinema,
    first: Event,
) -> impl Stream<Item = Result<sse::Event, Infallible>> + use<> {
    let state = (cinema.events.listen(), cinema.stopping.subscribe(), Some(first));
    stream::unfold(state, |(mut listener, mut stopping, mut first)| async move {
        loop {
            let event = match first.take() {
                Some(event) => Ok(event),
                None => tokio::select! {
                    event = listener.recv() => event,
                    _ = stopping.wait_for(|stopping| *stopping) => return None,
                },
            };
            match event {
                Ok(event) => {
                    let data = serde_json::to_string(&event).unwrap_or_default();
                    let event = sse::Event::default().data(data);
                    return Some((Ok(event), (listener, stopping, None)));
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}
