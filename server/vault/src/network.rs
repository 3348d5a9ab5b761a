//! The networks that an address belongs to.

use ipnet::IpNet;
use std::net::IpAddr;

/// How many networks each address belongs to.
pub const LEVELS: usize = 3;

/// Prefix lengths of the networks of an IPv6 address, narrowest first: a link, a household and a
/// site. Providers assign any of the three to a customer.
const IPV6: [u8; LEVELS] = [64, 56, 48];
/// The same for IPv4.
const IPV4: [u8; LEVELS] = [32, 28, 24];

/// The networks that contain an address, narrowest first.
#[must_use]
pub fn networks_of(address: IpAddr) -> [IpNet; LEVELS] {
    let address = address.to_canonical();
    let lengths = if address.is_ipv4() { IPV4 } else { IPV6 };
    lengths.map(|length| IpNet::new(address, length).expect("no longer than an address").trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(a: &str, b: &str) -> usize {
        let [a, b] = [a, b].map(|text| networks_of(text.parse().expect("an address")));
        a.iter().zip(b).filter(|(a, b)| *a == b).count()
    }

    #[test]
    fn addresses_share_the_networks_that_they_have_in_common() {
        assert_eq!(shared("192.0.2.1", "192.0.2.1"), 3);
        assert_eq!(shared("192.0.2.1", "::ffff:192.0.2.1"), 3, "the same address, mapped");
        assert_eq!(shared("192.0.2.1", "192.0.2.2"), 2);
        assert_eq!(shared("192.0.2.1", "192.0.2.99"), 1);
        assert_eq!(shared("192.0.2.1", "192.0.3.1"), 0);
        assert_eq!(shared("127.0.0.1", "127.0.0.2"), 2, "loopback addresses are like others");
        assert_eq!(shared("2001:db8::1", "2001:db8::2"), 3);
        assert_eq!(shared("2001:db8::1", "2001:db8:0:1::1"), 2);
        assert_eq!(shared("2001:db8::1", "2001:db8:0:100::1"), 1);
        assert_eq!(shared("2001:db8::1", "2001:db8:1::1"), 0);
        assert_eq!(shared("0.0.0.0", "::"), 0);
    }
}
