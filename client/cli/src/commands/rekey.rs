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

const EXPLAINED: &str = "\
This gives the account new keys: the newest backup is sealed anew under them, older backups are dropped, a new recovery code takes
the place of the old one, and every other device has to be enrolled again. The passphrase stays.
Who had the old keys may have read what was backed up until now: move what those seeds control to new ones.
";

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
    context.output.result(&result, &text(&result))
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
    context
        .output
        .result(&result, "The earlier change of keys is complete. Run the command again for another.\n")
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
    let mut terminal = terminal("Confirmation", "--yes")?;
    terminal.print(EXPLAINED)?;
    let answer = terminal.ask("Type 'rekey' to go on: ")?;
    if answer.eq_ignore_ascii_case("rekey") { Ok(()) } else { Err(Failure::cancelled()) }
}

/// Says which entries are dropped with the backups after the one that is continued, and asks.
async fn confirm_dropping(
    context: &Context<'_>,
    session: &mut Session<Native>,
    (number, yes): (u64, bool),
) -> Result<(), Failure> {
    let dropped = match context.progress.during(session.dropped_entries()).await {
        Ok(dropped) if dropped.is_empty() => {
            format!("Backup {number} becomes the newest. No entry of the backups after it is lost.\n")
        }
        Ok(dropped) => {
            let lines: String = dropped.iter().map(|item| ItemView::of(item).line()).collect();
            format!(
                "Backup {number} becomes the newest. These entries were added or changed after it and are lost:\n{}{lines}",
                ItemView::HEADINGS
            )
        }
        Err(error) => format!(
            "Backup {number} becomes the newest. What was added or changed after it is lost. It cannot be listed: {}\n",
            Failure::from(error).message
        ),
    };
    if yes {
        context.output.warn("backups-dropped", dropped.trim_end());
        return Ok(());
    }
    let mut terminal = terminal("Confirmation", "--yes")?;
    terminal.print(&dropped)?;
    terminal.print("To keep what is lost, cancel, and restore it first.\n")?;
    let answer = terminal.ask(&format!("Type '{number}' to continue with that backup: "))?;
    if answer == number.to_string() { Ok(()) } else { Err(Failure::cancelled()) }
}

fn text(rekeyed: &Rekeyed) -> String {
    let mut text = String::from(
        "The account has new keys. The new recovery code is active; the old one no longer works.\n",
    );
    if let Some(file) = &rekeyed.recovery_code_output {
        text.push_str(&format!("The new code is in {file}: copy it to paper and delete the file.\n"));
    }
    if let Some(enrolled) = &rekeyed.enrolled {
        text.push_str(&enrolled.text());
    }
    if !rekeyed.unenrolled.is_empty() {
        text.push_str(
            "These devices are not enrolled any more; 'rootcellar login --enrol' or 'rootcellar devices pair' on each brings it back:\n",
        );
        text.push_str(DeviceView::HEADINGS);
        rekeyed.unenrolled.iter().for_each(|view| text.push_str(&view.row()));
    }
    text.push_str(
        "Seeds that somebody may have seen are not safe again by this: move what they control to new ones.\n",
    );
    text
}
