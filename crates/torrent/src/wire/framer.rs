//! Finds messages in a connection's bytes, without copying blocks that came in one part.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

use super::{
    BadMessage, Handshake, Message,
    message::{check_len, decode},
};

/// How long messages may be, their kind counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Any message: a bitfield of 2²¹ pieces and the hashes of BEP 52 fit.
    pub message: u32,
    /// The data of a block. Programs ask for 16 KiB; some answer requests of up to 128 KiB.
    pub block: u32,
    /// A message of an extension.
    pub extended: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message: 1 << 20, block: 128 << 10, extended: 1 << 20 }
    }
}

/// The bytes of one connection on their way to messages.
///
/// Give it what was received with [`Framer::push`], then call [`Framer::next`] until it has nothing more.
/// It holds no more than what was pushed and not taken yet, and at most twice that in memory.
#[derive(Debug, Default)]
pub struct Framer {
    limits: Limits,
    /// The start of a message whose rest has not come, copied together.
    partial: BytesMut,
    /// What has come after it.
    chunks: VecDeque<Bytes>,
}

/// Bytes of a message's length.
const LENGTH_LEN: usize = 4;

impl Framer {
    /// Nothing received yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes bytes as they were received.
    pub fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() {
            self.chunks.push_back(chunk);
        }
    }

    /// The handshake at the start of the connection. `None` while more bytes are needed.
    ///
    /// # Errors
    /// The other side speaks another protocol.
    pub fn handshake(&mut self) -> Result<Option<Handshake>, BadMessage> {
        let ready = self.gather(Handshake::LEN);
        let handshake = Handshake::parse(&self.partial)?;
        if ready {
            self.partial.advance(Handshake::LEN);
        }
        Ok(handshake)
    }

    /// The next message. `None` while more bytes are needed.
    ///
    /// # Errors
    /// The other side breaks the protocol; nothing that follows can be read.
    #[expect(clippy::should_implement_trait, reason = "it fails, and goes on after `None`")]
    pub fn next(&mut self) -> Result<Option<Message>, BadMessage> {
        let Some(len) = self.announced()? else { return Ok(None) };
        match self.take(LENGTH_LEN + len) {
            Some(mut whole) => {
                whole.advance(LENGTH_LEN);
                decode(whole, &self.limits).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Bytes that were pushed and not taken yet: as long as [`Self::next`] has nothing, the start of a message.
    #[must_use]
    pub fn held(&self) -> usize {
        self.partial.len() + self.chunks.iter().map(Bytes::len).sum::<usize>()
    }

    /// The length of the next message, checked as soon as its first bytes are here.
    fn announced(&self) -> Result<Option<usize>, BadMessage> {
        let mut head = [0; LENGTH_LEN + 1];
        let have = self.peek(&mut head);
        if have < LENGTH_LEN {
            return Ok(None);
        }
        let [a, b, c, d, id] = head;
        let len = u32::from_be_bytes([a, b, c, d]);
        if len > self.limits.message {
            let allowed = self.limits.message;
            return Err(BadMessage::TooLong { id: u8::MAX, found: len, allowed });
        }
        if len > 0 && have > LENGTH_LEN {
            check_len(id, len, &self.limits)?;
        }
        Ok(usize::try_from(len).ok())
    }

    /// Copies the first bytes and says how many there are.
    fn peek(&self, head: &mut [u8]) -> usize {
        let parts = std::iter::once(&self.partial[..]).chain(self.chunks.iter().map(|c| &c[..]));
        let mut have = 0;
        for part in parts {
            let len = part.len().min(head.len() - have);
            head[have..have + len].copy_from_slice(&part[..len]);
            have += len;
            if have == head.len() {
                break;
            }
        }
        have
    }

    /// The first `len` bytes: a slice of what was received if they lie in one part, else copied together.
    fn take(&mut self, len: usize) -> Option<Bytes> {
        if self.partial.is_empty() {
            while self.chunks.front().is_some_and(Bytes::is_empty) {
                self.chunks.pop_front();
            }
            if let Some(chunk) = self.chunks.front_mut().filter(|chunk| chunk.len() >= len) {
                return Some(chunk.split_to(len));
            }
        }
        self.gather(len).then(|| self.partial.split_to(len).freeze())
    }

    /// Moves bytes together until the first `len` lie in one part, or there are no more.
    fn gather(&mut self, len: usize) -> bool {
        while self.partial.len() < len {
            let Some(mut chunk) = self.chunks.pop_front() else { return false };
            let wanted = chunk.len().min(len - self.partial.len());
            self.make_room(wanted, len);
            self.partial.extend_from_slice(&chunk.split_to(wanted));
            if !chunk.is_empty() {
                self.chunks.push_front(chunk);
            }
        }
        true
    }

    /// One allocation for a block in two parts, yet never much more memory than bytes that came.
    fn make_room(&mut self, wanted: usize, len: usize) {
        const BLOCK_MESSAGE: usize = 13 + 16 * 1024;
        let have = self.partial.len();
        if self.partial.capacity() < have + wanted {
            let justified = (2 * (have + wanted)).max(BLOCK_MESSAGE).min(len);
            self.partial.reserve(justified - have);
        }
    }
}
