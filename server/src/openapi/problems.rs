//! The refusals of a route: one response per status, with its codes. Routes share them.

use super::operation::{answer, schema};
use http::header;
use rootcellar_spec::openapi::code_among;
use rootcellar_spec::problem::MEDIA_TYPE;
use rootcellar_spec::{Problem, ProblemCode};
use std::collections::BTreeMap;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Content, Header, Response};

/// The refusals by limits.
const OF_LIMITS: [ProblemCode; 5] = [
    ProblemCode::Malformed,
    ProblemCode::TooLarge,
    ProblemCode::RateLimited,
    ProblemCode::Busy,
    ProblemCode::Timeout,
];

/// The codes of a route's refusals by status: those of
/// `codes`, those of the limits if they apply, and `internal`.
pub(super) fn by_status(codes: &[ProblemCode], limited: bool) -> BTreeMap<u16, Vec<ProblemCode>> {
    let limits: &[ProblemCode] = if limited { &OF_LIMITS } else { &[] };
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in ProblemCode::ALL {
        if *code == ProblemCode::Internal || limits.contains(code) || codes.contains(code) {
            by_status.entry(code.status()).or_default().push(*code);
        }
    }
    by_status
}

/// The name of the response with these codes.
pub(super) fn name(codes: &[ProblemCode]) -> String {
    codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(".")
}

/// The response with these codes.
pub(super) fn response(codes: &[ProblemCode]) -> Response {
    let lines: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    let narrowed = ObjectBuilder::new().property("code", code_among(codes));
    let problem = AllOfBuilder::new().item(schema::<Problem>()).item(narrowed);
    let response = answer(lines.join(" ")).content(MEDIA_TYPE, Content::new(Some(problem)));
    let waits = codes.iter().any(|code| matches!(code.status(), 429 | 503));
    if waits {
        response.header(header::RETRY_AFTER.as_str(), retry_after()).build()
    } else {
        response.build()
    }
}

fn retry_after() -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0))))
        .description(Some(
            "Seconds to wait before the next attempt, like `retry_after` in the body. Not in every response.",
        ))
        .build()
}
