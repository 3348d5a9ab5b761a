//! The one error of the facade: a sealed type, whose variants say what an app may do about them.
//!
//! Every variant has a `code`, stable text of `spec/errors.md`, and an `explanation` in English for logs and for apps without
//! texts of their own. None of its fields bears a secret, since languages print them all: a wrong word of a phrase is named by its
//! place alone, and what may have been meant is asked for apart.

mod from;

/// Defines the error, so that every variant has a code and an explanation.
macro_rules! errors {
    ($(#[$outer:meta])* pub enum $name:ident {
        $($(#[$doc:meta])* $variant:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* },)*
    }) => {
        $(#[$outer])*
        pub enum $name {
            $($(#[$doc])*
            #[error("{explanation}")]
            $variant {
                /// Stable text for programs.
                code: String,
                /// What happened and what to do, in English; bears no secret.
                explanation: String,
                $($(#[$field_doc])* $field: $kind,)*
            },)*
        }

        impl $name {
            /// Stable text for programs.
            #[must_use]
            pub fn code(&self) -> &str {
                match self { $(Self::$variant { code, .. } => code,)* }
            }
        }
    };
}

errors! {
    /// Why something did not succeed.
    #[derive(Debug, thiserror::Error, uniffi::Error)]
    #[non_exhaustive]
    pub enum RootcellarError {
        /// What was given cannot be what it should be: an address, a name, a label, a phrase, a seed.
        InvalidInput {},
        /// A word of a phrase or of a recovery code is on no list. [`crate::nearest_words`] gives those that may have been meant; they
        /// are no part of the error, which ends up in logs and reports.
        UnknownWord {
            /// Its place, from 1.
            position: u32,
        },
        /// The new passphrase is too easily guessed.
        WeakPassphrase {
            /// The estimated number of guesses, as a power of ten.
            guesses_log10: u32,
        },
        /// The vault could not be reached, after several tries.
        Unreachable {},
        /// The vault's certificate is not trusted, or it speaks no TLS: no request was sent.
        Untrusted {},
        /// The answer is none of the protocol, or of a version that this library does not know.
        BadResponse {},
        /// Something before the vault answered with a failure of its own.
        HttpStatus {
            /// The status.
            status: u16,
        },
        /// The vault refused; the code says why.
        Refused {
            /// Seconds to wait before another try.
            retry_after_seconds: Option<u64>,
        },
        /// Wrong passphrase or unknown account: nobody outside can tell which.
        PassphraseOrAccount {
            /// Tries left before waits begin.
            remaining_attempts: u32,
            /// Seconds to wait before the next try; 0 where there is no wait.
            retry_after_seconds: u64,
            /// When the operator replaced the root secret, where the vault says so: seconds since 1970. No passphrase from
            /// before works.
            passphrases_since: Option<u64>,
        },
        /// Too many failed tries for this name.
        BudgetSpent {
            /// Seconds to wait before the next try.
            retry_after_seconds: u64,
        },
        /// The device does not know the account's name and was not told it.
        NameRequired {},
        /// The account has another name than the one that was given or is remembered.
        OtherName {},
        /// The vault at this address is not the one that this device knows.
        ForeignVault {
            /// The identity that this device remembers.
            pinned: String,
            /// The identity that the vault states.
            found: String,
        },
        /// The vault's key is not the one that this device knows.
        ForeignServerKey {
            /// When the operator replaced the root secret, where the vault says so: seconds since 1970.
            replaced_at: Option<u64>,
        },
        /// The vault, or the folder, holds another account than was meant.
        ForeignAccount {},
        /// What the vault gave is not authentic: a keyslot, a backup, the list of devices, the history, a pairing.
        NotAuthentic {},
        /// An older backup than this device has seen.
        Rollback {
            /// What this device has seen.
            seen: u64,
            /// What the vault gave; 0 for none.
            offered: u64,
        },
        /// A history that this device's last backup is not part of.
        Fork {
            /// What this device has seen.
            seen: u64,
            /// What the vault gave.
            offered: u64,
        },
        /// Too many backups since this device's last to show that they follow from it.
        Gap {
            /// What this device has seen.
            seen: u64,
            /// What the vault gave.
            offered: u64,
        },
        /// The vault has lost the bytes of the newest backup.
        BackupLost {
            /// Its number.
            number: u64,
        },
        /// The session or the device may not do this.
        NotPermitted {
            /// The least permission that suffices; absent where the vault did not say.
            needs: Option<crate::Permission>,
        },
        /// There is no such entry, backup or device.
        NotFound {},
        /// The open session does not allow it: none is open, it has ended, it is of an older backup, or was opened without the
        /// passphrase; the code says which.
        SessionState {},
        /// An earlier save is unfinished and cannot be finished: it has to be discarded first.
        PendingSaveStuck {
            /// Why.
            reason: crate::PendingSaveResult,
        },
        /// The change exceeds what a backup or an account may hold.
        TooMuch {},
        /// Other devices kept saving or changing first; a save stays on this device and is finished by the next.
        Contended {},
        /// It is not known whether it took place; the code says what, the explanation how to find out.
        Unconfirmed {},
        /// It took place, but something is left to do on this device; the explanation says what holds and what to do.
        Incomplete {},
        /// The pairing has ended: nobody answered in time.
        PairingExpired {},
        /// The folder, a file of it, or the memory for the key stretching.
        Local {},
        /// The keystore failed, or does not hold the device's secrets any more.
        KeystoreFailed {},
        /// The operation was ended by [`crate::RootcellarClient::cancel`].
        Cancelled {},
        /// A fault of this library: the object cannot be used any more.
        Internal {},
    }
}

impl RootcellarError {
    pub(crate) fn input(code: &str, explanation: impl ToString) -> Self {
        Self::InvalidInput { code: code.to_owned(), explanation: explanation.to_string() }
    }

    pub(crate) fn state(code: &str, explanation: &str) -> Self {
        Self::SessionState { code: code.to_owned(), explanation: explanation.to_owned() }
    }

    pub(crate) fn not_open() -> Self {
        Self::state("not-open", "no session is open: log in, recover, or go in as an enrolled device first")
    }

    pub(crate) fn cancelled() -> Self {
        let explanation = "the operation was cancelled".to_owned();
        Self::Cancelled { code: "cancelled".to_owned(), explanation }
    }

    pub(crate) fn internal() -> Self {
        let explanation =
            "the library failed and this object cannot be used any more: make another".to_owned();
        Self::Internal { code: "library-bug".to_owned(), explanation }
    }

    /// Of what took place, where this device could not keep up.
    pub(crate) fn incomplete(code: &str, holds: &str, why: impl ToString) -> Self {
        let explanation = format!("{holds} ({})", why.to_string());
        Self::Incomplete { code: code.to_owned(), explanation }
    }
}
