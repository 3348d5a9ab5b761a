//! A pairing that is not complete on the new device.

use super::{ClientError, Outcome};
use crate::secret_store::SecretStoreError;
use crate::state_store::StateStoreError;

/// The account lists this device, and something is left to do here. The pairing keeps what the
/// device received until it is complete, or abandoned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PairingIncomplete {
    /// Its secrets are in memory only. [`ClientError::CodeWaiting`] if a recorded re-key names others.
    #[error(
        "this device is paired, but its secrets are not stored yet: finish the pairing again when they can be stored ({0})"
    )]
    NotStaged(#[source] Box<ClientError>),
    /// The secret store took its secrets, and does not have them.
    #[error(
        "this device is paired, but its secrets are missing from where they were stored: finish the pairing again"
    )]
    Absent,
    /// Its secrets are stored; the local state may lack what it knows of the account.
    #[error(
        "this device is paired and its secrets are stored, but some data about the account is not: finish the pairing again when it can be stored ({0})"
    )]
    State(#[source] StateStoreError),
    /// Everything is stored, and its secrets are still staged.
    #[error(
        "this device is paired, but its new secrets have not replaced the old ones yet: finish the pairing again, or try the other secrets ({0})"
    )]
    NotCommitted(#[source] SecretStoreError),
    /// Another pairing was to begin.
    #[error(
        "this device is paired, but not completely set up: first finish that pairing again, or discard it"
    )]
    Earlier,
}

impl PairingIncomplete {
    /// Stable text for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotStaged(_) | Self::Absent | Self::Earlier => "paired-not-stored",
            Self::State(_) | Self::NotCommitted(_) => "paired-not-committed",
        }
    }

    /// What the step did at the vault.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Earlier => Outcome::NotSent,
            _ => Outcome::Done,
        }
    }
}
