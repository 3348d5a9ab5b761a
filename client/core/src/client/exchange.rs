//! One request and its answer: signed, bounded, tried again, and read (protocol.md sections 13 and 14).
//!
//! Every request of the protocol may be sent again, so that a lost answer costs a pause and no more. The bytes stay the
//! same; only the signature is fresh.

use super::observer::Trace;
use super::{Client, Observer, Platform};
use crate::error::{ClientError, Refusal};
use crate::json;
use crate::randomness;
use crate::request_signing::RequestKey;
use crate::time::{Clock, Offset, parse_http_date};
use crate::transport::{Method, RESPONSE_BYTES, Request, Response, Transport, TransportError};
use rootcellar_spec::{Problem, ProblemCode, parts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How often the same bytes are sent.
const TRIES: u32 = 4;
/// The pause before the second try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause that the vault may ask for; beyond it a person decides.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Request {
    /// A request without a body.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A request with a JSON body.
    pub(crate) fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::post_bytes(path, serde_json::to_vec(body).expect("wire types have a JSON form"))
    }

    /// A request with JSON as it was written before.
    pub(crate) fn post_bytes(path: impl Into<String>, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method: Method::Post, path: path.into(), headers, body }
    }

    /// A request of two parts as they were joined before.
    pub(crate) fn two_parts(path: impl Into<String>, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", parts::MEDIA_TYPE.to_owned())];
        Self { method: Method::Post, path: path.into(), headers, body }
    }

    /// A request with a sealed object.
    pub(crate) fn put(path: impl Into<String>, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", "application/octet-stream".to_owned())];
        Self { method: Method::Put, path: path.into(), headers, body }
    }
}

impl Response {
    /// Reads a JSON answer.
    pub(crate) fn json<A: DeserializeOwned>(&self) -> Result<A, ClientError> {
        json::read(&self.body).ok_or(ClientError::MalformedResponse("unexpected JSON"))
    }

    /// Reads an answer of two parts.
    pub(crate) fn two_parts<A: DeserializeOwned>(&self) -> Result<(A, Option<&[u8]>), ClientError> {
        let (control, snapshot) =
            parts::split(&self.body).ok_or(ClientError::MalformedResponse("not of two parts"))?;
        let control = json::read(control).ok_or(ClientError::MalformedResponse("unexpected JSON"))?;
        Ok((control, snapshot))
    }
}

/// What became of one try.
enum AttemptResult {
    Success(Response),
    /// The vault does not want to see these bytes again.
    Final(ClientError),
    /// The same bytes may succeed, after the vault's pause if it named one.
    Again(ClientError, Option<u64>),
    /// The vault's clock is another: sign anew.
    ClockSkew(ClientError, Response),
}

impl<P: Platform> Client<P> {
    /// Sends a request until it is answered, and returns an answer of success.
    pub(crate) async fn exchange(
        &self,
        mut request: Request,
        key: Option<&RequestKey>,
    ) -> Result<Response, ClientError> {
        let own_headers = request.headers.len();
        let mut maybe_applied = false;
        let mut corrected = false;
        let mut attempt = 1;
        loop {
            request.headers.truncate(own_headers);
            if let Some(key) = key {
                self.sign(&mut request, key);
            }
            let (error, pause) = match self.attempt(&request, attempt, &mut maybe_applied).await {
                AttemptResult::Success(response) => return Ok(response),
                AttemptResult::Final(error) => return Err(error),
                AttemptResult::ClockSkew(error, _) if corrected => return Err(error),
                AttemptResult::ClockSkew(error, response) => {
                    self.correct_clock(error, &response)?;
                    corrected = true;
                    continue;
                }
                AttemptResult::Again(error, pause) => (error, pause.map(Duration::from_secs)),
            };
            if attempt == TRIES || pause.is_some_and(|pause| pause > LONGEST_PAUSE) {
                return Err(error);
            }
            self.pause(attempt, pause).await;
            attempt += 1;
        }
    }

    fn sign(&self, request: &mut Request, key: &RequestKey) {
        let created = self.offset().apply(self.clock().now());
        let nonce = randomness::bytes(&mut self.randomness());
        let headers = key.sign(request, &self.vault().authority(), created, nonce);
        request.headers.extend(headers);
    }

    async fn attempt(&self, request: &Request, attempt: u32, maybe_applied: &mut bool) -> AttemptResult {
        let before = self.clock().uptime();
        let result = self.transport().send(self.vault(), request).await;
        self.observer().request(&Trace {
            method: request.method,
            path: &request.path,
            status: result.as_ref().ok().map(|response| response.status),
            duration: self.clock().uptime().saturating_sub(before),
            attempt,
        });
        match result {
            Err(TransportError::TooLong) => AttemptResult::Final(ClientError::ResponseTooLong),
            Ok(response) if response.body.len() > RESPONSE_BYTES => {
                AttemptResult::Final(ClientError::ResponseTooLong)
            }
            Ok(response) if (200..300).contains(&response.status) => AttemptResult::Success(response),
            Ok(response) => refused(response, maybe_applied),
            Err(error) => {
                *maybe_applied |= !error.was_not_sent();
                let is_lasting = error.is_lasting();
                // An earlier try may have arrived: what is said of the last one would be taken for all of them.
                let error = if *maybe_applied { error.as_no_answer() } else { error };
                let error = ClientError::Unreachable(error);
                if is_lasting { AttemptResult::Final(error) } else { AttemptResult::Again(error, None) }
            }
        }
    }

    /// Takes the vault's time over, if it is told and near enough. Else the vault's refusal stands.
    fn correct_clock(&self, refusal: ClientError, response: &Response) -> Result<(), ClientError> {
        let Some(vault) = response.header("date").and_then(parse_http_date) else { return Err(refusal) };
        let device = self.clock().now();
        match Offset::between(device, vault) {
            Some(offset) => *self.offset() = offset,
            None => return Err(ClientError::DeviceClock { device, vault, refusal: Box::new(refusal) }),
        }
        Ok(())
    }

    /// Waits before the next try, with jitter so that many clients do not come back at once.
    async fn pause(&self, attempt: u32, asked: Option<Duration>) {
        let pause = asked.unwrap_or_default().max(FIRST_PAUSE * 2_u32.pow(attempt - 1));
        let jitter = u32::from(u16::from_be_bytes(randomness::bytes(&mut self.randomness())));
        let jitter = FIRST_PAUSE * jitter / u32::from(u16::MAX);
        self.clock().sleep(pause + jitter).await;
    }
}

/// Reads an answer that is no success. `maybe_applied` tells whether a try may have had an effect that its answer did not
/// tell of.
fn refused(response: Response, maybe_applied: &mut bool) -> AttemptResult {
    let again = response.status >= 500 && response.status != 507;
    let Ok(problem) = response.json::<Problem>() else {
        *maybe_applied |= again;
        let error = ClientError::Status(response.status);
        return if again { AttemptResult::Again(error, None) } else { AttemptResult::Final(error) };
    };
    let (code, pause) = (problem.code, problem.retry_after);
    // A vault that is being moved did nothing, and goes on so for longer than anybody waits.
    let again = again && code != ProblemCode::ReadOnly;
    *maybe_applied |= again;
    let error = ClientError::Refused(Refusal::new(problem, *maybe_applied));
    match code {
        ProblemCode::ClockSkew if response.status == 401 => AttemptResult::ClockSkew(error, response),
        // Nothing was done, and many people may share an address.
        ProblemCode::RateLimited => AttemptResult::Again(error, pause),
        _ if again => AttemptResult::Again(error, pause),
        _ => AttemptResult::Final(error),
    }
}
