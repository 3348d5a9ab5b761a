//! Locks that are held for a moment, never while something is waited for.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a lock guards. Whoever panicked while holding it left it whole: nothing here is changed in two steps.
pub(crate) fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
