//! Where sources and results of the bindings are.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use xtask_tools::workspace;

/// The library's file, as the linker of Linux names it.
const LIBRARY: &str = "librootcellar_uniffi.so";

/// Where everything about the bindings goes.
pub(crate) fn folder() -> PathBuf {
    workspace::target().join("bindings")
}

/// The folder of the library's crate.
pub(crate) fn source() -> PathBuf {
    workspace::root().join("client/uniffi")
}

/// Puts a copy of the built library beside what is generated from it.
pub(crate) fn library(built: &Path) -> Result<PathBuf> {
    let built = built.join(LIBRARY);
    std::fs::create_dir_all(folder())?;
    let copy = folder().join(LIBRARY);
    std::fs::copy(&built, &copy).with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(copy)
}

/// An empty folder of this name among what concerns the bindings.
pub(crate) fn fresh(name: &str) -> Result<PathBuf> {
    workspace::emptied(folder().join(name))
}
