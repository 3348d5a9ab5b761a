//! Reads the body of a request into one buffer, at a minimum pace.

use crate::problem::Refusal;
use axum::body::{Body, HttpBody};
use http_body_util::BodyExt;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::limits::JSON_BODY_BYTES;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How late a client may be, whatever the length of its body.
const GRACE: Duration = Duration::from_secs(10);
/// The minimum pace apart from that: 128 kbit/s, which is slower than a slow mobile network.
const BYTES_PER_SECOND: u64 = 16 << 10;

/// The length of a body, as far as it is known before reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length {
    /// From `Content-Length`, in bytes.
    announced: Option<usize>,
    /// The route's limit, in bytes.
    limit: usize,
}

impl Length {
    /// # Errors
    /// If the client announces more than `limit`.
    pub(super) fn of(body: &Body, limit: usize) -> Result<Self, Refusal> {
        // HTTP/1.1 and HTTP/2 both announce it.
        let announced = body.size_hint().exact().map(usize::try_from);
        match announced {
            Some(Ok(bytes)) if bytes <= limit => Ok(Self { announced: Some(bytes), limit }),
            Some(_) => Err(too_large(limit)),
            None => Ok(Self { announced: None, limit }),
        }
    }

    /// The memory to reserve in addition to that of every request, in bytes.
    pub(super) fn beyond_small(self) -> u64 {
        let bytes = self.announced.unwrap_or(self.limit);
        if bytes > JSON_BODY_BYTES { bytes as u64 } else { 0 }
    }
}

/// Reads the body. Copying chunks into one buffer keeps small chunks cheap.
pub(super) async fn read(mut body: Body, length: Length) -> Result<Vec<u8>, Refusal> {
    let start = Instant::now();
    let mut bytes = Vec::with_capacity(length.announced.unwrap_or_default());
    loop {
        let paced = Duration::from_millis(bytes.len() as u64 * 1000 / BYTES_PER_SECOND);
        let frame = timeout_at(start + GRACE + paced, body.frame()).await.map_err(|_| too_slow())?;
        let Some(frame) = frame else { return Ok(bytes) };
        let Ok(data) = frame.map_err(|_| truncated())?.into_data() else { continue };
        if data.len() > length.limit - bytes.len() {
            return Err(too_large(length.limit));
        }
        bytes.extend_from_slice(&data);
    }
}

fn too_large(limit: usize) -> Refusal {
    let detail = format!("The request body is too large: at most {limit} bytes are allowed here.");
    Refusal::new(ProblemCode::TooLarge, detail)
}

fn too_slow() -> Refusal {
    let detail =
        "The request body arrived too slowly. Send the request again, on a faster connection if possible.";
    Refusal::new(ProblemCode::Timeout, detail).wait(1)
}

fn truncated() -> Refusal {
    Refusal::malformed("body", "The request body was truncated. Send the request again.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use http_body_util::channel::Channel;

    const LIMIT: usize = 1 << 20;

    fn length(announced: Option<usize>) -> Length {
        Length { announced, limit: LIMIT }
    }

    /// Sends `count` chunks of `size` bytes, one each `pause`, and ends the body if `ends`.
    fn paced(count: usize, size: usize, pause: Duration, ends: bool) -> Body {
        let (mut sender, body) = Channel::<Bytes, axum::Error>::new(1);
        tokio::spawn(async move {
            for _ in 0..count {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                if sender.send_data(Bytes::from(vec![7; size])).await.is_err() {
                    return;
                }
            }
            if !ends {
                std::future::pending::<()>().await;
            }
        });
        Body::new(body)
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_network_is_waited_for_and_a_trickle_is_not() {
        let second = Duration::from_secs(1);
        let slow = read(paced(64, 16 << 10, second, true), length(Some(LIMIT))).await;
        assert_eq!(slow.expect("at the least pace").len(), LIMIT);
        let start = Instant::now();
        let trickle = read(paced(1000, 1, second, true), length(None)).await.expect_err("too slow");
        assert_eq!(trickle.0.code, ProblemCode::Timeout);
        assert!(start.elapsed() <= GRACE + second, "{:?}", start.elapsed());
        let withheld = read(paced(1, LIMIT - 1, second, false), length(Some(LIMIT))).await;
        assert_eq!(withheld.expect_err("the last byte").0.code, ProblemCode::Timeout);
        assert!(start.elapsed() <= Duration::from_secs(90), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn a_body_occupies_its_length_once() {
        let bytes = read(paced(16_500, 1, Duration::ZERO, true), length(None)).await.expect("is read");
        assert_eq!(bytes.len(), 16_500);
        assert!(bytes.capacity() <= 2 * bytes.len(), "{}", bytes.capacity());
        let announced = read(paced(16, 1 << 10, Duration::ZERO, true), length(Some(16 << 10))).await;
        assert_eq!(announced.expect("is read").capacity(), 16 << 10);
    }

    #[tokio::test]
    async fn bodies_end_at_their_limit() {
        let exact = read(paced(1, LIMIT, Duration::ZERO, true), length(None)).await;
        assert_eq!(exact.expect("fits").len(), LIMIT);
        let long = read(paced(2, LIMIT / 2 + 1, Duration::ZERO, true), length(None)).await;
        assert_eq!(long.expect_err("too long").0.code, ProblemCode::TooLarge);
        assert!(Length::of(&Body::from(vec![0; LIMIT]), LIMIT).is_ok());
        assert!(Length::of(&Body::from(vec![0; LIMIT + 1]), LIMIT).is_err());
    }
}
