//! The vault's time, which the guess budget uses (protocol.md section 16, decision 0010).
//!
//! A wrong clock must not make attempts available again. The vault therefore stores the latest time
//! that it has seen, in the object `clock`, and every replica continues from there:
//!
//! - The vault's time never moves back, unless an operator sets it back, which is recorded.
//! - It follows the store's clock, but at most at twice the speed of this process's uptime. It
//!   follows a clock that jumps ahead slowly, and also a downtime, because the vault cannot
//!   distinguish them.
//! - While the clock is behind it, no name is charged, so nothing is evaluated.

mod reckoning;

use crate::clock::Clock;
use crate::names;
use reckoning::Reckoning;
use rootcellar_spec::{OperationId, Timestamp};
use rootcellar_store::cas::{self, CasError, Current, LoadError, Loaded, RetryPolicy};
use rootcellar_store::probe::CLOCK_TOLERANCE;
use rootcellar_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The object `clock` is written when the vault's time has advanced by this much.
const WRITE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How far a process may follow the clock at once when it starts, for what earlier ones did not
/// write. It is less than the time that an attacker would gain by waiting for the restart.
const START_CREDIT: Duration = Duration::from_secs(15 * 60);
/// How far the clock may be behind, in seconds, because replicas differ slightly.
const TOLERANCE: u64 = 60;
/// More than an operator sets the time back in a vault's lifetime. This many are assumed if the
/// object is lost.
const FORGOTTEN: usize = 16;

/// The value of the object `clock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ClockObject {
    /// The latest time that the vault has seen.
    time: Timestamp,
    /// The times to which an operator has set it back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set_backs: Vec<Timestamp>,
}

/// The vault's time in this process.
pub struct VaultTime {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    reckoning: Reckoning,
    set_backs: Arc<[Timestamp]>,
    problem: Option<ClockProblem>,
}

/// The vault's time at one moment.
#[derive(Clone, Debug)]
pub struct Now {
    /// The time.
    pub time: Timestamp,
    /// The times to which an operator has set it back, for older budgets.
    pub set_backs: Arc<[Timestamp]>,
}

/// The range of a moment's true time, for ages that cause a removal. An age counts from the latest
/// time of one moment to the earliest time of another, so that it is never too large, whichever
/// clock is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The earlier of the clock and the vault's time.
    pub earliest: Timestamp,
    /// The later of the two.
    pub latest: Timestamp,
}

/// Why the vault's time is unknown. The text is for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockProblem {
    /// The clocks of the server and its store differ.
    #[error("The clocks of this server and its store differ by {by} s. Correct the clock that is wrong.")]
    Apart {
        /// The difference in seconds.
        by: u64,
    },
    /// The clock is behind the vault's time.
    #[error(
        "The clock is {by} s behind the latest time that this vault has seen. Correct the clock. If the clock is correct \
         now and was ahead before, run `rootcellar-server admin clock set-back`."
    )]
    Behind {
        /// The difference in seconds.
        by: u64,
    },
}

/// Why the vault's time was not set back.
#[derive(Debug, thiserror::Error)]
pub enum SetBackError {
    /// The clock is not behind the vault's time.
    #[error("The vault's time is not ahead of the clock, so there is nothing to set back.")]
    NotAhead,
    /// The clocks differ, so it is not known which one is right.
    #[error("{0} Then run this command again.")]
    Clock(ClockProblem),
    /// The object `clock` could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object `clock` could not be written.
    #[error("Cannot write the object `clock`: {0}")]
    Write(#[from] CasError),
}

/// The result of setting the vault's time back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetBack {
    /// The vault's time before, in seconds since the Unix epoch.
    pub from: Timestamp,
    /// The vault's time after, in seconds since the Unix epoch.
    pub to: Timestamp,
}

/// Why the vault's time cannot be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The object `clock` could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object `clock` could not be created.
    #[error("Cannot create the object `clock`: {0}")]
    Create(#[from] CasError),
    /// The store could not be listed.
    #[error(transparent)]
    List(#[from] StoreError),
}

impl VaultTime {
    /// Reads the vault's time from its store. If it is missing, starts with the latest write: if
    /// that is long ago, the store contains a vault, and its clock may be wrong.
    ///
    /// # Errors
    /// If the store fails, or the object is damaged.
    pub async fn open(
        store: &dyn Store,
        clock: Arc<dyn Clock>,
        operation: OperationId,
        retry_policy: RetryPolicy,
    ) -> Result<Self, KeepError> {
        let Loaded { current, time } = cas::load::<ClockObject>(store, &names::clock()).await?;
        let object = match current {
            Some(current) => current.body.value,
            None => {
                let begun = beginning(store, time).await?;
                create(store, begun, operation, retry_policy).await?
            }
        };
        let opened = Self::from(object, clock);
        // A problem is logged and remembered.
        let _ = opened.now(time);
        Ok(opened)
    }

    /// The same without writing, for a server that charges no one.
    ///
    /// # Errors
    /// If the store fails, or the object is damaged.
    pub async fn find(store: &dyn Store, clock: Arc<dyn Clock>) -> Result<Self, KeepError> {
        let Loaded { current, time } = cas::load::<ClockObject>(store, &names::clock()).await?;
        let beginning = || ClockObject { time, set_backs: Vec::new() };
        let object = current.map_or_else(beginning, |current| current.body.value);
        Ok(Self::from(object, clock))
    }

    fn from(object: ClockObject, clock: Arc<dyn Clock>) -> Self {
        let reckoning = Reckoning::beginning(object.time, clock.uptime(), START_CREDIT);
        let state = State { reckoning, set_backs: object.set_backs.into(), problem: None };
        Self { clock, state: Mutex::new(state) }
    }

    /// The vault's time, given the store's current time.
    ///
    /// # Errors
    /// If the clock cannot be trusted.
    pub fn now(&self, store: Timestamp) -> Result<Now, ClockProblem> {
        let mut state = self.state();
        let told = self.tell(&mut state, store);
        let problem = told.as_ref().err().copied();
        match problem {
            Some(problem) if state.problem.is_none() => {
                tracing::error!(event = "clock-untrusted", reason = %problem, "No passphrases are accepted.");
            }
            None if state.problem.is_some() => {
                tracing::warn!(
                    event = "clock-trusted",
                    "The clock is correct. Passphrases are accepted again."
                );
            }
            _ => {}
        }
        state.problem = problem;
        told
    }

    /// This moment, given the store's current time.
    pub fn moment(&self, store: Timestamp) -> Moment {
        // A problem is logged and remembered.
        let _ = self.now(store);
        Moment::between(store, self.latest())
    }

    fn tell(&self, state: &mut State, store: Timestamp) -> Result<Now, ClockProblem> {
        let by = self.clock.now().distance(store);
        if by > CLOCK_TOLERANCE {
            return Err(ClockProblem::Apart { by });
        }
        let behind = state.reckoning.time().seconds_since(store);
        if behind > TOLERANCE {
            return Err(ClockProblem::Behind { by: behind });
        }
        state.reckoning = state.reckoning.follow(store, self.clock.uptime());
        Ok(Now { time: state.reckoning.time(), set_backs: state.set_backs.clone() })
    }

    /// The problem of the clock when it was last checked.
    #[must_use]
    pub fn problem(&self) -> Option<ClockProblem> {
        self.state().problem
    }

    /// The latest time that this process knows.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        self.state().reckoning.time()
    }

    /// Reads what other replicas have written, and writes the time if it has advanced enough.
    ///
    /// # Errors
    /// If the store fails, or the object is damaged.
    pub async fn keep(
        &self,
        store: &dyn Store,
        operation: OperationId,
        retry_policy: RetryPolicy,
    ) -> Result<(), KeepError> {
        let Loaded { current, time } = cas::load::<ClockObject>(store, &names::clock()).await?;
        let Some(current) = current else {
            tracing::error!(
                event = "clock-object-missing",
                "The object `clock` was missing from the store. The server writes it again."
            );
            let known = self.known();
            self.take_over(&create(store, known, operation, retry_policy).await?);
            return Ok(());
        };
        self.take_over(current.value());
        let Ok(now) = self.now(time) else { return Ok(()) };
        if now.time.seconds_since(current.value().time) < WRITE_EVERY.as_secs() {
            return Ok(());
        }
        let next = ClockObject { time: now.time, ..current.value().clone() };
        match cas::replace(store, &current, operation, next, retry_policy).await {
            // Another replica's write is just as good, and the next round sees the outcome of this
            // one.
            Ok(_) | Err(CasError::Lost | CasError::Contended | CasError::Unknown) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets the vault's time back to the clock, on request of an operator.
    ///
    /// # Errors
    /// If the clock is not behind it or cannot be trusted, or the store fails.
    pub async fn set_back(
        &self,
        store: &dyn Store,
        operation: OperationId,
        retry_policy: RetryPolicy,
    ) -> Result<SetBack, SetBackError> {
        let Loaded { current, time: to } = cas::load::<ClockObject>(store, &names::clock()).await?;
        let current: Current<ClockObject> = current.ok_or(SetBackError::NotAhead)?;
        self.take_over(current.value());
        match self.now(to) {
            Ok(_) => return Err(SetBackError::NotAhead),
            Err(problem @ ClockProblem::Apart { .. }) => return Err(SetBackError::Clock(problem)),
            Err(ClockProblem::Behind { .. }) => {}
        }
        let from = self.latest();
        let mut next = ClockObject { time: to, ..current.value().clone() };
        next.set_backs.push(to);
        let written = cas::replace(store, &current, operation, next, retry_policy).await?;
        self.take_over(written.value());
        let _ = self.now(to);
        tracing::warn!(
            event = "vault-time-set-back",
            seconds = from.seconds_since(to),
            "An administrator set the vault's time back."
        );
        Ok(SetBack { from, to })
    }

    fn known(&self) -> ClockObject {
        let state = self.state();
        ClockObject { time: state.reckoning.time(), set_backs: state.set_backs.to_vec() }
    }

    /// Accepts a time of another replica, also one that an operator has set back.
    fn take_over(&self, object: &ClockObject) {
        let mut state = self.state();
        if object.set_backs.len() > state.set_backs.len() {
            state.set_backs = object.set_backs.clone().into();
            state.reckoning = Reckoning::beginning(object.time, self.clock.uptime(), Duration::ZERO);
        } else if object.time > state.reckoning.time() {
            state.reckoning = Reckoning::beginning(object.time, self.clock.uptime(), Duration::ZERO);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Moment {
    /// A moment for which two clocks show these times.
    #[must_use]
    pub fn between(one: Timestamp, other: Timestamp) -> Self {
        Self { earliest: one.min(other), latest: one.max(other) }
    }
}

/// The initial time of a store, given its clock. If the store contains objects, the object `clock`
/// was lost, and with it the number of set-backs. Starting again then counts as set-backs that no
/// budget has applied yet.
async fn beginning(store: &dyn Store, clock: Timestamp) -> Result<ClockObject, KeepError> {
    match newest_write(store).await? {
        Some(time) if time.distance(clock) > TOLERANCE => {
            tracing::error!(
                event = "clock-object-missing",
                seconds = clock.seconds_since(time),
                "The object `clock` is missing from the store. The vault's time continues from the latest write."
            );
            Ok(ClockObject { time, set_backs: vec![time; FORGOTTEN] })
        }
        _ => Ok(ClockObject { time: clock, set_backs: Vec::new() }),
    }
}

/// The time of the latest write, except by a probe.
async fn newest_write(store: &dyn Store) -> Result<Option<Timestamp>, StoreError> {
    let mut newest = None;
    let mut after = None;
    loop {
        let page = store.list("", after.as_ref()).await?;
        let written = page.objects.iter().filter(|listed| !listed.key.as_str().starts_with(names::PROBES));
        newest = newest.max(written.map(|listed| listed.modified).max());
        match page.objects.last() {
            Some(last) if page.more => after = Some(last.key.clone()),
            _ => return Ok(newest),
        }
    }
}

/// Creates the object. If another replica was first, its object counts.
async fn create(
    store: &dyn Store,
    begun: ClockObject,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<ClockObject, KeepError> {
    match cas::create(store, &names::clock(), operation, begun, retry_policy).await {
        Ok(created) => Ok(created.body.value),
        Err(CasError::Lost) => {
            let found = cas::load::<ClockObject>(store, &names::clock()).await?.current;
            Ok(found.ok_or(CasError::Gone)?.body.value)
        }
        Err(error) => Err(error.into()),
    }
}

impl fmt::Debug for VaultTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultTime").field("latest", &self.latest()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
