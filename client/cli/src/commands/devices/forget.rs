//! `devices forget`: this device forgets that it is enrolled, because its owner says so. No vault is asked, and none can have it done.

use crate::access::Returning;
use crate::args::Forget;
use crate::connection::Context;
use crate::device_store::PlatformKeyring;
use crate::exit::Failure;
use crate::secret_input::terminal;
use serde::Serialize;

#[derive(Serialize)]
struct Forgotten {
    forgotten: bool,
}

pub(super) fn run(context: &Context<'_>, forget: &Forget) -> Result<(), Failure> {
    Returning::must_remember(context)?;
    let home = context.home()?;
    if home.device_store(PlatformKeyring).kind()?.is_none() && home.enrolment()?.is_none() {
        return context
            .output
            .result(&Forgotten { forgotten: false }, "This device is not enrolled; nothing was changed.\n");
    }
    if !forget.yes {
        let mut terminal = terminal("Confirmation", "--yes")?;
        let answer = terminal.ask(
            "This device's secrets are removed, and commands ask for the passphrase. Type 'forget' to confirm: ",
        )?;
        if !answer.eq_ignore_ascii_case("forget") {
            return Err(Failure::cancelled());
        }
    }
    home.forget_enrolment(PlatformKeyring)?;
    let text = "This device has forgotten that it was enrolled. The vault may list it still: 'rootcellar devices revoke' removes it \
                there.\n";
    context.output.result(&Forgotten { forgotten: true }, text)
}
