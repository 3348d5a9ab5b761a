//! The guess budget of one name (protocol.md section 16): pure functions over a value and the vault's time.
//!
//! Invariants: only a login takes its charge back, at most once, and at most [`REFUNDS`] of them a day; what it leaves
//! counts as if the charge had never been; stored times never move back, except to the time at which an operator set the vault's time back; the value stays
//! small, because only charges that can still be refunded or repeated are kept one by one.

use rootcellar_spec::limits::{LOGIN_LIFETIME, REPEAT_WINDOW};
use rootcellar_spec::wire::login::Budget;
use rootcellar_spec::{Digest, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

/// Charges that are free of waits.
pub const FREE: u32 = 5;
/// Waits before each further charge, in seconds since the last one; the last of them applies for ever.
pub const WAITS: [u64; 7] = [60, 5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60, 12 * 60 * 60, DAY];
/// The level falls by one for each of these that passes without a charge, in seconds.
pub const DAY: u64 = 24 * 60 * 60;

/// How often a start is answered again for one charge: as often as a client that gets no answer sends it again. Each answer
/// is also a sample of how long the vault takes, so there must not be many.
pub const REPEATS: u32 = 3;

/// Logins a day that take their charge back; each further one succeeds and keeps its charge. A client that knows the
/// account's OPAQUE key can finish a login whatever passphrase it had evaluated, so refunds need a bound.
pub const REFUNDS: u32 = 128;

/// How long an open charge is kept by itself: as long as a token of it may live, and a minute for clocks. The vault's time
/// may run twice as fast as the tokens' (`vault_time`).
const KEEP_OPEN: u64 = REPEAT_WINDOW.as_secs() + 2 * LOGIN_LIFETIME.as_secs() + 60;
/// How long a used login is remembered: as long as its token may live, and a minute for clocks.
const KEEP_USED: u64 = LOGIN_LIFETIME.as_secs() + 60;
/// Most used logins that are remembered; an older one's repetition is refused as expired.
const MOST_USED: usize = 4;

/// The budget of a name. An absent object is [`Guesses::default`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guesses {
    /// The level that older charges left, at the time of the last of them.
    pub(crate) level: u32,
    /// When the last of the older charges was made.
    pub(crate) last: Option<Timestamp>,
    /// Charges since the last login that were not refunded.
    pub(crate) failed: u32,
    /// Newer charges, in the order in which they were made.
    pub(crate) charges: Vec<Charge>,
    /// How many times the vault's time had been set back when this was written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) era: u32,
    /// Refunds of the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refunds: Option<Refunds>,
}

/// Refunds of one day, which begins with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refunds {
    /// When the first of them was made, in the vault's time.
    pub(crate) since: Timestamp,
    /// How many there were.
    pub(crate) count: u32,
}

/// One charge that may still be refunded, or was by a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) operation: OperationId,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(crate) enum State {
    /// It counts.
    Open {
        /// When it was made.
        at: Timestamp,
        /// Digest of the start that it was made for.
        request: Digest,
        /// Whether it is part of `failed`: not so once a login succeeded after it.
        counted: bool,
        /// How often the start was answered again.
        #[serde(default, skip_serializing_if = "is_zero")]
        repeats: u32,
    },
    /// A login succeeded with it.
    Used {
        /// When, by the vault's clock.
        at: Timestamp,
        /// Digest of the request that did.
        request: Digest,
        /// The failed tries that this login was told.
        failed: u32,
        /// When the charge was made, if it still counts: the login was one too many to take it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        charged: Option<Timestamp>,
    },
}

/// What a start comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The charge to write before anything is evaluated.
    Charge(Guesses),
    /// The same start again, under the charge of this operation: the count of repeats to write first.
    Repeat(Guesses, OperationId),
    /// Not now, but after so many seconds. Nothing is written.
    Wait(u64),
}

/// What a finished login comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The refund to write before anything is released.
    Refund(Guesses, Used),
    /// The same, without a refund: too many logins took their charge back that day.
    Keep(Guesses, Used),
    /// The same request again: nothing to write.
    Repeat(Used),
    /// Another request used this login.
    Used,
    /// There is no such charge any more.
    Expired,
}

/// What a login was told when it first succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// When it succeeded, by the vault's clock.
    pub at: Timestamp,
    /// Failed tries since the login before.
    pub failed: u32,
}

/// Level and time of the last charge.
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
    /// When it was made, if it counts.
    fn counts_from(&self) -> Option<Timestamp> {
        match self.state {
            State::Open { at, .. } => Some(at),
            State::Used { charged, .. } => charged,
        }
    }
}

impl Guesses {
    /// Decides about a start. `operation` names the charge if there is one.
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

    /// Whether nothing is taken from it: it then is as if it were absent.
    #[must_use]
    pub fn is_full(&self, now: Timestamp) -> bool {
        self.standing().level_at(now) == 0
    }

    /// Whether it is full and remembers nothing that anybody could still come back to: then it says no more than an absent
    /// one, `failed` apart. Stamps of the future are never that far.
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

    /// Whether it counts failed tries, the last of them within `seconds`, that no login was told yet.
    #[must_use]
    pub fn tells_of_failures(&self, now: Timestamp, seconds: u64) -> bool {
        self.failed > 0 && self.standing().last.is_some_and(|last| now.seconds_since(last) <= seconds)
    }

    /// What the next try will find.
    #[must_use]
    pub fn outlook(&self, now: Timestamp) -> Budget {
        let standing = self.standing();
        let remaining = FREE.saturating_sub(standing.level_at(now));
        Budget { remaining, next_wait: standing.wait(now) }
    }

    /// Decides about a login whose KE3 and MAC were found valid, at `now` by the server's clock and `vault_time` by the
    /// vault's.
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

    /// The registration or passphrase change of this charge has committed: it was no failed attempt. The charge still
    /// counts, or whoever may change a passphrase could have the OPRF evaluated without a bound. `None` if there is
    /// nothing to write.
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

    /// The same budget after the vault's time was set back to each of these times, in this order: charges of a time that
    /// turned out to be in the future count as made when the operator set the time back, which is later than they were
    /// made.
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

    /// The charge that this start was made for, while it may be answered again, with one more repeat counted.
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
        // Where another replica's time was a little ahead, or the clock went back: never before the last charge.
        let at = self.standing().last.map_or(now, |last| last.max(now));
        let mut next = self.clone();
        next.settle_old(now);
        next.forget_used(now);
        next.failed = next.failed.saturating_add(1);
        next.charges
            .push(Charge { operation, state: State::Open { at, request, counted: true, repeats: 0 } });
        next
    }

    /// Refunds of the last day.
    fn refunds_at(&self, now: Timestamp) -> u32 {
        self.refunds
            .filter(|refunds| now.seconds_since(refunds.since) < DAY)
            .map_or(0, |refunds| refunds.count)
    }

    /// Counts one more refund, if the day allows it.
    fn take_refund(&mut self, now: Timestamp) -> bool {
        let count = self.refunds_at(now);
        if count >= REFUNDS {
            return false;
        }
        let since = self.refunds.filter(|_| count > 0).map_or(now, |refunds| refunds.since);
        self.refunds = Some(Refunds { since, count: count + 1 });
        true
    }

    /// The standing with every charge that counts.
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

    /// Adds the charges that count and are too old to change to `level` and `last`.
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

    /// Drops refunded logins whose tokens are dead, and the oldest where there are too many.
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
