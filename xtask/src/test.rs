//! `cargo xtask test`: every test of the workspace, documentation tests included.
//!
//! The programs are built first and on their own, so that the end-to-end tests (which find them through
//! `ROOTCELLAR_PROGRAMS`) run what a user runs. A test that cannot run on this machine adds a line to the file named by
//! `ROOTCELLAR_LEFT_OUT`, which is printed at the end; with `ROOTCELLAR_REQUIRE_ALL=1` such a line is a failure.
//!
//! Where SeaweedFS is installed ([`seaweed`]) or `ROOTCELLAR_TEST_S3` names the endpoint of a running one, tests of the
//! bucket run too, and the end-to-end tests a second time, with every vault in the bucket.

use crate::seaweed::{self, Seaweed};
use crate::workspace::{GENERATORS, TESTED};
use crate::{output, process, workspace};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Makes every vault of the end-to-end tests a bucket's.
const STORE: &str = "ROOTCELLAR_TEST_STORE";

/// What a test runner counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    let began = Instant::now();
    // Starts while the programs are built.
    let mut s3 = S3::begin()?;
    let programs = workspace::build_programs()?;
    let scratch = tempfile::tempdir()?;
    let left_out = scratch.path().join("left-out");
    std::fs::write(&left_out, "")?;
    let endpoint = s3.endpoint()?;

    let mut count = Count::default();
    let mut all_well = true;
    for (what, mut runner) in runners(filter, endpoint.is_some())? {
        let began = Instant::now();
        runner.env("ROOTCELLAR_PROGRAMS", &programs).env("ROOTCELLAR_LEFT_OUT", &left_out);
        if let Some(endpoint) = &endpoint {
            seaweed::credentials(runner.env(seaweed::ENDPOINT, endpoint)).env("PATH", seaweed::path()?);
        }
        let (counted, success) = follow(&mut runner)?;
        output::line(&format!("-- {what}: {} s", began.elapsed().as_secs()));
        count.add(counted);
        all_well &= success;
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

/// Documentation tests and those of the generators first, then everything else, by nextest where it is installed, and at last
/// the end-to-end tests once more on S3. All but the generators' name the same packages and features, so that nothing is built
/// twice.
fn runners(filter: Option<&str>, with_s3: bool) -> Result<Vec<(&'static str, Command)>> {
    let nextest = process::works(&mut process::cargo(["nextest", "--version"]));
    let tests = |packages: &[&str], targets: &[String]| {
        let mut runner = process::cargo(if nextest { &["nextest", "run"][..] } else { &["test"] });
        runner.args(["--locked", "--no-fail-fast"]).args(packages).args(targets).args(filter);
        // A filter may fit nothing there.
        if nextest && filter.is_some() {
            runner.arg("--no-tests=pass");
        }
        runner
    };
    let everything = if nextest { vec![] } else { vec!["--all-targets".to_owned()] };
    let mut runners = Vec::new();
    if filter.is_none() {
        let mut documentation = process::cargo(["test", "--locked", "--doc"]);
        documentation.args(TESTED);
        runners.push(("documentation tests", documentation));
    }
    runners.push(("tests of the generators", tests(&["-p", GENERATORS], &everything)));
    runners.push(("tests", tests(&TESTED, &everything)));
    if with_s3 {
        let mut again = tests(&TESTED, &end_to_end()?);
        again.env(STORE, "s3");
        runners.push(("end-to-end tests on S3", again));
    }
    Ok(runners)
}

/// The end-to-end tests that run on either store. Those that need the bucket anyway lie in a folder of their own.
fn end_to_end() -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(workspace::root().join("tests/end-to-end/tests"))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).context("a test's name is text")?;
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.push(format!("--test={name}"));
        }
    }
    targets.sort();
    Ok(targets)
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
