//! The client's address. Behind a proxy, the peer is the proxy. What a client claims about itself
//! is never trusted.

use crate::problem::Refusal;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The header in which a proxy names its client.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// A similar header (RFC 7239), which is not read.
const FORWARDED: HeaderName = header::FORWARDED;

/// The address that a request counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The proxies whose `X-Forwarded-For` is trusted.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[IpNet]>);

/// A trusted proxy does not name its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// `X-Forwarded-For` contains something that is not an address.
    NotAnAddress,
    /// There is `Forwarded` but no `X-Forwarded-For`.
    OtherHeader,
}

impl Proxies {
    /// Trusts the proxies in these networks.
    #[must_use]
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self(trusted.into())
    }

    /// Whether a peer is a trusted proxy.
    #[must_use]
    pub fn contain(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|network| network.contains(&peer))
    }

    /// The rightmost address that is not a trusted proxy: the last one that a trusted proxy has
    /// seen. Addresses to the left of it are claims of strangers and are ignored.
    ///
    /// # Errors
    /// If a trusted proxy sent something other than an address, or another header. If such a
    /// request counted for the proxy, one client could use up everyone's share.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, Unknown> {
        let mut client = peer.to_canonical();
        if self.contain(client) && headers.contains_key(FORWARDED) && !headers.contains_key(FORWARDED_FOR) {
            return Err(Unknown::OtherHeader);
        }
        for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            for part in value.as_bytes().rsplit(|byte| *byte == b',') {
                if !self.contain(client) {
                    return Ok(client);
                }
                client = parse(part).ok_or(Unknown::NotAnAddress)?;
            }
        }
        Ok(client)
    }
}

/// Parses an address in the forms that proxies send: with or without port, brackets and zone.
fn parse(part: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(part).ok()?.trim_matches([' ', '\t']);
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            if !after.is_empty() {
                after.strip_prefix(':')?.parse::<u16>().ok()?;
            }
            address
        }
        None => match text.split_once(':') {
            // One colon precedes a port. IPv6 has more.
            Some((address, port)) if !port.contains(':') => {
                port.parse::<u16>().ok()?;
                address
            }
            _ => text,
        },
    };
    let (address, zone) = address.split_once('%').map_or((address, None), |(a, zone)| (a, Some(zone)));
    let address: IpAddr = address.parse().ok()?;
    match zone {
        Some(zone) if zone.is_empty() || address.is_ipv4() => None,
        _ => Some(address.to_canonical()),
    }
}

pub(super) async fn find(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    match proxies.client(peer, request.headers()) {
        Ok(client) => {
            request.extensions_mut().insert(ClientAddress(client));
            next.run(request).await
        }
        Err(Unknown::NotAnAddress) => {
            let detail = "The vault's proxy sent an X-Forwarded-For header that is not an IP address. Tell the vault's \
                          operator.";
            Refusal::malformed(FORWARDED_FOR, detail).into_response()
        }
        Err(Unknown::OtherHeader) => {
            let detail = "The vault's proxy sent a Forwarded header without X-Forwarded-For. Tell the vault's \
                          operator.";
            Refusal::malformed(FORWARDED.as_str(), detail).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn found(trusted: &[&str], peer: &str, forwarded: &[&[u8]]) -> Result<String, Unknown> {
        let trusted = trusted.iter().map(|network| network.parse().expect("a network")).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(value).expect("a header"));
        }
        let client = Proxies::new(trusted).client(peer.parse().expect("an address"), &headers);
        client.map(|client| client.to_string())
    }

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let forwarded: Vec<&[u8]> = forwarded.iter().map(|value| value.as_bytes()).collect();
        found(trusted, peer, &forwarded).expect("an address")
    }

    #[test]
    fn believes_trusted_proxies_only() {
        assert_eq!(client(&[], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["nonsense"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn the_other_header_alone_is_refused_and_never_ignored() {
        let of = |peer: &str, names: &[&'static str]| {
            let names = names.iter().map(|name| HeaderName::from_static(name));
            let headers = names.map(|name| (name, HeaderValue::from_static("198.51.100.7"))).collect();
            let trusted = Proxies::new(vec!["10.0.0.0/8".parse().expect("a network")]);
            trusted.client(peer.parse().expect("an address"), &headers).map(|client| client.to_string())
        };
        assert_eq!(of("10.0.0.1", &["forwarded"]), Err(Unknown::OtherHeader));
        assert_eq!(of("10.0.0.1", &["forwarded", "x-forwarded-for"]), Ok("198.51.100.7".to_owned()));
        assert_eq!(of("192.0.2.1", &["forwarded"]), Ok("192.0.2.1".to_owned()), "a stranger's claim");
    }

    #[test]
    fn takes_the_rightmost_stranger() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(client(trusted, "10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client(trusted, "10.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(trusted, "10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(client(trusted, "10.0.0.1", &["nonsense, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client(trusted, "10.0.0.1", &["nonsense", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(trusted, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (written, address) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            (" 198.51.100.7\t", "198.51.100.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%eth0]:443", "fe80::1"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[::ffff:198.51.100.7]:1", "198.51.100.7"),
        ] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[written]), address, "{written:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_never_ignored() {
        for written in [
            &b"unknown"[..],
            b"",
            b"198.51.100.7, ",
            b"198.51.100.7:",
            b"198.51.100.7:99999",
            b"198.51.100.7%eth0",
            b"[2001:db8::1",
            b"[2001:db8::1]x",
            b"[2001:db8::1]:",
            b"fe80::1%",
            b"198.51.100.7\xa0",
            b"\xff\xfe",
            "198.51.100.7\u{a0}".as_bytes(),
            b"nonsense, 10.0.0.2",
        ] {
            assert_eq!(
                found(&["10.0.0.0/8"], "10.0.0.1", &[written]),
                Err(Unknown::NotAnAddress),
                "{written:?}"
            );
        }
    }
}
