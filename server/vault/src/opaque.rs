//! The server's part of OPAQUE (RFC 9807; protocol.md section 12) with fixed sizes and one suite.
//!
//! Messages are arrays of exact length, because `opaque-ke` ignores trailing bytes. Results with
//! keys are wrapped at once.

use crate::entropy::Entropy;
use opaque_ke::{
    CipherSuite, CredentialFinalization, CredentialRequest, RegistrationRequest, RegistrationUpload,
    Ristretto255, ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh, ksf,
};
use rootcellar_spec::suite::opaque_bytes::{
    KE1, KE2, KE3, PUBLIC_KEY, REGISTRATION_RECORD, REGISTRATION_REQUEST, REGISTRATION_RESPONSE,
};
use rootcellar_spec::{NameHash, SuiteId, VaultId, encode_parts::encode_parts, labels};
use std::fmt;
use voprf::{Group, Mode};
use zeroize::{Zeroize, Zeroizing};

/// Size of the state between KE1 and KE3, in bytes. It contains the session key.
pub const LOGIN_STATE: usize = 128;

/// Suite 1. Only the client runs Argon2id.
struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, <voprf::Ristretto255 as voprf::CipherSuite>::Hash>;
    type Ksf = ksf::Identity;
}

/// A message with a valid length that is not a valid OPAQUE message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid OPAQUE message")]
pub struct InvalidMessage;

/// The vault's OPAQUE keys: `oprf_seed`, static key pair, and the public key of the fake record.
pub struct Setup(ServerSetup<Suite>);

/// The state between the two requests of a login, 128 bytes.
pub struct LoginState(Zeroizing<[u8; LOGIN_STATE]>);

/// OPAQUE's `session_key`, 64 bytes. Wiped on drop.
pub struct SessionKey(Zeroizing<[u8; 64]>);

impl Setup {
    pub(crate) fn new(oprf_seed: &[u8; 64], ake_seed: &[u8; 32], dummy_seed: &[u8; 32]) -> Self {
        let mut bytes = Zeroizing::new([0; 128]);
        let (seed, keys) = bytes.split_at_mut(64);
        let (private, dummy) = keys.split_at_mut(32);
        seed.copy_from_slice(oprf_seed);
        private.copy_from_slice(derive_private(ake_seed).as_slice());
        dummy.copy_from_slice(&public_of(&derive_private(dummy_seed)));
        Self(
            ServerSetup::deserialize(bytes.as_slice()).expect("seed and derived keys have the setup's shape"),
        )
    }

    /// The vault's public key, which clients pin.
    #[must_use]
    pub fn public_key(&self) -> [u8; PUBLIC_KEY] {
        self.0.keypair().public().serialize().into()
    }

    /// The first request of a registration or passphrase change: evaluates the OPRF.
    ///
    /// # Errors
    /// If the request is not a valid group element.
    pub fn start_registration(
        &self,
        request: &[u8; REGISTRATION_REQUEST],
        credential_identifier: &[u8],
    ) -> Result<[u8; REGISTRATION_RESPONSE], InvalidMessage> {
        let request = RegistrationRequest::deserialize(request).map_err(|_| InvalidMessage)?;
        let started = ServerRegistration::<Suite>::start(&self.0, request, credential_identifier)
            .map_err(|_| InvalidMessage)?;
        Ok(started.message.serialize().into())
    }

    /// The first request of a login: evaluates the OPRF and creates KE2. Without a record, a fake
    /// one is used.
    ///
    /// # Errors
    /// If KE1 or the record is invalid.
    pub fn start_login(
        &self,
        entropy: &dyn Entropy,
        record: Option<&[u8; REGISTRATION_RECORD]>,
        ke1: &[u8; KE1],
        credential_identifier: &[u8],
        context: &[u8],
    ) -> Result<([u8; KE2], LoginState), InvalidMessage> {
        let request = CredentialRequest::deserialize(ke1).map_err(|_| InvalidMessage)?;
        let record = record.map(|bytes| ServerRegistration::deserialize(bytes).map_err(|_| InvalidMessage));
        let parameters = ServerLoginParameters { context: Some(context), ..Default::default() };
        let started = ServerLogin::<Suite>::start(
            &mut Rng(entropy),
            &self.0,
            record.transpose()?,
            request,
            credential_identifier,
            parameters,
        )
        .map_err(|_| InvalidMessage)?;
        let mut serialized = started.state.serialize();
        let mut state = Zeroizing::new([0; LOGIN_STATE]);
        state.copy_from_slice(&serialized);
        serialized.zeroize();
        let mut ke2 = [0; KE2];
        ke2.copy_from_slice(&started.message.serialize());
        Ok((ke2, LoginState(state)))
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Setup([redacted])")
    }
}

impl LoginState {
    pub(crate) fn from_bytes(bytes: [u8; LOGIN_STATE]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8; LOGIN_STATE] {
        &self.0
    }

    /// The second request: checks KE3 and returns the session key.
    ///
    /// `opaque-ke` neither remembers that a state was used nor binds anything else. See [`crate::login`].
    ///
    /// # Errors
    /// If KE3 does not belong to this handshake.
    pub fn finish(self, ke3: &[u8; KE3]) -> Result<SessionKey, InvalidMessage> {
        let state = ServerLogin::<Suite>::deserialize(self.0.as_slice()).map_err(|_| InvalidMessage)?;
        let ke3 = CredentialFinalization::deserialize(ke3).map_err(|_| InvalidMessage)?;
        let mut finished = state.finish(ke3, ServerLoginParameters::default()).map_err(|_| InvalidMessage)?;
        let mut key = Zeroizing::new([0; 64]);
        key.copy_from_slice(&finished.session_key);
        finished.session_key.zeroize();
        Ok(SessionKey(key))
    }
}

impl fmt::Debug for LoginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginState([redacted])")
    }
}

impl SessionKey {
    pub(crate) fn expose(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey([redacted])")
    }
}

/// Whether these bytes are a valid registration record.
#[must_use]
pub fn is_record(bytes: &[u8; REGISTRATION_RECORD]) -> bool {
    RegistrationUpload::<Suite>::deserialize(bytes).is_ok()
}

/// Whether these bytes are a valid KE1. Checked before anything is charged.
#[must_use]
pub fn is_ke1(bytes: &[u8; KE1]) -> bool {
    CredentialRequest::<Suite>::deserialize(bytes).is_ok()
}

/// Whether these bytes are a valid registration request. Checked before anything is charged.
#[must_use]
pub fn is_registration_request(bytes: &[u8; REGISTRATION_REQUEST]) -> bool {
    RegistrationRequest::<Suite>::deserialize(bytes).is_ok()
}

/// The context of a handshake (protocol.md section 12).
#[must_use]
pub fn context(suite: SuiteId, vault_id: &VaultId, name_hash: &NameHash) -> Vec<u8> {
    let suite = suite.0.to_be_bytes();
    encode_parts(&[labels::OPAQUE_CONTEXT.as_bytes(), &suite, vault_id.as_bytes(), &name_hash.0])
}

/// RFC 9497's `DeriveKeyPair` in mode OPRF with OPAQUE's info.
fn derive_private(seed: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let scalar =
        voprf::derive_key::<voprf::Ristretto255>(seed, b"OPAQUE-DeriveDiffieHellmanKeyPair", Mode::Oprf)
            .expect("fails for one seed in 2^252 at most");
    Zeroizing::new(voprf::Ristretto255::serialize_scalar(scalar).into())
}

fn public_of(private: &[u8; 32]) -> [u8; 32] {
    let scalar = voprf::Ristretto255::deserialize_scalar(private).expect("was serialized from a scalar");
    voprf::Ristretto255::serialize_elem(voprf::Ristretto255::base_elem() * scalar).into()
}

/// The injected random source with the traits that `opaque-ke` requires.
struct Rng<'a>(&'a dyn Entropy);

impl rand_core_06::RngCore for Rng<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core_06::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core_06::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core_06::CryptoRng for Rng<'_> {}
