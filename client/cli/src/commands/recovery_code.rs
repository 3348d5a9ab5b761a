//! `recovery-code new`: another recovery code in the place of the old one.

use crate::access::{Intent, Returning};
use crate::args::{RecoveryCode, RecoveryCodeCommand, RecoveryCodeNew};
use crate::connection::{Context, Native};
use crate::exit::Failure;
use crate::new_recovery_code::Destination;
use crate::text;
use rootcellar_client::pending_code::{Ceremony, CodeState};
use rootcellar_client::session::Session;
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
    let ceremony = Ceremony::RecoveryCode;
    let returning = Returning::prepare(context, &new.login)?;
    let destination = Destination::prepare(ceremony, new.recovery_code_output.as_deref(), new.yes)?;
    let ready = returning.ready(context, Intent::Manage).await?;
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    activate_waiting(context, &mut session).await?;
    if context.has_activated(ceremony) {
        let result = Changed { recovery_code_changed: true, recovery_code_output: None };
        return context.output.result(&result, &text::line(text::code::ANOTHER));
    }
    let code = session.generate_recovery_code(ceremony).await?;
    let handed = destination.hand_over(context, session.client(), code).await?;
    if let Err(error) = context.progress.during(session.new_recovery_code(handed.code())).await {
        return Err(handed.after(session.client(), error.outcome(), error.into()).await);
    }
    let result = Changed { recovery_code_changed: true, recovery_code_output: handed.file() };
    let mut shown = text::line(text::code::CHANGED);
    if let Some(file) = &result.recovery_code_output {
        shown.push_str(&text::line(text::code::CopyFile { file }));
    }
    shown.push_str(&text::line(text::code::DESTROY_OLD));
    context.output.result(&result, &shown)
}

/// A session by recovery code activates an earlier code only if it is asked to.
async fn activate_waiting(context: &Context<'_>, session: &mut Session<Native>) -> Result<(), Failure> {
    let waits = context
        .code_told
        .get()
        .is_some_and(|told| (told.ceremony, told.state) == (Ceremony::RecoveryCode, CodeState::Waiting));
    if waits && let Some(notice) = context.progress.during(session.activate_code()).await? {
        context.tell_code(notice);
    }
    Ok(())
}
