//! The sources that UniFFI generates from the built library: those of each language in a folder of their own.

use super::patches;
use crate::{process, workspace};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The library's file, as the linker of Linux names it.
pub(super) const LIBRARY: &str = "librootcellar_uniffi.so";

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
    let (profile, outcome) = if optimised { ("release", "release") } else { ("dev", "debug") };
    process::run(&mut process::cargo([
        "build",
        "--locked",
        "-p",
        "rootcellar-uniffi",
        "--profile",
        profile,
    ]))?;
    let built = workspace::target().join(outcome).join(LIBRARY);
    std::fs::create_dir_all(folder())?;
    let copy = folder().join(LIBRARY);
    std::fs::copy(&built, &copy).with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(copy)
}

/// A language that sources are generated for.
#[derive(Clone, Copy)]
pub(super) enum Language {
    Kotlin,
    Python,
    Swift,
}

impl Language {
    /// As the generator calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Python => "python",
            Self::Swift => "swift",
        }
    }
}

/// The sources of a language, and the types in them that hold secrets.
pub(super) struct Sources {
    pub(super) folder: PathBuf,
    pub(super) holders: BTreeSet<String>,
}

/// Generates one language's sources anew, with our changes.
pub(super) fn sources(library: &Path, language: Language) -> Result<Sources> {
    let out = fresh(&format!("{}-generated", language.name()))?;
    let (what, name) = (OsStr::new("wallets"), OsStr::new(language.name()));
    process::run(&mut process::bindgen([what, name, library.as_os_str(), out.as_os_str()]))?;
    let mut holders = BTreeSet::new();
    for file in files(&out)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let text = std::fs::read_to_string(&file)?;
        let redacted = patches::apply(extension, &text)?;
        std::fs::write(&file, redacted.source)?;
        holders.extend(redacted.holders);
    }
    Ok(Sources { folder: out, holders })
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
