//! What a program may watch: requests, for round trips and timings, and the key stretching, for a sign of progress.

use crate::transport::Method;
use std::time::Duration;

/// One request that was sent, with its answer or without.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// The method.
    pub method: Method,
    /// The path. It names no account and holds no secret.
    pub path: &'a str,
    /// The answer's HTTP status; `None` where no answer arrived.
    pub status: Option<u16>,
    /// From sending the request to having the whole answer.
    pub duration: Duration,
    /// 1 for the first try of these bytes.
    pub attempt: u32,
}

/// A moment of the key stretching, which takes 64 MiB and up to some seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDerivation {
    /// It begins now.
    Begins,
    /// It has ended, well or not.
    Ended,
}

/// Watches a client. Both methods do nothing unless written.
pub trait Observer {
    /// A request was sent.
    fn request(&self, trace: &Trace<'_>) {
        let _ = trace;
    }

    /// The passphrase is being stretched.
    fn key_derivation(&self, moment: KeyDerivation) {
        let _ = moment;
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}
