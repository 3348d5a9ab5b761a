//! What a user is told of a recovery code that was handed out before: whether it is active, and what to do.

use crate::args::Status;
use crate::connection::{Context, Native};
use crate::exit::{Exit, Failure};
use crate::home::Home;
use crate::time_text::date;
use rootcellar_client::client::{Client, VaultUrl};
use rootcellar_client::pending_code::{Ceremony, CodeNotice, CodeState, PendingCode};
use rootcellar_client::session::Session;
use rootcellar_client::{ClientError, Outcome};
use std::path::Path;

const DISMISS: &str = "'rootcellar status --discard-pending-save' dismisses this message.";

impl Context<'_> {
    /// Says what became of a recovery code that this device recorded, and why no more is known.
    pub(crate) fn tell_arrival(
        &self,
        client: &Client<Native>,
        notice: CodeNotice,
        error: Option<ClientError>,
    ) -> Result<(), Failure> {
        match error {
            None => match client.registration_elsewhere()? {
                Some(vault) => self.tell_elsewhere(notice, &vault),
                None => self.tell_code(notice),
            },
            Some(error) if error.outcome() == Outcome::Done => {
                self.tell_code(notice);
                let failure = Failure::from(error);
                self.output.warn(failure.code, failure.lines().trim_end());
            }
            Some(error) => {
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

    /// Sends a registration again whose response was lost, to the vault of that registration only. Returns whether the account was
    /// made.
    pub(crate) async fn finish_registration(&self, client: &Client<Native>) -> Result<bool, Failure> {
        let elsewhere = client.registration_elsewhere()?;
        if let (Some(vault), Some(notice)) = (elsewhere, client.code_notice()?) {
            self.tell_elsewhere(notice, &vault);
            return Ok(false);
        }
        match self.progress.during(client.finish_registration()).await? {
            Some(CodeNotice { state: CodeState::Active, .. }) => Ok(true),
            Some(notice) => {
                self.tell_code(notice);
                Ok(false)
            }
            None => Ok(false),
        }
    }

    /// As [`Self::finish_registration`], for the command that registers: it hands out another code itself.
    pub(crate) async fn finish_former_registration(&self, client: &Client<Native>) -> Result<bool, Failure> {
        let former = self.progress.during(client.finish_registration()).await?;
        match former {
            Some(CodeNotice { state: CodeState::Active, .. }) => return Ok(true),
            Some(CodeNotice { ceremony: Ceremony::Registration, generated_at, .. }) => self.output.note(
                "recovery-code-inactive",
                format!(
                    "The registration that you began on {} created no account, and the recovery code that you were shown then opens \
                     nothing: destroy that paper. This registration gives you another code.",
                    date(generated_at)
                ),
            ),
            Some(notice) => self.tell_code(notice),
            None => {}
        }
        Ok(false)
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

    /// Says it of a registration at another vault than this command's.
    fn tell_elsewhere(&self, notice: CodeNotice, vault: &VaultUrl) {
        if self.code_told.replace(Some(notice)) != Some(notice) {
            self.output.warn("recovery-code-waiting", format!("{} {}", text(notice), find_out_at(vault)));
        }
    }

    /// Gives up a confirmed code that is known not to be active, or may belong to a registration. What is not known is kept: the old
    /// code may be revoked already.
    pub(crate) async fn discard_code(&self, session: &mut Session<Native>) -> Result<(), Failure> {
        let Some(notice) = session.code_notice()?.filter(|notice| notice.state == CodeState::Waiting) else {
            return Ok(());
        };
        if self.code_told.get() != Some(notice) {
            return Err(Failure::new(
                Exit::Uncertain,
                "recovery-code-waiting",
                "It is not known whether the recovery code is active, so it is not given up. Keep it and the old one.",
            )
            .advise("Run the command again when the vault answers."));
        }
        session.discard_code().await?;
        self.output.note("recovery-code-discarded", given_up(notice));
        Ok(())
    }

    /// Forgets what a registration has left in a folder without an account. Returns what is said of it; `None` if nothing is left that
    /// the options speak of.
    pub(crate) fn forget_registration(
        &self,
        home: &Home,
        status: &Status,
    ) -> Result<Option<String>, Failure> {
        let Some(record) = home.pending_code()?.filter(|_| home.remembered().is_none()) else {
            return Ok(None);
        };
        let notice = record.notice();
        let said = match notice.state {
            CodeState::Waiting if status.discard_code => given_up(notice),
            CodeState::Waiting => return Ok(None),
            _ if status.discard_pending_save => format!("{} This message is dismissed.", text(notice)),
            _ => return Ok(None),
        };
        home.forget_code()?;
        Ok(Some(said))
    }

    /// Whether this command has finished what an earlier one began for the same purpose.
    pub(crate) fn has_activated(&self, ceremony: Ceremony) -> bool {
        let told = self.code_told.get();
        told.is_some_and(|told| (told.ceremony, told.state) == (ceremony, CodeState::Active))
    }
}

/// What is said of a code, and what to do.
pub(crate) fn text(notice: CodeNotice) -> String {
    let day = date(notice.generated_at);
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

/// How a user finds out what became of a registration at another vault.
pub(crate) fn find_out_at(vault: &VaultUrl) -> String {
    format!(
        "It was at {vault}, and nothing of it is sent to another vault. 'rootcellar register --vault {vault}' with the same account \
         name and passphrase finds out."
    )
}

fn command(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Registration => "rootcellar register",
        Ceremony::RecoveryCode => "rootcellar recovery-code new",
        Ceremony::Rekey => "rootcellar rekey",
    }
}

/// What a code that was given up means for its paper.
fn given_up(notice: CodeNotice) -> String {
    let day = date(notice.generated_at);
    match notice.ceremony {
        Ceremony::Registration => format!(
            "Your registration of {day} is given up. If it created an account after all, the recovery code still opens it: keep the \
             paper unless you do not need that account."
        ),
        _ => format!(
            "The recovery code of {day} is given up. Your old code works, unless a request for the new one is still on its way. Keep \
             both papers until '{}' has given you another code.",
            command(Ceremony::RecoveryCode)
        ),
    }
}

/// Why a command has no account to work with, and what a registration has left.
pub(crate) fn missing_account(folder: &Path, record: Option<&PendingCode>) -> Failure {
    let none = format!("This device remembers no account (in {}).", folder.display());
    let failure = |message| Failure::new(Exit::Local, "no-account", message);
    match record.map(|record| (record.notice(), &record.vault)) {
        Some((notice @ CodeNotice { state: CodeState::Waiting, .. }, vault)) => {
            failure(format!("{none} {}", text(notice))).advise(format!(
                "Run 'rootcellar register --vault {vault}' again with the same account name and passphrase: it finds out, and completes \
                 the registration."
            ))
        }
        Some((notice, _)) => failure(format!("{none} {}", text(notice))).advise(DISMISS),
        None => failure(none).advise(
            "Begin with 'rootcellar register', 'rootcellar restore', 'rootcellar recover' or 'rootcellar devices pair'.",
        ),
    }
}
