//! `cargo xtask check`: what the compiler, its lints and the eye of a reviewer would find. Tools that exist do what they can;
//! the checks of `tests/tree` do the rest.

mod features;

use crate::build::TESTED;
use anyhow::{Result, ensure};
use std::process::Command;
use xtask_tools::{output, process, workspace};

/// What the page is compiled for.
const BROWSER: &str = "wasm32-unknown-unknown";

/// Licences, duplicates and sources of third-party crates, and which crate may depend on which. It reads `deny.toml`.
const DENY: &str = "cargo-deny";

pub(crate) fn run(quick: bool) -> Result<()> {
    process::run(&mut process::cargo(["test", "--quiet", "--locked", "--package", "rootcellar-tree"]))?;
    let findings = features::check()?;
    findings.iter().for_each(|finding| output::line(finding));
    ensure!(findings.is_empty(), "third-party crates would be compiled twice");
    let offline = ["--log-level", "error", "--offline", "--locked", "check", "bans", "licenses", "sources"];
    tool(DENY, &offline)?;
    // Relative links of documents and their anchors: `rumdl.toml`.
    tool("rumdl", &["check", "--no-cache", "--quiet", "."])?;
    // Spelling, of sources and texts too: `typos.toml`.
    tool("typos", &["--format", "brief"])?;
    process::run(&mut process::cargo(["fmt", "--all", "--check"]))?;
    if quick { Ok(()) } else { lint() }
}

/// Runs a program that `.ci/run` installs, in the workspace's root.
fn tool(name: &str, arguments: &[&str]) -> Result<()> {
    let Some(program) = process::installed(name)? else { return Ok(()) };
    process::run(Command::new(program).args(arguments).current_dir(workspace::root()))
}

/// Known vulnerabilities. The database is RustSec's repository of advisories, which `cargo deny` clones; a machine may not reach it.
/// Without it nothing is known, which is said and is no failure.
pub(crate) fn advisories() -> Result<()> {
    if let Err(error) = tool(DENY, &["fetch", "db"]) {
        output::line(&format!("WARNING: advisories were not checked, no database: {error:#}"));
        return Ok(());
    }
    tool(DENY, &["--locked", "check", "--disable-fetch", "advisories"])
}

/// Clippy (its `too_many_lines` measures functions) and rustdoc, with every warning an error.
pub(crate) fn lint() -> Result<()> {
    let mut clippy = process::cargo(["clippy", "--locked", "--all-targets"]);
    process::run(clippy.args(TESTED).args(["--", "-D", "warnings"]))?;
    browser()?;
    // With the examples, so that crates have the features that they have for clippy, which has checked them already.
    let mut documentation = process::cargo(["doc", "--locked", "--no-deps", "--lib", "--bins", "--examples"]);
    process::run(documentation.args(TESTED).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Clippy for the library as it is by default where there is no operating system, and for what there is only in a page.
fn browser() -> Result<()> {
    if !process::has_target(BROWSER)? {
        return process::leave_out(&format!("what there is in a page: rustup target add {BROWSER}"));
    }
    for package in ["rootcellar-client", "rootcellar-web"] {
        let clippy = ["clippy", "--locked", "--target", BROWSER, "-p", package];
        process::run(process::cargo(clippy).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}
