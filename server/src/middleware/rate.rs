//! A rate limit per client network. It reduces noise and is no defence against guessing: the guess
//! budget is.
//!
//! `governor` cannot express it: a request is taken from all three networks of its address or from
//! none, but each of its limiters takes from one key at once. It also does not limit the number of
//! keys.

use super::ClientAddress;
use crate::problem::Refusal;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;
use rootcellar_vault::limit::{Full, Report};
use rootcellar_vault::network::{LEVELS, networks_of};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Maximum networks to remember, about 6 MiB.
const NETWORKS: usize = 1 << 16;
/// The time in which an empty bucket becomes full.
const MINUTE: Duration = Duration::from_secs(60);
/// How many times an address's limit the networks around it have, narrowest first. Without this, a
/// site with 65,536 networks would have no limit.
const TIMES: [u32; LEVELS] = [1, 2, 4];

/// A token bucket per network, with a capacity of one minute.
pub(crate) struct Rate {
    /// How long a network of each level takes to earn one request.
    intervals: [Duration; LEVELS],
    /// When the bucket of each network will be full. Full buckets are removed.
    full_at: Mutex<HashMap<IpNet, Instant>>,
    /// `None` if there is no limit.
    report: Option<Report>,
}

/// Marks a response that only says that there were too many requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooMany;

impl Rate {
    /// Allows this many requests per minute from one address; 0 for no limit.
    pub(crate) fn new(name: &'static str, per_minute: u32) -> Arc<Self> {
        let interval = |times| MINUTE.checked_div(per_minute.saturating_mul(times)).unwrap_or(Duration::ZERO);
        let report = (per_minute > 0).then(|| Report::of_rate(name, per_minute.into()));
        Arc::new(Self { intervals: TIMES.map(interval), full_at: Mutex::default(), report })
    }

    /// Takes one request, or returns how long to wait.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        if self.intervals[0].is_zero() {
            return Ok(());
        }
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let networks = networks_of(address);
        let mut next = [now; LEVELS];
        let mut longest = Duration::ZERO;
        for ((network, interval), next) in networks.iter().zip(self.intervals).zip(&mut next) {
            let at = full_at.get(network).copied().unwrap_or(now);
            *next = at.max(now) + interval;
            longest = longest.max(next.duration_since(now).saturating_sub(MINUTE));
        }
        if !longest.is_zero() {
            // A refused request changes nothing.
            self.report.iter().for_each(|report| report.refused(Full::Share));
            return Err(longest);
        }
        if full_at.len() + LEVELS > NETWORKS {
            full_at.retain(|_, at| *at > now);
            if full_at.len() + LEVELS > NETWORKS {
                // With so many networks, forgetting is better than growing.
                full_at.clear();
            }
        }
        full_at.extend(networks.into_iter().zip(next));
        Ok(())
    }
}

/// The requests that evaluate the OPRF, which may use the budgets that all names share.
const STARTS: [&str; 3] = [paths::LOGIN_START, paths::REGISTRATION_START, paths::PASSPHRASE_START];

/// Limits the requests to [`STARTS`], all together.
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
            let detail = "Too many requests from this address. Wait, then send the request again.";
            let mut refusal = Refusal::new(ProblemCode::RateLimited, detail);
            refusal.0.retry_after = Some(wait.as_secs() + 1);
            let mut response = refusal.into_response();
            response.extensions_mut().insert(TooMany);
            response
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
        let (rate, start) = (Rate::new("test", 6), Instant::now());
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
    fn networks_of_every_width_have_a_limit_and_there_may_be_none() {
        let now = Instant::now();
        let taken = |addresses: &[String]| {
            let rate = Rate::new("test", 10);
            addresses.iter().filter(|text| rate.take(address(text), now).is_ok()).count()
        };
        let many = |of: fn(u32) -> String| (0..256).map(of).collect::<Vec<_>>();
        assert_eq!(taken(&many(|n| format!("2001:db8::{n:x}"))), 10, "one /64");
        assert_eq!(taken(&many(|n| format!("2001:db8:0:{n:x}::1"))), 20, "one /56");
        assert_eq!(taken(&many(|n| format!("2001:db8:0:{n:x}00::1"))), 40, "one /48");
        assert_eq!(taken(&many(|n| format!("2001:db8:{n:x}::1"))), 256);
        assert_eq!(taken(&many(|n| format!("192.0.2.{n}"))), 40, "one /24");
        assert_eq!(taken(&many(|n| format!("192.0.{n}.1"))), 256);
        let off = Rate::new("test", 0);
        assert!((0..10_000).all(|_| off.take(address("192.0.2.1"), now).is_ok()));
    }

    #[test]
    fn forgets_rather_than_grows() {
        let (rate, now) = (Rate::new("test", 1), Instant::now());
        for n in 0..NETWORKS as u32 {
            assert!(rate.take(IpAddr::V4((n << 8).into()), now).is_ok());
        }
        assert!(rate.full_at.lock().expect("one user").len() <= NETWORKS);
    }

    /// One network cannot make the server forget the limits of others.
    #[test]
    fn one_network_takes_little_room() {
        let (rate, now) = (Rate::new("test", 10), Instant::now());
        for n in 0..NETWORKS as u128 {
            let _ = rate.take(IpAddr::V6((0x2001_0db8 << 96 | n << 64).into()), now);
        }
        assert!(rate.full_at.lock().expect("one user").len() <= 1 + 2 * 40);
    }
}
