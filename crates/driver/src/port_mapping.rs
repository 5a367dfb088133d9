//! Asks the household's router to let peers in: PCP or NAT-PMP (RFC 6887, 6886), else UPnP (IGD).
//!
//! The libraries for it make their own sockets, so none of this happens where an interface is bound to or a proxy is
//! in between. What is asked for is renewed while the session lives and given back when it ends.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU16,
    pin::pin,
    time::Duration,
};

use crab_nat::{InternetProtocol, PortMapping, PortMappingOptions, PortMappingType, TimeoutConfig};
use igd_next::{
    AddPortError, PortMappingProtocol, SearchOptions,
    aio::{Gateway, tokio::Tokio},
};
use tokio::{
    net::UdpSocket,
    sync::{mpsc::UnboundedSender, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

/// How long a router lets peers in without being asked again, in seconds.
const LIFETIME: u32 = 3600;
/// How often it is asked: twice while that lasts.
const RENEW: Duration = Duration::from_secs(LIFETIME as u64 / 2);
/// When it is asked again after it refused or did not answer: it may have been changed.
const AGAIN: Duration = Duration::from_secs(10 * 60);
/// How long giving back may take when the session ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// Questions to a router that may not speak PCP: answered within moments, or never.
const PATIENCE: TimeoutConfig = TimeoutConfig {
    initial_timeout: Duration::from_millis(250),
    max_retries: 2,
    max_retry_timeout: Some(Duration::from_secs(1)),
};
/// How long routers that speak UPnP are looked for.
const SEARCH: Duration = Duration::from_secs(5);
/// What the router's page says of it.
const DESCRIPTION: &str = "Kinora";

/// How the household's router is found. The default is the usual way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortMappingConfig {
    /// The router; `None` is the one that leads to the internet.
    pub gateway: Option<Ipv4Addr>,
    /// Where routers that speak UPnP listen; `None` is their multicast group.
    pub search: Option<SocketAddr>,
}

/// What the router was asked for. Dropping it asks for nothing more, and gives nothing back.
#[derive(Debug)]
pub(crate) struct PortMappings {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl PortMappings {
    /// Asks for a port, for TCP and UDP, from now on. Our address as the router tells it goes to `seen`.
    pub(crate) fn start(
        config: PortMappingConfig,
        port: NonZeroU16,
        seen: UnboundedSender<IpAddr>,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(run(config, port, seen, stopped)) }
    }

    /// Gives everything back.
    pub(crate) async fn stop(self) {
        // The task has ended: there is nothing to give back.
        self.stop.send(()).ok();
        timeout(FAREWELL, self.task).await.ok();
    }
}

async fn run(
    config: PortMappingConfig,
    port: NonZeroU16,
    seen: UnboundedSender<IpAddr>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut mapped: Option<Mapped> = None;
    loop {
        let mut renewing = pin!(renew(&config, port, mapped.clone()));
        tokio::select! {
            renewed = &mut renewing => mapped = renewed,
            _ = &mut stopped => {
                // What the router has been asked for is known when it has answered.
                mapped = renewing.await;
                break;
            }
        }
        let pause = async {
            if let Some(ip) = external(mapped.as_ref()).await {
                // Nobody needs to know any more.
                seen.send(ip).ok();
            }
            sleep(if mapped.is_some() { RENEW } else { AGAIN }).await;
        };
        tokio::select! {
            () = pause => {}
            _ = &mut stopped => break,
        }
    }
    if let Some(mapped) = mapped {
        mapped.give_back(port).await;
    }
}

/// A router that lets peers in.
#[derive(Clone)]
enum Mapped {
    /// By PCP or NAT-PMP: one for each protocol.
    Pcp(Vec<PortMapping>),
    Upnp(Gateway<Tokio>, Ipv4Addr),
}

/// Where the router says that the internet sees us.
async fn external(mapped: Option<&Mapped>) -> Option<IpAddr> {
    match mapped? {
        Mapped::Upnp(gateway, _) => gateway.get_external_ip().await.ok(),
        Mapped::Pcp(all) => match all.first()?.mapping_type() {
            PortMappingType::Pcp { external_ip, .. } => Some(external_ip),
            PortMappingType::NatPmp => {
                let gateway = all.first()?.gateway();
                let told = crab_nat::natpmp::external_address(gateway, Some(PATIENCE)).await;
                told.ok().map(IpAddr::from)
            }
        },
    }
}

/// Asks again whom was asked before, or whoever is there.
async fn renew(
    config: &PortMappingConfig,
    port: NonZeroU16,
    known: Option<Mapped>,
) -> Option<Mapped> {
    if let Some(Mapped::Upnp(gateway, own)) = known
        && let Ok(mapped) = by_upnp(gateway, own, port).await
    {
        return Some(mapped);
    }
    let gateway = config.gateway.or_else(default_gateway);
    let mapped = match gateway {
        Some(gateway) => by_pcp(gateway, port).await,
        None => Err(io::ErrorKind::NotFound.into()),
    };
    let mapped = match mapped {
        Err(_) => search(config, gateway, port).await,
        mapped => mapped,
    };
    match &mapped {
        Ok(_) => tracing::info!(port, "the router lets peers in"),
        Err(why) => tracing::info!(port, %why, "no router lets peers in: those we call are met"),
    }
    mapped.ok()
}

async fn by_pcp(gateway: Ipv4Addr, port: NonZeroU16) -> io::Result<Mapped> {
    let own = own_address(gateway).await?;
    let options = PortMappingOptions {
        external_port: Some(port),
        lifetime_seconds: Some(LIFETIME),
        timeout_config: Some(PATIENCE),
    };
    let mut all: Vec<PortMapping> = Vec::new();
    for protocol in [InternetProtocol::Tcp, InternetProtocol::Udp] {
        let asked = PortMapping::new(gateway.into(), own.into(), protocol, port, options).await;
        // Others are told of our own port: another one is of no use.
        let refused = match asked {
            Ok(mapping) if mapping.external_port() == port => {
                all.push(mapping);
                continue;
            }
            Ok(mapping) => {
                all.push(mapping);
                "it offers another port".to_owned()
            }
            Err(why) => why.to_string(),
        };
        for mapping in all {
            mapping.try_drop().await.ok();
        }
        return Err(io::Error::other(refused));
    }
    Ok(Mapped::Pcp(all))
}

async fn search(
    config: &PortMappingConfig,
    gateway: Option<Ipv4Addr>,
    port: NonZeroU16,
) -> io::Result<Mapped> {
    let own = own_address(gateway.unwrap_or(Ipv4Addr::new(192, 0, 2, 1))).await?;
    let mut options = SearchOptions::default();
    options.bind_addr = SocketAddr::new(own.into(), 0);
    options.timeout = Some(SEARCH);
    if let Some(at) = config.search {
        options.broadcast_address = at;
        // Routers on loopback are trusted only where somebody names them.
        options.allowed_gateway_ips = vec![at.ip()];
    }
    let found = igd_next::aio::tokio::search_gateway(options).await.map_err(io::Error::other)?;
    by_upnp(found, own, port).await
}

async fn by_upnp(gateway: Gateway<Tokio>, own: Ipv4Addr, port: NonZeroU16) -> io::Result<Mapped> {
    let inside = SocketAddr::new(own.into(), port.get());
    for protocol in [PortMappingProtocol::TCP, PortMappingProtocol::UDP] {
        let add = |lifetime| gateway.add_port(protocol, port.get(), inside, lifetime, DESCRIPTION);
        match add(LIFETIME).await {
            Err(AddPortError::OnlyPermanentLeasesSupported) => add(0).await,
            added => added,
        }
        .map_err(io::Error::other)?;
    }
    Ok(Mapped::Upnp(gateway, own))
}

impl Mapped {
    async fn give_back(self, port: NonZeroU16) {
        match self {
            Self::Pcp(all) => {
                for mapping in all {
                    // What is not given back ends by itself.
                    mapping.try_drop().await.ok();
                }
            }
            Self::Upnp(gateway, _) => {
                for protocol in [PortMappingProtocol::TCP, PortMappingProtocol::UDP] {
                    gateway.remove_port(protocol, port.get()).await.ok();
                }
            }
        }
    }
}

/// Our address towards a host. Connecting a datagram socket sends nothing.
async fn own_address(towards: Ipv4Addr) -> io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.connect((towards, 9)).await?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(ip) => Ok(ip),
        IpAddr::V6(_) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

/// The router that leads to the internet, where the system tells it in a file.
fn default_gateway() -> Option<Ipv4Addr> {
    routed(&std::fs::read_to_string("/proc/net/route").ok()?)
}

/// The gateway of the default route of the least metric, in the form of `/proc/net/route`.
fn routed(table: &str) -> Option<Ipv4Addr> {
    let default = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, destination, gateway, _, _, _, metric, mask, ..] = fields[..] else { return None };
        let number = |text| u32::from_str_radix(text, 16).ok();
        let is_default = number(destination)? == 0 && number(mask)? == 0;
        let gateway = Ipv4Addr::from(number(gateway)?.to_ne_bytes());
        let is_default = is_default && !gateway.is_unspecified();
        is_default.then_some((metric.parse::<u32>().ok()?, gateway))
    });
    default.min().map(|(_, gateway)| gateway)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    #[test]
    fn the_default_route_of_the_least_metric_leads_to_the_router() {
        let head =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
        let routes = "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
            eth0\t00000000\tFE01A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
            tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n\
            eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n";
        assert_eq!(routed(&format!("{head}{routes}")), Some([192, 168, 1, 254].into()));
        assert_eq!(routed(head), None);
        assert_eq!(routed("nonsense\nof another system\n"), None);
    }
}
