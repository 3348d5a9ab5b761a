//! `devices forget`: this device forgets that it is enrolled, because its owner says so. No vault is asked, and none can have it done.

use crate::access::Returning;
use crate::args::Forget;
use crate::connection::Context;
use crate::device_store::PlatformKeyring;
use crate::exit::Failure;
use crate::secret_input::terminal;
use crate::text;
use serde::Serialize;

#[derive(Serialize)]
struct Forgotten {
    forgotten: bool,
}

pub(super) fn run(context: &Context<'_>, forget: &Forget) -> Result<(), Failure> {
    Returning::must_remember(context)?;
    let home = context.home()?;
    if home.device_store(PlatformKeyring).kind()?.is_none() && home.enrolment()?.is_none() {
        let text = text::line(text::devices::NOT_ENROLLED);
        return context.output.result(&Forgotten { forgotten: false }, &text);
    }
    if !forget.yes {
        let word = text::typed::FORGET;
        let prompt = text::confirm::Forget { word }.to_string();
        let mut terminal = terminal(text::what::CONFIRMATION, "--yes")?;
        if !terminal.is_confirmed(&prompt, word)? {
            return Err(Failure::cancelled());
        }
    }
    home.forget_enrolment(PlatformKeyring)?;
    context.output.result(&Forgotten { forgotten: true }, &text::line(text::devices::FORGOTTEN))
}
