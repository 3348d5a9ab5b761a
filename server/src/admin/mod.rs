//! What an administrator does while the server runs: one JSON line each way over a Unix socket that only the
//! server's user may open. A sweep is answered by many lines, of which the last is its report or a refusal.

mod client;
mod server;
mod sweep;

pub use client::{AskError, ask, follow};
pub use server::{About, AdminError, AdminSocket};

use rootcellar_vault::sweep::{Finding, Report};
use serde::{Deserialize, Serialize};

/// Longest line either way, in bytes.
const LINE: u64 = 4096;

/// How long an invite may be good, in seconds: a minute to a year.
pub const INVITE_LIFETIME: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Whether the store answers.
    Health {},
    /// What this server is.
    Status {},
    /// A new invite.
    NewInvite {
        /// Seconds until it ends, within [`INVITE_LIFETIME`].
        lifetime: u64,
    },
    /// Setting the vault's time back to the clock.
    SetClockBack {},
    /// A sweep of the store.
    Sweep {
        /// Whether to remove what is found.
        apply: bool,
        /// Whether to tell each object that is not simply in use.
        names: bool,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "kebab-case")]
pub enum Response {
    /// The store answers.
    Healthy {
        /// Where the server listens.
        address: std::net::SocketAddr,
        /// Whether it speaks TLS there.
        tls: bool,
    },
    /// What this server is.
    Status(Status),
    /// An invite, shown this once.
    Invite(Invite),
    /// The vault's time was set back.
    ClockSetBack {
        /// The vault's time before, in seconds since the Unix epoch.
        from: u64,
        /// The vault's time after.
        to: u64,
    },
    /// How far a sweep is.
    Sweeping(Report),
    /// One object that it found.
    Found(Finding),
    /// A sweep has ended.
    Swept(Report),
    /// It cannot be done.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
}

/// What a server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The server's version.
    pub version: String,
    /// The vault ID.
    pub vault_id: String,
    /// Who may register.
    pub registration: rootcellar_spec::wire::vault::RegistrationMode,
    /// Where the server listens.
    pub address: std::net::SocketAddr,
    /// Where it serves metrics, if it does.
    pub metrics_address: Option<std::net::SocketAddr>,
    /// Recognises the root secret; base64url.
    pub fingerprint: String,
    /// Seconds since the start.
    pub uptime: u64,
    /// Whether it serves reads only.
    pub read_only: bool,
    /// Whether the store answers as this vault's.
    pub store_responds: bool,
    /// Why not.
    pub store_problem: Option<String>,
}

/// An invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// What a client gives at registration.
    pub code: String,
    /// When it ends, in seconds since the Unix epoch.
    pub expires_at: u64,
    /// Who may register now: an invite is of use only where that is by invite.
    pub registration: rootcellar_spec::wire::vault::RegistrationMode,
}
