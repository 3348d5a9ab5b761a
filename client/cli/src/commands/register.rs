//! `register`: a new account, and its recovery code, shown once.

use crate::args::Register;
use crate::connection::{Context, account_name, device};
use crate::device_view::ThisDevice;
use crate::exit::{Exit, Failure};
use crate::new_passphrase::{MADE, Source, WANTED};
use crate::secret_input::{self, is_typed};
use crate::secret_output::SecretFile;
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::time_text::duration;
use rootcellar_client::ClientError;
use rootcellar_client::client::{RegisterError, VaultUrl};
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::text::Passphrase;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::vault::RegistrationMode;
use serde::Serialize;
use std::io::{self, IsTerminal};
use zeroize::Zeroizing;

#[derive(Serialize)]
struct Result_<'a> {
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    account_id: String,
    device: ThisDevice,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code_output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passphrase: Option<&'a str>,
}

pub(super) async fn run(context: &Context<'_>, register: &Register) -> Result<(), Failure> {
    secret_input::only_one_standard_input(&[
        ("--passphrase-file", context.global.passphrase_file.as_deref()),
        ("--invite-file", register.invite_file.as_deref()),
    ])?;
    let vault = context.vault(None)?;
    let name = account_name(&register.account)?;
    let home = context.home()?;
    home.must_be_unused()?;
    let device = device(&home, register.device_label.as_deref())?;
    let code_file = SecretFile::create_if(register.recovery_code_output.as_deref())?;
    let given = given_invite(register)?;
    // Whatever can be read without a person is checked before the vault is asked.
    let unattended = register.generate || !is_typed(context.global.passphrase_file.as_deref());
    let prepared = if unattended { Some(passphrase(context, register, &vault)?) } else { None };
    let mut client = context.client(home, vault.clone(), device.clone())?;
    let door = context.progress.during(client.vault_info()).await?.registration;
    let invite = invite(door, given)?;
    let passphrase = match prepared {
        Some(passphrase) => passphrase,
        None => passphrase(context, register, &vault)?,
    };
    let work = client.register(name, &passphrase, invite.as_ref().map(|invite| invite.as_str()));
    let registered = match context.progress.during(work).await {
        Ok(registered) => registered,
        Err(error) => {
            let generated = register.generate.then(|| passphrase.expose());
            return Err(unsure(context, error, code_file, generated));
        }
    };

    let words = registered.recovery_code.words();
    let memory = &registered.memory;
    let result = Result_ {
        vault: vault.to_string(),
        identity: memory.identity.as_ref().map(ToString::to_string),
        account_id: memory.account_id.to_string(),
        device: ThisDevice::of(&device),
        recovery_code: code_file.is_none().then_some(words.as_str()),
        recovery_code_output: code_file.as_ref().map(|file| file.path().display().to_string()),
        passphrase: register.generate.then(|| passphrase.expose()),
    };
    let mut text = Zeroizing::new(format!("Registered at {vault}.\n"));
    let in_file = code_file.is_some();
    if register.generate {
        text.push_str("\nYour passphrase - learn it by heart, or write it down apart from the rest:\n\n");
        text.push_str(&format!("    {}\n", *context.output.bold(passphrase.expose())));
    }
    text.push_str(&deliver(context, &registered.recovery_code, code_file)?);
    let printed = context.output.result(&result, &text);
    let generated = register.generate.then(|| passphrase.expose());
    shown_elsewhere(context, printed, (!in_file).then_some(words.as_str()), generated)
}

/// What is shown only once must reach the person even where standard output does not take it, or where nobody can tell
/// whether what reads it shows it: then the terminal, else standard error, has it too.
fn shown_elsewhere(
    context: &Context<'_>,
    printed: Result<(), Failure>,
    code: Option<&str>,
    passphrase: Option<&str>,
) -> Result<(), Failure> {
    let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
    if printed.is_ok() && (context.output.is_json() || !is_watched) {
        return Ok(());
    }
    let lines = [("recovery code", code), ("passphrase", passphrase)];
    let lines = lines.into_iter().filter_map(|(what, secret)| Some(format!("Your {what} is: {}\n", secret?)));
    let text = Zeroizing::new(lines.collect::<String>());
    let on_terminal = Terminal::open().is_some_and(|mut terminal| terminal.print(&text).is_ok());
    let Err(failure) = printed else { return Ok(()) };
    if !on_terminal && !text.is_empty() {
        context.output.warn("shown-only-once", text.trim_end());
    }
    let keep = if text.is_empty() { "" } else { " Keep what is shown here: it is shown only once." };
    Err(failure.advise(format!("The account is made all the same.{keep}")))
}

/// Writes the code to its file, or gives the text that shows it.
fn deliver(
    context: &Context<'_>,
    code: &RecoveryCode,
    file: Option<SecretFile>,
) -> Result<Zeroizing<String>, Failure> {
    let words = code.words();
    let Some(file) = file else {
        return Ok(Zeroizing::new(format!(
            "\nYour recovery code - write it down on paper now, it is shown only once:\n\n    {}\n\n\
             It opens the backup alone, without account name and passphrase. Keep the paper safe.\n",
            *context.output.bold(&words)
        )));
    };
    let text = format!(
        "The recovery code is in {}. Bring it to paper and delete the file.\n",
        file.path().display()
    );
    match file.write(Zeroizing::new(format!("{}\n", *words)).as_bytes()) {
        Ok(()) => Ok(Zeroizing::new(text)),
        Err(failure) => {
            // Made already, and never to be had again: better on the terminal than lost.
            context
                .output
                .warn("recovery-code", format!("{} The recovery code is: {}", failure.message, *words));
            Ok(Zeroizing::new(String::new()))
        }
    }
}

/// The account may have been made: then the code must not be lost.
fn unsure(
    context: &Context<'_>,
    error: RegisterError,
    file: Option<SecretFile>,
    generated: Option<&str>,
) -> Failure {
    let mut failure = match error.source {
        ClientError::BudgetSpent { retry_after } => Failure {
            message: "Too many tries were made with this account name.".to_owned(),
            ..Failure::from(error.source)
        }
        .advise(format!("Try again in {}, or choose another name.", duration(retry_after))),
        other => other.into(),
    };
    let Some(code) = error.recovery_code else { return failure };
    let shown = match file {
        None => Err(()),
        Some(file) => {
            let path = file.path().display().to_string();
            file.write(Zeroizing::new(format!("{}\n", *code.words())).as_bytes())
                .map(|()| path)
                .map_err(|_| ())
        }
    };
    let place = match shown {
        Ok(path) => format!("in {path}"),
        Err(()) => format!("'{}'", *code.words()),
    };
    context.output.warn(
        "maybe-registered",
        format!("The account may have been made all the same. Its recovery code would be {place}: keep it."),
    );
    if let Some(passphrase) = generated {
        let text = Zeroizing::new(format!("Its passphrase would be '{passphrase}': keep it, too."));
        context.output.warn("maybe-passphrase", text.as_str());
    }
    if failure.exit != Exit::Tampering {
        failure.exit = Exit::Unfinished;
    }
    failure
        .advise("Try 'rootcellar restore' with the same account name: if it succeeds, the account was made.")
}

fn given_invite(register: &Register) -> Result<Option<Zeroizing<String>>, Failure> {
    let text = match &register.invite_file {
        Some(file) => Some(secret_input::read(Shape::Line, Some(file), "Invite", "--invite-file FILE")?),
        None => match std::env::var("ROOTCELLAR_INVITE").ok().map(Zeroizing::new) {
            Some(text) if !text.trim().is_empty() => {
                Some(Shape::Line.secret(&text, "ROOTCELLAR_INVITE", "invite")?)
            }
            _ => None,
        },
    };
    Ok(text.and_then(trimmed))
}

#[expect(clippy::needless_pass_by_value, reason = "the text that was read is wiped here")]
fn trimmed(text: Zeroizing<String>) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(text.trim().to_owned());
    Some(text).filter(|text| !text.is_empty())
}

/// Says that the vault takes no account, or asks for the invite, before a person thinks of a passphrase.
fn invite(
    door: RegistrationMode,
    given: Option<Zeroizing<String>>,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let refused = |code: ProblemCode, message| Failure::new(Exit::Refused, code.as_str(), message);
    match (door, given) {
        (RegistrationMode::Closed, _) => Err(refused(
            ProblemCode::RegistrationClosed,
            "This vault takes no new accounts: ask its operator, or use another vault.",
        )),
        (RegistrationMode::Invite, None) => {
            let required = || {
                refused(
                    ProblemCode::InviteRequired,
                    "This vault takes new accounts by invite only: ask its operator for an invite.",
                )
                .advise("Give it with --invite-file FILE or in ROOTCELLAR_INVITE.")
            };
            let mut terminal = Terminal::open().ok_or_else(required)?;
            let text = terminal.ask_secret("This vault takes new accounts by invite only. Invite: ")?;
            trimmed(text).map(Some).ok_or_else(required)
        }
        (_, given) => Ok(given),
    }
}

fn passphrase(context: &Context<'_>, register: &Register, vault: &VaultUrl) -> Result<Passphrase, Failure> {
    let source = Source {
        generate: register.generate,
        file: context.global.passphrase_file.as_deref(),
        option: "--passphrase-file FILE",
        prompt: "Passphrase",
        wanted: WANTED,
        instead: MADE,
        other_than: None,
    };
    source.read(&[register.account.as_str(), vault.authority().as_str(), "rootcellar"])
}
