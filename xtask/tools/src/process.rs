//! Running other programs: their name and arguments are said before, and a failure names them.

use crate::{output, workspace};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How the variables' names begin that cargo sets for the package that it runs.
const ABOUT_XTASK: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// `cargo` of the toolchain that runs this, in the workspace's root.
pub fn cargo<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workspace::root());
    // What cargo says of xtask to xtask: build scripts would take it for a change since the last `cargo build` by hand, and have
    // TLS, and all that depends on it, compiled again.
    for (name, _) in std::env::vars_os() {
        if ABOUT_XTASK.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program to its end; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    output::progress(&format!("$ {}", shown(command)));
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program to its end and returns its standard output.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", shown(command)))
}

/// Whether a program can be started and says that all is well.
pub fn works(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Whether Rust's standard library for a target is on this machine.
pub fn has_target(target: &str) -> Result<bool> {
    let asked = ["--print", "target-libdir", "--target", target];
    Ok(PathBuf::from(read(Command::new("rustc").args(asked))?.trim()).is_dir())
}

/// Whether something that cannot run here is a failure (`ROOTCELLAR_REQUIRE_ALL=1`, as in CI) or only left out.
#[must_use]
pub fn require_all() -> bool {
    std::env::var_os("ROOTCELLAR_REQUIRE_ALL").is_some_and(|value| value == "1")
}

/// Says what cannot run here and why. Where nothing may be left out, that is the error.
pub fn leave_out(what: &str) -> Result<()> {
    if require_all() {
        bail!("{what}; ROOTCELLAR_REQUIRE_ALL=1 forbids leaving it out");
    }
    output::line(&format!("left out: {what}"));
    Ok(())
}

/// A program that `.ci/run` installs; without it, what it does is left out.
pub fn installed(name: &str) -> Result<Option<PathBuf>> {
    let program = workspace::program(name);
    if program.is_none() {
        leave_out(&format!("{name} is not installed: `.ci/run` installs it"))?;
    }
    Ok(program)
}

/// The program's file name and its arguments.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut text = program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
