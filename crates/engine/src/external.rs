//! Where the internet sees us, and whom that makes us prefer (BEP 24, 40).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use torrent::peer_priority::priority;

use crate::{ConnId, context::Context, peer::Peer, torrent::Torrent};

/// Our address in each family, once somebody told us.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct External {
    v4: Option<Ipv4Addr>,
    v6: Option<Ipv6Addr>,
}

impl External {
    /// Somebody says where it sees us; true if that is new. An address of a household is seen by nobody outside it.
    /// A lie does no more than change an order that is as good as chance.
    pub(crate) fn told(&mut self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(ip) if is_own(ip) => false,
            IpAddr::V4(ip) => self.v4.replace(ip) != Some(ip),
            IpAddr::V6(ip) if ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() => false,
            IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => false,
            IpAddr::V6(ip) => self.v6.replace(ip) != Some(ip),
        }
    }

    /// Our address in each family that is known.
    pub(crate) fn known(&self) -> impl Iterator<Item = IpAddr> + use<> {
        self.v4.map(IpAddr::V4).into_iter().chain(self.v6.map(IpAddr::V6))
    }

    /// The priority of a connection with a peer, the greater the better; `None` while we do not know who we are.
    pub(crate) fn priority(&self, port: u16, peer: SocketAddr) -> Option<u32> {
        let own: IpAddr = match peer.ip().to_canonical() {
            IpAddr::V4(_) => self.v4?.into(),
            IpAddr::V6(_) => self.v6?.into(),
        };
        Some(priority(SocketAddr::new(own, port), peer))
    }
}

fn is_own(ip: Ipv4Addr) -> bool {
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_broadcast()
}

impl Context {
    /// What breaks ties between candidates, the least first: the priority of BEP 40, or chance.
    pub(crate) fn salt(&mut self, peer: SocketAddr) -> u32 {
        let known = self.external.priority(self.config.listen_port, peer);
        known.map_or_else(|| self.random.below(u32::MAX), |priority| !priority)
    }
}

impl Torrent {
    /// We know where the internet sees us: candidates are put in the order that all of the swarm agrees on.
    pub(crate) fn reorder_candidates(&mut self, ctx: &mut Context) {
        self.candidates.reorder(|addr| ctx.salt(addr));
    }

    /// Whom to drop for a newcomer when nobody more fits in: the peer of the least priority, if that is less than the
    /// newcomer's. Who gives us something or takes something stays.
    pub(crate) fn dispensable(&self, ctx: &Context, newcomer: SocketAddr) -> Option<ConnId> {
        let of = |addr| ctx.external.priority(ctx.config.listen_port, addr);
        let least = self
            .peers
            .values()
            .filter(|peer| is_idle(peer))
            .filter_map(|peer| Some((of(peer.listens.unwrap_or(peer.addr))?, peer.conn)))
            .min()?;
        (least.0 < of(newcomer)?).then_some(least.1)
    }
}

fn is_idle(peer: &Peer) -> bool {
    let takes = peer.is_served() || (!peer.chokes && peer.interested);
    peer.is_open() && peer.choked_by && peer.requests.is_empty() && !takes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_household_is_not_where_the_internet_sees_us() {
        let mut external = External::default();
        for own in ["10.0.0.1", "127.0.0.1", "fe80::1", "fd00::1", "0.0.0.0", "::ffff:192.168.0.1"]
        {
            assert!(!external.told(own.parse().expect("an address")), "{own}");
        }
        let peer = ([98, 76, 54, 32], 6881).into();
        assert_eq!(external.priority(1, peer), None);
        assert!(
            external.told([123, 213, 32, 10].into()) && !external.told([123, 213, 32, 10].into())
        );
        assert_eq!(external.priority(1, peer), Some(0xec2d_7224), "the vector of BEP 40");
    }
}
