//! `/healthz`: the process answers. `/readyz`: the store answers too.

use crate::domain::names;
use crate::problem::Refusal;
use crate::store::Store;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use rootcellar_spec::ProblemCode;
use std::sync::Arc;
use std::time::Duration;

/// The store must answer within this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// The process answers.
pub(crate) const HEALTHZ: &str = "/healthz";
/// The store answers too.
pub(crate) const READYZ: &str = "/readyz";

pub(super) fn routes(store: Arc<dyn Store>) -> Router {
    listed()
        .into_iter()
        .fold(Router::new(), |all, (path, handler)| all.route(path, handler))
        .with_state(store)
}

/// Each path and its handler, all for `GET`.
pub(crate) fn listed() -> [(&'static str, MethodRouter<Arc<dyn Store>>); 2] {
    [(HEALTHZ, get(|| async { "ok\n" })), (READYZ, get(ready))]
}

async fn ready(State(store): State<Arc<dyn Store>>) -> Response {
    match check(&*store).await {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => Refusal::new(ProblemCode::StoreUnavailable, reason).into_response(),
    }
}

/// Reads the object `vault`, as a replica must be able to.
pub(crate) async fn check(store: &dyn Store) -> Result<(), &'static str> {
    match tokio::time::timeout(PATIENCE, store.get(&names::vault())).await {
        Ok(Ok(read)) if read.object.is_some() => Ok(()),
        Ok(Ok(_)) => Err("The store answers, but its object `vault` is gone."),
        Ok(Err(_)) => Err("The store does not answer or refuses."),
        Err(_) => Err("The store does not answer in time."),
    }
}
