//! Builds the page, from sources to the files that a host serves, in `target/page`. The same sources give the same bytes wherever
//! they are built, and `HASHES` lists them. With `--check` it is built once more elsewhere and compared.
//!
//! `cargo xtask page` starts it, once the page's packages are installed.

mod bind;
mod check;
mod library;
mod panics;
mod sizes;
mod words;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use xtask_tools::{output, process, workspace};

/// Where a build takes its sources from and leaves its results.
struct Places {
    /// The workspace.
    root: PathBuf,
    /// Cargo's target folder.
    target: PathBuf,
}

impl Places {
    /// The page's sources.
    fn page(&self) -> PathBuf {
        self.root.join("client/web/page")
    }

    /// The built page.
    fn out(&self) -> PathBuf {
        self.target.join("page")
    }

    /// What is built on the way.
    fn parts(&self) -> PathBuf {
        self.target.join("page-parts")
    }
}

fn main() -> ExitCode {
    let check = std::env::args().nth(1).is_some_and(|argument| argument == "--check");
    match run(check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error("page", &error);
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result<()> {
    let here = Places { root: workspace::root().to_owned(), target: workspace::target() };
    build(&here)?;
    sizes::enforce(&here.out())?;
    if check {
        check::elsewhere(&here)?;
    }
    output::line(&format!("the page is in {}", here.out().display()));
    Ok(())
}

fn build(places: &Places) -> Result<()> {
    let parts = places.parts();
    std::fs::create_dir_all(&parts).with_context(|| format!("cannot create {}", parts.display()))?;
    let library = library::build(places)?;
    let words = parts.join("words.txt");
    words::write(&words)?;
    process::run(
        node(&places.page())
            .arg("build/build.mjs")
            .args([&library, &words, &places.root.join("SECURITY.md")])
            .args([env!("CARGO_PKG_VERSION"), library::compiler(places)?.as_str()])
            .arg(places.out()),
    )
}

/// `node` in the page's folder, without what a person's environment would have it do.
fn node(page: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(page).env_remove("NODE_OPTIONS");
    command
}
