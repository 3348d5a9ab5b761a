//! How many full guess budgets can be used per minute, over all names: a limit on what strangers
//! can make the vault store. A full budget counts whether or not its object exists, so that the cap
//! does not reveal which names were used.
//!
//! It refills with the uptime of this process, which clock changes do not affect.
//!
//! Half of the cap is available to everyone. The other half is reserved for networks that have used
//! little in this minute, so that a few networks cannot use up the cap for all.

use crate::limit::{Full, Report};
use crate::network::{LEVELS, networks_of};
use ipnet::IpNet;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The divisors of the cap that give how much a network may use from the reserve per minute,
/// narrowest first; at least one budget. They are also how many networks it takes to keep the
/// reserve empty.
pub const RESERVE_PARTS: [u64; LEVELS] = [300, 150, 100];

/// A token bucket with a capacity of one minute.
pub struct CreationCap {
    per_minute: u64,
    state: Mutex<State>,
    report: Report,
}

struct State {
    /// Credit in sixtieths of a budget. It grows by `per_minute` each second.
    credit: u64,
    /// The uptime of the last refill, in seconds.
    at: u64,
    /// When the current minute began, and what each network has used since. At most as many entries
    /// as the cap permits per minute.
    minute: u64,
    drawn: HashMap<IpNet, u64>,
}

const BUDGET: u64 = 60;
const MINUTE: u64 = 60;

impl CreationCap {
    /// Creates a full bucket.
    #[must_use]
    pub fn new(per_minute: u32, uptime: Duration) -> Self {
        let (per_minute, now) = (u64::from(per_minute), uptime.as_secs());
        let state = State { credit: per_minute * BUDGET, at: now, minute: now, drawn: HashMap::new() };
        Self {
            per_minute,
            state: Mutex::new(state),
            report: Report::of_rate("new-names-per-minute", per_minute),
        }
    }

    /// Takes one budget for a client.
    ///
    /// # Errors
    /// The seconds after which one will be available.
    pub fn take(&self, client: Option<IpAddr>, uptime: Duration) -> Result<(), u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.pass(&mut state, uptime.as_secs());
        let networks = client.map(networks_of);
        let spent = networks.as_ref().is_some_and(|networks| self.has_spent(&state, networks));
        let needed = if spent { BUDGET + self.per_minute * BUDGET / 2 } else { BUDGET };
        if state.credit < needed {
            // If others could still get one, this network has used its part.
            self.report.refused(if state.credit < BUDGET { Full::Total } else { Full::Share });
            return Err((needed - state.credit).div_ceil(self.per_minute.max(1)));
        }
        state.credit -= BUDGET;
        for network in networks.iter().flatten() {
            *state.drawn.entry(*network).or_default() += 1;
        }
        Ok(())
    }

    fn pass(&self, state: &mut State, now: u64) {
        let earned = now.saturating_sub(state.at).saturating_mul(self.per_minute);
        state.credit = state.credit.saturating_add(earned).min(self.per_minute * BUDGET);
        state.at = state.at.max(now);
        if now.saturating_sub(state.minute) >= MINUTE {
            state.minute = now;
            state.drawn.clear();
        }
    }

    /// Whether one of the networks has used its part of the reserve.
    fn has_spent(&self, state: &State, networks: &[IpNet; LEVELS]) -> bool {
        networks.iter().zip(RESERVE_PARTS).any(|(network, parts)| {
            state.drawn.get(network).is_some_and(|drawn| *drawn >= (self.per_minute / parts).max(1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn holds_a_minutes_worth_and_fills_again() {
        let cap = CreationCap::new(2, Duration::from_secs(1000));
        assert_eq!(cap.take(None, Duration::from_secs(1000)), Ok(()));
        assert_eq!(cap.take(None, Duration::from_secs(1000)), Ok(()));
        assert_eq!(cap.take(None, Duration::from_secs(1000)), Err(30));
        assert_eq!(cap.take(None, Duration::from_secs(1029)), Err(1));
        assert_eq!(cap.take(None, Duration::from_secs(1030)), Ok(()));
        assert_eq!(cap.take(None, Duration::from_secs(1030)), Err(30));
    }

    /// 40 networks of one customer's /48 did so in a second.
    #[test]
    fn one_site_cannot_use_up_the_cap() {
        let (cap, now) = (CreationCap::new(600, Duration::from_secs(1000)), Duration::from_secs(1000));
        let taken = (0..40 * 20)
            .filter(|n| cap.take(address(&format!("2001:db8:0:{:x}::1", n % 40)), now).is_ok())
            .count();
        assert_eq!(taken, 300, "the part for everyone");
        let others = (1..=100).filter(|n| cap.take(address(&format!("2001:db8:{n:x}::1")), now).is_ok());
        assert_eq!(others.count(), 100);
    }

    /// How many of the victims, each from its own network, get a budget in ten minutes, while this
    /// many networks use all they can from all their addresses.
    fn served_beside(attackers: u32, name: impl Fn(u32, u32) -> String) -> u64 {
        let cap = CreationCap::new(600, Duration::from_secs(1000));
        let mut served = 0;
        for second in 0..600_u32 {
            let now = Duration::from_secs(1000 + u64::from(second));
            for network in 0..attackers {
                while (0..8).any(|host| cap.take(address(&name(network, host)), now).is_ok()) {}
            }
            let victim = IpAddr::V4((0xc000_0000 + (second << 8)).into());
            served += u64::from(cap.take(Some(victim), now).is_ok());
        }
        served
    }

    #[test]
    fn fewer_than_fifty_networks_shut_nobody_out() {
        let site = |network, host| format!("2001:db8:{network:x}:{host:x}00::1");
        assert_eq!(served_beside(49, site), 600);
        assert_eq!(served_beside(49, |network, host| format!("10.0.{network}.{}", host * 16)), 600);
        let address = |network: u32, _| format!("10.{}.{}.1", network >> 8, network & 255);
        assert_eq!(served_beside(149, address), 600, "addresses, each in a network of its own");
    }

    /// The remaining attack, which the documents describe.
    #[test]
    fn a_hundred_networks_can_hold_it_shut() {
        let site = |network, host| format!("2001:db8:{network:x}:{host:x}00::1");
        assert!(served_beside(100, site) < 300);
    }
}
