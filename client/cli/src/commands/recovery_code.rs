//! `recovery-code new`: another recovery code in the place of the old one.

use crate::access::{Intent, Ready, Returning};
use crate::args::{RecoveryCode, RecoveryCodeCommand, RecoveryCodeNew};
use crate::connection::Context;
use crate::exit::Failure;
use crate::new_recovery_code::Destination;
use serde::Serialize;

#[derive(Serialize)]
struct Changed {
    recovery_code_changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code_output: Option<String>,
}

pub(super) async fn run(context: &Context<'_>, command: &RecoveryCode) -> Result<(), Failure> {
    let RecoveryCodeCommand::New(new) = &command.command;
    renew(context, new).await
}

async fn renew(context: &Context<'_>, new: &RecoveryCodeNew) -> Result<(), Failure> {
    let returning = Returning::prepare(context, &new.login)?;
    let destination = Destination::prepare(new.recovery_code_output.as_deref(), new.yes)?;
    let Ready { mut client, entry, .. } = returning.ready(context, Intent::Manage).await?;
    let mut session = entry.sign_in(&mut client, context, Intent::Manage).await?;
    let handed = destination.hand_over(context)?;
    if let Err(error) = context.progress.during(session.new_recovery_code(handed.code())).await {
        return Err(handed.after(error.into()));
    }
    let result = Changed { recovery_code_changed: true, recovery_code_output: handed.file() };
    let place = match &result.recovery_code_output {
        Some(file) => format!("It is in {file}: bring it to paper and delete the file. "),
        None => String::new(),
    };
    let text = format!("The new recovery code holds; the old one has ended. {place}Destroy the old paper.\n");
    context.output.result(&result, &text)
}
