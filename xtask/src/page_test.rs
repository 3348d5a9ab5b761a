//! `cargo xtask page-test`: the page's logic by Vitest, then the built page in Debian's Chromium, at phone size, against
//! the real server on the embedded store and on real S3 (SeaweedFS).
//!
//! What a machine lacks (Chromium, SeaweedFS) is left out and said so; with `ROOTCELLAR_REQUIRE_ALL=1` that is a failure.

use crate::seaweed::{self, Seaweed};
use crate::{bench, build, npm};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_tools::{process, workspace};

/// Debian's.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";
/// What `cargo xtask bindings` leaves of wallets: of each language the variable that tells the tests, and the file among the bindings.
const WALLETS: [(&str, &str, &str); 2] = [
    ("Kotlin", "ROOTCELLAR_TEST_KOTLIN", "kotlin-compiled/wallet.arguments"),
    ("Python", "ROOTCELLAR_TEST_PYTHON", "venv/bin/python"),
];
/// How long a file of tests may take, in milliseconds: Node 20 applies this to whole files. Each test has a limit in
/// `harness/test.mjs`.
const TIMEOUT: &str = "--test-timeout=1800000";
/// Files at once. A test mostly waits, for retries and for the browser: four keep two cores busy.
const CONCURRENCY: &str = "--test-concurrency=4";
/// The files that take longest start first, so that none of them is left alone at the end.
const LONGEST: [&str; 2] = ["new-code.test.mjs", "first-code.test.mjs"];

pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    // Starts while the rest is built.
    let mut seaweed = Seaweed::begin()?;
    npm::ready()?;
    process::run(&mut process::cargo(["xtask", "page"]))?;
    process::run(&mut npm::script("types"))?;
    process::run(&mut npm::script("test"))?;
    let programs = build::programs()?;

    if !PathBuf::from(CHROMIUM).is_file() {
        return process::leave_out(&format!("the page in a browser: there is no {CHROMIUM}"));
    }
    let mut node = Command::new("node");
    node.args(["--test", CONCURRENCY, "--test-reporter=spec", TIMEOUT]).current_dir(npm::folder());
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    node.args(files()?);
    places(&mut node, &programs);
    for (language, variable, file) in WALLETS {
        let file = workspace::target().join("bindings").join(file);
        if file.is_file() {
            node.env(variable, file);
        } else {
            process::leave_out(&format!(
                "the page with a wallet in {language}: run 'cargo xtask bindings' before"
            ))?;
        }
    }
    match &mut seaweed {
        Some(seaweed) => {
            seaweed.wait()?;
            seaweed::credentials(node.env(seaweed::ENDPOINT, seaweed.endpoint()));
        }
        None => process::leave_out(&format!("the page against a vault on S3: {}", seaweed::INSTALL))?,
    }
    process::run(&mut node)?;
    if filter.is_none() { bench::short(&programs) } else { Ok(()) }
}

/// Tells a script of the browser where programs and page are.
pub(crate) fn places(node: &mut Command, programs: &Path) {
    node.env("ROOTCELLAR_TEST_SERVER", programs.join("rootcellar-server"))
        .env("ROOTCELLAR_TEST_CLI", programs.join("rootcellar"))
        .env("ROOTCELLAR_TEST_PAGE", workspace::target().join("page"))
        .env("ROOTCELLAR_TEST_CHROMIUM", CHROMIUM);
}

/// Every test of the browser: the longest first, then in the order of names.
fn files() -> Result<Vec<PathBuf>> {
    let folder = npm::folder().join("tests/browser");
    let mut files = workspace::files(&folder)?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    if files.is_empty() {
        bail!("there are no tests of the browser");
    }
    files.sort_by_key(|path| !LONGEST.iter().any(|name| path.ends_with(name)));
    Ok(files)
}
