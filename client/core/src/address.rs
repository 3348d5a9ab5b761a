//! The address of a vault (protocol.md sections 3, 13 and 14).

use rootcellar_spec::VaultId;
use rootcellar_spec::vault_id::is_loopback_host;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;
use url::Url;

/// The public origin of a vault: `https`, or `http` to the own machine; nothing behind the host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultUrl {
    scheme: &'static str,
    /// In lower case; an IPv6 address stands in brackets.
    host: String,
    /// `None` for the scheme's own.
    port: Option<u16>,
}

/// Why text is no vault's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not an absolute URL with a host.
    #[error("this is not a valid vault address: use one such as https://vault.example.org")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("the vault's address must start with https://")]
    Scheme,
    /// `http` to another machine.
    #[error("http:// connections are not encrypted: use https:// (http:// is only allowed to this machine)")]
    Insecure,
    /// User name or password.
    #[error("the vault's address must not contain a user name or password: remove everything before the @")]
    Credentials,
    /// Path, query or fragment.
    #[error("the vault's address must end after the host and port: remove the path, query or fragment")]
    Path,
    /// The host cannot name a vault.
    #[error("the vault's host name is too long or contains invalid characters: check the spelling")]
    Host,
}

impl VaultUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// Where it is no URL, not secure, or more than an origin.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::NotAUrl)?;
        let address = Self::of_parts(url.scheme(), url.host_str().unwrap_or_default(), url.port());
        if matches!(address, Err(AddressError::Scheme | AddressError::Insecure)) {
            return address;
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Path);
        }
        address
    }

    /// Reads an origin that has its normal form already, as a browser's `URL.origin` gives it: `https://host` or
    /// `https://host:port`, the host in lower case and in ASCII.
    ///
    /// # Errors
    /// Where it is anything else, or not secure.
    pub fn of_origin(origin: &str) -> Result<Self, AddressError> {
        let (scheme, authority) = origin.split_once("://").ok_or(AddressError::NotAUrl)?;
        let colon = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
        let (host, port) = match colon {
            Some(at) => {
                let port = authority[at + 1..].parse().map_err(|_| AddressError::NotAUrl)?;
                (&authority[..at], Some(port))
            }
            None => (authority, None),
        };
        let address = Self::of_parts(scheme, host, port)?;
        if address.join("") == origin { Ok(address) } else { Err(AddressError::NotAUrl) }
    }

    /// A vault at this host, if requests to it are secure and it can name one.
    fn of_parts(scheme: &str, host: &str, port: Option<u16>) -> Result<Self, AddressError> {
        let scheme = match scheme {
            "https" => "https",
            "http" if is_loopback_host(host) => "http",
            "http" => return Err(AddressError::Insecure),
            _ => return Err(AddressError::Scheme),
        };
        VaultId::of_host(host).ok_or(AddressError::Host)?;
        Ok(Self { scheme, host: host.to_ascii_lowercase(), port })
    }

    /// The identity that a vault at this address has unless it says otherwise.
    #[must_use]
    pub fn guess_vault_id(&self) -> VaultId {
        VaultId::of_host(&self.host).expect("checked when the address was read")
    }

    /// Host and non-default port in lower case: what request signatures cover as `@authority`.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The absolute URL of a path of this vault; the path begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.authority())
    }
}

impl FromStr for VaultUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl fmt::Display for VaultUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.join(""))
    }
}

/// As an origin in its normal form.
impl Serialize for VaultUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VaultUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of_origin(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_origins_only() {
        for (text, expected) in [
            ("http://vault.example.org", AddressError::Insecure),
            ("http://localhost.example.org", AddressError::Insecure),
            ("http://10.0.0.1:8787", AddressError::Insecure),
            ("ftp://localhost", AddressError::Scheme),
            ("https://name@vault.example.org", AddressError::Credentials),
            ("https://:word@vault.example.org", AddressError::Credentials),
            ("https://vault.example.org/x", AddressError::Path),
            ("https://vault.example.org/?x", AddressError::Path),
            ("https://vault.example.org/#x", AddressError::Path),
            ("https://under_score.example.org", AddressError::Host),
            ("vault.example.org", AddressError::NotAUrl),
        ] {
            assert_eq!(VaultUrl::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn names_the_authority_as_it_is_signed() {
        let authority = |text: &str| VaultUrl::parse(text).expect("an address").authority();
        assert_eq!(authority("https://Vault.Example.org:443/"), "vault.example.org");
        assert_eq!(authority("https://vault.example.org:8443"), "vault.example.org:8443");
        assert_eq!(authority("http://[::1]:8787"), "[::1]:8787");
        assert_eq!(authority("http://127.0.0.1:80"), "127.0.0.1");
    }

    #[test]
    fn takes_an_origin_in_its_normal_form_only() {
        for text in [
            "https://vault.example.org",
            "https://vault.example.org:8443",
            "http://[::1]:8787",
            "http://127.0.0.1:80",
        ] {
            let of_origin = VaultUrl::of_origin(text).expect("an origin");
            assert_eq!(of_origin.to_string(), text);
            assert_eq!(
                of_origin.guess_vault_id(),
                VaultUrl::parse(text).expect("an address").guess_vault_id()
            );
        }
        for (text, expected) in [
            ("http://vault.example.org", AddressError::Insecure),
            ("http://localhost.example.org", AddressError::Insecure),
            ("ftp://localhost", AddressError::Scheme),
            ("null", AddressError::NotAUrl),
            ("https://Vault.example.org", AddressError::NotAUrl),
            ("https://vault.example.org:08443", AddressError::NotAUrl),
            ("https://vault.example.org:65536", AddressError::NotAUrl),
            ("https://vault.example.org/", AddressError::Host),
            ("https://name@vault.example.org", AddressError::Host),
            ("https://", AddressError::Host),
        ] {
            assert_eq!(VaultUrl::of_origin(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn shows_the_origin() {
        let url = VaultUrl::parse(" https://Vault.example.org:8443/ ").expect("an address");
        assert_eq!(url.to_string(), "https://vault.example.org:8443");
        assert_eq!(url.join("/v1/vault"), "https://vault.example.org:8443/v1/vault");
    }
}
