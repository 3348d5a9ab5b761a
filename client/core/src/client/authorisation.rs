//! How a request shows that it is the owner's: by a session's token or by an enrolled device, each useless without the key
//! that signs (protocol.md section 14).

use super::{Client, Platform};
use crate::error::ClientError;
use crate::request_signing::RequestKey;
use crate::transport::{Request, Response};
use rootcellar_spec::request_signature::{DEVICE_PREFIX, SESSION_HEADER};
use rootcellar_spec::wire::login::LoginResponse;
use rootcellar_spec::{AccountId, DeviceId, base64url, limits};
use std::sync::Arc;

/// What authorises the requests of a session.
pub(crate) struct Authorisation {
    request_key: Arc<RequestKey>,
    /// Value of the session header.
    header: String,
}

impl Authorisation {
    /// The session that a login began.
    ///
    /// # Errors
    /// Where the token is longer than one may be.
    pub(crate) fn of_login(
        answer: &LoginResponse,
        request_key: Arc<RequestKey>,
    ) -> Result<Self, ClientError> {
        if answer.session.token.len() > limits::TOKEN_BYTES {
            return Err(ClientError::MalformedResponse("a token that is too long"));
        }
        Ok(Self { request_key, header: base64url::encode(&answer.session.token) })
    }

    /// An enrolled device, which needs no session.
    pub(crate) fn device(account: AccountId, device: DeviceId, request_key: RequestKey) -> Self {
        let ids = [account.0, device.0].concat();
        Self {
            request_key: Arc::new(request_key),
            header: format!("{DEVICE_PREFIX}{}", base64url::encode(&ids)),
        }
    }

    /// Whether it is an enrolled device that needs no session.
    pub(crate) fn is_device(&self) -> bool {
        self.header.starts_with(DEVICE_PREFIX)
    }
}

impl<P: Platform> Client<P> {
    /// Sends a request that needs an authorisation.
    pub(crate) async fn exchange_as(
        &self,
        authorisation: &Authorisation,
        mut request: Request,
    ) -> Result<Response, ClientError> {
        request.headers.push((SESSION_HEADER, authorisation.header.clone()));
        self.exchange(request, Some(&authorisation.request_key)).await
    }
}
