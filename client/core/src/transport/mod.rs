//! How requests reach a vault, injected (protocol.md section 13).
//!
//! A transport sends one request and returns one answer, whatever its status. It follows no redirects, sends each
//! request once, and reads at most [`RESPONSE_BYTES`] of an answer. Retries, signatures and errors are the client's affair.

#[cfg(feature = "reqwest")]
mod reqwest;

#[cfg(feature = "reqwest")]
pub use self::reqwest::{NativeClock, NativeOptions, NativeTransport, SetupError};

use crate::address::VaultUrl;
use crate::shown::VaultText;

/// The longest answer that is read, in bytes; a snapshot has 1 MiB.
pub const RESPONSE_BYTES: usize = 2 << 20;

/// Method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Starts or finishes something.
    Post,
    /// Saves a snapshot.
    Put,
}

impl Method {
    /// As it is sent and signed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One request, complete: a transport adds nothing that is signed.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute path, with `?` and the query where there is one.
    pub path: String,
    /// Header names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for `GET`.
    pub body: Vec<u8>,
}

/// One answer, of any status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, and values. Headers that are no text may be left out.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`RESPONSE_BYTES`].
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer. Says nothing of the request's bytes.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection came about: the vault has not seen the request.
    #[error("no connection: {0}")]
    NoConnection(VaultText),
    /// The vault's certificate is of an authority that this device does not trust: no request was sent.
    #[error("its certificate was issued by a CA that this device does not know")]
    UnknownAuthority,
    /// The vault's certificate is for other names than the address: no request was sent.
    #[error("its certificate is for another host name")]
    WrongName,
    /// The vault's certificate is not accepted for another reason, such as its time: no request was sent.
    #[error("its certificate is not accepted: {0}")]
    Certificate(VaultText),
    /// What listens at the address does not speak TLS: no request was sent.
    #[error("the server at this address does not use TLS")]
    NoTls,
    /// The connection broke, or time ran out: the vault may have seen the request.
    #[error("no response: {0}")]
    NoResponse(VaultText),
    /// The answer is longer than [`RESPONSE_BYTES`].
    #[error("the response is longer than {RESPONSE_BYTES} bytes")]
    TooLong,
}

impl TransportError {
    /// Whether nothing was sent, so that the vault cannot have acted.
    pub(crate) fn was_not_sent(&self) -> bool {
        matches!(self, Self::NoConnection(_)) || self.is_lasting()
    }

    /// Whether the same would happen again: a person has to see to it.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, Self::UnknownAuthority | Self::WrongName | Self::Certificate(_) | Self::NoTls)
    }

    /// The same reason, where the vault may have seen the request nevertheless.
    pub(crate) fn as_no_answer(&self) -> Self {
        match self {
            Self::NoConnection(why) | Self::NoResponse(why) => Self::NoResponse(why.clone()),
            other => Self::NoResponse(other.to_string().into()),
        }
    }
}

/// Sends requests.
pub trait Transport {
    /// Sends `request` once to `vault` and reads the answer.
    ///
    /// # Errors
    /// Where no whole answer arrived; an answer of any status is no error.
    fn send(
        &self,
        vault: &VaultUrl,
        request: &Request,
    ) -> impl Future<Output = Result<Response, TransportError>>;
}
