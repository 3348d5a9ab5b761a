//! `devices permit` and `devices revoke`: one change of the list, at once on every replica of the vault.

use super::views;
use crate::access::{Intent, Ready, Returning};
use crate::args::{Permit, Revoke};
use crate::connection::{Context, Native};
use crate::device_view::DeviceView;
use crate::entry_match::find;
use crate::exit::Failure;
use crate::secret_input::terminal;
use crate::text;
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

pub(super) async fn permit(context: &Context<'_>, permit: &Permit) -> Result<(), Failure> {
    let returning = Returning::accepting(context, &permit.login)?;
    let ready = returning.ready(context, Intent::Manage).await?;
    let again = ready.once_more();
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    let all = views(context, &mut session).await?;
    let device = one(all, &permit.device)?;
    let to = Permission::from(permit.permission);
    if device.may == to {
        let text = text::line(text::devices::Unchanged { device: device.summary() });
        return context.output.result(&Changed::new(device, Some(to), None), &text);
    }
    if !permit.yes {
        let (word, permission) = (text::typed::PERMIT, to.as_str());
        let prompt = text::confirm::Permit { device: device.summary(), permission, word };
        confirm(&prompt.to_string(), word, RekeyReason::of(device.may, Some(to)))?;
    }
    let reason = context.progress.during(session.permit(device.device, to)).await?.rekey_reason;
    save_device_list(context, again, &session).await?;
    let permitted = text::devices::Permitted { device: device.summary(), permission: to.as_str() };
    let text = format!("{permitted}\n{}", advice(reason));
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
        let word = text::typed::REVOKE;
        let prompt = text::confirm::Revoke { device: device.summary(), word };
        confirm(&prompt.to_string(), word, RekeyReason::of(device.may, None))?;
    }
    let reason = context.progress.during(session.revoke(device.device)).await?.rekey_reason;
    let saved = save_device_list(context, again, &session).await;
    if device.is_this() {
        crate::enrolling::forget(session.client()).await?;
    }
    saved?;
    let text = format!("{}\n{}", text::devices::Revoked { device: device.summary() }, advice(reason));
    context.output.result(&Changed::new(device, None, reason), &text)
}

/// After a change with `--accept-history`: saves the current device list in the latest backup.
async fn save_device_list(
    context: &Context<'_>,
    again: Option<Ready>,
    session: &Session<Native>,
) -> Result<(), Failure> {
    let Some(ready) = again else { return Ok(()) };
    ready.save_device_list(context, session.local_state().clone()).await.map_err(|failure| {
        failure.but(text::devices::NOT_REPAIRED).advise(text::devices::NOT_REPAIRED_ADVICE)
    })
}

fn one(mut all: Vec<DeviceView>, wanted: &str) -> Result<DeviceView, Failure> {
    let id = find(&all, wanted)?.device;
    let at = all.iter().position(|view| view.device == id).expect("it was found there");
    Ok(all.swap_remove(at))
}

fn advice(reason: Option<RekeyReason>) -> String {
    match reason {
        None => String::new(),
        Some(RekeyReason::ForgesBackups) => text::line(text::devices::FORGES_BACKUPS),
        // A reason of a newer core is no weaker.
        Some(_) => text::line(text::devices::READS_BACKUPS),
    }
}

/// A change that another device feels is typed out.
fn confirm(prompt: &str, word: &str, reason: Option<RekeyReason>) -> Result<(), Failure> {
    let mut terminal = terminal(text::what::CONFIRMATION, "--yes")?;
    terminal.print(&advice(reason))?;
    if terminal.is_confirmed(prompt, word)? { Ok(()) } else { Err(Failure::cancelled()) }
}
