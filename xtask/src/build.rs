//! What cargo builds for the other commands: the programs as their users have them, and what is built as the tests are.

use anyhow::{Context, Result};
use std::path::PathBuf;
use xtask_tools::process;
use xtask_tools::workspace::target;

/// What tests and lints turn on beside the defaults: code that no program of a user holds.
const FEATURES: &str = "--features=rootcellar-server/openapi";

/// What is linted, documented and tested: everything, with one set of features.
pub(crate) const TESTED: [&str; 2] = ["--workspace", FEATURES];

/// Builds a binary or an example (`--bin`, `--example`) as the tests are built, and gives the program.
pub(crate) fn tested(kind: &str, name: &str) -> Result<PathBuf> {
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

    /// Builds them along with other packages, and gives the folder of what was built.
    pub(crate) fn build_with(&self, packages: &[&str]) -> Result<PathBuf> {
        self.build_packages(&packages.iter().flat_map(|package| ["-p", package]).collect::<Vec<_>>())?;
        Ok(target().join(self.profile[1]))
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
pub(crate) fn programs() -> Result<PathBuf> {
    Programs::WHOLE.build()
}
