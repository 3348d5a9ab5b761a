//! Every label of the protocol, in one place (protocol.md sections 4, 5, 8, 12, 15.3).
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
    /// OPAQUE `session_key` to the key of the MAC over a login's second trip.
    pub const LOGIN_MAC: &str = "login-mac";
    /// Envelope key to AEAD key and commitment (section 6).
    pub const ENVELOPE: &str = "envelope";

    /// All of them: no two may be equal.
    pub const ALL: [&str; 11] = [
        ACCOUNT_NAME,
        KEK_PASSPHRASE,
        KEK_RECOVERY,
        KEK_DEVICE,
        RECOVERY_LOCATOR,
        RECOVERY_LOGIN,
        INVENTORY,
        SAVE,
        ENTRY,
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
/// The `tag` parameter of request signatures (section 14).
pub const SIGNATURE_TAG: &str = "rootcellar-1";
