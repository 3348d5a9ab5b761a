//! `cargo xtask test`: every test of the workspace, documentation tests included.
//!
//! The programs are built first and on their own, so that the end-to-end tests (which find them through
//! `ROOTCELLAR_PROGRAMS`) run what a user runs. A test that cannot run on this machine adds a line to the file named by
//! `ROOTCELLAR_LEFT_OUT`, which is printed at the end; with `ROOTCELLAR_REQUIRE_ALL=1` such a line is a failure.

use crate::workspace::FEATURES;
use crate::{output, process, workspace};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What a test runner counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    let began = Instant::now();
    let programs = workspace::build_programs()?;
    let scratch = tempfile::tempdir()?;
    let left_out = scratch.path().join("left-out");
    std::fs::write(&left_out, "")?;

    let mut count = Count::default();
    let mut all_well = true;
    for mut runner in runners(filter) {
        runner.env("ROOTCELLAR_PROGRAMS", &programs).env("ROOTCELLAR_LEFT_OUT", &left_out);
        let (counted, success) = follow(&mut runner)?;
        count.add(counted);
        all_well &= success;
    }

    let left_out = std::fs::read_to_string(&left_out)?;
    for what in left_out.lines() {
        output::line(&format!("left out: {what}"));
    }
    output::line(&format!("-- tests: {} s", began.elapsed().as_secs()));
    output::line(&format!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped));
    if !all_well || count.failed > 0 {
        bail!("tests failed");
    }
    if filter.is_none() && count.passed == 0 {
        bail!("no test ran");
    }
    if process::require_all() && !left_out.is_empty() {
        bail!("tests were left out, and ROOTCELLAR_REQUIRE_ALL=1 forbids that");
    }
    Ok(())
}

/// Documentation tests first, then everything else, by nextest where it is installed.
fn runners(filter: Option<&str>) -> Vec<Command> {
    let documentation = process::cargo(["test", "--locked", "--workspace", FEATURES, "--doc"]);
    let mut rest = if process::works(&mut process::cargo(["nextest", "--version"])) {
        process::cargo(["nextest", "run", "--locked", "--workspace", FEATURES, "--no-fail-fast"])
    } else {
        process::cargo(["test", "--locked", "--workspace", FEATURES, "--all-targets", "--no-fail-fast"])
    };
    rest.args(filter);
    if filter.is_some() { vec![rest] } else { vec![documentation, rest] }
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
