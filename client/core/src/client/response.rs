//! What the answers to a login and to an enrolled device have in common (protocol.md sections 15.3, 15.4 and 15.7).

use super::open_account::KeyslotKey;
use crate::aad::Slot;
use crate::error::ClientError;
use crate::key_ring::KeyRing;
use crate::keyslot::{self, KeyslotPlace};
use crate::open_error::OpenError;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::devices::DeviceResponse;
use rootcellar_spec::wire::login::{LoginResponse, Permission};
use rootcellar_spec::{AccountId, Generation, SuiteId};

/// One of these answers, in its two parts.
pub(super) struct AccountResponse<'a> {
    pub(super) account: AccountId,
    pub(super) suite: SuiteId,
    pub(super) suites: Vec<SuiteId>,
    pub(super) generation: Generation,
    pub(super) permission: Permission,
    pub(super) keyslot: &'a [u8],
    pub(super) head: Option<Head>,
    pub(super) snapshot: Option<&'a [u8]>,
    pub(super) device_list: Option<&'a [u8]>,
    pub(super) failed_attempts: u32,
    pub(super) named: bool,
}

impl<'a> AccountResponse<'a> {
    /// The answer to a login, in its two parts.
    pub(super) fn to_login(answer: &'a LoginResponse, snapshot: Option<&'a [u8]>) -> Self {
        Self {
            account: answer.account_id,
            suite: answer.suite,
            suites: answer.suites.clone(),
            generation: answer.generation,
            permission: answer.session.permission,
            keyslot: &answer.keyslot,
            head: answer.head.clone(),
            snapshot,
            device_list: answer.device_list.as_deref(),
            failed_attempts: answer.failed_attempts,
            named: answer.named,
        }
    }

    /// The answer to an enrolled device, in its two parts.
    pub(super) fn to_device(answer: &'a DeviceResponse, snapshot: Option<&'a [u8]>) -> Self {
        Self {
            account: answer.account_id,
            suite: answer.suite,
            suites: Vec::new(),
            generation: answer.generation,
            permission: answer.permission,
            keyslot: &answer.keyslot,
            head: answer.head.clone(),
            snapshot,
            device_list: Some(&answer.device_list),
            failed_attempts: 0,
            named: true,
        }
    }

    /// Opens the keyslot of the login method. A device's must hold what its permission needs, no less and no more.
    pub(super) fn unwrap(&self, keyslot_key: &KeyslotKey) -> Result<KeyRing, ClientError> {
        if !self.suite.is_known() {
            return Err(ClientError::NewerSuite(self.suite));
        }
        let (suite, account, generation) = (self.suite, self.account, self.generation);
        let place = KeyslotPlace { suite, account, generation, slot: keyslot_key.slot };
        let bundle =
            keyslot::unwrap(self.keyslot, &keyslot_key.key, place).map_err(ClientError::of_keyslot)?;
        if matches!(keyslot_key.slot, Slot::Device(_)) && !bundle.is_for(self.permission) {
            return Err(ClientError::Keyslot(OpenError::Malformed("key bundle of another permission")));
        }
        Ok(KeyRing::from(bundle))
    }
}
