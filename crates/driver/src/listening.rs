//! Where others reach us: TCP and UDP at one port.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tokio::net::TcpListener;

use crate::{
    config::{Config, Transport},
    datagrams::Datagrams,
    errors::StartError,
    relay::Association,
    sockets::Sockets,
};

/// Free ports that are tried until one is free for TCP and UDP.
const TRIES: usize = 16;

/// Open sockets.
#[derive(Debug)]
pub(crate) struct Listening {
    /// For TCP, one for each address.
    pub(crate) tcp: Vec<TcpListener>,
    /// For UDP, if anything that uses it is wanted.
    pub(crate) datagrams: Option<Datagrams>,
    /// Where peers reach us.
    pub(crate) addrs: Vec<SocketAddr>,
}

impl Listening {
    /// Opens what is wanted. Where the system chooses the port, it is the same for TCP and UDP.
    ///
    /// # Errors
    /// A port that was asked for is taken, or listening fails for another reason.
    pub(crate) fn open(config: &Config, sockets: &Sockets) -> Result<Self, StartError> {
        let may_choose = config.listen.iter().all(|addr| addr.port() == 0);
        for _ in 0..TRIES {
            match Self::open_once(config, sockets, false) {
                Err(StartError::PortTaken { .. }) if may_choose => {}
                Err(StartError::PortTaken { .. }) if config.transport != Transport::Utp => break,
                opened => return opened,
            }
        }
        Self::open_once(config, sockets, true)
    }

    /// Nobody can call, and datagrams go by way of a proxy's relay.
    ///
    /// # Errors
    /// The system has no socket for it.
    pub(crate) fn behind(
        relay: Association,
        config: &Config,
        sockets: &Sockets,
    ) -> Result<Self, StartError> {
        let local = config.address_policy.local_peers;
        let opened = Datagrams::relayed(sockets.clone(), relay, local);
        let datagrams =
            opened.map_err(|source| refused((Ipv4Addr::UNSPECIFIED, 0).into(), source))?;
        Ok(Self { tcp: vec![], datagrams: Some(datagrams), addrs: vec![] })
    }

    /// With `may_move`, UDP may be at another port: others learn it from our datagrams.
    fn open_once(config: &Config, sockets: &Sockets, may_move: bool) -> Result<Self, StartError> {
        let tcp = match config.transport {
            Transport::Utp => vec![],
            Transport::Tcp | Transport::Both => listen(sockets, &config.listen)?,
        };
        let mut addrs: Vec<_> = tcp.iter().filter_map(|one| one.local_addr().ok()).collect();
        if config.transport == Transport::Tcp && config.dht.is_none() {
            return Ok(Self { tcp, datagrams: None, addrs });
        }
        let anywhere = [(Ipv4Addr::UNSPECIFIED, 0).into()];
        let at = [&addrs[..], &config.listen, &anywhere].into_iter().find(|at| !at.is_empty());
        let at = at.unwrap_or(&anywhere);
        let local = config.address_policy.local_peers;
        let opened = Datagrams::open(sockets.clone(), at, local, may_move);
        let datagrams = opened.map_err(|source| refused(at[0], source))?;
        if config.transport == Transport::Utp && !config.listen.is_empty() {
            addrs = datagrams.local_addrs();
        }
        Ok(Self { tcp, datagrams: Some(datagrams), addrs })
    }
}

fn listen(sockets: &Sockets, addrs: &[SocketAddr]) -> Result<Vec<TcpListener>, StartError> {
    let one = |addr: &SocketAddr| sockets.listen(*addr).map_err(|source| refused(*addr, source));
    addrs.iter().map(one).collect()
}

fn refused(addr: SocketAddr, source: io::Error) -> StartError {
    match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken { addr },
        _ => StartError::Listen { addr, source },
    }
}
