//! The facade against the real vault: what a lost connection, a keystore that fails, a cancelled call or a damaged file leaves.

#![allow(clippy::panic, reason = "a helper fails its test by a panic")]

mod codes;
mod committed;
mod entering;
mod folders;
mod pairing;
mod recovery_codes;
mod refused_head;
mod registering;
mod support;
