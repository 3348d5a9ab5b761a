//! `login`: where things stand, and the way for a device to be enrolled.

use super::arrival::Arrival;
use crate::access::{Intent, Returning};
use crate::args::{Login as LoginArguments, SignIn};
use crate::connection::{Context, Native, Needs};
use crate::enrolling::{Enrolled, Plan};
use crate::entry_view::SnapshotView;
use crate::exit::Failure;
use crate::text;
use rootcellar_client::session::Session;
use serde::Serialize;

#[derive(Serialize)]
struct LoggedIn {
    vault: String,
    account_id: String,
    permission: &'static str,
    snapshot: Option<SnapshotView>,
    entries: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<Enrolled>,
}

pub(super) async fn run(context: &Context<'_>, sign_in: &SignIn) -> Result<(), Failure> {
    Plan::check(context, &sign_in.enrolling)?;
    let known = context.home()?.remembered().is_some();
    if known && sign_in.device_label.is_none() {
        return on_known_device(context, sign_in).await;
    }
    let Arrival { home, vault, device, login } =
        Arrival::prepare(context, sign_in.account.as_deref(), sign_in.device_label.as_deref())?;
    let passphrase = context.passphrase()?;
    let plan = Plan::prepare(context, &sign_in.enrolling, Some(&passphrase))?;
    let client = context.client(home, vault, device)?;
    let vault = client.vault().to_string();
    context.finish_registration(&client).await?;
    let mut session = context.log_in(&client, login, passphrase).await?;
    context.finish_pending(&mut session, Needs::Reading).await?;
    finish(context, vault, session, plan, false).await
}

/// By itself where it is enrolled already, unless it is to be enrolled anew.
async fn on_known_device(context: &Context<'_>, sign_in: &SignIn) -> Result<(), Failure> {
    let intent = if sign_in.enrolling.enrol { Intent::Enrol } else { Intent::Look };
    let returning = Returning::prepare(context, &LoginArguments { account: sign_in.account.clone() })?;
    let ready = returning.ready(context, intent).await?;
    let plan = Plan::prepare(context, &sign_in.enrolling, ready.passphrase())?;
    let (vault, is_device) = (ready.client.vault().to_string(), ready.is_device());
    let session = ready.sign_in(context, intent).await?;
    finish(context, vault, session, plan, is_device).await
}

async fn finish(
    context: &Context<'_>,
    vault: String,
    mut session: Session<Native>,
    plan: Option<Plan>,
    is_device: bool,
) -> Result<(), Failure> {
    let mut logged_in = LoggedIn {
        vault,
        account_id: session.account_id().to_string(),
        permission: session.permission().as_str(),
        snapshot: session.snapshot().map(SnapshotView::of),
        entries: session.items().len(),
        failed_attempts: (!is_device).then(|| session.failed_attempts()),
        enrolled: None,
    };
    if let Some(plan) = plan {
        logged_in.enrolled = Some(plan.carry_out(context, &mut session).await?);
    }
    context.output.result(&logged_in, &shown(&logged_in))
}

fn shown(logged_in: &LoggedIn) -> String {
    let mut shown = text::login::Done { vault: &logged_in.vault }.to_string() + " ";
    match &logged_in.snapshot {
        Some(snapshot) => {
            let contains = text::backup::Contains { n: logged_in.entries as u64 };
            shown.push_str(&format!("{} {contains}\n", snapshot.line().trim_end()));
        }
        None => shown.push_str(&text::line(text::backup::NOTHING)),
    }
    if let Some(n @ 1..) = logged_in.failed_attempts {
        shown.push_str(&text::line(text::login::FailedAttempts { n: n.into() }));
    }
    if let Some(enrolled) = &logged_in.enrolled {
        shown.push_str(&enrolled.text());
    }
    shown
}
