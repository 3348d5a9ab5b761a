//! The `Content-Digest` header: RFC 9530 with only `sha-256` (protocol.md section 14).

use base64ct::{Base64, Encoding};
use sha2::{Digest as _, Sha256};

/// The name of the header, in lower case.
pub const HEADER: &str = "content-digest";

/// The header's value for `body`: `sha-256=:BASE64:`.
#[must_use]
pub fn of(body: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(body).into();
    format!("sha-256=:{}:", Base64::encode_string(&digest))
}

#[cfg(test)]
mod tests {
    #[test]
    fn matches_rfc_9530() {
        // RFC 9530 appendix D: the digest of `{"hello": "world"}\n` and of the empty body's SHA-256.
        assert_eq!(
            super::of(b"{\"hello\": \"world\"}\n"),
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
        );
        assert_eq!(super::of(b""), "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    }
}
