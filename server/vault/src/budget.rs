//! The guess budget of one name (protocol.md section 16), as pure functions of a value and the
//! vault's time.
//!
//! Invariants: only a login refunds its charge, at most once, and at most [`REFUNDS`] per day. A
//! refund leaves the budget as if the charge had never been made. Stored times never move back,
//! except to the time to which an operator set the vault's time back. The value remains small,
//! because only charges that can still be refunded or repeated are stored individually.

use rootcellar_spec::limits::{LOGIN_LIFETIME, REPEAT_WINDOW};
use rootcellar_spec::wire::login::Budget;
use rootcellar_spec::{Digest, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

/// Charges without a wait.
pub const FREE: u32 = 5;
/// Waits before each further charge, in seconds since the last one. The last value applies to all
/// later charges.
pub const WAITS: [u64; 7] = [60, 5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60, 12 * 60 * 60, DAY];
/// The level decreases by one for each period of this length without a charge, in seconds.
pub const DAY: u64 = 24 * 60 * 60;

/// How often the first request of a login can be repeated for one charge: as often as a client
/// without a response repeats it. Each response is also a timing sample, so there must not be many.
pub const REPEATS: u32 = 3;

/// Logins per day that get a refund. Further logins succeed and remain charged. A client that knows
/// the account's OPAQUE key can finish a login whatever passphrase was evaluated, so refunds need a
/// limit.
pub const REFUNDS: u32 = 128;

/// How long an open charge is stored individually: the lifetime of its token, and a minute for
/// clock differences. The vault's time can run twice as fast as the tokens' clock (`vault_time`).
const KEEP_OPEN: u64 = REPEAT_WINDOW.as_secs() + 2 * LOGIN_LIFETIME.as_secs() + 60;
/// How long a finished login is remembered: the lifetime of its token, and a minute for clock
/// differences.
const KEEP_USED: u64 = LOGIN_LIFETIME.as_secs() + 60;
/// Maximum finished logins to remember. Repeating an older one is refused as expired.
const MOST_USED: usize = 4;

/// The guess budget of a name. An absent object is [`Guesses::default`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guesses {
    /// The level after the older charges, at the time of the last of them.
    pub(crate) level: u32,
    /// The time of the last older charge.
    pub(crate) last: Option<Timestamp>,
    /// Charges since the last login that were not refunded.
    pub(crate) failed: u32,
    /// Newer charges, oldest first.
    pub(crate) charges: Vec<Charge>,
    /// How many times the vault's time had been set back when this was written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) era: u32,
    /// The refunds of the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refunds: Option<Refunds>,
}

/// The refunds of one day, which starts with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refunds {
    /// The vault's time of the first refund.
    pub(crate) since: Timestamp,
    /// The number of refunds.
    pub(crate) count: u32,
}

/// A charge that may still be refunded, or that a login has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) operation: OperationId,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// The state of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(crate) enum State {
    /// The charge counts.
    Open {
        /// The time of the charge.
        at: Timestamp,
        /// SHA-256 of the request that it was made for.
        request: Digest,
        /// Whether `failed` includes it. It does not after a later login succeeded.
        counted: bool,
        /// How often the request was repeated.
        #[serde(default, skip_serializing_if = "is_zero")]
        repeats: u32,
    },
    /// A login succeeded with this charge.
    Used {
        /// The time of the login, by the vault's clock.
        at: Timestamp,
        /// SHA-256 of the request that finished the login.
        request: Digest,
        /// The failed attempts that this login reported.
        failed: u32,
        /// The time of the charge, if it still counts because the login was over the limit of
        /// refunds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        charged: Option<Timestamp>,
    },
}

/// The decision about the first request of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Charge: write this budget before evaluating anything.
    Charge(Guesses),
    /// A repeated request with the charge of this operation: write this count of repeats first.
    Repeat(Guesses, OperationId),
    /// Refuse for this many seconds, without a write.
    Wait(u64),
}

/// The decision about finishing a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Refund: write this budget before releasing anything.
    Refund(Guesses, Used),
    /// The same without a refund, because the day's refunds are used up.
    Keep(Guesses, Used),
    /// A repeated request. Nothing is written.
    Repeat(Used),
    /// Another request finished this login.
    Used,
    /// The charge no longer exists.
    Expired,
}

/// What a login reported when it first succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The time of the login, by the vault's clock.
    pub at: Timestamp,
    /// Failed attempts since the previous login.
    pub failed: u32,
}

/// The level and time of the last charge.
#[derive(Clone, Copy)]
struct Standing {
    level: u32,
    last: Option<Timestamp>,
}

impl Standing {
    /// The level after the days that have passed.
    fn level_at(self, now: Timestamp) -> u32 {
        let days = self.last.map_or(0, |last| now.seconds_since(last) / DAY);
        self.level.saturating_sub(u32::try_from(days).unwrap_or(u32::MAX))
    }

    fn charged(self, at: Timestamp) -> Self {
        Self { level: self.level_at(at).saturating_add(1), last: Some(at) }
    }

    /// Seconds from `now` until the next charge is allowed.
    fn wait(self, now: Timestamp) -> u64 {
        let Some(beyond) = self.level_at(now).checked_sub(FREE) else { return 0 };
        let wait = WAITS[(beyond as usize).min(WAITS.len() - 1)];
        self.last.map_or(0, |last| last.plus(wait).seconds_since(now))
    }
}

impl Charge {
    /// The time of the charge, if it counts.
    fn counts_from(&self) -> Option<Timestamp> {
        match self.state {
            State::Open { at, .. } => Some(at),
            State::Used { charged, .. } => charged,
        }
    }
}

impl Guesses {
    /// Decides about the first request of a login. `operation` names the charge, if one is made.
    #[must_use]
    pub fn decide(&self, request: Digest, operation: OperationId, now: Timestamp) -> Decision {
        if let Some((next, open)) = self.repeated(request, now) {
            return Decision::Repeat(next, open);
        }
        match self.standing().wait(now) {
            0 => Decision::Charge(self.charged(request, operation, now)),
            wait => Decision::Wait(wait),
        }
    }

    /// Whether all attempts are available. The budget is then equivalent to an absent one.
    #[must_use]
    pub fn is_full(&self, now: Timestamp) -> bool {
        self.standing().level_at(now) == 0
    }

    /// Whether it is full and remembers nothing that a client could repeat. Apart from `failed`, it
    /// is then equivalent to an absent object.
    #[must_use]
    pub fn is_drained(&self, now: Timestamp) -> bool {
        let is_over = |charge: &Charge| match charge.state {
            State::Open { at, .. } => now.seconds_since(at) > KEEP_OPEN,
            State::Used { at, .. } => now.seconds_since(at) > KEEP_USED,
        };
        self.refunds_at(now) == 0
            && self.is_full(now)
            && self.stamps().all(|at| at <= now)
            && self.charges.iter().all(is_over)
    }

    /// Whether it has failed attempts that no login has reported, the last of them within
    /// `seconds`.
    #[must_use]
    pub fn tells_of_failures(&self, now: Timestamp, seconds: u64) -> bool {
        self.failed > 0 && self.standing().last.is_some_and(|last| now.seconds_since(last) <= seconds)
    }

    /// What the next attempt will find.
    #[must_use]
    pub fn outlook(&self, now: Timestamp) -> Budget {
        let standing = self.standing();
        let remaining = FREE.saturating_sub(standing.level_at(now));
        Budget { remaining, next_wait: standing.wait(now) }
    }

    /// Decides about a login with a valid KE3 and MAC, at
    /// `now` by the server's clock and `vault_time` by the vault's.
    #[must_use]
    pub fn finish(
        &self,
        operation: OperationId,
        request: Digest,
        now: Timestamp,
        vault_time: Timestamp,
    ) -> Finish {
        let Some(index) = self.charges.iter().position(|charge| charge.operation == operation) else {
            return Finish::Expired;
        };
        match self.charges[index].state {
            State::Used { at, request: used_by, failed, .. } if used_by == request => {
                Finish::Repeat(Used { at, failed })
            }
            State::Used { .. } => Finish::Used,
            State::Open { counted, at: charged_at, .. } => {
                let failed = self.failed.saturating_sub(u32::from(counted));
                let mut next = self.clone();
                next.failed = 0;
                for charge in &mut next.charges {
                    if let State::Open { counted, .. } = &mut charge.state {
                        *counted = false;
                    }
                }
                let is_refunded = next.take_refund(vault_time);
                let charged = (!is_refunded).then_some(charged_at);
                next.charges[index].state = State::Used { at: now, request, failed, charged };
                next.forget_used(now);
                let used = Used { at: now, failed };
                if is_refunded { Finish::Refund(next, used) } else { Finish::Keep(next, used) }
            }
        }
    }

    /// Records that the registration or passphrase change with this charge has committed, so it was
    /// not a failed attempt. The charge still counts. Otherwise a sender who may change a
    /// passphrase could have the OPRF evaluated without limit. `None` if nothing changes.
    #[must_use]
    pub fn complete(&self, operation: OperationId) -> Option<Self> {
        let mut next = self.clone();
        let charge = next.charges.iter_mut().find(|charge| charge.operation == operation)?;
        match &mut charge.state {
            State::Open { counted, .. } if *counted => *counted = false,
            _ => return None,
        }
        next.failed = next.failed.saturating_sub(1);
        Some(next)
    }

    /// The budget after the vault's time was set back to each of these times, in this order. A
    /// charge with a time that is now in the future counts from the time to which the operator set
    /// the time back, which is later than the charge really was.
    #[must_use]
    pub fn after_set_backs(&self, set_backs: &[Timestamp]) -> Self {
        let mut next = self.clone();
        for to in set_backs.iter().skip(self.era as usize) {
            next.last = next.last.map(|last| last.min(*to));
            for charge in &mut next.charges {
                match &mut charge.state {
                    State::Open { at, .. } | State::Used { charged: Some(at), .. } => *at = (*at).min(*to),
                    State::Used { charged: None, .. } => {}
                }
            }
            next.refunds = next.refunds.map(|refunds| Refunds { since: refunds.since.min(*to), ..refunds });
        }
        next.era = self.era.max(u32::try_from(set_backs.len()).unwrap_or(u32::MAX));
        next
    }

    /// The charge of this request if it may be repeated, with one more repeat counted.
    fn repeated(&self, request: Digest, now: Timestamp) -> Option<(Self, OperationId)> {
        let mut next = self.clone();
        let operation = next.charges.iter_mut().find_map(|charge| match &mut charge.state {
            State::Open { at, request: charged_for, repeats, .. }
                if *charged_for == request
                    && *repeats < REPEATS
                    && now.seconds_since(*at) <= REPEAT_WINDOW.as_secs() =>
            {
                *repeats += 1;
                Some(charge.operation)
            }
            _ => None,
        })?;
        Some((next, operation))
    }

    fn charged(&self, request: Digest, operation: OperationId, now: Timestamp) -> Self {
        // Another replica's time may have been slightly ahead, or the clock went back. The time is
        // never before the last charge.
        let at = self.standing().last.map_or(now, |last| last.max(now));
        let mut next = self.clone();
        next.settle_old(now);
        next.forget_used(now);
        next.failed = next.failed.saturating_add(1);
        next.charges
            .push(Charge { operation, state: State::Open { at, request, counted: true, repeats: 0 } });
        next
    }

    /// The refunds of the last day.
    fn refunds_at(&self, now: Timestamp) -> u32 {
        self.refunds
            .filter(|refunds| now.seconds_since(refunds.since) < DAY)
            .map_or(0, |refunds| refunds.count)
    }

    /// Counts one more refund, if the day's limit permits it.
    fn take_refund(&mut self, now: Timestamp) -> bool {
        let count = self.refunds_at(now);
        if count >= REFUNDS {
            return false;
        }
        let since = self.refunds.filter(|_| count > 0).map_or(now, |refunds| refunds.since);
        self.refunds = Some(Refunds { since, count: count + 1 });
        true
    }

    /// The level and time with all charges that count.
    fn standing(&self) -> Standing {
        let settled = Standing { level: self.level, last: self.last };
        self.charges.iter().filter_map(Charge::counts_from).fold(settled, Standing::charged)
    }

    fn stamps(&self) -> impl Iterator<Item = Timestamp> {
        let charges = self.charges.iter().map(|charge| match charge.state {
            State::Open { at, .. } | State::Used { at, .. } => at,
        });
        let refunds = self.refunds.map(|refunds| refunds.since);
        self.last.into_iter().chain(charges).chain(refunds)
    }

    /// Merges the charges that can no longer change into `level` and `last`.
    fn settle_old(&mut self, now: Timestamp) {
        let mut standing = Standing { level: self.level, last: self.last };
        self.charges.retain(|charge| match charge.counts_from() {
            Some(at) if now.seconds_since(at) > KEEP_OPEN => {
                standing = standing.charged(at);
                false
            }
            _ => true,
        });
        (self.level, self.last) = (standing.level, standing.last);
    }

    /// Removes refunded logins with expired tokens, and the oldest if there are too many.
    fn forget_used(&mut self, now: Timestamp) {
        let is_used = |charge: &Charge| charge.counts_from().is_none();
        self.charges.retain(|charge| match charge.state {
            State::Used { at, charged: None, .. } => now.seconds_since(at) <= KEEP_USED,
            State::Used { .. } | State::Open { .. } => true,
        });
        let mut surplus =
            self.charges.iter().filter(|charge| is_used(charge)).count().saturating_sub(MOST_USED);
        self.charges.retain(|charge| {
            let drop = surplus > 0 && is_used(charge);
            surplus -= usize::from(drop);
            !drop
        });
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests;
