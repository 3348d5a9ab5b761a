//! The commands, one file each.

mod add;
mod arrival;
mod delete_account;
mod devices;
mod documents;
mod history;
mod idle_options;
mod list;
mod login;
mod passphrase;
mod recover;
mod recovery_code;
mod register;
mod rekey;
mod remove;
mod restore;
mod restored;
mod revoked;
mod show;
mod status;

use crate::args::{Arguments, Command};
use crate::connection::Context;
use crate::exit::{Cause, Failure};
use crate::output::Output;

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    idle_options::refuse(arguments)?;
    let context = Context::new(&arguments.global, output);
    match dispatch(&context, arguments).await {
        Err(failure) if failure.cause == Some(Cause::DeviceRevoked) => {
            revoked::go_on(&context, arguments, failure).await
        }
        other => other,
    }
}

async fn dispatch(context: &Context<'_>, arguments: &Arguments) -> Result<(), Failure> {
    let output = context.output;
    match &arguments.command {
        Command::Register(register) => register::run(context, register).await,
        Command::Add(add) => add::run(context, add).await,
        Command::List(login) => list::run(context, login).await,
        Command::Show(show) => show::run(context, show).await,
        Command::Remove(remove) => remove::run(context, remove).await,
        Command::Status(status) => status::run(context, status).await,
        Command::Restore(restore) => restore::run(context, restore).await,
        Command::Recover(recover) => recover::run(context, recover).await,
        Command::Login(login) => login::run(context, login).await,
        Command::Devices(devices) => devices::run(context, devices).await,
        Command::History(login) => history::run(context, login).await,
        Command::Passphrase(change) => passphrase::run(context, change).await,
        Command::RecoveryCode(command) => recovery_code::run(context, command).await,
        Command::Rekey(rekey) => rekey::run(context, rekey).await,
        Command::DeleteAccount(delete) => delete_account::run(context, delete).await,
        Command::Completions { shell } => documents::completions(*shell, output),
        Command::Man => documents::man(output),
    }
}
