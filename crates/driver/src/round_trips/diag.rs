//! What the kernel knows of a TCP connection: a question by its two addresses over netlink, and the answer (sock_diag(7),
//! `linux/inet_diag.h`, `linux/tcp.h`). Numbers are those of this machine, but for ports and addresses.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    os::fd::OwnedFd,
    time::Duration,
};

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink::SOCK_DIAG, recv, send,
    socket_with,
};

use super::Known;

/// Lengths of a message's header, of a question and of an answer without its attributes.
const HEADER_LEN: usize = 16;
const QUESTION_LEN: usize = HEADER_LEN + 56;
const ANSWER_LEN: usize = HEADER_LEN + 72;
/// More than any answer has.
const ROOM: usize = 4096;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
/// The attribute with `struct tcp_info`, and the bit that asks for it.
const INET_DIAG_INFO: u16 = 2;
const WANTED: u8 = 1 << (INET_DIAG_INFO - 1);

/// Where these numbers lie in `struct tcp_info`.
const RTT: usize = 68;
const BYTES_ACKED: usize = 120;
const NOTSENT_BYTES: usize = 144;
const MIN_RTT: usize = 148;

/// Asks the kernel.
#[derive(Debug)]
pub(super) struct Kernel(OwnedFd);

impl Kernel {
    /// # Errors
    /// The system lets nobody ask.
    pub(super) fn open() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let kind = SocketType::DGRAM;
        Ok(Self(socket_with(AddressFamily::NETLINK, kind, flags, Some(SOCK_DIAG))?))
    }

    /// What is known of a connection, made over an interface of this number or any; `None` if it is gone. Does not wait.
    pub(super) fn ask(&self, ends: (SocketAddr, SocketAddr), interface: u32) -> Option<Known> {
        send(&self.0, &question(ends, interface), SendFlags::empty()).ok()?;
        let mut room = [0; ROOM];
        let (len, _) = recv(&self.0, &mut room[..], RecvFlags::empty()).ok()?;
        read(room.get(..len)?)
    }
}

/// Asks for the connection between two addresses, ours and the peer's.
fn question((ours, theirs): (SocketAddr, SocketAddr), interface: u32) -> Vec<u8> {
    let family = if ours.is_ipv4() { AF_INET } else { AF_INET6 };
    let mut out = Vec::with_capacity(QUESTION_LEN);
    out.extend((QUESTION_LEN as u32).to_ne_bytes());
    out.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    out.extend(NLM_F_REQUEST.to_ne_bytes());
    // No number of the question's and none of ours.
    out.extend([0; 8]);
    out.extend([family, IPPROTO_TCP, WANTED, 0]);
    // In any state.
    out.extend(u32::MAX.to_ne_bytes());
    out.extend(ours.port().to_be_bytes());
    out.extend(theirs.port().to_be_bytes());
    for end in [ours, theirs] {
        match end.ip() {
            IpAddr::V4(ip) => {
                out.extend(ip.octets());
                out.extend([0; 12]);
            }
            IpAddr::V6(ip) => out.extend(ip.octets()),
        }
    }
    out.extend(interface.to_ne_bytes());
    // Whichever connection has been there.
    out.extend([0xff; 8]);
    out
}

/// The answer; `None` if there is no such connection, or nothing is known of it.
fn read(message: &[u8]) -> Option<Known> {
    if u16_at(message, 4)? != SOCK_DIAG_BY_FAMILY {
        return None;
    }
    let mut attributes = message.get(ANSWER_LEN..)?;
    loop {
        let len = usize::from(u16_at(attributes, 0)?);
        if u16_at(attributes, 2)? == INET_DIAG_INFO {
            return read_info(attributes.get(4..len)?);
        }
        attributes = attributes.get(len.max(4).next_multiple_of(4)..)?;
    }
}

fn read_info(info: &[u8]) -> Option<Known> {
    let micros = |at| u32_at(info, at).map(|micros| Duration::from_micros(micros.into()));
    let acked = info.get(BYTES_ACKED..)?.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes))?;
    let least = u32_at(info, MIN_RTT).filter(|micros| *micros != u32::MAX)?;
    let least = Duration::from_micros(least.into());
    let unsent = u32_at(info, NOTSENT_BYTES)?.into();
    Some(Known { smoothed: micros(RTT)?, least, acked, unsent })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_ne_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[tokio::test]
    async fn the_kernel_tells_what_arrived_and_how_long_a_round_trip_takes() {
        let kernel = Kernel::open().expect("everybody may ask");
        for at in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(at).await.unwrap();
            let mut ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (mut theirs, _) = listener.accept().await.unwrap();
            let ends = (ours.local_addr().unwrap(), ours.peer_addr().unwrap());
            // What began the connection counts as a byte.
            let before = kernel.ask(ends, 0).expect("it stands").acked;
            ours.write_all(&[7; 50_000]).await.unwrap();
            theirs.read_exact(&mut [0; 50_000]).await.unwrap();
            // Answered: what was sent has arrived, and was acknowledged with it.
            theirs.write_all(b"x").await.unwrap();
            ours.read_exact(&mut [0]).await.unwrap();
            let known = kernel.ask(ends, 0).expect("it stands");
            assert_eq!((known.acked - before, known.unsent), (50_000, 0), "{known:?}");
            assert!(known.smoothed >= known.least && known.smoothed < Duration::from_secs(1));
            assert!(known.least > Duration::ZERO, "{known:?}");
            assert_eq!(kernel.ask((ends.0, "192.0.2.1:9".parse().unwrap()), 0), None);
        }
    }

    #[test]
    fn an_answer_that_is_cut_or_of_something_else_tells_nothing() {
        let mut whole = vec![0; ANSWER_LEN];
        whole[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        // Another attribute before it.
        whole.extend([5_u16, 9].map(u16::to_ne_bytes).concat());
        whole.extend([7, 0, 0, 0]);
        let mut info = vec![0; MIN_RTT + 4];
        for (at, number) in [(RTT, 30_000_u32), (MIN_RTT, 20_000), (NOTSENT_BYTES, 5)] {
            info[at..at + 4].copy_from_slice(&number.to_ne_bytes());
        }
        info[BYTES_ACKED..BYTES_ACKED + 8].copy_from_slice(&9_u64.to_ne_bytes());
        whole.extend([(info.len() + 4) as u16, INET_DIAG_INFO].map(u16::to_ne_bytes).concat());
        whole.extend(&info);
        let (smoothed, least) = (Duration::from_millis(30), Duration::from_millis(20));
        assert_eq!(read(&whole), Some(Known { smoothed, least, acked: 9, unsent: 5 }));
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), None, "{cut}");
        }
        let mut endless = whole[..ANSWER_LEN].to_vec();
        endless.extend([0; 64]);
        assert_eq!(read(&endless), None);
    }
}
