//! `cargo xtask page`: builds the page by `client/web/builder`, in `target/page`.

use crate::build::Programs;
use crate::npm;
use anyhow::Result;
use std::process::Command;
use xtask_tools::process;

/// Builds the page.
const BUILDER: &str = "rootcellar-page";

pub(crate) fn run(check: bool) -> Result<()> {
    npm::ready()?;
    let builder = Programs::WHOLE.build_with(&[BUILDER])?.join(BUILDER);
    process::run(Command::new(builder).args(check.then_some("--check")))
}
