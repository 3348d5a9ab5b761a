//! Enrolling this device, whose secrets the chosen keeper keeps.

use crate::args::Enrolling;
use crate::connection::{Context, Native};
use crate::device_store::{Chosen, SecretStoreKind, check, choose};
use crate::exit::Failure;
use crate::text;
use rootcellar_client::ClientError;
use rootcellar_client::client::Client;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::randomness::SystemRandomness;
use rootcellar_client::session::Session;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::text::Passphrase;
use rootcellar_spec::wire::login::Permission;
use serde::Serialize;

/// What was asked for, with a keeper that works.
pub(crate) struct Plan {
    chosen: Chosen,
    permission: Permission,
}

/// What came of it, as `--json` prints it.
#[derive(Serialize)]
pub(crate) struct Enrolled {
    permission: &'static str,
    device_secrets: SecretStoreKind,
}

impl Plan {
    /// Refuses what can be refused before a passphrase is asked for.
    pub(crate) fn check(context: &Context<'_>, enrolling: &Enrolling) -> Result<(), Failure> {
        if enrolling.enrol { check(context, enrolling.device_secrets) } else { Ok(()) }
    }

    /// Chooses the keeper, before anything is asked of the vault; `None` where no enrolment was asked for. `account` is the
    /// account's passphrase, where it is at hand: the device's own is another.
    pub(crate) fn prepare(
        context: &Context<'_>,
        enrolling: &Enrolling,
        account: Option<&Passphrase>,
    ) -> Result<Option<Self>, Failure> {
        if !enrolling.enrol {
            return Ok(None);
        }
        let chosen = choose(context, enrolling.device_secrets, account)?;
        Ok(Some(Self { chosen, permission: enrolling.permission.into() }))
    }

    /// Enrols the device of this session.
    pub(crate) async fn carry_out(
        self,
        context: &Context<'_>,
        session: &mut Session<Native>,
    ) -> Result<Enrolled, Failure> {
        let secrets = DeviceSecrets::generate(&mut SystemRandomness);
        let device_secrets = self.chosen.kind();
        session.client().secret_store().choose(self.chosen);
        context.progress.during(session.enrol(&secrets, self.permission)).await?;
        Ok(Enrolled::new(self.permission, device_secrets))
    }
}

impl Enrolled {
    /// What came of an enrolment with this permission and keeper.
    pub(crate) fn new(permission: Permission, device_secrets: SecretStoreKind) -> Self {
        Self { permission: permission.as_str(), device_secrets }
    }

    /// A few words for a table.
    pub(crate) fn short(&self) -> String {
        let permission = self.permission;
        match self.device_secrets {
            SecretStoreKind::Keyring => text::enrolled::ShortKeyring { permission }.into(),
            SecretStoreKind::Encrypted => text::enrolled::ShortEncryptedFile { permission }.into(),
            SecretStoreKind::Plain => text::enrolled::ShortPlainFile { permission }.into(),
        }
    }

    /// For a person.
    pub(crate) fn text(&self) -> String {
        let may = match self.permission {
            "view" => text::enrolled::VIEW,
            "backup" => text::enrolled::BACKUP,
            "restore" => text::enrolled::RESTORE,
            _ => text::enrolled::MANAGE,
        };
        let place = match self.device_secrets {
            SecretStoreKind::Keyring => text::enrolled::IN_KEYRING,
            SecretStoreKind::Encrypted => text::enrolled::IN_ENCRYPTED_FILE,
            SecretStoreKind::Plain => text::enrolled::IN_PLAIN_FILE,
        };
        format!("{may} {place}\n")
    }
}

/// Forgets that this device is enrolled: its secrets and what it kept beside them.
pub(crate) async fn forget(client: &Client<Native>) -> Result<(), Failure> {
    client.secret_store().remove()?;
    client.state_store().keep_enrolment(None).await.map_err(|error| ClientError::from(error).into())
}
