//! The ways into an account: register, log in, recover, go in as an enrolled device; and the way out of it for good.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::secret::{account_name, passphrase, recovery_code, text};
use crate::session::{Bound, OpenClient};
use crate::values::{LoginOptions, Overview, Purpose, Registration};
use rootcellar_client::client::{self, Client, Login, Recovery};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::files::device_store::FolderSecretStoreError;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::session::Session;
use rootcellar_client::{ClientError, PairingProgress};

#[uniffi::export]
impl RootcellarClient {
    /// Makes an account with a recovery code from [`Self::generate_recovery_code`] that the user has confirmed, and verifies that
    /// both the passphrase and the code open it: about two seconds of key derivation. No session is open afterwards. The folder
    /// must remember no account.
    ///
    /// Cancelled, or ended with an error (`NotAuthentic` and `ForeignServerKey`, too), the account may have been made: the user
    /// keeps the paper, and the same call with the same code finds out. So does a login, and [`Self::finish_registration`] in an
    /// app that was ended meanwhile. After an error that says that nothing was made, the same code can be used again.
    #[uniffi::method(default(invite = None))]
    pub async fn register(
        &self,
        name: String,
        passphrase: Vec<u8>,
        recovery_code: Vec<u8>,
        invite: Option<Vec<u8>>,
    ) -> Result<Registration, RootcellarError> {
        // All are taken before one can be refused: what is refused is wiped, too.
        let (chosen, invite) = (self::passphrase(passphrase), invite.map(text).transpose());
        let code = self::recovery_code(recovery_code);
        let (name, chosen, invite, code) = (account_name(&name)?, chosen?, invite?, code?);
        self.worker
            .run(async move |held: &mut OpenClient| {
                held.may_register()?;
                let invite = invite.as_ref().map(|invite| invite.trim());
                let registered = held.client.register(name, &chosen, invite, &code).await?;
                Ok(Registration {
                    account_id: registered.local_state.account_id.to_string(),
                    passphrase_accepted_in_seconds: registered.passphrase_accepted_in,
                })
            })
            .await
    }

    /// Logs in by passphrase: two round trips and one key stretching. The newest backup is then open, and an unfinished save was
    /// finished where that was possible. The name is needed where the folder remembers none.
    ///
    /// A session that was open is closed before, whatever comes of it; cancelled, none is open. The try may have been counted against
    /// the name's budget. On an enrolled device the keystore is asked for its secrets, so that the history names the device; where it
    /// refuses, the login goes on without.
    #[uniffi::method(default(name = None, options = None))]
    pub async fn log_in(
        &self,
        passphrase: Vec<u8>,
        name: Option<String>,
        options: Option<LoginOptions>,
    ) -> Result<Overview, RootcellarError> {
        let chosen = self::passphrase(passphrase)?;
        let name = name.as_deref().map(account_name).transpose()?;
        let options = options.unwrap_or_default();
        self.worker
            .run(async move |held: &mut OpenClient| {
                let mut options: client::LoginOptions = options.into();
                options.snapshot = held.client.snapshot_to_open(options.snapshot)?;
                let login = Login::new(held.local_state(), name)?.with(options);
                // Where its secrets are at hand, the history tells which device it was.
                let own = if held.local_state().is_some() { held.secrets().ok().flatten() } else { None };
                let login = login.on_device(own.as_ref());
                held.leave();
                held.client.finish_registration().await?;
                held.enter(async |client| client.login(login.clone(), &chosen).await).await
            })
            .await
    }

    /// Goes in by the recovery code alone: one round trip, without name and passphrase. The newest backup is then open, and the
    /// next step is [`Self::set_passphrase`].
    ///
    /// A session that was open is closed before; cancelled, none is open.
    #[uniffi::method(default(options = None))]
    pub async fn recover(
        &self,
        recovery_code: Vec<u8>,
        options: Option<LoginOptions>,
    ) -> Result<Overview, RootcellarError> {
        let code = self::recovery_code(recovery_code)?;
        let options = options.unwrap_or_default();
        self.worker
            .run(async move |held: &mut OpenClient| {
                let recovery = Recovery::new(held.local_state()).with(options.into());
                held.leave();
                // The code may be that of a registration whose response was lost. What is not known yet keeps nobody from a recovery.
                match held.client.finish_registration().await {
                    Err(error) if error.is_tampering() => return Err(error.into()),
                    _ => {}
                }
                held.enter(async |client| client.recover(recovery.clone(), &code).await).await
            })
            .await
    }

    /// Goes in as this enrolled device, without the passphrase, for what its permission allows.
    ///
    /// A session that was open is closed before; cancelled, none is open.
    pub async fn enter_as_device(&self, purpose: Purpose) -> Result<Overview, RootcellarError> {
        self.worker
            .run(async move |held: &mut OpenClient| {
                let (local_state, secrets) = (held.known()?, held.secrets()?);
                let secrets = secrets.ok_or_else(|| {
                    RootcellarError::state(
                        "not-enrolled",
                        "this device is not enrolled: log in, and enrol it",
                    )
                })?;
                held.leave();
                held.enter(async |client| by_device(client, local_state.clone(), &secrets, purpose).await)
                    .await
            })
            .await
    }

    /// Deletes the account with all its backups, for good, and has the folder forget it. Returns when, by the vault's clock. The
    /// session is over.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may have been deleted: a login shows whether it was, and
    /// [`Self::forget_account`] has the folder forget it. Ended with `Incomplete`, it is deleted, and the folder remembers it still.
    pub async fn delete_account(&self) -> Result<u64, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                let time = held.session()?.delete_account().await?;
                held.forget().map_err(|why| {
                    let holds = "the account is deleted, but this device remembers it still: have it forget the account";
                    RootcellarError::incomplete("deleted-not-forgotten", holds, why)
                })?;
                Ok(time.0)
            })
            .await
    }

    /// Has this device forget the account, with an unfinished save and whatever it is enrolled by, as if it had never been here.
    /// The vault is not told, and may list the device still. For an account that is gone, and for a person who says so: without
    /// passphrase or recovery code nothing leads back. It works on damaged files, too.
    pub async fn forget_account(&self) -> Result<(), RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| held.forget()).await
    }
}

async fn by_device(
    client: &Client<Bound>,
    local_state: LocalState,
    secrets: &DeviceSecrets,
    purpose: Purpose,
) -> Result<Session<Bound>, ClientError> {
    match purpose {
        Purpose::View => client.device_session(local_state, secrets).await,
        Purpose::Manage => client.manage_on_device(local_state, secrets).await,
        Purpose::Save => client.resume_device(local_state, secrets).await,
        Purpose::Restore => client.restore_on_device(local_state, secrets).await,
    }
}

impl OpenClient {
    /// Forgets the account, and goes on after what fails.
    fn forget(&mut self) -> Result<(), RootcellarError> {
        self.session = None;
        self.pairing = PairingProgress::default();
        self.code = None;
        let secrets = match self.store().remove() {
            // Nothing names the item any more, and it opens nothing.
            Err(FolderSecretStoreError::NotForgotten(_)) => Ok(()),
            removed => removed,
        };
        self.client.state_store().forget()?;
        Ok(secrets?)
    }
}
