//! Whether this machine has a network at all.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses that stand for the world outside, of ranges that belong to nobody (RFC 5737, RFC 3849).
const OUTSIDE: [(SocketAddr, SocketAddr); 2] = [
    (
        SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 9),
    ),
    (
        SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
        SocketAddr::new(
            std::net::IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
            9,
        ),
    ),
];

/// Whether the system knows a way out of this machine, by IPv4 or by IPv6. Only its routing table is asked: no packet is
/// sent, and what lies at the other end of the way is not known.
pub(crate) fn has_way_out() -> bool {
    let is_known = |(own, outside): (SocketAddr, SocketAddr)| {
        // To connect such a socket is to choose the way, and no more.
        UdpSocket::bind(own).is_ok_and(|socket| socket.connect(outside).is_ok())
    };
    OUTSIDE.into_iter().any(is_known)
}
