//! `cargo xtask check`: what the compiler, its lints and the eye of a reviewer would find.

mod arrows;
mod client_codes;
mod cycles;
pub(crate) mod deny;
mod documents;
mod features;
mod figures;
mod markdown;
mod prose;
mod sizes;
mod words;

use crate::workspace::TESTED;
use crate::{output, process, workspace};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// What the page is compiled for.
const BROWSER: &str = "wasm32-unknown-unknown";

/// What a check found; empty when all is well.
type Findings = Vec<String>;

pub(crate) fn run(quick: bool) -> Result<()> {
    let metadata = workspace::metadata()?;
    let checks = [
        ("arrows between crates", arrows::check(&metadata)),
        ("arrows between modules", cycles::check()?),
        ("features of crates", features::check()?),
        ("file length", sizes::check()?),
        ("words", words::check()?),
        ("links", markdown::check()?),
        ("English of documents", prose::check()?),
        ("errors and sections", documents::check()?),
        ("figures", figures::check()?),
        ("codes of the client", client_codes::check()?),
    ];
    let mut found = 0;
    for (name, findings) in checks {
        output::line(&format!("{name}: {}", if findings.is_empty() { "ok" } else { "not well" }));
        for finding in &findings {
            output::line(&format!("  {finding}"));
        }
        found += findings.len();
    }
    deny::check()?;
    prose::spelling()?;
    process::run(&mut process::cargo(["fmt", "--all", "--check"]))?;
    if found > 0 {
        bail!("{found} findings");
    }
    if quick { Ok(()) } else { lint() }
}

/// Clippy (its `too_many_lines` measures functions) and rustdoc, with every warning an error.
pub(crate) fn lint() -> Result<()> {
    let mut clippy = process::cargo(["clippy", "--locked", "--all-targets"]);
    process::run(clippy.args(TESTED).args(["--", "-D", "warnings"]))?;
    browser()?;
    // With the examples, so that crates have the features that they have for clippy, which has checked them already.
    let mut documentation = process::cargo(["doc", "--locked", "--no-deps", "--lib", "--bins", "--examples"]);
    process::run(documentation.args(TESTED).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Clippy for the library as it is by default where there is no operating system, and for what there is only in a page. Without
/// Rust's standard library for it, it is left out, where that is allowed.
fn browser() -> Result<()> {
    let asked = ["--print", "target-libdir", "--target", BROWSER];
    let library = process::read(Command::new("rustc").args(asked))?;
    if !Path::new(library.trim()).is_dir() && !process::require_all() {
        output::line(&format!("left out, what there is in a page: rustup target add {BROWSER}"));
        return Ok(());
    }
    for package in ["rootcellar-client", "rootcellar-web"] {
        let clippy = ["clippy", "--locked", "--target", BROWSER, "-p", package];
        process::run(process::cargo(clippy).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}
