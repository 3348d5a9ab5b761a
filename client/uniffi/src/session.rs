//! What one object holds on its thread: the client, the open session, and what a pairing has come to.

use crate::error::RootcellarError;
use crate::foreign::{AppTransport, Keys, Watcher};
use crate::values::{Left, Overview, PendingSaveResult};
use rootcellar_client::client::{Client, Platform};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::device_file::Owner;
use rootcellar_client::files::FolderStateStore;
use rootcellar_client::files::device_store::{Chosen, FolderSecretStore, SecretStoreKind};
use rootcellar_client::inventory::Label;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pending_code::CodeNotice;
use rootcellar_client::pending_save::PendingSaveFault;
use rootcellar_client::session::Session;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::transport::NativeClock;
use rootcellar_client::{ClientError, PairingProgress, SystemRandomness};
use rootcellar_spec::DeviceId;
use rootcellar_spec::wire::login::Permission;

/// What the facade injects into the library.
pub(crate) enum Bound {}

impl Platform for Bound {
    type Transport = AppTransport;
    type Clock = NativeClock;
    type Randomness = SystemRandomness;
    type StateStore = FolderStateStore;
    type SecretStore = FolderSecretStore<Keys>;
    type Observer = Watcher;
}

/// Everything that an object holds.
pub(crate) struct OpenClient {
    pub(crate) client: Client<Bound>,
    pub(crate) device: DeviceId,
    pub(crate) label: Label,
    pub(crate) keys: Keys,
    /// The open session; its keys are wiped when it is closed.
    pub(crate) session: Option<Session<Bound>>,
    pub(crate) pairing: PairingProgress,
    /// What was found out about a recovery code when the session was opened.
    pub(crate) code: Option<CodeNotice>,
    /// Whether a device's secrets may be in a plain file.
    pub(crate) allows_plain: bool,
}

impl OpenClient {
    /// What is open.
    pub(crate) fn session(&mut self) -> Result<&mut Session<Bound>, RootcellarError> {
        self.session.as_mut().ok_or_else(RootcellarError::not_open)
    }

    /// To be called after each step, also one that was given up: a session that it has ended, or may have, is closed.
    pub(crate) fn close_if_over(&mut self) {
        self.session.take_if(|session| session.is_over());
    }

    /// What this device remembers of the account.
    pub(crate) fn local_state(&self) -> Option<LocalState> {
        let remembered = self.state_store().folder().remembered();
        remembered.map(|remembered| remembered.local_state)
    }

    /// As [`Self::local_state`], for what needs an account.
    pub(crate) fn known(&self) -> Result<LocalState, RootcellarError> {
        self.local_state().ok_or_else(|| {
            RootcellarError::state(
                "no-account",
                "this device remembers no account: log in, recover or pair it first",
            )
        })
    }

    pub(crate) fn state_store(&self) -> &FolderStateStore {
        self.client.state_store()
    }

    /// The secrets of this device.
    pub(crate) fn store(&self) -> &FolderSecretStore<Keys> {
        self.client.secret_store()
    }

    /// Has the next secrets kept by whom they are to be.
    pub(crate) fn choose(&self) -> Result<(), RootcellarError> {
        let chosen = self.chosen()?;
        self.client.secret_store().choose(chosen);
        Ok(())
    }

    /// Who is to keep new secrets: the app's keystore; a plain file only where the app said so and nothing better held them.
    pub(crate) fn chosen(&self) -> Result<Chosen, RootcellarError> {
        if let Keys::App(_) = self.keys {
            return Ok(Chosen::Keyring);
        }
        let former = self.store().kind()?;
        if self.allows_plain && matches!(former, None | Some(SecretStoreKind::Plain)) {
            return Ok(Chosen::Plain);
        }
        Err(RootcellarError::state(
            "keystore-required",
            "an enrolled device's secrets need a keystore: give one, or allow a plain file in the options",
        ))
    }

    /// Ends what is open, before another way in is tried.
    pub(crate) fn leave(&mut self) {
        self.session = None;
        self.code = None;
    }

    /// What earlier operations left.
    pub(crate) fn left(&self) -> Left {
        Left { pending_save: self.waiting(), recovery_code: self.code }
    }

    /// Whose secrets this device would hold.
    pub(crate) fn owner(&self) -> Result<Owner, RootcellarError> {
        Ok(Owner { account: self.known()?.account_id, device: self.device })
    }

    /// This device's secrets, where it is enrolled. Not for another address than that of the vault that knows the device: a vault
    /// that need not prove anything could take what is saved for itself.
    pub(crate) fn secrets(&self) -> Result<Option<DeviceSecrets>, RootcellarError> {
        let remembered = self.state_store().folder().remembered();
        if remembered.is_some_and(|remembered| !remembered.is_at(self.client.vault())) {
            return Err(RootcellarError::state(
                "other-address",
                "this device knows its vault at another address: log in by passphrase first, which shows whether it is the same",
            ));
        }
        let store = self.store();
        if store.kind()? == Some(SecretStoreKind::Encrypted) {
            return Err(RootcellarError::state(
                "device-secrets-encrypted",
                "this device's secrets are in a file under a passphrase, which the command line opens: enrol it anew here",
            ));
        }
        let nobody = &mut || Err(RootcellarError::internal());
        let kept = store.load(self.owner()?, nobody)?;
        Ok(kept.map(|bytes| DeviceSecrets::from_bytes(&bytes)))
    }

    /// Opens the account by `open`, and finishes what earlier operations left.
    pub(crate) async fn enter(
        &mut self,
        open: impl AsyncFnMut(&Client<Bound>) -> Result<Session<Bound>, ClientError>,
    ) -> Result<Overview, RootcellarError> {
        let (client, mut open, mut code) = (self.client.clone(), open, None);
        let tell = |notice, _| {
            code = Some(notice);
            Ok(())
        };
        // Cancelled in the middle, it is dropped: nobody has a session who was not told of it.
        let mut session = client.arrive(async || open(&client).await, tell).await?;
        self.code = code;
        let waiting = self.waiting();
        let pending_save = match session.finish_pending().await {
            Ok(outcome) => PendingSaveResult::from(outcome),
            // Reading goes on without the save, unless the vault is not to be trusted.
            Err(error) if error.is_tampering() => return Err(error.into()),
            Err(_) => waiting,
        };
        let left = Left { pending_save, recovery_code: self.code };
        let overview = Overview::of(&session, left);
        self.session = Some(session);
        Ok(overview)
    }

    /// Whether a save waits to be finished, or what waits there cannot be read.
    pub(crate) fn waiting(&self) -> PendingSaveResult {
        match self.state_store().load() {
            Ok(None) => PendingSaveResult::None,
            Ok(Some(_)) => PendingSaveResult::Waiting,
            Err(_) => PendingSaveResult::Damaged,
        }
    }

    /// Refuses to save over what waits there and cannot be read.
    pub(crate) fn may_finish(&self) -> Result<(), RootcellarError> {
        if self.waiting() == PendingSaveResult::Damaged {
            return Err(PendingSaveFault::Damaged.into());
        }
        Ok(())
    }

    /// What this device may do by itself, where it is enrolled. With secrets, and nothing beside them, it is open whether the
    /// vault took it, which says so when asked.
    pub(crate) fn permission(&self) -> Result<Option<Permission>, RootcellarError> {
        let Ok(owner) = self.owner() else { return Ok(None) };
        if self.store().kind()?.is_none() {
            return Ok(None);
        }
        let enrolment = self.state_store().enrolment().map_err(ClientError::from)?;
        let own = enrolment.filter(|own| (own.account_id, own.device) == (owner.account, owner.device));
        Ok(Some(own.map_or(Permission::Backup, |own| own.permission)))
    }
}
