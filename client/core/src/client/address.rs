//! The address of a vault (protocol.md sections 3, 13 and 14).

use rootcellar_spec::Identity;
use rootcellar_spec::identity::is_loopback;
use std::fmt;
use std::str::FromStr;
use url::Url;

/// The public origin of a vault: `https`, or `http` to the own machine; nothing behind the host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultUrl(Url);

/// Why text is no vault's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not an absolute URL with a host.
    #[error("the vault's address is no URL: give one like https://vault.example.org")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("the vault's address must begin with https://")]
    Scheme,
    /// `http` to another machine.
    #[error(
        "requests over http:// would go in the clear: use https:// (http:// serves this machine's own vault only)"
    )]
    Insecure,
    /// User name or password.
    #[error("the vault's address must not hold a user name or password: remove what stands before the @")]
    Credentials,
    /// Path, query or fragment.
    #[error("the vault's address must end behind the host and port: remove the path, query or fragment")]
    Path,
    /// The host cannot name a vault.
    #[error("the vault's host name is too long or holds characters that no vault has: check its spelling")]
    Host,
}

impl VaultUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// Where it is no URL, not secure, or more than an origin.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(AddressError::Insecure),
            _ => return Err(AddressError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Path);
        }
        Identity::guess(&url).ok_or(AddressError::Host)?;
        Ok(Self(url))
    }

    /// The identity that a vault at this address has unless it says otherwise.
    #[must_use]
    pub fn guess_identity(&self) -> Identity {
        Identity::guess(&self.0).expect("checked when the address was read")
    }

    /// Host and non-default port in lower case: what request signatures cover as `@authority`.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default().to_ascii_lowercase();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// The absolute URL of a path of this vault; the path begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}://{}{path}", self.0.scheme(), self.authority())
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
    fn shows_the_origin() {
        let url = VaultUrl::parse(" https://Vault.example.org:8443/ ").expect("an address");
        assert_eq!(url.to_string(), "https://vault.example.org:8443");
        assert_eq!(url.join("/v1/vault"), "https://vault.example.org:8443/v1/vault");
    }
}
