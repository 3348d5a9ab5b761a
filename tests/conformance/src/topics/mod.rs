//! The topics, one a module.

mod entries;
mod inventories;
mod key_schedule;
mod keyslots;
mod names;
mod padding;
mod passphrases;
mod recovery_codes;
mod request_signatures;
mod snapshots;

use crate::Topic;

/// Every topic.
pub const ALL: &[Topic] = &[
    entries::TOPIC,
    inventories::TOPIC,
    key_schedule::TOPIC,
    keyslots::TOPIC,
    names::TOPIC,
    padding::TOPIC,
    passphrases::TOPIC,
    recovery_codes::TOPIC,
    request_signatures::TOPIC,
    snapshots::TOPIC,
];
