//! Converts errors to problem documents (RFC 9457; protocol.md section 13).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rootcellar_spec::problem::MEDIA_TYPE;
use rootcellar_spec::{Problem, ProblemCode};
use rootcellar_vault::Error;

/// Value of `Retry-After` if the store failed, in seconds.
const STORE_PAUSE: u64 = 10;

/// A response that is a problem document.
#[derive(Debug)]
pub struct Refusal(pub Box<Problem>);

impl Refusal {
    /// A problem with this code. `detail` says what happened and what to do.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    /// A request that is malformed in this field.
    #[must_use]
    pub fn malformed(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut refusal = Self::new(ProblemCode::Malformed, detail);
        refusal.0.field = Some(field.into());
        refusal
    }

    /// A request signature that is missing or invalid.
    #[must_use]
    pub fn signature(detail: &'static str) -> Self {
        Self::new(ProblemCode::SignatureInvalid, detail)
    }

    /// The store is not available, for the reason in `detail`. The client may retry soon.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::StoreUnavailable, detail).wait(STORE_PAUSE)
    }

    /// Sets `Retry-After`, in seconds.
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
                tracing::error!(event = "internal-error", what);
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
            "This vault has another vault ID. If it is the vault you mean, start again with the vault ID in this response."
        }
        Error::LoginRefused => "Wrong passphrase or unknown account. Start a new login.",
        Error::LoginExpired => "The token has expired or is not from this vault. Start again.",
        Error::LoginUsed => "Another request already finished this login. Start a new login.",
        Error::BudgetSpent { .. } => "No attempts left for now. Wait, or use the recovery code.",
        Error::RateLimited { .. } => "Too many account names at once. Wait, or use the recovery code.",
        Error::RecoveryRefused => "Wrong recovery code or unknown account. Check the words.",
        Error::SessionEnded => "The session has expired or was revoked. Log in again.",
        Error::DeviceRevoked => {
            "This device is not enrolled, or was revoked. Log in with the passphrase and enrol it again."
        }
        Error::NotPermitted => {
            "This device does not have permission. Use the passphrase, the recovery code or another device."
        }
        Error::DevicesMoved => {
            "Another device changed the devices first. Get the device list, and apply the change to it."
        }
        Error::RecoveryCodeMoved => {
            "Another recovery code was set first, so this one was not activated. Log in again to see which one is valid."
        }
        Error::PairingUnknown => "Unknown pairing, or its ten minutes are over. Start a new pairing.",
        Error::PairingUsed => "This pairing was used. Find out who used it, then start a new one.",
        Error::AccountDeleted => "This account was deleted and cannot be restored. Register again.",
        Error::RegistrationClosed => "This vault does not accept new accounts. Ask its operator.",
        Error::InviteRequired => "This vault requires an invite. Ask its operator for one.",
        Error::InviteRefused => "The invite is unknown, expired, or used up. Ask the operator for a new one.",
        Error::NameTaken => {
            "This account name is taken. Choose another one. Three taken names use up an invite."
        }
        Error::HeadMoved(_) => {
            "The snapshot does not follow the current one. Get the current snapshot, merge, and save again."
        }
        Error::GenerationMoved => "The account's keys were changed. Log in again.",
        Error::OperationUsed => "The operation ID was already used for another request. Generate a new one.",
        Error::SnapshotMissing => "The vault has no such snapshot. List the account's snapshots.",
        Error::DeviceQuota { .. } => {
            "This device has used up its share of the account's space. Wait, or log in with the passphrase to save now. \
             Revoke devices that should not save. Changing the account's keys frees the space and deletes all older \
             snapshots."
        }
        Error::Busy => "Too many concurrent requests. Send the request again.",
        Error::ClockUntrusted => {
            "The vault's clock is wrong, so it accepts no passphrases. Use the recovery code, or wait until the operator \
             corrects the clock."
        }
        Error::StorageFull => "The vault's storage is full. Nothing was saved. Tell the vault's operator.",
        Error::StoreUnavailable => "The vault's storage is not available. Send the request again later.",
        Error::OutcomeUnknown => "It is not known whether the change took effect. Send the request again.",
        Error::Internal(_) => "Something went wrong on the server. Tell its operator the request ID.",
    }
}
