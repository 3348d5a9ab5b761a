//! What a user is told of a recovery code that was handed out before: whether it is active, and what to do.

use crate::args::Status;
use crate::connection::{Context, Native};
use crate::exit::{Exit, Failure};
use crate::home::Home;
use crate::text;
use crate::time_text::date;
use rootcellar_client::client::{Client, VaultUrl};
use rootcellar_client::pending_code::{Ceremony, CodeNotice, CodeState, PendingCode};
use rootcellar_client::session::Session;
use rootcellar_client::{ClientError, Outcome};
use std::path::Path;

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
                self.output.warn("recovery-code-waiting", text::code_notice::Unknown { why });
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
            Some(CodeNotice { ceremony: Ceremony::Registration, generated_at, .. }) => self
                .output
                .note("recovery-code-inactive", text::code_notice::NotMadeBefore { day: date(generated_at) }),
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
        let said = said(notice);
        match notice.state {
            CodeState::Active => self.output.note("recovery-code-active", said),
            CodeState::Waiting => self.output.warn("recovery-code-waiting", said),
            _ => self.output.warn("recovery-code-inactive", format!("{said} {}", text::code_notice::DISMISS)),
        }
    }

    /// Says it of a registration at another vault than this command's.
    fn tell_elsewhere(&self, notice: CodeNotice, vault: &VaultUrl) {
        if self.code_told.replace(Some(notice)) != Some(notice) {
            self.output.warn("recovery-code-waiting", format!("{} {}", said(notice), find_out_at(vault)));
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
                text::code_notice::KEPT_UNKNOWN,
            )
            .advise(text::code_notice::KEPT_UNKNOWN_ADVICE));
        }
        session.discard_code().await?;
        self.output.note("recovery-code-discarded", discarded(notice));
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
            CodeState::Waiting if status.discard_code => discarded(notice),
            CodeState::Waiting => return Ok(None),
            _ if status.discard_pending_save => format!("{} {}", said(notice), text::code_notice::DISMISSED),
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
pub(crate) fn said(notice: CodeNotice) -> String {
    use text::code_notice as say;
    let day = date(notice.generated_at);
    match (notice.ceremony, notice.state) {
        (Ceremony::Registration, CodeState::Active) => say::Made { day }.into(),
        (Ceremony::RecoveryCode, CodeState::Active) => say::Active { day }.into(),
        (Ceremony::Rekey, CodeState::Active) => say::ActiveRekey { day }.into(),
        (Ceremony::Registration, CodeState::Waiting) => say::MaybeMade { day }.into(),
        (Ceremony::RecoveryCode, CodeState::Waiting) => say::Waiting { day }.into(),
        (Ceremony::Rekey, CodeState::Waiting) => say::WaitingRekey { day }.into(),
        (Ceremony::Registration, _) => say::NotMade { day }.into(),
        (_, CodeState::Superseded) => say::Superseded { day }.into(),
        (ceremony, CodeState::Unconfirmed) => say::Unconfirmed { day, command: command(ceremony) }.into(),
        (ceremony, CodeState::Refused) => say::Refused { day, command: command(ceremony) }.into(),
    }
}

/// How a user finds out what became of a registration at another vault.
pub(crate) fn find_out_at(vault: &VaultUrl) -> String {
    text::code_notice::Elsewhere { vault }.into()
}

fn command(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Registration => "rootcellar register",
        Ceremony::RecoveryCode => "rootcellar recovery-code new",
        Ceremony::Rekey => "rootcellar rekey",
    }
}

/// What it means for its paper that a code was discarded.
fn discarded(notice: CodeNotice) -> String {
    let day = date(notice.generated_at);
    match notice.ceremony {
        Ceremony::Registration => text::code_notice::DiscardedFirst { day }.into(),
        _ => text::code_notice::Discarded { day }.into(),
    }
}

/// Why a command has no account to work with, and what a registration has left.
pub(crate) fn missing_account(folder: &Path, record: Option<&PendingCode>) -> Failure {
    let none = text::account::Missing { folder: folder.display() };
    let failure = |message: String| Failure::new(Exit::Local, "no-account", message);
    match record.map(|record| (record.notice(), &record.vault)) {
        Some((notice @ CodeNotice { state: CodeState::Waiting, .. }, vault)) => {
            failure(format!("{none} {}", said(notice))).advise(text::code_notice::CompleteAt { vault })
        }
        Some((notice, _)) => failure(format!("{none} {}", said(notice))).advise(text::code_notice::DISMISS),
        None => failure(none.into()).advise(text::account::MISSING_ADVICE),
    }
}
