//! The page's tools and libraries, which npm installs as `package-lock.json` has them.

use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;
use xtask_tools::{process, workspace};

/// Where the page is, below the workspace's root.
const PAGE: &str = "client/web/page";

/// What installs exactly what the lock file names.
const INSTALL: [&str; 2] = ["ci", "--no-progress"];

/// The page's folder.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join(PAGE)
}

/// Installs what the lock file names, unless that was installed since it changed.
pub(crate) fn ready() -> Result<()> {
    let folder = folder();
    let changed = |name: &str| std::fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let lock = changed("package-lock.json").context("the page has no package-lock.json")?;
    // npm writes this one last.
    if changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= lock) {
        return Ok(());
    }
    process::run(Command::new("npm").args(INSTALL).current_dir(&folder))
}

/// `npm run SCRIPT`, in the page's folder.
pub(crate) fn script(name: &str) -> Command {
    let mut command = Command::new("npm");
    command.args(["run", "--silent", name]).current_dir(folder());
    command
}
