//! All labels of the protocol (protocol.md sections 4, 5, 8, 12, 15.3, 18, 19, 20).
//!
//! Each label has one purpose. Changing a label changes a format.

/// Prefix of every label: the protocol and its version.
pub const PREFIX: &str = "rootcellar-1 ";

/// `derive` labels of the client (section 4), without the prefix.
pub mod derive {
    /// From the account name to the name hash (section 3).
    pub const ACCOUNT_NAME: &str = "account-name";
    /// From `export_key` to the key-encryption key of the passphrase keyslot.
    pub const KEK_PASSPHRASE: &str = "kek-passphrase";
    /// From the recovery entropy to the key-encryption key of the recovery keyslot.
    pub const KEK_RECOVERY: &str = "kek-recovery";
    /// From the device secret to the key-encryption key of a device keyslot.
    pub const KEK_DEVICE: &str = "kek-device";
    /// From Argon2id's output to the key of a file with a device's secrets (section 6.2).
    pub const KEK_DEVICE_FILE: &str = "kek-device-file";
    /// From the recovery entropy to the locator of the account.
    pub const RECOVERY_LOCATOR: &str = "recovery-locator";
    /// From the recovery entropy to the Ed25519 seed that signs a recovery login.
    pub const RECOVERY_LOGIN: &str = "recovery-login";
    /// From the account key to the inventory key.
    pub const INVENTORY: &str = "inventory";
    /// From the account key to the save key.
    pub const SAVE: &str = "save";
    /// From the account key to the input of HPKE's `DeriveKeyPair`.
    pub const ENTRY: &str = "entry";
    /// From the account key to the Ed25519 seed that signs device lists (section 18).
    pub const DEVICE_LIST: &str = "device-list";
    /// From the account key to the key that encrypts the device keys in a device list (section 18).
    pub const DEVICE_KEYS: &str = "device-keys";
    /// From OPAQUE's `session_key` to the key of the MAC over a login's second request.
    pub const LOGIN_MAC: &str = "login-mac";
    /// From the envelope key to AEAD key and commitment (section 6).
    pub const ENVELOPE: &str = "envelope";

    /// All labels of this module, which must differ.
    pub const ALL: [&str; 14] = [
        ACCOUNT_NAME,
        KEK_PASSPHRASE,
        KEK_RECOVERY,
        KEK_DEVICE,
        KEK_DEVICE_FILE,
        RECOVERY_LOCATOR,
        RECOVERY_LOGIN,
        INVENTORY,
        SAVE,
        ENTRY,
        DEVICE_LIST,
        DEVICE_KEYS,
        LOGIN_MAC,
        ENVELOPE,
    ];
}

/// First part of the associated data (section 5).
pub const AAD: &str = "rootcellar-1 aad";
/// HPKE `info` of an entry (section 8).
pub const ENTRY_INFO: &str = "rootcellar-1 entry";
/// HPKE exporter context of an entry's key commitment (section 8).
pub const ENTRY_COMMITMENT: &str = "rootcellar-1 entry-commitment";
/// First part of the OPAQUE context (section 12).
pub const OPAQUE_CONTEXT: &str = "rootcellar-1 opaque";
/// First part of the input of the login MAC (section 15.3).
pub const LOGIN_FINISH: &str = "rootcellar-1 login-finish";
/// First part of the proof of possession of a recovery login key (section 15.5).
pub const RECOVERY_LOGIN_PROOF: &str = "rootcellar-1 recovery-login-proof";
/// First part of the signed bytes of a device list (section 18).
pub const DEVICE_LIST: &str = "rootcellar-1 device-list";
/// First part of HPKE's `info` in a pairing (section 19).
pub const PAIRING: &str = "rootcellar-1 pairing";
/// First part of a pairing's commitment (section 19).
pub const PAIRING_COMMITMENT: &str = "rootcellar-1 pairing-commitment";
/// First part of the input of a pairing's mailbox ID (section 19).
pub const PAIRING_MAILBOX: &str = "rootcellar-1 pairing-mailbox";
/// HPKE exporter context of the key of a pairing's reply (section 19).
pub const PAIRING_REPLY: &str = "rootcellar-1 pairing-reply";
/// HPKE exporter context of the key of a pairing's confirmation (section 19).
pub const PAIRING_CONFIRMATION: &str = "rootcellar-1 pairing-confirmation";
/// First part of the HPKE exporter context of a pairing's code (section 19).
pub const PAIRING_CODE: &str = "rootcellar-1 pairing-code";
/// First part of the digest of an event of the history (section 20).
pub const HISTORY: &str = "rootcellar-1 history";
/// The `tag` parameter of request signatures (section 14).
pub const SIGNATURE_TAG: &str = "rootcellar-1";
