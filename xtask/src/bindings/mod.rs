//! `cargo xtask bindings`: the sources for Kotlin, Swift and Python, generated from the library; Kotlin and Python compiled and run
//! against the real server, their guides included; Swift kept from drifting and parsed.

mod generate;
mod guide;
mod patches;
mod python;
mod vault;

use crate::workspace;
use anyhow::Result;
use uniffi_bindgen::bindings::TargetLanguage;

pub(crate) fn run() -> Result<()> {
    let programs = workspace::build_programs()?;
    let library = generate::library()?;
    let generated = generate::sources(&library, TargetLanguage::Python)?;
    python::check(&generated, &library, &programs)?;
    generate::sources(&library, TargetLanguage::Kotlin)?;
    generate::sources(&library, TargetLanguage::Swift)?;
    Ok(())
}
