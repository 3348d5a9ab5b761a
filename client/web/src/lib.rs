//! Rootcellar's client for a page in a browser: the library behind `client/web/page/src/api.ts`, as WebAssembly.
//!
//! It runs in a dedicated worker, whose TypeScript injects requests, clock and storage ([`host`](../page/src/worker/host.ts)).
//! Secrets come in as bytes that are wiped here, and leave as bytes that their receiver wipes; everything else is text or
//! JSON. A step that fails is refused with a stable code and never with a text, so that no message of the library is
//! linked: 280 kB is all that a phone is asked to load.

pub mod account;
mod cancel;
pub mod devices;
pub mod entries;
mod failure;
mod held;
mod host;
mod input;
mod json;
pub mod keys;
pub mod pairing;
pub mod phrases;
mod platform;
mod secret_store;
mod state_store;
mod view;

/// Wipes what is freed: the bindings, and buffers that grow, leave copies that nobody else would wipe.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
