//! What a vault can say that is not so, and what the client makes of it: for each lie one error, nothing that is shown,
//! remembered, saved or changed, and entries that can be restored wherever the protocol says so.

#![allow(clippy::panic, reason = "a table's case fails its test by a panic")]

mod device_lists;
mod device_tables;
mod histories;
mod keyslots;
mod pairings;
mod scene;
mod stolen_device;
