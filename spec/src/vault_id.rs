//! Vault IDs (protocol.md section 3).

use crate::limits::VAULT_ID_BYTES;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use url::Url;

/// The permanent ID of a vault, which does not depend on its address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(pattern = r"^[a-z0-9.:\[\]-]+$", min_length = 1, max_length = 255))]
pub struct VaultId(String);

/// The vault ID of every vault on a loopback address.
pub const LOOPBACK: &str = "localhost";

/// The text is not a vault ID: 1 to 255 bytes of `a-z 0-9 . - : [ ]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a vault ID is 1 to 255 characters of a-z, 0-9, '.', '-', ':', '[' and ']'")]
pub struct InvalidVaultId;

impl VaultId {
    /// The vault ID that a client assumes if it does not know it: the URL's host, or
    /// `localhost` for every loopback host. `None` for a URL without a host.
    #[must_use]
    pub fn guess(url: &Url) -> Option<Self> {
        Self::of_host(url.host_str()?)
    }

    /// Like [`Self::guess`], from the host in a URL: a name, an IPv4 address, or an IPv6 address in
    /// brackets.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        if is_loopback_host(host) {
            return Some(Self(LOOPBACK.to_owned()));
        }
        Self::try_from(host.to_ascii_lowercase()).ok()
    }

    /// As sent in requests.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As used in hashes and contexts.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether the URL's host is on the same machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

/// Like [`is_loopback`], from the host in a URL.
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match ipv6 {
        Some(address) => address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => {
            host.eq_ignore_ascii_case(LOOPBACK)
                || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        }
    }
}

impl TryFrom<String> for VaultId {
    type Error = InvalidVaultId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b);
        let valid = (1..=VAULT_ID_BYTES).contains(&text.len()) && text.bytes().all(allowed);
        valid.then_some(Self(text)).ok_or(InvalidVaultId)
    }
}

impl From<VaultId> for String {
    fn from(vault_id: VaultId) -> Self {
        vault_id.0
    }
}

impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(url: &str) -> String {
        VaultId::guess(&Url::parse(url).expect("a URL")).expect("a host").to_string()
    }

    #[test]
    fn guesses_from_the_host_alone() {
        assert_eq!(guess("https://Vault.Example.org:8443/x"), "vault.example.org");
        assert_eq!(guess("http://127.0.0.1:1234"), "localhost");
        assert_eq!(guess("http://[::1]:1234"), "localhost");
        assert_eq!(guess("http://LOCALHOST"), "localhost");
    }

    #[test]
    fn refuses_other_characters() {
        for text in ["", "UPPER", "a/b", "a b", "é", &"a".repeat(256)] {
            assert_eq!(VaultId::try_from(text.to_owned()), Err(InvalidVaultId), "{text:?}");
        }
    }
}
