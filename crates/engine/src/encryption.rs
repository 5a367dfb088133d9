//! Hiding what is spoken (MSE): when we begin it, what of a stranger's first bytes, and what if it fails.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use torrent::{
    InfoHashes, Sha1Hash,
    encryption::{Agreed, Cipher, Initiator, Methods, Responder, lookup_key},
    wire::{BadMessage, Framer, Handshake},
};

use crate::{ConnId, Encryption, HangUpWhy, agenda::Timer, context::Context, torrent::Torrent};

/// How long an encrypted handshake may take. Peers that do not know it hang up, or wait for more.
const PATIENCE: Duration = Duration::from_secs(4);

impl Encryption {
    /// What we offer and accept in an encrypted handshake; `None` if there is to be none.
    fn methods(self) -> Option<Methods> {
        match self {
            Self::Off => None,
            Self::Prefer => Some(Methods::ANY),
            Self::Require => Some(Methods::RC4),
        }
    }
}

/// What lies between a peer's words and the bytes on the wire.
#[derive(Debug, Default)]
pub(crate) enum Transport {
    /// Nothing.
    #[default]
    Plain,
    /// The peer has not agreed yet: nothing more may be said.
    Calling(Box<Initiator>),
    /// Ciphers, for as long as was agreed.
    Agreed(Box<Ciphers>),
}

#[derive(Debug)]
pub(crate) struct Ciphers {
    incoming: Cipher,
    outgoing: Cipher,
}

impl Transport {
    fn agreed(incoming: Cipher, outgoing: Cipher) -> Self {
        if incoming.is_over() && outgoing.is_over() {
            return Self::Plain;
        }
        Self::Agreed(Box::new(Ciphers { incoming, outgoing }))
    }

    /// Whether nothing may be said yet.
    pub(crate) fn is_calling(&self) -> bool {
        matches!(self, Self::Calling(_))
    }

    /// Words as they go to the wire; in place unless the bytes have another owner.
    pub(crate) fn seal(&mut self, bytes: Bytes) -> Bytes {
        match self {
            Self::Agreed(ciphers) => apply(&mut ciphers.outgoing, bytes),
            Self::Plain | Self::Calling(_) => bytes,
        }
    }

    /// The other way round.
    fn open(&mut self, bytes: Bytes) -> Bytes {
        match self {
            Self::Agreed(ciphers) => apply(&mut ciphers.incoming, bytes),
            Self::Plain | Self::Calling(_) => bytes,
        }
    }
}

fn apply(cipher: &mut Cipher, bytes: Bytes) -> Bytes {
    if cipher.is_over() {
        return bytes;
    }
    let mut bytes = BytesMut::from(bytes);
    cipher.apply(&mut bytes);
    bytes.freeze()
}

impl Torrent {
    /// Begins an encrypted handshake that carries our plain one, the first of the words queued.
    pub(crate) fn encrypt(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(methods) = ctx.config.encryption.methods() else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        // libtorrent hangs up on a first payload longer than this; the rest waits for its answer.
        let mut payload = peer.out.split_to(peer.out.len().min(Handshake::LEN));
        let mut first = BytesMut::new();
        let (name, draw) = (self.hashes.wire(), ctx.secrets.draw());
        let initiator = Initiator::new(name, methods, draw, &mut payload, &mut first);
        peer.transport = Transport::Calling(Box::new(initiator));
        ctx.agenda.set_earlier(Timer::Handshake(conn), ctx.now + PATIENCE);
        self.send(ctx, conn, first.freeze());
    }

    /// A peer's bytes as they came, made words; `None` if there are none yet, or no peer any more.
    pub(crate) fn decrypt(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        bytes: Bytes,
    ) -> Option<Bytes> {
        let peer = self.peers.get_mut(&conn)?;
        let Transport::Calling(initiator) = &mut peer.transport else {
            return Some(peer.transport.open(bytes));
        };
        let mut answer = BytesMut::new();
        let result = initiator.receive(&bytes, &mut answer);
        if !answer.is_empty() {
            // Our words go out with this: the round trip to the peer's handshake begins here.
            peer.opened = ctx.now;
            self.send(ctx, conn, answer.freeze());
        }
        match result {
            Ok(agreed) => Some(self.agreed(ctx, conn, agreed?)),
            Err(_) => {
                self.hang_up(ctx, conn, HangUpWhy::Protocol);
                None
            }
        }
    }

    /// The peer has agreed: what was held back may go.
    fn agreed(&mut self, ctx: &mut Context, conn: ConnId, agreed: Agreed) -> Bytes {
        let Agreed { incoming, outgoing, received, .. } = agreed;
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.transport = Transport::agreed(incoming, outgoing);
            self.chores.speak.insert(conn);
            ctx.agenda.set(Timer::Handshake(conn), ctx.now + ctx.config.handshake_patience);
        }
        received
    }
}

/// The start of a stranger's connection, up to its handshake.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    first: First,
    pub(crate) framer: Framer,
    pub(crate) transport: Transport,
    /// The torrent by whose name it is encrypted.
    pub(crate) name: Option<Sha1Hash>,
}

#[derive(Debug)]
enum First {
    /// Too few bytes to tell.
    Unclear(BytesMut),
    /// It does not speak plainly.
    Called(Box<Responder>),
    /// Words come.
    Over,
}

impl Default for First {
    fn default() -> Self {
        Self::Unclear(BytesMut::new())
    }
}

impl Opening {
    /// Takes bytes as they came; `out` gets what is to be sent, `torrents` are those that may be named. `None`
    /// while the stranger's handshake is not all here.
    pub(crate) fn receive<'a>(
        &mut self,
        ctx: &mut Context,
        bytes: Bytes,
        torrents: impl Iterator<Item = &'a InfoHashes> + Clone,
        out: &mut BytesMut,
    ) -> Result<Option<Handshake>, HangUpWhy> {
        let encryption = ctx.config.encryption;
        match &mut self.first {
            First::Over => self.framer.push(self.transport.open(bytes)),
            First::Called(_) => self.called(&bytes, torrents, out)?,
            First::Unclear(begun) => {
                begun.extend_from_slice(&bytes);
                let begun = begun.split();
                match (Handshake::parse(&begun), encryption.methods()) {
                    (Ok(None), _) => self.first = First::Unclear(begun),
                    (Ok(Some(_)), _) if encryption == Encryption::Require => {
                        return Err(HangUpWhy::Unencrypted);
                    }
                    (Ok(Some(_)), _) => {
                        self.first = First::Over;
                        self.framer.push(begun.freeze());
                    }
                    (Err(_), Some(methods)) => {
                        let responder = Responder::new(methods, ctx.secrets.draw());
                        self.first = First::Called(Box::new(responder));
                        self.called(&begun, torrents, out)?;
                    }
                    (Err(_), None) => return Err(HangUpWhy::Protocol),
                }
            }
        }
        self.framer.handshake().map_err(|_: BadMessage| HangUpWhy::Protocol)
    }

    fn called<'a>(
        &mut self,
        bytes: &[u8],
        torrents: impl Iterator<Item = &'a InfoHashes> + Clone,
        out: &mut BytesMut,
    ) -> Result<(), HangUpWhy> {
        let First::Called(responder) = &mut self.first else { return Ok(()) };
        let find = |lookup: &Sha1Hash| {
            let mut names = torrents.clone().flat_map(InfoHashes::names);
            names.find(|name| lookup_key(name) == *lookup)
        };
        let agreed = responder.receive(bytes, find, out).map_err(|_| HangUpWhy::Protocol)?;
        if let Some(Agreed { name, incoming, outgoing, received, .. }) = agreed {
            self.first = First::Over;
            self.name = Some(name);
            self.transport = Transport::agreed(incoming, outgoing);
            self.framer.push(received);
        }
        Ok(())
    }
}
