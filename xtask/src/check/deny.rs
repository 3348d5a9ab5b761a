//! Licences, duplicates and sources of third-party crates, by `cargo deny` and `deny.toml`.
//!
//! `.ci/run` installs the program with the validators. The database of advisories is RustSec's repository of that name, which
//! `cargo deny` clones; only `cargo xtask nightly` asks for it, since a machine may not reach it.

use crate::{deploy, output, process, workspace};
use anyhow::{Result, bail};
use std::process::Command;

const PROGRAM: &str = "cargo-deny";

/// Everything that needs no network.
pub(crate) fn check() -> Result<()> {
    let Some(program) = deploy::program(PROGRAM) else {
        if process::require_all() {
            bail!("{PROGRAM} is not installed: `.ci/run` installs it");
        }
        output::line(
            "licences, duplicates and sources of crates: left out, cargo-deny is not installed here",
        );
        return Ok(());
    };
    let checks = ["--log-level", "error", "--offline", "--locked", "check", "bans", "licenses", "sources"];
    process::run(Command::new(program).args(checks).current_dir(workspace::root()))
}

/// Known vulnerabilities. Without the database nothing is known, which is said and is no failure.
pub(crate) fn advisories() -> Result<()> {
    let Some(program) = deploy::program(PROGRAM) else {
        bail!("{PROGRAM} is not installed: `.ci/run` installs it")
    };
    let cargo_deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(workspace::root());
        command
    };
    if let Err(error) = process::run(&mut cargo_deny(&["fetch", "db"])) {
        output::line(&format!(
            "WARNING: advisories were not checked, their database is out of reach: {error:#}"
        ));
        return Ok(());
    }
    process::run(&mut cargo_deny(&["--locked", "check", "--disable-fetch", "advisories"]))
}
