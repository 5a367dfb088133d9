//! The side that calls: it names the torrent and offers methods.

use bytes::{Buf, BufMut, BytesMut};

use super::{
    Agreed, BadEncryption, Cipher, Draw, KEY_LEN, Methods, PADDING_MAX, VERIFICATION,
    inbox::Inbox,
    key_exchange::{public_key, secret},
    secret::{covered, from_called, from_caller, lookup_key, mark},
};
use crate::Sha1Hash;

/// An encrypted handshake that we began.
#[derive(Debug)]
pub struct Initiator {
    name: Sha1Hash,
    offer: Methods,
    inbox: Inbox,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The other's key has not come in full.
    Key { draw: Box<Draw>, payload: BytesMut },
    /// It has come; the end of the padding behind it has not.
    Mark { mark: [u8; VERIFICATION.len()], incoming: Cipher, outgoing: Cipher },
    /// What the other selected has not come in full.
    Selection { incoming: Cipher, outgoing: Cipher },
    /// Nor has the padding behind that.
    Padding { len: usize, method: Methods, incoming: Cipher, outgoing: Cipher },
    /// It has ended, well or not.
    Ended,
}

impl Initiator {
    /// The longest initial payload: its length is written in 16 bits.
    pub const PAYLOAD_MAX: usize = u16::MAX as usize;

    /// Begins a handshake about a torrent; `out` gets the first bytes to send. What can be said before the
    /// other side has answered is taken from the front of `payload`, always encrypted and no longer than
    /// [`Self::PAYLOAD_MAX`]; what stays in it waits for the agreement.
    #[must_use]
    pub fn new(
        name: Sha1Hash,
        offer: Methods,
        draw: Draw,
        payload: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Self {
        out.extend_from_slice(&public_key(&draw.private_key()));
        out.extend_from_slice(draw.padding());
        let payload = payload.split_to(payload.len().min(Self::PAYLOAD_MAX));
        let stage = Stage::Key { draw: Box::new(draw), payload };
        Self { name, offer, inbox: Inbox::default(), stage }
    }

    /// Takes bytes as they came; `out` gets what is to be sent. `None` while more are needed.
    ///
    /// # Errors
    /// The other side does not speak this handshake, or the two do not agree. Nothing that follows can be
    /// read.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        out: &mut BytesMut,
    ) -> Result<Option<Agreed>, BadEncryption> {
        if !matches!(self.stage, Stage::Ended) {
            self.inbox.push(bytes);
        }
        loop {
            let stage = std::mem::replace(&mut self.stage, Stage::Ended);
            match self.step(stage, out)? {
                Step::On(stage) => self.stage = stage,
                Step::Wait(stage) => {
                    self.stage = stage;
                    return Ok(None);
                }
                Step::Done(agreed) => return Ok(Some(*agreed)),
            }
        }
    }

    fn step(&mut self, stage: Stage, out: &mut BytesMut) -> Result<Step, BadEncryption> {
        match stage {
            Stage::Key { draw, payload } => self.key(draw, payload, out),
            Stage::Mark { mark, incoming, outgoing } => Ok(if self.inbox.find(&mark)? {
                Step::On(Stage::Selection { incoming, outgoing })
            } else {
                Step::Wait(Stage::Mark { mark, incoming, outgoing })
            }),
            Stage::Selection { incoming, outgoing } => self.selection(incoming, outgoing),
            Stage::Padding { len, method, mut incoming, outgoing } => {
                Ok(if self.inbox.skip(&mut incoming, len) {
                    Step::Done(Box::new(self.agree(method, incoming, outgoing)))
                } else {
                    Step::Wait(Stage::Padding { len, method, incoming, outgoing })
                })
            }
            Stage::Ended => Ok(Step::Wait(Stage::Ended)),
        }
    }

    /// The other's key makes the secret: the torrent can be named.
    fn key(
        &mut self,
        draw: Box<Draw>,
        payload: BytesMut,
        out: &mut BytesMut,
    ) -> Result<Step, BadEncryption> {
        let Some(theirs) = self.inbox.take::<KEY_LEN>() else {
            return Ok(Step::Wait(Stage::Key { draw, payload }));
        };
        let secret = secret(&theirs, &draw.private_key()).ok_or(BadEncryption::Key)?;
        out.extend_from_slice(&mark(&secret).0);
        out.extend_from_slice(&covered(&secret, &lookup_key(&self.name)).0);
        let mut outgoing = from_caller(&secret, &self.name);
        let begin = out.len();
        self.offer(draw.inner_padding(), &payload, out);
        outgoing.apply(&mut out[begin..]);
        // The other's padding ends with the verification constant, encrypted with the first of its bytes.
        let mut incoming = from_called(&secret, &self.name);
        let mut mark = VERIFICATION;
        incoming.apply(&mut mark);
        Ok(Step::On(Stage::Mark { mark, incoming, outgoing }))
    }

    fn offer(&self, padding: usize, payload: &[u8], out: &mut BytesMut) {
        let short = |len: usize| u16::try_from(len).unwrap_or(u16::MAX);
        out.extend_from_slice(&VERIFICATION);
        out.put_u32(self.offer.0);
        out.put_u16(short(padding));
        out.put_bytes(0, padding);
        out.put_u16(short(payload.len()));
        out.extend_from_slice(payload);
    }

    fn selection(&mut self, mut incoming: Cipher, outgoing: Cipher) -> Result<Step, BadEncryption> {
        let Some(head) = self.inbox.decrypt::<6>(&mut incoming) else {
            return Ok(Step::Wait(Stage::Selection { incoming, outgoing }));
        };
        let mut head = &head[..];
        let (method, len) = (Methods(head.get_u32()), head.get_u16());
        let one = [Methods::PLAINTEXT, Methods::RC4].contains(&method);
        if !one || !self.offer.has(method) {
            return Err(BadEncryption::Method);
        }
        if usize::from(len) > PADDING_MAX {
            return Err(BadEncryption::Padding(len));
        }
        Ok(Step::On(Stage::Padding { len: usize::from(len), method, incoming, outgoing }))
    }

    fn agree(&mut self, method: Methods, incoming: Cipher, outgoing: Cipher) -> Agreed {
        let (mut incoming, outgoing) = match method {
            Methods::PLAINTEXT => (incoming.until(0), outgoing.until(0)),
            _ => (incoming, outgoing),
        };
        let received = self.inbox.rest(&mut incoming);
        Agreed { name: self.name, method, incoming, outgoing, received }
    }
}

enum Step {
    On(Stage),
    Wait(Stage),
    Done(Box<Agreed>),
}
