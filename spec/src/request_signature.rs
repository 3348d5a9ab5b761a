//! The signature profile of RFC 9421 (protocol.md section 14): the signed bytes, and the two
//! headers. Callers sign and verify.

use crate::base64url;
use crate::labels::SIGNATURE_TAG;
use crate::values::Timestamp;
use base64ct::{Base64, Encoding};

/// Header with covered components and parameters, in lower case.
pub const INPUT_HEADER: &str = "signature-input";
/// Header with the signature, in lower case.
pub const SIGNATURE_HEADER: &str = "signature";
/// Header with the session token, in lower case.
pub const SESSION_HEADER: &str = "rootcellar-session";
/// Header with the login MAC, in lower case.
pub const LOGIN_MAC_HEADER: &str = "rootcellar-login-mac";

/// Prefix of the session header's value for an enrolled device. base64url of account ID and device
/// ID (16 bytes each) follows.
pub const DEVICE_PREFIX: &str = "device.";

const LABEL: &str = "rc";

/// The parts of a request that the signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'a> {
    /// The HTTP method in upper case.
    pub method: &'a str,
    /// Host and non-default port, in lower case.
    pub authority: &'a str,
    /// The absolute path as sent.
    pub path: &'a str,
    /// The query as sent, without the question mark. Empty if there is none.
    pub query: &'a str,
    /// The value of the `Content-Digest` header.
    pub content_digest: &'a str,
    /// The value of the `Rootcellar-Session` header, if it is sent.
    pub session: Option<&'a str>,
}

/// The parameters of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The time of the signature, by the signer's clock.
    pub created: Timestamp,
    /// Random, so that no two signatures are equal.
    pub nonce: [u8; 16],
    /// The Ed25519 public key that verifies the signature.
    pub key: [u8; 32],
}

impl Parameters {
    /// The inner list with its parameters: the value after `rc=` and after `"@signature-params": `.
    fn serialize(&self, with_session: bool) -> String {
        let session = if with_session { " \"rootcellar-session\"" } else { "" };
        format!(
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\"{session});created={};nonce=\"{}\";keyid=\"{}\";tag=\"{SIGNATURE_TAG}\"",
            self.created.0,
            base64url::encode(&self.nonce),
            base64url::encode(&self.key),
        )
    }

    /// The value of the `Signature-Input` header.
    #[must_use]
    pub fn input_header(&self, with_session: bool) -> String {
        format!("{LABEL}={}", self.serialize(with_session))
    }

    /// Parses a `Signature-Input` header, which must be exactly what [`Self::input_header`] writes.
    #[must_use]
    pub fn parse(header: &str, with_session: bool) -> Option<Self> {
        let value = |name: &str| {
            let from = header.find(&format!(";{name}=\""))? + name.len() + 3;
            header[from..].split('"').next()
        };
        let created = header.split_once(";created=")?.1.split(';').next()?.parse().ok()?;
        let parameters = Self {
            created: Timestamp(created),
            nonce: base64url::decode_array(value("nonce")?)?,
            key: base64url::decode_array(value("keyid")?)?,
        };
        (parameters.input_header(with_session) == header).then_some(parameters)
    }
}

impl Covered<'_> {
    /// The signature base of RFC 9421 section 2.5: the exact bytes that are signed.
    #[must_use]
    pub fn signature_base(&self, parameters: &Parameters) -> String {
        let mut base = format!(
            "\"@method\": {}\n\"@authority\": {}\n\"@path\": {}\n\"@query\": ?{}\n\"content-digest\": {}\n",
            self.method, self.authority, self.path, self.query, self.content_digest,
        );
        if let Some(session) = self.session {
            base.push_str("\"rootcellar-session\": ");
            base.push_str(session);
            base.push('\n');
        }
        base.push_str("\"@signature-params\": ");
        base.push_str(&parameters.serialize(self.session.is_some()));
        base
    }
}

/// The value of the `Signature` header.
#[must_use]
pub fn signature_header(signature: &[u8; 64]) -> String {
    format!("{LABEL}=:{}:", Base64::encode_string(signature))
}

/// Parses a `Signature` header with exactly one signature of 64 bytes.
#[must_use]
pub fn parse_signature(header: &str) -> Option<[u8; 64]> {
    let text = header.strip_prefix("rc=:")?.strip_suffix(':')?;
    let signature = Base64::decode_vec(text).ok()?.try_into().ok()?;
    (signature_header(&signature) == header).then_some(signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parameters() -> Parameters {
        Parameters { created: Timestamp(1_700_000_000), nonce: [1; 16], key: [2; 32] }
    }

    #[test]
    fn reads_only_what_it_writes() {
        let header = parameters().input_header(true);
        assert_eq!(Parameters::parse(&header, true), Some(parameters()));
        assert_eq!(Parameters::parse(&header, false), None, "another set of components");
        for (from, to) in [
            ("\"@query\" ", ""),
            ("created=1700000000", "created=01700000000"),
            ("rc=", "sig1="),
            ("rootcellar-1", "rootcellar-2"),
            (";created", ";alg=\"ed25519\";created"),
        ] {
            let other = header.replacen(from, to, 1);
            assert_ne!(other, header);
            assert_eq!(Parameters::parse(&other, true), None, "{other}");
        }
        let twice = format!("{header}, {}", header.replacen("rc=", "rd=", 1));
        assert_eq!(Parameters::parse(&twice, true), None, "two signatures");
    }

    #[test]
    fn writes_the_base_of_the_rfc() {
        let covered = Covered {
            method: "PUT",
            authority: "vault.example.org",
            path: "/v1/account",
            query: "",
            content_digest: "sha-256=::",
            session: Some("abc"),
        };
        let base = covered.signature_base(&parameters());
        let lines: Vec<_> = base.lines().collect();
        assert_eq!(lines[0], "\"@method\": PUT");
        assert_eq!(lines[3], "\"@query\": ?");
        assert_eq!(lines[5], "\"rootcellar-session\": abc");
        assert!(lines[6].starts_with("\"@signature-params\": (\"@method\" "));
        assert!(!base.ends_with('\n'));
    }

    proptest! {
        #[test]
        fn never_panics(header: String) {
            let _ = Parameters::parse(&header, false);
            let _ = parse_signature(&header);
        }
    }
}
