//! `cargo xtask page-test`: the page's logic by Vitest, then the built page in Debian's Chromium, at phone size, against
//! the real server on the embedded store and on real S3 (SeaweedFS).
//!
//! What a machine lacks (Chromium, SeaweedFS) is left out and said so; with `ROOTCELLAR_REQUIRE_ALL=1` that is a failure.

use crate::seaweed::{self, Seaweed};
use crate::{bench, bindings, npm, output, process, workspace};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";
/// What `cargo xtask bindings` leaves of wallets: of each language the variable that tells the tests, and the file.
const WALLETS: [(&str, &str, &str); 2] = [
    ("Kotlin", "ROOTCELLAR_TEST_KOTLIN", bindings::WALLET),
    ("Python", "ROOTCELLAR_TEST_PYTHON", bindings::PYTHON),
];
/// How long a file of tests may take, in milliseconds: Node 20 applies this to whole files. Each test has a limit in
/// `harness/test.mjs`.
const TIMEOUT: &str = "--test-timeout=1800000";

pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    // Starts while the rest is built.
    let mut seaweed = Seaweed::begin()?;
    let mut left_out = Vec::new();
    npm::ready()?;
    process::run(&mut process::cargo(["xtask", "page"]))?;
    process::run(&mut npm::script("types"))?;
    process::run(&mut npm::script("test"))?;
    let programs = workspace::build_programs()?;

    if !PathBuf::from(CHROMIUM).is_file() {
        return leave_out(&[format!("the page in a browser: there is no {CHROMIUM}")]);
    }
    let mut node = Command::new("node");
    node.args(["--test", "--test-concurrency=2", "--test-reporter=spec", TIMEOUT]).current_dir(npm::folder());
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    node.args(files()?);
    places(&mut node, &programs);
    for (language, variable, file) in WALLETS {
        let file = bindings::folder().join(file);
        if file.is_file() {
            node.env(variable, file);
        } else {
            left_out.push(format!("the page with a wallet in {language}: run 'cargo xtask bindings' before"));
        }
    }
    match &mut seaweed {
        Some(seaweed) => {
            seaweed.wait()?;
            seaweed::credentials(node.env(seaweed::ENDPOINT, seaweed.endpoint()));
        }
        None => left_out.push(format!("the page against a vault on S3: {}", seaweed::INSTALL)),
    }
    process::run(&mut node)?;
    if filter.is_none() {
        bench::short(&programs)?;
    }
    leave_out(&left_out)
}

/// Tells a script of the browser where programs and page are.
pub(crate) fn places(node: &mut Command, programs: &Path) {
    node.env("ROOTCELLAR_TEST_SERVER", programs.join("rootcellar-server"))
        .env("ROOTCELLAR_TEST_CLI", programs.join("rootcellar"))
        .env("ROOTCELLAR_TEST_PAGE", workspace::target().join("page"))
        .env("ROOTCELLAR_TEST_CHROMIUM", CHROMIUM);
}

/// Every test of the browser, in the order of names.
fn files() -> Result<Vec<PathBuf>> {
    let folder = npm::folder().join("tests/browser");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("there are no tests of the browser");
    }
    files.sort();
    Ok(files)
}

fn leave_out(what: &[String]) -> Result<()> {
    for what in what {
        output::line(&format!("left out: {what}"));
    }
    if process::require_all() && !what.is_empty() {
        bail!("tests were left out, and ROOTCELLAR_REQUIRE_ALL=1 forbids that");
    }
    Ok(())
}
