//! What follows where the vault says that this device is not enrolled. That is the vault's word alone, which anybody in its
//! place can give: nothing that the device keeps is removed for it. Where a person is there, the passphrase does instead.

use super::dispatch;
use crate::args::{Arguments, Command};
use crate::connection::{Alone, Context};
use crate::device_store::PlatformKeyring;
use crate::exit::Failure;
use crate::terminal::Terminal;
use std::path::Path;

const WHAT_TO_DO: &str = "\
The vault says so; this device keeps what it has. With the passphrase (--passphrase-file FILE) commands work all the same: \
'rootcellar devices' shows which devices are enrolled, 'rootcellar login --enrol' enrols this one anew, and \
'rootcellar devices forget' makes it forget that it was enrolled.";
const OTHER_SECRETS: &str = "\
This device has other secrets, from an enrolment whose outcome is not known yet: run the command again to try those. Nothing was \
removed.";

/// Goes on by the passphrase where a person can type it; else says what to do.
pub(super) async fn go_on(
    context: &Context<'_>,
    arguments: &Arguments,
    failure: Failure,
) -> Result<(), Failure> {
    if context.alone.get() != Alone::Tried {
        return Err(failure.advise(WHAT_TO_DO));
    }
    match context.home().and_then(|home| Ok(home.device_store(PlatformKeyring).exchange()?)) {
        Ok(true) => return Err(failure.advise(OTHER_SECRETS)),
        Ok(false) => {}
        Err(other) => return Err(failure.advise(format!("{WHAT_TO_DO} {}", other.message))),
    }
    if Terminal::open().is_none() || has_read_input(&arguments.command) {
        return Err(failure.advise(WHAT_TO_DO));
    }
    context.output.warn(failure.code, failure.advise(WHAT_TO_DO).lines().trim_end());
    context.alone.set(Alone::Refused);
    dispatch(context, arguments).await
}

/// Whether the command read standard input, which cannot be read twice.
fn has_read_input(command: &Command) -> bool {
    let is_input = |file: Option<&Path>| file == Some(Path::new("-"));
    match command {
        Command::Add(add) => is_input(add.from.as_deref()) || is_input(add.bip39_passphrase_file.as_deref()),
        Command::Passphrase(change) => is_input(change.new_passphrase_file.as_deref()),
        _ => false,
    }
}
