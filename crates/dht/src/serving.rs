//! What we answer, and how much of it: nobody gets more out of us than is good for third parties.
//!
//! A forged question makes us send to somebody who did not ask. So whoever did not prove its address gets
//! at most four times the bytes it sent, headers counted; an item that is longer goes out all the same, and so does a
//! count of peers (BEP 33), or nobody could ever read them, but all answers together stay below a rate that is no use to an attacker.

use std::net::SocketAddr;

use crate::{
    Dht, Family, Id, Item, News, Node, Output, Time,
    compact::address_len,
    guard::Verdict,
    krpc::{Answer, Body, Message, Port, Query, Refusal, Sample, Want, refusal},
};

/// How many times its own length an unproven question is answered with.
const AMPLIFICATION_MAX: usize = 4;
/// Bytes of any answer: fits an unfragmented packet everywhere.
const ANSWER_MAX: usize = 1400;
/// Bytes that a list of peers costs besides the peers.
const LIST_COST: usize = 10;
/// Seconds for which our sample of infohashes stays the same (BEP 51).
const SAMPLE_INTERVAL: u64 = 3600;

/// Bytes around every datagram (IP and UDP): they are sent as well, and make room for IPv6's longer addresses.
fn headers_len(family: Family) -> usize {
    match family {
        Family::V4 => 28,
        Family::V6 => 48,
    }
}

/// Who asks, over what, and how much may be said.
struct Asker {
    from: SocketAddr,
    family: Family,
    room: usize,
}

impl Dht {
    pub(crate) fn serve(
        &mut self,
        from: SocketAddr,
        len: usize,
        transaction: &[u8],
        (id, read_only): (Id, bool),
        query: Query,
        now: Time,
    ) {
        if !self.may_serve(from, now) || self.id(Family::of(from.ip())) == Some(id) {
            return;
        }
        let asker = self.asker(Node { id, addr: from }, len, now);
        match self.answer(&asker, query, now) {
            Ok(answer) => self.send_answer(&asker, transaction, answer, now),
            Err(why) => self.send_limited(from, refusal(transaction, why), now),
        }
        if !read_only && let Some(side) = self.side_mut(asker.family) {
            side.hear_of(Node { id, addr: from });
        }
    }

    /// A question that is none.
    pub(crate) fn refuse(&mut self, from: SocketAddr, transaction: &[u8], why: Refusal, now: Time) {
        if self.may_serve(from, now) {
            self.send_limited(from, refusal(transaction, why), now);
        }
    }

    fn may_serve(&mut self, from: SocketAddr, now: Time) -> bool {
        if self.config.read_only {
            return false;
        }
        let verdict = self.askers.hear(from, now);
        if verdict == Verdict::Blocked {
            self.tell(News::Blocked(from.ip()));
        }
        verdict == Verdict::Welcome
    }

    fn asker(&self, node: Node, len: usize, now: Time) -> Asker {
        let family = Family::of(node.addr.ip());
        let proven = self.side(family).is_some_and(|side| side.table.is_proven(&node, now));
        let around = headers_len(family);
        let unproven = (len + around) * AMPLIFICATION_MAX - around;
        let room = if proven { ANSWER_MAX } else { unproven.min(ANSWER_MAX) };
        Asker { from: node.addr, family, room }
    }

    fn answer(&mut self, asker: &Asker, query: Query, now: Time) -> Result<Answer, Refusal> {
        let own = self.id(asker.family).ok_or(Refusal::Protocol)?;
        let mut answer = Answer::new(own);
        match query {
            Query::Ping => {}
            Query::FindNode { target, want } => {
                self.add_nodes(&mut answer, asker, target, want, now);
            }
            Query::GetPeers { infohash, scrape, want } => {
                answer.token = Some(self.token(asker, now));
                self.add_nodes(&mut answer, asker, infohash, want, now);
                if scrape {
                    // Beside the nodes, or nobody new would find the way to those who count.
                    answer.census = Some(self.peers.census(&infohash, now));
                } else {
                    self.add_peers(&mut answer, asker, infohash, now);
                }
            }
            Query::Announce { infohash, port, seed, token } => {
                self.check_token(asker, &token, now)?;
                let port = match port {
                    Port::Implied => asker.from.port(),
                    Port::At(port) => port,
                };
                let peer = SocketAddr::new(asker.from.ip(), port);
                self.peers.announce(infohash, peer, seed, now);
            }
            Query::Get { target, seq, want } => {
                answer.token = Some(self.token(asker, now));
                self.add_item(&mut answer, target, seq);
                self.add_nodes(&mut answer, asker, target, want, now);
            }
            Query::Put { token, put } => {
                self.check_token(asker, &token, now)?;
                self.items.put(*put, asker.from.ip(), own, now)?;
            }
            Query::Sample { target, want } => {
                self.add_nodes(&mut answer, asker, target, want, now);
                self.add_sample(&mut answer, asker);
            }
        }
        Ok(answer)
    }

    fn token(&mut self, asker: &Asker, now: Time) -> Vec<u8> {
        self.tokens.give(asker.from.ip(), now, &mut self.random).to_vec()
    }

    fn check_token(&mut self, asker: &Asker, token: &[u8], now: Time) -> Result<(), Refusal> {
        let good = self.tokens.check(asker.from.ip(), token, now, &mut self.random);
        if good { Ok(()) } else { Err(Refusal::Protocol) }
    }

    /// The closest nodes, as many as there is room for.
    fn add_nodes(&self, answer: &mut Answer, asker: &Asker, target: Id, want: Want, now: Time) {
        for side in &self.sides {
            if !want.includes(side.family, asker.family) {
                continue;
            }
            let mut nodes = side.table.closest_good(&target, now);
            nodes.retain(|node| node.addr != asker.from);
            let each = 20 + address_len(side.family);
            nodes.truncate(self.room_left(answer, asker).saturating_sub(LIST_COST) / each);
            answer.set_nodes(side.family, nodes);
        }
    }

    fn add_peers(&mut self, answer: &mut Answer, asker: &Asker, infohash: Id, now: Time) {
        let each = address_len(asker.family) + 3;
        let most = self.room_left(answer, asker).saturating_sub(LIST_COST) / each;
        answer.peers = self.peers.some(&infohash, asker.family, most, now, &mut self.random);
    }

    fn add_item(&self, answer: &mut Answer, target: Id, has: Option<i64>) {
        let Some(item) = self.items.get(&target) else { return };
        answer.seq = item.seq();
        if has.is_some() && item.seq() <= has {
            return;
        }
        answer.value = Some(item.value().raw().to_vec());
        if let Item::Mutable(item) = item {
            answer.key = Some(*item.key());
            answer.signature = Some(*item.signature());
        }
    }

    fn add_sample(&self, answer: &mut Answer, asker: &Asker) {
        let total = self.peers.len() as u64;
        answer.sample = Some(Sample { keys: Vec::new(), total, interval: SAMPLE_INTERVAL });
        let most = self.room_left(answer, asker).saturating_sub(LIST_COST) / 20;
        let keys = self.peers.sample(self.upkeep.sample_from, most);
        answer.sample = Some(Sample { keys, total, interval: SAMPLE_INTERVAL });
    }

    fn room_left(&self, answer: &Answer, asker: &Asker) -> usize {
        let said = message(&[0; 4], asker, answer.clone()).write().len();
        asker.room.saturating_sub(said)
    }

    fn send_answer(&mut self, asker: &Asker, transaction: &[u8], answer: Answer, now: Time) {
        self.send_limited(asker.from, message(transaction, asker, answer).write(), now);
    }

    /// Sends if the limit on all answers allows it. Whoever asks much leaves room for those who ask little: a flood from many
    /// addresses would silence us else.
    fn send_limited(&mut self, to: SocketAddr, bytes: Vec<u8>, now: Time) {
        let may_be_sent = if self.askers.asked_little(to) {
            self.answering.take(bytes.len(), now)
        } else {
            self.answering.take_of_the_upper_half(bytes.len(), now)
        };
        if may_be_sent {
            self.outputs.push_back(Output::Send(to, bytes));
        }
    }
}

fn message(transaction: &[u8], asker: &Asker, answer: Answer) -> Message {
    Message {
        transaction: transaction.to_vec(),
        read_only: false,
        seen_as: Some(asker.from),
        body: Body::Answer(Box::new(answer)),
    }
}
