//! `devices approve`, on a device that manages the account: reads what the new device shows, compares codes, lets it in.

use super::pair::codes_differ;
use crate::access::{Intent, Returning};
use crate::args::{Approve, DevicePermission};
use crate::connection::Context;
use crate::device_view::DeviceView;
use crate::exit::{Exit, Failure};
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text;
use clap::ValueEnum;
use rootcellar_client::pairing::Offered;
use rootcellar_client::{ClientError, PairingProgress, VaultText};
use rootcellar_spec::hex;
use rootcellar_spec::wire::login::Permission;
use serde::Serialize;

#[derive(Serialize)]
struct Approved {
    device: NewDevice,
}

#[derive(Serialize)]
struct NewDevice {
    id: String,
    label: VaultText,
    permission: &'static str,
}

pub(super) async fn run(context: &Context<'_>, approve: &Approve) -> Result<(), Failure> {
    secret_input::only_one_standard_input(&[
        ("--from", approve.from.as_deref()),
        ("--passphrase-file", context.global.passphrase_file.as_deref()),
        ("--recovery-code-file", context.global.recovery_code_file.as_deref()),
        ("--device-passphrase-file", context.global.device_passphrase_file.as_deref()),
    ])?;
    let returning = Returning::accepting(context, &approve.login)?;
    let mut terminal = Terminal::open().ok_or_else(|| {
        Failure::usage(text::pair::NO_TERMINAL).advise(text::pair::APPROVE_NO_TERMINAL_ADVICE)
    })?;
    let offered = pairing_text(approve, &mut terminal)?;
    // Before anybody types a passphrase for it.
    Offered::parse(&offered).map_err(ClientError::from)?;
    let ready = returning.ready(context, Intent::Manage).await?;
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    let mut pairing = PairingProgress::default();
    let request = context.progress.during(pairing.read(&mut session, &offered)).await?;
    let label = request.label.text().clone();
    let calls = text::pair::NewDevice { label: &label };
    terminal.say(format_args!("{calls}\n\n    {}\n", request.code))?;
    if let Some(former) = &request.replaces {
        confirm_replacing(&mut terminal, &DeviceView::of_known(former))?;
    }
    if !terminal.ask_yes(text::pair::ASK_SAME_MANAGING)? {
        return Err(codes_differ());
    }
    let permission = match approve.permission {
        Some(permission) => permission.into(),
        None => ask_permission(&mut terminal)?,
    };
    context.progress.during(pairing.confirm(&mut session, permission)).await?;
    let text = text::line(text::pair::Approved { label: &label, permission: permission.as_str() });
    let device = NewDevice { id: hex::encode(&request.device.0), label, permission: permission.as_str() };
    context.output.result(&Approved { device }, &text)
}

/// A device chooses its own id: one that takes the place of an enrolled device is named before it does.
fn confirm_replacing(terminal: &mut Terminal, former: &DeviceView) -> Result<(), Failure> {
    terminal.say(text::pair::Replaces { device: former.summary() })?;
    terminal.say(text::pair::REPLACES_HINT)?;
    let word = text::typed::REPLACE;
    let prompt = text::confirm::Replace { word }.to_string();
    if terminal.is_confirmed(&prompt, word)? { Ok(()) } else { Err(Failure::cancelled()) }
}

fn pairing_text(approve: &Approve, terminal: &mut Terminal) -> Result<String, Failure> {
    let text = match &approve.from {
        Some(file) => {
            secret_input::read(Shape::Words, Some(file), Asked::PAIRING_TEXT, "--from FILE")?.to_string()
        }
        None => terminal.ask(Asked::PAIRING_TEXT.prompt)?,
    };
    // A terminal that wraps long lines may have copied the breaks, too.
    Ok(text.split_whitespace().collect())
}

const TRIES: u32 = 4;

fn ask_permission(terminal: &mut Terminal) -> Result<Permission, Failure> {
    for _ in 0..TRIES {
        let answer = terminal.ask(text::pair::ASK_PERMISSION)?;
        if answer.is_empty() {
            return Ok(Permission::Backup);
        }
        if let Ok(permission) = DevicePermission::from_str(&answer, true) {
            return Ok(permission.into());
        }
        terminal.say(text::pair::PERMISSIONS)?;
    }
    Err(Failure::new(Exit::Input, "invalid-permission", text::pair::INVALID_PERMISSION))
}
