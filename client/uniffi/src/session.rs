//! What one object holds on its thread: the client, the open session, and what a pairing has come to.

use crate::error::RootcellarError;
use crate::foreign::{AppTransport, Keys, Watcher};
use crate::values::{Overview, UnfinishedSave};
use rootcellar_client::client::{Client, Opened, Platform};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::device_file::Owner;
use rootcellar_client::files::FolderJournal;
use rootcellar_client::files::device_store::{Chosen, DeviceStore, Keeper};
use rootcellar_client::inventory::Label;
use rootcellar_client::journal::Journal;
use rootcellar_client::memory::Memory;
use rootcellar_client::pairing::{Confirming, Joining, Offer};
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::session::Session;
use rootcellar_client::transport::NativeClock;
use rootcellar_client::{ClientError, SystemRandomness};
use rootcellar_spec::DeviceId;
use std::ops::{Deref, DerefMut};

/// What the facade injects into the library.
pub(crate) enum Bound {}

impl Platform for Bound {
    type Transport = AppTransport;
    type Clock = NativeClock;
    type Randomness = SystemRandomness;
    type Journal = FolderJournal;
    type Observer = Watcher;
}

/// How far a pairing has come.
pub(crate) enum Pairing {
    None,
    /// This device is new and has shown its text.
    Offered(Offer),
    /// This device is new and shows the code.
    Joining(Joining),
    /// This device manages the account and shows the code.
    Confirming(Confirming),
}

/// Everything that an object holds.
pub(crate) struct Held {
    pub(crate) client: Client<Bound>,
    pub(crate) device: DeviceId,
    pub(crate) label: Label,
    pub(crate) keys: Keys,
    pub(crate) opened: Option<Opened>,
    pub(crate) pairing: Pairing,
    /// The recovery code of an account that may have been made.
    pub(crate) unconfirmed_code: Option<RecoveryCode>,
}

impl Held {
    /// Goes on with what is open. Whatever becomes of it, it stays open, unless it is [taken](OpenSession::take).
    pub(crate) fn session(&mut self) -> Result<OpenSession<'_>, RootcellarError> {
        let opened = self.opened.take().ok_or_else(RootcellarError::not_open)?;
        Ok(OpenSession { session: Some(self.client.session(opened)), place: &mut self.opened })
    }

    /// What this device remembers of the account.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let remembered = self.journal().folder().remembered();
        remembered.map(|remembered| remembered.memory.clone())
    }

    /// As [`Self::memory`], for what needs an account.
    pub(crate) fn known(&self) -> Result<Memory, RootcellarError> {
        self.memory().ok_or_else(|| {
            RootcellarError::state(
                "no-account",
                "this device remembers no account: log in, recover or pair it first",
            )
        })
    }

    pub(crate) fn journal(&self) -> &FolderJournal {
        &self.client.injected().journal
    }

    /// The secrets of this device.
    pub(crate) fn store(&self) -> DeviceStore<&Keys> {
        self.journal().folder().device_store(&self.keys)
    }

    /// Who is to keep new secrets.
    pub(crate) fn chosen(&self) -> Chosen {
        match self.keys {
            Keys::Folder => Chosen::Plain,
            Keys::App(_) => Chosen::Keyring,
        }
    }

    /// Whose secrets this device would hold.
    pub(crate) fn owner(&self) -> Result<Owner, RootcellarError> {
        Ok(Owner { account: self.known()?.account_id, device: self.device })
    }

    /// This device's secrets, where it is enrolled.
    pub(crate) fn secrets(&self) -> Result<Option<DeviceSecrets>, RootcellarError> {
        let store = self.store();
        if store.keeper()? == Some(Keeper::Sealed) {
            return Err(RootcellarError::state(
                "device-passphrase",
                "this device's secrets are in a file under a passphrase, which the command line opens: enrol it anew here",
            ));
        }
        let nobody = &mut || Err(RootcellarError::internal());
        let kept = store.load(self.owner()?, nobody)?;
        Ok(kept.map(|bytes| DeviceSecrets::from_bytes(&bytes)))
    }

    /// Takes over what was opened, and finishes what an earlier save left.
    pub(crate) async fn enter(&mut self, opened: Opened) -> Result<Overview, RootcellarError> {
        self.opened = Some(opened);
        let mut session = self.session()?;
        let unfinished = match session.finish_pending().await {
            Ok(outcome) => UnfinishedSave::from(outcome),
            // Reading goes on without the save, unless the vault is not to be trusted.
            Err(error) if is_tampering(&error) => {
                drop(session.take());
                return Err(error.into());
            }
            Err(_) => UnfinishedSave::Kept,
        };
        Ok(Overview::of(&session, unfinished))
    }

    /// Whether a save waits to be finished.
    pub(crate) fn has_pending(&self) -> Result<bool, RootcellarError> {
        Ok(self.journal().load().map_err(ClientError::from)?.is_some())
    }
}

/// A session that is put back when it is dropped, also where the app has cancelled in the middle.
pub(crate) struct OpenSession<'h> {
    session: Option<Session<'h, Bound>>,
    place: &'h mut Option<Opened>,
}

const HELD: &str = "only `take` takes it, and that consumes this";

impl<'h> OpenSession<'h> {
    /// The session, for what ends it.
    pub(crate) fn take(mut self) -> Session<'h, Bound> {
        self.session.take().expect(HELD)
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
        *self.place = self.session.take().map(Session::into_opened);
    }
}

/// Whether what the vault gave is not authentic.
fn is_tampering(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::ForeignVault { .. }
            | ClientError::ForeignServerKey { .. }
            | ClientError::ForeignAccount
            | ClientError::Keyslot(_)
            | ClientError::Snapshot(_)
            | ClientError::SnapshotLost(_)
            | ClientError::Rollback { .. }
            | ClientError::Fork { .. }
            | ClientError::Gap { .. }
            | ClientError::ReadBack(_)
    )
}
