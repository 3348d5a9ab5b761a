//! `cargo xtask wasm`: the client library must build where there is no operating system.

use crate::process;
use anyhow::Result;

const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn run() -> Result<()> {
    process::run(&mut process::cargo(["build", "--locked", "-p", "rootcellar-client", "--target", TARGET]))
}
