//! The vault's time: what the guess budget lives by (protocol.md section 16, decision 0010).
//!
//! A clock that is wrong must not give attempts back. So the vault keeps the latest time that it has seen, in the object
//! `clock`, and every replica reckons from there:
//!
//! - the vault's time never moves back, unless an operator sets it back, which is written down;
//! - it follows the store's clock, but at most at twice the speed of this process's uptime: a clock that leaps ahead is
//!   caught up with slowly, and a downtime in the same way, because the vault cannot tell one from the other;
//! - while the clock is behind it, no name is charged, so that nothing is evaluated.

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

/// The object `clock` is written when the vault's time has come this far since.
const WRITE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How far a process may follow the clock at its start: what earlier ones may have left unwritten. It is less than the time
/// that an attacker would gain by waiting for the restart.
const START_CREDIT: Duration = Duration::from_secs(15 * 60);
/// How far the clock may be behind, in seconds. Replicas differ a little.
const TOLERANCE: u64 = 60;
/// More set-backs than an operator makes in a vault's life: as many are counted as forgotten where the object is lost.
const FORGOTTEN: usize = 16;

/// Value of the object `clock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ClockObject {
    /// The latest time that the vault has seen.
    time: Timestamp,
    /// The times to which an operator has set it back, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set_backs: Vec<Timestamp>,
}

/// Keeps the vault's time in this process.
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
    /// The times to which an operator has set it back, for budgets of before.
    pub set_backs: Arc<[Timestamp]>,
}

/// Where the true time of a moment may lie, for ages that make something go. An age counts from the
/// latest time and ends at the earliest one, so that it is not too large whichever clock is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The earlier one of the clock and the vault's time.
    pub earliest: Timestamp,
    /// The later one.
    pub latest: Timestamp,
}

/// Why the vault's time cannot be told. The text is for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockProblem {
    /// The server and its store do not agree.
    #[error("The clocks of this server and its store differ by {by} s. Correct the clock that is wrong.")]
    Apart {
        /// By how many seconds.
        by: u64,
    },
    /// The clock is behind the vault's time.
    #[error(
        "The clock is {by} s behind the latest time that this vault has seen. Correct the clock. If the clock is right now \
         and was ahead before, run `rootcellar-server admin clock set-back`."
    )]
    Behind {
        /// By how many seconds.
        by: u64,
    },
}

/// Why the vault's time was not set back.
#[derive(Debug, thiserror::Error)]
pub enum SetBackError {
    /// The clock is not behind it.
    #[error("the vault's time is not ahead of the clock: there is nothing to set back")]
    NotAhead,
    /// The clocks disagree, so that it is not known which time is right.
    #[error("{0} Then set the vault's time back.")]
    Clock(ClockProblem),
    /// The object `clock` could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object `clock` could not be written.
    #[error("the object `clock` could not be written: {0}")]
    Write(#[from] CasError),
}

/// What an operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetBack {
    /// The vault's time before.
    pub from: Timestamp,
    /// The vault's time after.
    pub to: Timestamp,
}

/// What keeping the time may fail with.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The object `clock` could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object `clock` could not be created.
    #[error("the object `clock` could not be created: {0}")]
    Create(#[from] CasError),
    /// The store could not be listed.
    #[error(transparent)]
    List(#[from] StoreError),
}

impl VaultTime {
    /// Reads the vault's time from its store. One without it begins at the newest write: there is a vault already where that
    /// is long ago, and its clock may be wrong.
    ///
    /// # Errors
    /// When the store fails, or the object is damaged.
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
        // A problem is logged and kept.
        let _ = opened.now(time);
        Ok(opened)
    }

    /// The same without writing anything, for a server that charges nobody.
    ///
    /// # Errors
    /// When the store fails, or the object is damaged.
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

    /// The vault's time, given the store's clock at this moment.
    ///
    /// # Errors
    /// When the clock cannot be trusted.
    pub fn now(&self, store: Timestamp) -> Result<Now, ClockProblem> {
        let mut state = self.state();
        let told = self.tell(&mut state, store);
        let problem = told.as_ref().err().copied();
        match problem {
            Some(problem) if state.problem.is_none() => {
                tracing::error!(reason = %problem, "clock unsound: no passphrase is accepted");
            }
            None if state.problem.is_some() => tracing::warn!("the clock is sound again"),
            _ => {}
        }
        state.problem = problem;
        told
    }

    /// This moment, given the store's clock.
    pub fn moment(&self, store: Timestamp) -> Moment {
        // A problem is logged and kept.
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

    /// What was wrong with the clock when it was last looked at.
    #[must_use]
    pub fn problem(&self) -> Option<ClockProblem> {
        self.state().problem
    }

    /// The latest time that this process knows of.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        self.state().reckoning.time()
    }

    /// Takes over what other replicas have written, and writes down how far the time has come, if that is worth a write.
    ///
    /// # Errors
    /// When the store fails, or the object is damaged.
    pub async fn keep(
        &self,
        store: &dyn Store,
        operation: OperationId,
        retry_policy: RetryPolicy,
    ) -> Result<(), KeepError> {
        let Loaded { current, time } = cas::load::<ClockObject>(store, &names::clock()).await?;
        let Some(current) = current else {
            tracing::error!("the object `clock` was missing from the store; it is written again");
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
            // Another replica's write serves as well, and the next round sees what became of this one.
            Ok(_) | Err(CasError::Lost | CasError::Contended | CasError::Unknown) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets the vault's time back to the clock, at an operator's word.
    ///
    /// # Errors
    /// When the clock is not behind it or cannot be trusted, or when the store fails.
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
        tracing::warn!(seconds = from.seconds_since(to), "the vault's time was set back");
        Ok(SetBack { from, to })
    }

    fn known(&self) -> ClockObject {
        let state = self.state();
        ClockObject { time: state.reckoning.time(), set_backs: state.set_backs.to_vec() }
    }

    /// Takes over a time that another replica vouches for, and that an operator has set back.
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

/// The beginning of a store's time, given its clock. In a store that holds something the object was lost, and with it how often
/// the time was set back: that it begins anew counts as set-backs which no budget has taken into account yet.
async fn beginning(store: &dyn Store, clock: Timestamp) -> Result<ClockObject, KeepError> {
    match newest_write(store).await? {
        Some(time) if time.distance(clock) > TOLERANCE => {
            tracing::error!(
                seconds = clock.seconds_since(time),
                "the object `clock` is missing from the store: the vault's time begins at the newest write"
            );
            Ok(ClockObject { time, set_backs: vec![time; FORGOTTEN] })
        }
        _ => Ok(ClockObject { time: clock, set_backs: Vec::new() }),
    }
}

/// When anything but a probe was last written.
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

/// Creates the object; where another replica was faster, its own counts.
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
