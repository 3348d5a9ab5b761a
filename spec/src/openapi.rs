//! How the wire types look in the OpenAPI description (protocol.md section 13). Only there: nothing here parses.

use crate::limits::TOKEN_BYTES;
use crate::problem::ProblemCode;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The base64url alphabet, as a class of a regular expression.
const ALPHABET: &str = "[A-Za-z0-9_-]";

/// Stands in for `N` bytes that are base64url text on the wire.
#[derive(Debug)]
pub struct Bytes<const N: usize>;

/// Stands in for a token: bytes up to a limit that are base64url text on the wire.
#[derive(Debug)]
pub struct Token;

/// Characters that `bytes` bytes take in base64url without padding.
const fn characters(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Matches what encodes exactly `bytes` bytes: the last character has no bits to spare.
fn pattern(bytes: usize) -> String {
    let last = match bytes % 3 {
        0 => return format!("^{ALPHABET}{{{}}}$", characters(bytes)),
        1 => "[AQgw]",
        _ => "[AEIMQUYcgkosw048]",
    };
    format!("^{ALPHABET}{{{}}}{last}$", characters(bytes) - 1)
}

fn text(longest: usize, pattern: impl Into<String>, description: String) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .content_encoding("base64url")
        .max_length(Some(longest))
        .pattern(Some(pattern))
        .description(Some(description))
}

impl<const N: usize> PartialSchema for Bytes<N> {
    fn schema() -> RefOr<Schema> {
        let description = format!("{N} bytes as base64url without padding: {} characters.", characters(N));
        text(characters(N), pattern(N), description).min_length(Some(characters(N))).into()
    }
}

impl<const N: usize> ToSchema for Bytes<N> {
    fn name() -> Cow<'static, str> {
        format!("Bytes{N}").into()
    }
}

impl PartialSchema for Token {
    fn schema() -> RefOr<Schema> {
        let description = format!(
            "At most {TOKEN_BYTES} bytes as base64url without padding. Only the vault that made them can read them."
        );
        text(characters(TOKEN_BYTES), format!("^{ALPHABET}*$"), description).into()
    }
}

impl ToSchema for Token {}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let description = "The stable code; `spec/errors.md` gives cause and next step of each.";
        code_among(Self::ALL).description(Some(description)).into()
    }
}

impl ToSchema for ProblemCode {}

/// One of these codes.
#[must_use]
pub fn code_among(codes: &[ProblemCode]) -> ObjectBuilder {
    let codes = codes.iter().map(|code| code.as_str());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes))
}
