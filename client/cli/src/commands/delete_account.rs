//! `delete-account`: the account and everything that the vault keeps of it, for good.

use crate::access::{Intent, Returning};
use crate::args::{DeleteAccount, Login};
use crate::connection::{Context, account_name, is_other_name};
use crate::exit::{Exit, Failure};
use crate::secret_input::terminal;
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
    let text = format!("Deleted the account at {} with all its backups ({}).\n", result.vault, date(time));
    let client = session.client();
    let forgotten = client.secret_store().remove().map_err(Failure::from);
    let forgotten = forgotten.and_then(|()| Ok(client.state_store().forget()?));
    if let Err(failure) = forgotten {
        context.output.warn(
            "home-not-removed",
            format!("The account is deleted, but this device still remembers it. {}", failure.message),
        );
    }
    context.output.result(&result, &text)
}

fn other_name() -> Failure {
    Failure::new(
        Exit::Usage,
        "other-name",
        "The name does not match: it is not the name of this device's account. Nothing was deleted.",
    )
    .advise("Type the account's own name, exactly as at registration.")
}

/// The name is typed out: nothing else brings the account back.
fn ask_name() -> Result<String, Failure> {
    let mut terminal = terminal("Confirmation", "--yes-delete NAME")?;
    terminal.print(
        "This deletes the account and all its backups at the vault, for good: neither passphrase nor recovery code will open \
         anything.\n",
    )?;
    let name = terminal.ask("Type the account name to delete it: ")?;
    if name.trim().is_empty() { Err(Failure::cancelled()) } else { Ok(name) }
}
