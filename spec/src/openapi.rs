//! The wire types in the OpenAPI description (protocol.md section 13). Nothing here parses.

use crate::envelope::size_of_class;
use crate::limits::{
    DEVICE_LIST_BYTES, KEYSLOT_BYTES, PAIRING_MESSAGE_BYTES, RECOVERY_LABEL_BYTES, TOKEN_BYTES,
};
use crate::problem::ProblemCode;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The base64url alphabet, as a character class of a regular expression.
const ALPHABET: &str = "[A-Za-z0-9_-]";

/// The possible last characters, if one byte or two bytes remain at the end.
const AFTER_ONE: &str = "[AQgw]";
const AFTER_TWO: &str = "[AEIMQUYcgkosw048]";

/// The schema of `N` bytes as base64url text.
#[derive(Debug)]
pub struct Bytes<const N: usize>;

/// The schema of a token: bytes up to a limit, as base64url text.
#[derive(Debug)]
pub struct Token;

/// Length of `bytes` bytes in base64url without padding, in characters.
const fn characters(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// A regular expression for exactly `bytes` bytes. The last character has no excess bits.
fn pattern(bytes: usize) -> String {
    let whole = bytes / 3 * 4;
    match bytes % 3 {
        0 => format!("^{ALPHABET}{{{whole}}}$"),
        1 => format!("^{ALPHABET}{{{}}}{AFTER_ONE}$", whole + 1),
        _ => format!("^{ALPHABET}{{{}}}{AFTER_TWO}$", whole + 2),
    }
}

/// A regular expression for any number of bytes.
fn pattern_of_any() -> String {
    format!("^({ALPHABET}{{4}})*({ALPHABET}{AFTER_ONE}|{ALPHABET}{{2}}{AFTER_TWO})?$")
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
        text(characters(TOKEN_BYTES), pattern_of_any(), description).into()
    }
}

impl ToSchema for Token {}

/// The schema of a device list (section 18).
#[derive(Debug)]
pub struct DeviceList;

impl PartialSchema for DeviceList {
    fn schema() -> RefOr<Schema> {
        let description = format!(
            "A device list (section 18), at most {DEVICE_LIST_BYTES} bytes, as base64url without padding."
        );
        text(characters(DEVICE_LIST_BYTES), pattern_of_any(), description).into()
    }
}

impl ToSchema for DeviceList {}

/// The schema of a message in a pairing mailbox (section 19).
#[derive(Debug)]
pub struct PairingMessage;

impl PartialSchema for PairingMessage {
    fn schema() -> RefOr<Schema> {
        let description = format!(
            "A sealed message (section 19), at most {PAIRING_MESSAGE_BYTES} bytes, as base64url without padding."
        );
        text(characters(PAIRING_MESSAGE_BYTES), pattern_of_any(), description).into()
    }
}

impl ToSchema for PairingMessage {}

/// The schema of a keyslot (section 7).
#[derive(Debug)]
pub struct Keyslot;

impl PartialSchema for Keyslot {
    fn schema() -> RefOr<Schema> {
        let description = format!(
            "A keyslot (section 7) as base64url without padding: an envelope of 332 bytes or of a larger size class, \
             at most {KEYSLOT_BYTES} bytes."
        );
        let shortest = characters(size_of_class(256));
        text(characters(KEYSLOT_BYTES), pattern_of_any(), description).min_length(Some(shortest)).into()
    }
}

impl ToSchema for Keyslot {}

/// The schema of a recovery method's encrypted label (section 7.1).
#[derive(Debug)]
pub struct RecoveryLabel;

impl PartialSchema for RecoveryLabel {
    fn schema() -> RefOr<Schema> {
        let description = format!(
            "An encrypted label (section 7.1), at most {RECOVERY_LABEL_BYTES} bytes, as base64url without padding."
        );
        text(characters(RECOVERY_LABEL_BYTES), pattern_of_any(), description).into()
    }
}

impl ToSchema for RecoveryLabel {}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let description = "The stable code; `spec/errors.md` gives cause and next step of each.";
        code_among(Self::ALL).description(Some(description)).into()
    }
}

impl ToSchema for ProblemCode {}

/// The schema of a code that is one of these.
#[must_use]
pub fn code_among(codes: &[ProblemCode]) -> ObjectBuilder {
    let codes = codes.iter().map(|code| code.as_str());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes))
}
