//! `cargo xtask vectors`: one program makes all of `spec/vectors`; a vector that changed unasked fails the check.
//!
//! The check also has a second implementation read them, which was written from `spec/protocol.md` alone. `.ci/run`
//! installs what that needs beside the validators; elsewhere it is left out and said so.

use crate::build;
use anyhow::Result;
use std::process::Command;
use xtask_tools::{process, workspace};

pub(crate) fn run(check: bool) -> Result<()> {
    let generator = build::tested("--bin", "generate-vectors")?;
    process::run(Command::new(generator).args(check.then_some("--check")).current_dir(workspace::root()))?;
    if check { second_reader() } else { Ok(()) }
}

fn second_reader() -> Result<()> {
    let python = workspace::validators().join("bin/python");
    if !process::works(Command::new(&python).args(["-c", "import argon2, nacl, unicodedata2"])) {
        return process::leave_out(
            "the second reader of the vectors is not installed: see tests/conformance/independent/README.md",
        );
    }
    // Then wrong readings are put into it, each of which a vector must catch.
    ["reader.py", "mutants.py"].into_iter().try_for_each(|script| {
        let script = format!("tests/conformance/independent/{script}");
        process::run(Command::new(&python).args(["-B", &script]).current_dir(workspace::root()))
    })
}
