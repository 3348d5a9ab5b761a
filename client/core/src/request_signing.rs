//! Signing requests (protocol.md section 14) and the MAC of a login's second trip (section 15.3).

use crate::keys::LoginMacKey;
use crate::randomness::{self, Randomness};
use crate::transport::Request;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::request_signature::{
    Covered, INPUT_HEADER, LOGIN_MAC_HEADER, Parameters, SESSION_HEADER, SIGNATURE_HEADER, signature_header,
};
use rootcellar_spec::wire::login::FinishRequest;
use rootcellar_spec::{Digest, NameHash, Timestamp, base64url, content_digest, labels};
use sha2::Sha512;
use zeroize::Zeroizing;

/// An Ed25519 key that signs requests: a session's, or the recovery code's login key. Wiped on drop.
pub struct RequestKey(SigningKey);

impl RequestKey {
    /// Draws a key for one session.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self::from_seed(&Zeroizing::new(randomness::bytes(randomness)))
    }

    /// The key of an RFC 8032 seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public key, which names the key and verifies its signatures.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The headers that sign `request` for a vault of this authority.
    ///
    /// A session token already among the request's headers is covered. A second signature over the same request needs a
    /// fresh nonce.
    #[must_use]
    pub fn sign(
        &self,
        request: &Request,
        authority: &str,
        created: Timestamp,
        nonce: [u8; 16],
    ) -> [(&'static str, String); 3] {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let session = request.headers.iter().find(|(name, _)| *name == SESSION_HEADER);
        let content_digest = content_digest::of(&request.body);
        let covered = Covered {
            method: request.method.as_str(),
            authority,
            path,
            query,
            content_digest: &content_digest,
            session: session.map(|(_, value)| value.as_str()),
        };
        let parameters = Parameters { created, nonce, key: self.public() };
        let signature = self.0.sign(covered.signature_base(&parameters).as_bytes());
        [
            (INPUT_HEADER, parameters.input_header(session.is_some())),
            (SIGNATURE_HEADER, signature_header(&signature.to_bytes())),
            (content_digest::HEADER, content_digest),
        ]
    }
}

impl From<SigningKey> for RequestKey {
    fn from(key: SigningKey) -> Self {
        Self(key)
    }
}

impl std::fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestKey([redacted])")
    }
}

/// The header that binds a login's second trip, its exact body included, to OPAQUE's session key.
#[must_use]
pub fn login_mac(
    key: &LoginMacKey,
    name_hash: &NameHash,
    finish: &FinishRequest,
    body: &[u8],
) -> (&'static str, String) {
    let mut mac = Hmac::<Sha512>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
    mac.update(&encode_parts(&[
        labels::LOGIN_FINISH.as_bytes(),
        &name_hash.0,
        &finish.token,
        &finish.ke3,
        &finish.request_key,
        &Digest::of(body).0,
    ]));
    let mac: [u8; 64] = mac.finalize().into_bytes().into();
    (LOGIN_MAC_HEADER, base64url::encode(&mac))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Method;
    use ed25519_dalek::{Signature, VerifyingKey};
    use rootcellar_spec::request_signature::parse_signature;

    fn request() -> Request {
        Request {
            method: Method::Put,
            path: "/v1/account/snapshots/AA?x=1".to_owned(),
            headers: vec![(SESSION_HEADER, "token".to_owned())],
            body: b"body".to_vec(),
        }
    }

    #[test]
    fn signs_what_the_profile_covers() {
        let key = RequestKey::from_seed(&[7; 32]);
        let [(_, input), (_, signature), (_, digest)] =
            key.sign(&request(), "vault.example.org", Timestamp(1_700_000_000), [1; 16]);
        let parameters = Parameters::parse(&input, true).expect("the profile's header");
        assert_eq!(parameters.key, key.public());
        let covered = Covered {
            method: "PUT",
            authority: "vault.example.org",
            path: "/v1/account/snapshots/AA",
            query: "x=1",
            content_digest: &digest,
            session: Some("token"),
        };
        let signature = Signature::from_bytes(&parse_signature(&signature).expect("a signature"));
        let verifier = VerifyingKey::from_bytes(&parameters.key).expect("a key");
        let verify = |covered: &Covered<'_>| {
            verifier.verify_strict(covered.signature_base(&parameters).as_bytes(), &signature)
        };
        assert!(verify(&covered).is_ok());
        assert!(verify(&Covered { query: "", ..covered }).is_err());
        assert!(verify(&Covered { session: Some("other"), ..covered }).is_err());
    }

    #[test]
    fn the_login_mac_covers_every_part() {
        let key = LoginMacKey::from_bytes(&[3; 64]);
        let finish = FinishRequest { token: vec![1], ke3: [2; 64], request_key: [3; 32], purpose: None };
        let (_, mac) = login_mac(&key, &NameHash([4; 32]), &finish, b"body");
        assert_eq!(mac.len(), 86);
        let others = [
            login_mac(&key, &NameHash([5; 32]), &finish, b"body"),
            login_mac(&key, &NameHash([4; 32]), &finish, b"bodies"),
            login_mac(&key, &NameHash([4; 32]), &FinishRequest { token: vec![2], ..finish.clone() }, b"body"),
            login_mac(&key, &NameHash([4; 32]), &FinishRequest { ke3: [1; 64], ..finish.clone() }, b"body"),
            login_mac(&LoginMacKey::from_bytes(&[9; 64]), &NameHash([4; 32]), &finish, b"body"),
        ];
        assert!(others.iter().all(|(_, other)| *other != mac));
    }
}
