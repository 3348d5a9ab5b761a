//! Administration of a running server, over a Unix socket that only the server's user may open.
//!
//! Each request and each response is one JSON line. A sweep has many responses; the last one is its
//! report or a refusal.

mod client;
mod server;
mod sweep;

pub use client::{AskError, ask, follow};
pub use server::{About, AdminError, AdminSocket};

use crate::error_code::ErrorCode;
use rootcellar_vault::sweep::{Finding, Report};
use serde::{Deserialize, Serialize};

/// Longest request or response line, in bytes.
const LINE: u64 = 4096;

/// How long an invite may be valid, in seconds: from a minute to 366 days.
pub const INVITE_LIFETIME: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;

/// A request to the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Check the store and the clock, as `/readyz` does. The response is [`Response::Healthy`].
    Health {},
    /// The response is [`Response::Status`].
    Status {},
    /// Create an invite. The response is [`Response::Invite`].
    NewInvite {
        /// Seconds until it expires, within [`INVITE_LIFETIME`].
        lifetime: u64,
    },
    /// Set the vault's time back to the clock. The response is [`Response::ClockSetBack`].
    SetClockBack {},
    /// Look for unused objects in the store. The last response is [`Response::Swept`].
    Sweep {
        /// Whether to remove them.
        apply: bool,
        /// Whether to send [`Response::Found`] for each object that is removable or kept.
        names: bool,
    },
}

/// A response of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "kebab-case")]
pub enum Response {
    /// The store responds and the clock is sound.
    Healthy {
        /// Where the server listens.
        address: std::net::SocketAddr,
        /// Whether it speaks TLS there.
        tls: bool,
    },
    /// The state of this server.
    Status(Status),
    /// A new invite. The server does not show its code again.
    Invite(Invite),
    /// The vault's time was set back.
    ClockSetBack {
        /// The vault's time before, in seconds since the Unix epoch.
        from: u64,
        /// The vault's time after, in seconds since the Unix epoch.
        to: u64,
    },
    /// The progress of a sweep, about twice a second.
    Sweeping(Report),
    /// One object that a sweep found.
    Found(Finding),
    /// The result of a sweep.
    Swept(Report),
    /// The request failed.
    Refused {
        /// The stable code.
        code: ErrorCode,
        /// What happened and what to do.
        reason: String,
    },
}

/// The state of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Of the program, such as `0.1.0`.
    pub version: String,
    /// As recorded in the store.
    pub vault_id: String,
    /// Who may register.
    pub registration: rootcellar_spec::wire::vault::RegistrationMode,
    /// Where the server listens.
    pub address: std::net::SocketAddr,
    /// Where it serves metrics, if enabled.
    pub metrics_address: Option<std::net::SocketAddr>,
    /// Of the root secret: 16 bytes as base64url.
    pub fingerprint: String,
    /// Seconds since the start.
    pub uptime: u64,
    /// Whether it runs with `--read-only`.
    pub read_only: bool,
    /// Whether the store and the clock pass the check of `/readyz`.
    pub store_responds: bool,
    /// If they do not: what is wrong and what to do.
    pub store_problem: Option<String>,
}

/// A new invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// What a client sends when it registers: 16 random bytes as base64url.
    pub code: String,
    /// In seconds since the Unix epoch.
    pub expires_at: u64,
    /// Who may register now. An invite is only useful if that is [`RegistrationMode::Invite`](rootcellar_spec::wire::vault::RegistrationMode::Invite).
    pub registration: rootcellar_spec::wire::vault::RegistrationMode,
}
