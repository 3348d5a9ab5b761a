//! Which snapshots an account keeps (design: one commit point).

use rootcellar_spec::Timestamp;
use rootcellar_spec::wire::account::Head;

/// Most snapshots that one account holds, whatever their age.
pub const MOST_SNAPSHOTS: usize = 512;

/// Keeps the newest, and whatever is young.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How many of the newest snapshots are kept for good; at least 1.
    pub newest: usize,
    /// Seconds for which no snapshot is dropped.
    pub min_age: u64,
}

impl Retention {
    /// Takes the snapshots out of `snapshots` (newest first) that need not be kept, and returns them.
    #[must_use]
    pub fn drop_from(self, snapshots: &mut Vec<Head>, now: Timestamp) -> Vec<Head> {
        let mut index = 0;
        snapshots
            .extract_if(.., |snapshot| {
                index += 1;
                index > self.newest.max(1) && now.seconds_since(snapshot.created_at) > self.min_age
            })
            .collect()
    }

    /// Seconds until the oldest of `snapshots` (newest first) may be dropped.
    #[must_use]
    pub fn wait(self, snapshots: &[Head], now: Timestamp) -> u64 {
        let age = snapshots.last().map_or(0, |oldest| now.seconds_since(oldest.created_at));
        self.min_age.saturating_sub(age).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_spec::{Digest, Generation, Number, OperationId};

    fn snapshots(created: &[u64]) -> Vec<Head> {
        let head = |(i, at): (usize, &u64)| Head {
            number: Number((created.len() - i) as u64),
            operation: OperationId([0; 16]),
            digest: Digest([0; 32]),
            generation: Generation::FIRST,
            size: 1,
            created_at: Timestamp(*at),
        };
        created.iter().enumerate().map(head).collect()
    }

    fn kept(retention: Retention, created: &[u64], now: u64) -> Vec<u64> {
        let mut all = snapshots(created);
        let dropped = retention.drop_from(&mut all, Timestamp(now));
        assert_eq!(all.len() + dropped.len(), created.len());
        all.iter().map(|head| head.created_at.0).collect()
    }

    #[test]
    fn keeps_the_newest_and_the_young() {
        let retention = Retention { newest: 2, min_age: 100 };
        assert_eq!(kept(retention, &[90, 80, 70], 100), [90, 80, 70], "all are young");
        assert_eq!(kept(retention, &[90, 80, 70], 170), [90, 80, 70], "exactly the minimum age");
        assert_eq!(kept(retention, &[90, 80, 70], 171), [90, 80]);
        assert_eq!(kept(retention, &[90, 80, 70], 9000), [90, 80], "the newest stay for good");
        assert_eq!(kept(Retention { newest: 0, min_age: 0 }, &[90], 9000), [90], "the head always stays");
        assert_eq!(kept(retention, &[90, 80, 9999], 100), [90, 80, 9999], "a future stamp counts as now");
    }

    #[test]
    fn says_when_there_will_be_room() {
        let retention = Retention { newest: 1, min_age: 100 };
        assert_eq!(retention.wait(&snapshots(&[90, 50]), Timestamp(100)), 51);
    }
}
