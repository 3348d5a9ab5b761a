//! The generators of bindings, which `cargo xtask page` and `cargo xtask bindings` start.
//!
//! They are a program of their own because they are as much to compile as all of xtask: whoever only plays the demo or runs the
//! tests does without.

mod page;
mod panics;
mod patches;
mod redact;
mod wallets;
mod words;

use anyhow::{Result, bail};
use std::path::Path;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["page", module, out] => page::bind(Path::new(module), Path::new(out)),
        ["wallets", library, out] => wallets::generate(library, out),
        ["words", out] => words::write(out),
        _ => bail!("give 'page MODULE FOLDER', 'wallets LIBRARY FOLDER' or 'words FILE'"),
    }
}
