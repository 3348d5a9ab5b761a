//! Runs the real `rootcellar-server` and `rootcellar` programs, types at their prompts, and breaks the wire between them.
//!
//! Nothing here waits for a length of time: a server is ready when it says where it listens, and a fault happens at a named
//! request.

#![allow(clippy::panic, reason = "a harness fails its test by a panic")]

mod balancer;
mod bucket;
mod client;
mod clock;
mod http;
mod killing;
mod programs;
mod root_secret;
mod server;
mod story;
mod terminal;
mod texts;
pub mod wallet;
mod wire;

pub use balancer::{Balancer, Passed};
pub use bucket::Bucket;
pub use client::{Client, Run, notes};
pub use clock::Clock;
pub use killing::{kill_at, kill_at_each};
pub use programs::{client_program, server_program};
pub use server::{Server, files_below};
pub use story::Story;
pub use terminal::Terminal;
pub use texts::{Shown, Text, text};
pub use wallet::Wallet;
pub use wire::{Fault, Wire};

/// A passphrase that passes the strength check.
pub const PASSPHRASE: &str = "glacier-viola-tundra-ocelot-brisk";
/// Another one.
pub const OTHER_PASSPHRASE: &str = "harbour-quartz-lemur-dapple-wrench";
/// A wrong one.
pub const WRONG_PASSPHRASE: &str = "mistaken-walrus-pickle-syntax-oboe";
/// A phrase of 12 words.
pub const PHRASE_12: &str =
    "attitude pigeon beach tourist forest legend explain truly struggle enough wine cloth";
/// A phrase of 24 words, from BIP-39's own vectors.
pub const PHRASE_24: &str = "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing \
                             screen patrol group space point ten exist slush involve unfold";
