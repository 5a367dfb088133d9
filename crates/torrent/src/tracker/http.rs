//! Trackers over HTTP: the URL to get and the bencoded answer (BEP 3, 7, 23, 24, 48).

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use super::{
    Announce, Announced, BadAnswer, DEFAULT_INTERVAL, Event, Scraped, interval, shown, usable,
};
use crate::{
    Sha1Hash,
    bencode::{Document, Limits, Mode, Value},
    compact, percent,
};

/// Nesting and number of values in an answer: peers may be written as dictionaries.
const LIMITS: Limits = Limits { bytes: super::MAX_ANSWER, depth: 8, tokens: 100_000 };

/// Torrents that one scrape asks about.
pub const MAX_SCRAPED: usize = 64;

/// The URL of an announce: the tracker's own, which may have a query already, and what we tell it.
#[must_use]
pub fn announce_url(tracker: &str, announce: &Announce, tracker_id: Option<&[u8]>) -> String {
    let Announce { port, uploaded, downloaded, left, wanted, key, .. } = announce;
    let infohash = percent::encode(&announce.infohash.0, b"");
    let peer_id = percent::encode(&announce.peer_id, b"");
    let mut query = format!(
        "info_hash={infohash}&peer_id={peer_id}&port={port}&uploaded={uploaded}\
         &downloaded={downloaded}&left={left}&compact=1&numwant={wanted}&key={key:08X}"
    );
    match announce.event {
        Event::Regular => {}
        Event::Started => query.push_str("&event=started"),
        Event::Completed => query.push_str("&event=completed"),
        Event::Stopped => query.push_str("&event=stopped"),
    }
    if let Some(id) = tracker_id {
        query.push_str("&trackerid=");
        query.push_str(&percent::encode(id, b""));
    }
    with_query(tracker, &query)
}

/// The URL of a scrape: `announce` at the start of the last part of the path becomes `scrape`. `None` if the
/// tracker has no such part, which means that it cannot be asked.
#[must_use]
pub fn scrape_url(tracker: &str, torrents: &[Sha1Hash]) -> Option<String> {
    let path_end = tracker.find(['?', '#']).unwrap_or(tracker.len());
    let last = tracker[..path_end].rfind('/')? + 1;
    let rest = tracker[last..].strip_prefix("announce")?;
    let scrape = format!("{}scrape{rest}", &tracker[..last]);
    let hashes = torrents.iter().take(MAX_SCRAPED);
    let query: Vec<String> =
        hashes.map(|hash| format!("info_hash={}", percent::encode(&hash.0, b""))).collect();
    Some(with_query(&scrape, &query.join("&")))
}

/// Reads the answer to an announce.
///
/// # Errors
/// The tracker's refusal, or what is wrong with the answer.
pub fn parse_announce(body: &[u8]) -> Result<Announced, BadAnswer> {
    let document = Document::parse(body, Mode::Lenient, &LIMITS)?;
    let answer = accepted(&document)?;
    let seconds = |key: &[u8]| answer.get(key).and_then(|value| value.as_int());
    let every = interval(seconds(b"interval").unwrap_or(DEFAULT_INTERVAL));
    Ok(Announced {
        peers: peers(&answer),
        interval: every,
        min_interval: seconds(b"min interval").map(|least| interval(least).min(every)),
        seeders: count(&answer, b"complete"),
        leechers: count(&answer, b"incomplete"),
        external_ip: answer.get(b"external ip").and_then(|ip| address(ip.as_bytes()?)),
        tracker_id: answer
            .get(b"tracker id")
            .and_then(|id| id.as_bytes())
            .filter(|id| id.len() <= 256)
            .map(<[u8]>::to_vec),
        warning: answer.get(b"warning message").and_then(|text| text.as_bytes()).map(shown),
    })
}

/// Reads the answer to a scrape: what is known of each torrent.
///
/// # Errors
/// The tracker's refusal, or what is wrong with the answer.
pub fn parse_scrape(body: &[u8]) -> Result<BTreeMap<Sha1Hash, Scraped>, BadAnswer> {
    let document = Document::parse(body, Mode::Lenient, &LIMITS)?;
    let answer = accepted(&document)?;
    let files = answer.get(b"files").and_then(|files| files.as_dict());
    let files = files.ok_or(BadAnswer::Missing("files"))?;
    Ok(files
        .filter_map(|(hash, stats)| Some((Sha1Hash(hash.try_into().ok()?), scraped(&stats))))
        .collect())
}

fn scraped(stats: &Value<'_>) -> Scraped {
    let count = |key| count(stats, key).unwrap_or(0);
    Scraped {
        seeders: count(b"complete"),
        leechers: count(b"incomplete"),
        completed: count(b"downloaded"),
    }
}

fn accepted<'d>(document: &'d Document<'_>) -> Result<Value<'d>, BadAnswer> {
    let answer = document.root();
    answer.as_dict().ok_or(BadAnswer::Missing("answer"))?;
    match answer.get(b"failure reason").and_then(|reason| reason.as_bytes()) {
        Some(reason) => Err(BadAnswer::Refused(shown(reason))),
        None => Ok(answer),
    }
}

/// Peers in compact form, or as dictionaries with their address as text; host names are left out.
fn peers(answer: &Value<'_>) -> Vec<SocketAddr> {
    let compact =
        |key| answer.get(key).and_then(|peers: Value<'_>| peers.as_bytes()).unwrap_or_default();
    let listed = answer.get(b"peers").and_then(|peers| peers.as_list());
    let listed = listed.into_iter().flatten().filter_map(|peer| listed_peer(&peer));
    let v4 = compact::read_v4(compact(b"peers"));
    let v6 = compact::read_v6(compact(b"peers6"));
    usable(v4.chain(v6).chain(listed))
}

fn listed_peer(peer: &Value<'_>) -> Option<SocketAddr> {
    let ip: IpAddr = peer.get(b"ip")?.as_str()?.parse().ok()?;
    let port = u16::try_from(peer.get(b"port")?.as_int()?).ok()?;
    Some((ip, port).into())
}

fn count(dict: &Value<'_>, key: &[u8]) -> Option<u32> {
    u32::try_from(dict.get(key)?.as_int()?).ok()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// Puts a query behind what may be there already, before a fragment.
fn with_query(url: &str, query: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    let sign = match url.find('?') {
        None => "?",
        Some(at) if at + 1 == url.len() => "",
        Some(_) => "&",
    };
    format!("{url}{sign}{query}")
}
