//! OPAQUE's client side (RFC 9807; protocol.md section 12): each step is a type, each `finish` consumes its step.
//!
//! The library does not wipe the structs that it returns keys in: they are wrapped and wiped here, at once.

use crate::keys::{ExportKey, SessionKey};
use crate::ksf::Argon2id;
use crate::randomness::{Randomness, Rng06};
use crate::text::Passphrase;
use opaque_ke::errors::{InternalError, ProtocolError};
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, Identifiers, RegistrationResponse, Ristretto255,
    TripleDh,
};
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::suite::opaque_bytes as sizes;
use rootcellar_spec::{NameHash, SuiteId, VaultId, labels};
use zeroize::Zeroize;

/// Suite 1's OPAQUE configuration.
pub(crate) struct Suite1;

impl CipherSuite for Suite1 {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_010::Sha512>;
    type Ksf = Argon2id;
}

/// Why a step of OPAQUE failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpaqueError {
    /// The vault's message has no such shape, or is the client's own, reflected.
    #[error("the vault's OPAQUE message is malformed")]
    Malformed,
    /// A wrong passphrase, an unknown account or a vault that is not the one registered with: OPAQUE cannot tell.
    #[error("wrong passphrase or unknown account")]
    Refused,
    /// Argon2id failed, for want of memory.
    #[error("Argon2id failed: it needs 64 MiB of memory")]
    KeyDerivation,
}

impl From<ProtocolError> for OpaqueError {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::LibraryError(InternalError::KsfError) => Self::KeyDerivation,
            ProtocolError::SerializationError
            | ProtocolError::SizeError { .. }
            | ProtocolError::ReflectedValueError => Self::Malformed,
            _ => Self::Refused,
        }
    }
}

/// A message as an array: the suite fixes the size of each.
fn exact<const N: usize>(message: &[u8]) -> [u8; N] {
    message.try_into().expect("suite 1 fixes the size of every message")
}

/// The context that both sides authenticate.
#[must_use]
pub fn context(suite: SuiteId, vault_id: &VaultId, name_hash: &NameHash) -> Vec<u8> {
    encode_parts(&[
        labels::OPAQUE_CONTEXT.as_bytes(),
        &suite.0.to_be_bytes(),
        vault_id.as_bytes(),
        &name_hash.0,
    ])
}

/// A login between its two trips.
pub struct LoginStarted {
    state: ClientLogin<Suite1>,
    ke1: [u8; sizes::KE1],
}

/// A login that OPAQUE has authenticated, both ways.
#[derive(Debug)]
pub struct LoginFinished {
    /// The message for the second trip.
    pub ke3: [u8; sizes::KE3],
    /// The client's own key.
    pub export_key: ExportKey,
    /// The key shared with the vault.
    pub session_key: SessionKey,
    /// The vault's public key, to compare with the pinned one.
    pub server_public_key: [u8; sizes::PUBLIC_KEY],
}

impl LoginStarted {
    /// Blinds the passphrase.
    #[must_use]
    pub fn start(passphrase: &Passphrase, randomness: &mut dyn Randomness) -> Self {
        let started = ClientLogin::<Suite1>::start(&mut Rng06(randomness), passphrase.expose().as_bytes())
            .expect("a passphrase within the limits can be blinded");
        Self { ke1: exact(&started.message.serialize()), state: started.state }
    }

    /// The message for the first trip; the same bytes may be sent again.
    #[must_use]
    pub fn ke1(&self) -> &[u8; sizes::KE1] {
        &self.ke1
    }

    /// Stretches the passphrase (suite 1: 64 MiB, a fraction of a second) and authenticates the vault.
    ///
    /// # Errors
    /// Where KE2 is malformed, or no passphrase opens it, or Argon2id fails.
    pub fn finish(
        self,
        passphrase: &Passphrase,
        ke2: &[u8; sizes::KE2],
        context: &[u8],
        ksf: &Argon2id,
        randomness: &mut dyn Randomness,
    ) -> Result<LoginFinished, OpaqueError> {
        let ke2 = CredentialResponse::<Suite1>::deserialize(ke2).map_err(|_| OpaqueError::Malformed)?;
        let parameters = ClientLoginFinishParameters::new(Some(context), Identifiers::default(), Some(ksf));
        let password = passphrase.expose().as_bytes();
        let mut finished = self.state.finish(&mut Rng06(randomness), password, ke2, parameters)?;
        let wrapped = LoginFinished {
            ke3: exact(&finished.message.serialize()),
            export_key: ExportKey::from_bytes(finished.export_key.as_ref()),
            session_key: SessionKey::from_bytes(finished.session_key.as_ref()),
            server_public_key: exact(&finished.server_s_pk.serialize()),
        };
        finished.export_key.as_mut_slice().zeroize();
        finished.session_key.as_mut_slice().zeroize();
        Ok(wrapped)
    }
}

/// A registration, or a change of passphrase, between its two trips.
pub struct RegistrationStarted {
    state: ClientRegistration<Suite1>,
    request: [u8; sizes::REGISTRATION_REQUEST],
}

/// What a registration brings.
#[derive(Debug)]
pub struct RegistrationFinished {
    /// The record for the vault.
    pub record: [u8; sizes::REGISTRATION_RECORD],
    /// The client's own key.
    pub export_key: ExportKey,
    /// The vault's public key, as the vault stated it: authenticated by the first login.
    pub server_public_key: [u8; sizes::PUBLIC_KEY],
}

impl RegistrationStarted {
    /// Blinds the passphrase.
    #[must_use]
    pub fn start(passphrase: &Passphrase, randomness: &mut dyn Randomness) -> Self {
        let password = passphrase.expose().as_bytes();
        let started = ClientRegistration::<Suite1>::start(&mut Rng06(randomness), password)
            .expect("a passphrase within the limits can be blinded");
        Self { request: exact(&started.message.serialize()), state: started.state }
    }

    /// The message for the first trip; the same bytes may be sent again.
    #[must_use]
    pub fn request(&self) -> &[u8; sizes::REGISTRATION_REQUEST] {
        &self.request
    }

    /// Stretches the passphrase and makes the record.
    ///
    /// # Errors
    /// Where the response is malformed or Argon2id fails.
    pub fn finish(
        self,
        passphrase: &Passphrase,
        response: &[u8; sizes::REGISTRATION_RESPONSE],
        ksf: &Argon2id,
        randomness: &mut dyn Randomness,
    ) -> Result<RegistrationFinished, OpaqueError> {
        let response =
            RegistrationResponse::<Suite1>::deserialize(response).map_err(|_| OpaqueError::Malformed)?;
        let parameters = ClientRegistrationFinishParameters::new(Identifiers::default(), Some(ksf));
        let password = passphrase.expose().as_bytes();
        let mut finished = self.state.finish(&mut Rng06(randomness), password, response, parameters)?;
        let wrapped = RegistrationFinished {
            record: exact(&finished.message.serialize()),
            export_key: ExportKey::from_bytes(finished.export_key.as_ref()),
            server_public_key: exact(&finished.server_s_pk.serialize()),
        };
        finished.export_key.as_mut_slice().zeroize();
        Ok(wrapped)
    }
}
