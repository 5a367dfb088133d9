//! Names looked up through sockets of ours: the system's own resolver would ask over any interface.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    time::Duration,
};

use hickory_resolver::{
    Resolver,
    config::{NameServerConfig, ResolverConfig},
    net::runtime::{RuntimeProvider, TokioHandle, TokioTime, iocompat::AsyncIoTokioAsStd},
    proto::rr::{Name, RData, Record},
    system_conf::read_system_conf,
};
use tokio::{
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use crate::sockets::Sockets;

/// Where name servers listen (RFC 1035).
const PORT: u16 = 53;
/// The most TXT records of a name that are read, and the longest one, bytes.
const TEXTS_MAX: usize = 64;
const TEXT_MAX: usize = 1024;
/// How long a name server may take to accept a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Asks name servers.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// Those that were named; empty are the system's.
    servers: Vec<SocketAddr>,
}

impl Names {
    /// Asks `servers`, or the system's if none are named.
    pub(crate) fn new(servers: &[SocketAddr]) -> Self {
        Self { servers: servers.to_vec() }
    }

    /// The addresses of a host, by sockets made by `sockets`.
    ///
    /// # Errors
    /// Nobody knows it, nobody answers, or there is nobody to ask.
    pub(crate) async fn lookup(&self, sockets: &Sockets, host: &str) -> io::Result<Vec<IpAddr>> {
        let servers = self.servers(false)?.into_iter().map(by_udp_and_tcp);
        let resolver = resolver(servers, Ours::new(sockets, false))?;
        let found = resolver.lookup_ip(whole(host)?).await.map_err(io::Error::other)?;
        Ok(found.iter().collect())
    }

    /// The TXT records of a name (RFC 1035), each of its strings joined; what is no text, long or one of too many is
    /// left out. Behind a proxy a server that was named is asked by way of it, and nobody else is.
    ///
    /// # Errors
    /// Why there are none.
    pub(crate) async fn texts(
        &self,
        sockets: &Sockets,
        name: &str,
    ) -> Result<Vec<String>, NoTexts> {
        let proxied = sockets.proxied();
        if proxied && self.servers.is_empty() {
            return Err(NoTexts::Proxied);
        }
        let servers = self.servers(sockets.interface().is_none())?.into_iter();
        let servers: Vec<_> = match proxied {
            true => servers.map(by_tcp).collect(),
            false => servers.map(by_udp_and_tcp).collect(),
        };
        let resolver = resolver(servers.into_iter(), Ours::new(sockets, proxied))?;
        match resolver.txt_lookup(whole(name)?).await {
            Ok(found) => Ok(found.answers().iter().filter_map(text).take(TEXTS_MAX).collect()),
            Err(why) if why.is_no_records_found() => Err(NoTexts::NotThere),
            Err(why) => Err(io::Error::other(why).into()),
        }
    }

    /// Whom to ask. A resolver on this machine cannot be reached through another interface, and would itself ask
    /// over any: it is asked only where `near` ones may be.
    fn servers(&self, near: bool) -> io::Result<Vec<SocketAddr>> {
        if !self.servers.is_empty() {
            return Ok(self.servers.clone());
        }
        let (system, _) = read_system_conf().map_err(io::Error::other)?;
        let all = system.name_servers().iter().map(|server| server.ip);
        let all = all.filter(|ip| near || !ip.is_loopback());
        let servers: Vec<_> = all.map(|ip| SocketAddr::new(ip, PORT)).collect();
        if servers.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no name server can be reached through the interface: name one with network.dns",
            ));
        }
        Ok(servers)
    }
}

/// Why a name has no texts for us.
#[derive(Debug, thiserror::Error)]
pub enum NoTexts {
    /// A proxy resolves names and knows no other records, and no name server was named that could be asked through it.
    #[error(
        "everything goes by way of a proxy, which knows no TXT records; name a server with network.dns to ask it \
         through the proxy"
    )]
    Proxied,
    /// The name has no such records, or does not exist.
    #[error("there are no such records")]
    NotThere,
    /// Nobody answers.
    #[error("no name server answers: {0}")]
    Silent(#[from] io::Error),
}

/// A name that ends here: what the system appends to names is none of the swarm's business.
fn whole(name: &str) -> io::Result<Name> {
    let mut name = Name::from_utf8(name).map_err(io::Error::other)?;
    name.set_fqdn(true);
    Ok(name)
}

fn by_udp_and_tcp(server: SocketAddr) -> NameServerConfig {
    at_port(NameServerConfig::udp_and_tcp(server.ip()), server.port())
}

fn by_tcp(server: SocketAddr) -> NameServerConfig {
    at_port(NameServerConfig::tcp(server.ip()), server.port())
}

fn at_port(mut config: NameServerConfig, port: u16) -> NameServerConfig {
    config.connections.iter_mut().for_each(|connection| connection.port = port);
    config
}

fn resolver(
    servers: impl Iterator<Item = NameServerConfig>,
    ours: Ours,
) -> io::Result<Resolver<Ours>> {
    let config = ResolverConfig::from_parts(None, vec![], servers.collect());
    Resolver::builder_with_config(config, ours).build().map_err(io::Error::other)
}

fn text(record: &Record) -> Option<String> {
    let RData::TXT(text) = &record.data else { return None };
    let bytes = text.txt_data.concat();
    String::from_utf8(bytes).ok().filter(|text| text.len() <= TEXT_MAX)
}

/// Sockets for the resolver.
#[derive(Clone)]
struct Ours {
    sockets: Sockets,
    tasks: TokioHandle,
    /// Whether everything goes by way of the proxy.
    proxied: bool,
}

impl Ours {
    fn new(sockets: &Sockets, proxied: bool) -> Self {
        Self { sockets: sockets.clone(), tasks: TokioHandle::default(), proxied }
    }
}

type Made<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl RuntimeProvider for Ours {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = UdpSocket;
    type Tcp = AsyncIoTokioAsStd<TcpStream>;

    fn create_handle(&self) -> TokioHandle {
        self.tasks.clone()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        _from: Option<SocketAddr>,
        patience: Option<Duration>,
    ) -> Made<Self::Tcp> {
        let (sockets, proxied) = (self.sockets.clone(), self.proxied);
        Box::pin(async move {
            let stands = async {
                match proxied {
                    // The person named the server: it may be anywhere.
                    true => sockets.connect(server, true).await.map_err(io::Error::other),
                    false => sockets.connect_to(server).await,
                }
            };
            let stands = timeout(patience.unwrap_or(CONNECT_PATIENCE), stands).await;
            stands.map_err(|_| io::ErrorKind::TimedOut)?.map(AsyncIoTokioAsStd)
        })
    }

    fn bind_udp(&self, at: SocketAddr, _server: SocketAddr) -> Made<UdpSocket> {
        let made = match self.proxied {
            true => Err(io::ErrorKind::Unsupported.into()),
            false => self.sockets.datagrams(at),
        };
        Box::pin(async move { made })
    }
}
