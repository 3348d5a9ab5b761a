//! Tests whether a store does what a vault needs (spec/storage.md, "What a store must do").
//!
//! Some stores accept conditions and ignore them. Such a store would lose saves and let an attacker
//! guess without limit, and only a test shows it. The probe writes objects under a new folder in
//! `probe/`, and removes them afterwards.

mod cause;
mod checks;
mod races;
#[cfg(test)]
mod tests;

use crate::{Store, StoreError, WriteError};
pub use cause::Cause;
use checks::Bench;
use rootcellar_spec::Timestamp;
use serde::Serialize;

/// Prefix of the names of all objects that probes write.
pub const FOLDER: &str = "probe/";
/// Largest difference from the store's clock, in seconds, with which a server accepts passphrases.
pub const CLOCK_TOLERANCE: u64 = 30;

/// The result of a check, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckResult {
    /// The store does what a vault needs.
    Ok,
    /// The store can be used; the operator should know this.
    Note,
    /// The store can be used; the operator should change this.
    Warning,
    /// The store gave no clear response. Run the probe again.
    Unclear,
    /// The store cannot be used for a vault.
    Failed,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Decides result and text.
    pub cause: Cause,
    /// What the store said, or which object it is about. Empty if the cause says all.
    pub detail: String,
}

impl Finding {
    /// A finding without a detail.
    #[must_use]
    pub fn new(cause: Cause) -> Self {
        Self { cause, detail: String::new() }
    }

    /// The same with a detail.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

/// One check of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable, in kebab case.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// Follows from the cause.
    pub result: CheckResult,
    /// What was found; its text is stable.
    #[serde(rename = "code")]
    pub cause: Cause,
    /// What was found, what it means, and what to do. Not stable.
    pub meaning: String,
}

/// The result of a probe.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
}

/// Name of the check that compares the clocks.
const CLOCK: &str = "clock";

impl Report {
    /// Whether the store can be used for a vault, and passphrases would be accepted.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.worst() < CheckResult::Unclear
    }

    /// The checks that prevent a start: all that failed or are unclear, except that of the clocks, which
    /// servers check all the time.
    pub fn objections(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.result >= CheckResult::Unclear && check.name != CLOCK)
    }

    fn worst(&self) -> CheckResult {
        self.checks.iter().map(|check| check.result).max().unwrap_or(CheckResult::Unclear)
    }

    /// Whether no check failed, but at least one is unclear. A later probe may have another result.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.worst() == CheckResult::Unclear
    }

    /// Adds the check `name` with what it found.
    pub fn add(&mut self, name: &'static str, finding: Finding) {
        let Finding { cause, detail } = finding;
        let meaning = cause.text(&detail);
        self.checks.push(Check { name, result: cause.result(), cause, meaning });
    }
}

/// Makes all checks, with objects under `probe/NONCE/`, in about ninety calls. `now` is this
/// machine's clock.
///
/// # Panics
/// If `nonce` is not valid in an object's name.
pub async fn probe(store: &dyn Store, nonce: &str, now: impl Fn() -> Timestamp) -> Report {
    let mut bench = Bench::new(store, format!("{FOLDER}{nonce}/"));
    if bench.reads_and_clock(&now).await {
        bench.creates_once().await;
        bench.replaces_what_matches().await;
        bench.makes_nothing_of_what_is_missing().await;
        bench.lets_one_creator_win().await;
        bench.lets_one_replacer_win().await;
        bench.lists_what_was_written().await;
        bench.deletes_what_matches().await;
        bench.creates_what_was_deleted().await;
    }
    bench.clean_up().await;
    bench.report
}

/// The finding for a read that failed.
pub(crate) fn of_read(error: &StoreError) -> Finding {
    match error {
        StoreError::Refused { reason } => Finding::new(Cause::Refused).because(reason),
        StoreError::Unavailable(why) => Finding::new(Cause::NoResponse).because(why.to_string()),
    }
}

/// The finding for a write that should have succeeded and failed.
pub(crate) fn of_write(error: &WriteError) -> Finding {
    match error {
        WriteError::Refused { reason } => Finding::new(Cause::Refused).because(reason),
        WriteError::Unknown(why) => Finding::new(Cause::NoResponse).because(why.to_string()),
        WriteError::Full => Finding::new(Cause::Full),
        WriteError::Contended => Finding::new(Cause::Contended),
        WriteError::ConditionFailed | WriteError::Gone => Finding::new(Cause::ConditionNotRecognised),
    }
}
