//! `cargo xtask vectors`: one program makes all of `spec/vectors`; a vector that changed unasked fails the check.

use crate::process;
use anyhow::Result;

pub(crate) fn run(check: bool) -> Result<()> {
    let generator = ["run", "--locked", "-p", "rootcellar-conformance", "--bin", "generate-vectors", "--"];
    process::run(process::cargo(generator).args(check.then_some("--check")))
}
