//! Takes in a request before its handler runs (spec/decisions/0009-admission.md).
//!
//! The order is: the memory for the request; the signature of a signed request, which only needs
//! the head; the body, at a minimum pace; its digest; and last, one of the slots that all clients
//! share. A slot is therefore held while the server works, and never while it waits for a client.

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

/// How long a request waits for a slot. Slots are held by requests in progress, so they soon become
/// free.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What a route accepts.
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
    /// No body is allowed.
    pub(crate) const EMPTY: Self = Self { limit: 0, signature: Signature::None, moves_snapshot: false };
    /// A JSON body.
    pub(crate) const JSON: Self = Self { limit: JSON_BODY_BYTES, ..Self::EMPTY };
    /// A JSON body with the keyslots of many devices.
    pub(crate) const DEVICES: Self = Self { limit: DEVICES_BODY_BYTES, ..Self::EMPTY };
    /// A snapshot as the body.
    pub(crate) const SNAPSHOT: Self = Self { limit: SNAPSHOT_BYTES, ..Self::EMPTY }.moving_snapshot();
    /// JSON and a snapshot as the two parts of the body.
    pub(crate) const PARTS: Self = Self { limit: PARTS_BODY_BYTES, ..Self::EMPTY }.moving_snapshot();

    /// Requires a signature.
    pub(crate) const fn signed(self) -> Self {
        Self { signature: Signature::Required, ..self }
    }

    /// Requires a signature with the key of a recovery code.
    pub(crate) const fn signed_by_recovery_code(self) -> Self {
        Self { signature: Signature::OfRecoveryCode, ..self }
    }

    /// The response contains a snapshot.
    pub(crate) const fn moving_snapshot(self) -> Self {
        Self { moves_snapshot: true, ..self }
    }

    /// How many slots a request takes.
    fn slots(self) -> u64 {
        if self.moves_snapshot { SNAPSHOT_SLOTS } else { 1 }
    }
}

/// The intake of one route.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) state: AppState,
    pub(crate) admission: Admission,
    pub(crate) intake: Intake,
    /// Whether the handler continues after its client has gone.
    pub(crate) to_the_end: bool,
}

/// Passes a request on when its body is complete.
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

    /// The refusal of a signature that does not authenticate the request.
    fn unsigned(&self, refusal: Refusal) -> Refusal {
        match refusal.0.code {
            ProblemCode::SignatureInvalid if self.intake.signature == Signature::OfRecoveryCode => {
                Error::RecoveryRefused.into()
            }
            _ => refusal,
        }
    }

    /// Accepts large bodies only from accounts of the vault. Anyone can create a valid signature.
    async fn know_sender(&self, parts: &Parts, verified: &Verified) -> Result<(), Refusal> {
        let session = session_of(&parts.headers, verified.key, &self.state)?;
        Ok(session.check_known(&self.state).await?)
    }

    /// Runs the handler. It may continue after its client hangs up or times out. Slots and memory
    /// remain reserved until it ends.
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

/// Runs `work` in a separate task, which continues if the caller is dropped.
///
/// If a save stopped between creating a snapshot's object and committing it, the object would count
/// against no account, and the sweep would have to keep it. A client could create any number of
/// them.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        // The task is never aborted, and another layer handles its panic.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn too_long() -> Refusal {
    let detail = "The request took too long, and its change may have taken effect. Send the request again.";
    Refusal::new(ProblemCode::Timeout, detail).wait(1)
}

fn busy(full: Full) -> Refusal {
    let detail = match full {
        Full::Share => "Too many concurrent requests from this address. Wait, then send the request again.",
        Full::Total => "The vault is at its limit. Wait, then send the request again.",
    };
    Refusal::new(ProblemCode::Busy, detail).wait(1)
}
