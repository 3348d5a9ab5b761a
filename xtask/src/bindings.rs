//! `cargo xtask bindings`: builds the library and the programs; `client/uniffi/bindings` does the rest.

use crate::build::{self, Programs};
use anyhow::Result;
use std::path::Path;
use std::process::Command;
use xtask_tools::process;

const LIBRARY: &str = "rootcellar-uniffi";
/// Generates the bindings and tests them.
const GENERATOR: &str = "rootcellar-bindings";

/// Generates all and runs the story of each language, everything if `full`; with `write`, takes over the Swift interface.
pub(crate) fn run(full: bool, write: bool) -> Result<()> {
    let built = Programs::WHOLE.build_with(&[LIBRARY, GENERATOR])?;
    let flags =
        [("--full", full), ("--write", write)].into_iter().filter_map(|(flag, set)| set.then_some(flag));
    let mut command = Command::new(built.join(GENERATOR));
    process::run(command.arg("check").arg(Programs::WHOLE.folder()).arg(&built).args(flags))?;
    if full { measure(&built) } else { Ok(()) }
}

/// What an app ships: the optimised library with the sources of each language, and the wheel, of which the guide is run.
pub(crate) fn release() -> Result<()> {
    let built = Programs::WHOLE.build_with(&[GENERATOR])?;
    process::run(&mut process::cargo(["build", "--locked", "--release", "-p", LIBRARY]))?;
    let mut command = Command::new(built.join(GENERATOR));
    process::run(command.arg("release").arg(Programs::WHOLE.folder()).arg(built.with_file_name("release")))
}

/// The cost of the border alone, with what an earlier run left.
pub(crate) fn cost() -> Result<()> {
    measure(&Programs::WHOLE.build_with(&[GENERATOR])?)
}

fn measure(built: &Path) -> Result<()> {
    let restores = build::tested("--example", "restores")?;
    let mut command = Command::new(built.join(GENERATOR));
    process::run(command.arg("cost").arg(Programs::WHOLE.folder()).arg(restores))
}
