//! An option that a command does not heed was meant to do something: better said than ignored.

use crate::args::{Arguments, Command, DevicesCommand};
use crate::exit::Failure;
use crate::text;

/// Refuses global options without effect on the command.
pub(super) fn refuse(arguments: &Arguments) -> Result<(), Failure> {
    let global = &arguments.global;
    let (code, passphrase) = (global.recovery_code_file.is_some(), global.passphrase_file.is_some());
    let (option, advice) = match &arguments.command {
        _ if code && passphrase => ("--passphrase-file", text::idle::CODE_AND_PASSPHRASE),
        Command::Recover(_) if passphrase => ("--passphrase-file", text::idle::RECOVER_PASSPHRASE),
        Command::Register(_) if code => ("--recovery-code-file", text::idle::REGISTER_CODE),
        Command::Rekey(_) if code => ("--recovery-code-file", text::idle::REKEY_CODE),
        command if code && !takes_code(command) => ("--recovery-code-file", text::idle::CODE),
        Command::Devices(devices)
            if passphrase && matches!(devices.command, Some(DevicesCommand::Pair(_))) =>
        {
            ("--passphrase-file", text::idle::PAIR_PASSPHRASE)
        }
        Command::Devices(devices)
            if passphrase && matches!(devices.command, Some(DevicesCommand::Forget(_))) =>
        {
            ("--passphrase-file", text::idle::FORGET_PASSPHRASE)
        }
        _ => return Ok(()),
    };
    Err(Failure::usage(text::idle::NoEffect { option }).advise(advice))
}

/// Whether the recovery code serves instead of the passphrase.
fn takes_code(command: &Command) -> bool {
    match command {
        Command::Recover(_)
        | Command::Passphrase(_)
        | Command::RecoveryCode(_)
        | Command::DeleteAccount(_) => true,
        Command::Completions { .. } | Command::Man => true,
        Command::Login(login) => login.enrolling.enrol,
        Command::Devices(devices) => matches!(
            devices.command,
            Some(DevicesCommand::Approve(_) | DevicesCommand::Permit(_) | DevicesCommand::Revoke(_))
        ),
        _ => false,
    }
}
