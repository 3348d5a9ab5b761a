//! Whether a snapshot continues what this device has seen (protocol.md section 10, "Continuity").

use super::Snapshot;
use rootcellar_spec::{Digest, Number, limits};
use serde::{Deserialize, Serialize};

/// The newest snapshot that a device has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its number.
    pub number: Number,
    /// Its digest.
    pub digest: Digest,
}

/// What a snapshot is to a device that has seen another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// The same snapshot, or one that descends from it.
    Continues,
    /// An older one: the vault was rolled back.
    Rollback,
    /// One that does not descend from it: the history was forked.
    Fork,
    /// So much newer that its list of ancestors does not reach back.
    Gap,
}

impl Seen {
    /// Judges a snapshot that the vault offers as the newest.
    #[must_use]
    pub fn judge(&self, offered: &Snapshot) -> Continuity {
        self.judge_parts(offered.header.number, offered.digest, &offered.header.ancestors)
    }

    fn judge_parts(&self, number: Number, digest: Digest, ancestors: &[Digest]) -> Continuity {
        let Some(ahead) = number.0.checked_sub(self.number.0) else { return Continuity::Rollback };
        let Some(index) = ahead.checked_sub(1) else {
            return if digest == self.digest { Continuity::Continues } else { Continuity::Fork };
        };
        match usize::try_from(index) {
            Ok(index) if index < limits::ANCESTORS => match ancestors.get(index) {
                Some(ancestor) if *ancestor == self.digest => Continuity::Continues,
                _ => Continuity::Fork,
            },
            _ => Continuity::Gap,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: u64) -> Digest {
        Digest::of(&n.to_be_bytes())
    }

    #[test]
    fn judges_by_number_digest_and_ancestors() {
        let ancestors: Vec<Digest> = (0..256).map(|back| digest(999 - back)).collect();
        let seen = |n, d| Seen { number: Number(n), digest: d };
        let judge = |seen: Seen| seen.judge_parts(Number(1000), digest(1000), &ancestors);
        assert_eq!(judge(seen(1000, digest(1000))), Continuity::Continues);
        assert_eq!(judge(seen(1000, digest(1))), Continuity::Fork);
        assert_eq!(judge(seen(999, digest(999))), Continuity::Continues);
        assert_eq!(judge(seen(744, digest(744))), Continuity::Continues);
        assert_eq!(judge(seen(744, digest(745))), Continuity::Fork);
        assert_eq!(judge(seen(743, digest(743))), Continuity::Gap);
        assert_eq!(judge(seen(1001, digest(1001))), Continuity::Rollback);
    }
}
