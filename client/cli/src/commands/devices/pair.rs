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
use crate::text;
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
    let own = label(text::subject::DEVICE_LABEL, &device.label)?;
    // Without a person who compares the codes there is no pairing.
    let mut terminal = terminal()?;
    let chosen = choose(context, pair.device_secrets, None)?;
    let kind = chosen.kind();
    let remembered = home.remembered().map(|remembered| remembered.local_state);
    let client = context.client(home, vault.clone(), device.clone())?;
    client.secret_store().choose(chosen);
    let mut pairing = PairingProgress::default();
    let offer = context.progress.during(pairing.offer(&client, own)).await?;
    let drawn = qr::draw(&offer, context.output.paints())?;
    terminal.say(format_args!("{drawn}\n{offer}\n\n{}", text::pair::SHOW))?;
    let code = pairing.await_code(&client).await?;
    terminal.say(format_args!("\n    {code}\n"))?;
    if !terminal.ask_yes(text::pair::ASK_SAME)? {
        return Err(codes_differ_here());
    }
    terminal.say(text::pair::CONFIRM_THERE)?;
    pairing.receive(&client, remembered.clone()).await?;
    let permission = pairing.keep(&client, remembered).await?;
    let kept = client.state_store().folder().remembered().expect("a pairing that was kept is remembered");
    let result = Paired {
        vault: vault.to_string(),
        account_id: kept.local_state.account_id.to_string(),
        device: ThisDevice::of(&device),
        enrolled: Enrolled::new(permission, kind),
    };
    let text = format!("{} {}", text::pair::Paired { vault }, result.enrolled.text());
    context.output.result(&result, &text)
}

fn terminal() -> Result<Terminal, Failure> {
    Terminal::open()
        .ok_or_else(|| Failure::usage(text::pair::NO_TERMINAL).advise(text::pair::NO_TERMINAL_ADVICE))
}

/// What the new device says if the codes are not the same: it cannot know what the other was told.
fn codes_differ_here() -> Failure {
    Failure::new(Exit::Tampering, "pairing-refused", text::pair::DIFFER).advise(text::pair::DIFFER_ADVICE)
}

/// What the managing device says if the codes are not the same.
pub(super) fn codes_differ() -> Failure {
    Failure::new(Exit::Tampering, "pairing-refused", text::pair::DIFFER_MANAGING)
        .advise(text::pair::DIFFER_MANAGING_ADVICE)
}
