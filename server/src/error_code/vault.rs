//! The codes of the vault's own errors.

use super::ErrorCode;
use rootcellar_store::cas::LoadError;
use rootcellar_vault::copy::CopyError;
use rootcellar_vault::opening::OpenError;
use rootcellar_vault::replace_root_secret::ReplaceError;
use rootcellar_vault::vault_time::{KeepError, SetBackError};

impl From<&OpenError> for ErrorCode {
    fn from(error: &OpenError) -> Self {
        match error {
            OpenError::OtherRootSecret { .. } => Self::RootSecretMismatch,
            OpenError::Empty => Self::VaultMissing,
            OpenError::Lost => Self::VaultIncomplete,
            OpenError::Unfinished => Self::CopyUnfinished,
            OpenError::Load(error) => error.into(),
            _ => Self::StoreUnreadable,
        }
    }
}

impl From<&LoadError> for ErrorCode {
    fn from(error: &LoadError) -> Self {
        match error {
            LoadError::Store(_) => Self::StoreUnreadable,
            LoadError::Damaged(_) | LoadError::Format { .. } => Self::StoreDamaged,
        }
    }
}

impl From<&KeepError> for ErrorCode {
    fn from(error: &KeepError) -> Self {
        match error {
            KeepError::Load(error) => error.into(),
            KeepError::Create(_) | KeepError::List(_) => Self::VaultTimeFailed,
        }
    }
}

impl From<&SetBackError> for ErrorCode {
    fn from(error: &SetBackError) -> Self {
        match error {
            SetBackError::NotAhead => Self::ClockNotAhead,
            SetBackError::Clock(_) => Self::ClockUntrusted,
            SetBackError::Load(_) | SetBackError::Write(_) => Self::StoreUnavailable,
        }
    }
}

impl From<&CopyError> for ErrorCode {
    fn from(error: &CopyError) -> Self {
        match error {
            CopyError::NoVault | CopyError::SourceUnfinished | CopyError::Changed(_) | CopyError::From(_) => {
                Self::CopySource
            }
            CopyError::Load(error) => error.into(),
            CopyError::NotEmpty | CopyError::OtherCopy(_) | CopyError::MarkedVault(_) => Self::CopyTarget,
            CopyError::Contested(_) | CopyError::To(_) | CopyError::Write { .. } => Self::CopyTarget,
            _ => Self::Failed,
        }
    }
}

impl From<&ReplaceError> for ErrorCode {
    fn from(error: &ReplaceError) -> Self {
        match error {
            ReplaceError::Empty => Self::VaultMissing,
            ReplaceError::Unfinished => Self::CopyUnfinished,
            ReplaceError::Other { .. } => Self::FingerprintMismatch,
            ReplaceError::Load(error) => error.into(),
            _ => Self::ReplaceFailed,
        }
    }
}
