//! The sources that UniFFI generates from the built library: those of each language in a folder of their own.

use crate::{process, workspace};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The library's file, as the linker of Linux names it.
pub(super) const LIBRARY: &str = "librootcellar_uniffi.so";

const PACKAGE: &str = "rootcellar-uniffi";

/// Where everything about the bindings goes.
pub(crate) fn folder() -> PathBuf {
    workspace::target().join("bindings")
}

/// The folder of the crate.
pub(super) fn source() -> PathBuf {
    workspace::root().join("client/uniffi")
}

/// Builds the library once, quickly or optimised, and puts a copy beside what is generated from it.
pub(super) fn library(optimised: bool) -> Result<PathBuf> {
    let outcome = if optimised {
        process::run(&mut process::cargo(["build", "--locked", "--release", "-p", PACKAGE]))?;
        "release"
    } else {
        workspace::Programs::WHOLE.build_with(PACKAGE)?;
        "debug"
    };
    let built = workspace::target().join(outcome).join(LIBRARY);
    std::fs::create_dir_all(folder())?;
    let copy = folder().join(LIBRARY);
    std::fs::copy(&built, &copy).with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(copy)
}

/// Generates the sources of every language, each into a separate folder.
pub(super) fn sources(library: &Path) -> Result<Sources> {
    process::run(process::bindgen()?.arg("wallets").arg(library).arg(folder()))?;
    let generated = |language: &str| folder().join(format!("{language}-generated"));
    Ok(Sources { kotlin: generated("kotlin"), python: generated("python"), swift: generated("swift") })
}

/// The folders of what was generated.
pub(super) struct Sources {
    pub(super) kotlin: PathBuf,
    pub(super) python: PathBuf,
    pub(super) swift: PathBuf,
}

/// An empty folder of this name among what concerns the bindings.
pub(super) fn fresh(name: &str) -> Result<PathBuf> {
    let folder = folder().join(name);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Every file below a folder, in the order of names.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
