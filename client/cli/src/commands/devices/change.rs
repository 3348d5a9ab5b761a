//! `devices permit` and `devices revoke`: one change of the list, at once on every replica of the vault.

use super::views;
use crate::access::{Entry, Intent, Ready, Returning};
use crate::args::{Permit, Revoke};
use crate::connection::{Context, Native};
use crate::device_view::DeviceView;
use crate::entry_match::find;
use crate::exit::Failure;
use crate::secret_input::terminal;
use rootcellar_client::client::Client;
use rootcellar_client::memory::Memory;
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
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

const REKEY: &str = "\
The device held the account's keys and may have kept them: with a copy of what the vault stores it could read backups, also later
ones. If it is lost, or not yours any more, run 'rootcellar rekey', and move what its seeds control to new ones.
";

pub(super) async fn permit(context: &Context<'_>, permit: &Permit) -> Result<(), Failure> {
    let returning = Returning::accepting(context, &permit.login)?;
    let Ready { mut client, entry, .. } = returning.ready(context, Intent::Manage).await?;
    let again = entry.once_more();
    let mut session = entry.sign_in(&mut client, context, Intent::Manage).await?;
    let all = views(context, &mut session).await?;
    let device = one(all, &permit.device)?;
    let to = Permission::from(permit.permission);
    if device.may == to {
        let text = format!("{} may do that already; nothing was changed.\n", device.summary());
        let changed = Changed { permission: Some(to.as_str()), revoked: false, rekey_advised: false, device };
        return context.output.result(&changed, &text);
    }
    if !permit.yes {
        let question = format!("Permit {} to '{}' from now on?", device.summary(), to.as_str());
        confirm(
            &question,
            "permit",
            (device.may.holds_account_key() && !to.holds_account_key()).then_some(REKEY),
        )?;
    }
    let rekey_advised = context.progress.during(session.permit(device.device, to)).await?.rekey_advised;
    let memory = session.memory().clone();
    mend(context, &mut client, again, memory).await?;
    let text = format!("{} may '{}' from now on.\n{}", device.summary(), to.as_str(), rekey(rekey_advised));
    context
        .output
        .result(&Changed { device, permission: Some(to.as_str()), revoked: false, rekey_advised }, &text)
}

pub(super) async fn revoke(context: &Context<'_>, revoke: &Revoke) -> Result<(), Failure> {
    let returning = Returning::accepting(context, &revoke.login)?;
    let Ready { mut client, entry, store, .. } = returning.ready(context, Intent::Manage).await?;
    let again = entry.once_more();
    let mut session = entry.sign_in(&mut client, context, Intent::Manage).await?;
    let all = views(context, &mut session).await?;
    let device = one(all, &revoke.device)?;
    if !revoke.yes {
        let question = format!("Revoke {}? It can do nothing from then on.", device.summary());
        confirm(&question, "revoke", device.may.holds_account_key().then_some(REKEY))?;
    }
    let rekey_advised = context.progress.during(session.revoke(device.device)).await?.rekey_advised;
    let memory = session.memory().clone();
    let mended = mend(context, &mut client, again, memory).await;
    if device.is_this() {
        crate::enrolling::forget(&store, client.into_injected().journal).await?;
    }
    mended?;
    let text = format!("Revoked {}.\n{}", device.summary(), rekey(rekey_advised));
    context.output.result(&Changed { device, permission: None, revoked: true, rekey_advised }, &text)
}

/// After a change by a person who let go of what was seen: has the newest backup name the devices as they are.
async fn mend(
    context: &Context<'_>,
    client: &mut Client<Native>,
    again: Option<Entry>,
    memory: Memory,
) -> Result<(), Failure> {
    let Some(entry) = again else { return Ok(()) };
    entry.mend(client, context, memory).await.map_err(|failure| {
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

fn rekey(advised: bool) -> &'static str {
    if advised { REKEY } else { "" }
}

/// A change that another device feels is typed out.
fn confirm(question: &str, word: &str, warning: Option<&str>) -> Result<(), Failure> {
    let mut terminal = terminal("Confirmation", "--yes")?;
    terminal.print(warning.unwrap_or_default())?;
    let answer = terminal.ask(&format!("{question} Type '{word}' to confirm: "))?;
    if answer.eq_ignore_ascii_case(word) { Ok(()) } else { Err(Failure::cancelled()) }
}
