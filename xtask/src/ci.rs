//! `cargo xtask ci`: the stages in the order that finds most soonest, each with its seconds. The tests come last, so
//! that the output ends with what they say.

use crate::{output, process};
use anyhow::{Context, Result};
use std::time::Instant;

/// The commands of a run, as a person would type them.
const STAGES: &[&[&str]] = &[
    &["xtask", "check", "--quick"],
    &["xtask", "demo"],
    &["xtask", "demo", "--s3"],
    &["xtask", "check"],
    &["xtask", "bindings"],
    &["xtask", "vectors", "--check"],
    &["xtask", "page", "--check"],
    &["xtask", "page-test"],
    &["xtask", "deploy-check"],
    &["xtask", "test"],
];

pub(crate) fn run() -> Result<()> {
    for (at, stage) in STAGES.iter().enumerate() {
        let name = format!("cargo {}", stage.join(" "));
        output::title(&name);
        let began = Instant::now();
        process::run(&mut process::cargo(stage.iter())).with_context(|| format!("stage `{name}` failed"))?;
        // The tests say their own seconds: theirs is the last line of the output.
        if at + 1 < STAGES.len() {
            output::line(&format!("-- {name}: {} s", began.elapsed().as_secs()));
        }
    }
    Ok(())
}
