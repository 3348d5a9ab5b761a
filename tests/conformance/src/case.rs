//! Reading and writing the parts of a vector.

use anyhow::{Context, Result, ensure};
use rootcellar_client::OpenError;
use rootcellar_client::snapshot::{Continuity, Seen};
use rootcellar_spec::{Digest, Number, hex};
use serde_json::Value;

/// Bytes as hex.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes.as_ref())
}

/// The bytes of a hex field.
pub(crate) fn bytes(vector: &Value, field: &str) -> Result<Vec<u8>> {
    hex::decode(text(vector, field)?).with_context(|| format!("{field} is no hex"))
}

/// The bytes of a hex field of exactly `N` bytes.
pub(crate) fn array<const N: usize>(vector: &Value, field: &str) -> Result<[u8; N]> {
    let bytes = bytes(vector, field)?;
    let found = bytes.len();
    bytes.try_into().ok().with_context(|| format!("{field} has {found} bytes instead of {N}"))
}

/// A text field.
pub(crate) fn text<'a>(vector: &'a Value, field: &str) -> Result<&'a str> {
    vector[field].as_str().with_context(|| format!("{field} is no text"))
}

/// A number field.
pub(crate) fn number(vector: &Value, field: &str) -> Result<u64> {
    vector[field].as_u64().with_context(|| format!("{field} is no number"))
}

/// The `result` for an outcome of reading.
pub(crate) fn result_of<T>(outcome: &Result<T, OpenError>) -> &'static str {
    match outcome {
        Ok(_) => "valid",
        Err(OpenError::Malformed(_)) => "malformed",
        Err(OpenError::Unsupported) => "unsupported",
        Err(_) => "authentication",
    }
}

/// What a vector says that a device has seen, if it says so.
pub(crate) fn seen(vector: &Value) -> Result<Option<Seen>> {
    let seen = &vector["seen"];
    if !seen.is_object() {
        return Ok(None);
    }
    Ok(Some(Seen { number: Number(number(seen, "number")?), digest: Digest(array(seen, "digest")?) }))
}

/// The `continuity` for a verdict.
pub(crate) fn continuity_of(verdict: Continuity) -> &'static str {
    match verdict {
        Continuity::Continues => "continues",
        Continuity::Rollback => "rollback",
        Continuity::Fork => "fork",
        Continuity::Gap => "gap",
    }
}

/// Fails where `found` is not what the vector's field says.
pub(crate) fn expect(vector: &Value, field: &str, found: impl Into<Value>) -> Result<()> {
    let found = found.into();
    ensure!(vector[field] == found, "{field}: the vector says {}, found {found}", vector[field]);
    Ok(())
}
