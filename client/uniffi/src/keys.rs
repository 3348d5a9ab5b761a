//! Changes of who gets in: passphrase, recovery code, keys. Each ends the open session where it is done, or may
//! have been: after any other failure the session goes on.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::secret::{account_name, passphrase, recovery_code};
use crate::session::OpenClient;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::{ClientError, SystemRandomness};

#[uniffi::export]
impl RootcellarClient {
    /// Sets a new passphrase, which ends this session and all others: two round trips and up to two key stretchings. The name is
    /// needed where no name leads to the account. Needs a session that may manage, by passphrase, code or device.
    ///
    /// Cancelled, or ended with `Unconfirmed`, either passphrase may hold: log in with the new one, and if that fails the old.
    #[uniffi::method(default(name = None))]
    pub async fn set_passphrase(
        &self,
        passphrase: Vec<u8>,
        name: Option<String>,
    ) -> Result<(), RootcellarError> {
        let new = self::passphrase(passphrase)?;
        let name = name.as_deref().map(account_name).transpose()?;
        self.worker
            .run(async move |held: &mut OpenClient| {
                let vault = held.client.vault().authority();
                let name_text = name.as_ref().map(|name| name.expose());
                let hints: Vec<_> = name_text.into_iter().chain([vault.as_str(), "rootcellar"]).collect();
                new.check_strength(&hints)?;
                held.session()?.set_passphrase(&new, name.as_ref()).await?;
                Ok(())
            })
            .await
    }

    /// Activates a recovery code from [`Self::generate_recovery_code`] that the user has confirmed. It revokes the former at once, and
    /// ends this session: three round trips. Needs a session that may manage.
    ///
    /// Cancelled, or ended with `Unconfirmed`, either code may be valid: the user keeps both, and the next login finds out.
    /// After any other error the former is valid.
    pub async fn set_recovery_code(&self, recovery_code: Vec<u8>) -> Result<(), RootcellarError> {
        let code = self::recovery_code(recovery_code)?;
        self.worker
            .run(async move |held: &mut OpenClient| {
                held.session()?.new_recovery_code(&code).await?;
                Ok(())
            })
            .await
    }

    /// Gives the account new keys, after somebody may have had the old: seals everything anew, drops older backups and every
    /// device but this one, and activates a recovery code from [`Self::generate_recovery_code`] that the user has confirmed. Needs a
    /// session by passphrase; it is over.
    ///
    /// A session in which an older backup is open needs [`Self::continue_from`] before.
    ///
    /// Cancelled, or ended with `Unconfirmed`, either keys may be valid: the user keeps both codes, and the next login by passphrase
    /// completes the change. Ended with `Incomplete`, the new ones are valid. After any other error nothing was changed.
    pub async fn rekey(&self, recovery_code: Vec<u8>) -> Result<(), RootcellarError> {
        let code = self::recovery_code(recovery_code)?;
        self.worker
            .run(async move |held: &mut OpenClient| {
                held.session()?.may_rekey()?;
                let account = held.session()?.account_id();
                let enrolment = held.state_store().enrolment().map_err(ClientError::from)?;
                let own = enrolment.filter(|own| own.device == held.device && own.account_id == account);
                let Some(permission) = own.map(|own| own.permission) else {
                    held.session()?.rekey(&code, None).await?;
                    return Ok(());
                };
                held.choose()?;
                let secrets = DeviceSecrets::generate(&mut SystemRandomness);
                held.session()?.rekey(&code, Some((&secrets, permission))).await?;
                Ok(())
            })
            .await
    }

    /// Has the next [`Self::rekey`] continue the older backup of this number instead of the newest, which was refused or is a
    /// thief's: one round trip. That backup must be open ([`backup`](crate::LoginOptions::backup)); it becomes the newest. What was
    /// saved after it is lost and the other backups are removed, so tell the user first.
    ///
    /// Call it before [`Self::generate_recovery_code`], and again after another login. It changes nothing by itself.
    pub async fn continue_from(&self, backup: u64) -> Result<(), RootcellarError> {
        self.worker
            .run(async move |held: &mut OpenClient| {
                let session = held.session()?;
                if session.head().map(|head| head.number.0) != Some(backup) {
                    return Err(RootcellarError::state(
                        "older-backup",
                        "the backup to continue is not open: log in with its number first",
                    ));
                }
                Ok(session.replace_head().await?)
            })
            .await
    }
}
