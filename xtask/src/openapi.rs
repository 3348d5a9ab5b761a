//! `cargo xtask openapi`: writes `spec/openapi.json` from the code. A test of the server fails where the two differ.

use crate::build;
use anyhow::{Context, Result, bail};
use std::process::Command;
use xtask_tools::{process, workspace};

const FILE: &str = "spec/openapi.json";

pub(crate) fn run(check: bool) -> Result<()> {
    let text = process::read(&mut Command::new(build::tested("--example", "openapi")?))?;
    let file = workspace::root().join(FILE);
    if !check {
        return std::fs::write(file, text).with_context(|| format!("cannot write {FILE}"));
    }
    let kept = std::fs::read_to_string(file).with_context(|| format!("cannot read {FILE}"))?;
    if kept != text {
        bail!("{FILE} is not current: run `cargo xtask openapi`");
    }
    Ok(())
}
