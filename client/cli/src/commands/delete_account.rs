//! `delete-account`: the account and everything that the vault keeps of it, for good.

use crate::access::{Intent, Returning};
use crate::args::{DeleteAccount, Login};
use crate::connection::{Context, account_name, is_other_name};
use crate::exit::{Exit, Failure};
use crate::secret_input::terminal;
use crate::text;
use crate::time_text::{date, rfc3339};
use serde::Serialize;

#[derive(Serialize)]
struct Deleted {
    vault: String,
    account_id: String,
    deleted_at: String,
}

pub(super) async fn run(context: &Context<'_>, delete: &DeleteAccount) -> Result<(), Failure> {
    // Before anything is asked: is there an account to speak of?
    Returning::must_remember(context)?;
    let name = match &delete.yes_delete {
        Some(name) => name.clone(),
        None => ask_name()?,
    };
    let typed = account_name(&name)?;
    if is_other_name(&context.home()?, &typed) {
        return Err(other_name());
    }
    let returning = Returning::prepare(context, &Login { account: Some(name) })?;
    let ready = returning.ready(context, Intent::Manage).await?;
    let vault = ready.client.vault().to_string();
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    // A device that does not know the name, after a recovery, still knows what the backup notes.
    if session.account_name().is_some_and(|noted| noted != typed.expose()) {
        return Err(other_name());
    }
    let account_id = session.account_id().to_string();
    let time = context.progress.during(session.delete_account()).await?;
    let result = Deleted { vault, account_id, deleted_at: rfc3339(time) };
    let text = text::line(text::delete::Done { vault: &result.vault, time: date(time) });
    let client = session.client();
    let forgotten = client.secret_store().remove().map_err(Failure::from);
    let forgotten = forgotten.and_then(|()| Ok(client.state_store().forget()?));
    if let Err(failure) = forgotten {
        context.output.warn("home-not-removed", text::delete::HomeKept { why: failure.message });
    }
    context.output.result(&result, &text)
}

fn other_name() -> Failure {
    Failure::new(Exit::Usage, "other-name", text::account::OTHER_NAME)
        .advise(text::account::OTHER_NAME_ADVICE)
}

/// The name is typed out: nothing else brings the account back.
fn ask_name() -> Result<String, Failure> {
    let mut terminal = terminal(text::what::CONFIRMATION, "--yes-delete NAME")?;
    terminal.say(text::delete::EXPLAIN)?;
    let name = terminal.ask(text::confirm::DELETE)?;
    if name.trim().is_empty() { Err(Failure::cancelled()) } else { Ok(name) }
}
