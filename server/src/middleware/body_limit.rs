//! Reads each body whole, up to the protocol's limit for its kind (protocol.md section 1.1), before any handler runs.

use crate::problem::Refusal;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use rootcellar_spec::limits::{JSON_BODY_BYTES, SNAPSHOT_BYTES};
use rootcellar_spec::parts::PARTS_BODY_BYTES;
use rootcellar_spec::{ProblemCode, wire::paths};

pub(super) async fn collect(request: Request, next: Next) -> Response {
    let limit = limit_of(&request);
    let (parts, body) = request.into_parts();
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|value| value.parse::<u64>().ok()).is_some_and(|bytes| bytes > limit as u64) {
        return too_large(limit);
    }
    match read(body, limit).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refused) => refused,
    }
}

/// The most bytes that this request's body may have.
fn limit_of(request: &Request) -> usize {
    let path = request.uri().path();
    match *request.method() {
        Method::PUT if path.starts_with(paths::SNAPSHOTS) => SNAPSHOT_BYTES,
        Method::POST if path == paths::REKEY => PARTS_BODY_BYTES,
        _ => JSON_BODY_BYTES,
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Response> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Err(_) => {
            let detail = "The body ended before its end. Send the same again.";
            Err(Refusal::malformed("body", detail).into_response())
        }
    }
}

fn too_large(limit: usize) -> Response {
    let detail = format!("The body of this request may have at most {limit} bytes.");
    Refusal::new(ProblemCode::TooLarge, detail).into_response()
}
