//! Addresses and nodes as the wire writes them: 6 or 18 bytes, behind 20 bytes of id for a node (BEP 5, BEP 32).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::{Family, Id, node::Node};

/// Bytes of an address.
pub(crate) fn address_len(family: Family) -> usize {
    match family {
        Family::V4 => 6,
        Family::V6 => 18,
    }
}

/// The address in 6 or 18 bytes; `None` for any other number of them. An IPv4 address in IPv6 clothes is IPv4, or one
/// host would count as two.
pub(crate) fn read_address(bytes: &[u8]) -> Option<SocketAddr> {
    let (ip, port) = bytes.split_last_chunk::<2>()?;
    let ip: IpAddr = match ip.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(ip).ok()?).into(),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(ip).ok()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip.to_canonical(), u16::from_be_bytes(*port)))
}

pub(crate) fn write_address(addr: SocketAddr) -> Vec<u8> {
    let mut out = match addr.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    out.extend_from_slice(&addr.port().to_be_bytes());
    out
}

/// The nodes in a list, `most` of them; a rest that is no whole node is left out, and so is one of the other family.
pub(crate) fn read_nodes(bytes: &[u8], family: Family, most: usize) -> Vec<Node> {
    let nodes = bytes.chunks_exact(20 + address_len(family)).take(most).filter_map(read_node);
    nodes.filter(|node| Family::of(node.addr.ip()) == family).collect()
}

fn read_node(bytes: &[u8]) -> Option<Node> {
    let (id, addr) = bytes.split_first_chunk::<20>()?;
    Some(Node { id: Id(*id), addr: read_address(addr)? })
}

pub(crate) fn write_nodes(nodes: &[Node]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nodes.len() * 38);
    for node in nodes {
        out.extend_from_slice(&node.id.0);
        out.extend(write_address(node.addr));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_ipv4_and_no_node_of_ipv6() {
        let plain: SocketAddr = "8.8.8.8:6881".parse().unwrap();
        let clothed = write_address("[::ffff:8.8.8.8]:6881".parse().unwrap());
        assert_eq!((clothed.len(), read_address(&clothed)), (18, Some(plain)));
        let clothed = [&[1; 20][..], &clothed].concat();
        assert_eq!(read_nodes(&clothed, Family::V6, 8), []);
        let node = Node { id: Id([1; 20]), addr: plain };
        assert_eq!(read_nodes(&write_nodes(&[node]), Family::V4, 8), [node]);
    }
}
