//! Every label of the protocol, in one place (protocol.md sections 4, 5, 8, 12, 15.3, 18, 19, 20).
//!
//! A label is used for one purpose only; changing one changes a format.

/// What every label begins with: the protocol and its version.
pub const PREFIX: &str = "rootcellar-1 ";

/// `derive` labels of the client (section 4), without the prefix.
pub mod derive {
    /// Account name to name hash (section 3).
    pub const ACCOUNT_NAME: &str = "account-name";
    /// `export_key` to the key-encryption key of the passphrase keyslot.
    pub const KEK_PASSPHRASE: &str = "kek-passphrase";
    /// Recovery entropy to the key-encryption key of the recovery keyslot.
    pub const KEK_RECOVERY: &str = "kek-recovery";
    /// Device secret to the key-encryption key of a device keyslot.
    pub const KEK_DEVICE: &str = "kek-device";
    /// A stretched passphrase to the key of a file that keeps a device's secrets (section 6.2).
    pub const KEK_DEVICE_FILE: &str = "kek-device-file";
    /// Recovery entropy to the locator that finds the account.
    pub const RECOVERY_LOCATOR: &str = "recovery-locator";
    /// Recovery entropy to the Ed25519 seed that signs a recovery login.
    pub const RECOVERY_LOGIN: &str = "recovery-login";
    /// Account key to inventory key.
    pub const INVENTORY: &str = "inventory";
    /// Account key to save key.
    pub const SAVE: &str = "save";
    /// Account key to the input of HPKE's `DeriveKeyPair`.
    pub const ENTRY: &str = "entry";
    /// Account key to the Ed25519 seed that signs device lists (section 18).
    pub const DEVICE_LIST: &str = "device-list";
    /// Account key to the key that seals the device keys in a device list (section 18).
    pub const DEVICE_KEYS: &str = "device-keys";
    /// OPAQUE `session_key` to the key of the MAC over a login's second trip.
    pub const LOGIN_MAC: &str = "login-mac";
    /// Envelope key to AEAD key and commitment (section 6).
    pub const ENVELOPE: &str = "envelope";

    /// All of them: no two may be equal.
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
/// First part of what the login MAC covers (section 15.3).
pub const LOGIN_FINISH: &str = "rootcellar-1 login-finish";
/// First part of what proves possession of a recovery login key (section 15.5).
pub const RECOVERY_LOGIN_PROOF: &str = "rootcellar-1 recovery-login-proof";
/// First part of what a device list's signature covers (section 18).
pub const DEVICE_LIST: &str = "rootcellar-1 device-list";
/// First part of HPKE's `info` in a pairing (section 19).
pub const PAIRING: &str = "rootcellar-1 pairing";
/// First part of a pairing's commitment (section 19).
pub const PAIRING_COMMITMENT: &str = "rootcellar-1 pairing-commitment";
/// First part of what names a pairing's mailbox (section 19).
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
