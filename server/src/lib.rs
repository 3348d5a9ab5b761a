//! The Rootcellar vault server: HTTP, configuration, administration and the embedded store around
//! the operations of `rootcellar-vault`. It stores only ciphertext and exists for recovery.

pub mod admin;
pub mod admission;
pub mod config;
pub mod error_code;
pub mod extract;
pub mod handlers;
mod intake;
pub mod middleware;
#[cfg(feature = "openapi")]
mod openapi;
pub mod page;
pub mod problem;
pub mod root_secret;
pub mod router;
pub mod serve;
pub mod state;
pub mod store;
pub mod telemetry;

/// The OpenAPI description of every route, kept in `spec/openapi.json`.
#[cfg(feature = "openapi")]
#[must_use]
pub fn openapi_document() -> utoipa::openapi::OpenApi {
    let routes: Vec<_> = router::described().chain(serve::health::described()).collect();
    openapi::document(&routes)
}
