//! The UDP sockets of a session, one for each address we listen at. Every protocol
//! over UDP is to share them, so that one open port serves all.

use std::{io, net::SocketAddr};

use socket2::SockRef;
use tokio::net::UdpSocket;

use crate::sockets::Sockets;

/// Longer datagrams are cut: nobody we speak with sends any.
const DATAGRAM_MAX: usize = 2048;

/// UDP sockets that send and hear together.
#[derive(Debug)]
pub(crate) struct Datagrams {
    sockets: Sockets,
    local: bool,
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
}

impl Datagrams {
    /// Sockets at these addresses, one of each family at most, which send to local addresses only if `local`
    /// is set. A port that is taken is replaced by one that is free: others learn it from our datagrams.
    pub(crate) fn open(sockets: Sockets, addrs: &[SocketAddr], local: bool) -> io::Result<Self> {
        let first = |is_v4: bool| addrs.iter().find(|addr| addr.is_ipv4() == is_v4);
        let v4 = first(true).map(|addr| bind(&sockets, *addr)).transpose()?;
        let v6 = first(false).map(|addr| bind(&sockets, *addr)).transpose()?;
        Ok(Self { sockets, local, v4, v6 })
    }

    /// Whether there is an IPv4 socket.
    pub(crate) fn has_v4(&self) -> bool {
        self.v4.is_some()
    }

    /// Whether there is an IPv6 socket.
    pub(crate) fn has_v6(&self) -> bool {
        self.v6.is_some()
    }

    /// Where the sockets are.
    pub(crate) fn local_addrs(&self) -> Vec<SocketAddr> {
        let all = self.v4.iter().chain(&self.v6);
        all.filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// Sends one datagram, or loses it: that is what happens to datagrams.
    pub(crate) fn send(&self, to: SocketAddr, bytes: &[u8]) {
        if !self.sockets.permits(to, self.local) {
            return;
        }
        let socket = if to.is_ipv4() { &self.v4 } else { &self.v6 };
        if let Some(socket) = socket
            // Asks the system, not the runtime, whether there is room: the runtime learns it a moment later.
            && let Err(why) = SockRef::from(socket).send_to(bytes, &to.into())
        {
            tracing::trace!(%why, "a datagram was not sent");
        }
    }

    /// The next datagram.
    pub(crate) async fn receive(&self, buffer: &mut Vec<u8>) -> SocketAddr {
        loop {
            buffer.clear();
            buffer.reserve(DATAGRAM_MAX);
            let heard = match (&self.v4, &self.v6) {
                (Some(v4), Some(v6)) => {
                    let mut other = Vec::with_capacity(DATAGRAM_MAX);
                    tokio::select! {
                        heard = v4.recv_buf_from(buffer) => heard,
                        heard = v6.recv_buf_from(&mut other) => {
                            std::mem::swap(buffer, &mut other);
                            heard
                        }
                    }
                }
                (Some(one), None) | (None, Some(one)) => one.recv_buf_from(buffer).await,
                (None, None) => std::future::pending().await,
            };
            // An error is what became of a datagram sent earlier: whoever was meant is not there.
            if let Ok((_, from)) = heard {
                return SocketAddr::new(from.ip().to_canonical(), from.port());
            }
        }
    }
}

fn bind(sockets: &Sockets, addr: SocketAddr) -> io::Result<UdpSocket> {
    match sockets.datagrams(addr) {
        Err(why) if why.kind() == io::ErrorKind::AddrInUse => {
            sockets.datagrams(SocketAddr::new(addr.ip(), 0))
        }
        bound => bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> Vec<SocketAddr> {
        vec![([127, 0, 0, 1], 0).into()]
    }

    #[tokio::test]
    async fn what_one_sends_the_other_hears() {
        let one = Datagrams::open(Sockets::new(None), &loopback(), true).unwrap();
        let other = Datagrams::open(Sockets::new(None), &loopback(), true).unwrap();
        one.send(other.local_addrs()[0], b"hello");
        let mut buffer = Vec::new();
        assert_eq!(other.receive(&mut buffer).await, one.local_addrs()[0]);
        assert_eq!(buffer, b"hello");
        assert!(one.has_v4() && !one.has_v6());
    }

    #[tokio::test]
    async fn local_addresses_hear_nothing_unless_that_is_allowed_and_taken_ports_are_replaced() {
        let other = Datagrams::open(Sockets::new(None), &loopback(), true).unwrap();
        let at = other.local_addrs()[0];
        let one = Datagrams::open(Sockets::new(None), &[at], false).unwrap();
        assert_ne!(one.local_addrs()[0], at);
        one.send(at, b"forbidden");
        let third = Datagrams::open(Sockets::new(None), &loopback(), true).unwrap();
        third.send(at, b"allowed");
        let mut buffer = Vec::new();
        other.receive(&mut buffer).await;
        assert_eq!(buffer, b"allowed");
    }
}
