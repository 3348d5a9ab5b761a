//! `cargo xtask page --check`: builds the page once more from a copy of the sources, in another folder and with nothing of the
//! first build, and compares.

use super::{Places, build};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;
use xtask_tools::{Scratch, output, process, workspace};

/// Builds elsewhere; any difference is an error.
pub(super) fn elsewhere(here: &Places) -> Result<()> {
    let folder = Scratch::new()?;
    let root = folder.path().join("another/place than the first");
    for file in workspace::tracked()? {
        let copy = root.join(&file);
        fs::create_dir_all(copy.parent().context("a file lies in a folder")?)?;
        fs::copy(workspace::root().join(&file), copy)?;
    }
    let there = Places { target: root.join("built"), root };
    process::run(Command::new("npm").args(["ci", "--no-progress"]).current_dir(there.page()))?;
    build(&there)?;
    let (one, other) = (hashes(&here.out())?, hashes(&there.out())?);
    let differences: Vec<&str> = one.lines().filter(|line| !other.contains(line)).collect();
    if one != other {
        bail!("two builds differ:\n{}", differences.join("\n"));
    }
    output::line(&format!("two builds agree on {} files", one.lines().count()));
    Ok(())
}

fn hashes(page: &Path) -> Result<String> {
    fs::read_to_string(page.join("HASHES")).context("the page has no list of hashes")
}
