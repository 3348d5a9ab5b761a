//! The secrets by which this browser is enrolled, which the worker keeps encrypted.

use crate::host;
use rootcellar_client::device::{DeviceSecrets, SecretsId};
use rootcellar_client::device_file::Owner;
use rootcellar_client::secret_store::{SecretStore, SecretStoreError};
use wasm_bindgen::JsValue;

/// What this browser keeps of its secrets.
#[derive(Debug)]
pub(crate) struct PageSecrets;

impl SecretStore for PageSecrets {
    async fn stage(&mut self, _: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        let kept = host::keep_secrets(secrets.expose().as_slice(), &secrets.id().to_string()).await;
        kept.map(drop).map_err(|error| failed(&error))
    }

    async fn commit(&mut self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        // Where this fails they are kept all the same: whoever opens the account by them settles it.
        let _ = host::settle_secrets(&secrets.to_string(), true).await;
        Ok(())
    }

    async fn abandon(&mut self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        let forgotten = host::settle_secrets(&secrets.to_string(), false).await;
        forgotten.map(drop).map_err(|error| failed(&error))
    }
}

/// The page says by the code alone what happened.
fn failed(_: &JsValue) -> SecretStoreError {
    SecretStoreError::new("journal", "the browser's storage")
}
