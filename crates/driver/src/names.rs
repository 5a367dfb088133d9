//! Names of hosts looked up through sockets of ours: the system's own resolver would ask over any interface.

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
    proto::rr::Name,
    system_conf::read_system_conf,
};
use tokio::{
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use crate::sockets::Sockets;

/// Where name servers listen (RFC 1035).
const PORT: u16 = 53;
/// How long a name server may take to accept a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Asks name servers.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// Those that were named; empty are the system's.
    servers: Vec<IpAddr>,
    /// Where they listen.
    port: u16,
}

impl Names {
    /// Asks `servers`, or the system's if none are named.
    pub(crate) fn new(servers: &[IpAddr]) -> Self {
        Self { servers: servers.to_vec(), port: PORT }
    }

    #[cfg(test)]
    pub(crate) fn at(server: SocketAddr) -> Self {
        Self { servers: vec![server.ip()], port: server.port() }
    }

    /// The addresses of a host, by sockets made by `sockets`.
    ///
    /// # Errors
    /// Nobody knows it, nobody answers, or there is nobody to ask.
    pub(crate) async fn lookup(&self, sockets: &Sockets, host: &str) -> io::Result<Vec<IpAddr>> {
        // A name that ends here: what the system appends to names is none of the swarm's business.
        let mut name = Name::from_utf8(host).map_err(io::Error::other)?;
        name.set_fqdn(true);
        let servers = self.servers()?.into_iter().map(|ip| self.config(ip)).collect();
        let config = ResolverConfig::from_parts(None, vec![], servers);
        let ours = Ours { sockets: sockets.clone(), tasks: TokioHandle::default() };
        let resolver = Resolver::builder_with_config(config, ours).build();
        let resolver = resolver.map_err(io::Error::other)?;
        let found = resolver.lookup_ip(name).await.map_err(io::Error::other)?;
        Ok(found.iter().collect())
    }

    fn config(&self, server: IpAddr) -> NameServerConfig {
        let mut config = NameServerConfig::udp_and_tcp(server);
        config.connections.iter_mut().for_each(|connection| connection.port = self.port);
        config
    }

    /// Whom to ask. A resolver on this machine cannot be reached through another interface, and would itself ask
    /// over any.
    fn servers(&self) -> io::Result<Vec<IpAddr>> {
        if !self.servers.is_empty() {
            return Ok(self.servers.clone());
        }
        let (system, _) = read_system_conf().map_err(io::Error::other)?;
        let all = system.name_servers().iter().map(|server| server.ip);
        let servers: Vec<_> = all.filter(|ip| !ip.is_loopback()).collect();
        if servers.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no name server can be reached through the interface: name one with network.dns",
            ));
        }
        Ok(servers)
    }
}

/// Sockets for the resolver.
#[derive(Clone)]
struct Ours {
    sockets: Sockets,
    tasks: TokioHandle,
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
        let sockets = self.sockets.clone();
        Box::pin(async move {
            let stands = timeout(patience.unwrap_or(CONNECT_PATIENCE), sockets.connect_to(server));
            stands.await.map_err(|_| io::ErrorKind::TimedOut)?.map(AsyncIoTokioAsStd)
        })
    }

    fn bind_udp(&self, at: SocketAddr, _server: SocketAddr) -> Made<UdpSocket> {
        let made = self.sockets.datagrams(at);
        Box::pin(async move { made })
    }
}
