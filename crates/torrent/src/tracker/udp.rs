//! Trackers over UDP: packets out and in (BEP 15), with the URL's path for trackers that need it (BEP 41).

use super::{Announce, Announced, BadAnswer, Event, Scraped, interval, shown, usable};
use crate::{Sha1Hash, compact};

/// Torrents that one scrape asks about.
pub const MAX_SCRAPED: usize = 74;

/// What every connect packet starts with.
const PROTOCOL: u64 = 0x417_2710_1980;

const CONNECT: u32 = 0;
const ANNOUNCE: u32 = 1;
const SCRAPE: u32 = 2;
const ERROR: u32 = 3;

/// A tracker's packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// We may ask for a minute under this number.
    Connected {
        /// The connection's number.
        connection: u64,
    },
    /// To an announce.
    Announced(Announced),
    /// To a scrape, in the order of the question.
    Scraped(Vec<Scraped>),
}

/// Asks for a connection number. `transaction` is a random number that the answer repeats.
#[must_use]
pub fn connect(transaction: u32) -> [u8; 16] {
    let mut out = [0; 16];
    out[..8].copy_from_slice(&PROTOCOL.to_be_bytes());
    out[8..12].copy_from_slice(&CONNECT.to_be_bytes());
    out[12..].copy_from_slice(&transaction.to_be_bytes());
    out
}

/// Announces. `path_and_query` is that part of the tracker's URL, empty if it has none.
#[must_use]
pub fn announce(
    connection: u64,
    transaction: u32,
    announce: &Announce,
    path_and_query: &str,
) -> Vec<u8> {
    let mut out = head(connection, ANNOUNCE, transaction);
    out.extend_from_slice(&announce.infohash.0);
    out.extend_from_slice(&announce.peer_id);
    for count in [announce.downloaded, announce.left, announce.uploaded] {
        out.extend_from_slice(&count.to_be_bytes());
    }
    let event: u32 = match announce.event {
        Event::Regular => 0,
        Event::Completed => 1,
        Event::Started => 2,
        Event::Stopped => 3,
    };
    // The third is our address: 0 for the one that the packet comes from.
    for number in [event, 0, announce.key, announce.wanted] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    out.extend_from_slice(&announce.port.to_be_bytes());
    push_url_data(path_and_query, &mut out);
    out
}

/// Asks about torrents; no more than [`MAX_SCRAPED`] of them.
#[must_use]
pub fn scrape(connection: u64, transaction: u32, torrents: &[Sha1Hash]) -> Vec<u8> {
    let mut out = head(connection, SCRAPE, transaction);
    for torrent in torrents.iter().take(MAX_SCRAPED) {
        out.extend_from_slice(&torrent.0);
    }
    out
}

/// Whether bytes look like a tracker's packet: what else shares our sockets begins otherwise.
#[must_use]
pub fn is_likely(packet: &[u8]) -> bool {
    matches!(packet, [0, 0, 0, action, _, _, _, _, ..] if u32::from(*action) <= ERROR)
}

/// The number of the question that a packet says to answer.
#[must_use]
pub fn transaction(packet: &[u8]) -> Option<u32> {
    packet.get(4..)?.first_chunk().map(|id| u32::from_be_bytes(*id))
}

/// Reads a packet that answers `transaction`. `v6` says that it came over IPv6: addresses are of that family.
///
/// # Errors
/// The tracker's refusal, [`BadAnswer::Foreign`] for an answer to something else, or a packet that is too short.
pub fn parse(packet: &[u8], transaction: u32, v6: bool) -> Result<Answer, BadAnswer> {
    let short = BadAnswer::Short { found: packet.len() };
    let (head, body) = packet.split_first_chunk::<8>().ok_or(short.clone())?;
    let [a, b, c, d, id @ ..] = *head;
    if u32::from_be_bytes(id) != transaction {
        return Err(BadAnswer::Foreign);
    }
    match u32::from_be_bytes([a, b, c, d]) {
        CONNECT => {
            let connection = u64::from_be_bytes(*body.first_chunk().ok_or(short)?);
            Ok(Answer::Connected { connection })
        }
        ANNOUNCE => announced(body, v6).map(Answer::Announced).ok_or(short),
        SCRAPE => Ok(Answer::Scraped(body.as_chunks::<12>().0.iter().map(scraped).collect())),
        ERROR => Err(BadAnswer::Refused(shown(body))),
        _ => Err(BadAnswer::Foreign),
    }
}

fn announced(body: &[u8], v6: bool) -> Option<Announced> {
    let (numbers, peers) = body.split_first_chunk::<12>()?;
    let [every, leechers, seeders] = three(numbers);
    let peers = if v6 { usable(compact::read_v6(peers)) } else { usable(compact::read_v4(peers)) };
    Some(Announced {
        peers,
        interval: interval(i64::from(every)),
        seeders: Some(seeders),
        leechers: Some(leechers),
        ..Announced::default()
    })
}

fn scraped(numbers: &[u8; 12]) -> Scraped {
    let [seeders, completed, leechers] = three(numbers);
    Scraped { seeders, leechers, completed }
}

fn three(bytes: &[u8; 12]) -> [u32; 3] {
    let words = bytes.as_chunks::<4>().0;
    [0, 1, 2].map(|at| words.get(at).copied().map_or(0, u32::from_be_bytes))
}

fn head(connection: u64, action: u32, transaction: u32) -> Vec<u8> {
    let mut out = connection.to_be_bytes().to_vec();
    out.extend_from_slice(&action.to_be_bytes());
    out.extend_from_slice(&transaction.to_be_bytes());
    out
}

/// The path and query in parts of at most 255 bytes (BEP 41). A path that is longer than a packet has room for is left out.
fn push_url_data(path_and_query: &str, out: &mut Vec<u8>) {
    const URL_DATA: u8 = 2;
    if path_and_query.len() > 1024 {
        return;
    }
    for part in path_and_query.as_bytes().chunks(255) {
        out.extend([URL_DATA, u8::try_from(part.len()).unwrap_or(u8::MAX)]);
        out.extend_from_slice(part);
    }
}
