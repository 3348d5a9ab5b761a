//! Where the real programs are.

use std::path::PathBuf;
use std::process::Command;

/// The server's program, to be given arguments.
#[must_use]
pub fn server_program() -> Command {
    command("rootcellar-server")
}

/// The client's program, to be given arguments.
#[must_use]
pub fn client_program() -> Command {
    command("rootcellar")
}

/// Without the variables that steer the tests: they are settings of neither program, and the vault refuses unknown ones.
fn command(name: &str) -> Command {
    let mut command = Command::new(program(name));
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROOTCELLAR_")) {
        command.env_remove(variable);
    }
    command
}

fn program(name: &str) -> PathBuf {
    // As their users build them: a build of the whole workspace adds the features that other tests want.
    if let Some(folder) = std::env::var_os("ROOTCELLAR_PROGRAMS") {
        return PathBuf::from(folder).join(name);
    }
    let test = std::env::current_exe().expect("a test has a path");
    // target/PROFILE/deps/TEST
    let folder = test.ancestors().nth(2).expect("a test lies two folders below its profile");
    let program = folder.join(name);
    assert!(program.exists(), "{name} is not built: run `cargo xtask test`, or `cargo build` first");
    program
}
