//! TLS 1.2 and 1.3 from PEM files.

use crate::config::TlsFiles;
use crate::error_code::ErrorCode;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file contains no certificate chain.
    #[error("Cannot read a PEM certificate chain from {0}. Check --tls-cert.")]
    Certificate(PathBuf, #[source] Option<pem::Error>),
    /// The file contains no private key.
    #[error("Cannot read a PEM private key from {0}. Check --tls-key.")]
    Key(PathBuf, #[source] pem::Error),
    /// Certificate and key do not match.
    #[error("The certificate and the private key do not match. Check --tls-cert and --tls-key.")]
    Pair(#[source] rustls::Error),
}

impl From<&TlsError> for ErrorCode {
    fn from(_: &TlsError) -> Self {
        Self::TlsInvalid
    }
}

pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    let certificate = |error| TlsError::Certificate(files.certificate.clone(), error);
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| certificate(Some(error)))?;
    if chain.is_empty() {
        return Err(certificate(None));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| TlsError::Key(files.key.clone(), error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
