//! Guess budgets, counted once more from the protocol alone (protocol.md section 16).

use rootcellar_spec::{Digest, OperationId, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

const FREE: usize = 5;
const WAITS: [u64; 7] = [60, 300, 900, 3600, 14_400, 43_200, DAY];
const DAY: u64 = 86_400;
/// A charge that is as old as this is no longer kept by itself, and can no longer be taken back.
const SETTLED: u64 = 15 * 60;

/// A budget's object.
#[derive(Deserialize)]
pub(super) struct Guesses {
    charges: Vec<Charge>,
}

#[derive(Deserialize)]
struct Charge {
    operation: OperationId,
    state: String,
    at: Timestamp,
    request: Digest,
}

/// A charge, as it was when last seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It counts, since then.
    Open(Timestamp),
    /// It was taken back.
    Refunded,
}

/// What was seen of one budget.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<OperationId, State>);

impl Guesses {
    pub(super) fn is_charged_for(&self, request: &Digest) -> bool {
        self.charges.iter().any(|charge| charge.is_open() && charge.request == *request)
    }

    pub(super) fn was_used_by(&self, request: &Digest) -> bool {
        self.charges.iter().any(|charge| !charge.is_open() && charge.request == *request)
    }
}

impl Charge {
    fn is_open(&self) -> bool {
        self.state == "open"
    }

    fn now(&self) -> State {
        if self.is_open() { State::Open(self.at) } else { State::Refunded }
    }
}

impl Seen {
    pub(super) fn at_first(guesses: &Guesses) -> Self {
        Self(guesses.charges.iter().map(|charge| (charge.operation, charge.now())).collect())
    }

    /// The budget was written, or removed.
    pub(super) fn changed(&mut self, after: Option<&Guesses>, at: Timestamp) {
        let charges: &[Charge] = after.map_or(&[], |after| &after.charges);
        for charge in charges {
            match (self.0.get(&charge.operation), charge.now()) {
                (None, State::Open(at)) => self.allow(at),
                (None, State::Refunded) => panic!("a charge was taken back that was never made"),
                (Some(State::Refunded), State::Open(_)) => {
                    panic!("a charge that was taken back counts again")
                }
                _ => {}
            }
            self.0.insert(charge.operation, charge.now());
        }
        for (operation, state) in &mut self.0 {
            let is_kept = charges.iter().any(|charge| charge.operation == *operation);
            if let State::Open(since) = state
                && !is_kept
                && at.seconds_since(*since) <= SETTLED
            {
                *state = State::Refunded;
            }
        }
    }

    /// A charge must be due: after five, each waits for the one before.
    fn allow(&self, now: Timestamp) {
        let mut open: Vec<Timestamp> = self.0.values().filter_map(|state| state.since()).collect();
        open.sort();
        let Some(last) = open.last().copied() else { return };
        let level =
            open.iter().zip(&open[1..]).fold(1, |level, (before, at)| fallen(level, *before, *at) + 1);
        let Some(beyond) = fallen(level, last, now).checked_sub(FREE) else { return };
        let (passed, due) = (now.seconds_since(last), WAITS[beyond.min(WAITS.len() - 1)]);
        assert!(passed >= due, "a guess came {passed} s after the last one, and {due} were due");
    }
}

/// The level after the days without a charge.
fn fallen(level: usize, last: Timestamp, now: Timestamp) -> usize {
    level.saturating_sub(usize::try_from(now.seconds_since(last) / DAY).unwrap_or(usize::MAX))
}

impl State {
    fn since(self) -> Option<Timestamp> {
        match self {
            Self::Open(since) => Some(since),
            Self::Refunded => None,
        }
    }
}
