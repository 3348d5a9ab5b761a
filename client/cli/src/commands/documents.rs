//! `completions` and `man`: made from the same description as `--help`.

use crate::args::Arguments;
use crate::exit::{EXIT_CODES, Failure};
use crate::output::Output;
use crate::text;
use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::io;

const ENVIRONMENT: &[(&str, &str)] = &[
    ("ROOTCELLAR_VAULT", "Address of the vault, like --vault."),
    ("ROOTCELLAR_HOME", "Home folder, like --home."),
    ("ROOTCELLAR_CA_FILE", "Certificates to trust, like --ca-file."),
    ("ROOTCELLAR_INVITE", "Invite for 'register', if --invite-file is not given."),
    ("NO_COLOR", "If set and not empty, no colour is used."),
];

const FILES: &str = "\
The home folder is $XDG_DATA_HOME/rootcellar or ~/.local/share/rootcellar. account.json contains the vault's address and \
pinned key, the account's id and name hash, the number and digest of the latest backup, the list of devices and the history seen, \
and this device's id and label; until the next save also the encrypted account name. While a save is pending, pending-save.json \
contains the encrypted backup. On an enrolled device, enrolment.json contains its keyslot and the latest backup, both encrypted. \
device-secrets.json says where the device's secrets are: in the platform's keyring (the Secret Service, as \"rootcellar\"), in this \
file, encrypted with the device passphrase, or in this file, unencrypted. Only an unencrypted file opens anything by itself. \
Only the owner can read the folder and its files. Each account needs its own folder.";

const JSON: &str = "\
With --json, every command except completions and man prints exactly one JSON object and a line break: its result on standard \
output, or {\"error\":{\"code\",\"message\",\"advice\"?,\"retry_after\"?,\"exit\"},\"notes\":[...]} on standard error. Only recover can \
print both: if the entries are restored but the passphrase could not be changed. Codes and members are stable; new members may be \
added. Times are RFC 3339 in UTC. Ids of entries and devices are 32 hexadecimal digits, fingerprints 8. A result can contain \
\"notes\": [{\"code\",\"message\"}].";

const JSON_SHAPES: &str = "\
register: vault, vault_id, account_id, device {id, label}, recovery_code or recovery_code_output, passphrase (with --generate)
add, remove: entry ITEM, snapshot SNAPSHOT, merged (true where another device had saved first)
list: snapshot SNAPSHOT or null, entries [ITEM]
show: entry ENTRY, or entry ITEM and output
restore, recover: snapshot SNAPSHOT or null, entries [ENTRY], or entries [ITEM] and output, enrolled ENROLLED (with --enrol); \
recover also passphrase_changed, and passphrase (with --generate)
login: vault, account_id, permission, snapshot SNAPSHOT or null, entries (a count), failed_attempts (but for a device), \
enrolled ENROLLED (with --enrol)
status: vault, vault_id, account_id, registered_at, passphrase_changed_at, vault_time, failed_attempts (but for a device), \
attempts_left (where the passphrase logged in), \
device {id, label}, enrolled ENROLLED (where it is), \
last_seen {number, digest} or null, head {number, digest, size, saved_at} or null, snapshot SNAPSHOT or null, \
snapshots_retained, entries (a count), pending_save (true or false)
devices: devices [DEVICE]
devices permit, devices revoke: device DEVICE as it was, permission or revoked, rekey_advised, rekey_reason (reads-backups or \
forges-backups; where one is advised)
devices pair: vault, account_id, device {id, label}, enrolled ENROLLED
devices forget: forgotten (false where it was not enrolled)
devices approve: device {id, label, permission}
history: events [{stream (acts or saves), number, at, kind, by, device, subject, proven, and by kind failed_attempts, permission, snapshot, generation, suite, or detail (a number) where the kind is unknown}], gaps [{stream, first, last}], \
failed_attempts, vault_time; device and subject are {id, label}
passphrase: passphrase_changed, and passphrase (with --generate)
recovery-code new: recovery_code_changed, recovery_code_output
rekey: account_id, recovery_code_output, enrolled ENROLLED, unenrolled [DEVICE]
ENROLLED: permission (view, backup, restore, manage), device_secrets (keyring, encrypted, plain)
DEVICE: id, label, permission, enrolled_at, last_seen_at, this_device
SNAPSHOT: number, created_at, device, device_id, digest
ITEM: id, label, kind (bip39, seed, text), fingerprint, created_at, changed_at
ENTRY: an ITEM with phrase, language, bip39_passphrase; or seed (hexadecimal); or text; and derivation_paths, network, birthday
--output files: snapshot SNAPSHOT or null, entries [ENTRY]";

/// Prints a completion script.
pub(super) fn completions(shell: Shell, output: &Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::description(), "rootcellar", &mut script);
    output.raw(&script)
}

/// Prints the manual page, every command in it.
pub(super) fn man(output: &Output) -> Result<(), Failure> {
    let page = page().map_err(|error| Failure::file(text::file::MANUAL, &error))?;
    output.raw(&page)
}

fn page() -> io::Result<Vec<u8>> {
    // Global options are described once, not with every command.
    let mut command = Arguments::description().after_help("").after_long_help("");
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    command.build();
    // What clap's own 'help' describes stands at each command.
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        render_command("ROOTCELLAR", sub, &mut page)?;
    }
    let mut rest = Roff::new();
    lines(&mut rest, "EXIT STATUS", EXIT_CODES.lines().skip(1));
    rest.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        rest.control("TP", []);
        rest.text([roman(*name)]).text([roman(*meaning)]);
    }
    rest.control("SH", ["FILES"]);
    rest.text([roman(FILES)]);
    rest.control("SH", ["JSON"]);
    rest.text([roman(JSON)]);
    for shape in JSON_SHAPES.lines() {
        rest.control("PP", []);
        rest.text([roman(shape)]);
    }
    rest.to_writer(&mut page)?;
    Ok(page)
}

fn render_command(above: &str, command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let title = format!("{above} {}", command.get_name().to_uppercase());
    let mut head = Roff::new();
    head.control("SH", [title.as_str()]);
    if let Some(about) = command.get_about() {
        head.text([roman(about.to_string())]);
    }
    head.to_writer(page)?;
    for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
        if argument.get_id() == "help" {
            continue;
        }
        let mut option = Roff::new();
        option.control("TP", []);
        option.text([roman(argument.to_string())]);
        option.text([roman(argument.get_help().map(ToString::to_string).unwrap_or_default())]);
        option.to_writer(page)?;
    }
    let mut tail = Roff::new();
    if let Some(after) = command.get_after_help() {
        tail.control("PP", []);
        tail.control("nf", []);
        for line in after.to_string().lines() {
            tail.text([roman(line)]);
        }
        tail.control("fi", []);
    }
    tail.to_writer(page)?;
    let nested = command.get_subcommands().filter(|sub| sub.get_name() != "help");
    for sub in nested {
        render_command(&title, sub, page)?;
    }
    Ok(())
}

fn lines<'a>(roff: &mut Roff, title: &str, lines: impl Iterator<Item = &'a str>) {
    roff.control("SH", [title]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_described(page: &str, title: &str, command: &Command) {
        assert!(page.contains(title), "{title}");
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(option == "help" || page.contains(&format!("--{option}")), "{title} --{option}");
        }
    }

    #[test]
    fn the_page_describes_every_command_and_option() {
        let page = String::from_utf8(page().expect("a page")).expect("text").replace("\\-", "-");
        let mut command = Arguments::description();
        command.build();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let title = format!("ROOTCELLAR {}", sub.get_name().to_uppercase());
            is_described(&page, &title, sub);
            for nested in sub.get_subcommands().filter(|nested| nested.get_name() != "help") {
                is_described(&page, &format!("{title} {}", nested.get_name().to_uppercase()), nested);
            }
        }
        for title in ["EXIT STATUS", "ENVIRONMENT", "FILES", "JSON"] {
            assert!(page.contains(title), "{title}");
        }
    }
}
