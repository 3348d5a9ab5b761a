//! Whether a snapshot or a device list continues what this device has seen (protocol.md section 10, "Continuity", and 18).

use rootcellar_spec::header::Header;
use rootcellar_spec::{Digest, Number};
use serde::{Deserialize, Serialize};

/// The newest snapshot, or the newest device list, that a device has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its number.
    pub number: Number,
    /// Its digest.
    pub digest: Digest,
}

/// What a snapshot or a device list is to a device that has seen another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// The same one, or one that descends from it.
    Continues,
    /// An older one: the vault was rolled back.
    Rollback,
    /// One that does not descend from it: the history was forked.
    Fork,
    /// So much newer that its list of ancestors does not reach back.
    Gap,
}

impl Seen {
    /// Judges what the vault offers as the newest, which names at most so many ancestors.
    pub(crate) fn judge_parts(&self, offered: &Header, digest: Digest, most_ancestors: usize) -> Continuity {
        let Header { number, ancestors, .. } = offered;
        let Some(ahead) = number.0.checked_sub(self.number.0) else { return Continuity::Rollback };
        let Some(index) = ahead.checked_sub(1) else {
            return if digest == self.digest { Continuity::Continues } else { Continuity::Fork };
        };
        match usize::try_from(index) {
            Ok(index) if index < most_ancestors => match ancestors.get(index) {
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
    use rootcellar_spec::{AccountId, Generation, OperationId, SuiteId};

    fn digest(n: u64) -> Digest {
        Digest::of(&n.to_be_bytes())
    }

    fn header(number: u64, most_ancestors: u64) -> Header {
        Header {
            suite: SuiteId::ONE,
            account: AccountId([1; 16]),
            generation: Generation::FIRST,
            number: Number(number),
            operation: OperationId([2; 16]),
            ancestors: (0..most_ancestors).map(|back| digest(number - 1 - back)).collect(),
        }
    }

    #[test]
    fn judges_by_number_digest_and_ancestors() {
        for most in [256, 64] {
            let offered = header(1000, most);
            let most = usize::try_from(most).expect("small");
            let judge = |n, d| {
                Seen { number: Number(n), digest: digest(d) }.judge_parts(&offered, digest(1000), most)
            };
            let last = 1000 - most as u64;
            assert_eq!(judge(1000, 1000), Continuity::Continues);
            assert_eq!(judge(1000, 1), Continuity::Fork);
            assert_eq!(judge(999, 999), Continuity::Continues);
            assert_eq!(judge(last, last), Continuity::Continues);
            assert_eq!(judge(last, last + 1), Continuity::Fork);
            assert_eq!(judge(last - 1, last - 1), Continuity::Gap);
            assert_eq!(judge(1001, 1001), Continuity::Rollback);
        }
    }
}
