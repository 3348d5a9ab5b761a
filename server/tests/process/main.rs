//! The real binary, as an operator meets it: starts and refusals, signals, health, TLS, metrics and the admin socket.

mod admin;
mod adopt;
mod life;
mod refusals;
mod root_secret;
mod server;
