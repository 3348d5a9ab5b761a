//! A limit by client address: an extra against noise, never the defence (design: guess budget).

use super::ClientAddress;
use crate::problem::Refusal;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most addresses that are remembered: 4 MiB or so.
const ADDRESSES: usize = 1 << 16;
/// A full bucket lasts for this long.
const MINUTE: Duration = Duration::from_secs(60);

/// One token bucket an address, each holding a minute's worth.
pub(super) struct Rate {
    /// How long it takes to earn one request.
    interval: Duration,
    /// When each address will have a full bucket again; those that have are forgotten.
    full_at: Mutex<HashMap<u128, Instant>>,
}

impl Rate {
    /// This many requests a minute; 0 for no limit.
    pub(super) fn new(per_minute: u32) -> Arc<Self> {
        let interval = MINUTE.checked_div(per_minute).unwrap_or(Duration::ZERO);
        Arc::new(Self { interval, full_at: Mutex::default() })
    }

    /// Takes one request, or says how long to wait.
    fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        if self.interval.is_zero() {
            return Ok(());
        }
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= ADDRESSES {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= ADDRESSES {
                // So many strangers at once: forget rather than grow.
                full_at.clear();
            }
        }
        let at = full_at.entry(bucket(address)).or_insert(now);
        let next = (*at).max(now) + self.interval;
        match next.duration_since(now).checked_sub(MINUTE) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *at = next;
                Ok(())
            }
        }
    }
}

/// One bucket for a whole IPv6 /64, which is what one customer gets.
fn bucket(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

/// The requests that evaluate the OPRF, and so may draw on the budgets that all names share.
const STARTS: [&str; 3] = [paths::LOGIN_START, paths::REGISTRATION_START, paths::PASSPHRASE_START];

/// Limits the requests of [`STARTS`], all together.
pub(super) async fn limit_starts(state: State<Arc<Rate>>, request: Request, next: Next) -> Response {
    if STARTS.contains(&request.uri().path()) {
        limit(state, request, next).await
    } else {
        next.run(request).await
    }
}

pub(super) async fn limit(State(rate): State<Arc<Rate>>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ClientAddress>().copied();
    let taken = address.map_or(Ok(()), |ClientAddress(address)| rate.take(address, Instant::now()));
    match taken {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let detail = "Too many requests came from this address. Wait, then send the same again.";
            let mut refusal = Refusal::new(ProblemCode::RateLimited, detail);
            refusal.0.retry_after = Some(wait.as_secs() + 1);
            refusal.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn gives_a_minutes_worth_and_then_one_an_interval() {
        let (rate, start) = (Rate::new(6), Instant::now());
        for _ in 0..6 {
            assert_eq!(rate.take(address("192.0.2.1"), start), Ok(()));
        }
        assert_eq!(rate.take(address("192.0.2.1"), start), Err(Duration::from_secs(10)));
        assert_eq!(rate.take(address("192.0.2.2"), start), Ok(()), "others are not touched");
        assert_eq!(rate.take(address("192.0.2.1"), start + Duration::from_secs(10)), Ok(()));
        assert!(rate.take(address("192.0.2.1"), start + Duration::from_secs(10)).is_err());
        for _ in 0..6 {
            assert_eq!(rate.take(address("192.0.2.1"), start + Duration::from_secs(500)), Ok(()));
        }
        assert!(rate.take(address("192.0.2.1"), start + Duration::from_secs(500)).is_err());
    }

    #[test]
    fn counts_a_customers_network_as_one_and_can_be_off() {
        let (rate, now) = (Rate::new(1), Instant::now());
        assert!(rate.take(address("2001:db8::1"), now).is_ok());
        assert!(rate.take(address("2001:db8::2"), now).is_err());
        assert!(rate.take(address("2001:db8:0:1::1"), now).is_ok());
        let off = Rate::new(0);
        assert!((0..10_000).all(|_| off.take(address("192.0.2.1"), now).is_ok()));
    }

    #[test]
    fn forgets_rather_than_grows() {
        let (rate, now) = (Rate::new(1), Instant::now());
        for n in 0..=(ADDRESSES as u32) {
            assert!(rate.take(IpAddr::V4(n.into()), now).is_ok());
        }
        assert!(rate.full_at.lock().expect("one user").len() <= ADDRESSES);
    }
}
