//! `rekey`: new keys for the account, after somebody may have had the old ones.

use super::devices::views;
use crate::access::{Intent, Returning};
use crate::args::Rekey;
use crate::connection::{Context, Native};
use crate::device_store::{Chosen, SecretStoreKind};
use crate::device_view::DeviceView;
use crate::enrolling::Enrolled;
use crate::entry_view::ItemView;
use crate::exit::Failure;
use crate::new_recovery_code::Destination;
use crate::secret_input::terminal;
use crate::text;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::device_file::Owner;
use rootcellar_client::pending_code::Ceremony;
use rootcellar_client::randomness::SystemRandomness;
use rootcellar_client::session::Session;
use rootcellar_spec::wire::login::Permission;
use serde::Serialize;

#[derive(Serialize)]
struct Rekeyed {
    account_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code_output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<Enrolled>,
    unenrolled: Vec<DeviceView>,
}

/// This device, to be enrolled again under the new keys.
struct Reenrolment {
    secrets: DeviceSecrets,
    permission: Permission,
    kind: SecretStoreKind,
}

pub(super) async fn run(context: &Context<'_>, rekey: &Rekey) -> Result<(), Failure> {
    let returning = Returning::accepting(context, &rekey.login)?.opening(rekey.backup);
    let ceremony = Ceremony::Rekey;
    let destination = Destination::prepare(ceremony, rekey.recovery_code_output.as_deref(), rekey.yes)?;
    if !rekey.yes {
        confirm()?;
    }
    let reenrolment = returning.again(context)?;
    let (reenrolment, chosen) = reenrolment.unzip();
    let owner = returning.owner();
    let ready = returning.ready(context, Intent::ManageByPassphrase).await?;
    let mut session = ready.sign_in(context, Intent::ManageByPassphrase).await?;
    let unenrolled: Vec<_> =
        views(context, &mut session).await?.into_iter().filter(|view| !view.is_this()).collect();
    if context.has_activated(ceremony) {
        return completed(context, owner, reenrolment.as_ref(), unenrolled);
    }
    if let Some(number) = rekey.backup {
        confirm_dropping(context, &mut session, (number, rekey.yes)).await?;
        context.progress.during(session.replace_head()).await?;
    }
    let code = session.generate_recovery_code(ceremony).await?;
    let handed = destination.hand_over(context, session.client(), code).await?;
    let device = reenrolment.as_ref().map(|reenrolment| (&reenrolment.secrets, reenrolment.permission));
    if let Some(chosen) = chosen {
        session.client().secret_store().choose(chosen);
    }
    if let Err(error) = context.progress.during(session.rekey(handed.code(), device)).await {
        return Err(handed.after(session.client(), error.outcome(), error.into()).await);
    }
    let result = Rekeyed {
        account_id: owner.account.to_string(),
        recovery_code_output: handed.file(),
        enrolled: reenrolment.as_ref().map(Reenrolment::enrolled),
        unenrolled,
    };
    context.output.result(&result, &shown(&result))
}

/// An earlier command had begun it, and this one's login completed it.
fn completed(
    context: &Context<'_>,
    owner: Owner,
    reenrolment: Option<&Reenrolment>,
    unenrolled: Vec<DeviceView>,
) -> Result<(), Failure> {
    let result = Rekeyed {
        account_id: owner.account.to_string(),
        recovery_code_output: None,
        enrolled: reenrolment.map(Reenrolment::enrolled),
        unenrolled,
    };
    context.output.result(&result, &text::line(text::rekey::DONE_EARLIER))
}

impl Reenrolment {
    fn enrolled(&self) -> Enrolled {
        Enrolled::new(self.permission, self.kind)
    }
}

impl Returning {
    /// What is needed to enrol this device again, where it is enrolled; its keeper stays.
    fn again(&self, context: &Context<'_>) -> Result<Option<(Reenrolment, Chosen)>, Failure> {
        let Some((permission, kind)) = self.enrolled()? else { return Ok(None) };
        let chosen = match kind {
            SecretStoreKind::Keyring => Chosen::Keyring,
            SecretStoreKind::Plain => Chosen::Plain,
            SecretStoreKind::Encrypted => Chosen::Encrypted(self.own_passphrase(context)?),
        };
        let secrets = DeviceSecrets::generate(&mut SystemRandomness);
        Ok(Some((Reenrolment { secrets, permission, kind }, chosen)))
    }
}

fn confirm() -> Result<(), Failure> {
    let word = text::typed::REKEY;
    let mut terminal = terminal(text::what::CONFIRMATION, "--yes")?;
    terminal.say(text::rekey::EXPLAIN)?;
    let prompt = text::confirm::Rekey { word }.to_string();
    if terminal.is_confirmed(&prompt, word)? { Ok(()) } else { Err(Failure::cancelled()) }
}

/// Says which entries are dropped with the backups after the one that is continued, and asks.
async fn confirm_dropping(
    context: &Context<'_>,
    session: &mut Session<Native>,
    (number, yes): (u64, bool),
) -> Result<(), Failure> {
    let n = number;
    let dropped = match context.progress.during(session.dropped_entries()).await {
        Ok(dropped) if dropped.is_empty() => text::rekey::BecomesLatest { n }.into(),
        Ok(dropped) => {
            let lines: Vec<_> = dropped.iter().map(|item| ItemView::of(item).line()).collect();
            format!("{}\n{}\n{}", text::rekey::Loses { n }, ItemView::HEADINGS, lines.concat().trim_end())
        }
        Err(error) => text::rekey::LosesUnknown { n, why: Failure::from(error).message }.into(),
    };
    if yes {
        context.output.warn("backups-dropped", dropped);
        return Ok(());
    }
    let mut terminal = terminal(text::what::CONFIRMATION, "--yes")?;
    terminal.say(dropped)?;
    terminal.say(text::rekey::KEEP_HINT)?;
    let prompt = text::confirm::RekeyFrom { number }.to_string();
    if terminal.is_confirmed(&prompt, &number.to_string())? { Ok(()) } else { Err(Failure::cancelled()) }
}

fn shown(rekeyed: &Rekeyed) -> String {
    let mut shown = text::line(text::rekey::DONE);
    if let Some(file) = &rekeyed.recovery_code_output {
        shown.push_str(&text::line(text::code::CopyFile { file }));
    }
    if let Some(enrolled) = &rekeyed.enrolled {
        shown.push_str(&enrolled.text());
    }
    if !rekeyed.unenrolled.is_empty() {
        shown.push_str(&text::line(text::rekey::UNENROLLED));
        shown.push_str(&text::line(DeviceView::HEADINGS));
        rekeyed.unenrolled.iter().for_each(|view| shown.push_str(&view.row()));
    }
    shown.push_str(&text::line(text::rekey::SEEN_SEEDS));
    shown
}
