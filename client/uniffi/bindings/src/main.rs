//! Generates the sources for Kotlin, Swift and Python from the library, and tests them: Kotlin and Python are compiled and run
//! against the real server, their guides included; Swift is compared with its interface and parsed; the library is checked for
//! Android.
//!
//! `cargo xtask bindings` builds the programs and the library and starts this. A language whose tools are not on this machine is left
//! out and said so; with `ROOTCELLAR_REQUIRE_ALL=1` that is a failure.

mod android;
mod cost;
mod guide;
mod kotlin;
mod patches;
mod places;
mod python;
mod redact;
mod swift;
mod vault;
mod wallets;

use anyhow::{Context, Result, anyhow, bail};
use places::folder;
use std::path::Path;
use std::process::ExitCode;
use xtask_tools::{output, process};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error("bindings", &error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["check", programs, built, flags @ ..] => check(
            Path::new(programs),
            Path::new(built),
            flags.contains(&"--full"),
            flags.contains(&"--write"),
        ),
        ["release", programs, built] => release(Path::new(programs), Path::new(built)),
        ["cost", programs, restores] => {
            cost::check(&folder().join(python::PYTHON), Path::new(programs), Path::new(restores))
        }
        _ => bail!(
            "give 'check PROGRAMS BUILT [--full] [--write]', 'release PROGRAMS BUILT' or 'cost PROGRAMS RESTORES'"
        ),
    }
}

/// Generates all and runs the story of each language, everything if `full`; with `write`, takes over the Swift interface.
fn check(programs: &Path, built: &Path, full: bool, write: bool) -> Result<()> {
    let library = places::library(built)?;
    let sources = wallets::generate(&library)?;
    let tools = found("Kotlin", kotlin::Tools::find())?;
    if let Some(parser) = found("Swift", swift::parser())? {
        swift::check(&sources.swift, &parser, write).context("Swift")?;
    }
    if found("Android", android::find())?.is_some() {
        android::check().context("Android")?;
    }
    // The compiler has a core for itself while Python is tested on the other.
    let jar = std::thread::scope(|scope| {
        let jar = tools.as_ref().map(|tools| scope.spawn(|| tools.compile(&sources.kotlin)));
        let python = python::check(&sources.python, &library, programs, full).context("Python");
        let jar = jar.map(std::thread::ScopedJoinHandle::join);
        python.map(|()| jar)
    })?;
    if let (Some(tools), Some(jar)) = (tools, jar) {
        let jar = jar.map_err(|_| anyhow!("the compiler's thread panicked"))?.context("Kotlin")?;
        kotlin::check(&tools, &jar, programs, full).context("Kotlin")?;
    }
    Ok(())
}

/// The tests of a language: what uses nearly every call, and what must not be printed; all of them if `full`.
fn chosen(full: bool) -> &'static [&'static str] {
    if full { &["story", "printing", "cancelling", "errors"] } else { &["story", "printing"] }
}

/// What an app ships: the optimised library with the sources of each language, and the wheel, of which the guide is run.
fn release(programs: &Path, built: &Path) -> Result<()> {
    let library = places::library(built)?;
    let wheel = python::pack(&wallets::generate(&library)?.python, &library, "wheel")?;
    python::follow_guide(&python::install(&wheel)?, programs)?;
    output::line(&format!("{} holds what an app takes", folder().display()));
    Ok(())
}

/// The tools of a language; without them it is left out, where that is allowed.
fn found<T>(language: &str, tools: Result<T>) -> Result<Option<T>> {
    match tools {
        Ok(tools) => Ok(Some(tools)),
        Err(error) => process::leave_out(&format!("{language}: {error:#}")).map(|()| None),
    }
}
