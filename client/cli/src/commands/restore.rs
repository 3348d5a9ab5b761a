//! `restore`: everything back, on a device that has never seen the account or on one that has.

use super::arrival::Arrival;
use super::restored::{Restored, RestoredJson};
use crate::access::{Intent, Returning};
use crate::args::{Login as LoginArguments, Restore};
use crate::connection::{Context, Native, Needs};
use crate::enrolling::{Enrolled, Plan};
use crate::exit::Failure;
use crate::secret_output::SecretFile;
use crate::terminal::Terminal;
use crate::text;
use rootcellar_client::session::Session;
use serde::Serialize;
use std::io::{self, IsTerminal};

#[derive(Serialize)]
struct Result_<'a> {
    #[serde(flatten)]
    restored: RestoredJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<Enrolled>,
}

pub(super) async fn run(context: &Context<'_>, restore: &Restore) -> Result<(), Failure> {
    Plan::check(context, &restore.retrieval.enrolling)?;
    confirm(context, restore)?;
    if is_plain(context, restore)? {
        return on_known_device(context, restore).await;
    }
    let retrieval = &restore.retrieval;
    let Arrival { home, vault, device, login } =
        Arrival::prepare(context, restore.account.as_deref(), retrieval.device_label.as_deref())?;
    let login = login.with(retrieval.options());
    let file = SecretFile::create_if(retrieval.output.as_deref())?;
    let passphrase = context.passphrase()?;
    let plan = Plan::prepare(context, &retrieval.enrolling, Some(&passphrase))?;
    let client = context.client(home, vault, device)?;
    context.finish_registration(&client).await?;
    let mut session = context.log_in(&client, login, passphrase).await?;
    context.finish_pending(&mut session, Needs::Reading).await?;
    deliver(context, restore, session, file, plan).await
}

/// Asks before every secret is shown on a screen that others may see. A script has no terminal, or says '--yes'.
fn confirm(context: &Context<'_>, restore: &Restore) -> Result<(), Failure> {
    let is_shown =
        restore.retrieval.output.is_none() && !context.output.is_json() && io::stdout().is_terminal();
    if !is_shown || restore.yes {
        return Ok(());
    }
    let Some(mut terminal) = Terminal::open() else { return Ok(()) };
    terminal.say(text::restore::EXPLAIN)?;
    if terminal.ask_yes(text::restore::ASK)? { Ok(()) } else { Err(Failure::cancelled()) }
}

/// Whether this device remembers the account and nothing is asked for that only a login brings.
fn is_plain(context: &Context<'_>, restore: &Restore) -> Result<bool, Failure> {
    let asked = &restore.retrieval;
    let special = asked.accept_history || asked.accept_new_key || asked.enrolling.enrol;
    if special || asked.backup.is_some() || asked.device_label.is_some() {
        return Ok(false);
    }
    Ok(context.home()?.remembered().is_some())
}

/// An enrolled device that may read needs no passphrase.
async fn on_known_device(context: &Context<'_>, restore: &Restore) -> Result<(), Failure> {
    let returning = Returning::prepare(context, &LoginArguments { account: restore.account.clone() })?;
    let file = SecretFile::create_if(restore.retrieval.output.as_deref())?;
    let ready = returning.ready(context, Intent::Open).await?;
    let session = ready.sign_in(context, Intent::Open).await?;
    deliver(context, restore, session, file, None).await
}

/// Shows what is there, or writes it to the file; then enrols the device.
async fn deliver(
    context: &Context<'_>,
    restore: &Restore,
    mut session: Session<Native>,
    file: Option<SecretFile>,
    plan: Option<Plan>,
) -> Result<(), Failure> {
    let opened = Restored::open(&session);
    context.note_older(restore.retrieval.backup);
    let restored = opened.deliver(context, file)?;
    let enrolled = match plan {
        Some(plan) => Some(plan.carry_out(context, &mut session).await),
        None => None,
    };
    let (enrolled, failed) = match enrolled.transpose() {
        Ok(enrolled) => (enrolled, None),
        Err(failure) => (None, Some(failure)),
    };
    let enrolment = enrolled.as_ref().map(|enrolled| format!("\n{}", enrolled.text())).unwrap_or_default();
    context.output.result(&Result_ { restored, enrolled }, &enrolment)?;
    match failed {
        Some(failure) => Err(failure.but(text::restore::NOT_ENROLLED)),
        None => opened.complete(),
    }
}
