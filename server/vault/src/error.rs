//! How an operation of the vault ends, if not well.

use crate::retention::NoRoom;
use rootcellar_spec::VaultId;
use rootcellar_spec::wire::account::Head;
use rootcellar_store::StoreError;
use rootcellar_store::cas::{CasError, LoadError};

/// A refusal or a failure. None of them tells whether an account exists, unless it says so. Exhaustive: HTTP has a problem
/// document for each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value has the right shape and is still none.
    #[error("{field}: {problem}")]
    Malformed {
        /// The field of the request.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A version or suite that this vault does not know.
    #[error("{field}: {problem}")]
    Unsupported {
        /// The field of the request.
        field: &'static str,
        /// What is not known.
        problem: &'static str,
    },
    /// The request was made for another vault.
    #[error("this vault is {0}")]
    ForeignVault(VaultId),
    /// KE3 or its MAC did not verify.
    #[error("the passphrase is wrong, or there is no such account")]
    LoginRefused,
    /// The token is too old or not this vault's.
    #[error("the token has expired or is not this vault's")]
    LoginExpired,
    /// The login was finished by other bytes.
    #[error("this login was finished already")]
    LoginUsed,
    /// No tries left for now.
    #[error("no tries left for now")]
    BudgetSpent {
        /// Seconds until the next try.
        wait: u64,
    },
    /// Too many budgets came into being.
    #[error("too many new names at once")]
    RateLimited {
        /// Seconds until the next try.
        wait: u64,
    },
    /// Unknown locator or wrong key.
    #[error("the recovery code is wrong, or there is no such account")]
    RecoveryRefused,
    /// The session has expired or was ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The device is not enrolled (any more).
    #[error("the device is not enrolled")]
    DeviceRevoked,
    /// The session or device may not do this.
    #[error("not permitted")]
    NotPermitted,
    /// The device list does not follow the newest one.
    #[error("another device changed the devices first")]
    DevicesMoved,
    /// The recovery code that the request replaces is not the account's any more.
    #[error("another recovery code was set first")]
    RecoveryCodeMoved,
    /// There is no such mailbox, or it has ended.
    #[error("no such pairing")]
    PairingUnknown,
    /// The mailbox holds another message of this kind.
    #[error("the pairing was used already")]
    PairingUsed,
    /// The account was deleted.
    #[error("the account was deleted")]
    AccountDeleted,
    /// No new accounts.
    #[error("registration is closed")]
    RegistrationClosed,
    /// New accounts by invite only.
    #[error("an invite is required")]
    InviteRequired,
    /// The invite is unknown, expired or used.
    #[error("the invite is unknown, expired or used")]
    InviteRefused,
    /// Another account has the name: this one tells, at the end of a registration.
    #[error("the name is taken")]
    NameTaken,
    /// The snapshot does not follow the head.
    #[error("another device saved first")]
    HeadMoved(Option<Box<Head>>),
    /// The account's keys were changed.
    #[error("the account's keys were changed")]
    GenerationMoved,
    /// The operation id, account id or locator stands for something else already.
    #[error("the operation was used for other bytes")]
    OperationUsed,
    /// The account keeps no such snapshot.
    #[error("no such snapshot")]
    SnapshotMissing,
    /// The account has no room left for what the device saves.
    #[error("the device's share is used up")]
    DeviceQuota {
        /// Seconds until enough of what counts against it has expired.
        wait: u64,
    },
    /// Too many writes at once.
    #[error("too many writes at once")]
    Busy,
    /// The vault cannot trust its clock; what is wrong is in the log and at `/readyz`.
    #[error("the vault cannot trust its clock")]
    ClockUntrusted,
    /// The store has no room.
    #[error("the store is full")]
    StorageFull,
    /// The store does not answer.
    #[error("the store is unavailable")]
    StoreUnavailable,
    /// A write may have taken place.
    #[error("it is not known whether the write took place")]
    OutcomeUnknown,
    /// A defect, or a damaged store; what it is goes to the log.
    #[error("internal error: {0}")]
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
            LoadError::Format { .. } => Self::Internal("a stored object has a format of a newer vault"),
        }
    }
}

impl From<StoreError> for Error {
    fn from(_: StoreError) -> Self {
        Self::StoreUnavailable
    }
}

/// What is left of a failed write when the operation could do nothing about it.
impl From<CasError> for Error {
    fn from(error: CasError) -> Self {
        match error {
            CasError::Lost | CasError::Contended => Self::Busy,
            CasError::Taken | CasError::AlreadyApplied => Self::OperationUsed,
            CasError::Full => Self::StorageFull,
            CasError::Refused { .. } => Self::StoreUnavailable,
            CasError::Unknown => Self::OutcomeUnknown,
            CasError::Gone => Self::Internal("an object vanished while it was changed"),
        }
    }
}
