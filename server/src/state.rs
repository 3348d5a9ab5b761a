//! What every handler works with: the vault, and what only HTTP needs to know of it.

use rootcellar_vault::{Parts, Vault};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// How the vault knows the `@authority` that request signatures must cover (protocol.md section 14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Host and non-default port of the configured public origin, in lower case.
    Public(String),
    /// Nothing is configured: what the request says, as long as that host is a loopback one.
    Loopback {
        /// The port that is left out of an authority: 80, or 443 with TLS.
        default_port: u16,
    },
}

/// The state of the application; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Served>);

struct Served {
    vault: Vault,
    authority: Authority,
}

impl AppState {
    /// A vault of these parts, whose requests are signed for this authority.
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
