//! An option that a command does not heed was meant to do something: better said than ignored.

use crate::args::{Arguments, Command, DevicesCommand};
use crate::exit::Failure;

const TO_RECOVER: &str = "Use 'rootcellar recover' to log in with the recovery code.";

/// Refuses global options without effect on the command.
pub(super) fn refuse(arguments: &Arguments) -> Result<(), Failure> {
    let global = &arguments.global;
    let (code, passphrase) = (global.recovery_code_file.is_some(), global.passphrase_file.is_some());
    let (option, advice) = match &arguments.command {
        _ if code && passphrase => ("--passphrase-file", "Give it or --recovery-code-file, not both."),
        Command::Recover(_) if passphrase => {
            ("--passphrase-file", "Use --new-passphrase-file for the passphrase that is set.")
        }
        Command::Register(_) if code => {
            ("--recovery-code-file", "Use --recovery-code-output to write the new code to a file.")
        }
        Command::Rekey(_) if code => ("--recovery-code-file", "New keys need the passphrase."),
        command if code && !takes_code(command) => ("--recovery-code-file", TO_RECOVER),
        Command::Devices(devices)
            if passphrase && matches!(devices.command, Some(DevicesCommand::Pair(_))) =>
        {
            ("--passphrase-file", "A pairing needs no passphrase; 'rootcellar login --enrol' takes one.")
        }
        Command::Devices(devices)
            if passphrase && matches!(devices.command, Some(DevicesCommand::Forget(_))) =>
        {
            ("--passphrase-file", "The vault is not asked.")
        }
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("{option} has no effect on this command.")).advise(advice))
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
