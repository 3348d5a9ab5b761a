//! The commands, one file each.

mod add;
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
        Command::Completions { shell } => documents::completions(*shell, output),
        Command::Man => documents::man(output),
    }
}
