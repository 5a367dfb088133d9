//! The one place where sockets are made: which addresses may be contacted, from which interface, with
//! which options. No other file of the workspace opens a socket to a peer, tracker or web seed.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_host},
    time::timeout,
};
use torrent::ip_filter::IpFilter;

use crate::{
    address::Reach,
    interface::{self, Interface},
    names::{Names, NoTexts},
    proxy::{Proxy, Target},
    relay::{Association, Way},
};

/// How long a TCP connection may take to stand.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How long a name may take to resolve.
const RESOLVE_PATIENCE: Duration = Duration::from_secs(10);
/// Addresses tried for one name.
const ADDRESSES_MAX: usize = 8;
/// Last words of names that mean a machine nearby (RFC 6761, 6762, 8375).
const LOCAL_NAMES: [&str; 6] = ["localhost", "local", "internal", "lan", "home", "arpa"];
/// Connections the system queues for us before they are accepted.
const BACKLOG: u32 = 256;
/// Bytes the kernel may hold for us that are not on their way yet. Buffers as such are left to the kernel,
/// which grows them with the path; this keeps the queue behind them short, so that what we decide to send
/// next leaves soon.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_MAX: u32 = 256 * 1024;
/// Local hosts that are remembered to have asked to be contacted.
const NEAR_MAX: usize = 256;
/// When an idle peer connection is first probed, so that a vanished peer is noticed.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(120);

/// Why no socket came of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocketFault {
    /// The address policy forbids every address of the host.
    #[error("the address policy forbids it")]
    Forbidden,
    /// Unknown host, refused, unreachable or too slow.
    #[error("not reached: {0}")]
    NotReached(#[from] io::Error),
}

/// A server that is asked over UDP.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    /// At an address.
    At(SocketAddr),
    /// By a name that the proxy resolves.
    Named(String, u16),
}

impl Server {
    /// Whether it may be asked over this family. What a name resolves to is the proxy's business: it counts as IPv4.
    pub(crate) fn is_of(&self, v4: bool) -> bool {
        match self {
            Self::At(addr) => addr.is_ipv4() == v4,
            Self::Named(..) => v4,
        }
    }

    /// Where a datagram for it is to go.
    pub(crate) fn target(&self) -> Target<'_> {
        match self {
            Self::At(addr) => Target::Addr(*addr),
            Self::Named(host, port) => Target::Name(host, *port),
        }
    }
}

/// Makes every socket of a session.
#[derive(Debug, Clone)]
pub(crate) struct Sockets {
    interface: Option<Interface>,
    /// Who knows names, where the system must not be asked.
    names: Option<Names>,
    /// Carries all that leaves us; what it cannot carry does not leave.
    proxy: Option<Arc<Proxy>>,
    /// Addresses that are not to be met.
    filter: Arc<IpFilter>,
    /// Our own listening addresses, which are never dialled.
    own: Arc<[SocketAddr]>,
    /// Hosts that told us themselves of a port for peers, the last ones of many. They may be local.
    near: Arc<Mutex<VecDeque<IpAddr>>>,
}

impl Sockets {
    /// A maker of sockets bound to `interface`, if one is given.
    pub(crate) fn new(interface: Option<&str>) -> Self {
        let (own, near) = (Arc::new([]), Arc::default());
        let names = interface.map(|_| Names::new(&[]));
        let filter = Arc::default();
        Self { interface: interface.map(Interface::new), names, proxy: None, filter, own, near }
    }

    /// The same, meeting nobody who is on a list.
    pub(crate) fn without(self, filter: IpFilter) -> Self {
        Self { filter: Arc::new(filter), ..self }
    }

    /// Whether an address is not to be met, whoever calls.
    pub(crate) fn blocks(&self, ip: IpAddr) -> bool {
        self.filter.blocks(ip)
    }

    /// The same, asking these servers for names.
    pub(crate) fn asking(self, servers: &[SocketAddr]) -> Self {
        let named = (!servers.is_empty()).then(|| Names::new(servers));
        Self { names: named.or(self.names), ..self }
    }

    /// What all sockets are bound to.
    pub(crate) fn interface(&self) -> Option<&Interface> {
        self.interface.as_ref()
    }

    /// The number of the interface that sockets made now are bound to.
    pub(crate) fn bound_to(&self) -> Option<u32> {
        self.interface.as_ref().and_then(|interface| interface::number(interface.name()).ok())
    }

    /// Waits until what is bound to the interface of this number must be made anew.
    pub(crate) async fn is_bound_anew(&self, bound: Option<u32>) {
        match &self.interface {
            Some(interface) => interface.is_another(bound).await,
            None => std::future::pending().await,
        }
    }

    /// Waits while the interface is gone: what cannot be reached now may be reached later.
    pub(crate) async fn ready(&self) {
        if let Some(interface) = &self.interface {
            interface.is_there().await;
        }
    }

    /// The same, with a proxy between us and everybody.
    pub(crate) fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy: proxy.map(Arc::new), ..self }
    }

    /// The same, knowing where we listen ourselves.
    pub(crate) fn listening_at(self, own: &[SocketAddr]) -> Self {
        Self { own: own.into(), ..self }
    }

    /// From now on a host may be contacted although it is local: it asked for that itself.
    pub(crate) fn welcome(&self, host: IpAddr) {
        let mut near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        if !near.contains(&host) {
            near.push_back(host);
        }
        if near.len() > NEAR_MAX {
            near.pop_front();
        }
    }

    fn is_near(&self, host: IpAddr) -> bool {
        self.near.lock().unwrap_or_else(PoisonError::into_inner).contains(&host)
    }

    /// A listening TCP socket.
    pub(crate) fn listen(&self, addr: SocketAddr) -> io::Result<TcpListener> {
        self.unproxied()?;
        let socket = self.raw(addr, Type::STREAM, Protocol::TCP)?;
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.bind(&addr.into())?;
        TcpSocket::from_std_stream(socket.into()).listen(BACKLOG)
    }

    /// A TCP connection to one address.
    pub(crate) async fn connect(
        &self,
        addr: SocketAddr,
        local: bool,
    ) -> Result<TcpStream, SocketFault> {
        self.check(addr, local)?;
        match &self.proxy {
            Some(proxy) => Ok(self.lead(proxy, Target::Addr(addr)).await?),
            None => Ok(self.connect_to(addr).await?),
        }
    }

    /// A TCP connection wherever it leads: for whom the person named.
    pub(crate) async fn connect_to(&self, addr: SocketAddr) -> io::Result<TcpStream> {
        let socket = self.raw(addr, Type::STREAM, Protocol::TCP)?;
        let socket = TcpSocket::from_std_stream(socket.into());
        let stream = timeout(CONNECT_PATIENCE, socket.connect(addr)).await.map_err(too_slow)??;
        tune(&stream)?;
        Ok(stream)
    }

    /// A connection by way of the proxy. The person named it: it may be anywhere.
    async fn lead(&self, proxy: &Proxy, target: Target<'_>) -> io::Result<TcpStream> {
        let (host, port) = proxy.place();
        let found = self.look_up(host, port).await?;
        let mut fault = io::ErrorKind::NotFound.into();
        for addr in found.into_iter().take(ADDRESSES_MAX) {
            match self.connect_to(addr).await {
                Ok(stream) => {
                    let led = timeout(CONNECT_PATIENCE, proxy.lead(stream, target));
                    return led.await.map_err(too_slow)?;
                }
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }

    /// A TCP connection to a named host: its permitted addresses are tried in turn.
    pub(crate) async fn connect_host(
        &self,
        host: &str,
        port: u16,
        local: bool,
    ) -> Result<TcpStream, SocketFault> {
        if let Some(proxy) = &self.proxy {
            let target = self.remote(host, port, local)?;
            return Ok(self.lead(proxy, target).await?);
        }
        let mut fault = SocketFault::Forbidden;
        for addr in self.resolve(host, port, local).await? {
            match self.connect(addr, local).await {
                Ok(stream) => return Ok(stream),
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }

    /// A host as the proxy is told of it, which resolves its name. What a name resolves to there cannot be
    /// known here; names that mean this machine or its network are refused by themselves.
    fn remote<'a>(&self, host: &'a str, port: u16, local: bool) -> Result<Target<'a>, SocketFault> {
        if let Ok(ip) = bare(host).parse::<IpAddr>() {
            let addr = SocketAddr::new(ip, port);
            return self.check(addr, local).map(|()| Target::Addr(addr));
        }
        written_well(host)?;
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let last = name.rsplit('.').next().unwrap_or_default();
        let is_local = !name.contains('.') || LOCAL_NAMES.contains(&last);
        if is_local && !local { Err(SocketFault::Forbidden) } else { Ok(Target::Name(host, port)) }
    }

    /// How far the host at the other end of a connection is. Behind a proxy nobody is near.
    pub(crate) fn reach_of(&self, stream: &TcpStream) -> io::Result<Reach> {
        match self.proxy {
            Some(_) => Ok(Reach::Global),
            None => stream.peer_addr().map(Reach::of),
        }
    }

    /// Where a named server may be asked over UDP: its permitted addresses, or its name where a proxy resolves it.
    pub(crate) async fn servers(
        &self,
        host: &str,
        port: u16,
        local: bool,
    ) -> Result<Vec<Server>, SocketFault> {
        if self.proxy.is_some() {
            return Ok(vec![match self.remote(host, port, local)? {
                Target::Addr(addr) => Server::At(addr),
                Target::Name(host, port) => Server::Named(host.to_owned(), port),
            }]);
        }
        Ok(self.resolve(host, port, local).await?.into_iter().map(Server::At).collect())
    }

    /// A UDP socket that speaks with one server alone, which may be contacted. Behind a proxy there is none.
    pub(crate) async fn connect_udp(&self, addr: SocketAddr) -> io::Result<UdpSocket> {
        self.unproxied()?;
        let socket = self.unbound(addr)?;
        socket.connect(addr).await?;
        Ok(socket)
    }

    /// A relay for datagrams, if the proxy gives one.
    pub(crate) async fn associate(&self) -> io::Result<Association> {
        let proxy = self.proxy.as_ref().filter(|proxy| proxy.may_relay());
        let proxy = proxy.ok_or(io::ErrorKind::Unsupported)?;
        let (host, port) = proxy.place();
        let mut fault = io::ErrorKind::NotFound.into();
        for addr in self.look_up(host, port).await?.into_iter().take(ADDRESSES_MAX) {
            match self.connect_to(addr).await {
                Ok(mut stream) => {
                    let asked = timeout(CONNECT_PATIENCE, proxy.associate(&mut stream));
                    let relay = asked.await.map_err(too_slow)??;
                    let socket = self.unbound(relay)?;
                    return Ok(Association { socket, way: Way::new(relay, stream) });
                }
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }

    /// Whether everything goes by way of a proxy.
    pub(crate) fn proxied(&self) -> bool {
        self.proxy.is_some()
    }

    /// A UDP socket at any port, of an address's family.
    fn unbound(&self, addr: SocketAddr) -> io::Result<UdpSocket> {
        let socket = self.raw(addr, Type::DGRAM, Protocol::UDP)?;
        let any: SocketAddr = match addr {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        socket.bind(&any.into())?;
        UdpSocket::from_std(socket.into())
    }

    /// A UDP socket that speaks with many: whom it may send to is asked with [`Self::permits`].
    pub(crate) fn datagrams(&self, addr: SocketAddr) -> io::Result<UdpSocket> {
        self.unproxied()?;
        let socket = self.raw(addr, Type::DGRAM, Protocol::UDP)?;
        socket.bind(&addr.into())?;
        UdpSocket::from_std(socket.into())
    }

    /// A UDP socket in a multicast group, which hears others on this machine too and whose datagrams stay in the
    /// local network. `at` is our address there; unspecified leaves the choice to the system.
    pub(crate) fn multicast(&self, group: SocketAddr, at: IpAddr) -> io::Result<UdpSocket> {
        self.unproxied()?;
        let socket = self.raw(group, Type::DGRAM, Protocol::UDP)?;
        socket.set_reuse_address(true)?;
        #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
        socket.set_reuse_port(true)?;
        let named = self.interface.as_ref().map(Interface::name);
        let interface = named.map(interface::number).transpose()?;
        match (group.ip(), at) {
            (IpAddr::V4(ip), IpAddr::V4(at)) => {
                socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, group.port())).into())?;
                let by = interface.map_or(InterfaceIndexOrAddress::Address(at), |index| {
                    InterfaceIndexOrAddress::Index(index)
                });
                socket.join_multicast_v4_n(&ip, &by)?;
                if interface.is_none() {
                    socket.set_multicast_if_v4(&at)?;
                }
                socket.set_multicast_ttl_v4(1)?;
            }
            (IpAddr::V6(ip), _) => {
                socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, group.port())).into())?;
                socket.join_multicast_v6(&ip, interface.unwrap_or(0))?;
                socket.set_multicast_hops_v6(1)?;
            }
            (IpAddr::V4(_), IpAddr::V6(_)) => return Err(io::ErrorKind::InvalidInput.into()),
        }
        UdpSocket::from_std(socket.into())
    }

    /// The permitted addresses of a host, in the order of preference of the system (RFC 6724).
    /// What counts is the address that a name resolves to, never the name.
    pub(crate) async fn resolve(
        &self,
        host: &str,
        port: u16,
        local: bool,
    ) -> Result<Vec<SocketAddr>, SocketFault> {
        self.unproxied()?;
        written_well(host)?;
        let found = self.look_up(bare(host), port).await?.into_iter();
        let permitted: Vec<_> =
            found.filter(|addr| self.check(*addr, local).is_ok()).take(ADDRESSES_MAX).collect();
        if permitted.is_empty() { Err(SocketFault::Forbidden) } else { Ok(permitted) }
    }

    /// All addresses of a host that a person or a stranger named.
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let with_port = |ip| SocketAddr::new(ip, port);
        let lookup = async {
            match &self.names {
                _ if let Ok(ip) = host.parse() => Ok(vec![with_port(ip)]),
                Some(names) => {
                    self.ready().await;
                    Ok(names.lookup(self, host).await?.into_iter().map(with_port).collect())
                }
                None => Ok(lookup_host((host, port)).await?.collect()),
            }
        };
        timeout(RESOLVE_PATIENCE, lookup).await.map_err(too_slow)?
    }

    /// The TXT records of a name, asked for as its addresses would be: over the interface that all is bound to, and by
    /// way of the proxy or not at all.
    pub(crate) async fn texts(&self, name: &str) -> Result<Vec<String>, NoTexts> {
        let names = self.names.clone().unwrap_or_else(|| Names::new(&[]));
        let asking = async {
            self.ready().await;
            names.texts(self, name).await
        };
        timeout(RESOLVE_PATIENCE, asking).await.map_err(too_slow)?
    }

    /// Whether a datagram may be sent to an address.
    pub(crate) fn permits(&self, addr: SocketAddr, local: bool) -> bool {
        Reach::of(addr).permitted(local || self.is_near(addr.ip())) && !self.blocks(addr.ip())
    }

    /// Refuses what a proxy cannot carry.
    pub(crate) fn unproxied(&self) -> io::Result<()> {
        match self.proxy {
            Some(_) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "a proxy does not carry this"))
            }
            None => Ok(()),
        }
    }

    /// Whether an address may be contacted at all.
    pub(crate) fn check(&self, addr: SocketAddr, local: bool) -> Result<(), SocketFault> {
        if self.permits(addr, local) && !self.own.contains(&addr) {
            Ok(())
        } else {
            Err(SocketFault::Forbidden)
        }
    }

    /// A non-blocking socket with the options that all of ours share.
    fn raw(&self, addr: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(addr), kind, Some(protocol))?;
        socket.set_nonblocking(true)?;
        if addr.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        if let Some(interface) = &self.interface {
            bind_interface(&socket, interface.name())?;
        }
        Ok(socket)
    }
}

/// The options of a standing peer connection, dialled or accepted.
pub(crate) fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_notsent_lowat(UNSENT_MAX)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_AFTER))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn bind_interface(socket: &Socket, interface: &str) -> io::Result<()> {
    socket.bind_device(Some(interface.as_bytes()))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bind_interface(_socket: &Socket, _interface: &str) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system cannot bind to an interface by name",
    ))
}

/// A host without the brackets that URLs write around an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

fn too_slow(_: tokio::time::error::Elapsed) -> io::Error {
    io::ErrorKind::TimedOut.into()
}

/// A host in a URL is written as it is asked for (RFC 3986 3.2.2, RFC 5890): letters beyond ASCII that look like others are
/// followed nowhere.
fn written_well(host: &str) -> Result<(), SocketFault> {
    if host.is_ascii() { Ok(()) } else { Err(SocketFault::Forbidden) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_refused_unless_local_is_allowed() {
        let sockets = Sockets::new(None);
        let refused = sockets.resolve("localhost", 80, false).await;
        assert!(matches!(refused, Err(SocketFault::Forbidden)));
        assert!(sockets.resolve("localhost", 80, true).await.is_ok());
        assert!(sockets.resolve("[::1]", 80, true).await.is_ok());
    }

    #[tokio::test]
    async fn our_own_listening_address_is_never_dialled() {
        let sockets = Sockets::new(None);
        let listener = sockets.listen(([127, 0, 0, 1], 0).into()).unwrap();
        let own = listener.local_addr().unwrap();
        assert!(sockets.connect(own, true).await.is_ok());
        let sockets = sockets.listening_at(&[own]);
        assert!(matches!(sockets.connect(own, true).await, Err(SocketFault::Forbidden)));
    }

    #[tokio::test]
    async fn an_interface_that_does_not_exist_gives_no_socket() {
        let sockets = Sockets::new(Some("kinora-none"));
        assert!(sockets.listen(([127, 0, 0, 1], 0).into()).is_err());
    }

    /// A name server on loopback that gives a name the first address once and then, for ever, the second; it counts
    /// how often it was asked.
    async fn rebinding(first: [u8; 4], then: [u8; 4]) -> (Names, Arc<AtomicUsize>) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (addr, asked) = (socket.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((len, from)) = socket.recv_from(&mut packet).await {
                let end = 12 + packet[12..len].iter().position(|byte| *byte == 0).unwrap() + 5;
                let for_v4 = packet[end - 3] == 1;
                let ip = match for_v4 && count.fetch_add(1, Ordering::Relaxed) == 0 {
                    true => first,
                    false => then,
                };
                // An answer of one address, or of none (RFC 1035).
                let head = [0x81, 0x80, 0, 1, 0, u8::from(for_v4), 0, 0, 0, 0];
                let mut answer = [&packet[..2], &head, &packet[12..end]].concat();
                if for_v4 {
                    answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
                    answer.extend(ip);
                }
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        (Names::new(&[addr]), asked)
    }

    /// The first address is permitted and the second is not: whatever a name says the next time it is asked, the
    /// address that was looked at is the one that is called.
    #[tokio::test]
    async fn hp_81_a_name_that_changes_between_check_and_call_reaches_nothing_local() {
        let (permitted, forbidden) = ([127, 0, 0, 2], [127, 0, 0, 1]);
        let there = TcpListener::bind((IpAddr::from(permitted), 0)).await.unwrap();
        let port = there.local_addr().unwrap().port();
        let trap = TcpListener::bind((IpAddr::from(forbidden), port)).await.unwrap();
        let (names, asked) = rebinding(permitted, forbidden).await;
        let sockets = Sockets { names: Some(names), ..Sockets::new(None) };
        sockets.welcome(permitted.into());
        let stream = sockets.connect_host("rebind.example", port, false).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap().ip(), IpAddr::from(permitted));
        assert_eq!(asked.load(Ordering::Relaxed), 1, "one look, one call");
        let again = sockets.connect_host("rebind.example", port, false).await;
        assert!(matches!(again, Err(SocketFault::Forbidden)), "{again:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 2, "nothing is remembered that may have changed");
        // Who was called is there; in the trap nobody ever was.
        there.accept().await.unwrap();
        drop(TcpStream::connect((IpAddr::from(forbidden), port)).await.unwrap());
        let (_, first) = trap.accept().await.unwrap();
        assert_eq!(first.ip(), IpAddr::from(forbidden), "the witness itself is the first to call");
    }
}
