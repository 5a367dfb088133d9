//! Reads messages. Whatever is missing, too long or of the wrong kind is a typed refusal or noise.

use std::net::SocketAddr;

use torrent::bencode::{Document, Limits, Mode, Value};

use super::{
    Answer, BadMessage, Body, DATAGRAM_MAX, Message, NODES_MAX, PEERS_MAX, Port, Put, Query,
    Refusal, SAMPLES_MAX, Sample, Signed, TOKEN_MAX, TRANSACTION_MAX, Want,
};
use crate::{
    Family, Id,
    census::{Census, Filter},
    compact::{read_address, read_nodes},
};

/// A message is short and flat, but the value of an item may be any.
const LIMITS: Limits = Limits { bytes: DATAGRAM_MAX, depth: 20, tokens: 1200 };

impl Message {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BadMessage> {
        let document =
            Document::parse(bytes, Mode::Strict, &LIMITS).map_err(|_| BadMessage::Noise)?;
        read(document.root())
    }
}

fn read(root: Value<'_>) -> Result<Message, BadMessage> {
    let text = |key: &[u8]| root.get(key).and_then(|value| value.as_bytes());
    let transaction = text(b"t").filter(|t| t.len() <= TRANSACTION_MAX).ok_or(BadMessage::Noise)?;
    let body = match text(b"y") {
        Some(b"q") => query(root).map_err(|why| BadMessage::Query(transaction.to_vec(), why))?,
        Some(b"r") => Body::Answer(answer(root).ok_or(BadMessage::Noise)?),
        Some(b"e") => Body::Fault(fault(root).ok_or(BadMessage::Noise)?),
        _ => return Err(BadMessage::Noise),
    };
    Ok(Message {
        transaction: transaction.to_vec(),
        read_only: root.get(b"ro").and_then(|value| value.as_int()) == Some(1),
        seen_as: text(b"ip").and_then(read_address),
        body,
    })
}

fn fault(root: Value<'_>) -> Option<i64> {
    root.get(b"e")?.as_list()?.next()?.as_int()
}

fn query(root: Value<'_>) -> Result<Body, Refusal> {
    let Some(method) = root.get(b"q").and_then(|value| value.as_bytes()) else {
        return Err(Refusal::Protocol);
    };
    let arguments = Arguments(root.get(b"a").ok_or(Refusal::Protocol)?);
    let id = arguments.id(b"id")?;
    let query = match method {
        b"ping" => Query::Ping,
        b"find_node" => {
            Query::FindNode { target: arguments.id(b"target")?, want: arguments.want() }
        }
        b"get_peers" => Query::GetPeers {
            infohash: arguments.id(b"info_hash")?,
            scrape: arguments.int(b"scrape") == Some(1),
            want: arguments.want(),
        },
        b"announce_peer" => arguments.announce()?,
        b"get" => Query::Get {
            target: arguments.id(b"target")?,
            seq: arguments.int(b"seq"),
            want: arguments.want(),
        },
        b"put" => Query::Put { token: arguments.token()?, put: Box::new(arguments.put()?) },
        b"sample_infohashes" => {
            Query::Sample { target: arguments.id(b"target")?, want: arguments.want() }
        }
        _ => return Err(Refusal::UnknownMethod),
    };
    Ok(Body::Query(id, query))
}

/// The dictionary that a query or an answer carries.
#[derive(Clone, Copy)]
struct Arguments<'d>(Value<'d>);

impl<'d> Arguments<'d> {
    fn bytes(self, key: &[u8]) -> Option<&'d [u8]> {
        self.0.get(key)?.as_bytes()
    }

    fn int(self, key: &[u8]) -> Option<i64> {
        self.0.get(key)?.as_int()
    }

    fn fixed<const N: usize>(self, key: &[u8]) -> Option<[u8; N]> {
        self.bytes(key)?.try_into().ok()
    }

    fn id(self, key: &[u8]) -> Result<Id, Refusal> {
        self.fixed(key).map(Id).ok_or(Refusal::Protocol)
    }

    fn token(self) -> Result<Vec<u8>, Refusal> {
        let token = self.bytes(b"token").filter(|token| token.len() <= TOKEN_MAX);
        token.map(<[u8]>::to_vec).ok_or(Refusal::Protocol)
    }

    fn want(self) -> Want {
        let mut want = Want::default();
        for named in self.0.get(b"want").and_then(|value| value.as_list()).into_iter().flatten() {
            match named.as_bytes() {
                Some(b"n4") => want.v4 = true,
                Some(b"n6") => want.v6 = true,
                _ => {}
            }
        }
        want
    }

    fn announce(self) -> Result<Query, Refusal> {
        let implied = self.int(b"implied_port").is_some_and(|flag| flag != 0);
        let port = match self.int(b"port").map(u16::try_from) {
            _ if implied => Port::Implied,
            Some(Ok(port)) if port != 0 => Port::At(port),
            _ => return Err(Refusal::Protocol),
        };
        let (infohash, token) = (self.id(b"info_hash")?, self.token()?);
        Ok(Query::Announce { infohash, port, seed: self.int(b"seed") == Some(1), token })
    }

    fn put(self) -> Result<Put, Refusal> {
        let value = self.0.get(b"v").ok_or(Refusal::Protocol)?.raw().to_vec();
        let signed = if self.0.get(b"k").is_some() { Some(self.signed()?) } else { None };
        Ok(Put { value, signed, cas: self.int(b"cas") })
    }

    fn signed(self) -> Result<Signed, Refusal> {
        Ok(Signed {
            key: self.fixed(b"k").ok_or(Refusal::Protocol)?,
            salt: self.bytes(b"salt").unwrap_or_default().to_vec(),
            seq: self.int(b"seq").ok_or(Refusal::Protocol)?,
            signature: self.fixed(b"sig").ok_or(Refusal::Signature)?,
        })
    }

    fn sample(self) -> Option<Sample> {
        let keys = self.bytes(b"samples")?.as_chunks::<20>().0;
        Some(Sample {
            keys: keys.iter().take(SAMPLES_MAX).map(|key| Id(*key)).collect(),
            total: self.int(b"num").and_then(|num| u64::try_from(num).ok()).unwrap_or(0),
            interval: self.int(b"interval").and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
        })
    }

    fn census(self) -> Option<Census> {
        let filter = |key| Filter::read(self.bytes(key)?);
        Some(Census { seeds: filter(b"BFsd")?, leechers: filter(b"BFpe")? })
    }

    fn nodes(self, key: &[u8], family: Family) -> Vec<crate::Node> {
        read_nodes(self.bytes(key).unwrap_or_default(), family, NODES_MAX)
    }

    fn peers(self) -> Vec<SocketAddr> {
        let values = self.0.get(b"values").and_then(|value| value.as_list());
        let addresses = values.into_iter().flatten().take(PEERS_MAX);
        addresses.filter_map(|value| read_address(value.as_bytes()?)).collect()
    }
}

fn answer(root: Value<'_>) -> Option<Box<Answer>> {
    let arguments = Arguments(root.get(b"r")?);
    Some(Box::new(Answer {
        id: arguments.id(b"id").ok()?,
        nodes: arguments.nodes(b"nodes", Family::V4),
        nodes6: arguments.nodes(b"nodes6", Family::V6),
        peers: arguments.peers(),
        token: arguments.token().ok(),
        value: arguments.0.get(b"v").map(|value| value.raw().to_vec()),
        key: arguments.fixed(b"k"),
        seq: arguments.int(b"seq"),
        signature: arguments.fixed(b"sig"),
        sample: arguments.sample(),
        census: arguments.census(),
    }))
}
