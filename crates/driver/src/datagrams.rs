//! The UDP sockets of a session, one for each family of addresses, or one that speaks with a proxy's relay. Every protocol over UDP shares them, so that
//! one open port serves all: what is heard is told apart by how it begins.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use tokio::{io::Interest, net::UdpSocket, sync::mpsc::Sender};
use torrent::tracker;

use crate::{
    proxy::{self, Target},
    relay::{Association, Way},
    sockets::{Server, Sockets},
};

/// Longer datagrams are cut: the longest is a tracker's answer, in which 2,000 peers over IPv6 fit.
const DATAGRAM_MAX: usize = 40 * 1024;
/// What the system may give at once where it joins datagrams.
const JOINED_MAX: usize = 64 * 1024;
/// Buffers that are filled with one call.
const BUFFERS: usize = 8;
/// What the system may keep until we listen, if it allows as much.
const SOCKET_BUFFER: usize = 4 << 20;
/// Bytes in datagrams that leave with one call: what an IP packet may claim to be, less its headers.
const RUN_MAX: usize = 65_000;

/// How long binding pauses where it is not possible for now.
const BIND_PAUSE: Duration = Duration::from_millis(500);
/// How long nobody asks a proxy again that gave no relay.
const RELAY_PAUSE: Duration = Duration::from_secs(5);

/// A datagram and where it came from.
pub(crate) type Heard = (SocketAddr, Bytes);

/// UDP sockets that send and hear together.
#[derive(Debug)]
pub(crate) struct Datagrams {
    sockets: Sockets,
    local: bool,
    by: By,
}

/// By which socket datagrams go.
#[derive(Debug)]
enum By {
    /// That of the address's family, if there is one.
    Family { v4: Option<Place>, v6: Option<Place> },
    /// One for all addresses, which speaks with a relay. Whether the proxy reaches IPv6 it does not tell (RFC 1928): what
    /// it cannot pass on is lost, as datagrams are.
    Relay(Place),
}

/// Who listens to what is heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ears {
    /// Nodes of the DHT; they lose what they are too slow for.
    pub(crate) dht: Option<Sender<Heard>>,
    /// Connections; while they are slow, the system keeps what it can.
    pub(crate) utp: Option<Sender<Vec<Heard>>>,
    /// Who asks trackers; loses what it is too slow for.
    pub(crate) trackers: Option<Sender<Heard>>,
}

/// A socket's address, and the socket there by now: one goes with its interface.
#[derive(Debug)]
struct Place {
    addr: SocketAddr,
    now: RwLock<Arc<Socket>>,
}

#[derive(Debug)]
struct Socket {
    socket: UdpSocket,
    state: UdpSocketState,
    /// The relay that carries everything, if there is one.
    way: Option<Way>,
}

impl Datagrams {
    /// Sockets at these addresses, one of each family at most, which send to local addresses only if `local`
    /// is set. A port that is taken is replaced by one that is free, if it `may_move`.
    pub(crate) fn open(
        sockets: Sockets,
        addrs: &[SocketAddr],
        local: bool,
        may_move: bool,
    ) -> io::Result<Self> {
        let first = |is_v4: bool| addrs.iter().find(|addr| addr.is_ipv4() == is_v4);
        let v4 = first(true).map(|addr| Place::open(&sockets, *addr, may_move)).transpose()?;
        let v6 = first(false).map(|addr| Place::open(&sockets, *addr, may_move)).transpose()?;
        Ok(Self { sockets, local, by: By::Family { v4, v6 } })
    }

    /// All datagrams go by way of a proxy's relay.
    pub(crate) fn relayed(
        sockets: Sockets,
        association: Association,
        local: bool,
    ) -> io::Result<Self> {
        let socket = Socket::relayed(association)?;
        let addr = socket.socket.local_addr()?;
        let place = Place { addr, now: RwLock::new(Arc::new(socket)) };
        Ok(Self { sockets, local, by: By::Relay(place) })
    }

    /// The socket by which IPv4 addresses are reached, or IPv6 ones.
    fn place(&self, is_v4: bool) -> Option<&Place> {
        match &self.by {
            By::Family { v4, .. } if is_v4 => v4.as_ref(),
            By::Family { v6, .. } => v6.as_ref(),
            By::Relay(place) => Some(place),
        }
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        let (one, other) = match &self.by {
            By::Family { v4, v6 } => (v4.as_ref(), v6.as_ref()),
            By::Relay(place) => (Some(place), None),
        };
        one.into_iter().chain(other)
    }

    /// Sends a question to a server that the asker may contact; a name is resolved by the proxy.
    ///
    /// # Errors
    /// There is no way to it. A way that is only full loses the question, as any datagram.
    pub(crate) fn ask(&self, server: &Server, bytes: &[u8]) -> io::Result<()> {
        let place = self.place(server.is_of(true)).ok_or(io::ErrorKind::AddrNotAvailable)?;
        match place.socket().send(server.target(), bytes, bytes.len()) {
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => Ok(()),
            sent => sent,
        }
    }

    /// Whether a server may be asked over these sockets.
    pub(crate) fn reaches(&self, server: &Server) -> bool {
        self.place(server.is_of(true)).is_some()
    }

    /// Whether IPv4 addresses may be reached.
    pub(crate) fn has_v4(&self) -> bool {
        self.place(true).is_some()
    }

    /// Whether IPv6 addresses may be reached.
    pub(crate) fn has_v6(&self) -> bool {
        self.place(false).is_some()
    }

    /// Where the sockets are.
    pub(crate) fn local_addrs(&self) -> Vec<SocketAddr> {
        self.places().map(|place| place.addr).collect()
    }

    /// Sends one datagram, or loses it: that is what happens to datagrams.
    pub(crate) fn send(&self, to: SocketAddr, bytes: &[u8]) {
        self.send_run(to, bytes, bytes.len());
    }

    /// Sends datagrams of `len` bytes, the last of which may be shorter, in as few calls as the system allows.
    pub(crate) fn send_run(&self, to: SocketAddr, bytes: &[u8], len: usize) {
        let permitted = self.sockets.permits(to, self.local);
        let Some(place) = self.place(to.is_ipv4()).filter(|_| permitted) else { return };
        let socket = place.socket();
        let room = len.max(1) + proxy::ADDRESS_HEADER_MAX;
        let at_once = socket.state.max_gso_segments().min(RUN_MAX / room).max(1);
        for part in bytes.chunks(at_once * len.max(1)) {
            if let Err(why) = socket.send(Target::Addr(to), part, len) {
                tracing::trace!(%why, "a datagram was not sent");
            }
        }
    }

    /// Hears until nobody listens any more.
    pub(crate) fn listen(self: &Arc<Self>, ears: &Ears) {
        for at in 0..self.places().count() {
            let (datagrams, ears) = (Arc::clone(self), ears.clone());
            tokio::spawn(async move {
                if let Some(place) = datagrams.places().nth(at) {
                    place.listen(&datagrams.sockets, &ears).await;
                }
            });
        }
    }
}

impl Place {
    fn open(sockets: &Sockets, addr: SocketAddr, may_move: bool) -> io::Result<Self> {
        let socket = bind(sockets, addr, may_move)?;
        let addr = socket.socket.local_addr()?;
        Ok(Self { addr, now: RwLock::new(Arc::new(socket)) })
    }

    fn socket(&self) -> Arc<Socket> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Hears until nobody listens any more. Where the interface becomes another one, so does the socket.
    async fn listen(&self, sockets: &Sockets, ears: &Ears) {
        loop {
            let (socket, bound) = (self.socket(), sockets.bound_to());
            tokio::select! {
                () = socket.listen(sockets, ears) => return,
                () = sockets.is_bound_anew(bound) => {}
                () = socket.is_cut() => tokio::time::sleep(RELAY_PAUSE).await,
            }
            drop(socket);
            tokio::select! {
                () = self.open_again(sockets) => {}
                () = ears.closed() => return,
            }
        }
    }

    async fn open_again(&self, sockets: &Sockets) {
        loop {
            sockets.ready().await;
            match self.open_now(sockets).await {
                Ok(socket) => {
                    *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(socket);
                    return;
                }
                // Its address may come a moment later than the interface.
                Err(why) => tracing::debug!(%why, "a UDP socket is not open again yet"),
            }
            tokio::time::sleep(if sockets.proxied() { RELAY_PAUSE } else { BIND_PAUSE }).await;
        }
    }

    async fn open_now(&self, sockets: &Sockets) -> io::Result<Socket> {
        if sockets.proxied() {
            return Socket::relayed(sockets.associate().await?);
        }
        bind(sockets, self.addr, false)
    }
}

impl Socket {
    /// One that speaks with a relay alone.
    fn relayed(association: Association) -> io::Result<Self> {
        let Association { socket, way } = association;
        Ok(Self { state: UdpSocketState::new((&socket).into())?, socket, way: Some(way) })
    }

    /// Waits until its relay is gone.
    async fn is_cut(&self) {
        match &self.way {
            Some(way) => way.is_cut().await,
            None => std::future::pending().await,
        }
    }

    fn send(&self, to: Target<'_>, contents: &[u8], len: usize) -> io::Result<()> {
        let Some(way) = &self.way else {
            let Target::Addr(to) = to else { return Err(io::ErrorKind::Unsupported.into()) };
            return self.transmit(to, contents, len);
        };
        let header = proxy::header(to).map_err(io::Error::other)?;
        let segments = contents.chunks(len.max(1));
        let whole: Vec<u8> = segments.flat_map(|one| [&header[..], one].concat()).collect();
        self.transmit(way.relay, &whole, header.len() + len)
    }

    fn transmit(&self, destination: SocketAddr, contents: &[u8], len: usize) -> io::Result<()> {
        let segment_size = (contents.len() > len).then_some(len);
        let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip: None };
        // Asks the system, not the runtime, whether there is room: the runtime learns it a moment later.
        self.state.try_send((&self.socket).into(), &transmit)
    }

    async fn listen(&self, sockets: &Sockets, ears: &Ears) {
        let len = if self.state.gro_segments() > 1 { JOINED_MAX } else { DATAGRAM_MAX };
        let mut room = vec![0; len * BUFFERS];
        let mut metas = [RecvMeta::default(); BUFFERS];
        loop {
            let mut buffers: Vec<_> = room.chunks_mut(len).map(IoSliceMut::new).collect();
            let receive = || self.state.recv((&self.socket).into(), &mut buffers, &mut metas);
            let count = tokio::select! {
                count = self.socket.async_io(Interest::READABLE, receive) => count,
                () = ears.closed() => return,
            };
            // An error is what became of a datagram sent earlier: whoever was meant is not there.
            let Ok(count) = count else { continue };
            let heard = metas[..count].iter().zip(&buffers);
            let heard = heard.flat_map(|(meta, buffer)| split(meta, buffer));
            let heard = heard.filter_map(|one| self.unwrapped(one));
            let heard = heard.filter(|(from, _)| !sockets.blocks(from.ip())).collect();
            ears.tell(heard).await;
        }
    }
}

impl Socket {
    /// What the relay passed on is from somebody else; what others send beside it is nothing to us.
    fn unwrapped(&self, (from, bytes): Heard) -> Option<Heard> {
        let Some(way) = &self.way else { return Some((from, bytes)) };
        let (sender, rest) = proxy::open(&bytes).filter(|_| from == way.relay)?;
        Some((sender, bytes.slice_ref(rest)))
    }
}

/// The datagrams in a buffer. Each has its own memory: what is kept of one must not keep the others.
fn split<'a>(meta: &RecvMeta, buffer: &'a [u8]) -> impl Iterator<Item = Heard> + use<'a> {
    let from = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
    let datagrams = buffer[..meta.len].chunks(meta.stride.max(1));
    datagrams.map(move |datagram| (from, Bytes::copy_from_slice(datagram)))
}

impl Ears {
    /// Passes on what was heard.
    async fn tell(&self, heard: Vec<Heard>) {
        let is_utp = |(_, bytes): &Heard| utp::Packet::is_likely(bytes);
        let (utp, other): (Vec<_>, Vec<_>) = heard.into_iter().partition(is_utp);
        for one in other {
            let ear = match one.1.first() {
                // A dictionary.
                Some(b'd') => &self.dht,
                _ if tracker::udp::is_likely(&one.1) => &self.trackers,
                _ => continue,
            };
            if let Some(ear) = ear {
                // Where somebody is busy, datagrams are lost as on any crowded way.
                ear.try_send(one).ok();
            }
        }
        if let Some(connections) = self.utp.as_ref().filter(|_| !utp.is_empty()) {
            // They have ended: only the DHT is left.
            connections.send(utp).await.ok();
        }
    }

    /// Waits until nobody listens any more.
    async fn closed(&self) {
        if let Some(dht) = &self.dht {
            dht.closed().await;
        }
        if let Some(utp) = &self.utp {
            utp.closed().await;
        }
        if let Some(trackers) = &self.trackers {
            trackers.closed().await;
        }
    }
}

fn bind(sockets: &Sockets, addr: SocketAddr, may_move: bool) -> io::Result<Socket> {
    let socket = match sockets.datagrams(addr) {
        Err(why) if may_move && why.kind() == io::ErrorKind::AddrInUse => {
            sockets.datagrams(SocketAddr::new(addr.ip(), 0))?
        }
        bound => bound?,
    };
    let state = UdpSocketState::new((&socket).into())?;
    for buffer in [UdpSocketState::set_recv_buffer_size, UdpSocketState::set_send_buffer_size] {
        if let Err(why) = buffer(&state, (&socket).into(), SOCKET_BUFFER) {
            tracing::debug!(%why, "the buffers of a UDP socket stay as they are");
        }
    }
    Ok(Socket { socket, state, way: None })
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;
    use torrent::ip_filter::IpFilter;

    use super::*;

    fn open(at: SocketAddr, local: bool) -> Arc<Datagrams> {
        let opened = Datagrams::open(Sockets::new(None), &[at], local, true);
        Arc::new(opened.expect("loopback has free ports"))
    }

    fn loopback() -> SocketAddr {
        ([127, 0, 0, 1], 0).into()
    }

    #[tokio::test]
    async fn what_is_heard_goes_to_whom_it_is_for() {
        let (one, other) = (open(loopback(), true), open(loopback(), true));
        let (dht, mut messages) = channel(4);
        let (utp, mut packets) = channel(4);
        let (trackers, mut answers) = channel(4);
        other.listen(&Ears { dht: Some(dht), utp: Some(utp), trackers: Some(trackers) });
        let to = other.local_addrs()[0];
        let packet = [&[0x21, 0][..], &[7; 18]].concat();
        let answer = [&[0, 0, 0, 1][..], &[7; 16]].concat();
        for datagram in [&b"what?"[..], &[0, 0, 1, 0, 7, 7, 7, 7], b"d1:ae", &packet, &answer] {
            one.send(to, datagram);
        }
        assert_eq!(answers.recv().await.unwrap(), (one.local_addrs()[0], answer.into()));
        let (from, message) = messages.recv().await.unwrap();
        assert_eq!((from, &message[..]), (one.local_addrs()[0], &b"d1:ae"[..]));
        assert_eq!(packets.recv().await.unwrap()[0].1, packet);
        assert!(one.has_v4() && !one.has_v6());
    }

    #[tokio::test]
    async fn many_datagrams_sent_at_once_arrive_as_many() {
        let (one, other) = (open(loopback(), true), open(loopback(), true));
        let (utp, mut packets) = channel(64);
        other.listen(&Ears { utp: Some(utp), ..Ears::default() });
        let run: Vec<u8> =
            (0..40_u8).flat_map(|number| [&[0x01, number][..], &[7; 98]].concat()).collect();
        one.send_run(other.local_addrs()[0], &run[..run.len() - 50], 100);
        let mut heard = Vec::new();
        while heard.len() < 40 {
            heard.extend(packets.recv().await.unwrap());
        }
        let lens: Vec<_> = heard.iter().map(|(_, bytes)| bytes.len()).collect();
        assert_eq!(lens, [[100; 39].as_slice(), &[50]].concat());
        assert!(heard.iter().zip(0..).all(|((_, bytes), number)| bytes[1] == number));
    }

    #[tokio::test]
    async fn who_is_on_the_list_is_not_heard() {
        let filter = IpFilter::parse(b"127.0.0.2").filter;
        let sockets = Sockets::new(None).without(filter);
        let all = Datagrams::open(sockets, &[loopback()], true, true);
        let all = Arc::new(all.expect("loopback has free ports"));
        let (dht, mut messages) = channel(4);
        all.listen(&Ears { dht: Some(dht), ..Ears::default() });
        let (at, blocked) = (all.local_addrs()[0], ([127, 0, 0, 2], 0).into());
        open(blocked, true).send(at, b"d7:blockede");
        open(loopback(), true).send(at, b"d5:helloe");
        assert_eq!(messages.recv().await.unwrap().1, &b"d5:helloe"[..]);
    }

    #[tokio::test]
    async fn local_addresses_hear_nothing_unless_that_is_allowed_and_taken_ports_are_replaced() {
        let other = open(loopback(), true);
        let at = other.local_addrs()[0];
        let one = open(at, false);
        assert_ne!(one.local_addrs()[0], at);
        assert!(Datagrams::open(Sockets::new(None), &[at], false, false).is_err());
        let (dht, mut messages) = channel(4);
        other.listen(&Ears { dht: Some(dht), ..Ears::default() });
        one.send(at, b"d9:forbiddene");
        open(loopback(), true).send(at, b"d7:allowede");
        assert_eq!(messages.recv().await.unwrap().1, &b"d7:allowede"[..]);
    }
}
