//! The commands, one file each.

mod add;
mod delete_account;
mod documents;
mod list;
mod new_passphrase;
mod recover;
mod register;
mod remove;
mod restore;
mod restored;
mod show;
mod status;

use crate::args::{Arguments, Command};
use crate::connection::Context;
use crate::exit::Failure;
use crate::output::Output;

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    refuse_idle_options(arguments)?;
    let context = Context::new(&arguments.global, output);
    match &arguments.command {
        Command::Register(register) => register::run(&context, register).await,
        Command::Add(add) => add::run(&context, add).await,
        Command::List(login) => list::run(&context, login).await,
        Command::Show(show) => show::run(&context, show).await,
        Command::Remove(remove) => remove::run(&context, remove).await,
        Command::Status(status) => status::run(&context, status).await,
        Command::Restore(restore) => restore::run(&context, restore).await,
        Command::Recover(recover) => recover::run(&context, recover).await,
        Command::DeleteAccount(delete) => delete_account::run(&context, delete).await,
        Command::Completions { shell } => documents::completions(*shell, output),
        Command::Man => documents::man(output),
    }
}

/// An option that the command does not heed was meant to do something: better said than ignored.
fn refuse_idle_options(arguments: &Arguments) -> Result<(), Failure> {
    let (code, passphrase) =
        (arguments.global.recovery_code_file.is_some(), arguments.global.passphrase_file.is_some());
    let (option, advice) = match &arguments.command {
        Command::Recover(_) if passphrase => {
            ("--passphrase-file", "Use --new-passphrase-file for the passphrase that is set.")
        }
        Command::Register(_) if code => {
            ("--recovery-code-file", "Use --recovery-code-output to write the new code to a file.")
        }
        Command::Recover(_) | Command::Register(_) => return Ok(()),
        Command::Completions { .. } | Command::Man => return Ok(()),
        _ if code => ("--recovery-code-file", "Use 'rootcellar recover' to log in with the recovery code."),
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("{option} has no effect on this command.")).advise(advice))
}
