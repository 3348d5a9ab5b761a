//! `cargo xtask bindings`: the sources for Kotlin, Swift and Python, generated from the library; Kotlin and Python compiled and run
//! against the real server, their guides included; Swift held against its interface and parsed; the library
//! checked for Android; and what crossing the border costs.
//!
//! A language whose tools are not on this machine is left out and said so; with `ROOTCELLAR_REQUIRE_ALL=1` that is a failure.

mod android;
mod cost;
mod generate;
mod guide;
mod kotlin;
mod python;
mod swift;
mod vault;

use crate::{output, process, workspace};
use anyhow::{Context, Result, anyhow};

pub(crate) use generate::folder;
pub(crate) use kotlin::WALLET;
pub(crate) use python::PYTHON;

/// Generates all and runs the story of each language, everything if `full`; with `write`, takes over the Swift interface.
pub(crate) fn run(full: bool, write: bool) -> Result<()> {
    let programs = workspace::build_programs()?;
    let library = generate::library(false)?;
    let generate::Sources { kotlin, python, swift } = generate::sources(&library)?;
    let tools = found("Kotlin", kotlin::Tools::find())?;
    if let Some(parser) = found("Swift", swift::parser())? {
        swift::check(&swift, &parser, write).context("Swift")?;
    }
    if found("Android", android::find())?.is_some() {
        android::check().context("Android")?;
    }
    // The compiler has a core for itself while Python is tested on the other.
    let (jar, environment) = std::thread::scope(|scope| {
        let jar = tools.as_ref().map(|tools| scope.spawn(|| tools.compile(&kotlin)));
        let environment = python::check(&python, &library, &programs, full).context("Python");
        (jar.map(std::thread::ScopedJoinHandle::join), environment)
    });
    let environment = environment?;
    if let (Some(tools), Some(jar)) = (tools, jar) {
        let jar = jar.map_err(|_| anyhow!("the compiler's thread panicked"))?.context("Kotlin")?;
        kotlin::check(&tools, &jar, &programs, full).context("Kotlin")?;
    }
    if full { cost::check(&environment, &programs) } else { Ok(()) }
}

/// The tests of a language: what uses nearly every call, and what must not be printed; all of them if `full`.
fn chosen(full: bool) -> &'static [&'static str] {
    if full { &["story", "printing", "cancelling", "errors"] } else { &["story", "printing"] }
}

/// What an app ships: the optimised library with the sources of each language, and the wheel, of which the guide is run.
pub(crate) fn release() -> Result<()> {
    let library = generate::library(true)?;
    let wheel = python::pack(&generate::sources(&library)?.python, &library, "wheel")?;
    python::follow_guide(&python::install(&wheel)?, &workspace::build_programs()?)?;
    output::line(&format!("{} holds what an app takes", folder().display()));
    Ok(())
}

/// The cost of the border alone, with what an earlier run left.
pub(crate) fn cost() -> Result<()> {
    cost::check(&folder().join(PYTHON), &workspace::build_programs()?)
}

/// The tools of a language; without them it is left out, where that is allowed.
fn found<T>(language: &str, tools: Result<T>) -> Result<Option<T>> {
    match tools {
        Ok(tools) => Ok(Some(tools)),
        Err(error) if process::require_all() => Err(error),
        Err(error) => {
            output::line(&format!("{language}: left out, {error:#}"));
            Ok(None)
        }
    }
}
