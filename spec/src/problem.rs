//! Problem documents (RFC 9457; protocol.md section 13): the codes of `spec/errors.md`.

use crate::vault_id::VaultId;
use crate::wire::account::Head;
use serde::{Deserialize, Serialize};

/// Content type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// Every error that a vault answers with; the text is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
            /// A code of a newer vault; never sent.
            #[serde(other)]
            Unknown,
        }

        impl ProblemCode {
            /// Every code that a vault of this version sends.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* Self::Unknown => "unknown" }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 500 }
            }

            /// A short title that does not change from case to case.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* Self::Unknown => "Unknown problem" }
            }
        }
    };
}

problem_codes! {
    /// The message does not have the shape that the protocol gives it; `field` names the part.
    Malformed = "malformed", 400, "Malformed request";
    /// A protocol or format version or a suite that this vault does not know.
    Unsupported = "unsupported", 400, "Unsupported version";
    /// Longer than the protocol allows.
    TooLarge = "too-large", 413, "Too large";
    /// No such path.
    NotFound = "not-found", 404, "No such resource";
    /// The path exists, but not for this method.
    MethodNotAllowed = "method-not-allowed", 405, "Method not allowed";
    /// The request was made for a vault of another vault ID; `vault_id` names this one's.
    ForeignVault = "foreign-vault", 421, "Different vault";
    /// KE3 or its MAC or signature did not verify.
    LoginRefused = "login-refused", 401, "Login refused";
    /// The token of the first trip has expired or was not made by this vault.
    LoginExpired = "login-expired", 401, "Login expired";
    /// The login was finished already, by other bytes.
    LoginUsed = "login-used", 409, "Login already used";
    /// No tries left for now; `retry_after` says for how long.
    BudgetSpent = "budget-spent", 429, "No attempts left for now";
    /// Unknown locator or wrong signature.
    RecoveryRefused = "recovery-refused", 401, "Recovery refused";
    /// The request signature is missing or does not verify.
    SignatureInvalid = "signature-invalid", 401, "Invalid request signature";
    /// The signature's time is too far from the vault's clock.
    ClockSkew = "clock-skew", 401, "Clock skew";
    /// The session has expired or was ended.
    SessionEnded = "session-ended", 401, "Session ended";
    /// The device is not enrolled (any more).
    DeviceRevoked = "device-revoked", 401, "Device not enrolled";
    /// The device list does not follow the newest one.
    DevicesMoved = "devices-moved", 409, "Another device changed the devices first";
    /// The recovery code that the request replaces is not the account's any more.
    RecoveryCodeMoved = "recovery-code-moved", 409, "Another recovery code was set first";
    /// There is no such pairing mailbox, or it has ended.
    PairingUnknown = "pairing-unknown", 404, "No such pairing";
    /// The pairing mailbox holds another message of this kind.
    PairingUsed = "pairing-used", 409, "Pairing already used";
    /// The session's permission does not allow this.
    NotPermitted = "not-permitted", 403, "Not permitted";
    /// This vault takes no new accounts.
    RegistrationClosed = "registration-closed", 403, "Registration is closed";
    /// This vault takes new accounts by invite only.
    InviteRequired = "invite-required", 403, "An invite is required";
    /// The invite is unknown, expired or used.
    InviteRefused = "invite-refused", 403, "Invite refused";
    /// Another account has the name.
    NameTaken = "name-taken", 409, "Name taken";
    /// The snapshot does not follow the head; `head` is the newest.
    HeadMoved = "head-moved", 409, "Another device saved first";
    /// The account's keys were changed.
    GenerationMoved = "generation-moved", 409, "The account's keys were changed";
    /// The operation id was used for other bytes.
    OperationUsed = "operation-used", 409, "Operation already used";
    /// The vault keeps no such snapshot.
    SnapshotMissing = "snapshot-missing", 404, "No such snapshot";
    /// The account has no room left for what the device saves; `retry_after` says when there will be some.
    DeviceQuota = "device-quota", 429, "The device's share is used up";
    /// The account was deleted.
    AccountDeleted = "account-deleted", 410, "Account deleted";
    /// Too many requests from this address.
    RateLimited = "rate-limited", 429, "Too many requests";
    /// The vault is at its limit.
    Busy = "busy", 503, "Busy";
    /// The store has no room for a save.
    StorageFull = "storage-full", 507, "Storage full";
    /// The store does not answer or refuses.
    StoreUnavailable = "store-unavailable", 503, "Store unavailable";
    /// It is not known whether the write took place.
    OutcomeUnknown = "outcome-unknown", 503, "Outcome unknown";
    /// The vault's clock and its store's disagree, so that it cannot keep the guess budget.
    ClockUntrusted = "clock-untrusted", 503, "The vault's clock is wrong";
    /// The vault is being moved, and does nothing for which it would have to write.
    ReadOnly = "read-only", 503, "The vault is read-only";
    /// The request took too long.
    Timeout = "timeout", 503, "Timed out";
    /// A defect of the vault.
    Internal = "internal", 500, "Internal error";
}

/// A problem document. `detail` says what happened and what to do, and never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:rootcellar:problem:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub field: Option<String>,
    /// Seconds to wait before the next try.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub retry_after: Option<u64>,
    /// The vault ID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub vault_id: Option<VaultId>,
    /// The account's newest snapshot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub head: Option<Head>,
}

impl Problem {
    /// A problem of this code with a detail.
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
