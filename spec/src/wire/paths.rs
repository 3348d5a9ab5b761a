//! The paths of protocol.md section 15.

/// Prefix of every path.
pub const ALL: &str = "/v1/";
/// `GET`: the vault's ID, keys and settings.
pub const VAULT: &str = "/v1/vault";
/// `POST`: first request of a login.
pub const LOGIN_START: &str = "/v1/login/start";
/// `POST`: second request of a login.
pub const LOGIN_FINISH: &str = "/v1/login/finish";
/// `POST`: recovery login.
pub const RECOVERY: &str = "/v1/recovery";
/// `POST`: first request of a registration.
pub const REGISTRATION_START: &str = "/v1/registration/start";
/// `POST`: second request of a registration.
pub const REGISTRATION_FINISH: &str = "/v1/registration/finish";
/// `GET`: the account.
pub const ACCOUNT: &str = "/v1/account";
/// `GET`: the current snapshot.
pub const HEAD: &str = "/v1/account/snapshots/head";
/// Prefix of every path of a snapshot. Append a slash and the base64url of its operation ID.
pub const SNAPSHOTS: &str = "/v1/account/snapshots";
/// `GET` and `PUT`: a snapshot by its operation ID.
pub const SNAPSHOT: &str = "/v1/account/snapshots/{operation}";
/// `POST`: deletes the account.
pub const DELETE: &str = "/v1/account/delete";
/// `POST`: replaces the recovery code.
pub const RECOVERY_CODE: &str = "/v1/account/recovery-code";
/// `POST`: changes the account's keys.
pub const REKEY: &str = "/v1/account/rekey";
/// `GET`: keyslot, device list and current snapshot for an enrolled device.
pub const DEVICE: &str = "/v1/account/device";
/// `POST`: the same for a device that is about to decrypt entries.
pub const RESTORE: &str = "/v1/account/restore";
/// `GET` and `POST`: the enrolled devices.
pub const DEVICES: &str = "/v1/account/devices";
/// `GET`: the account's history.
pub const HISTORY: &str = "/v1/account/history";
/// `POST`: opens a pairing mailbox.
pub const PAIRINGS: &str = "/v1/account/pairings";
/// `POST`: reads a pairing mailbox.
pub const PAIRING: &str = "/v1/pairing";
/// `POST`: stores the new device's reply in a pairing mailbox.
pub const PAIRING_REPLY: &str = "/v1/pairing/reply";
/// `POST`: first request of a passphrase change.
pub const PASSPHRASE_START: &str = "/v1/account/passphrase/start";
/// `POST`: second request of a passphrase change.
pub const PASSPHRASE_FINISH: &str = "/v1/account/passphrase/finish";
