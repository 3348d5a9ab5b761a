//! `register`: a recovery code that its user confirms, and then the account that it opens.

use crate::args::Register;
use crate::code_notice::find_out_at;
use crate::connection::{Context, Native, TRIES, account_name, device};
use crate::device_view::ThisDevice;
use crate::exit::{Exit, Failure};
use crate::home::{self, Home};
use crate::new_passphrase::Source;
use crate::new_recovery_code::{Destination, NewRecoveryCode};
use crate::secret_input::{self, Asked, is_typed};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text;
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
    text::register::Unchecked { wait: duration(seconds) }.into()
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
        let waits = text::code_notice::OtherAccount {
            day: date(notice.generated_at),
            name: VaultText::new(name.expose()),
        };
        return Err(Failure::new(Exit::Uncertain, "recovery-code-waiting", waits)
            .advise(text::code_notice::OTHER_ACCOUNT_ADVICE));
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
    terminal.say(crate::entry_input::sentence(&taken.to_string())).ok()?;
    for _ in 0..TRIES {
        let typed = terminal.ask(text::ask::ANOTHER_ACCOUNT).ok()?;
        match account_name(&typed) {
            _ if typed.is_empty() => return None,
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
        return Err(Failure::new(Exit::Uncertain, "registered-before", text::register::BEFORE_GENERATED)
            .advise(text::register::BEFORE_GENERATED_ADVICE));
    }
    let login = match local_state {
        Some(local_state) => Login::remembered(local_state).with_name(name),
        None => Login::new_device(name),
    };
    let passphrase = context.passphrase()?;
    let session = context.log_in(&client, login, passphrase).await;
    let session = session.map_err(|failure| failure.but(text::register::BEFORE))?;
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
    let mut shown = text::secret(text::line(text::register::Done { vault }));
    if let Some(passphrase) = generated {
        shown.push_str(&format!("\n{}\n\n    ", text::passphrase::GENERATED));
        shown.push_str(&context.output.bold(passphrase));
        shown.push_str("\n\n");
    }
    if let Some(file) = &result.recovery_code_output {
        shown.push_str(&text::line(text::code::CopyFile { file }));
    }
    shown.push_str(&text::line(text::register::KEEP_CODE));
    let printed = context.output.result(&result, &shown);
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
    let shown = passphrase.map(|passphrase| text::secret(text::passphrase::GeneratedOnce { passphrase }));
    let shown = shown.unwrap_or_default();
    let on_terminal = Terminal::open().is_some_and(|mut terminal| terminal.say(&*shown).is_ok());
    let Err(failure) = printed else { return Ok(()) };
    if !on_terminal && !shown.is_empty() {
        context.output.warn("shown-only-once", shown.as_str());
    }
    Err(failure.advise(match shown.is_empty() {
        true => text::register::CREATED_ANYWAY,
        false => text::register::CREATED_SHOWN_ONCE,
    }))
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
        ClientError::BudgetSpent { retry_after } => {
            Failure { message: text::register::TOO_MANY_ATTEMPTS.to_owned(), ..Failure::from(error.source) }
                .advise(text::register::TooManyAttemptsAdvice { wait: duration(retry_after) })
        }
        other => other.into(),
    };
    if outcome != Outcome::Uncertain {
        return handed.after(client, outcome, failure).await;
    }
    let maybe: String = match handed.file() {
        Some(file) => text::register::MaybeInFile { file }.into(),
        None => text::register::MAYBE.to_owned(),
    };
    context.output.warn("maybe-registered", maybe);
    if let Some(passphrase) = generated {
        let only = text::secret(text::register::MaybePassphrase { passphrase });
        context.output.warn("maybe-passphrase", only.as_str());
    }
    if failure.exit != Exit::Tampering {
        failure.exit = Exit::Uncertain;
    }
    failure.advise(text::register::MAYBE_ADVICE)
}

fn given_invite(register: &Register) -> Result<Option<Zeroizing<String>>, Failure> {
    let text = match &register.invite_file {
        Some(file) => Some(secret_input::read(Shape::Line, Some(file), Asked::INVITE, "--invite-file FILE")?),
        None => match std::env::var("ROOTCELLAR_INVITE").ok().map(Zeroizing::new) {
            Some(text) if !text.trim().is_empty() => {
                Some(Shape::Line.secret(&text, "ROOTCELLAR_INVITE", Asked::INVITE.what)?)
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
        (RegistrationMode::Closed, _) => {
            Err(refused(ProblemCode::RegistrationClosed, text::register::CLOSED))
        }
        (RegistrationMode::Invite, None) => {
            let required = || {
                refused(ProblemCode::InviteRequired, text::register::INVITE_ONLY)
                    .advise(text::register::INVITE_ADVICE)
            };
            let mut terminal = Terminal::open().ok_or_else(required)?;
            terminal.say(text::register::INVITE_HINT)?;
            let input = terminal.ask_secret(Asked::INVITE.prompt)?;
            trimmed(Shape::Line.typed(&input, Asked::INVITE.what)?).map(Some).ok_or_else(required)
        }
        (_, given) => Ok(given),
    }
}

fn passphrase(context: &Context<'_>, register: &Register, vault: &VaultUrl) -> Result<Passphrase, Failure> {
    let source = Source {
        generate: register.generate,
        file: context.global.passphrase_file.as_deref(),
        option: "--passphrase-file FILE",
        asked: Asked::PASSPHRASE,
        wanted: text::passphrase::HINT,
        instead: text::passphrase::HINT_WEAK,
        other_than: None,
    };
    source.read(&[register.account.as_str(), vault.authority().as_str(), "rootcellar"])
}
