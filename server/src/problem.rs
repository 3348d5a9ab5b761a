//! From what went wrong to a problem document (RFC 9457; protocol.md section 13).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rootcellar_spec::problem::MEDIA_TYPE;
use rootcellar_spec::{Problem, ProblemCode};
use rootcellar_vault::Error;

/// Seconds after which a store that failed may be back.
const STORE_PAUSE: u64 = 10;

/// An answer that is a problem document.
#[derive(Debug)]
pub struct Refusal(pub Box<Problem>);

impl Refusal {
    /// A problem of this code.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    /// A request that has not the shape of the protocol, in this field.
    #[must_use]
    pub fn malformed(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut refusal = Self::new(ProblemCode::Malformed, detail);
        refusal.0.field = Some(field.into());
        refusal
    }

    /// A request signature that is missing or wrong.
    #[must_use]
    pub fn signature(detail: &'static str) -> Self {
        Self::new(ProblemCode::SignatureInvalid, detail)
    }

    /// The store does not answer or refuses, as `detail` says; worth another try soon.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::StoreUnavailable, detail).wait(STORE_PAUSE)
    }

    /// With the seconds after which to try again.
    #[must_use]
    pub fn wait(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).expect("a problem document is a plain struct");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let refusal = Self::new(code_of(&error), detail_of(&error));
        match error {
            Error::Malformed { field, .. } | Error::Unsupported { field, .. } => {
                let mut refusal = refusal;
                refusal.0.field = Some(field.to_owned());
                refusal
            }
            Error::ForeignVault(vault_id) => {
                let mut refusal = refusal;
                refusal.0.vault_id = Some(vault_id);
                refusal
            }
            Error::HeadMoved(head) => {
                let mut refusal = refusal;
                refusal.0.head = head.map(|head| *head);
                refusal
            }
            Error::BudgetSpent { wait } | Error::RateLimited { wait } | Error::DeviceQuota { wait } => {
                refusal.wait(wait)
            }
            Error::Busy | Error::OutcomeUnknown => refusal.wait(1),
            Error::StoreUnavailable | Error::ClockUntrusted => refusal.wait(STORE_PAUSE),
            Error::Internal(what) => {
                tracing::error!(what, "internal error");
                refusal
            }
            _ => refusal,
        }
    }
}

fn code_of(error: &Error) -> ProblemCode {
    match error {
        Error::Malformed { .. } => ProblemCode::Malformed,
        Error::Unsupported { .. } => ProblemCode::Unsupported,
        Error::ForeignVault(_) => ProblemCode::ForeignVault,
        Error::LoginRefused => ProblemCode::LoginRefused,
        Error::LoginExpired => ProblemCode::LoginExpired,
        Error::LoginUsed => ProblemCode::LoginUsed,
        Error::BudgetSpent { .. } => ProblemCode::BudgetSpent,
        Error::RateLimited { .. } => ProblemCode::RateLimited,
        Error::RecoveryRefused => ProblemCode::RecoveryRefused,
        Error::SessionEnded => ProblemCode::SessionEnded,
        Error::DeviceRevoked => ProblemCode::DeviceRevoked,
        Error::NotPermitted => ProblemCode::NotPermitted,
        Error::DevicesMoved => ProblemCode::DevicesMoved,
        Error::RecoveryCodeMoved => ProblemCode::RecoveryCodeMoved,
        Error::PairingUnknown => ProblemCode::PairingUnknown,
        Error::PairingUsed => ProblemCode::PairingUsed,
        Error::AccountDeleted => ProblemCode::AccountDeleted,
        Error::RegistrationClosed => ProblemCode::RegistrationClosed,
        Error::InviteRequired => ProblemCode::InviteRequired,
        Error::InviteRefused => ProblemCode::InviteRefused,
        Error::NameTaken => ProblemCode::NameTaken,
        Error::HeadMoved(_) => ProblemCode::HeadMoved,
        Error::GenerationMoved => ProblemCode::GenerationMoved,
        Error::OperationUsed => ProblemCode::OperationUsed,
        Error::SnapshotMissing => ProblemCode::SnapshotMissing,
        Error::DeviceQuota { .. } => ProblemCode::DeviceQuota,
        Error::Busy => ProblemCode::Busy,
        Error::ClockUntrusted => ProblemCode::ClockUntrusted,
        Error::StorageFull => ProblemCode::StorageFull,
        Error::StoreUnavailable => ProblemCode::StoreUnavailable,
        Error::OutcomeUnknown => ProblemCode::OutcomeUnknown,
        Error::Internal(_) => ProblemCode::Internal,
    }
}

/// What happened and what to do next.
fn detail_of(error: &Error) -> &'static str {
    match error {
        Error::Malformed { problem, .. } | Error::Unsupported { problem, .. } => problem,
        Error::ForeignVault(_) => {
            "This vault has another vault ID; begin again with the one given here, if you mean it."
        }
        Error::LoginRefused => "The passphrase is wrong, or there is no such account. Start a new login.",
        Error::LoginExpired => "The token has expired or is not this vault's. Start again.",
        Error::LoginUsed => "This login was finished already, by another request. Start a new one.",
        Error::BudgetSpent { .. } => "No tries are left for now. Wait, or use the recovery code.",
        Error::RateLimited { .. } => "Too many names were tried at once. Wait, or use the recovery code.",
        Error::RecoveryRefused => "The recovery code is wrong, or there is no such account. Check the words.",
        Error::SessionEnded => "The session has expired or was ended. Log in again.",
        Error::DeviceRevoked => {
            "This device is not enrolled, or was revoked. Log in with the passphrase and enrol it again."
        }
        Error::NotPermitted => {
            "This device's permission does not allow it. Use the passphrase or the recovery code, or a device that manages."
        }
        Error::DevicesMoved => {
            "Another device changed the devices first. Fetch the device list, apply the change to it and send that."
        }
        Error::RecoveryCodeMoved => {
            "Another recovery code was set first, so this one was not activated. Log in again to see which is valid."
        }
        Error::PairingUnknown => "There is no such pairing, or its ten minutes are over. Begin a new one.",
        Error::PairingUsed => "This pairing was used already. Begin a new one, and find out who used it.",
        Error::AccountDeleted => "This account was deleted. Nothing brings it back; register anew.",
        Error::RegistrationClosed => "This vault takes no new accounts. Ask its operator.",
        Error::InviteRequired => "This vault takes new accounts by invite only. Ask its operator for one.",
        Error::InviteRefused => {
            "The invite is unknown, expired or used, or three taken names have used it up. Ask the operator for another one."
        }
        Error::NameTaken => {
            "Another account has this name. Choose another name. Three taken names use up an invite."
        }
        Error::HeadMoved(_) => {
            "The snapshot does not follow the newest one. Fetch that, merge and save again."
        }
        Error::GenerationMoved => "The account's keys were changed. Log in again.",
        Error::OperationUsed => "The operation id was used for something else. Draw a new one.",
        Error::SnapshotMissing => "The vault keeps no such snapshot. List the account's snapshots.",
        Error::DeviceQuota { .. } => {
            "The account has no room left for what this device saves. Log in with the passphrase to save now, or wait. \
             Revoke a device that should not save. A re-key frees the room and drops every older snapshot."
        }
        Error::Busy => "Too many requests at once. Send the same again.",
        Error::ClockUntrusted => {
            "The vault cannot trust its clock, so it accepts no passphrase. Its operator must correct the clock. Use the recovery code."
        }
        Error::StorageFull => "The store has no room for this. Nothing was saved; tell the vault's operator.",
        Error::StoreUnavailable => "The store does not answer or refuses. Send the same again later.",
        Error::OutcomeUnknown => "It is not known whether this took place. Send the same again.",
        Error::Internal(_) => "The vault failed. Tell its operator the request id.",
    }
}
