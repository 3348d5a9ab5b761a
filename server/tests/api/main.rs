//! The vault's requests against the router in process: a client made of `opaque-ke` and a cheap KSF, a clock that tests
//! set, seeded randomness, and a store that counts calls and can fail.

mod admission;
mod budget;
mod clock;
mod copying;
mod deletion;
mod device_requests;
mod devices;
mod fast_forward;
mod half_registered;
mod history;
mod login;
mod malformed;
mod missing_head;
mod naming;
mod order_of_checks;
mod pairing;
mod passphrase;
mod permissions;
mod races;
mod recovery;
mod recovery_code;
mod recovery_methods;
mod refused_saves;
mod registration;
mod rekey;
mod repeats;
mod retention;
mod root_secret_replaced;
mod signatures;
mod snapshots;
mod store_owner;
mod stored;
mod suites;
mod support;
mod sweep;
