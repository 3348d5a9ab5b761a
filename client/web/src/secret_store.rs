//! The secrets by which this browser is enrolled, which the worker keeps encrypted.

use crate::host;
use rootcellar_client::device::{DeviceSecrets, SecretsId};
use rootcellar_client::device_file::Owner;
use rootcellar_client::secret_store::{Committed, SecretStore, SecretStoreError};
use wasm_bindgen::JsValue;

/// This browser's secrets.
#[derive(Debug)]
pub(crate) struct PageSecrets;

impl SecretStore for PageSecrets {
    async fn stage(&self, _: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        let kept = host::keep_secrets(secrets.expose().as_slice(), &secrets.id().to_string()).await;
        kept.map(drop).map_err(|error| failed(&error))
    }

    async fn commit(&self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        let found = host::commit_secrets(&secrets.to_string()).await.map_err(|error| failed(&error))?;
        Ok(match found.as_string().as_deref() {
            Some("now") => Committed::Now,
            Some("already") => Committed::Already,
            _ => Committed::Absent,
        })
    }

    async fn abandon(&self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        let forgotten = host::abandon_secrets(&secrets.to_string()).await;
        forgotten.map(drop).map_err(|error| failed(&error))
    }
}

/// An error of the browser's storage: the page's text for it follows from the code.
fn failed(_: &JsValue) -> SecretStoreError {
    SecretStoreError::new("local-state", "the browser's storage")
}
