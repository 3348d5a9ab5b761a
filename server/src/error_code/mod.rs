//! The codes of the errors that the command line prints, with the exit code of each.
//!
//! A code is stable and its text is not: scripts and tests match `error[CODE]`. `deploy/README.md` lists all of them.

mod vault;

use serde::{Deserialize, Serialize};
use std::fmt;

/// Exit code of a failure that has no more specific one, and of a start that may succeed when it is tried again.
const FAILED: u8 = 1;
/// Exit code for a wrong argument or setting. clap uses the same.
const USAGE: u8 = 2;
/// Exit code where something that a start needs is missing or wrong.
const NO_START: u8 = 3;
/// Exit code where no server responds, or it is not healthy.
const NO_SERVER: u8 = 4;

macro_rules! error_codes {
    ($($name:ident = $code:literal, $exit:ident;)*) => {
        /// What went wrong. The text in `error[CODE]` says why and what to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the code says it, and deploy/README.md explains each")]
        pub enum ErrorCode {
            $(#[serde(rename = $code)] $name,)*
            /// Any other failure, and a code of another version.
            #[serde(rename = "failed", other)]
            Failed,
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)* Self::Failed];

            /// The stable text, in kebab case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* Self::Failed => "failed" }
            }

            /// The exit code of a command that fails with it, 1 to 4.
            #[must_use]
            pub fn exit(self) -> u8 {
                match self { $(Self::$name => $exit,)* Self::Failed => FAILED }
            }
        }
    };
}

error_codes! {
    ArgumentInvalid = "argument-invalid", USAGE;
    SettingUnknown = "setting-unknown", USAGE;
    SettingInvalid = "setting-invalid", USAGE;
    SettingsConflict = "settings-conflict", USAGE;
    SettingsUnreadable = "settings-unreadable", USAGE;
    SettingsSyntax = "settings-syntax", USAGE;

    FolderUnusable = "folder-unusable", NO_START;
    AddressUnusable = "address-unusable", NO_START;
    TlsInvalid = "tls-invalid", NO_START;
    PageUnreadable = "page-unreadable", NO_START;
    PageIncomplete = "page-incomplete", NO_START;
    PageFileUnexpected = "page-file-unexpected", NO_START;
    PageFileChanged = "page-file-changed", NO_START;
    PageFileMissing = "page-file-missing", NO_START;
    PageFileUnlisted = "page-file-unlisted", NO_START;
    PageHashesInvalid = "page-hashes-invalid", NO_START;
    PageTooLarge = "page-too-large", NO_START;
    AdminSocketUnusable = "admin-socket-unusable", NO_START;
    SystemRefused = "system-refused", NO_START;
    StoreMissing = "store-missing", NO_START;
    StoreInUse = "store-in-use", NO_START;
    StoreNotWritable = "store-not-writable", NO_START;
    StoreUnreadable = "store-unreadable", NO_START;
    StoreDamaged = "store-damaged", NO_START;
    StoreUnfit = "store-unfit", NO_START;
    DiskFull = "disk-full", NO_START;
    BucketUnusable = "bucket-unusable", NO_START;
    BucketUnavailable = "bucket-unavailable", FAILED;
    VaultMissing = "vault-missing", NO_START;
    VaultIncomplete = "vault-incomplete", NO_START;
    VaultIdMismatch = "vault-id-mismatch", NO_START;
    VaultTimeFailed = "vault-time-failed", NO_START;
    InitNotPossible = "init-not-possible", NO_START;
    RootSecretMissing = "root-secret-missing", NO_START;
    RootSecretExposed = "root-secret-exposed", NO_START;
    RootSecretInvalid = "root-secret-invalid", NO_START;
    RootSecretExists = "root-secret-exists", NO_START;
    RootSecretUnreadable = "root-secret-unreadable", NO_START;
    RootSecretUnwritable = "root-secret-unwritable", NO_START;
    RootSecretMismatch = "root-secret-mismatch", NO_START;

    NoServer = "no-server", NO_SERVER;
    NotPermitted = "not-permitted", NO_SERVER;
    NoResponse = "no-response", NO_SERVER;
    NotReady = "not-ready", NO_SERVER;

    WordsInvalid = "words-invalid", FAILED;
    FingerprintMismatch = "fingerprint-mismatch", FAILED;
    ReplaceFailed = "replace-failed", FAILED;
    CopySource = "copy-source", FAILED;
    CopyTarget = "copy-target", FAILED;
    CopyUnfinished = "copy-unfinished", NO_START;
    CopyDiffers = "copy-differs", FAILED;
    ReadOnly = "read-only", FAILED;
    ClockUntrusted = "clock-untrusted", FAILED;
    ClockNotAhead = "clock-not-ahead", FAILED;
    StoreUnavailable = "store-unavailable", FAILED;
    SweepIncomplete = "sweep-incomplete", FAILED;
    RequestUnknown = "request-unknown", FAILED;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runbook's table has a row for each code, with the exit code, and no other row.
    #[test]
    fn the_runbook_explains_every_code() {
        let runbook = include_str!("../../../deploy/README.md");
        let (_, section) = runbook.split_once("\n## Error codes\n").expect("a section");
        let section = section.split("\n## ").next().expect("text");
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let rows: Vec<(&str, &str)> = rows.filter_map(|row| row.split_once("` | ")).collect();
        for code in ErrorCode::ALL {
            let row = rows.iter().find(|(name, _)| *name == code.as_str());
            let (_, rest) = row.unwrap_or_else(|| panic!("{code} is missing"));
            assert!(rest.starts_with(&format!("{} | ", code.exit())), "{code}: {rest}");
        }
        assert_eq!(rows.len(), ErrorCode::ALL.len());
    }
}
