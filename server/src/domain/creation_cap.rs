//! How many full guess budgets may be drawn on, for all names together: a bound on what strangers can make the vault
//! store. A full budget counts whether its object is absent or has been drawn on before, so that the cap does not tell
//! names that were used from names that never were.

use rootcellar_spec::Timestamp;
use std::sync::{Mutex, PoisonError};

/// A token bucket that holds one minute's worth.
pub struct CreationCap {
    per_minute: u64,
    bucket: Mutex<Bucket>,
}

/// Credit in sixtieths of a budget: it grows by `per_minute` each second.
struct Bucket {
    credit: u64,
    at: Timestamp,
}

const BUDGET: u64 = 60;

impl CreationCap {
    /// A full bucket.
    #[must_use]
    pub fn new(per_minute: u32, now: Timestamp) -> Self {
        let per_minute = u64::from(per_minute);
        let bucket = Bucket { credit: per_minute * BUDGET, at: now };
        Self { per_minute, bucket: Mutex::new(bucket) }
    }

    /// Takes one budget.
    ///
    /// # Errors
    /// The seconds after which there will be one.
    pub fn take(&self, now: Timestamp) -> Result<(), u64> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let earned = now.seconds_since(bucket.at).saturating_mul(self.per_minute);
        bucket.credit = bucket.credit.saturating_add(earned).min(self.per_minute * BUDGET);
        bucket.at = now;
        if bucket.credit < BUDGET {
            return Err((BUDGET - bucket.credit).div_ceil(self.per_minute.max(1)));
        }
        bucket.credit -= BUDGET;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_a_minutes_worth_and_fills_again() {
        let cap = CreationCap::new(2, Timestamp(1000));
        assert_eq!(cap.take(Timestamp(1000)), Ok(()));
        assert_eq!(cap.take(Timestamp(1000)), Ok(()));
        assert_eq!(cap.take(Timestamp(1000)), Err(30));
        assert_eq!(cap.take(Timestamp(1029)), Err(1));
        assert_eq!(cap.take(Timestamp(1030)), Ok(()));
        assert_eq!(cap.take(Timestamp(1030)), Err(30));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let cap = CreationCap::new(1, Timestamp(1000));
        assert_eq!(cap.take(Timestamp(1000)), Ok(()));
        assert_eq!(cap.take(Timestamp(10)), Err(60));
    }
}
