//! What came and was not read yet; no more than one step needs, and what came with it.

use bytes::{Buf, Bytes, BytesMut};

use super::{BadEncryption, Cipher, PADDING_MAX};

#[derive(Debug, Default)]
pub(super) struct Inbox(BytesMut);

impl Inbox {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn has(&self, len: usize) -> bool {
        self.0.len() >= len
    }

    /// The next bytes as they came. `None` while they are not all here.
    pub(super) fn take<const LEN: usize>(&mut self) -> Option<[u8; LEN]> {
        let taken = *self.0.first_chunk::<LEN>()?;
        self.0.advance(LEN);
        Some(taken)
    }

    /// The next bytes decrypted. `None` while they are not all here.
    pub(super) fn decrypt<const LEN: usize>(&mut self, cipher: &mut Cipher) -> Option<[u8; LEN]> {
        let mut taken = self.take()?;
        cipher.apply(&mut taken);
        Some(taken)
    }

    /// Decrypts and forgets so many bytes of padding; whether they were all here.
    pub(super) fn skip(&mut self, cipher: &mut Cipher, len: usize) -> bool {
        if !self.has(len) {
            return false;
        }
        cipher.apply(&mut self.0.split_to(len));
        true
    }

    /// Passes over padding of unknown length and the mark at its end; whether the mark was here.
    ///
    /// # Errors
    /// The mark can come no more.
    pub(super) fn find(&mut self, mark: &[u8]) -> Result<bool, BadEncryption> {
        let within = self.0.len().min(PADDING_MAX + mark.len());
        match self.0[..within].windows(mark.len()).position(|window| window == mark) {
            Some(at) => {
                self.0.advance(at + mark.len());
                Ok(true)
            }
            None if within == PADDING_MAX + mark.len() => Err(BadEncryption::NoMark),
            None => Ok(false),
        }
    }

    /// All that is left, decrypted.
    pub(super) fn rest(&mut self, cipher: &mut Cipher) -> Bytes {
        let mut rest = self.0.split();
        cipher.apply(&mut rest);
        rest.freeze()
    }
}
