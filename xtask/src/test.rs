//! `cargo xtask test`: every test of the workspace, documentation tests included.
//!
//! The programs are built first and on their own, so that the end-to-end tests (which find them through
//! `ROOTCELLAR_PROGRAMS`) run what a user runs. A test that cannot run on this machine adds a line to the file named by
//! `ROOTCELLAR_LEFT_OUT`, which is printed at the end; with `ROOTCELLAR_REQUIRE_ALL=1` such a line is a failure.
//!
//! If SeaweedFS is installed ([`seaweed`]) or `ROOTCELLAR_TEST_S3` names the endpoint of a running one, tests of the bucket run
//! too, and some end-to-end tests a second time, with every vault in the bucket.

use crate::build::{Programs, TESTED};
use crate::seaweed::{self, Seaweed};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use xtask_tools::{Scratch, output, process};

/// Makes every vault of the end-to-end tests a bucket's.
const STORE: &str = "ROOTCELLAR_TEST_STORE";

/// What runs a second time in a bucket: saves, recoveries, devices and keys, and clients and servers that are killed at each step.
/// These reach every operation of a store; the others differ in prompts and texts.
const ON_BOTH_STORES: [&str; 13] = [
    "a_client_killed_at_any_request_leaves_what_the_next_command_finishes",
    "a_deleted_account_is_gone_and_its_name_may_be_registered_again",
    "a_new_passphrase_ends_the_old_one_and_no_device",
    "a_recovered_device_is_enrolled_without_the_accounts_name",
    "a_revoked_device_is_told_so_until_it_is_enrolled_anew",
    "a_save_whose_answers_are_all_lost_is_found_by_the_next_command",
    "a_server_killed_in_the_middle_of_a_save_loses_nothing_acknowledged",
    "an_unfinished_save_is_merged_with_what_another_device_saved_since",
    "new_keys_leave_no_other_device_and_no_old_code",
    "new_keys_survive_a_kill_at_each_request",
    "two_devices_that_save_at_once_both_keep_their_entries",
    "two_devices_with_their_own_permissions",
    "what_was_backed_up_comes_back_on_a_device_that_never_saw_it",
];

/// Set for the tests if the programs are built as for a release.
const OPTIMISED: &str = "ROOTCELLAR_TEST_OPTIMISED";
/// The bounds of memory and time: narrower for optimised programs.
const BOUNDS: &str = "programs_stay_small_and_the_server_answers_soon";

/// What runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All tests, and some of them on both stores.
    All,
    /// The end-to-end tests with every vault in a bucket.
    S3,
    /// The bounds of memory and time, with optimised programs.
    Optimised,
}

impl Scope {
    pub(crate) fn of(s3: bool, optimised: bool) -> Result<Self> {
        match (s3, optimised) {
            (false, false) => Ok(Self::All),
            (true, false) => Ok(Self::S3),
            (false, true) => Ok(Self::Optimised),
            (true, true) => bail!("--s3 and --optimised exclude each other"),
        }
    }
}

/// What a test runner counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

pub(crate) fn run(filter: Option<&str>, scope: Scope) -> Result<()> {
    let began = Instant::now();
    // Starts while the programs are built.
    let mut s3 = S3::begin()?;
    let programs = if scope == Scope::Optimised { &Programs::OPTIMISED } else { &Programs::WHOLE }.build()?;
    let scratch = Scratch::new()?;
    let left_out = scratch.path().join("left-out");
    std::fs::write(&left_out, "")?;
    let endpoint = s3.endpoint()?;

    let mut count = Count::default();
    let mut all_well = true;
    for Runner { what, mut runner, least } in runners(filter, scope, endpoint.is_some())? {
        let began = Instant::now();
        runner.env("ROOTCELLAR_PROGRAMS", &programs).env("ROOTCELLAR_LEFT_OUT", &left_out);
        if let Some(endpoint) = &endpoint {
            seaweed::credentials(runner.env(seaweed::ENDPOINT, endpoint)).env("PATH", seaweed::path()?);
        }
        let (counted, success) = follow(&mut runner)?;
        output::line(&format!("-- {what}: {} s", began.elapsed().as_secs()));
        if counted.passed < least {
            output::line(&format!("{what}: {} passed, at least {least} should", counted.passed));
        }
        all_well &= success && counted.passed >= least;
        // What a chosen run does not name is not skipped.
        count.add(if least > 0 { Count { skipped: 0, ..counted } } else { counted });
    }

    let left_out = left_out_lines(&left_out, endpoint.is_some())?;
    for what in &left_out {
        output::line(&format!("left out: {what}"));
    }
    output::line(&format!("-- tests: {} s", began.elapsed().as_secs()));
    output::line(&format!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped));
    if !all_well || count.failed > 0 {
        bail!("tests failed");
    }
    if count.passed == 0 {
        bail!("no test ran");
    }
    if process::require_all() && !left_out.is_empty() {
        bail!("tests were left out, and ROOTCELLAR_REQUIRE_ALL=1 forbids that");
    }
    Ok(())
}

/// The S3 server of the tests.
enum S3 {
    /// Somebody else's, running.
    Named(String),
    Own(Seaweed),
    None,
}

impl S3 {
    fn begin() -> Result<Self> {
        if let Ok(endpoint) = std::env::var(seaweed::ENDPOINT) {
            return Ok(Self::Named(endpoint));
        }
        Ok(Seaweed::begin()?.map_or(Self::None, Self::Own))
    }

    /// Where it serves, once it does.
    fn endpoint(&mut self) -> Result<Option<String>> {
        match self {
            Self::Named(endpoint) => Ok(Some(endpoint.clone())),
            Self::Own(seaweed) => seaweed.wait().map(|()| Some(seaweed.endpoint())),
            Self::None => Ok(None),
        }
    }
}

/// What tests said that they could not run, each once, and what was not even started without an S3 server.
fn left_out_lines(file: &Path, with_s3: bool) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if !with_s3 {
        lines.push(format!("the end-to-end tests on S3 ({})", seaweed::INSTALL));
    }
    lines.sort();
    lines.dedup();
    Ok(lines)
}

/// A command that runs tests.
struct Runner {
    what: &'static str,
    runner: Command,
    /// How many must pass: so many are named.
    least: u64,
}

/// Documentation tests first, then everything else, by nextest if it is installed, and at last some end-to-end tests once more on S3.
/// All name the same packages and features, so that nothing is built twice.
fn runners(filter: Option<&str>, scope: Scope, with_s3: bool) -> Result<Vec<Runner>> {
    let nextest = process::works(&mut process::cargo(["nextest", "--version"]));
    let mut runners = Vec::new();
    if scope == Scope::All {
        if filter.is_none() {
            let mut documentation = process::cargo(["test", "--locked", "--doc"]);
            documentation.args(TESTED);
            runners.push(Runner { what: "documentation tests", runner: documentation, least: 0 });
        }
        runners.push(Runner { what: "tests", runner: tests(nextest, &TESTED, filter), least: 0 });
    }
    let again: Vec<&str> =
        ON_BOTH_STORES.into_iter().filter(|name| filter.is_none_or(|f| name.contains(f))).collect();
    match scope {
        Scope::All if with_s3 && !again.is_empty() => {
            let mut runner = tests(nextest, &TESTED, again.iter().copied());
            runner.env(STORE, "s3");
            runners.push(Runner { what: "end-to-end tests on S3", runner, least: again.len() as u64 });
        }
        Scope::S3 => {
            let mut selection = TESTED.to_vec();
            if nextest {
                selection.extend(["-E", "package(rootcellar-end-to-end) & not binary(s3)"]);
            }
            let mut runner = tests(nextest, &selection, filter);
            runner.env(STORE, "s3");
            runners.push(Runner { what: "end-to-end tests on S3", runner, least: 1 });
        }
        Scope::Optimised => {
            let mut runner = tests(nextest, &TESTED, [BOUNDS]);
            runner.env(OPTIMISED, "1");
            runners.push(Runner { what: "bounds of optimised programs", runner, least: 1 });
        }
        Scope::All => {}
    }
    Ok(runners)
}

/// Tests of some packages whose names contain one of these texts.
fn tests<'a>(nextest: bool, packages: &[&str], filters: impl IntoIterator<Item = &'a str>) -> Command {
    let mut runner =
        process::cargo(if nextest { &["nextest", "run"][..] } else { &["test", "--all-targets"] });
    runner.args(["--locked", "--no-fail-fast"]).args(packages);
    if nextest {
        // Many tests wait for a time to pass: they have company.
        let threads = std::thread::available_parallelism().map_or(2, usize::from) + 1;
        runner.arg(format!("--test-threads={threads}")).arg("--no-tests=pass");
    } else {
        runner.arg("--");
    }
    runner.args(filters);
    runner
}

/// Runs a test runner, shows what it prints, and reads its summaries.
fn follow(runner: &mut Command) -> Result<(Count, bool)> {
    // Both kinds of runner together on one stream: summaries come on either.
    let (reader, writer) = std::io::pipe()?;
    runner.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = runner.spawn().context("cannot start the test runner")?;
    // The command holds the pipe's other end; the reading would never end with it open.
    runner.stdout(Stdio::null()).stderr(Stdio::null());
    let mut count = Count::default();
    for line in BufReader::new(reader).lines() {
        let line = line?;
        count.add(read_summary(&line));
        output::line(&line);
    }
    Ok((count, child.wait()?.success()))
}

/// Reads `Summary [1.0s] 9 tests run: 8 passed (1 slow), 1 failed, 2 skipped` of nextest and
/// `test result: ok. 8 passed; 0 failed; 2 ignored; …` of cargo test; any other line counts nothing.
fn read_summary(line: &str) -> Count {
    let line = line.trim_start();
    let mut count = Count::default();
    let Some(counts) = line
        .strip_prefix("test result: ")
        .or_else(|| line.strip_prefix("Summary [").and_then(|rest| rest.split_once("run: ")).map(|(_, c)| c))
    else {
        return count;
    };
    let words: Vec<&str> =
        counts.split([' ', ',', ';', '.', '(', ')']).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let [number, what] = pair else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match *what {
            "passed" => count.passed += number,
            "failed" | "timed" => count.failed += number,
            "skipped" | "ignored" => count.skipped += number,
            _ => {}
        }
    }
    count
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_is_followed_on_both_streams_to_its_end() {
        let said = "echo 'test result: ok. 2 passed; 0 failed'; echo 'Summary [ 1s] 1 tests run: 0 passed, 1 failed' >&2; exit 1";
        let (count, success) = follow(Command::new("sh").args(["-c", said])).expect("sh runs");
        assert_eq!((count, success), (Count { passed: 2, failed: 1, skipped: 0 }, false));
    }

    #[test]
    fn summaries_of_both_runners_are_read() {
        let nextest = "     Summary [   0.053s] 9 tests run: 8 passed (1 slow), 1 failed, 2 skipped";
        assert_eq!(read_summary(nextest), Count { passed: 8, failed: 1, skipped: 2 });
        let cargo =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(read_summary(cargo), Count { passed: 3, failed: 0, skipped: 1 });
        assert_eq!(read_summary("test login ... 3 passed"), Count::default());
    }
}
