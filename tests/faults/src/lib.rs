//! Every operation of a vault, with a fault of its store between any two steps.
//!
//! A world is one process: two replicas of the real vault on a store that fails where a plan says so, real clients on a wire
//! into them, one clock that costs nothing to wait for, and randomness that is the same in every run. An [`Operation`] is
//! run once without faults, which shows the store calls that it makes. Then it is run in a fresh world for each call and
//! each [`Fault`] that fits it, and for pairs of faults, of which a seed picks as many as there is time for. After each run
//! the person tries again, as the client advises, on a store that is well; then everything is loaded again from the store and
//! compared with what the person was told:
//!
//! - what was acknowledged is there, with the newest passphrase and with the recovery code, and nothing else is;
//! - what was refused did not take place; whatever may have, the client said that nobody knows;
//! - and of every write and answer on the way, what [`invariants`] says.
//!
//! # A new operation
//! An empty type in `operations/` that implements [`Operation`]: what is there before, what is done under faults, what the
//! person does next. It tells what it was told through the methods of [`Simulation`], which compare and remember. One test in
//! `tests/operations.rs` runs it. A new kind of object, or a new rule of an old one, goes into [`invariants`].
//!
//! # A vault that lies
//! [`malicious`] alters what the vault says, instead of what its store does; `tests/malicious/` holds the lies.
//!
//! # When a run fails
//! The message names the faults of the run and the calls that it made. `ROOTCELLAR_FAULTS_RUN=n` reports the n-th of an
//! operation alone, and passes where that one does; `ROOTCELLAR_FAULTS_SEED=n` picks other pairs, `ROOTCELLAR_FAULTS_PAIRS=n` more of them.
//! What was wrong once has a test of its own in `tests/found.rs`.

#![allow(clippy::panic, reason = "a harness fails its test by a panic")]

mod check;
mod draws;
pub mod fault;
pub mod faulty;
pub mod invariants;
pub mod malicious;
pub mod memory;
pub mod operations;
pub mod person;
pub mod recording;
mod search;
mod simulation;
pub mod time;
pub mod vault;

pub use draws::Draws;
pub use fault::Fault;
pub use operations::Operation;
pub use search::{run_with, search};
pub use simulation::{Prepared, Simulation};
