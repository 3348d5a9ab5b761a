//! The topics, one a module.

mod base64url;
mod cbor;
mod device_files;
mod device_lists;
mod entries;
mod history;
mod inventories;
mod key_schedule;
mod keyslots;
mod login_finish;
mod names;
mod opaque;
mod padding;
mod pairing;
mod passphrases;
mod recovery_codes;
mod recovery_labels;
mod recovery_methods;
mod request_signatures;
mod sessions;
mod snapshots;

use crate::Topic;

/// Every topic.
pub const ALL: &[Topic] = &[
    base64url::TOPIC,
    cbor::TOPIC,
    device_files::TOPIC,
    device_lists::TOPIC,
    entries::TOPIC,
    history::TOPIC,
    inventories::TOPIC,
    key_schedule::TOPIC,
    keyslots::TOPIC,
    login_finish::TOPIC,
    names::TOPIC,
    opaque::LOGIN,
    opaque::REGISTRATION,
    padding::TOPIC,
    pairing::TOPIC,
    passphrases::TOPIC,
    recovery_codes::TOPIC,
    recovery_labels::TOPIC,
    recovery_methods::TOPIC,
    request_signatures::TOPIC,
    sessions::TOPIC,
    snapshots::TOPIC,
];
