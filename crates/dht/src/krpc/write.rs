//! Writes messages, keys in the order of their bytes.

use torrent::bencode::Encoder;

use super::{Answer, Body, Message, Port, Put, Query, Refusal, Want};
use crate::{
    Id,
    compact::{write_address, write_nodes},
};

/// What we call ourselves: two letters and a version, as BEP 5's clients do.
const CLIENT: [u8; 4] = *b"KN\x00\x01";

impl Message {
    /// A query of ours.
    pub(crate) fn query(transaction: &[u8], read_only: bool, own: Id, query: Query) -> Self {
        let body = Body::Query(own, query);
        Self { transaction: transaction.to_vec(), read_only, seen_as: None, body }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Encoder::new();
        out.begin_dict();
        match &self.body {
            Body::Query(id, query) => write_query(&mut out, *id, query),
            Body::Fault(code) => write_fault(&mut out, *code, ""),
            Body::Answer(_) => {}
        }
        if let Some(addr) = self.seen_as {
            out.key("ip").bytes(write_address(addr));
        }
        match &self.body {
            Body::Query(_, query) => {
                out.key("q").bytes(query.method());
            }
            Body::Answer(answer) => write_answer(&mut out, answer),
            Body::Fault(_) => {}
        }
        if self.read_only {
            out.key("ro").int(1);
        }
        end(&mut out, &self.transaction, self.body.kind());
        out.finish()
    }
}

/// A refusal, in the form of a fault.
pub(crate) fn refusal(transaction: &[u8], why: Refusal) -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict();
    write_fault(&mut out, why.code(), why.words());
    end(&mut out, transaction, "e");
    out.finish()
}

fn end(out: &mut Encoder, transaction: &[u8], kind: &str) {
    out.key("t").bytes(transaction).key("v").bytes(CLIENT).key("y").bytes(kind).end();
}

impl Body {
    fn kind(&self) -> &'static str {
        match self {
            Self::Query(..) => "q",
            Self::Answer(_) => "r",
            Self::Fault(_) => "e",
        }
    }
}

impl Query {
    fn method(&self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::FindNode { .. } => "find_node",
            Self::GetPeers { .. } => "get_peers",
            Self::Announce { .. } => "announce_peer",
            Self::Get { .. } => "get",
            Self::Put { .. } => "put",
            Self::Sample { .. } => "sample_infohashes",
        }
    }
}

fn write_fault(out: &mut Encoder, code: i64, words: &str) {
    out.key("e").begin_list().int(code).bytes(words).end();
}

fn write_query(out: &mut Encoder, id: Id, query: &Query) {
    out.key("a").begin_dict();
    match query {
        Query::Ping => {
            out.key("id").bytes(id.0);
        }
        Query::FindNode { target, want } | Query::Sample { target, want } => {
            out.key("id").bytes(id.0).key("target").bytes(target.0);
            write_want(out, *want);
        }
        Query::GetPeers { infohash, scrape, want } => {
            out.key("id").bytes(id.0).key("info_hash").bytes(infohash.0);
            if *scrape {
                out.key("scrape").int(1);
            }
            write_want(out, *want);
        }
        Query::Announce { infohash, port, seed, token } => {
            write_announce(out, id, *infohash, (*port, *seed), token);
        }
        Query::Get { target, seq, want } => {
            out.key("id").bytes(id.0);
            if let Some(seq) = seq {
                out.key("seq").int(*seq);
            }
            out.key("target").bytes(target.0);
            write_want(out, *want);
        }
        Query::Put { token, put } => write_put(out, id, token, put),
    }
    out.end();
}

fn write_announce(out: &mut Encoder, id: Id, infohash: Id, peer: (Port, bool), token: &[u8]) {
    let (port, seed) = peer;
    let (implied, port) = match port {
        // The port counts for nodes that do not know the flag.
        Port::Implied => (1, 1),
        Port::At(port) => (0, port),
    };
    out.key("id").bytes(id.0).key("implied_port").int(implied).key("info_hash").bytes(infohash.0);
    out.key("port").int(port.into());
    if seed {
        out.key("seed").int(1);
    }
    out.key("token").bytes(token);
}

fn write_put(out: &mut Encoder, id: Id, token: &[u8], put: &Put) {
    if let Some(cas) = put.cas {
        out.key("cas").int(cas);
    }
    out.key("id").bytes(id.0);
    if let Some(signed) = &put.signed {
        out.key("k").bytes(signed.key);
        if !signed.salt.is_empty() {
            out.key("salt").bytes(&signed.salt);
        }
        out.key("seq").int(signed.seq).key("sig").bytes(signed.signature);
    }
    out.key("token").bytes(token).key("v").raw(&put.value);
}

fn write_want(out: &mut Encoder, want: Want) {
    if want == Want::default() {
        return;
    }
    out.key("want").begin_list();
    for (name, _) in [("n4", want.v4), ("n6", want.v6)].iter().filter(|(_, wanted)| *wanted) {
        out.bytes(name);
    }
    out.end();
}

fn write_answer(out: &mut Encoder, answer: &Answer) {
    out.key("r").begin_dict();
    if let Some(census) = &answer.census {
        out.key("BFpe").bytes(census.leechers.bytes()).key("BFsd").bytes(census.seeds.bytes());
    }
    out.key("id").bytes(answer.id.0);
    if let Some(sample) = &answer.sample {
        out.key("interval").int(i64::try_from(sample.interval).unwrap_or(i64::MAX));
    }
    if let Some(key) = &answer.key {
        out.key("k").bytes(key);
    }
    if !answer.nodes.is_empty() {
        out.key("nodes").bytes(write_nodes(&answer.nodes));
    }
    if !answer.nodes6.is_empty() {
        out.key("nodes6").bytes(write_nodes(&answer.nodes6));
    }
    if let Some(sample) = &answer.sample {
        out.key("num").int(i64::try_from(sample.total).unwrap_or(i64::MAX));
        let keys: Vec<u8> = sample.keys.iter().flat_map(|key| key.0).collect();
        out.key("samples").bytes(keys);
    }
    if let Some(seq) = answer.seq {
        out.key("seq").int(seq);
    }
    if let Some(signature) = &answer.signature {
        out.key("sig").bytes(signature);
    }
    if let Some(token) = &answer.token {
        out.key("token").bytes(token);
    }
    if let Some(value) = &answer.value {
        out.key("v").raw(value);
    }
    if !answer.peers.is_empty() {
        out.key("values").begin_list();
        for peer in &answer.peers {
            out.bytes(write_address(*peer));
        }
        out.end();
    }
    out.end();
}
