//! Datagrams by way of a SOCKS5 proxy (RFC 1928, section 7): each carries the address it is meant for, or came
//! from, in front. The relay works for as long as the connection stands on which it was asked for.

use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpStream, UdpSocket};

use crate::address::Reach;

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

/// A relay that names no address, or one of a network that the proxy is not in, is where the proxy is.
pub(crate) fn as_seen_from_here(relay: SocketAddr, proxy: IpAddr) -> SocketAddr {
    let at_proxy = SocketAddr::new(proxy, relay.port());
    let is_near = Reach::of(relay) != Reach::Global && Reach::of(at_proxy) != Reach::of(relay);
    if relay.ip().is_unspecified() || is_near { at_proxy } else { relay }
}

#[cfg(test)]
mod tests {
    use super::*;

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
