//! `devices`: which devices are enrolled, and what may be changed about them.

mod approve;
mod change;
mod forget;
mod pair;

use crate::access::{Intent, Returning};
use crate::args::{AcceptingLogin, Devices, DevicesCommand};
use crate::connection::{Context, Native};
use crate::device_view::DeviceView;
use crate::exit::Failure;
use crate::text;
use rootcellar_client::session::Session;
use serde::Serialize;

#[derive(Serialize)]
struct Listed {
    devices: Vec<DeviceView>,
}

pub(super) async fn run(context: &Context<'_>, devices: &Devices) -> Result<(), Failure> {
    match &devices.command {
        None => list(context, &devices.login).await,
        Some(DevicesCommand::List(login)) => list(context, login).await,
        Some(DevicesCommand::Pair(pair)) => pair::run(context, pair).await,
        Some(DevicesCommand::Approve(approve)) => approve::run(context, approve).await,
        Some(DevicesCommand::Permit(permit)) => change::permit(context, permit).await,
        Some(DevicesCommand::Revoke(revoke)) => change::revoke(context, revoke).await,
        Some(DevicesCommand::Forget(forget)) => forget::run(context, forget),
    }
}

async fn list(context: &Context<'_>, login: &AcceptingLogin) -> Result<(), Failure> {
    let returning = Returning::accepting(context, login)?;
    let ready = returning.ready(context, Intent::LookAtAccount).await?;
    let mut session = ready.sign_in(context, Intent::LookAtAccount).await?;
    let listed = Listed { devices: views(context, &mut session).await? };
    context.output.result(&listed, &shown(&listed))
}

/// The devices that the owner signed, with what the vault says of when it saw them.
pub(super) async fn views(
    context: &Context<'_>,
    session: &mut Session<Native>,
) -> Result<Vec<DeviceView>, Failure> {
    let devices = context.progress.during(session.devices()).await?;
    Ok(devices.iter().map(DeviceView::of_known).collect())
}

fn shown(listed: &Listed) -> String {
    if listed.devices.is_empty() {
        return text::line(text::devices::NONE);
    }
    let rows = listed.devices.iter().map(DeviceView::row);
    std::iter::once(text::line(DeviceView::HEADINGS)).chain(rows).collect()
}
