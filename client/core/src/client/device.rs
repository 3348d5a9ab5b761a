//! Sessions of an enrolled device, which need no login (protocol.md section 15.7).

use super::authorisation::Authorisation;
use super::login_options::{LoginOptions, SnapshotChoice};
use super::open_account::{KeyslotKey, Known, Reader, check_continuity};
use super::opened::{Devices, HeadSnapshot, OpenedAccount};
use super::response::AccountResponse;
use super::{Client, Platform};
use crate::aad::Slot;
use crate::client::session::Session;
use crate::device::{DeviceSecrets, Enrolment};
use crate::device_list::DevicesFault;
use crate::error::ClientError;
use crate::key_ring::KeyRing;
use crate::keyslot::{self, KeyslotPlace};
use crate::local_state::LocalState;
use crate::randomness;
use crate::secret_store::SecretStore;
use crate::state_store::StateStore;
use crate::transport::Request;
use rootcellar_spec::wire::devices::{DeviceResponse, RestoreRequest};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, DeviceId, OperationId, ProblemCode};

impl<P: Platform> Client<P> {
    /// Goes on as this enrolled device: one round trip. Afterwards the newest snapshot is open and remembered. Entries are
    /// opened after [`Client::restore_on_device`] only.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with `device-revoked` where the device is not enrolled any more; otherwise as for a login.
    pub async fn device_session(
        &self,
        local_state: LocalState,
        secrets: &DeviceSecrets,
    ) -> Result<Session<P>, ClientError> {
        let known = Known::remembered(local_state);
        self.look_on_device(known, secrets).await
    }

    /// As [`Client::device_session`], for what needs no entries: see [`SnapshotChoice::HeadUnlessRefused`](super::SnapshotChoice).
    ///
    /// # Errors
    /// As for [`Client::device_session`].
    pub async fn manage_on_device(
        &self,
        local_state: LocalState,
        secrets: &DeviceSecrets,
    ) -> Result<Session<P>, ClientError> {
        let options = LoginOptions { snapshot: SnapshotChoice::HeadUnlessRefused, ..LoginOptions::default() };
        let known = Known { options, ..Known::remembered(local_state) };
        self.look_on_device(known, secrets).await
    }

    async fn look_on_device(&self, known: Known, secrets: &DeviceSecrets) -> Result<Session<P>, ClientError> {
        let opened = self.open_on_device(known, secrets, Request::get(paths::DEVICE)).await?;
        let opened = OpenedAccount { restore_asked: false, ..opened };
        Ok(self.session(opened))
    }

    /// As [`Client::device_session`], and tells the vault that entries are about to be opened: it writes so into the
    /// account's history. Needs `restore`.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] where the device has a lesser permission; otherwise as for [`Client::device_session`].
    pub async fn restore_on_device(
        &self,
        local_state: LocalState,
        secrets: &DeviceSecrets,
    ) -> Result<Session<P>, ClientError> {
        let operation = OperationId(randomness::bytes(&mut self.randomness()));
        let request = Request::post(paths::RESTORE, &RestoreRequest { operation });
        let needs = Permission::Restore;
        match self.open_on_device(Known::remembered(local_state), secrets, request).await {
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::NotPermitted => {
                Err(ClientError::NotPermitted { needs })
            }
            opened => opened.map(|opened| self.session(opened)),
        }
    }

    /// Goes on as this enrolled device with what it keeps: no request, so that a save takes one round trip. Where it keeps
    /// too little, the vault is asked, as in [`Client::device_session`].
    ///
    /// # Errors
    /// As for [`Client::device_session`].
    pub async fn resume_device(
        &self,
        local_state: LocalState,
        secrets: &DeviceSecrets,
    ) -> Result<Session<P>, ClientError> {
        let own = |enrolment: &Enrolment| {
            (enrolment.account_id, enrolment.device) == (local_state.account_id, self.device().id)
        };
        let enrolment = self.state_store().enrolment()?.filter(own);
        let kept = enrolment.and_then(|enrolment| resume(enrolment, &local_state, secrets));
        match kept {
            Some(opened) => Ok(self.session(opened)),
            None => self.device_session(local_state, secrets).await,
        }
    }

    /// Sends a request that is answered to a device, and opens the answer.
    async fn open_on_device(
        &self,
        known: Known,
        secrets: &DeviceSecrets,
        request: Request,
    ) -> Result<OpenedAccount, ClientError> {
        let account = known.account().ok_or(ClientError::ForeignAccount)?;
        let authorisation = self.as_device(account, secrets);
        let response = self.exchange_as(&authorisation, request).await?;
        let (answer, bytes) = response.two_parts::<DeviceResponse>()?;
        if answer.account_id != account {
            return Err(ClientError::ForeignAccount);
        }
        let keyslot_key =
            KeyslotKey { slot: Slot::Device(self.device().id), key: secrets.key_encryption_key() };
        let answered = LocalState::of(account);
        let opened = AccountResponse::to_device(&answer, bytes);
        let mut opened = self.open_account(opened, keyslot_key, authorisation, &known, answered).await?;
        opened.must_list(self.device().id, secrets);
        let DeviceResponse { suite, generation, permission, keyslot, .. } = answer;
        let device = self.device().id;
        let fresh =
            Enrolment { account_id: account, device, suite, generation, permission, keyslot, newest: None };
        // What the owner did not sign is not kept.
        if !matches!(opened.devices, Devices::Refused(_)) {
            // The owner's list names these secrets. If this fails, the next session tries again.
            let _ = self.secret_store().commit(secrets.id()).await;
            opened.enrol(fresh, self.state_store()).await?;
        }
        Ok(opened)
    }

    pub(super) fn as_device(&self, account: AccountId, secrets: &DeviceSecrets) -> Authorisation {
        Authorisation::device(account, self.device().id, secrets.request_key())
    }
}

impl OpenedAccount {
    /// A device that is let in must be in the list as the vault lets it in.
    pub(super) fn must_list(&mut self, id: DeviceId, secrets: &DeviceSecrets) {
        let Devices::Given(list) = &self.devices else { return };
        let listed = list.as_ref().and_then(|list| list.contents.device(id));
        let as_given = listed.is_some_and(|device| {
            (device.request_key, device.permission) == (secrets.request_key().public(), self.permission)
        });
        if !as_given {
            self.devices = Devices::Refused(DevicesFault::Table);
        }
    }
}

/// Opens what the device keeps, without the vault; `None` where it is not what the device has seen last.
fn resume(enrolment: Enrolment, local_state: &LocalState, secrets: &DeviceSecrets) -> Option<OpenedAccount> {
    let Enrolment { account_id: account, device, suite, generation, permission, .. } = enrolment;
    let place = KeyslotPlace { suite, account, generation, slot: Slot::Device(device) };
    let bundle = keyslot::unwrap(&enrolment.keyslot, &secrets.key_encryption_key(), place).ok()?;
    let keys = KeyRing::from(bundle);
    let newest = match &enrolment.newest {
        None => None,
        Some(cached) => {
            let reader = Reader { account, generation, keys: &keys };
            reader.newest(Some(cached.record.clone()), Some(&cached.snapshot)).ok()?
        }
    };
    check_continuity(local_state.last_seen, newest.as_ref().map(|newest: &HeadSnapshot| &newest.snapshot))
        .ok()?;
    Some(OpenedAccount {
        authorisation: Authorisation::device(account, device, secrets.request_key()),
        account,
        suite,
        suites: Vec::new(),
        generation,
        permission,
        keys,
        passphrase_key: None,
        newest,
        devices: Devices::Unasked,
        local_state: local_state.clone(),
        name: None,
        enrolment: Some(enrolment),
        failed_attempts: 0,
        attempts_left: None,
        named: true,
        is_older: false,
        refused_head: None,
        replaced_head: None,
        restore_asked: false,
        accept_history: false,
        is_over: false,
    })
}
