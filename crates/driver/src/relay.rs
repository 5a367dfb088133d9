//! Datagrams by way of a SOCKS5 proxy (RFC 1928, section 7): each carries the address it is meant for, or came
//! from, in front. The relay works for as long as the connection stands on which it was asked for.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
};

use crate::{address::Reach, proxy::Target};

/// The version of SOCKS, and of its login (RFC 1929).
const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
/// Ways of saying who we are.
const NO_LOGIN: u8 = 0;
const BY_PASSWORD: u8 = 2;
/// What we ask for.
const UDP_ASSOCIATE: u8 = 3;
/// Kinds of addresses.
const V4: u8 = 1;
const NAME: u8 = 3;
const V6: u8 = 4;
/// The longest name or login.
const TEXT_MAX: usize = 255;
/// The longest header of an address.
pub(crate) const ADDRESS_HEADER_MAX: usize = 4 + 16 + 2;
/// The longest header: a name, its length, the port and four bytes before them.
const HEADER_MAX: usize = 4 + 1 + TEXT_MAX + 2;

/// A relay that a proxy gave us.
#[derive(Debug)]
pub(crate) struct Association {
    /// Sends to the relay and hears from it.
    pub(crate) socket: UdpSocket,
    /// The connection by which it was asked for.
    pub(crate) way: Way,
}

/// Where the relay is, and for how long.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) relay: SocketAddr,
    control: TcpStream,
}

impl Way {
    pub(crate) fn new(relay: SocketAddr, control: TcpStream) -> Self {
        Self { relay, control }
    }

    /// Waits until the proxy ends it. It has nothing else to say.
    pub(crate) async fn is_cut(&self) {
        // An error is an end as well.
        self.control.peek(&mut [0]).await.ok();
    }
}

/// Asks a SOCKS5 proxy for a relay, on a connection to it: where it is.
///
/// # Errors
/// The proxy does not know us, or has no relay for us.
pub(crate) async fn associate(
    stream: &mut TcpStream,
    login: Option<&(String, String)>,
) -> io::Result<SocketAddr> {
    greet(stream, login).await?;
    // Where our datagrams will come from is not known to us: the proxy sees it.
    stream.write_all(&[VERSION, UDP_ASSOCIATE, 0, V4, 0, 0, 0, 0, 0, 0]).await?;
    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await?;
    let [version, result, _, kind] = reply;
    if version != VERSION || result != 0 {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "the proxy carries no datagrams"));
    }
    let ip = read_ip(stream, kind).await?;
    let addr = SocketAddr::new(ip, stream.read_u16().await?);
    Ok(as_seen_from_here(addr, stream.peer_addr()?.ip()))
}

async fn greet(stream: &mut TcpStream, login: Option<&(String, String)>) -> io::Result<()> {
    let unknown = || io::Error::new(io::ErrorKind::PermissionDenied, "the proxy refuses our login");
    match login {
        Some(_) => stream.write_all(&[VERSION, 2, NO_LOGIN, BY_PASSWORD]).await?,
        None => stream.write_all(&[VERSION, 1, NO_LOGIN]).await?,
    }
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, login) {
        ([VERSION, NO_LOGIN], _) => Ok(()),
        ([VERSION, BY_PASSWORD], Some((user, password))) => {
            let mut words = vec![LOGIN_VERSION];
            for text in [user, password] {
                let len = u8::try_from(text.len()).map_err(|_| unknown())?;
                words.push(len);
                words.extend_from_slice(text.as_bytes());
            }
            stream.write_all(&words).await?;
            stream.read_exact(&mut chosen).await?;
            if chosen[1] == 0 { Ok(()) } else { Err(unknown()) }
        }
        _ => Err(unknown()),
    }
}

/// The address of a reply. A name means the proxy itself: nothing is resolved beside it.
async fn read_ip(stream: &mut TcpStream, kind: u8) -> io::Result<IpAddr> {
    match kind {
        V4 => {
            let mut ip = [0; 4];
            stream.read_exact(&mut ip).await?;
            Ok(Ipv4Addr::from(ip).into())
        }
        V6 => {
            let mut ip = [0; 16];
            stream.read_exact(&mut ip).await?;
            Ok(Ipv6Addr::from(ip).into())
        }
        NAME => {
            let mut name = vec![0; stream.read_u8().await?.into()];
            stream.read_exact(&mut name).await?;
            Ok(Ipv4Addr::UNSPECIFIED.into())
        }
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A relay that names no address, or one of a network that the proxy is not in, is where the proxy is.
fn as_seen_from_here(relay: SocketAddr, proxy: IpAddr) -> SocketAddr {
    let at_proxy = SocketAddr::new(proxy, relay.port());
    let is_near = Reach::of(relay) != Reach::Global && Reach::of(at_proxy) != Reach::of(relay);
    if relay.ip().is_unspecified() || is_near { at_proxy } else { relay }
}

/// What goes in front of a datagram to a target.
pub(crate) fn header(target: Target<'_>) -> Vec<u8> {
    let mut header = vec![0, 0, 0];
    let port = match target {
        Target::Addr(addr) => {
            match addr.ip() {
                IpAddr::V4(ip) => {
                    header.push(V4);
                    header.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    header.push(V6);
                    header.extend_from_slice(&ip.octets());
                }
            }
            addr.port()
        }
        Target::Name(name, port) => {
            let name = &name.as_bytes()[..name.len().min(TEXT_MAX)];
            header.extend_from_slice(&[NAME, name.len() as u8]);
            header.extend_from_slice(name);
            port
        }
    };
    header.extend_from_slice(&port.to_be_bytes());
    header
}

/// Who sent a datagram that the relay passed on, and what. `None` for what is none: a fragment, a name, nonsense.
pub(crate) fn open(datagram: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (head, rest) = datagram.split_first_chunk::<4>()?;
    let [_, _, fragment, kind] = *head;
    if fragment != 0 {
        return None;
    }
    let (ip, rest): (IpAddr, &[u8]) = match kind {
        V4 => {
            let (ip, rest) = rest.split_first_chunk::<4>()?;
            (Ipv4Addr::from(*ip).into(), rest)
        }
        V6 => {
            let (ip, rest) = rest.split_first_chunk::<16>()?;
            (Ipv6Addr::from(*ip).to_canonical(), rest)
        }
        _ => return None,
    };
    let (port, bytes) = rest.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), bytes))
}

/// A way to ask one server over UDP and to hear from it alone.
#[derive(Debug)]
pub(crate) enum Line {
    /// A socket that is connected to it.
    Direct(UdpSocket),
    /// By way of a relay, with what goes in front of each datagram.
    Relayed(Association, Vec<u8>),
}

impl Line {
    /// Sends a datagram.
    ///
    /// # Errors
    /// The system or the proxy does not carry it.
    pub(crate) async fn send(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Direct(socket) => socket.send(bytes).await.map(drop),
            Self::Relayed(Association { socket, way }, header) => {
                let sent = socket.send_to(&[header, bytes].concat(), way.relay).await;
                sent.map(drop)
            }
        }
    }

    /// Waits for a datagram of `len_max` bytes at most; whether it came over IPv6.
    ///
    /// # Errors
    /// The server or the proxy is not there.
    pub(crate) async fn receive(&self, len_max: usize) -> io::Result<(Vec<u8>, bool)> {
        match self {
            Self::Direct(socket) => {
                let mut room = vec![0; len_max];
                let len = socket.recv(&mut room).await?;
                room.truncate(len);
                Ok((room, socket.peer_addr()?.is_ipv6()))
            }
            Self::Relayed(association, _) => association.receive(len_max).await,
        }
    }
}

impl Association {
    async fn receive(&self, len_max: usize) -> io::Result<(Vec<u8>, bool)> {
        let mut room = vec![0; len_max + HEADER_MAX];
        loop {
            let (len, from) = tokio::select! {
                received = self.socket.recv_from(&mut room) => received?,
                () = self.way.is_cut() => return Err(io::ErrorKind::ConnectionAborted.into()),
            };
            if from == self.way.relay
                && let Some((server, bytes)) = open(&room[..len])
            {
                return Ok((bytes.to_vec(), server.is_ipv6()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_rfc_1928() {
        let v4 = Target::Addr(([192, 0, 2, 1], 6881).into());
        assert_eq!(header(v4), [0, 0, 0, 1, 192, 0, 2, 1, 0x1a, 0xe1]);
        let v6 = header(Target::Addr("[2001:db8::1]:80".parse().unwrap()));
        assert_eq!((v6.len(), &v6[..6], v6[19]), (22, &[0, 0, 0, 4, 0x20, 0x01][..], 1));
        let name = header(Target::Name("a.example", 80));
        assert_eq!(name, [&[0, 0, 0, 3, 9][..], b"a.example", &[0, 80]].concat());
    }

    #[test]
    fn what_is_written_is_read_and_fragments_and_nonsense_are_not() {
        for addr in ["192.0.2.1:6881", "[2001:db8::1]:80"] {
            let addr: SocketAddr = addr.parse().unwrap();
            let whole = [&header(Target::Addr(addr))[..], b"hello"].concat();
            assert_eq!(open(&whole), Some((addr, &b"hello"[..])));
            let fragment = [&[0, 0, 1], &whole[3..]].concat();
            assert_eq!(open(&fragment), None);
            for cut in 0..whole.len() - 5 {
                assert_eq!(open(&whole[..cut]), None, "{cut}");
            }
        }
        assert_eq!(open(&header(Target::Name("a.example", 80))), None);
    }

    #[test]
    fn a_relay_without_an_address_or_with_one_of_another_network_is_where_the_proxy_is() {
        let proxy = IpAddr::from([45, 1, 1, 9]);
        for (said, meant) in [
            ("0.0.0.0:7", "45.1.1.9:7"),
            ("127.0.0.1:7", "45.1.1.9:7"),
            ("10.0.0.1:7", "45.1.1.9:7"),
            ("45.1.1.10:7", "45.1.1.10:7"),
        ] {
            let meant: SocketAddr = meant.parse().unwrap();
            assert_eq!(as_seen_from_here(said.parse().unwrap(), proxy), meant, "{said}");
        }
        let here = as_seen_from_here("127.0.0.1:7".parse().unwrap(), [127, 0, 0, 1].into());
        assert_eq!(here, "127.0.0.1:7".parse().unwrap());
    }
}
