//! A relay that holds back what a seed sends, so that a peer on this machine looks like a distant one.

use std::{io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// Chunks under way in one direction: what a fast, long path holds.
const CHUNKS_MAX: usize = 256;

/// Where peers connect to.
pub(super) struct Delay {
    listener: TcpListener,
    address: SocketAddr,
    delay: Duration,
}

impl Delay {
    pub(super) async fn listen(address: SocketAddr, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, delay })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands every connection on, until it is dropped.
    pub(super) async fn relay(self, to: SocketAddr) {
        while let Ok((peer, _)) = self.listener.accept().await {
            tokio::spawn(join(peer, to, self.delay));
        }
    }
}

async fn join(peer: TcpStream, to: SocketAddr, delay: Duration) -> io::Result<()> {
    let seed = TcpStream::connect(to).await?;
    peer.set_nodelay(true)?;
    seed.set_nodelay(true)?;
    let (from_peer, to_peer) = peer.into_split();
    let (from_seed, to_seed) = seed.into_split();
    let asked = tokio::spawn(carry(from_peer, to_seed, Duration::ZERO));
    let answered = carry(from_seed, to_peer, delay).await;
    asked.abort();
    answered
}

/// Carries one direction: bytes leave `delay` after they came, whatever came between.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) -> io::Result<()> {
    let (sender, mut under_way) = mpsc::channel::<(Instant, Bytes)>(CHUNKS_MAX);
    let reading = async move {
        let mut buffer = vec![0; CHUNK];
        loop {
            let len = from.read(&mut buffer).await?;
            let chunk = Bytes::copy_from_slice(&buffer[..len]);
            if len == 0 || sender.send((Instant::now() + delay, chunk)).await.is_err() {
                return Ok::<_, io::Error>(());
            }
        }
    };
    let writing = async move {
        while let Some((due, chunk)) = under_way.recv().await {
            sleep_until(due).await;
            to.write_all(&chunk).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(reading, writing).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_late_and_questions_are_not() {
        let seed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let delay = Duration::from_millis(80);
        let relay = Delay::listen("127.0.0.1:0".parse().unwrap(), delay).await.unwrap();
        let (address, to) = (relay.address(), seed.local_addr().unwrap());
        tokio::spawn(relay.relay(to));
        let mut peer = TcpStream::connect(address).await.unwrap();
        let (mut seed, _) = seed.accept().await.unwrap();
        let begin = Instant::now();
        peer.write_all(b"?").await.unwrap();
        assert_eq!(seed.read_u8().await.unwrap(), b'?');
        seed.write_all(b"!").await.unwrap();
        assert_eq!(peer.read_u8().await.unwrap(), b'!');
        assert!(begin.elapsed() >= delay, "{:?}", begin.elapsed());
    }
}
