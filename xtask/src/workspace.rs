//! Where things are: the workspace's root, its target folder, its tracked files and what cargo knows of it.

use crate::process;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What tests and lints turn on beside the defaults: code that no program of a user holds.
pub(crate) const FEATURES: &str = "--features=rootcellar-server/openapi";

/// What generates the bindings. Beside it some crates of the others would have more features, and be compiled once more.
pub(crate) const GENERATORS: &str = "xtask-bindgen";

/// What is tested at once, and what is built for that: everything else.
pub(crate) const TESTED: [&str; 4] = ["--workspace", "--exclude", GENERATORS, FEATURES];

/// The folder of the workspace's manifest.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in a folder of the workspace")
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |named| root().join(named))
}

/// What `cargo metadata` tells, dependencies of other platforms included.
pub(crate) fn metadata() -> Result<Value> {
    let text = process::read(&mut process::cargo(["metadata", "--format-version", "1", "--locked"]))?;
    serde_json::from_str(&text).context("cargo metadata printed no JSON")
}

/// Every file that git tracks and that is still there, relative to the root.
pub(crate) fn tracked() -> Result<Vec<PathBuf>> {
    let listed = process::read(Command::new("git").args(["ls-files", "-z"]).current_dir(root()))?;
    let files = listed.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    Ok(files.filter(|file| root().join(file).is_file()).collect())
}

/// A tracked file's text, or `None` where it is not UTF-8.
pub(crate) fn text(file: &Path) -> Result<Option<String>> {
    let bytes =
        std::fs::read(root().join(file)).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(String::from_utf8(bytes).ok())
}

/// Builds the two programs as their users build them, without the features that tests add, and puts copies of them
/// into a folder of their own, where a later build of the workspace does not replace them.
pub(crate) fn build_programs() -> Result<PathBuf> {
    process::run(&mut process::cargo([
        "build",
        "--locked",
        "-p",
        "rootcellar-cli",
        "-p",
        "rootcellar-server",
    ]))?;
    let programs = target().join("programs");
    std::fs::create_dir_all(&programs)?;
    for name in ["rootcellar", "rootcellar-server"] {
        let built = target().join("debug").join(name);
        let copy = programs.join(name);
        // Written beside and renamed: the old copy may be running.
        let fresh = programs.join(format!("{name}.new"));
        std::fs::copy(&built, &fresh).with_context(|| format!("cannot copy {}", built.display()))?;
        std::fs::rename(&fresh, &copy)?;
    }
    Ok(programs)
}
