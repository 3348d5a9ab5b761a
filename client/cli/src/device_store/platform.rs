//! The platform's keyring: on Linux the Secret Service, over D-Bus (GNOME Keyring, KWallet, KeePassXC and others).
//!
//! A machine without a desktop mostly has none, and a keyring may be there and refuse: it is tried before anything relies on it.

use crate::text::keyring;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use rootcellar_client::files::device_store::{Keyring, SecretBytes};
use rootcellar_client::randomness::{SystemRandomness, bytes};
use rootcellar_spec::base64url;
use rootcellar_spec::hex;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

/// What the keyring shows its items as.
const SERVICE: &str = "rootcellar";
/// A person may have to unlock the keyring in a window; where nobody does, the command goes on without it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The keyring of the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlatformKeyring;

impl PlatformKeyring {
    /// Whether it keeps what it is given, found out by trying.
    pub(crate) fn try_out(self) -> Result<(), String> {
        let name = format!("trial {}", hex::encode(&bytes::<8>(&mut SystemRandomness)));
        set(&name, "trial")?;
        let back = get(&name);
        self.delete(&name)?;
        match back? {
            Some(text) if *text == "trial" && get(&name)?.is_none() => Ok(()),
            _ => Err(keyring::BROKEN.to_owned()),
        }
    }
}

impl Keyring for PlatformKeyring {
    fn set(&self, entry: &str, secrets: &SecretBytes) -> Result<(), String> {
        set(entry, &Zeroizing::new(base64url::encode(&**secrets)))
    }

    fn get(&self, entry: &str) -> Result<Option<SecretBytes>, String> {
        // What is not of this program counts as nothing.
        let text = get(entry)?;
        Ok(text.and_then(|text| base64url::decode_array(&text).map(Zeroizing::new)))
    }

    fn delete(&self, entry: &str) -> Result<(), String> {
        patiently(entry, |item| match item.delete_credential() {
            Err(keyring_core::Error::NoEntry) => Ok(()),
            other => other,
        })
    }
}

fn set(entry: &str, text: &str) -> Result<(), String> {
    let text = Zeroizing::new(text.to_owned());
    patiently(entry, move |item| item.set_password(&text))
}

fn get(entry: &str) -> Result<Option<Zeroizing<String>>, String> {
    patiently(entry, |item| match item.get_password() {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// On a thread of its own, which is given up where nothing answers.
fn patiently<T: Send + 'static>(
    entry: &str,
    act: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
) -> Result<T, String> {
    let (done, result) = sync_channel(1);
    let name = entry.to_owned();
    let work = move || {
        let item = Store::new().and_then(|store| store.build(SERVICE, &name, None));
        // Nobody listens where the wait has ended.
        let _ = done.send(item.and_then(|item| act(&item)));
    };
    let thread = std::thread::Builder::new().name("keyring".to_owned());
    thread.spawn(work).map_err(|error| error.to_string())?;
    match result.recv_timeout(TIMEOUT) {
        Ok(result) => result.map_err(|error| said(&error)),
        Err(RecvTimeoutError::Timeout) => Err(keyring::TIMEOUT.to_owned()),
        Err(RecvTimeoutError::Disconnected) => Err(keyring::FAILED.to_owned()),
    }
}

/// Without what the error may hold of a text.
fn said(error: &keyring_core::Error) -> String {
    match error {
        keyring_core::Error::PlatformFailure(cause) => keyring::Unreachable { cause }.into(),
        keyring_core::Error::NoStorageAccess(_) => keyring::LOCKED.to_owned(),
        keyring_core::Error::Ambiguous(_) => keyring::AMBIGUOUS.to_owned(),
        _ => keyring::CHANGED.to_owned(),
    }
}
