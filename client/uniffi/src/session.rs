//! What one object holds on its thread: the client, the open session, and what a pairing has come to.

use crate::error::RootcellarError;
use crate::foreign::{AppTransport, Keys, Watcher};
use crate::values::{Left, Overview, PendingSaveResult};
use rootcellar_client::client::{Client, OpenedAccount, Platform};
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
use std::ops::{Deref, DerefMut};

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
    pub(crate) opened: Option<OpenedAccount>,
    pub(crate) pairing: PairingProgress,
    /// What was found out about a recovery code when the session was opened.
    pub(crate) code: Option<CodeNotice>,
    /// Whether a device's secrets may be in a plain file.
    pub(crate) allows_plain: bool,
}

impl OpenClient {
    /// Goes on with what is open. Whatever becomes of it, it stays open, unless a step has ended it.
    pub(crate) fn session(&mut self) -> Result<OpenSession<'_>, RootcellarError> {
        OpenSession::of(&mut self.client, &mut self.opened)
    }

    /// What this device remembers of the account.
    pub(crate) fn local_state(&self) -> Option<LocalState> {
        let remembered = self.state_store().folder().remembered();
        remembered.map(|remembered| remembered.local_state.clone())
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
        &self.client.injected().state_store
    }

    /// The secrets of this device.
    pub(crate) fn store(&self) -> &FolderSecretStore<Keys> {
        &self.client.injected().secrets
    }

    /// Has the next secrets kept by whom they are to be.
    pub(crate) fn choose(&mut self) -> Result<(), RootcellarError> {
        let chosen = self.chosen()?;
        self.client.injected_mut().secrets.choose(chosen);
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
        self.opened = None;
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
        open: impl AsyncFn(&mut Client<Bound>) -> Result<OpenedAccount, ClientError>,
    ) -> Result<Overview, RootcellarError> {
        let (opened, code) = self.client.arrive(open).await?;
        self.code = code;
        let waiting = self.waiting();
        // Cancelled in the middle, it is dropped: nobody has a session who was not told of it.
        let mut session = self.client.session(opened);
        let pending_save = match session.finish_pending().await {
            Ok(outcome) => PendingSaveResult::from(outcome),
            // Reading goes on without the save, unless the vault is not to be trusted.
            Err(error) if error.is_tampering() => return Err(error.into()),
            Err(_) => waiting,
        };
        let left = Left { pending_save, recovery_code: self.code };
        let overview = Overview::of(&session, left);
        self.opened = Some(session.into_opened());
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

/// A session that is put back when it is dropped, also where the app has cancelled in the middle, unless it is over.
pub(crate) struct OpenSession<'h> {
    session: Option<Session<'h, Bound>>,
    place: &'h mut Option<OpenedAccount>,
}

const HELD: &str = "only `drop` takes it";

impl<'h> OpenSession<'h> {
    /// Goes on with what is in this place.
    pub(crate) fn of(
        client: &'h mut Client<Bound>,
        place: &'h mut Option<OpenedAccount>,
    ) -> Result<Self, RootcellarError> {
        let opened = place.take().ok_or_else(RootcellarError::not_open)?;
        Ok(Self { session: Some(client.session(opened)), place })
    }
}

impl<'h> Deref for OpenSession<'h> {
    type Target = Session<'h, Bound>;

    fn deref(&self) -> &Self::Target {
        self.session.as_ref().expect(HELD)
    }
}

impl DerefMut for OpenSession<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.session.as_mut().expect(HELD)
    }
}

impl Drop for OpenSession<'_> {
    fn drop(&mut self) {
        *self.place = self.session.take().filter(|session| !session.is_over()).map(Session::into_opened);
    }
}
