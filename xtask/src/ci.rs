//! `cargo xtask ci`: the stages in the order that finds most soonest, each with its seconds. The tests come last, so that the
//! output ends with what they say.
//!
//! `cargo xtask nightly`: what costs minutes and finds little per run. `ci` runs a part of each, enough to notice that it is broken.

use crate::check;
use anyhow::{Context, Result};
use std::time::{Duration, Instant};
use xtask_tools::{output, process};

/// The commands of a run, as a user types them, and how many seconds a cold run on two cores should take, if that is settled.
type Stage = (&'static [&'static str], Option<u64>);

const CI: &[Stage] = &[
    (&["xtask", "check", "--quick"], None),
    (&["xtask", "demo"], Some(180)),
    (&["xtask", "lint"], None),
    (&["xtask", "demo", "--s3"], None),
    (&["xtask", "bindings"], None),
    (&["xtask", "vectors", "--check"], None),
    (&["xtask", "page-test"], None),
    (&["xtask", "deploy-check"], None),
    (&["xtask", "check", "--quick"], Some(20)),
    (&["xtask", "test"], None),
];

const NIGHTLY: &[Stage] = &[
    (&["xtask", "page", "--check"], None),
    (&["xtask", "bindings", "--full"], None),
    (&["xtask", "test", "--optimised"], None),
    (&["xtask", "test", "--s3"], None),
];

/// How long all of `ci` should take, on two cores and from nothing.
const WHOLE: u64 = 1_800;

pub(crate) fn run() -> Result<()> {
    let began = Instant::now();
    let (last, first) = CI.split_last().context("there are stages")?;
    summary(&run_all(first)?);
    output::line(&format!(
        "-- all of it: {} s and the seconds of the tests, aim {WHOLE} s",
        began.elapsed().as_secs()
    ));
    stage(last).map(drop)
}

pub(crate) fn nightly() -> Result<()> {
    output::title("advisories");
    check::advisories()?;
    summary(&run_all(NIGHTLY)?);
    Ok(())
}

/// A stage's name, its time and its aim.
type Taken = (String, Duration, Option<u64>);

fn run_all(stages: &[Stage]) -> Result<Vec<Taken>> {
    stages.iter().map(stage).collect()
}

fn stage((command, aim): &Stage) -> Result<Taken> {
    let name = format!("cargo {}", command.join(" "));
    output::title(&name);
    let began = Instant::now();
    process::run(&mut process::cargo(command.iter())).with_context(|| format!("stage `{name}` failed"))?;
    Ok((name, began.elapsed(), *aim))
}

fn summary(stages: &[Taken]) {
    output::title("seconds of each stage");
    for (name, taken, aim) in stages {
        let aim = aim.map_or_else(String::new, |aim| format!(", aim {aim} s"));
        output::line(&format!("-- {name}: {} s{aim}", taken.as_secs()));
    }
}
