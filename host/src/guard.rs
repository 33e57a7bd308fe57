//! Which addresses may be reached: public ones, and those that the operator allows for a host.
//!
//! A name is resolved once and its addresses are pinned, so that it cannot lead somewhere else in the moment
//! of connecting (DNS rebinding). Every address must be allowed: a name with one public and one private
//! address is refused. Literal addresses go through the same check.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Addresses of one host that are kept; a connection tries them in their order.
const ADDRESSES_MAX: usize = 16;

/// Why a host is not reached.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// The name has no address.
    #[error("{host} cannot be resolved: {error}")]
    Unresolved {
        /// Which host.
        host: String,
        /// Why.
        error: io::Error,
    },
    /// The name leads to a network that is not public.
    #[error(
        "{host} is at {address}, which is not a public address; if that is right, allow it with --allow-address or allow_addresses in the configuration"
    )]
    Forbidden {
        /// Which host.
        host: String,
        /// Where it leads.
        address: IpAddr,
    },
    /// The URL has no host or no port.
    #[error("{0} names no host")]
    NoHost(String),
}

/// The addresses of a URL's host, all of them checked. Blocks while the system resolves the name.
pub fn resolve(url: &Url, allowed: &[IpNet]) -> Result<Vec<SocketAddr>, GuardError> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(GuardError::NoHost(url.as_str().to_owned()));
    };
    let addresses = match host {
        Host::Ipv4(address) => vec![SocketAddr::from((address, port))],
        Host::Ipv6(address) => vec![SocketAddr::from((address, port))],
        Host::Domain(name) => look_up(name, port)?,
    };
    admit(&host.to_string(), &addresses, allowed)?;
    Ok(addresses)
}

fn look_up(name: &str, port: u16) -> Result<Vec<SocketAddr>, GuardError> {
    let unresolved = |error| GuardError::Unresolved { host: name.to_owned(), error };
    let found: Vec<_> = (name, port).to_socket_addrs().map_err(unresolved)?.take(ADDRESSES_MAX).collect();
    if found.is_empty() {
        return Err(unresolved(io::Error::new(io::ErrorKind::NotFound, "it has no address")));
    }
    Ok(found)
}

/// Refuses a host if one of its addresses is neither public nor allowed.
fn admit(host: &str, addresses: &[SocketAddr], allowed: &[IpNet]) -> Result<(), GuardError> {
    let admitted = |address: IpAddr| is_public(address) || allowed.iter().any(|network| network.contains(&address));
    match addresses.iter().map(|address| address.ip()).find(|address| !admitted(*address)) {
        Some(address) => Err(GuardError::Forbidden { host: host.to_owned(), address }),
        None => Ok(()),
    }
}

/// Whether an address belongs to the public internet. IPv6 addresses that carry an IPv4 address inside
/// (mapped, compatible, translated, 6to4, Teredo) are never public: they lead wherever that one does, past
/// a check that does not know them.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_UNICAST_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|network| network.contains(&address))
        }
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// IANA IPv4 Special-Purpose Address Registry, multicast and the reserved class E.
const NOT_PUBLIC_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

const fn v6(segments: [u16; 4], prefix: u8) -> Ipv6Net {
    let [a, b, c, d] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

/// The one block from which global unicast addresses are given out. Loopback, mapped and compatible IPv4,
/// NAT64 (`64:ff9b::/96`), unique local, link-local and multicast addresses lie outside.
const GLOBAL_UNICAST_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// Within it: protocol assignments with Teredo, documentation, 6to4, and segment routing.
const NOT_PUBLIC_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0], 32),
    v6([0x2002, 0, 0, 0], 16),
    v6([0x2620, 0x4f, 0x8000, 0], 48),
    v6([0x3ffe, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0], 20),
];

#[cfg(test)]
mod tests;
