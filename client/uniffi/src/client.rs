//! The object: made from a folder, a vault's address and what the app injects.

use crate::error::RootcellarError;
use crate::foreign::{AppKeystore, AppTransport, HttpTransport, Keys, Keystore, Progress, Watcher};
use crate::session::OpenClient;
use crate::values::{AccountState, DeviceState, Overview, PendingSaveResult, VaultInfo, label};
use crate::worker::{Calling, Worker};
use rootcellar_client::client::{Client, Injected, VaultUrl};
use rootcellar_client::files::{Device, Folder};
use rootcellar_client::randomness::bytes;
use rootcellar_client::state_store::StateStore as _;
use rootcellar_client::transport::{NativeClock, NativeOptions, NativeTransport};
use rootcellar_client::{ClientError, PairingProgress, SystemRandomness, inventory, ksf};
use rootcellar_spec::DeviceId;
use rootcellar_spec::hex;
use std::path::Path;
use std::sync::Arc;

/// Where an object keeps things, and whom it speaks to.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ClientOptions {
    /// A private folder of the app, for this alone; it is made where it is not there. Its format is the command line's home
    /// folder. One program uses it at a time.
    pub folder: String,
    /// The vault's address, such as `https://vault.example.org`. Where it is not given, the one that the folder remembers.
    #[uniffi(default = None)]
    pub vault: Option<String>,
    /// What to call this device: in the backups that it saves, and where it is enrolled. Where it is not given, what the folder
    /// remembers.
    #[uniffi(default = None)]
    pub device_label: Option<String>,
    /// Certificates (PEM) of authorities to trust beside the platform's. Has no effect on an HTTP stack of the app.
    #[uniffi(default = None)]
    pub extra_authorities: Option<Vec<u8>>,
    /// Whether the secrets of an enrolled device may lie in a plain file of the folder where no keystore is given: whoever reads
    /// that file acts as this device. The folder is then kept out of backups, which would make two devices of one.
    #[uniffi(default = false)]
    pub plain_device_secrets: bool,
}

/// One device's view of one account at one vault.
///
/// It does one thing at a time, in the order of the calls, on a thread of its own. A method whose caller stops waiting ends at its
/// next pause; what was on the way to the vault may have arrived, and what each method then leaves is said there.
#[derive(uniffi::Object)]
pub struct RootcellarClient {
    /// Ends before what the app injected is let go.
    pub(crate) worker: Worker,
    _injections: Injections,
}

/// What the app injects.
#[derive(Clone)]
struct Injections {
    transport: Option<Arc<dyn HttpTransport>>,
    keystore: Option<Arc<dyn Keystore>>,
    progress: Option<Arc<dyn Progress>>,
}

#[uniffi::export]
impl RootcellarClient {
    /// Opens the folder, waiting up to three seconds for another program to leave it. No request is sent.
    ///
    /// Without a transport, requests go through a stack of the library's own (HTTP/2, TLS 1.2 and 1.3, the platform's
    /// authorities; on Android, where those would need Java, the web's, which the library brings). Without a keystore the device cannot be enrolled or paired, unless
    /// [plain secrets](ClientOptions::plain_device_secrets) are allowed.
    #[uniffi::constructor(default(transport = None, keystore = None, progress = None))]
    pub async fn open(
        options: ClientOptions,
        transport: Option<Arc<dyn HttpTransport>>,
        keystore: Option<Arc<dyn Keystore>>,
        progress: Option<Arc<dyn Progress>>,
    ) -> Result<Arc<Self>, RootcellarError> {
        let injections = Injections { transport, keystore, progress };
        let copy = injections.clone();
        let worker = Worker::start(move |calling| make(&options, copy, calling)).await?;
        Ok(Arc::new(Self { worker, _injections: injections }))
    }

    /// Ends what is running, and what waits to, whoever called it: each with `Cancelled`. A call that its task has not begun yet is
    /// not ended. For languages whose tasks do not pass on that they were
    /// cancelled; the object is usable afterwards.
    pub fn cancel(&self) {
        self.worker.cancel();
    }

    /// Ends the object after what it was told to do: keys are wiped, and the folder is free for another. For languages that do
    /// not say when they let go of an object.
    pub async fn shut_down(&self) {
        self.worker.shut_down().await;
    }

    /// What this device knows without asking anybody.
    pub async fn state(&self) -> Result<DeviceState, RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| state(held)).await
    }

    /// What the vault says of itself: one round trip.
    pub async fn vault_info(&self) -> Result<VaultInfo, RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| Ok(held.client.vault_info().await?.into())).await
    }

    /// What the vault keeps of the account: one round trip of the open session.
    pub async fn account(&self) -> Result<AccountState, RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| Ok(held.session()?.account().await?.into())).await
    }

    /// What the open session shows, without asking anybody.
    pub async fn overview(&self) -> Result<Overview, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                let left = held.left();
                Ok(Overview::of(held.session()?, left))
            })
            .await
    }

    /// Ends the open session, and a pairing, and wipes their keys, after ending what runs and waits as [`Self::cancel`] does;
    /// nothing where none is open. The vault is not told. A key stretching, or a keystore that waits for a person, is waited for.
    pub async fn close_session(&self) -> Result<(), RootcellarError> {
        self.worker.cancel();
        self.worker
            .run(async |held: &mut OpenClient| {
                held.leave();
                held.pairing = PairingProgress::default();
                Ok(())
            })
            .await
    }
}

/// Makes what the thread works with.
fn make(
    options: &ClientOptions,
    injections: Injections,
    calling: Calling,
) -> Result<OpenClient, RootcellarError> {
    // See `WIPING` in lib.rs.
    ksf::allocator_wipes();
    let folder = Folder::open(Path::new(&options.folder))?;
    let remembered = folder.remembered();
    let known = || remembered.as_ref().map(|known| known.vault.clone());
    let address = options.vault.clone().or_else(known).ok_or_else(|| {
        RootcellarError::input("invalid-address", "the folder remembers no vault: give its address")
    })?;
    let vault = VaultUrl::parse(&address).map_err(ClientError::from)?;
    let device = match remembered {
        Some(known) => known.device,
        None => Device { id: DeviceId(bytes(&mut SystemRandomness)), label: "unnamed device".to_owned() },
    };
    let device = match &options.device_label {
        Some(given) => Device { label: given.trim().to_owned(), ..device },
        None => device,
    };
    let own = inventory::Device { id: device.id, label: label(&device.label)? };
    let transport = match injections.transport {
        Some(app) => AppTransport::App(app),
        None => AppTransport::Native(native(options)?),
    };
    let keys =
        injections.keystore.map_or(Keys::Folder, |keystore| Keys::App(AppKeystore { keystore, calling }));
    let injected = Injected {
        transport,
        clock: NativeClock::new(),
        randomness: SystemRandomness,
        secrets: folder.device_store(keys.clone()),
        state_store: folder.into_state_store(vault.to_string(), device),
        observer: Watcher(injections.progress),
    };
    Ok(OpenClient {
        device: own.id,
        label: own.label.clone(),
        client: Client::new(vault, own, injected),
        keys,
        session: None,
        pairing: PairingProgress::default(),
        code: None,
        allows_plain: options.plain_device_secrets,
    })
}

fn native(options: &ClientOptions) -> Result<NativeTransport, RootcellarError> {
    let extra_authorities = options.extra_authorities.clone();
    Ok(NativeTransport::new(&NativeOptions { extra_authorities, ..NativeOptions::default() })?)
}

fn state(held: &OpenClient) -> Result<DeviceState, RootcellarError> {
    let local_state = held.local_state();
    let permission = held.permission()?;
    let is_open = permission.is_some()
        && (held.store().has_other() || held.state_store().enrolment().map_err(ClientError::from)?.is_none());
    Ok(DeviceState {
        vault: held.client.vault().to_string(),
        account_id: local_state.as_ref().map(|local_state| local_state.account_id.to_string()),
        device_id: hex::encode(&held.device.0),
        device_label: held.label.to_string(),
        enrolled: permission.map(Into::into),
        enrolment_open: is_open,
        last_seen: local_state.and_then(|local_state| local_state.last_seen).map(|seen| seen.number.0),
        pending_save: held.waiting() != PendingSaveResult::None,
        session_open: held.session.is_some(),
        recovery_code: held.client.code_notice()?.map(Into::into),
    })
}
