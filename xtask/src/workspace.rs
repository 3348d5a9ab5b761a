//! Where things are: the workspace's root, its target folder, its tracked files and what cargo knows of it.

use crate::process;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What tests and lints turn on beside the defaults: code that no program of a user holds.
const FEATURES: &str = "--features=rootcellar-server/openapi";

/// What is linted, documented and tested: everything, with one set of features.
pub(crate) const TESTED: [&str; 2] = ["--workspace", FEATURES];

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

/// Builds a binary or an example (`--bin`, `--example`) as the tests are built, and gives the program.
pub(crate) fn build_tested(kind: &str, name: &str) -> Result<PathBuf> {
    process::run(process::cargo(["build", "--locked", "--profile", "test", kind, name]).args(TESTED))?;
    let folder = if kind == "--example" { "debug/examples" } else { "debug" };
    Ok(target().join(folder).join(name))
}

/// Turns on, in any build, the features that third-party crates have in the whole workspace: no crate is compiled twice.
const SHARED: [&str; 2] = ["-p", "rootcellar-features"];

/// The two programs as their users build them, without the features that tests add, but for those of third-party crates.
pub(crate) struct Programs {
    folder: &'static str,
    features: &'static [&'static str],
    /// The profile, and cargo's folder of it.
    profile: [&'static str; 2],
}

const DEV: [&str; 2] = ["dev", "debug"];

impl Programs {
    /// With everything that is on by default.
    pub(crate) const WHOLE: Self = Self { folder: "programs-whole", features: &[], profile: DEV };
    /// Without the keyring and without S3.
    pub(crate) const SMALL: Self =
        Self { folder: "programs", features: &["--no-default-features"], profile: DEV };
    /// As they are released.
    pub(crate) const OPTIMISED: Self =
        Self { folder: "programs-optimised", features: &[], profile: ["release", "release"] };

    /// Where the copies of the programs are.
    pub(crate) fn folder(&self) -> PathBuf {
        target().join(self.folder)
    }

    /// What selects the packages and their features, for any command of cargo.
    pub(crate) fn selection(&self) -> Vec<&'static str> {
        // What is released shares nothing with the tests.
        let shared = if self.profile == DEV { &SHARED[..] } else { &[] };
        [&["-p", "rootcellar-cli", "-p", "rootcellar-server"], shared, self.features].concat()
    }

    /// Builds the programs, and puts copies of them into a folder of their own, where a later build does not replace them.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        self.build_packages(&[])?;
        Ok(self.folder())
    }

    /// Builds them along with another package, whose program is given.
    pub(crate) fn build_with(&self, package: &str) -> Result<PathBuf> {
        self.build_packages(&["-p", package])?;
        Ok(target().join(self.profile[1]).join(package))
    }

    fn build_packages(&self, more: &[&str]) -> Result<()> {
        let mut cargo = process::cargo(["build", "--locked", "--profile", self.profile[0]]);
        process::run(cargo.args(self.selection()).args(more))?;
        std::fs::create_dir_all(self.folder())?;
        ["rootcellar", "rootcellar-server"].into_iter().try_for_each(|name| self.keep(name))
    }

    fn keep(&self, name: &str) -> Result<()> {
        let built = target().join(self.profile[1]).join(name);
        // Written beside and renamed: the old copy may be running.
        let fresh = self.folder().join(format!("{name}.new"));
        std::fs::copy(&built, &fresh).with_context(|| format!("cannot copy {}", built.display()))?;
        Ok(std::fs::rename(&fresh, self.folder().join(name))?)
    }
}

/// Builds the programs as their users build them; returns their folder.
pub(crate) fn build_programs() -> Result<PathBuf> {
    Programs::WHOLE.build()
}
