//! `passphrase`: a new passphrase in the place of the old one.

use crate::access::{Intent, Returning};
use crate::args::NewPassphrase;
use crate::connection::{Context, account_name};
use crate::exit::Failure;
use crate::new_passphrase::Source;
use crate::secret_input::{Asked, only_one_standard_input};
use crate::text;
use crate::time_text::duration;
use rootcellar_client::ClientError;
use serde::Serialize;

#[derive(Serialize)]
struct Changed<'a> {
    passphrase_changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    passphrase: Option<&'a str>,
}

pub(super) async fn run(context: &Context<'_>, change: &NewPassphrase) -> Result<(), Failure> {
    only_one_standard_input(&[
        ("--new-passphrase-file", change.new_passphrase_file.as_deref()),
        ("--passphrase-file", context.global.passphrase_file.as_deref()),
        ("--recovery-code-file", context.global.recovery_code_file.as_deref()),
        ("--device-passphrase-file", context.global.device_passphrase_file.as_deref()),
    ])?;
    let returning = Returning::prepare(context, &change.login)?;
    let source = Source {
        generate: change.generate,
        file: change.new_passphrase_file.as_deref(),
        option: "--new-passphrase-file FILE",
        asked: Asked::NEW_PASSPHRASE,
        wanted: text::passphrase::HINT,
        instead: text::passphrase::HINT_WEAK,
        other_than: None,
    };
    let hints: Vec<_> = change.login.account.as_deref().into_iter().chain(["rootcellar"]).collect();
    // What can be read without a person is checked before the vault is asked; a person is let in before choosing a new one.
    let unattended = change.generate || change.new_passphrase_file.is_some();
    let prepared = if unattended { Some(source.read(&hints)?) } else { None };
    let ready = returning.ready(context, Intent::Manage).await?;
    let mut session = ready.sign_in(context, Intent::Manage).await?;
    let new = match prepared {
        Some(new) => new,
        None => source.read(&hints)?,
    };
    let name = change.login.account.as_deref().map(account_name).transpose()?;
    let shown = change.generate.then(|| new.expose());
    let set = match context.progress.during(session.set_passphrase(&new, name.as_ref())).await {
        Ok(set) => set,
        Err(error) => {
            if let (Some(made), ClientError::PassphraseUnconfirmed(_)) = (shown, &error) {
                let only = text::secret(text::passphrase::GeneratedMaybe { passphrase: made });
                context.output.warn("shown-only-once", only.as_str());
            }
            return Err(error.into());
        }
    };
    if let Some(seconds) = set.accepted_in {
        context.output.warn("passphrase-unchecked", unchecked(seconds));
    }
    let mut shown_text = text::secret(text::line(text::passphrase::CHANGED));
    if let Some(made) = shown {
        let made = context.output.bold(made);
        shown_text.push_str(&format!("\n{}\n\n    ", text::passphrase::GENERATED_NEW));
        shown_text.push_str(&made);
        shown_text.push('\n');
    }
    let printed =
        context.output.result(&Changed { passphrase_changed: true, passphrase: shown }, &shown_text);
    if let (Err(_), Some(made)) = (&printed, shown) {
        let only = text::secret(text::passphrase::GeneratedNewOnce { passphrase: made });
        context.output.warn("shown-only-once", only.as_str());
    }
    printed
}

/// What a user is told whose new passphrase took the last attempt for now.
pub(super) fn unchecked(seconds: u64) -> String {
    text::passphrase::Unchecked { wait: duration(seconds) }.into()
}
