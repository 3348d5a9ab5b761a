//! What follows where the vault says that this device is not enrolled. That is the vault's word alone, which anybody in its
//! place can give: nothing that the device keeps is removed for it. Where a person is there, the passphrase does instead.

use super::dispatch;
use crate::args::{Arguments, Command};
use crate::connection::{Alone, Context};
use crate::device_store::PlatformKeyring;
use crate::exit::Failure;
use crate::terminal::Terminal;
use crate::text;
use std::path::Path;

/// Continues with the passphrase if a person can type it; else says what to do.
pub(super) async fn go_on(
    context: &Context<'_>,
    arguments: &Arguments,
    failure: Failure,
) -> Result<(), Failure> {
    if context.alone.get() != Alone::Tried {
        return Err(failure.advise(text::access::REVOKED_ADVICE));
    }
    match context.home().and_then(|home| Ok(home.device_store(PlatformKeyring).exchange()?)) {
        Ok(true) => return Err(failure.advise(text::access::OTHER_SECRETS_ADVICE)),
        Ok(false) => {}
        Err(other) => {
            return Err(failure.advise(format!("{} {}", text::access::REVOKED_ADVICE, other.message)));
        }
    }
    if Terminal::open().is_none() || has_read_input(&arguments.command) {
        return Err(failure.advise(text::access::REVOKED_ADVICE));
    }
    context.output.warn(failure.code, failure.advise(text::access::REVOKED_ADVICE).lines().trim_end());
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
