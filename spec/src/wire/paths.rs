//! The paths of section 15.

/// What every path begins with.
pub const ALL: &str = "/v1/";
/// `GET`: what the vault is.
pub const VAULT: &str = "/v1/vault";
/// `POST`: first trip of a login.
pub const LOGIN_START: &str = "/v1/login/start";
/// `POST`: second trip of a login.
pub const LOGIN_FINISH: &str = "/v1/login/finish";
/// `POST`: recovery login.
pub const RECOVERY: &str = "/v1/recovery";
/// `POST`: first trip of a registration.
pub const REGISTRATION_START: &str = "/v1/registration/start";
/// `POST`: second trip of a registration.
pub const REGISTRATION_FINISH: &str = "/v1/registration/finish";
/// `GET`: the account.
pub const ACCOUNT: &str = "/v1/account";
/// `GET`: the newest snapshot.
pub const HEAD: &str = "/v1/account/snapshots/head";
/// What every path of a snapshot begins with: append a slash and the base64url of the operation that made it.
pub const SNAPSHOTS: &str = "/v1/account/snapshots";
/// `GET` and `PUT`: a snapshot, by the operation that made it.
pub const SNAPSHOT: &str = "/v1/account/snapshots/{operation}";
/// `POST`: deletes the account.
pub const DELETE: &str = "/v1/account/delete";
/// `POST`: puts another recovery code in place.
pub const RECOVERY_CODE: &str = "/v1/account/recovery-code";
/// `POST`: changes the account's keys.
pub const REKEY: &str = "/v1/account/rekey";
/// `GET`: what an enrolled device needs to go on.
pub const DEVICE: &str = "/v1/account/device";
/// `POST`: the same, for a device that is about to open entries.
pub const RESTORE: &str = "/v1/account/restore";
/// `GET` and `POST`: the enrolled devices.
pub const DEVICES: &str = "/v1/account/devices";
/// `GET`: what happened.
pub const HISTORY: &str = "/v1/account/history";
/// `POST`: opens a pairing mailbox.
pub const PAIRINGS: &str = "/v1/account/pairings";
/// `POST`: reads a pairing mailbox.
pub const PAIRING: &str = "/v1/pairing";
/// `POST`: puts the new device's reply into a pairing mailbox.
pub const PAIRING_REPLY: &str = "/v1/pairing/reply";
/// `POST`: first trip of a passphrase change.
pub const PASSPHRASE_START: &str = "/v1/account/passphrase/start";
/// `POST`: second trip of a passphrase change.
pub const PASSPHRASE_FINISH: &str = "/v1/account/passphrase/finish";
