//! The limits of protocol.md section 1.1, and the lifetimes of sections 14 to 16.

use crate::envelope;
use std::time::Duration;

/// Maximum size of a snapshot, in bytes.
pub const SNAPSHOT_BYTES: usize = 1 << 20;
/// Maximum entries in a snapshot.
pub const ENTRIES: usize = 256;
/// Maximum ancestors in a snapshot.
pub const ANCESTORS: usize = 256;
/// Maximum size of an entry's CBOR plaintext before padding, in bytes.
pub const ENTRY_PLAINTEXT_BYTES: usize = 16_380;
/// Maximum length of an entry's or device's label, in bytes of UTF-8.
pub const LABEL_BYTES: usize = 256;
/// Maximum vault addresses in an inventory.
pub const ADDRESSES: usize = 8;
/// Maximum length of a vault address in an inventory, in bytes.
pub const ADDRESS_BYTES: usize = 512;
/// Maximum proofs in an inventory.
pub const PROOFS: usize = 32;
/// Maximum size of a quorum set in an inventory, in bytes.
pub const QUORUM_SET_BYTES: usize = 4096;
/// Maximum merged digests in an inventory.
pub const MERGED: usize = 64;
/// Maximum length of a normalised account name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 128;
/// Maximum length of a normalised passphrase, in bytes of UTF-8.
pub const PASSPHRASE_BYTES: usize = 1024;
/// Maximum length of a vault ID, in bytes.
pub const VAULT_ID_BYTES: usize = 255;
/// Maximum size of a JSON request body, in bytes.
pub const JSON_BODY_BYTES: usize = 32 * 1024;
/// Maximum size of JSON with devices and their keyslots, in bytes: the body of a change of devices,
/// and the first part of a re-key's body.
pub const DEVICES_BODY_BYTES: usize = 128 * 1024;
/// Maximum devices of an account.
pub const DEVICES: usize = 16;
/// Maximum ancestors in a device list.
pub const DEVICE_LIST_ANCESTORS: usize = 64;
/// Maximum size of a device list, in bytes: all ancestors, and an envelope of 8 KiB.
pub const DEVICE_LIST_BYTES: usize = 56 + 32 * DEVICE_LIST_ANCESTORS + 4 + 8192 + 76 + 64;
/// Maximum events in each stream of a history.
pub const HISTORY_EVENTS: usize = 128;
/// Maximum size of a message in a pairing mailbox, in bytes.
pub const PAIRING_MESSAGE_BYTES: usize = 2048;
/// Maximum size of a token before base64url, in bytes.
pub const TOKEN_BYTES: usize = 1024;
/// Maximum size of a keyslot, in bytes: an envelope whose size class has room for post-quantum
/// public keys.
pub const KEYSLOT_BYTES: usize = envelope::size_of_class(4096);
/// Size of the opaque member of a first login response, in bytes: 15 slots of 32 bytes and a
/// commitment to them.
pub const QUORUM_SLOTS_BYTES: usize = 512;
/// Maximum recovery methods of an account.
pub const RECOVERY_METHODS: usize = 1;
/// Maximum size of a recovery method's encrypted label, in bytes: an envelope for the longest
/// label.
pub const RECOVERY_LABEL_BYTES: usize = envelope::size_of_class(512);
/// Maximum derivation paths of an entry.
pub const DERIVATION_PATHS: usize = 16;
/// Maximum length of a derivation path, in bytes.
pub const DERIVATION_PATH_BYTES: usize = 128;
/// Maximum length of a network name, in bytes.
pub const NETWORK_BYTES: usize = 64;
/// Maximum length of a birthday, in bytes.
pub const BIRTHDAY_BYTES: usize = 32;
/// Maximum length of free text, in bytes.
pub const TEXT_BYTES: usize = 16_000;
/// Maximum length of a raw seed, in bytes.
pub const SEED_BYTES: usize = 64;

/// Lifetime of the state between the two requests of a login or registration.
pub const LOGIN_LIFETIME: Duration = Duration::from_secs(120);
/// Lifetime of a session.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(900);
/// Maximum distance of a signature's `created` from the vault's clock, in either direction.
pub const SIGNATURE_WINDOW: Duration = Duration::from_secs(300);
/// Lifetime of a pairing mailbox.
pub const PAIRING_LIFETIME: Duration = Duration::from_secs(600);
/// How long the first request of a login may be repeated without a second charge.
pub const REPEAT_WINDOW: Duration = Duration::from_secs(600);
