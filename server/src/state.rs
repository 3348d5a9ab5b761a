//! The state of the handlers: the vault, and what only HTTP needs.

use rootcellar_vault::{Parts, Vault};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The `@authority` that request signatures must cover (protocol.md section 14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Host and non-default port of the public origin, in lower case.
    Public(String),
    /// There is no public origin. The authority is that of the request, if its host is loopback.
    Loopback {
        /// The port that an authority omits: 80, or 443 with TLS.
        default_port: u16,
    },
}

/// The state of the application. Clones share it.
#[derive(Clone)]
pub struct AppState(Arc<Served>);

struct Served {
    vault: Vault,
    authority: Authority,
}

impl AppState {
    /// Creates the vault.
    #[must_use]
    pub fn new(parts: Parts, authority: Authority) -> Self {
        Self(Arc::new(Served { vault: Vault::new(parts), authority }))
    }

    /// The authority that signatures must cover.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }
}

impl Deref for AppState {
    type Target = Vault;

    fn deref(&self) -> &Vault {
        &self.0.vault
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState").field("vault", &self.0.vault).finish_non_exhaustive()
    }
}
