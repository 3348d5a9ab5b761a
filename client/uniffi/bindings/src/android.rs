//! Android: the library is checked for it, so that what only Android has compiles. Google's NDK, which compiles the C code of
//! TLS and links, is not needed for that.

use anyhow::{Result, ensure};
use xtask_tools::process;

/// What nearly every phone has.
const TARGET: &str = "aarch64-linux-android";
/// What the C code is given to instead of a compiler: nothing is linked.
const NOTHING: &str = "true";

/// Whether Rust's standard library for Android is here.
pub(super) fn find() -> Result<()> {
    ensure!(
        process::has_target(TARGET)?,
        "Rust's standard library for it is missing: rustup target add {TARGET}"
    );
    Ok(())
}

/// Checks the library.
pub(super) fn check() -> Result<()> {
    let mut cargo = process::cargo(["check", "--locked", "-p", "rootcellar-uniffi", "--target", TARGET]);
    cargo.env("CC_aarch64_linux_android", NOTHING).env("AR_aarch64_linux_android", NOTHING);
    process::run(&mut cargo)
}
