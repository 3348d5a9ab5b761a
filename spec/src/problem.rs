//! Problem documents (RFC 9457; protocol.md section 13): the codes of `spec/errors.md`.

use crate::vault_id::VaultId;
use crate::wire::account::Head;
use serde::{Deserialize, Serialize};

/// Content type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// The code of an error response. Its text is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
            /// A code of a newer vault. Never sent.
            #[serde(other)]
            Unknown,
        }

        impl ProblemCode {
            /// Every code that this version sends.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable text, in kebab case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* Self::Unknown => "unknown" }
            }

            /// The HTTP status of responses with this code.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 500 }
            }

            /// A short title, which depends only on the code.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* Self::Unknown => "Unknown problem" }
            }
        }
    };
}

problem_codes! {
    /// The request does not have the form that the protocol defines. `field` names the part.
    Malformed = "malformed", 400, "Malformed request";
    /// This vault does not support the protocol version, format version or suite.
    Unsupported = "unsupported", 400, "Unsupported version";
    /// The body is longer than the protocol allows.
    TooLarge = "too-large", 413, "Too large";
    /// The path does not exist.
    NotFound = "not-found", 404, "No such resource";
    /// The path exists, but not for this method.
    MethodNotAllowed = "method-not-allowed", 405, "Method not allowed";
    /// The request was made for another vault ID. `vault_id` is this vault's.
    ForeignVault = "foreign-vault", 421, "Different vault";
    /// KE3, its MAC or its signature did not verify.
    LoginRefused = "login-refused", 401, "Login refused";
    /// The token of the first request has expired or is not from this vault.
    LoginExpired = "login-expired", 401, "Login expired";
    /// Another request already finished the login.
    LoginUsed = "login-used", 409, "Login already used";
    /// The name has no attempts left for now. `retry_after` says how long.
    BudgetSpent = "budget-spent", 429, "No attempts left for now";
    /// The locator is unknown, or the signature is wrong.
    RecoveryRefused = "recovery-refused", 401, "Recovery refused";
    /// The request signature is missing or does not verify.
    SignatureInvalid = "signature-invalid", 401, "Invalid request signature";
    /// The signature's time is too far from the vault's clock.
    ClockSkew = "clock-skew", 401, "Clock skew";
    /// The session has expired or was revoked.
    SessionEnded = "session-ended", 401, "Session ended";
    /// The device is not enrolled.
    DeviceRevoked = "device-revoked", 401, "Device not enrolled";
    /// The device list does not follow the current one.
    DevicesMoved = "devices-moved", 409, "Another device changed the devices first";
    /// The recovery code that the request replaces is not the current one.
    RecoveryCodeMoved = "recovery-code-moved", 409, "Another recovery code was set first";
    /// The pairing mailbox does not exist or has expired.
    PairingUnknown = "pairing-unknown", 404, "No such pairing";
    /// The pairing mailbox already contains another message of this kind.
    PairingUsed = "pairing-used", 409, "Pairing already used";
    /// The permission of the session or device does not allow this.
    NotPermitted = "not-permitted", 403, "Not permitted";
    /// This vault does not accept new accounts.
    RegistrationClosed = "registration-closed", 403, "Registration is closed";
    /// This vault accepts new accounts by invite only.
    InviteRequired = "invite-required", 403, "An invite is required";
    /// The invite is unknown, expired or used.
    InviteRefused = "invite-refused", 403, "Invite refused";
    /// Another account has the name.
    NameTaken = "name-taken", 409, "Name taken";
    /// The snapshot does not follow the head. `head` is the current one.
    HeadMoved = "head-moved", 409, "Another device saved first";
    /// The account's keys were changed.
    GenerationMoved = "generation-moved", 409, "The account's keys were changed";
    /// The operation ID was already used for another request.
    OperationUsed = "operation-used", 409, "Operation already used";
    /// The vault does not have the snapshot.
    SnapshotMissing = "snapshot-missing", 404, "No such snapshot";
    /// The device has used up its share of the account's space. `retry_after` says when some
    /// becomes free.
    DeviceQuota = "device-quota", 429, "The device's share is used up";
    /// The account was deleted.
    AccountDeleted = "account-deleted", 410, "Account deleted";
    /// Too many requests from this address, or too many account names in the whole vault.
    RateLimited = "rate-limited", 429, "Too many requests";
    /// The vault, or this address, has too many requests in progress.
    Busy = "busy", 503, "Busy";
    /// The vault's store is full.
    StorageFull = "storage-full", 507, "Storage full";
    /// The vault's store does not respond, or refuses.
    StoreUnavailable = "store-unavailable", 503, "Store unavailable";
    /// It is not known whether the change took effect.
    OutcomeUnknown = "outcome-unknown", 503, "Outcome unknown";
    /// The vault's clock is wrong, so it accepts no passphrases.
    ClockUntrusted = "clock-untrusted", 503, "The vault's clock is wrong";
    /// The vault is being moved and writes nothing.
    ReadOnly = "read-only", 503, "The vault is read-only";
    /// The request took too long, or its body arrived too slowly.
    Timeout = "timeout", 503, "Timed out";
    /// The vault has a bug.
    Internal = "internal", 500, "Internal error";
}

/// A problem document. `detail` never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:rootcellar:problem:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Follows from the code.
    pub title: String,
    /// The same as the status of the response.
    pub status: u16,
    /// What happened and what to do next.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The wrong member or header of the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub field: Option<String>,
    /// Seconds to wait before the next attempt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub retry_after: Option<u64>,
    /// With `foreign-vault`: this vault's ID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub vault_id: Option<VaultId>,
    /// With `head-moved`: the account's current snapshot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub head: Option<Head>,
}

impl Problem {
    /// Creates a problem document. `detail` says what happened and what to do.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:rootcellar:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            field: None,
            retry_after: None,
            vault_id: None,
            head: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_as_they_are_written() {
        for code in ProblemCode::ALL {
            let text = serde_json::to_string(code).expect("serializes");
            assert_eq!(text, format!("\"{}\"", code.as_str()));
            assert_eq!(serde_json::from_str::<ProblemCode>(&text).ok(), Some(*code));
        }
        assert_eq!(serde_json::from_str::<ProblemCode>("\"of-tomorrow\"").ok(), Some(ProblemCode::Unknown));
    }
}
