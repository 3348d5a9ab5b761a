//! `recover`: everything back with the recovery code alone, then a new passphrase.

use super::passphrase::unchecked;
use super::restored::{Restored, RestoredJson};
use crate::args::Recover;
use crate::connection::{Context, Native, Needs, account_name, ask_account_name, device};
use crate::device_store::PlatformKeyring;
use crate::enrolling::{Enrolled, Plan};
use crate::exit::{Cause, Failure};
use crate::new_passphrase::Source;
use crate::recovery_code_input::{recover as recover_by, recovery_code};
use crate::secret_input::{self, Asked};
use crate::secret_output::SecretFile;
use crate::terminal::Terminal;
use crate::text;
use crate::time_text::{date, duration};
use rootcellar_client::ClientError;
use rootcellar_client::VaultText;
use rootcellar_client::client::Recovery;
use rootcellar_client::session::{PassphraseSet, Session};
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_spec::ProblemCode;
use serde::Serialize;
use zeroize::Zeroizing;

#[derive(Serialize)]
struct Recovered<'a> {
    #[serde(flatten)]
    restored: RestoredJson<'a>,
    passphrase_changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    passphrase: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<Enrolled>,
}

pub(super) async fn run(context: &Context<'_>, recover: &Recover) -> Result<(), Failure> {
    let code_file = context.global.recovery_code_file.as_deref();
    secret_input::only_one_standard_input(&[
        ("--recovery-code-file", code_file),
        ("--new-passphrase-file", recover.new_passphrase_file.as_deref()),
    ])?;
    let home = context.home()?;
    let vault = context.vault(Some(&home))?;
    let other_account = Failure::from(home.other_account());
    let local_state = home.remembered().map(|remembered| remembered.local_state);
    let name = recover.account.as_deref().map(account_name).transpose()?;
    let device = device(&home, recover.retrieval.device_label.as_deref())?;
    let file = SecretFile::create_if(recover.retrieval.output.as_deref())?;
    // Whatever can be read without a person is checked before the vault is asked.
    let unattended = recover.generate || recover.new_passphrase_file.is_some();
    let source = source(recover);
    let code = recovery_code(code_file)?;
    let prepared = if unattended { Some(source.read(&[])?) } else { None };

    if recover.retrieval.enrolling.enrol && home.device_store(PlatformKeyring).kind()?.is_some() {
        return Err(
            Failure::usage(text::access::ENROLLED_BEFORE).advise(text::access::ENROLLED_BEFORE_ADVICE)
        );
    }
    let plan = Plan::prepare(context, &recover.retrieval.enrolling, prepared.as_ref())?;
    let recovery = Recovery::new(local_state).with(recover.retrieval.options());
    let client = context.client(home, vault, device)?;
    let mut session = match recover_by(context, &client, recovery, code).await {
        Err(failure) if failure.cause == Some(Cause::ForeignAccount) => return Err(other_account),
        opened => opened?,
    };
    context.finish_pending(&mut session, Needs::Reading).await?;
    let restored = Restored::open(&session);
    context.note_older(recover.retrieval.backup);
    let json = restored.deliver(context, file).map_err(|failure| failure.advise(text::recover::RUN_AGAIN))?;
    note_account(context, &session);
    // By the recovery code's session: it needs no account name, and the passphrase's change ends it.
    let enrolled = match plan {
        Some(plan) => Some(plan.carry_out(context, &mut session).await),
        None => None,
    };
    let changed = change(context, recover, session, name, prepared).await;
    report(context, recover, json, changed, enrolled)?;
    restored.complete()
}

/// Says what the backup knows that the next login by passphrase needs.
fn note_account(context: &Context<'_>, session: &Session<Native>) {
    let Some(name) = session.account_name() else { return };
    let name = VaultText::new(name);
    let known: String = match session.vault_addresses().first() {
        Some(vault) => text::recover::AccountAndVault { name, vault: VaultText::new(vault) }.into(),
        None => text::recover::Account { name }.into(),
    };
    context.output.note("account-name", known);
}

/// What became of the passphrase.
struct Changed {
    passphrase: Passphrase,
    /// Whether this device does not know the account's name yet.
    needs_name: bool,
}

/// Sets the new passphrase, and gives the account a name where it needs one.
async fn change(
    context: &Context<'_>,
    recover: &Recover,
    mut session: Session<Native>,
    name: Option<AccountName>,
    prepared: Option<Passphrase>,
) -> Result<Changed, Failure> {
    let mut name = account_needs(context, &mut session, name).await?;
    if name.is_none() && session.local_state().name_hash.is_none() && session.account_name().is_none() {
        context.output.note("name-required-for-login", text::recover::NAME_NEEDED);
    }
    let new = match prepared {
        Some(prepared) => prepared,
        None => source(recover)
            .read(&[])
            .map_err(|failure| failure.advise(restored_but(text::recover::RUN_AGAIN)))?,
    };
    loop {
        match context.progress.during(session.set_passphrase(&new, name.as_ref())).await {
            // Nothing was done, and the passphrase need not be typed once more.
            Err(error @ ClientError::OtherName) => name = other_name(error)?,
            set => return changed(context, recover, new, set),
        }
    }
}

fn changed(
    context: &Context<'_>,
    recover: &Recover,
    passphrase: Passphrase,
    set: Result<PassphraseSet, ClientError>,
) -> Result<Changed, Failure> {
    match set {
        Ok(set) => {
            if let Some(seconds) = set.accepted_in {
                context.output.warn("passphrase-unchecked", unchecked(seconds));
            }
            Ok(Changed { passphrase, needs_name: set.local_state.name_hash.is_none() })
        }
        Err(error) => {
            // It may hold all the same: then the only one who knows it must not lose it.
            if recover.generate && matches!(error, ClientError::PassphraseUnconfirmed(_)) {
                keep(context, &passphrase);
            }
            Err(unchanged(error))
        }
    }
}

/// Asks for another name than one that is not the account's, or for none.
fn other_name(error: ClientError) -> Result<Option<AccountName>, Failure> {
    let failure = Failure::from(error);
    let Some(mut terminal) = Terminal::open() else {
        return Err(failure.advise(restored_but(text::recover::OTHER_NAME_ADVICE)));
    };
    terminal.print(&failure.lines())?;
    loop {
        let typed = terminal.ask(text::ask::ACCOUNT_OR_NONE)?;
        match account_name(&typed) {
            _ if typed.is_empty() => return Ok(None),
            Ok(name) => return Ok(Some(name)),
            Err(failure) => terminal.print(&failure.lines())?,
        }
    }
}

/// Says why no name leads to the account, where none does, and asks for one where neither the options nor this device know
/// it.
async fn account_needs(
    context: &Context<'_>,
    session: &mut Session<Native>,
    name: Option<AccountName>,
) -> Result<Option<AccountName>, Failure> {
    if session.is_named() {
        return Ok(name);
    }
    let vault = context.progress.during(session.vault_info()).await.map_err(unchanged)?;
    let why: String = match vault.passphrases_since {
        Some(time) => text::recover::NameLost { time: date(time) }.into(),
        None => text::recover::NAME_NEVER.to_owned(),
    };
    context.output.note("name-lost", why);
    let local_state = session.local_state();
    if local_state.server_public_key.is_some_and(|pinned| pinned != vault.server_public_key) {
        return Err(unchanged(ClientError::ForeignServerKey { replaced_at: vault.passphrases_since }));
    }
    if name.is_some() || local_state.name_hash.is_some() {
        return Ok(name);
    }
    ask_account_name(text::recover::NAME_MISSING, text::ask::ACCOUNT_AFTER_REPLACEMENT)
        .map(Some)
        .map_err(|failure| failure.advise(restored_but(text::recover::NAME_MISSING_ADVICE)))
}

fn report(
    context: &Context<'_>,
    recover: &Recover,
    restored: RestoredJson<'_>,
    changed: Result<Changed, Failure>,
    enrolled: Option<Result<Enrolled, Failure>>,
) -> Result<(), Failure> {
    let (enrolled, unenrolled) = match enrolled.transpose() {
        Ok(enrolled) => (enrolled, None),
        Err(failure) => (None, Some(failure)),
    };
    let new = changed.as_ref().ok().map(|changed| &changed.passphrase);
    let shown = new.filter(|_| recover.generate).map(Passphrase::expose);
    let mut set = Zeroizing::new(String::new());
    if let Some(passphrase) = shown {
        let made = context.output.bold(passphrase);
        set = text::secret(format_args!("\n{}\n\n    {}\n", text::passphrase::GENERATED_NEW, *made));
    } else if new.is_some() {
        set = text::secret(format_args!("\n{}\n", text::recover::SET));
    }
    let printed = context.output.first(&set).and_then(|()| {
        if changed.as_ref().is_ok_and(|changed| changed.needs_name) {
            context.output.note("name-required-once", text::recover::NAME_ONCE);
        }
        let enrolment = enrolled.as_ref().map(Enrolled::text).unwrap_or_default();
        let result = Recovered { restored, passphrase_changed: new.is_some(), passphrase: shown, enrolled };
        context.output.result(&result, &enrolment)
    });
    if let (Err(_), true, Some(new)) = (&printed, recover.generate, new) {
        keep(context, new);
    }
    printed?;
    changed?;
    unenrolled.map_or(Ok(()), |failure| Err(failure.but(text::restore::NOT_ENROLLED)))
}

/// Shows a generated passphrase on standard error, where nothing else has shown it.
fn keep(context: &Context<'_>, passphrase: &Passphrase) {
    let passphrase = passphrase.expose();
    let only = text::secret(text::passphrase::GeneratedMaybe { passphrase });
    context.output.warn("shown-only-once", only.as_str());
}

fn source(recover: &Recover) -> Source<'_> {
    Source {
        generate: recover.generate,
        file: recover.new_passphrase_file.as_deref(),
        option: "--new-passphrase-file FILE",
        asked: Asked::NEW_PASSPHRASE,
        wanted: text::passphrase::HINT,
        instead: text::passphrase::HINT_WEAK,
        other_than: None,
    }
}

/// The entries are restored all the same; says when to run the command again.
fn unchanged(error: ClientError) -> Failure {
    match error {
        // Its own message says what to try.
        ClientError::PassphraseUnconfirmed(_) => error.into(),
        ClientError::BudgetSpent { retry_after } => {
            Failure { message: text::recover::TOO_MANY_ATTEMPTS.to_owned(), ..Failure::from(error) }
                .advise(text::recover::RunAgainIn { wait: duration(retry_after) })
        }
        ClientError::ForeignServerKey { replaced_at: Some(_) } => {
            Failure::from(error).advise(restored_but(text::recover::NEW_KEY_ADVICE))
        }
        ClientError::Refused(refusal) if refusal.code == ProblemCode::NameTaken => {
            Failure::from(ClientError::Refused(refusal))
                .advise(restored_but(text::recover::NAME_TAKEN_ADVICE))
        }
        other => Failure::from(other).advise(restored_but(text::recover::RUN_AGAIN)),
    }
}

fn restored_but(then: &str) -> String {
    text::recover::Restored { then }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_shut_passphrase_lane_says_when_to_come_back() {
        let failure = unchanged(ClientError::BudgetSpent { retry_after: 3_600 });
        assert_eq!((failure.exit, failure.retry_after), (Exit::Budget, Some(3_600)));
        assert_eq!(failure.message, text::recover::TOO_MANY_ATTEMPTS);
        let again = text::recover::RunAgainIn { wait: duration(3_600) };
        assert_eq!(failure.advice, Some(again.into()));
    }
}
