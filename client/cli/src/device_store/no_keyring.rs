//! Takes the keyring's place in a program that is built without the feature `keyring`: every call fails and says why.

use rootcellar_client::files::device_store::{Keyring, SecretBytes};

const ABSENT: &str = crate::text::keyring::ABSENT;

/// The keyring that is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlatformKeyring;

impl PlatformKeyring {
    /// Always an error.
    pub(crate) fn try_out(self) -> Result<(), String> {
        Err(ABSENT.to_owned())
    }
}

impl Keyring for PlatformKeyring {
    fn set(&self, _: &str, _: &SecretBytes) -> Result<(), String> {
        Err(ABSENT.to_owned())
    }

    fn get(&self, _: &str) -> Result<Option<SecretBytes>, String> {
        Err(ABSENT.to_owned())
    }

    fn delete(&self, _: &str) -> Result<(), String> {
        Err(ABSENT.to_owned())
    }
}
