//! Rootcellar's client for wallets in Kotlin, Swift and Python: one facade over the library, by UniFFI.
//!
//! A [`RootcellarClient`] is one device's view of one vault. It owns a thread on which all of its work runs, so that the key
//! stretching of about a second never holds up an app's main thread or event loop, and it does one thing at a time. Every
//! asynchronous method may be cancelled: what that means for each is said there, and the object is usable afterwards.
//!
//! Secrets cross the border as byte arrays, which the caller wipes; every piece of memory that this library frees, UniFFI's
//! buffers included, is wiped by its allocator. What it hands over to an app that has stopped waiting at that very moment is not
//! freed but lost by UniFFI, unwiped: an app lets calls that give secrets end before it cancels others. Errors are one sealed type ([`RootcellarError`]) with the stable codes of
//! `spec/errors.md`, and bear no secret. HTTP stack, keystore and a watcher of progress may be injected
//! ([`HttpTransport`], [`Keystore`], [`Progress`]).
//!
//! The folder works on Linux, Android (from API level 30) and Apple's systems, on storage of the app's own: not on a shared card,
//! nor in a container that apps share. A session that changes devices after a history was accepted saves an empty change, so that
//! the newest backup names the devices as they are and other logins believe them.

mod account;
mod backup;
mod client;
mod devices;
mod error;
mod foreign;
mod history;
mod keys;
mod pairing;
mod phrase;
mod recovery_code;
mod secret;
mod session;
mod values;
mod worker;

pub use client::{ClientOptions, RootcellarClient};
pub use error::RootcellarError;
pub use foreign::{
    HttpFailure, HttpHeader, HttpRequest, HttpResponse, HttpTransport, Keystore, KeystoreFailure, Progress,
    ProgressEvent, ProgressFailure,
};
pub use history::{Actor, EventDetail, History, HistoryEvent, MissingEvents, Stream};
pub use phrase::{
    Language, PhraseFacts, bip39_passphrase_oddities, check_passphrase, check_phrase, check_recovery_code,
    complete_word, generate_passphrase, nearest_words,
};
pub use values::{
    AccountState, Backup, Change, Device, DeviceChange, DeviceKind, DeviceState, Entry, EntryDetails,
    EntryKind, Item, LoginOptions, NewEntry, Overview, PairingRequest, PendingSaveResult, Permission,
    Purpose, RecoveryCodeNotice, RecoveryCodePurpose, RecoveryCodeState, Registration, RegistrationMode,
    RekeyReason, RetainedBackup, Saved, Secret, VaultInfo,
};

/// Wipes what it frees: UniFFI copies every value that crosses into a buffer of its own, which no type of ours could wipe. A program
/// in Rust has an allocator of its own, and uses `rootcellar-client`.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

uniffi::setup_scaffolding!("rootcellar");
