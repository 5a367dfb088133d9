//! How long a packet may be: known to be good, asked about, known to be too long (RFC 8899).
//!
//! A packet that asks carries no more than an ordinary one and is padded to the length in question. If it is
//! lost, what it carried is sent again in an ordinary packet: a path that swallows long packets costs a
//! retransmission and no connection.

/// What every path is expected to carry, bytes of a datagram: an IPv6 path must, and IPv4 paths do.
pub(crate) const DATAGRAM_MIN: usize = 1_200;
/// What Ethernet carries, without the headers of IP and UDP.
const DATAGRAM_MAX_V4: usize = 1_472;
const DATAGRAM_MAX_V6: usize = 1_452;
/// A gain that is not worth another question.
const NEAR: usize = 24;
/// Packets of one length that may be lost by chance.
const TRIES: u8 = 2;

#[derive(Debug)]
pub(crate) struct PathMtu {
    good: usize,
    max: usize,
    /// The length that is asked about next, and how often it was.
    question: usize,
    tries: u8,
    asking: bool,
}

impl PathMtu {
    pub(crate) fn new(is_v4: bool) -> Self {
        let max = if is_v4 { DATAGRAM_MAX_V4 } else { DATAGRAM_MAX_V6 };
        // Most paths carry what Ethernet does.
        Self { good: DATAGRAM_MIN, max, question: max, tries: 0, asking: false }
    }

    /// The length of an ordinary packet.
    pub(crate) fn good(&self) -> usize {
        self.good
    }

    /// Whether the next full packet is to ask.
    pub(crate) fn ask(&mut self) -> bool {
        let asks = !self.asking && self.max - self.good >= NEAR;
        self.asking |= asks;
        asks
    }

    /// The length that is being asked about.
    pub(crate) fn question(&self) -> usize {
        self.question
    }

    /// The packet that asked arrived.
    pub(crate) fn arrived(&mut self) {
        self.good = self.question;
        self.next();
    }

    /// The packet that asked did not.
    pub(crate) fn lost(&mut self) {
        self.tries += 1;
        self.asking = false;
        if self.tries >= TRIES {
            self.max = self.question - 1;
            self.next();
        }
    }

    fn next(&mut self) {
        self.question = self.good.midpoint(self.max + 1);
        (self.tries, self.asking) = (0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: usize) -> (usize, usize) {
        let (mut mtu, mut questions) = (PathMtu::new(true), 0);
        while mtu.ask() {
            assert!(!mtu.ask(), "one at a time");
            questions += 1;
            if mtu.question() <= path { mtu.arrived() } else { mtu.lost() }
        }
        (mtu.good(), questions)
    }

    #[test]
    fn an_ordinary_path_is_known_after_one_question() {
        assert_eq!(found(1_472), (1_472, 1));
    }

    #[test]
    fn any_path_is_known_closely_after_a_few() {
        for path in DATAGRAM_MIN..1_472 {
            let (good, questions) = found(path);
            assert!(
                good <= path && path - good <= NEAR && questions <= 14,
                "{path}: {good} in {questions}"
            );
        }
    }
}
