//! The side that is called: it learns which torrent is meant and selects a method.

use bytes::{Buf, BufMut, BytesMut};

use super::{
    Agreed, BadEncryption, Cipher, Draw, KEY_LEN, Methods, PADDING_MAX, VERIFICATION,
    inbox::Inbox,
    key_exchange::{Key, public_key, secret},
    secret::{covered, from_called, from_caller, mark},
};
use crate::Sha1Hash;

/// An encrypted handshake that somebody began with us.
#[derive(Debug)]
pub struct Responder {
    accept: Methods,
    draw: Box<Draw>,
    inbox: Inbox,
    stage: Stage,
}

enum Stage {
    /// The caller's key has not come in full.
    Key,
    /// It has come; the end of the padding behind it has not.
    Mark(Box<Key>),
    /// The torrent's name has not.
    Name(Box<Key>),
    /// What the caller offers has not.
    Offer { name: Sha1Hash, incoming: Cipher, outgoing: Cipher },
    /// The padding behind that, and the length of the initial payload, have not.
    Padding { len: usize, method: Methods, name: Sha1Hash, incoming: Cipher, outgoing: Cipher },
    /// It has ended, well or not.
    Ended,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stage")
    }
}

impl Responder {
    /// Somebody called and does not speak plainly.
    #[must_use]
    pub fn new(accept: Methods, draw: Draw) -> Self {
        Self { accept, draw: Box::new(draw), inbox: Inbox::default(), stage: Stage::Key }
    }

    /// Takes bytes as they came; `out` gets what is to be sent. `find` gives the torrent's name that belongs
    /// to a [`lookup_key`](super::lookup_key). `None` while more bytes are needed.
    ///
    /// # Errors
    /// The other side does not speak this handshake, or means no torrent of ours, or the two do not agree.
    /// Nothing that follows can be read.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        find: impl Fn(&Sha1Hash) -> Option<Sha1Hash>,
        out: &mut BytesMut,
    ) -> Result<Option<Agreed>, BadEncryption> {
        if !matches!(self.stage, Stage::Ended) {
            self.inbox.push(bytes);
        }
        loop {
            let stage = std::mem::replace(&mut self.stage, Stage::Ended);
            match self.step(stage, &find, out)? {
                Step::On(stage) => self.stage = stage,
                Step::Wait(stage) => {
                    self.stage = stage;
                    return Ok(None);
                }
                Step::Done(agreed) => return Ok(Some(*agreed)),
            }
        }
    }

    fn step(
        &mut self,
        stage: Stage,
        find: impl Fn(&Sha1Hash) -> Option<Sha1Hash>,
        out: &mut BytesMut,
    ) -> Result<Step, BadEncryption> {
        match stage {
            Stage::Key => self.key(out),
            Stage::Mark(secret) => Ok(if self.inbox.find(&mark(&secret).0)? {
                Step::On(Stage::Name(secret))
            } else {
                Step::Wait(Stage::Mark(secret))
            }),
            Stage::Name(secret) => self.name(secret, find),
            Stage::Offer { name, incoming, outgoing } => self.offer(name, incoming, outgoing),
            Stage::Padding { len, method, name, incoming, outgoing } => {
                Ok(self.padding(len, method, name, incoming, outgoing, out))
            }
            Stage::Ended => Ok(Step::Wait(Stage::Ended)),
        }
    }

    /// The caller's key makes the secret; our own goes out with padding.
    fn key(&mut self, out: &mut BytesMut) -> Result<Step, BadEncryption> {
        let Some(theirs) = self.inbox.take::<KEY_LEN>() else { return Ok(Step::Wait(Stage::Key)) };
        let private = self.draw.private_key();
        let secret = secret(&theirs, &private).ok_or(BadEncryption::Key)?;
        out.extend_from_slice(&public_key(&private));
        out.extend_from_slice(self.draw.padding());
        Ok(Step::On(Stage::Mark(Box::new(secret))))
    }

    fn name(
        &mut self,
        secret: Box<Key>,
        find: impl Fn(&Sha1Hash) -> Option<Sha1Hash>,
    ) -> Result<Step, BadEncryption> {
        let Some(hidden) = self.inbox.take() else { return Ok(Step::Wait(Stage::Name(secret))) };
        let lookup = covered(&secret, &Sha1Hash(hidden));
        let name = find(&lookup).ok_or(BadEncryption::UnknownTorrent)?;
        let (incoming, outgoing) = (from_caller(&secret, &name), from_called(&secret, &name));
        Ok(Step::On(Stage::Offer { name, incoming, outgoing }))
    }

    fn offer(
        &mut self,
        name: Sha1Hash,
        mut incoming: Cipher,
        outgoing: Cipher,
    ) -> Result<Step, BadEncryption> {
        let Some(head) = self.inbox.decrypt::<14>(&mut incoming) else {
            return Ok(Step::Wait(Stage::Offer { name, incoming, outgoing }));
        };
        let Some(mut rest) = head.strip_prefix(&VERIFICATION) else {
            return Err(BadEncryption::Verification);
        };
        let (offered, len) = (Methods(rest.get_u32()), rest.get_u16());
        let method = self.accept.choose(offered).ok_or(BadEncryption::Method)?;
        if usize::from(len) > PADDING_MAX {
            return Err(BadEncryption::Padding(len));
        }
        let len = usize::from(len);
        Ok(Step::On(Stage::Padding { len, method, name, incoming, outgoing }))
    }

    /// Once it is known how long the initial payload is, all is known: our answer goes out.
    fn padding(
        &mut self,
        len: usize,
        method: Methods,
        name: Sha1Hash,
        mut incoming: Cipher,
        mut outgoing: Cipher,
        out: &mut BytesMut,
    ) -> Step {
        if !self.inbox.has(len + 2) {
            return Step::Wait(Stage::Padding { len, method, name, incoming, outgoing });
        }
        self.inbox.skip(&mut incoming, len);
        let payload = self.inbox.decrypt(&mut incoming).map_or(0, u16::from_be_bytes);
        self.answer(method, &mut outgoing, out);
        if method == Methods::PLAINTEXT {
            // The initial payload is encrypted whatever was selected.
            incoming = incoming.until(usize::from(payload));
            outgoing = outgoing.until(0);
        }
        let received = self.inbox.rest(&mut incoming);
        Step::Done(Box::new(Agreed { name, method, incoming, outgoing, received }))
    }

    fn answer(&self, method: Methods, outgoing: &mut Cipher, out: &mut BytesMut) {
        let (begin, padding) = (out.len(), self.draw.inner_padding());
        out.extend_from_slice(&VERIFICATION);
        out.put_u32(method.0);
        out.put_u16(u16::try_from(padding).unwrap_or(u16::MAX));
        out.put_bytes(0, padding);
        outgoing.apply(&mut out[begin..]);
    }
}

enum Step {
    On(Stage),
    Wait(Stage),
    Done(Box<Agreed>),
}
