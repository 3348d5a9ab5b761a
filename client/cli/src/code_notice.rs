//! What a user is told of a recovery code that was handed out before: whether it is active, and what to do.

use crate::connection::{Context, Native};
use crate::exit::{Exit, Failure};
use crate::time_text::date;
use rootcellar_client::client::Client;
use rootcellar_client::pending_code::{Ceremony, CodeNotice, CodeState};
use rootcellar_client::session::Session;
use std::path::Path;

const DISMISS: &str = "'rootcellar status --discard-unfinished' dismisses this message.";

impl Context<'_> {
    /// Finds out what became of a recovery code that this device recorded, and says so.
    pub(crate) async fn finish_code(&self, session: &mut Session<'_, Native>) -> Result<(), Failure> {
        match self.progress.during(session.finish_code()).await {
            Ok(Some(notice)) => self.tell_code(notice),
            Ok(None) => {}
            Err(error) if error.is_tampering() => return Err(error.into()),
            Err(error) => {
                let why = Failure::from(error).message;
                self.output.warn(
                    "recovery-code-waiting",
                    format!(
                        "It is not known yet whether the recovery code that you confirmed is active. Keep it and the old one. {why}"
                    ),
                );
            }
        }
        Ok(())
    }

    /// Sends a registration again whose response was lost. Returns whether the account was made.
    pub(crate) async fn finish_registration(&self, client: &mut Client<Native>) -> Result<bool, Failure> {
        match self.progress.during(client.finish_registration()).await? {
            Some(CodeNotice { state: CodeState::Active, .. }) => Ok(true),
            Some(notice) => {
                self.tell_code(notice);
                Ok(false)
            }
            None => Ok(false),
        }
    }

    /// Says it once in a command.
    pub(crate) fn tell_code(&self, notice: CodeNotice) {
        if self.code_told.replace(Some(notice)) == Some(notice) {
            return;
        }
        let text = text(notice);
        match notice.state {
            CodeState::Active => self.output.note("recovery-code-active", text),
            CodeState::Waiting => self.output.warn("recovery-code-waiting", text),
            _ => self.output.warn("recovery-code-inactive", format!("{text} {DISMISS}")),
        }
    }

    /// Whether this command has finished what an earlier one began for the same purpose.
    pub(crate) fn has_activated(&self, ceremony: Ceremony) -> bool {
        let told = self.code_told.get();
        told.is_some_and(|told| (told.ceremony, told.state) == (ceremony, CodeState::Active))
    }
}

/// What is said of a code, and what to do.
pub(crate) fn text(notice: CodeNotice) -> String {
    let day = date(notice.drawn_at);
    match (notice.ceremony, notice.state) {
        (Ceremony::Registration, CodeState::Active) => {
            format!(
                "Your registration of {day} is complete. The recovery code that you wrote down is active."
            )
        }
        (Ceremony::RecoveryCode, CodeState::Active) => format!(
            "The recovery code that you confirmed on {day} is active. The old one no longer works: destroy that paper."
        ),
        (Ceremony::Rekey, CodeState::Active) => format!(
            "The account has new keys, and the recovery code that you confirmed on {day} is active. The old one no longer works: \
             destroy that paper."
        ),
        (Ceremony::Registration, CodeState::Waiting) => format!(
            "It is not known yet whether your registration of {day} created an account. Keep the recovery code."
        ),
        (Ceremony::RecoveryCode, CodeState::Waiting) => format!(
            "The recovery code that you confirmed on {day} is not active yet. Keep it and the old one. 'rootcellar recovery-code \
             new' activates it."
        ),
        (Ceremony::Rekey, CodeState::Waiting) => format!(
            "The new keys and the recovery code that you confirmed on {day} are not active yet. Keep both recovery codes. \
             'rootcellar rekey' completes the change with your passphrase."
        ),
        (Ceremony::Registration, _) => format!(
            "No account was created on {day}. The recovery code that you were shown then opens nothing: destroy that paper, and run \
             'rootcellar register' again for a new one."
        ),
        (_, CodeState::Superseded) => format!(
            "The recovery code that you confirmed on {day} is not active: another one was set since, and only that one works. \
             Destroy the paper of {day}."
        ),
        (ceremony, CodeState::Unconfirmed) => format!(
            "The recovery code that you were shown on {day} is not active, because you did not confirm it. Your old code still \
             works. Destroy the new paper. '{}' gives you another code.",
            command(ceremony)
        ),
        (ceremony, CodeState::Refused) => format!(
            "The recovery code that you confirmed on {day} is not active, because the vault refused it. Your old code still works. \
             Destroy the new paper. '{}' gives you another code.",
            command(ceremony)
        ),
    }
}

fn command(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Registration => "rootcellar register",
        Ceremony::RecoveryCode => "rootcellar recovery-code new",
        Ceremony::Rekey => "rootcellar rekey",
    }
}

/// Why a command has no account to work with, and what a registration has left.
pub(crate) fn missing_account(folder: &Path, notice: Option<CodeNotice>) -> Failure {
    let none = format!("This device remembers no account (in {}).", folder.display());
    let failure = |message| Failure::new(Exit::Local, "no-account", message);
    match notice {
        Some(notice @ CodeNotice { ceremony: Ceremony::Registration, state: CodeState::Waiting, .. }) => {
            failure(format!("{none} {}", text(notice))).advise(
                "Run 'rootcellar register' again with the same account name and passphrase: it finds out, and completes the registration.",
            )
        }
        Some(notice) => failure(format!("{none} {}", text(notice))),
        None => failure(none).advise(
            "Begin with 'rootcellar register', 'rootcellar restore', 'rootcellar recover' or 'rootcellar devices pair'.",
        ),
    }
}
