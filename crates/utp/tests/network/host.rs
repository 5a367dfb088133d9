//! A machine: an endpoint, a clock of its own, and programs that send and check bytes.

use std::{collections::BTreeMap, net::SocketAddr, sync::LazyLock};

use bytes::Bytes;
use utp::{ClosedWhy, Config, ConnId, Endpoint, Input, Limits, Output, Packet, Time};

/// Bytes given to an endpoint before it has sent them.
const AHEAD: u64 = 512 * 1024;

/// What one connection sends and receives.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) to_send: u64,
    pub(crate) given: u64,
    pub(crate) left: u64,
    pub(crate) received: u64,
    pub(crate) finished: bool,
    pub(crate) finishing: bool,
    pub(crate) closed: Option<ClosedWhy>,
    /// Bytes that its reader has not taken.
    pub(crate) untaken: usize,
}

/// A machine.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) endpoint: Endpoint,
    pub(crate) addr: SocketAddr,
    /// What its clock shows at the beginning, microseconds.
    pub(crate) clock: u64,
    /// How much faster than others its clock goes, millionths.
    pub(crate) drift: i64,
    pub(crate) talks: BTreeMap<ConnId, Talk>,
    /// What is sent on connections that others make.
    pub(crate) answer: u64,
    /// Whether readers take what comes at once.
    pub(crate) reads: bool,
    /// Whether a connection is ended when all is sent.
    pub(crate) finishes: bool,
}

impl Host {
    pub(crate) fn new(number: u8, clock: u64, drift: i64, limits: Limits) -> Self {
        let config = Config { seed: [number; 32], accepts: true, limits };
        Self {
            endpoint: Endpoint::new(config),
            addr: ([10, 0, 0, number], 6881).into(),
            clock,
            drift,
            talks: BTreeMap::new(),
            answer: 0,
            reads: true,
            finishes: true,
        }
    }

    /// What its clock shows.
    pub(crate) fn time(&self, now: u64) -> Time {
        let drifted = now as i64 / 1_000 * self.drift / 1_000;
        Time((self.clock + now).saturating_add_signed(drifted))
    }

    /// When its clock will have shown a time.
    pub(crate) fn when(&self, Time(time): Time, now: u64) -> u64 {
        let Time(shown) = self.time(now);
        // A clock that goes wrong by a little is looked at a little later.
        now + time.saturating_sub(shown) + time.saturating_sub(shown) / 1_000 + 1
    }

    pub(crate) fn handle(&mut self, now: u64, input: Input) {
        let time = self.time(now);
        self.endpoint.handle_input(time, input);
    }

    pub(crate) fn connect(&mut self, now: u64, id: ConnId, to: SocketAddr, bytes: u64) {
        self.talks.insert(id, Talk { to_send: bytes, ..Talk::default() });
        self.handle(now, Input::Connect(id, to));
    }

    /// Carries out what the endpoint asks; what is to be sent is returned.
    pub(crate) fn carry_out(&mut self, now: u64) -> Vec<(SocketAddr, Bytes)> {
        let mut datagrams = Vec::new();
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send(to, packet) => datagrams.push((to, encode(&packet))),
                Output::Connected(id) => self.go_on(now, id),
                Output::Accepted(id, _) => {
                    self.talks.insert(id, Talk { to_send: self.answer, ..Talk::default() });
                    self.go_on(now, id);
                }
                Output::Received(id, bytes) => self.receive(now, id, &bytes),
                Output::Sent(id, count) => {
                    self.talk(id).left += count as u64;
                    self.go_on(now, id);
                }
                Output::Finished(id) => self.talk(id).finished = true,
                Output::Closed(id, why) => {
                    let talk = self.talk(id);
                    assert!(talk.closed.replace(why).is_none(), "an end is told once");
                }
            }
        }
        datagrams
    }

    fn talk(&mut self, id: ConnId) -> &mut Talk {
        let talk = self.talks.get_mut(&id).expect("only of what is known");
        assert_eq!(talk.closed, None, "nothing is told of what is over");
        talk
    }

    /// Gives more bytes, or says that these were all.
    fn go_on(&mut self, now: u64, id: ConnId) {
        let finishes = self.finishes;
        let talk = self.talk(id);
        let len = (talk.to_send - talk.given)
            .min((talk.left + AHEAD).saturating_sub(talk.given))
            .min(20_000);
        let from = talk.given;
        talk.given += len;
        if len > 0 {
            self.handle(now, Input::Send(id, written(from, len)));
            self.go_on(now, id);
        } else if finishes
            && talk.given == talk.to_send
            && !std::mem::replace(&mut talk.finishing, true)
        {
            self.handle(now, Input::Finish(id));
        }
    }

    fn receive(&mut self, now: u64, id: ConnId, bytes: &[u8]) {
        let reads = self.reads;
        let talk = self.talk(id);
        assert!(!talk.finished, "nothing comes after the end");
        let expected = written(talk.received, bytes.len() as u64);
        assert!(expected == bytes, "other bytes than those at {}", talk.received);
        talk.received += bytes.len() as u64;
        talk.untaken += bytes.len();
        if reads {
            self.take(now, id);
        }
    }

    /// The reader takes what has come.
    pub(crate) fn take(&mut self, now: u64, id: ConnId) {
        let count = self.talks.get_mut(&id).map_or(0, |talk| std::mem::take(&mut talk.untaken));
        self.handle(now, Input::Took(id, count));
    }
}

/// A prime, so that no packet looks like another one of the same length.
const PERIOD: usize = 65_521;

static PATTERN: LazyLock<Bytes> = LazyLock::new(|| {
    let byte = |at: usize| (at as u64 % PERIOD as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
    (0..2 * PERIOD).map(|at| byte(at) as u8).collect()
});

/// What is sent from an offset on.
pub(crate) fn written(from: u64, len: u64) -> Bytes {
    let from = (from % PERIOD as u64) as usize;
    PATTERN.slice(from..from + len as usize)
}

fn encode(packet: &Packet) -> Bytes {
    let mut bytes = Vec::new();
    packet.encode(&mut bytes);
    bytes.into()
}
