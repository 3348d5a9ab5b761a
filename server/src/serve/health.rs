//! `/healthz`: the process answers. `/readyz`: the store answers too, is still this vault's, and its clock is sound.
//! `/readyz/store`: the same without the clock, for a load balancer. Recovery by code and devices work with a wrong clock.

use crate::middleware::{ROOT_SECRET_REPLACED, Routine};
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

/// The store must answer within this time.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The store is asked no more often than this.
const FRESH: Duration = Duration::from_secs(1);
/// The process answers.
pub(crate) const HEALTHZ: &str = "/healthz";
/// The store answers too, and the clock is sound.
pub(crate) const READYZ: &str = "/readyz";
/// The store answers too.
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
/// What [`check_store`] found, or `None` while it is looking.
type Found = Option<Result<(), Reason>>;

/// Whether the vault is ready, for everybody who asks: the store is asked at most once in
/// [`FRESH`], however many ask.
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

    /// Whether the store answers.
    async fn get(&self) -> Result<(), Reason> {
        let mut looked = self.look();
        let found = looked.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
        found.unwrap_or_else(|| Err("The check of the store failed.".into()))
    }

    /// The last look at the store, or a new one where that is too old. It goes on if those who asked
    /// for it go away: else they could have the store asked as often as they like.
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

/// Whether the vault can do everything: the store and the clock are in order.
///
/// # Errors
/// With what is wrong, for the operator. Where a store does not answer, the log has more.
pub async fn check(state: &AppState) -> Result<(), Reason> {
    check_store(state).await?;
    check_clock(state)
}

/// Reads the object `vault`, as a replica must be able to. Where it bears another root secret's fingerprint, this vault
/// answers nothing any more until a later look finds its own again.
async fn check_store(state: &AppState) -> Result<(), Reason> {
    let found = match tokio::time::timeout(TIMEOUT, borne_fingerprint(state.store())).await {
        Ok(Ok(Some(found))) => found,
        Ok(Ok(None)) => return Err("The store answers, but its object `vault` is gone.".into()),
        Ok(Err(error)) => return Err(reason(&error)),
        Err(_) => return Err("The store does not answer in time.".into()),
    };
    if !state.note_owner(found) {
        return Err(ROOT_SECRET_REPLACED.into());
    }
    Ok(())
}

fn check_clock(state: &AppState) -> Result<(), Reason> {
    state.time().problem().map_or(Ok(()), |problem| Err(problem.to_string().into()))
}

/// What a store refuses is told with its reason, for the operator, who keeps this path to the inside; what did not answer
/// is left to the log.
fn reason(error: &LoadError) -> Reason {
    match error {
        LoadError::Store(StoreError::Refused { reason }) => format!("The store refuses: {reason}.").into(),
        LoadError::Store(StoreError::Unavailable(_)) => "The store does not answer.".into(),
        LoadError::Damaged(_) | LoadError::Format { .. } => format!("The store answers, but {error}.").into(),
    }
}
