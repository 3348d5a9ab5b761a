//! Changing the account's keys: everything that it holds is sealed anew, and what opened it before opens it no more
//! (protocol.md sections 15.6 and 17).

mod renewed;

use super::Session;
use crate::client::opened::Devices;
use crate::client::{Platform, Recovery};
use crate::device::DeviceSecrets;
use crate::error::ClientError;
use crate::inventory::Item;
use crate::local_state::LocalState;
use crate::pending_code::Ceremony;
use crate::recovery_code::RecoveryCode;
use crate::state_store::StateStore;
use crate::transport::Request;
use renewed::Renewed;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::devices::RekeyResponse;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, ProblemCode};

/// How often everything is sealed anew because another device saved meanwhile.
const CONFLICT_TRIES: u32 = 5;

impl<P: Platform> Session<P> {
    /// Draws a new account key and encrypts everything again under it: entries, inventory, keyslots and device list, with a new
    /// recovery code ([`Self::generate_recovery_code`]), which its user has confirmed. Ends every session, this one too, drops every
    /// older backup and every enrolled device; this one is enrolled again with `own_device`, whose new secrets the secret store keeps
    /// before. Then recovers with the new code, and compares.
    ///
    /// # Errors
    /// [`ClientError::NotByPassphrase`] where the passphrase did not open the session; [`ClientError::EntryUnreadable`] where
    /// an entry does not open, which has to be removed first; [`ClientError::DevicesRefused`], [`ClientError::OlderBackup`], [`ClientError::PendingSave`], [`ClientError::CodeWaiting`].
    /// [`ClientError::RekeyUnconfirmed`] if it is not known which keys and which recovery code are valid: [`Self::finish_code`] of
    /// a later session by passphrase finds out. [`ClientError::NotCommitted`] if the new ones are valid, and this device could not keep
    /// all of it. After any other error the former are valid, and the session continues: [`Self::is_over`].
    pub async fn rekey(
        &mut self,
        code: &RecoveryCode,
        own_device: Option<(&DeviceSecrets, Permission)>,
    ) -> Result<LocalState, ClientError> {
        self.may_rekey()?;
        if self.client.recorded(Ceremony::Rekey, Digest::of(&code.locator()))?.is_some() {
            return Err(ClientError::CodeWaiting { elsewhere: None });
        }
        let Some((secrets, _)) = own_device else { return self.change_keys(code, None).await };
        self.client.stage(self.opened.account, secrets).await?;
        match self.change_keys(code, own_device).await {
            Err(error) => Err(self.client.abandon_after(error, secrets.id()).await),
            changed => changed,
        }
    }

    async fn change_keys(
        &mut self,
        code: &RecoveryCode,
        own_device: Option<(&DeviceSecrets, Permission)>,
    ) -> Result<LocalState, ClientError> {
        match self.send_renewed(code, own_device).await {
            Ok((renewed, sent)) => self.prove(code, &renewed, sent).await,
            Err(error) => Err(self.client.unconfirm_code(error).await),
        }
    }

    /// Refuses what [`Self::rekey`] would refuse before any request, for a program that keeps the session then.
    ///
    /// # Errors
    /// As for [`Self::rekey`]; nothing was done.
    pub fn may_rekey(&self) -> Result<(), ClientError> {
        self.owner(Permission::Manage)?;
        if !self.is_by_passphrase() {
            return Err(ClientError::NotByPassphrase);
        }
        if self.opened.is_older && self.opened.replaced_head.is_none() {
            return Err(ClientError::OlderBackup);
        }
        if self.client.state_store().load()?.is_some() {
            return Err(ClientError::PendingSave);
        }
        match self.opened.devices {
            Devices::Refused(fault) => Err(ClientError::DevicesRefused(fault)),
            _ => Ok(()),
        }
    }

    /// The entries of the newest backup that the older one of this session does not hold alike: what a re-key that continues the older
    /// one drops ([`Self::replace_head`]).
    ///
    /// # Errors
    /// Where the newest backup does not open, or the vault does not give it.
    pub async fn dropped_entries(&mut self) -> Result<Vec<Item>, ClientError> {
        let response = self.exchange(Request::get(paths::HEAD)).await?;
        let (answer, bytes) = response.two_parts::<SnapshotResponse>()?;
        let Some(newest) = self.reader().newest(answer.head, bytes)? else { return Ok(Vec::new()) };
        let is_kept =
            |item: &Item| self.items().iter().any(|kept| (kept.id, kept.digest) == (item.id, item.digest));
        Ok(newest.snapshot.inventory.items.into_iter().filter(|item| !is_kept(item)).collect())
    }

    /// Encrypts everything again, records the request and sends it; again if another device saved meanwhile. An error says that the
    /// vault did nothing.
    async fn send_renewed(
        &mut self,
        code: &RecoveryCode,
        own_device: Option<(&DeviceSecrets, Permission)>,
    ) -> Result<(Renewed, Result<(), ClientError>), ClientError> {
        let mut tries = 1;
        let replaces = self.code_to_replace(Ceremony::Rekey).await?;
        loop {
            let renewed = self.renew(code, own_device, replaces)?;
            let account = self.opened.account;
            let request = self.client.confirm_code(Ceremony::Rekey, account, renewed.to_record(code)).await?;
            let sent = self.exchange_last(request).await;
            match sent.and_then(|response| response.json::<RekeyResponse>().map(drop)) {
                // Another device saved meanwhile, so nothing was done.
                Err(ClientError::Refused(refusal))
                    if refusal.code == ProblemCode::HeadMoved
                        && !refusal.after_unknown
                        && tries < CONFLICT_TRIES =>
                {
                    match self.opened.replaced_head {
                        Some(_) => self.replace_head().await?,
                        None => self.refresh().await?,
                    }
                    tries += 1;
                }
                Err(error) if error.did_nothing() => return Err(error),
                sent => return Ok((renewed, sent)),
            }
        }
    }

    /// Recovers with the new code, whether or not the vault's answer came: where that leads to the new key and to what was
    /// sent, the keys were changed.
    async fn prove(
        &mut self,
        code: &RecoveryCode,
        renewed: &Renewed,
        sent: Result<(), ClientError>,
    ) -> Result<LocalState, ClientError> {
        let Self { client, opened } = self;
        let unclear = |error| ClientError::RekeyUnconfirmed(Box::new(error));
        if sent.is_ok() {
            // What this device kept opens nothing any more. If this fails, what is kept after the proof takes its place.
            let _ = client.state_store().keep_enrolment(None).await;
        }
        let local_state = renewed.remembered(opened.local_state.clone());
        let recovery = Recovery::remembered(local_state);
        let proven = client.recover_to(recovery, code, opened.account, &renewed.keys).await;
        let mut session = proven.map_err(|error| unclear(sent.err().unwrap_or(error)))?;
        session.settle_rekey(renewed.enrolment.clone(), renewed.secrets).await?;
        Ok(session.opened.local_state)
    }
}
