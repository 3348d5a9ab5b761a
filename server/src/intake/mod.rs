//! From the head of a request to a handler that has all of it (spec/decisions/0009-admission.md).
//!
//! In this order: the memory that the request counts for; for a signed request, the signature, which
//! the head alone shows; the body, at the pace that is asked of every client; its digest; and only
//! then one of the slots that all clients compete for. So a slot is held while the server works and
//! never while it waits for a client.

mod body;
mod response;

use crate::admission::{Admission, Full, REQUEST_BYTES, Reservation, SNAPSHOT_SLOTS};
use crate::extract::{Verified, session_of};
use crate::middleware::ClientAddress;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::limits::{DEVICES_BODY_BYTES, JSON_BODY_BYTES, SNAPSHOT_BYTES};
use rootcellar_spec::parts::PARTS_BODY_BYTES;
use rootcellar_vault::Error;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

/// How long a request waits for a slot. What it waits for is held by requests that are being worked
/// on, so it comes back soon.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What a route takes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intake {
    /// Largest body, in bytes (protocol.md section 1.1).
    limit: usize,
    signature: Signature,
    /// Whether a snapshot is in the request or the response.
    moves_snapshot: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signature {
    None,
    /// Verified before the body is read.
    Required,
    /// As `Required`, but a wrong one is refused like an unknown recovery code.
    OfRecoveryCode,
}

impl Intake {
    /// No body.
    pub(crate) const EMPTY: Self = Self { limit: 0, signature: Signature::None, moves_snapshot: false };
    /// JSON.
    pub(crate) const JSON: Self = Self { limit: JSON_BODY_BYTES, ..Self::EMPTY };
    /// JSON with the keyslots of many devices.
    pub(crate) const DEVICES: Self = Self { limit: DEVICES_BODY_BYTES, ..Self::EMPTY };
    /// A snapshot.
    pub(crate) const SNAPSHOT: Self = Self { limit: SNAPSHOT_BYTES, ..Self::EMPTY }.moving_snapshot();
    /// JSON and a snapshot.
    pub(crate) const PARTS: Self = Self { limit: PARTS_BODY_BYTES, ..Self::EMPTY }.moving_snapshot();

    /// The same, signed.
    pub(crate) const fn signed(self) -> Self {
        Self { signature: Signature::Required, ..self }
    }

    /// The same, signed by the key of a recovery code.
    pub(crate) const fn signed_by_recovery_code(self) -> Self {
        Self { signature: Signature::OfRecoveryCode, ..self }
    }

    /// The same, with a snapshot in the response.
    pub(crate) const fn moving_snapshot(self) -> Self {
        Self { moves_snapshot: true, ..self }
    }

    /// How many slots the request takes.
    fn slots(self) -> u64 {
        if self.moves_snapshot { SNAPSHOT_SLOTS } else { 1 }
    }
}

/// What stands in front of one route.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) state: AppState,
    pub(crate) admission: Admission,
    pub(crate) intake: Intake,
    /// Whether work goes on when nobody waits for it any more.
    pub(crate) to_the_end: bool,
}

/// Lets a request pass once all of it is there.
pub(crate) async fn receive(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    gate.pass(request, next).await.unwrap_or_else(IntoResponse::into_response)
}

impl Gate {
    async fn pass(&self, request: Request, next: Next) -> Result<Response, Refusal> {
        let client = request.extensions().get::<ClientAddress>().map(|client| client.0);
        let (mut parts, body) = request.into_parts();
        let length = body::Length::of(&body, self.intake.limit)?;
        let held = self.admission.memory.take(client, REQUEST_BYTES + length.beyond_small()).map_err(busy)?;
        let verified = self.verify(&parts)?;
        if let Some(verified) = &verified
            && length.beyond_small() > 0
        {
            let _slot = self.admission.in_flight.wait(client, 1, TIMEOUT).await.map_err(busy)?;
            let known = self.know_sender(&parts, verified);
            tokio::time::timeout(self.admission.request_timeout, known).await.map_err(|_| too_long())??;
        }
        let bytes = body::read(body, length).await?;
        if let Some(verified) = verified {
            verified.check_body(&bytes).map_err(|refusal| self.unsigned(refusal))?;
            parts.extensions.insert(verified);
        }
        let request = Request::from_parts(parts, Body::from(bytes));
        let (response, held) = self.work(client, request, next, held).await?;
        response::hold(response, held).await.map_err(busy)
    }

    fn verify(&self, parts: &Parts) -> Result<Option<Verified>, Refusal> {
        if self.intake.signature == Signature::None {
            return Ok(None);
        }
        Verified::read(parts, &self.state).map(Some).map_err(|refusal| self.unsigned(refusal))
    }

    /// What is said of a signature that does not authenticate the request.
    fn unsigned(&self, refusal: Refusal) -> Refusal {
        match refusal.0.code {
            ProblemCode::SignatureInvalid if self.intake.signature == Signature::OfRecoveryCode => {
                Error::RecoveryRefused.into()
            }
            _ => refusal,
        }
    }

    /// Large bodies are taken only from those whom the vault knows: anybody can make a signature.
    async fn know_sender(&self, parts: &Parts, verified: &Verified) -> Result<(), Refusal> {
        let session = session_of(&parts.headers, verified.key, &self.state)?;
        Ok(session.check_known(&self.state).await?)
    }

    /// Has the handler work on the request. It may go on when its client hangs up or waits no longer:
    /// then slots and memory are held until it has ended.
    async fn work(
        &self,
        client: Option<IpAddr>,
        request: Request,
        next: Next,
        held: Reservation,
    ) -> Result<(Response, Reservation), Refusal> {
        let slots =
            self.admission.in_flight.wait(client, self.intake.slots(), TIMEOUT).await.map_err(busy)?;
        let work = async move {
            let response = next.run(request).await;
            drop(slots);
            (response, held)
        };
        let longest = self.admission.request_timeout;
        let done = if self.to_the_end {
            tokio::time::timeout(longest, to_the_end(work)).await
        } else {
            tokio::time::timeout(longest, work).await
        };
        done.map_err(|_| too_long())
    }
}

/// Runs `work` in a task of its own, which goes on whoever waits for it.
///
/// Between creating a snapshot's object and committing it, a hang-up would leave an object that
/// counts against no account, and that the sweep must keep. A client could leave as many as it likes.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        // The task is never aborted. A panic is answered further out.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn too_long() -> Refusal {
    let detail =
        "The request took too long. What it was to change may have been changed: send the same again.";
    Refusal::new(ProblemCode::Timeout, detail).wait(1)
}

fn busy(full: Full) -> Refusal {
    let detail = match full {
        Full::Share => "Too many requests from this address at once. Wait, then send the same again.",
        Full::Total => "The vault is at its limit. Wait, then send the same again.",
    };
    Refusal::new(ProblemCode::Busy, detail).wait(1)
}
