//! Whether a store does what a vault rests on, by trying (spec/storage.md, "What a store must do").
//!
//! Some engines take conditions and ignore them: such a store would lose saves and let a guesser try for ever, and
//! nothing but a probe shows it. All that the probe writes lies under `probe/`, in a folder of its own each time, and it
//! removes it again.

mod checks;
mod races;
#[cfg(test)]
mod tests;

use crate::{Store, StoreError, WriteError};
use checks::Bench;
use rootcellar_spec::Timestamp;
use serde::Serialize;

/// Under this, probes write.
pub const FOLDER: &str = "probe/";
/// Further than this from the store's clock, a server serves no logins; in seconds.
pub const CLOCK_TOLERANCE: u64 = 30;

/// How a check ended, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckResult {
    /// As it must be.
    Ok,
    /// It works, and the operator should know this.
    Note,
    /// It works, and the operator should change this.
    Warning,
    /// No clear answer came: try again.
    Unclear,
    /// A vault cannot be kept there.
    Failed,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, for scripts; stays the same.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// How it ended.
    pub result: CheckResult,
    /// What was found, what that means, and what to do if anything.
    pub meaning: String,
}

/// What a probe found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which they were tried.
    pub checks: Vec<Check>,
}

/// Name of the check of the clocks.
const CLOCK: &str = "clock";

impl Report {
    /// Whether a vault can be kept there and logins are served.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.worst() < CheckResult::Unclear
    }

    /// What stands against serving: everything that failed but the clocks, which servers watch while they run.
    pub fn objections(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.result >= CheckResult::Unclear && check.name != CLOCK)
    }

    fn worst(&self) -> CheckResult {
        self.checks.iter().map(|check| check.result).max().unwrap_or(CheckResult::Unclear)
    }

    /// Whether no clear answer is all that stands against serving: it may be another one the next time.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.worst() == CheckResult::Unclear
    }

    /// Adds a check.
    pub fn add(&mut self, name: &'static str, result: CheckResult, meaning: impl Into<String>) {
        self.checks.push(Check { name, result, meaning: meaning.into() });
    }
}

/// Tries everything, in the folder `probe/NONCE`; about ninety calls. `now` is this machine's clock.
///
/// # Panics
/// When `nonce` is no part of a name.
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

/// What a failed read says.
pub(crate) fn of_read(error: &StoreError) -> (CheckResult, String) {
    match error {
        StoreError::Refused { reason } => (CheckResult::Failed, reason.clone()),
        StoreError::Unavailable(why) => (CheckResult::Unclear, format!("it did not answer: {why}")),
    }
}

/// What a failed write says, where success was due.
pub(crate) fn of_write(error: &WriteError) -> (CheckResult, String) {
    match error {
        WriteError::Refused { reason } => (CheckResult::Failed, reason.clone()),
        WriteError::Full => (CheckResult::Failed, "the store is full".to_owned()),
        WriteError::Unknown(why) => (CheckResult::Unclear, format!("no clear answer: {why}")),
        WriteError::Contended => {
            (CheckResult::Unclear, "it says that another write was under way".to_owned())
        }
        WriteError::ConditionFailed | WriteError::Gone => (
            CheckResult::Failed,
            "it refuses a write whose condition holds: it may know ETags in another form".to_owned(),
        ),
    }
}
