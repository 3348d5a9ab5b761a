//! `devices permit` and `devices revoke`: one change of the list, at once on every replica of the vault.

use super::views;
use crate::access::{Intent, Ready, Returning};
use crate::args::{Permit, Revoke};
use crate::connection::{Context, Native};
use crate::device_view::DeviceView;
use crate::entry_match::find;
use crate::exit::Failure;
use crate::secret_input::terminal;
use rootcellar_client::session::{RekeyReason, Session};
use rootcellar_spec::wire::login::Permission;
use serde::Serialize;

#[derive(Serialize)]
struct Changed {
    device: DeviceView,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    revoked: bool,
    rekey_advised: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rekey_reason: Option<&'static str>,
}

impl Changed {
    fn new(device: DeviceView, permission: Option<Permission>, reason: Option<RekeyReason>) -> Self {
        Self {
            device,
            permission: permission.map(Permission::as_str),
            revoked: permission.is_none(),
            rekey_advised: reason.is_some(),
            rekey_reason: reason.map(RekeyReason::as_str),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

const READS_BACKUPS: &str = "\
The device held the account's keys and may have kept them: with a copy of what the vault stores it could read backups, also later
ones. If it is lost, or not yours any more, run 'rootcellar rekey', and move what its seeds control to new ones.
";

const FORGES_BACKUPS: &str = "\
The device could save, and may have kept the keys for that: the save key, the inventory key and the public key of entries. It cannot
read your seeds. With a copy of what the vault stores it could read labels, and together with a dishonest vault it could forge
backups. If it is lost, or not yours any more: check that no entry is missing, because a re-key removes older backups. Then run
'rootcellar rekey'.
";

pub(super) async fn permit(context: &Context<'_>, permit: &Permit) -> Result<(), Failure> {
    let returning = Returning::accepting(context, &permit.login)?;
    let ready = returning.ready(context, Intent::Manage).await?;
    let again = ready.once_more();
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    let all = views(context, &mut session).await?;
    let device = one(all, &permit.device)?;
    let to = Permission::from(permit.permission);
    if device.may == to {
        let text = format!("{} may do that already; nothing was changed.\n", device.summary());
        return context.output.result(&Changed::new(device, Some(to), None), &text);
    }
    if !permit.yes {
        let question = format!("Permit {} to '{}' from now on?", device.summary(), to.as_str());
        confirm(&question, "permit", RekeyReason::of(device.may, Some(to)))?;
    }
    let reason = context.progress.during(session.permit(device.device, to)).await?.rekey_reason;
    mend(context, again, &session).await?;
    let text = format!("{} may '{}' from now on.\n{}", device.summary(), to.as_str(), advice(reason));
    context.output.result(&Changed::new(device, Some(to), reason), &text)
}

pub(super) async fn revoke(context: &Context<'_>, revoke: &Revoke) -> Result<(), Failure> {
    let returning = Returning::accepting(context, &revoke.login)?;
    let ready = returning.ready(context, Intent::Manage).await?;
    let again = ready.once_more();
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    let all = views(context, &mut session).await?;
    let device = one(all, &revoke.device)?;
    if !revoke.yes {
        let question = format!("Revoke {}? It can do nothing from then on.", device.summary());
        confirm(&question, "revoke", RekeyReason::of(device.may, None))?;
    }
    let reason = context.progress.during(session.revoke(device.device)).await?.rekey_reason;
    let mended = mend(context, again, &session).await;
    if device.is_this() {
        crate::enrolling::forget(session.client()).await?;
    }
    mended?;
    let text = format!("Revoked {}.\n{}", device.summary(), advice(reason));
    context.output.result(&Changed::new(device, None, reason), &text)
}

/// After a change by a person who let go of what was seen: has the newest backup name the devices as they are.
async fn mend(context: &Context<'_>, again: Option<Ready>, session: &Session<Native>) -> Result<(), Failure> {
    let Some(ready) = again else { return Ok(()) };
    ready.mend(context, session.local_state().clone()).await.map_err(|failure| {
        failure
            .but("The device was changed, but the newest backup may name other devices still.")
            .advise("The next 'rootcellar add' or 'remove' with --accept-history mends that.")
    })
}

fn one(mut all: Vec<DeviceView>, wanted: &str) -> Result<DeviceView, Failure> {
    let id = find(&all, wanted)?.device;
    let at = all.iter().position(|view| view.device == id).expect("it was found there");
    Ok(all.swap_remove(at))
}

fn advice(reason: Option<RekeyReason>) -> &'static str {
    match reason {
        None => "",
        Some(RekeyReason::ForgesBackups) => FORGES_BACKUPS,
        // A reason of a newer core is no weaker.
        Some(_) => READS_BACKUPS,
    }
}

/// A change that another device feels is typed out.
fn confirm(question: &str, word: &str, reason: Option<RekeyReason>) -> Result<(), Failure> {
    let mut terminal = terminal("Confirmation", "--yes")?;
    terminal.print(advice(reason))?;
    let answer = terminal.ask(&format!("{question} Type '{word}' to confirm: "))?;
    if answer.eq_ignore_ascii_case(word) { Ok(()) } else { Err(Failure::cancelled()) }
}
