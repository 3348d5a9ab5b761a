//! The real binary, as an operator meets it: starts and refusals, signals, health, TLS, metrics and the admin socket.

mod admin;
mod admission;
mod begin;
mod bucket;
mod clock;
mod replace_root_secret;
// The engine of S3 that the crate of the bucket is tested with.
mod cors;
#[path = "../../s3/src/tests/engine/mod.rs"]
#[allow(dead_code, reason = "those tests use more of it")]
mod engine;
mod life;
mod moving;
mod refusals;
mod root_secret;
mod server;
mod timing;
mod web;
