//! A question to a node that is known by name only, where nobody here may resolve names: its answer tells its
//! address.

use crate::{
    Id,
    krpc::{Body, Message, Query},
};

/// One question, and whatever answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knock {
    id: Id,
    /// Chance made it: who was not asked cannot answer.
    transaction: [u8; 8],
}

impl Knock {
    /// A question of these random bytes: no name that anybody should remember, and a transaction.
    #[must_use]
    pub fn new(id: Id, transaction: [u8; 8]) -> Self {
        Self { id, transaction }
    }

    /// The datagram. We say that we answer nothing ourselves (BEP 43), so that nobody remembers us.
    #[must_use]
    pub fn packet(&self) -> Vec<u8> {
        Message::query(&self.transaction, true, self.id, Query::Ping).write()
    }

    /// Whether a datagram is the answer: then its sender is a node.
    #[must_use]
    pub fn is_answered_by(&self, datagram: &[u8]) -> bool {
        Message::read(datagram).is_ok_and(|message| {
            message.transaction == self.transaction && matches!(message.body, Body::Answer(_))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_the_question_counts() {
        let knock = Knock::new(Id([3; 20]), *b"question");
        let packet = knock.packet();
        assert!(packet.starts_with(b"d1:ad2:id20:"));
        assert!(!knock.is_answered_by(&packet), "a question is no answer");
        assert!(knock.is_answered_by(b"d1:rd2:id20:aaaaaaaaaaaaaaaaaaaae1:t8:question1:y1:re"));
        assert!(!knock.is_answered_by(b"d1:rd2:id20:aaaaaaaaaaaaaaaaaaaae1:t8:guessing1:y1:re"));
        assert!(!knock.is_answered_by(b"what?"));
    }
}
