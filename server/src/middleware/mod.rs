//! The middleware around every route, outermost first. [`around`] is the whole stack.

mod client_address;
mod cors;
mod grid;
mod observe;
mod owner;
mod panics;
mod rate;
mod read_only;
mod request_id;
#[cfg(test)]
mod tests;

pub use client_address::{ClientAddress, Proxies, Unknown};
pub use cors::PageOrigins;
pub(crate) use grid::Gridded;
pub(crate) use observe::{RouteName, Routine};
pub(crate) use owner::{ROOT_SECRET_REPLACED, refuse_another};
pub(crate) use rate::Rate;
pub(crate) use read_only::refuse_writes;
pub use request_id::{REQUEST_ID, RequestId};

use crate::config::Limits;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;

/// Who may reach the vault, and how.
#[derive(Debug, Default)]
pub struct Reach {
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Proxies,
    /// Other origins whose pages may use the vault.
    pub page_origins: PageOrigins,
}

/// Puts the stack around `api`. `health` gets only the outer part, because it does not compete with
/// clients.
pub fn around(api: Router, health: Router, limits: Limits, from: Reach) -> Router {
    let Reach { trusted_proxies, page_origins } = from;
    let bounds = ServiceBuilder::new()
        .layer(from_fn_with_state(trusted_proxies, client_address::find))
        .layer(from_fn_with_state(rate::Rate::new("rate-per-address", limits.rate_per_address), rate::limit))
        .layer(from_fn_with_state(page_origins.clone(), cors::answer_preflight))
        .layer(from_fn_with_state(
            rate::Rate::new("starts-per-address", limits.starts_per_address),
            rate::limit_starts,
        ))
        .layer(from_fn(grid::hold));
    let outer = ServiceBuilder::new()
        .layer(from_fn(request_id::assign))
        .layer(from_fn(observe::observe))
        .layer(from_fn_with_state(page_origins, cors::allow))
        .layer(panics::layer());
    api.layer(bounds).merge(health).layer(outer)
}
