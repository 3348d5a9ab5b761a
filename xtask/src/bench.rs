//! `cargo xtask bench`: a restore in the page against the library as a native program, and the time from opening the page to restored
//! words on the screen. The script of the page measures and reports.
//!
//! The page is the one that a host serves, in Debian's Chromium against the real server on this machine; each turn is a browser that
//! has never seen it. The native program stretches once in a new process, with Argon2id compiled as for a release.

use crate::{build, npm, page_test};
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;
use xtask_tools::process;

/// How many turns a measurement takes by default.
pub(crate) const TURNS: usize = 9;
/// What a run of the page's tests measures, so that the bench does not rot.
const SHORT: usize = 1;

/// Builds everything, measures, and prints what came out.
pub(crate) fn run(turns: usize, as_json: bool) -> Result<()> {
    ensure!(turns > 0, "give at least one turn");
    ensure!(Path::new(page_test::CHROMIUM).is_file(), "there is no {}", page_test::CHROMIUM);
    npm::ready()?;
    process::run(process::cargo(["xtask", "page"]).stdout(std::io::stderr()))?;
    measure(turns, as_json, &build::programs()?)
}

/// The shortest measurement, with what is built already.
pub(crate) fn short(programs: &Path) -> Result<()> {
    measure(SHORT, false, programs)
}

fn measure(turns: usize, as_json: bool, programs: &Path) -> Result<()> {
    let stretch = build::tested("--example", "stretch")?;
    let mut node = Command::new("node");
    node.current_dir(npm::folder()).arg("tests/browser/bench.mjs").arg(stretch).arg(turns.to_string());
    page_test::places(&mut node, programs);
    process::run(node.args(as_json.then_some("--json")))
}
