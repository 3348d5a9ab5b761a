//! Tokens: the vault's own state, encrypted and given to the client, so that replicas store no sessions.
//!
//! ```text
//! 1   version = 1
//! 24  nonce: HMAC-SHA-256 over purpose and content, truncated
//! n   XChaCha20-Poly1305 of the content; associated data: the purpose
//! 16  tag
//! ```
//! The nonce depends on the content. Equal tokens are therefore equal bytes, so that a repeated
//! request gets the same bytes, and different tokens never share a nonce. A token is valid for one
//! purpose only.

mod codec;
mod login;
mod registration;
mod session;

pub(crate) use login::LoginToken;
pub(crate) use registration::{ChargeToken, ChargeUse};
pub(crate) use session::{Keyslot, SessionToken};

use crate::keys::VaultKeys;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rootcellar_spec::limits::TOKEN_BYTES;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Maximum content of a token, in bytes.
const CONTENT: usize = TOKEN_BYTES - 1 - NONCE - TAG;

fn seal(keys: &VaultKeys, purpose: &'static [u8], content: &[u8]) -> Vec<u8> {
    let mac = keys.sealing_nonce(&[purpose, content]);
    let nonce: [u8; NONCE] = *mac.first_chunk().expect("32 bytes begin with 24");
    let sealed = XChaCha20Poly1305::new(keys.sealing().into())
        .encrypt(&XNonce::from(nonce), Payload { msg: content, aad: purpose })
        .expect("a token is far smaller than the cipher's limit");
    let mut token = Vec::with_capacity(1 + NONCE + sealed.len());
    token.push(VERSION);
    token.extend_from_slice(&nonce);
    token.extend_from_slice(&sealed);
    token
}

/// `None` if this vault did not create the token for this purpose.
fn open(keys: &VaultKeys, purpose: &'static [u8], token: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if token.len() > TOKEN_BYTES {
        return None;
    }
    let sealed = token.strip_prefix(&[VERSION])?;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    XChaCha20Poly1305::new(keys.sealing().into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: purpose })
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root_secret::RootSecret;

    fn keys(byte: u8) -> VaultKeys {
        VaultKeys::derive(&RootSecret::new(Box::new([byte; 32])))
    }

    #[test]
    fn opens_only_what_this_vault_sealed_for_this_purpose() {
        let token = seal(&keys(1), b"a", b"content");
        assert_eq!(open(&keys(1), b"a", &token).as_deref().map(Vec::as_slice), Some(&b"content"[..]));
        assert!(open(&keys(2), b"a", &token).is_none());
        assert!(open(&keys(1), b"b", &token).is_none());
        for index in 0..token.len() {
            let mut other = token.clone();
            other[index] ^= 1;
            assert!(open(&keys(1), b"a", &other).is_none(), "byte {index}");
            assert!(open(&keys(1), b"a", &token[..index]).is_none(), "{index} bytes");
        }
    }
}
