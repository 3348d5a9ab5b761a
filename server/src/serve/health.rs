//! Health checks. `/healthz`: the process responds. `/readyz`: the store responds, belongs to this
//! vault, and the clock is sound. `/readyz/store`: the same without the clock, for a load balancer,
//! because recovery codes and devices work with a wrong clock.

use crate::middleware::{ROOT_SECRET_REPLACED, Routine};
#[cfg(feature = "openapi")]
use crate::openapi;
use crate::problem::Refusal;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::cas::LoadError;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use rootcellar_vault::opening::borne_fingerprint;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
#[cfg(feature = "openapi")]
use utoipa::openapi::HttpMethod;

/// How long the store may take to respond.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Minimum pause between two checks of the store.
const FRESH: Duration = Duration::from_secs(1);
/// Responds if the process runs.
pub(crate) const HEALTHZ: &str = "/healthz";
/// Checks the store and the clock.
pub(crate) const READYZ: &str = "/readyz";
/// Checks the store.
pub(crate) const STOREZ: &str = "/readyz/store";

pub(super) fn routes(readiness: Readiness) -> Router {
    listed()
        .into_iter()
        .fold(Router::new(), |all, (path, handler)| all.route(path, handler))
        .with_state(readiness)
}

/// Each path and its handler, all for `GET`.
pub(crate) fn listed() -> [(&'static str, MethodRouter<Readiness>); 3] {
    [
        (HEALTHZ, get(|| async { (Extension(Routine), "ok\n") })),
        (READYZ, get(ready)),
        (STOREZ, get(store_is_ready)),
    ]
}

/// The same paths, with what the description says about them.
#[cfg(feature = "openapi")]
pub(crate) fn described() -> [openapi::Route; 3] {
    [
        (HttpMethod::Get, HEALTHZ, openapi::healthz),
        (HttpMethod::Get, READYZ, openapi::readyz),
        (HttpMethod::Get, STOREZ, openapi::storez),
    ]
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let store = readiness.get().await;
    respond(store.and_then(|()| check_clock(&readiness.0.state)))
}

async fn store_is_ready(State(readiness): State<Readiness>) -> Response {
    respond(readiness.get().await)
}

fn respond(result: Result<(), Reason>) -> Response {
    let response = match result {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => Refusal::unavailable(reason).into_response(),
    };
    (Extension(Routine), response).into_response()
}

/// What is wrong, for the operator.
type Reason = Cow<'static, str>;
/// The result of [`check_store`], or `None` while it runs.
type Found = Option<Result<(), Reason>>;

/// Whether the vault is ready. All requests share one check of the store per [`FRESH`].
#[derive(Clone)]
pub(crate) struct Readiness(Arc<Inner>);

struct Inner {
    state: AppState,
    last: Mutex<Option<(Instant, watch::Receiver<Found>)>>,
}

impl Readiness {
    pub(super) fn new(state: AppState) -> Self {
        Self(Arc::new(Inner { state, last: Mutex::default() }))
    }

    /// Whether the store is ready.
    async fn get(&self) -> Result<(), Reason> {
        let mut looked = self.look();
        let found = looked.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
        found.unwrap_or_else(|| Err("The check of the store failed. See the log.".into()))
    }

    /// The last check of the store, or a new one if that is too old. A check continues if its
    /// requester disconnects. Otherwise clients could trigger any number of checks.
    fn look(&self) -> watch::Receiver<Found> {
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((began, looked)) = &*last {
            let is_under_way = looked.borrow().is_none() && looked.has_changed().is_ok();
            if is_under_way || began.elapsed() < FRESH {
                return looked.clone();
            }
        }
        let (found, looked) = watch::channel(None);
        *last = Some((Instant::now(), looked.clone()));
        let state = self.0.state.clone();
        tokio::spawn(async move {
            let result = check_store(&state).await;
            found.send_replace(Some(result));
        });
        looked
    }
}

/// Whether the vault is fully ready: store and clock.
///
/// # Errors
/// What is wrong, for the operator. If the store does not respond, the log has details.
pub async fn check(state: &AppState) -> Result<(), Reason> {
    check_store(state).await?;
    check_clock(state)
}

/// Reads the object `vault`. If it has the fingerprint of another root secret, this vault refuses
/// all requests until a later check finds its own again.
async fn check_store(state: &AppState) -> Result<(), Reason> {
    let found = match tokio::time::timeout(TIMEOUT, borne_fingerprint(state.store())).await {
        Ok(Ok(Some(found))) => found,
        Ok(Ok(None)) => return Err("The store responds, but its object `vault` is missing. Restore it from a backup or an older version.".into()),
        Ok(Err(error)) => return Err(reason(&error)),
        Err(_) => return Err("The store did not respond in time. See the log.".into()),
    };
    if !state.note_owner(found) {
        return Err(ROOT_SECRET_REPLACED.into());
    }
    Ok(())
}

fn check_clock(state: &AppState) -> Result<(), Reason> {
    state.time().problem().map_or(Ok(()), |problem| Err(problem.to_string().into()))
}

/// Includes the reason if the store refused the request, because only operators see these paths.
/// The log has the reason if it did not respond.
fn reason(error: &LoadError) -> Reason {
    match error {
        LoadError::Store(StoreError::Refused { reason }) => {
            format!("The store refused the request: {reason}").into()
        }
        LoadError::Store(StoreError::Unavailable(_)) => "The store does not respond. See the log.".into(),
        LoadError::Damaged(_) | LoadError::Format { .. } => error.to_string().into(),
    }
}
