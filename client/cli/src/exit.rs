//! How a command ends: exit codes, and failures that say what happened and what to do.
//!
//! Codes are stable and listed in [`EXIT_CODES`], which `--help` and the man page print.

use crate::text;
use serde::Serialize;
use std::fmt;

/// The exit codes, as `--help` and the man page show them.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  an internal error in this program
    2  wrong usage: an unknown option, or missing or conflicting arguments
    3  wrong passphrase, unknown account, recovery code refused, or a device that
       is no longer enrolled
    4  no attempts left for now: wait as long as the message says
    5  the vault cannot be reached or is busy: try again
    6  the vault refused: for example, the name is taken, an invite is missing, the
       storage is full, or the device does not have the permission
    7  the vault sent something that is not authentic, outdated, or that contradicts
       what this device has seen (tampering, rollback, fork): nothing was accepted
    8  a problem with local files or the keyring: the home folder, an input file or
       an output file
    9  the outcome is unknown: the save or change may have reached the vault. The
       next command finishes a save; otherwise the message says what to do
   10  the input was refused: a mistyped word, a wrong checksum, a weak passphrase...
   11  no entry, backup or device matches, or several do
  130  cancelled; cancelling while the passphrase is checked uses up one attempt";

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// A defect of this program.
    Internal = 1,
    /// Wrong usage.
    Usage = 2,
    /// Wrong passphrase, unknown account, recovery code refused.
    Credentials = 3,
    /// The guess budget is spent.
    Budget = 4,
    /// The vault is not reachable or busy.
    Unreachable = 5,
    /// The vault refused.
    Refused = 6,
    /// Not authentic, rolled back or forked.
    Tampering = 7,
    /// Local files.
    Local = 8,
    /// A save whose outcome is not known yet.
    Uncertain = 9,
    /// Input that is no phrase, no seed, or a weak passphrase.
    Input = 10,
    /// No such entry.
    NoEntry = 11,
    /// Cancelled by the person.
    Cancelled = 130,
}

/// Why a command did not do what it was asked. Holds no secret.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// Stable text for programs.
    pub(crate) code: &'static str,
    /// What happened.
    pub(crate) message: String,
    /// What to do.
    pub(crate) advice: Option<String>,
    /// Seconds to wait before another try.
    pub(crate) retry_after: Option<u64>,
    /// What a command may do something about.
    pub(crate) cause: Option<Cause>,
}

/// What a command may do something about, instead of ending with the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The vault answered with another account than this device knows.
    ForeignAccount,
    /// The vault does not know this device any more.
    DeviceRevoked,
    /// Nobody reads standard output any more.
    OutputClosed,
}

impl Failure {
    /// A failure with its code for programs and what happened.
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), advice: None, retry_after: None, cause: None }
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Says what to do, where there is something.
    #[must_use]
    pub(crate) fn maybe_advise(self, advice: Option<&str>) -> Self {
        match advice {
            Some(advice) => self.advise(advice),
            None => self,
        }
    }

    /// Says first what was done all the same.
    #[must_use]
    pub(crate) fn but(mut self, done: &str) -> Self {
        self.message = format!("{done} {}", self.message);
        self
    }

    /// Says how many seconds to wait.
    #[must_use]
    pub(crate) fn wait(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }

    /// Wrong usage that only shows after parsing.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// The person ended it.
    pub(crate) fn cancelled() -> Self {
        Self::new(Exit::Cancelled, "cancelled", text::output::CANCELLED)
    }

    /// A file or folder that could not be used; `doing` names the act and the path.
    pub(crate) fn file(doing: impl fmt::Display, error: &std::io::Error) -> Self {
        Self::new(Exit::Local, "file", text::file::Failed { doing, error })
    }

    /// What a person reads of it before being asked again.
    pub(crate) fn lines(&self) -> String {
        let advice = self.advice.as_ref().map(|advice| format!("{advice}\n")).unwrap_or_default();
        format!("{}\n{advice}", self.message)
    }

    /// What `--json` prints of it.
    pub(crate) fn as_json(&self) -> ErrorBody<'_> {
        ErrorBody {
            code: self.code,
            message: &self.message,
            advice: self.advice.as_deref(),
            retry_after: self.retry_after,
            exit: self.exit as u8,
        }
    }
}

/// The `error` member of the JSON object on standard error.
#[derive(Serialize)]
pub(crate) struct ErrorBody<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    exit: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_documented() {
        for exit in [
            Exit::Internal,
            Exit::Usage,
            Exit::Credentials,
            Exit::Budget,
            Exit::Unreachable,
            Exit::Refused,
            Exit::Tampering,
            Exit::Local,
            Exit::Uncertain,
            Exit::Input,
            Exit::NoEntry,
            Exit::Cancelled,
        ] {
            let code = exit as u8;
            let listed = EXIT_CODES.lines().any(|line| line.trim_start().starts_with(&format!("{code}  ")));
            assert!(listed, "{exit:?}");
        }
    }
}
