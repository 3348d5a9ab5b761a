//! Errors of the vault's operations.

use crate::retention::NoRoom;
use rootcellar_spec::VaultId;
use rootcellar_spec::wire::account::Head;
use rootcellar_store::StoreError;
use rootcellar_store::cas::{CasError, LoadError};

/// A refusal or a failure. They do not reveal whether an account exists, unless their text says so.
/// Exhaustive, because each has a problem document.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value is well-formed but invalid.
    #[error("{field}: {problem}")]
    Malformed {
        /// Of the request.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// This vault does not support a version or suite.
    #[error("{field}: {problem}")]
    Unsupported {
        /// Of the request.
        field: &'static str,
        /// What is not supported.
        problem: &'static str,
    },
    /// The request was made for a vault with another vault ID. Contains this vault's.
    #[error("The vault ID is {0}.")]
    ForeignVault(VaultId),
    /// KE3 or its MAC did not verify.
    #[error("Wrong passphrase or unknown account.")]
    LoginRefused,
    /// The token has expired or is not from this vault.
    #[error("The token has expired or is not from this vault.")]
    LoginExpired,
    /// Another request finished the login.
    #[error("The login was already finished.")]
    LoginUsed,
    /// The name has no attempts left for now.
    #[error("No attempts left for now.")]
    BudgetSpent {
        /// Seconds until the next attempt is allowed.
        wait: u64,
    },
    /// Too many guess budgets were created this minute.
    #[error("Too many account names at once.")]
    RateLimited {
        /// Seconds until the next attempt is allowed.
        wait: u64,
    },
    /// The locator is unknown, or the signature is wrong.
    #[error("Wrong recovery code or unknown account.")]
    RecoveryRefused,
    /// The session has expired or was revoked.
    #[error("The session has expired or was revoked.")]
    SessionEnded,
    /// The device is not enrolled.
    #[error("The device is not enrolled.")]
    DeviceRevoked,
    /// The permission of the session or device is too low.
    #[error("Not permitted.")]
    NotPermitted,
    /// The device list does not follow the current one.
    #[error("Another device changed the devices first.")]
    DevicesMoved,
    /// The recovery code that the request replaces is not the current one.
    #[error("Another recovery code was set first.")]
    RecoveryCodeMoved,
    /// The mailbox does not exist or has expired.
    #[error("Unknown pairing.")]
    PairingUnknown,
    /// The mailbox already contains another message of this kind.
    #[error("The pairing was already used.")]
    PairingUsed,
    /// The account was deleted.
    #[error("The account was deleted.")]
    AccountDeleted,
    /// Registration is closed.
    #[error("Registration is closed.")]
    RegistrationClosed,
    /// Registration requires an invite.
    #[error("An invite is required.")]
    InviteRequired,
    /// The invite is unknown, expired or used.
    #[error("The invite is unknown, expired or used.")]
    InviteRefused,
    /// Another account has the name. Only the end of a registration reveals this.
    #[error("The account name is taken.")]
    NameTaken,
    /// The snapshot does not follow the head.
    #[error("Another device saved first.")]
    HeadMoved(Option<Box<Head>>),
    /// The account's keys were changed.
    #[error("The account's keys were changed.")]
    GenerationMoved,
    /// The operation ID, account ID or locator is already in use.
    #[error("The operation ID was already used for another request.")]
    OperationUsed,
    /// The account has no such snapshot.
    #[error("Unknown snapshot.")]
    SnapshotMissing,
    /// The device has used up its share of the account's space.
    #[error("The device's share of the account's space is used up.")]
    DeviceQuota {
        /// Seconds until enough of its snapshots expire.
        wait: u64,
    },
    /// Too many concurrent writes to one object.
    #[error("Too many concurrent writes.")]
    Busy,
    /// The vault's clock is wrong. `/readyz` and the log have details.
    #[error("The vault's clock is wrong. Correct it.")]
    ClockUntrusted,
    /// The store is full.
    #[error("The store is full. Free some space.")]
    StorageFull,
    /// The store does not respond.
    #[error("The store does not respond. See the server's log.")]
    StoreUnavailable,
    /// The outcome of a write is unknown.
    #[error("It is not known whether the change took effect. Retry.")]
    OutcomeUnknown,
    /// A bug, or a damaged store. The text is logged.
    #[error("Internal error: {0}.")]
    Internal(&'static str),
}

impl From<NoRoom> for Error {
    fn from(NoRoom { wait }: NoRoom) -> Self {
        Self::DeviceQuota { wait }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Store(error) => error.into(),
            LoadError::Damaged(_) => Self::Internal("a stored object is damaged"),
            LoadError::Format { .. } => Self::Internal("a stored object has the format of a newer version"),
        }
    }
}

impl From<StoreError> for Error {
    fn from(_: StoreError) -> Self {
        Self::StoreUnavailable
    }
}

/// For errors of a write that the operation does not handle itself.
impl From<CasError> for Error {
    fn from(error: CasError) -> Self {
        match error {
            CasError::Lost | CasError::Contended => Self::Busy,
            CasError::Taken | CasError::AlreadyApplied => Self::OperationUsed,
            CasError::Full => Self::StorageFull,
            CasError::Refused { .. } => Self::StoreUnavailable,
            CasError::Unknown => Self::OutcomeUnknown,
            CasError::Gone => Self::Internal("an object disappeared during a write"),
        }
    }
}
