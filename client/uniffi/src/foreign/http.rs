//! The app's HTTP stack, or reqwest over rustls.

use rootcellar_client::client::VaultUrl;
use rootcellar_client::transport::{NativeTransport, Request, Response, Transport, TransportError};
use std::sync::Arc;
use std::time::Duration;

/// How long the app's stack may take for one request.
const LIMIT: Duration = Duration::from_secs(60);

/// One header.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HttpHeader {
    /// Its name; upper and lower case mean the same.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One request, complete: nothing that is signed may be added or changed.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HttpRequest {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Headers to send as they are.
    pub headers: Vec<HttpHeader>,
    /// The body; empty for `GET`. It holds no seed or passphrase in the clear.
    pub body: Vec<u8>,
}

/// One answer, of any status.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Its headers; `date` and `retry-after` count.
    pub headers: Vec<HttpHeader>,
    /// The body; more than 2 MiB need not be read.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HttpFailure {
    /// No connection came about: the vault has not seen the request.
    #[error("no connection")]
    NoConnection,
    /// The certificate is of an authority that is not trusted: no request was sent.
    #[error("unknown authority")]
    UnknownAuthority,
    /// The certificate is for other names than the address: no request was sent.
    #[error("wrong name")]
    WrongName,
    /// The certificate is not accepted for another reason: no request was sent.
    #[error("certificate")]
    Certificate,
    /// The connection broke, or time ran out: the vault may have seen the request.
    #[error("no answer")]
    NoResponse,
    /// The answer is longer than 2 MiB.
    #[error("too long")]
    TooLong,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HttpFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::NoResponse
    }
}

/// Sends requests in the library's place. It sends each request once, follows no redirect, keeps no cookie and no cache, and ends
/// by itself where nothing comes for half a minute; after a whole one nobody waits for it. It waits for nothing that this object
/// does.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends a request and reads its answer, whatever its status. Called on the library's thread; ended where the operation is
    /// cancelled.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure>;
}

/// The transport of an object.
pub(crate) enum AppTransport {
    Native(NativeTransport),
    App(Arc<dyn HttpTransport>),
}

impl Transport for AppTransport {
    async fn send(&self, vault: &VaultUrl, request: &Request) -> Result<Response, TransportError> {
        let app = match self {
            Self::Native(native) => return native.send(vault, request).await,
            Self::App(app) => app,
        };
        let headers = request.headers.iter();
        let headers =
            headers.map(|(name, value)| HttpHeader { name: (*name).to_owned(), value: value.clone() });
        let request = HttpRequest {
            method: request.method.as_str().to_owned(),
            url: vault.join(&request.path),
            headers: headers.collect(),
            body: request.body.clone(),
        };
        let HttpResponse { status, headers, body } = answered(LIMIT, app.send(request)).await?;
        let headers = headers.into_iter().map(|header| (header.name.to_ascii_lowercase(), header.value));
        Ok(Response { status, headers: headers.collect(), body })
    }
}

/// Waits for the app's stack, which may have a fault that keeps it from ever answering.
async fn answered(
    limit: Duration,
    sent: impl Future<Output = Result<HttpResponse, HttpFailure>>,
) -> Result<HttpResponse, TransportError> {
    let in_time = tokio::time::timeout(limit, sent).await;
    let late = |_| TransportError::NoResponse("the app's HTTP stack did not end in time".into());
    in_time.map_err(late)?.map_err(TransportError::from)
}

impl From<HttpFailure> for TransportError {
    fn from(failure: HttpFailure) -> Self {
        match failure {
            HttpFailure::NoConnection => Self::NoConnection("the app's HTTP stack found none".into()),
            HttpFailure::UnknownAuthority => Self::UnknownAuthority,
            HttpFailure::WrongName => Self::WrongName,
            HttpFailure::Certificate => Self::Certificate("the app's HTTP stack refused it".into()),
            HttpFailure::NoResponse => Self::NoResponse("the app's HTTP stack got none".into()),
            HttpFailure::TooLong => Self::TooLong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stack_that_never_answers_is_not_waited_for() {
        let never = std::future::pending();
        let given_up = answered(Duration::from_millis(1), never).await;
        assert!(matches!(given_up, Err(TransportError::NoResponse(_))), "{given_up:?}");
        let refused = answered(LIMIT, async { Err(HttpFailure::NoConnection) }).await;
        assert!(matches!(refused, Err(TransportError::NoConnection(_))), "{refused:?}");
    }
}
