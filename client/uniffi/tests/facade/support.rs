//! What the tests share: a vault with a wire to it, devices, and a keystore that fails where it is told to.

use rootcellar_client::SystemRandomness;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_end_to_end::{Server, Wire};
use rootcellar_uniffi::{
    Change, ClientOptions, Keystore, KeystoreFailure, NewEntry, RecoveryCodePurpose, RootcellarClient,
    RootcellarError, Secret, generate_passphrase,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A vault, the wire to it, and folders for devices.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) wire: Wire,
    folder: TempDir,
}

impl World {
    pub(crate) fn begin() -> Self {
        let server = Server::start();
        let wire = Wire::to(server.address());
        Self { server, wire, folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn folder(&self, device: &str) -> PathBuf {
        self.folder.path().join(device)
    }

    /// A device with a keystore, on the wire.
    pub(crate) async fn device(&self, name: &str, keys: &Arc<Keys>) -> Arc<RootcellarClient> {
        self.device_at(name, &self.wire.url(), keys).await
    }

    pub(crate) async fn device_at(&self, name: &str, vault: &str, keys: &Arc<Keys>) -> Arc<RootcellarClient> {
        let keystore: Arc<dyn Keystore> = Arc::<Keys>::clone(keys);
        let opened =
            RootcellarClient::open(options(&self.folder(name), vault), None, Some(keystore), None).await;
        opened.expect("opens")
    }

    /// A device with an account on it and a session; its passphrase and recovery code.
    pub(crate) async fn registered(
        &self,
        name: &str,
        keys: &Arc<Keys>,
    ) -> (Arc<RootcellarClient>, Vec<u8>, Vec<u8>) {
        let device = self.device(name, keys).await;
        let passphrase = generate_passphrase();
        let code = register(&device, name, &passphrase).await.expect("registers");
        device.log_in(passphrase.clone(), None, None).await.expect("logs in");
        (device, passphrase, code)
    }
}

/// Draws a recovery code, and registers with it.
pub(crate) async fn register(
    device: &RootcellarClient,
    name: &str,
    passphrase: &[u8],
) -> Result<Vec<u8>, RootcellarError> {
    let code = device.generate_recovery_code(RecoveryCodePurpose::Registration).await?;
    device.register(name.to_owned(), passphrase.to_vec(), code.clone(), None).await?;
    Ok(code)
}

/// A recovery code that nobody drew.
pub(crate) fn any_code() -> Vec<u8> {
    RecoveryCode::generate(&mut SystemRandomness).words().as_bytes().to_vec()
}

pub(crate) fn options(folder: &Path, vault: &str) -> ClientOptions {
    ClientOptions {
        folder: folder.to_str().expect("text").to_owned(),
        vault: Some(vault.to_owned()),
        device_label: Some("a device".to_owned()),
        extra_authorities: None,
        plain_device_secrets: false,
    }
}

/// A keystore in memory.
#[derive(Default)]
pub(crate) struct Keys {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Which of `store`, `load` and `remove` fail.
    failing: Mutex<Vec<&'static str>>,
    /// What happens in the next call.
    hook: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Keys {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    pub(crate) fn fail(&self, what: &[&'static str]) {
        *self.failing.lock().expect("no panic") = what.to_vec();
    }

    pub(crate) fn next(&self, hook: impl FnOnce() + Send + 'static) {
        *self.hook.lock().expect("no panic") = Some(Box::new(hook));
    }

    pub(crate) fn count(&self) -> usize {
        self.kept.lock().expect("no panic").len()
    }

    fn called(&self, what: &str) -> Result<(), KeystoreFailure> {
        let hook = self.hook.lock().expect("no panic").take();
        if let Some(hook) = hook {
            hook();
        }
        let fails = self.failing.lock().expect("no panic").contains(&what);
        if fails { Err(KeystoreFailure::Locked) } else { Ok(()) }
    }
}

impl Keystore for Keys {
    fn store(&self, name: String, secrets: Vec<u8>) -> Result<(), KeystoreFailure> {
        self.called("store")?;
        self.kept.lock().expect("no panic").insert(name, secrets);
        Ok(())
    }

    fn load(&self, name: String) -> Result<Option<Vec<u8>>, KeystoreFailure> {
        self.called("load")?;
        Ok(self.kept.lock().expect("no panic").get(&name).cloned())
    }

    fn remove(&self, name: String) -> Result<(), KeystoreFailure> {
        self.called("remove")?;
        self.kept.lock().expect("no panic").remove(&name);
        Ok(())
    }
}

/// A change that adds one text.
pub(crate) fn note(label: &str) -> Change {
    let secret = Secret::Text { text: label.as_bytes().to_vec() };
    Change { add: vec![NewEntry { label: label.to_owned(), secret, details: None }], remove: vec![] }
}

/// The code of what must fail.
pub(crate) fn code<T>(result: Result<T, RootcellarError>) -> String {
    match result {
        Ok(_) => panic!("succeeded"),
        Err(error) => error.code().to_owned(),
    }
}
