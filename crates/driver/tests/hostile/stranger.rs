//! A peer that a test plays, over a TCP connection of its own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::BytesMut;
use driver::Torrent;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use torrent::{
    Metainfo, Sha1Hash,
    create::Version,
    wire::{self, Framer, Handshake, Message, Reserved},
};

use crate::stage::{Party, Work, soon};

/// A party that has a work, and how others are to greet it.
pub(crate) struct Seed {
    pub(crate) party: Party,
    pub(crate) work: Work,
    _torrent: Torrent,
}

impl Seed {
    pub(crate) async fn new() -> Self {
        Self::with_patience(Duration::from_secs(10)).await
    }

    pub(crate) async fn with_patience(patience: Duration) -> Self {
        let party = Party::with(|config| config.engine.handshake_patience = patience).await;
        let work = Work::new(Version::V1, 32 << 10, &[300_000]);
        let torrent = party.seed(&work).await;
        Self { party, work, _torrent: torrent }
    }

    /// Somebody who connects and has said nothing.
    pub(crate) async fn call(&self) -> Stranger {
        Stranger::over(soon(TcpStream::connect(self.party.addr())).await.expect("it listens"))
    }

    /// Somebody who greeted well.
    pub(crate) async fn greet(&self, id: u8) -> Stranger {
        let mut stranger = self.call().await;
        stranger.send(&handshake(&self.work.metainfo, id)).await;
        stranger
    }

    /// An honest viewer gets the work, whatever happens beside.
    pub(crate) async fn serves(&self) {
        let viewer = Party::new().await;
        let torrent = viewer.join(&self.work.metainfo, &[self.party.addr()]).await;
        soon(torrent.finished()).await.expect("the disk works");
        self.work.expect_at(&viewer.root());
    }
}

/// A greeting with a peer id of its own.
pub(crate) fn handshake(metainfo: &Metainfo, id: u8) -> Vec<u8> {
    handshake_for(metainfo.info.hashes().wire(), id)
}

/// The same for a torrent of which the name alone is known.
pub(crate) fn handshake_for(infohash: Sha1Hash, id: u8) -> Vec<u8> {
    let mut peer_id = *b"-XX0000-000000000000";
    peer_id[19] = id;
    let reserved = Reserved::NONE.with_fast().with_extended();
    Handshake { reserved, infohash, peer_id }.to_bytes().to_vec()
}

pub(crate) fn encoded(message: &Message) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    wire::encode(message, &mut bytes);
    bytes.to_vec()
}

/// A message by its length, as far as that is true, and its bytes.
pub(crate) fn raw(len: u32, body: &[u8]) -> Vec<u8> {
    [&len.to_be_bytes()[..], body].concat()
}

pub(crate) struct Stranger {
    stream: TcpStream,
    framer: Framer,
    greeted: bool,
}

impl Stranger {
    pub(crate) fn over(stream: TcpStream) -> Self {
        Self { stream, framer: Framer::default(), greeted: false }
    }

    /// Sends bytes; the other side may have hung up.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        soon(self.stream.write_all(bytes)).await.ok();
    }

    pub(crate) async fn say(&mut self, message: &Message) {
        self.send(&encoded(message)).await;
    }

    /// Says the same until the other side hangs up; fails after a million times.
    pub(crate) async fn flood(&mut self, bytes: &[u8]) {
        let many = bytes.repeat(1_000);
        for _ in 0..1_000 {
            if soon(self.stream.write_all(&many)).await.is_err() {
                return;
            }
        }
        panic!("a million messages were taken");
    }

    /// The next message; `None` when the other side has hung up.
    pub(crate) async fn hear(&mut self) -> Option<Message> {
        loop {
            if !self.greeted {
                self.greeted = self.framer.handshake().expect("it greets well").is_some();
            }
            if self.greeted
                && let Some(message) = self.framer.next().expect("it speaks well")
            {
                return Some(message);
            }
            let mut bytes = vec![0; 64 << 10];
            match soon(self.stream.read(&mut bytes)).await {
                Ok(count) if count > 0 => {
                    bytes.truncate(count);
                    self.framer.push(bytes.into());
                }
                _ => return None,
            }
        }
    }

    /// Waits until the other side hangs up.
    pub(crate) async fn until_left(mut self) {
        while self.hear().await.is_some() {}
    }

    /// Waits for a message of a kind; fails when the other side hangs up.
    pub(crate) async fn hears(&mut self, wanted: impl Fn(&Message) -> bool) -> Message {
        loop {
            let message = self.hear().await.expect("it goes on");
            if wanted(&message) {
                return message;
            }
        }
    }
}

/// A source that answers what it is asked in its own way, for everybody who calls.
pub(crate) struct Rogue {
    pub(crate) addr: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Rogue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Rogue {
    /// Claims to have everything, unchokes, and answers each message as `answer` says; hangs up on `None`.
    pub(crate) async fn new(
        metainfo: &Arc<Metainfo>,
        answer: impl Fn(&Message) -> Option<Vec<Message>> + Send + Sync + 'static,
    ) -> Self {
        // Who lies is banned with its host: another one than that of honest peers.
        let listener = tokio::net::TcpListener::bind("127.0.0.2:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it is bound");
        let (metainfo, answer) = (Arc::clone(metainfo), Arc::new(answer));
        let task = tokio::spawn(async move {
            let mut id = 100;
            while let Ok((stream, _)) = listener.accept().await {
                id += 1;
                let (metainfo, answer) = (Arc::clone(&metainfo), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut stranger = Stranger::over(stream);
                    stranger.send(&handshake(&metainfo, id)).await;
                    stranger.say(&Message::HaveAll).await;
                    stranger.say(&Message::Unchoke).await;
                    while let Some(message) = stranger.hear().await {
                        let Some(answers) = answer(&message) else { return };
                        for one in answers {
                            stranger.say(&one).await;
                        }
                    }
                });
            }
        });
        Self { addr, task }
    }
}
