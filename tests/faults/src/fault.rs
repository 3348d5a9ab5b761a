//! What can happen to one call of a store, in the words of the store's trait.
//!
//! How a bucket's answers become these is the affair of its crate: 409 is [`Fault::Contended`], 412
//! [`Fault::ConditionFailed`], 404 [`Fault::Gone`], 403 [`Fault::Refused`], 507 [`Fault::Full`]; 500, 503, garbage and a
//! broken connection are [`Fault::Lost`] or [`Fault::ReplyLost`], as the write was applied or not.

use rootcellar_store::{Condition, StoreError, WriteError};
use std::time::Duration;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads an object.
    Get,
    /// Lists.
    List,
    /// Creates an object that must not be there.
    Create,
    /// Replaces one that must be as it was.
    Replace,
    /// Removes one that must be as it was.
    Delete,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A read gets no answer.
    Unavailable,
    /// A read is answered, but later than any write is pursued.
    Slow,
    /// A read gives other bytes than the object's.
    Garbage,
    /// The store says that it may not.
    Refused,
    /// A write never arrives, and its sender cannot tell.
    Lost,
    /// A write is applied, and its sender cannot tell.
    ReplyLost,
    /// A write never arrives and is never answered.
    Silence,
    /// A write is applied and never answered.
    AppliedInSilence,
    /// A write seems lost, and is applied so much later, if its condition still holds.
    Late(Duration),
    /// 409: another write was in progress. Not applied.
    Contended,
    /// 412, as after a race that was lost to one who changed nothing that can be seen. Not applied.
    ConditionFailed,
    /// Applied; but something below sent it twice, and the second met the first.
    OwnRetryFailed,
    /// 404. Not applied.
    Gone,
    /// 507. Not applied.
    Full,
    /// The vault's process dies before the call.
    CrashBefore,
    /// The vault's process dies after the call was applied.
    CrashAfter,
}

/// While the write is still pursued, between its read-back and the next attempt.
const SOON: Duration = Duration::from_millis(4);
/// While the write is still pursued.
const A_WHILE: Duration = Duration::from_millis(700);
/// When the vault has given up, and the client has not.
const PAST_TIMEOUT: Duration = Duration::from_secs(10);
/// When everyone has given up.
const LONG_AFTER: Duration = Duration::from_secs(3600);

const OF_READS: &[Fault] =
    &[Fault::Unavailable, Fault::Slow, Fault::Garbage, Fault::Refused, Fault::CrashBefore];

const OF_WRITES: &[Fault] = &[
    Fault::Lost,
    Fault::ReplyLost,
    Fault::Silence,
    Fault::AppliedInSilence,
    Fault::Late(SOON),
    Fault::Late(A_WHILE),
    Fault::Late(PAST_TIMEOUT),
    Fault::Late(LONG_AFTER),
    Fault::Contended,
    Fault::ConditionFailed,
    Fault::OwnRetryFailed,
    Fault::Gone,
    Fault::Full,
    Fault::Refused,
    Fault::CrashBefore,
    Fault::CrashAfter,
];

impl Verb {
    /// What a write of this condition does.
    #[must_use]
    pub fn of_put(condition: &Condition) -> Self {
        match condition {
            Condition::Absent => Self::Create,
            Condition::Matches(_) => Self::Replace,
        }
    }

    /// What can happen to such a call.
    pub fn faults(self) -> impl Iterator<Item = Fault> {
        let of_verb = if matches!(self, Self::Get | Self::List) { OF_READS } else { OF_WRITES };
        of_verb.iter().copied().filter(move |fault| match fault {
            Fault::Gone => self != Self::Create,
            Fault::Garbage => self != Self::List,
            _ => true,
        })
    }
}

impl Fault {
    /// Whether a write takes place at once.
    #[must_use]
    pub fn applies(self) -> bool {
        matches!(self, Self::ReplyLost | Self::AppliedInSilence | Self::OwnRetryFailed | Self::CrashAfter)
    }

    /// Whether it makes a difference that the store is gone after it.
    #[must_use]
    pub fn can_be_last(self) -> bool {
        matches!(self, Self::Unavailable | Self::Lost | Self::ReplyLost)
            || self.is_crash()
            || matches!(self, Self::Late(delay) if delay >= PAST_TIMEOUT)
    }

    /// Whether the vault's process dies of it.
    #[must_use]
    pub fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }

    /// What the writer hears; `None` where that is nothing.
    #[must_use]
    pub fn write_error(self) -> Option<WriteError> {
        Some(match self {
            Self::Contended => WriteError::Contended,
            Self::ConditionFailed | Self::OwnRetryFailed => WriteError::ConditionFailed,
            Self::Gone => WriteError::Gone,
            Self::Full => WriteError::Full,
            Self::Refused => WriteError::Refused { reason: "as the test says".to_owned() },
            Self::Silence | Self::AppliedInSilence | Self::CrashBefore | Self::CrashAfter => return None,
            _ => WriteError::Unknown(format!("{self:?}").into()),
        })
    }

    /// What the reader hears, where it gets no object.
    #[must_use]
    pub fn read_error(self) -> StoreError {
        match self {
            Self::Refused => StoreError::Refused { reason: "as the test says".to_owned() },
            _ => StoreError::Unavailable(format!("{self:?}").into()),
        }
    }
}
