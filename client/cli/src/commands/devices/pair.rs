//! `devices pair`, on the new device: shows what the managing device reads, then the code that a person compares.

use crate::args::Pair;
use crate::connection::{Context, device};
use crate::device_store::choose;
use crate::device_view::ThisDevice;
use crate::enrolling::Enrolled;
use crate::entry_input::label;
use crate::exit::{Exit, Failure};
use crate::qr;
use crate::terminal::Terminal;
use rootcellar_client::PairingProgress;
use serde::Serialize;

#[derive(Serialize)]
struct Paired {
    vault: String,
    account_id: String,
    device: ThisDevice,
    enrolled: Enrolled,
}

pub(super) async fn run(context: &Context<'_>, pair: &Pair) -> Result<(), Failure> {
    let home = context.home()?;
    let vault = context.vault(Some(&home))?;
    let device = device(&home, pair.device_label.as_deref())?;
    let own = label("The device's label", &device.label)?;
    // Without a person who compares the codes there is no pairing.
    let mut terminal = terminal()?;
    let chosen = choose(context, pair.device_secrets, None)?;
    let kind = chosen.kind();
    let remembered = home.remembered().map(|remembered| remembered.local_state);
    let client = context.client(home, vault.clone(), device.clone())?;
    client.secret_store().choose(chosen);
    let mut pairing = PairingProgress::default();
    let text = context.progress.during(pairing.offer(&client, own)).await?;
    terminal.print(&format!(
        "{}\n{}\n\nOn a device that manages the account, run 'rootcellar devices approve' and give it this text. Waiting...\n",
        qr::draw(&text, context.output.paints())?,
        text
    ))?;
    let code = pairing.await_code(&client).await?;
    terminal.print(&format!("\n    {code}\n\n"))?;
    if !terminal.ask_yes("Does the other device show the same code? [yes/no]: ")? {
        return Err(codes_differ_here());
    }
    terminal.print("Confirm on the other device, too. Waiting...\n")?;
    pairing.receive(&client, remembered.clone()).await?;
    let permission = pairing.keep(&client, remembered).await?;
    let kept = client.state_store().folder().remembered().expect("a pairing that was kept is remembered");
    let result = Paired {
        vault: vault.to_string(),
        account_id: kept.local_state.account_id.to_string(),
        device: ThisDevice::of(&device),
        enrolled: Enrolled::new(permission, kind),
    };
    let text = format!("Paired with the account at {vault}. {}", result.enrolled.text());
    context.output.result(&result, &text)
}

fn terminal() -> Result<Terminal, Failure> {
    Terminal::open().ok_or_else(|| {
        Failure::usage("There is no terminal on which a person could compare the codes of a pairing.")
            .advise("Use 'rootcellar login --enrol' with --passphrase-file instead.")
    })
}

/// What the new device says where the codes are not the same: it cannot know what the other was told.
fn codes_differ_here() -> Failure {
    Failure::new(
        Exit::Tampering,
        "pairing-refused",
        "The codes differ: somebody may stand between the two devices. Nothing was kept here.",
    )
    .advise(
        "Answer no on the other device, too. If it let a device in already, revoke that one there: 'rootcellar devices' \
         lists it, 'rootcellar devices revoke' ends it. Then begin again on both.",
    )
}

/// What the managing device says where the codes are not the same.
pub(super) fn codes_differ() -> Failure {
    Failure::new(
        Exit::Tampering,
        "pairing-refused",
        "The codes differ: somebody may stand between the two devices, and nothing was changed.",
    )
    .advise("Stop on the other device, too, and begin again on both.")
}
