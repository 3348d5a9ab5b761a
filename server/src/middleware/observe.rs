//! One log line and one measurement per request, by route and not by path, because paths contain
//! operation IDs.

use super::RequestId;
use super::rate::TooMany;
use crate::telemetry::metrics::{IN_FLIGHT, REQUEST_SECONDS, REQUESTS};
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use metrics::{counter, gauge, histogram};
use std::time::Instant;

/// The route's name of a response, for paths without routes of their own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteName(pub(crate) &'static str);

/// Marks the response to a health check, which is logged only at the level `debug`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routine;

pub(super) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched".to_owned(), |path| path.as_str().to_owned());
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let in_flight = InFlight::begin();
    let response = next.run(request).await;
    drop(in_flight);
    let route = response.extensions().get::<RouteName>().map_or(route, |name| name.0.to_owned());
    let status = response.status();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned())
        .increment(1);
    histogram!(REQUEST_SECONDS, "route" => route.clone()).record(started.elapsed().as_secs_f64());
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let is_routine = response.extensions().get::<Routine>().is_some();
    if is_routine || response.extensions().get::<TooMany>().is_some() {
        // No one may fill the log, and health checks have no limit. A limit that is reached logs a
        // warning once a minute, and failures of store and clock are logged where they occur.
        tracing::debug!(event = "request", request_id, method, route, status = status.as_u16(), milliseconds);
    } else {
        tracing::info!(event = "request", request_id, method, route, status = status.as_u16(), milliseconds);
    }
    response
}

/// Counts down also if the client is gone and the future is dropped.
struct InFlight;

impl InFlight {
    fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1);
    }
}

/// Methods that a client invents must not become labels.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
