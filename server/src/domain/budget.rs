//! The guess budget of one name (protocol.md section 16): pure functions over a value and the store's time.
//!
//! Invariants: what is not refunded counts as it would if the refunded had never been; a charge is refunded at most once;
//! the value stays small, because only charges that can still be refunded are kept one by one.

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

/// How long an open charge is kept by itself: as long as a token of it may live, and a minute for clocks.
const KEEP_OPEN: u64 = REPEAT_WINDOW.as_secs() + LOGIN_LIFETIME.as_secs() + 60;
/// How long a used login is remembered: as long as its token may live, and a minute for clocks.
const KEEP_USED: u64 = LOGIN_LIFETIME.as_secs() + 60;
/// Stamps further ahead than this come of a clock that ran ahead, not of two that differ a little.
const AHEAD: u64 = 60;
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
    },
    /// A login took it back.
    Used {
        /// When, by the vault's clock.
        at: Timestamp,
        /// Digest of the request that did.
        request: Digest,
        /// The failed tries that this login was told.
        failed: u32,
    },
}

/// What a start comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The charge to write before anything is evaluated.
    Charge(Guesses),
    /// The same start again, under the same operation: nothing to write.
    Repeat(OperationId),
    /// Not now, but after so many seconds. Nothing is written.
    Wait(u64),
    /// A clock that ran ahead has left stamps that would keep the waits from ever beginning: they are to be set to now,
    /// and then it is to be decided again.
    Mend(Guesses),
}

/// What a finished login comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The refund to write before anything is released.
    Refund(Guesses, Used),
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
        wait.saturating_sub(self.last.map_or(wait, |last| now.seconds_since(last)))
    }
}

impl Guesses {
    /// Decides about a start. `operation` names the charge if there is one.
    #[must_use]
    pub fn decide(&self, request: Digest, operation: OperationId, now: Timestamp) -> Decision {
        if let Some(open) = self.repeated(request, now) {
            return Decision::Repeat(open);
        }
        if self.stamps().any(|at| at.0 > now.plus(AHEAD).0) {
            let mut next = self.clone();
            next.clamp(now);
            return Decision::Mend(next);
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
        self.is_full(now) && self.stamps().all(|at| at <= now) && self.charges.iter().all(is_over)
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

    /// Decides about a login whose KE3 and MAC were found valid.
    #[must_use]
    pub fn finish(&self, operation: OperationId, request: Digest, now: Timestamp) -> Finish {
        let Some(index) = self.charges.iter().position(|charge| charge.operation == operation) else {
            return Finish::Expired;
        };
        match self.charges[index].state {
            State::Used { at, request: used_by, failed } if used_by == request => {
                Finish::Repeat(Used { at, failed })
            }
            State::Used { .. } => Finish::Used,
            State::Open { counted, .. } => {
                let failed = self.failed.saturating_sub(u32::from(counted));
                let mut next = self.clone();
                next.failed = 0;
                for charge in &mut next.charges {
                    if let State::Open { counted, .. } = &mut charge.state {
                        *counted = false;
                    }
                }
                next.charges[index].state = State::Used { at: now, request, failed };
                next.forget_used(now);
                Finish::Refund(next, Used { at: now, failed })
            }
        }
    }

    /// Takes the charge of a registration or a passphrase change back; `None` where that was done already.
    #[must_use]
    pub fn refund(&self, operation: OperationId) -> Option<Self> {
        let index = self.charges.iter().position(|charge| charge.operation == operation)?;
        let State::Open { counted, .. } = self.charges[index].state else { return None };
        let mut next = self.clone();
        next.failed = next.failed.saturating_sub(u32::from(counted));
        next.charges.remove(index);
        Some(next)
    }

    fn repeated(&self, request: Digest, now: Timestamp) -> Option<OperationId> {
        self.charges.iter().find_map(|charge| match charge.state {
            State::Open { at, request: charged_for, .. }
                if charged_for == request && now.seconds_since(at) <= REPEAT_WINDOW.as_secs() =>
            {
                Some(charge.operation)
            }
            _ => None,
        })
    }

    fn charged(&self, request: Digest, operation: OperationId, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.clamp(now);
        next.settle_old(now);
        next.forget_used(now);
        next.failed = next.failed.saturating_add(1);
        next.charges.push(Charge { operation, state: State::Open { at: now, request, counted: true } });
        next
    }

    /// The standing with every open charge.
    fn standing(&self) -> Standing {
        let settled = Standing { level: self.level, last: self.last };
        self.charges.iter().fold(settled, |standing, charge| match charge.state {
            State::Open { at, .. } => standing.charged(at),
            State::Used { .. } => standing,
        })
    }

    fn stamps(&self) -> impl Iterator<Item = Timestamp> {
        let charges = self.charges.iter().map(|charge| match charge.state {
            State::Open { at, .. } | State::Used { at, .. } => at,
        });
        self.last.into_iter().chain(charges)
    }

    /// Sets stamps of the future to now. After that they are in the order of the charges.
    fn clamp(&mut self, now: Timestamp) {
        self.last = self.last.map(|last| last.min(now));
        for charge in &mut self.charges {
            let (State::Open { at, .. } | State::Used { at, .. }) = &mut charge.state;
            *at = (*at).min(now);
        }
    }

    /// Adds the open charges that are too old to be refunded to `level` and `last`.
    fn settle_old(&mut self, now: Timestamp) {
        let mut standing = Standing { level: self.level, last: self.last };
        self.charges.retain(|charge| match charge.state {
            State::Open { at, .. } if now.seconds_since(at) > KEEP_OPEN => {
                standing = standing.charged(at);
                false
            }
            _ => true,
        });
        (self.level, self.last) = (standing.level, standing.last);
    }

    /// Drops used logins whose tokens are dead, and the oldest where there are too many.
    fn forget_used(&mut self, now: Timestamp) {
        let is_used = |charge: &Charge| matches!(charge.state, State::Used { .. });
        self.charges.retain(|charge| match charge.state {
            State::Used { at, .. } => now.seconds_since(at) <= KEEP_USED,
            State::Open { .. } => true,
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

#[cfg(test)]
mod tests;
