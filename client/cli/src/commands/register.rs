//! `register`: a recovery code that its user confirms, and then the account that it opens.

use crate::args::Register;
use crate::code_notice::find_out_at;
use crate::connection::{Context, Native, TRIES, account_name, device};
use crate::device_view::ThisDevice;
use crate::exit::{Exit, Failure};
use crate::home::{self, Home};
use crate::new_passphrase::{MADE, Source, WANTED};
use crate::new_recovery_code::{Destination, NewRecoveryCode};
use crate::secret_input::{self, is_typed};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::time_text::{date, duration};
use rootcellar_client::client::{Client, Login, RegisterError, Registered, VaultUrl};
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pending_code::{Ceremony, CodeState, PendingCode};
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::{ClientError, Outcome, VaultText};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::vault::RegistrationMode;
use serde::Serialize;
use std::io::{self, IsTerminal};
use zeroize::Zeroizing;

#[derive(Serialize)]
struct Result_<'a> {
    vault: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vault_id: Option<String>,
    account_id: String,
    device: ThisDevice,
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
    // Its verification may have been interrupted after it remembered the account.
    if !home.pending_code()?.is_some_and(|record| is_of(&record, &home)) {
        home.must_be_unused()?;
    }
    let device = device(&home, register.device_label.as_deref())?;
    let local_state = home.remembered().map(|remembered| remembered.local_state);
    let client = context.client(home, vault.clone(), device.clone())?;
    if was_created(context, &client, &name).await? {
        return complete(context, register, client, device, (local_state, name)).await;
    }
    let given = given_invite(register)?;
    // Whatever can be read without a person is checked before the vault is asked.
    let unattended = register.generate || !is_typed(context.global.passphrase_file.as_deref());
    let prepared = if unattended { Some(passphrase(context, register, &vault)?) } else { None };
    let output = register.recovery_code_output.as_deref();
    let destination = Destination::prepare(Ceremony::Registration, output, false)?;
    let door = context.progress.during(client.vault_info()).await?.registration;
    let invite = invite(door, given)?;
    let passphrase = match prepared {
        Some(passphrase) => passphrase,
        None => passphrase(context, register, &vault)?,
    };
    let code = client.generate_first_code().await?;
    let handed = destination.hand_over(context, &client, code).await?;
    let invite = invite.as_ref().map(|invite| invite.as_str());
    let made = create(context, &client, name, (&passphrase, &handed, invite)).await;
    let generated = register.generate.then(|| passphrase.expose());
    let made = match made {
        Ok(made) => made,
        Err(error) => return Err(unsure(context, &client, error, handed, generated).await),
    };
    if let Some(seconds) = made.passphrase_accepted_in {
        context.output.warn("passphrase-unchecked", unchecked(seconds));
    }
    report(context, &device, (&vault, &made.local_state), handed.file(), generated)
}

/// What a user is told whose registration was the last attempt for now.
fn unchecked(seconds: u64) -> String {
    format!(
        "The account is created, and its recovery code works. Too many attempts were made with this account name to check the \
         passphrase now; the vault accepts it in {}.",
        duration(seconds)
    )
}

/// Whether the folder remembers the account of a registration that is not known to be complete.
fn is_of(record: &PendingCode, home: &Home) -> bool {
    let remembered = home.remembered().map(|remembered| remembered.local_state.account_id);
    let waits = record.notice().state == CodeState::Waiting;
    waits
        && record.ceremony == Ceremony::Registration
        && remembered.is_some()
        && record.account_id == remembered
}

/// Whether an earlier command has created the account, though its response was lost.
async fn was_created(
    context: &Context<'_>,
    client: &Client<Native>,
    name: &AccountName,
) -> Result<bool, Failure> {
    if let Some(elsewhere) = client.registration_elsewhere()? {
        let waiting = ClientError::CodeWaiting { elsewhere: Some(elsewhere.clone()) };
        return Err(Failure::from(waiting).advise(find_out_at(&elsewhere)));
    }
    if let Some(notice) = client.code_notice()?.filter(|_| client.registers_other_name(name).unwrap_or(false))
    {
        let waits = format!(
            "A registration of {} waits, under another account name than '{}': it is not known yet whether it created an account.",
            date(notice.generated_at),
            VaultText::new(name.expose())
        );
        return Err(Failure::new(Exit::Uncertain, "recovery-code-waiting", waits).advise(
            "Run 'rootcellar register' with the name and the passphrase that you gave then: it finds out, and completes that \
             registration. 'rootcellar status --discard-code' gives it up.",
        ));
    }
    let was_created = context.finish_former_registration(client).await?;
    if !was_created {
        client.state_store().folder().must_be_unused()?;
    }
    Ok(was_created)
}

/// Creates the account. Another name can be given if this one is taken: the recovery code is on paper by now.
async fn create(
    context: &Context<'_>,
    client: &Client<Native>,
    mut name: AccountName,
    (passphrase, handed, invite): (&Passphrase, &NewRecoveryCode, Option<&str>),
) -> Result<Registered<Native>, RegisterError> {
    for _ in 1..TRIES {
        let work = client.register(name, passphrase, invite, handed.code());
        match context.progress.during(work).await {
            Err(error) if may_rename(&error, handed) => {
                name = match other_name(&error) {
                    Some(other) => other,
                    None => return Err(error),
                };
            }
            made => return made,
        }
    }
    let work = client.register(name, passphrase, invite, handed.code());
    context.progress.during(work).await
}

/// Whether the name is what the vault refused, and its user is at the terminal.
fn may_rename(error: &RegisterError, handed: &NewRecoveryCode) -> bool {
    let is_taken = error.source.problem() == Some(ProblemCode::NameTaken);
    is_taken && !error.maybe_made && handed.file().is_none()
}

/// Another account name; `None` if nobody gives one.
fn other_name(taken: &RegisterError) -> Option<AccountName> {
    let mut terminal = Terminal::open()?;
    terminal
        .print(&format!("{}.\n", crate::entry_input::sentence(&taken.to_string()).trim_end_matches('.')))
        .ok()?;
    for _ in 0..TRIES {
        let text = terminal.ask("Another account name (Enter to stop): ").ok()?;
        match account_name(&text) {
            _ if text.is_empty() => return None,
            Ok(name) => return Some(name),
            Err(failure) => terminal.print(&failure.lines()).ok()?,
        }
    }
    None
}

/// Logs in to the account that an earlier command has made, which lost the vault's response.
async fn complete(
    context: &Context<'_>,
    register: &Register,
    client: Client<Native>,
    device: home::Device,
    (local_state, name): (Option<LocalState>, AccountName),
) -> Result<(), Failure> {
    if register.generate {
        return Err(Failure::new(
            Exit::Uncertain,
            "registered-before",
            "An earlier command created the account, with a generated passphrase.",
        )
        .advise("Run 'rootcellar restore' with that passphrase. If you do not have it, run 'rootcellar recover' with the recovery code."));
    }
    let login = match local_state {
        Some(local_state) => Login::remembered(local_state).with_name(name),
        None => Login::new_device(name),
    };
    let passphrase = context.passphrase()?;
    let session = context.log_in(&client, login, passphrase).await;
    let session = session.map_err(|failure| failure.but("An earlier command created the account."))?;
    report(context, &device, (client.vault(), session.local_state()), None, None)
}

fn report(
    context: &Context<'_>,
    device: &home::Device,
    (vault, local_state): (&VaultUrl, &LocalState),
    recovery_code_output: Option<String>,
    generated: Option<&str>,
) -> Result<(), Failure> {
    let result = Result_ {
        vault: vault.to_string(),
        vault_id: local_state.vault_id.as_ref().map(ToString::to_string),
        account_id: local_state.account_id.to_string(),
        device: ThisDevice::of(device),
        recovery_code_output,
        passphrase: generated,
    };
    let mut text = Zeroizing::new(format!("Registered at {vault}.\n"));
    if let Some(passphrase) = generated {
        text.push_str("\nYour passphrase - learn it by heart, or write it down apart from the rest:\n\n");
        text.push_str(&format!("    {}\n", *context.output.bold(passphrase)));
    }
    if let Some(file) = &result.recovery_code_output {
        text.push_str(&format!("The recovery code is in {file}. Copy it to paper and delete the file.\n"));
    }
    text.push_str("The recovery code opens the backup alone, without account name and passphrase. Keep the paper safe.\n");
    let printed = context.output.result(&result, &text);
    shown_elsewhere(context, printed, generated)
}

/// A generated passphrase is shown only once, so it must reach its user even if standard output does not take it, or if nobody can
/// tell whether what reads it shows it: then the terminal, else standard error, has it too.
fn shown_elsewhere(
    context: &Context<'_>,
    printed: Result<(), Failure>,
    passphrase: Option<&str>,
) -> Result<(), Failure> {
    let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
    if printed.is_ok() && (context.output.is_json() || !is_watched) {
        return Ok(());
    }
    let text = passphrase.map(|secret| format!("Your passphrase is: {secret}\n")).unwrap_or_default();
    let text = Zeroizing::new(text);
    let on_terminal = Terminal::open().is_some_and(|mut terminal| terminal.print(&text).is_ok());
    let Err(failure) = printed else { return Ok(()) };
    if !on_terminal && !text.is_empty() {
        context.output.warn("shown-only-once", text.trim_end());
    }
    let keep = if text.is_empty() { "" } else { " Keep what is shown here: it is shown only once." };
    Err(failure.advise(format!("The account was created all the same.{keep}")))
}

/// The account may have been created: then nothing that opens it must be lost.
async fn unsure(
    context: &Context<'_>,
    client: &Client<Native>,
    error: RegisterError,
    handed: NewRecoveryCode,
    generated: Option<&str>,
) -> Failure {
    let outcome = error.outcome();
    let mut failure = match error.source {
        ClientError::BudgetSpent { retry_after } => Failure {
            message: "Too many attempts were made with this account name.".to_owned(),
            ..Failure::from(error.source)
        }
        .advise(format!("Try again in {}, or choose another name.", duration(retry_after))),
        other => other.into(),
    };
    if outcome != Outcome::Uncertain {
        return handed.after(client, outcome, failure).await;
    }
    let place = handed.file().map(|file| format!(" in {file}")).unwrap_or_default();
    context.output.warn(
        "maybe-registered",
        format!("The account may have been created. Keep its recovery code{place}."),
    );
    if let Some(passphrase) = generated {
        let text = Zeroizing::new(format!("Its passphrase would be '{passphrase}': keep it, too."));
        context.output.warn("maybe-passphrase", text.as_str());
    }
    if failure.exit != Exit::Tampering {
        failure.exit = Exit::Uncertain;
    }
    failure.advise(
        "Run 'rootcellar register' again with the same account name and passphrase: it finds out, and completes the registration.",
    )
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
            let input = terminal.ask_secret("This vault takes new accounts by invite only. Invite: ")?;
            trimmed(Shape::Line.typed(&input, "invite")?).map(Some).ok_or_else(required)
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
