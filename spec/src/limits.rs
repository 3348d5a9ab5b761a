//! The limits of protocol.md section 1.1 and the lifetimes of sections 14 to 16.

use crate::envelope;
use std::time::Duration;

/// Largest snapshot, in bytes.
pub const SNAPSHOT_BYTES: usize = 1 << 20;
/// Most entries in one snapshot.
pub const ENTRIES: usize = 256;
/// Most ancestors that one snapshot names.
pub const ANCESTORS: usize = 256;
/// Largest CBOR plaintext of one entry, in bytes, before padding.
pub const ENTRY_PLAINTEXT_BYTES: usize = 16_380;
/// Longest label of an entry or device, in bytes of UTF-8.
pub const LABEL_BYTES: usize = 256;
/// Most addresses of a vault that an inventory names.
pub const ADDRESSES: usize = 8;
/// Longest address of a vault in an inventory, in bytes.
pub const ADDRESS_BYTES: usize = 512;
/// Most proofs in an inventory.
pub const PROOFS: usize = 32;
/// Longest quorum set in an inventory, in bytes.
pub const QUORUM_SET_BYTES: usize = 4096;
/// Most merged digests in an inventory.
pub const MERGED: usize = 64;
/// Longest normalised account name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 128;
/// Longest normalised passphrase, in bytes of UTF-8.
pub const PASSPHRASE_BYTES: usize = 1024;
/// Longest vault ID, in bytes.
pub const VAULT_ID_BYTES: usize = 255;
/// Longest JSON request body, in bytes.
pub const JSON_BODY_BYTES: usize = 32 * 1024;
/// Longest JSON that lists devices with their keyslots, in bytes: the body of a change of devices, and the first part of a
/// re-key's.
pub const DEVICES_BODY_BYTES: usize = 128 * 1024;
/// Most devices of an account.
pub const DEVICES: usize = 16;
/// Most ancestors that one device list names.
pub const DEVICE_LIST_ANCESTORS: usize = 64;
/// Longest device list, in bytes: all ancestors, and an envelope of 8 KiB.
pub const DEVICE_LIST_BYTES: usize = 56 + 32 * DEVICE_LIST_ANCESTORS + 4 + 8192 + 76 + 64;
/// Most events in each stream of a history.
pub const HISTORY_EVENTS: usize = 128;
/// Longest message in a pairing mailbox, in bytes.
pub const PAIRING_MESSAGE_BYTES: usize = 2048;
/// Longest token, in bytes before base64url.
pub const TOKEN_BYTES: usize = 1024;
/// Longest keyslot, in bytes: an envelope of a size class that has room for post-quantum public keys.
pub const KEYSLOT_BYTES: usize = envelope::size_of_class(4096);
/// Size of the opaque member of a first login response, in bytes: 15 slots of 32 bytes and a commitment to them.
pub const QUORUM_SLOTS_BYTES: usize = 512;
/// Most recovery methods of an account.
pub const RECOVERY_METHODS: usize = 1;
/// Longest encrypted label of a recovery method, in bytes: an envelope of the class that holds the longest label.
pub const RECOVERY_LABEL_BYTES: usize = envelope::size_of_class(512);
/// Most derivation paths of one entry.
pub const DERIVATION_PATHS: usize = 16;
/// Longest derivation path, in bytes.
pub const DERIVATION_PATH_BYTES: usize = 128;
/// Longest network name, in bytes.
pub const NETWORK_BYTES: usize = 64;
/// Longest birthday, in bytes.
pub const BIRTHDAY_BYTES: usize = 32;
/// Longest free text, in bytes.
pub const TEXT_BYTES: usize = 16_000;
/// Longest raw seed, in bytes.
pub const SEED_BYTES: usize = 64;

/// How long the state between the two trips of a login or registration lives.
pub const LOGIN_LIFETIME: Duration = Duration::from_secs(120);
/// How long a session lives.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(900);
/// How far a signature's `created` may lie from the vault's clock, either way.
pub const SIGNATURE_WINDOW: Duration = Duration::from_secs(300);
/// How long a pairing mailbox lives.
pub const PAIRING_LIFETIME: Duration = Duration::from_secs(600);
/// How long a repeated start is answered without a second charge.
pub const REPEAT_WINDOW: Duration = Duration::from_secs(600);
