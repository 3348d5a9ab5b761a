//! Whether a history holds together, and whether it is the one that this device has seen.

use super::{Checked, CheckedEvent, CheckedStream, Evidence, Gap, HistorySeen, Tip};
use rootcellar_spec::Digest;
use rootcellar_spec::limits::HISTORY_EVENTS;
use rootcellar_spec::wire::history::{Event, History, Stream};

/// Longest name of a kind, in bytes.
const KIND_BYTES: usize = 32;
/// Before the first event of a stream.
const NOTHING: Tip = Tip { number: 0, digest: Digest([0; 32]) };

/// Why a history is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// It is none: numbers are not consecutive, or something has not the shape of section 20.
    #[error("the history is inconsistent")]
    Malformed,
    /// It is another than the one that this device has seen: events are gone, or were changed.
    #[error("the history contradicts what this device has seen")]
    Contradicted,
}

/// Checks a history's chains, compares them with what this device remembers, and marks what `evidence` shows.
///
/// # Errors
/// [`HistoryError`].
pub fn check(
    history: &History,
    seen: Option<&HistorySeen>,
    evidence: &Evidence<'_>,
) -> Result<Checked, HistoryError> {
    let acts = Chain::of(&history.acts)?;
    let saves = Chain::of(&history.saves)?;
    let gaps = match seen {
        None => (None, None),
        Some(seen) => (acts.compare(seen.acts)?, saves.compare(seen.saves)?),
    };
    Ok(Checked {
        acts: marked(&history.acts, gaps.0, evidence),
        saves: marked(&history.saves, gaps.1, evidence),
        failed_attempts: history.failed_attempts,
        time: history.time,
        seen: HistorySeen { acts: acts.tip(), saves: saves.tip() },
    })
}

fn marked(stream: &Stream, gap: Option<Gap>, evidence: &Evidence<'_>) -> CheckedStream {
    let marks = evidence.marks(&stream.events);
    let checked = |(event, proven): (&Event, bool)| CheckedEvent { event: event.clone(), proven };
    CheckedStream { events: stream.events.iter().zip(marks).map(checked).collect(), gap }
}

/// A stream's chain digests, beginning with the one before its first event.
struct Chain {
    first: u64,
    digests: Vec<Digest>,
}

impl Chain {
    fn of(stream: &Stream) -> Result<Self, HistoryError> {
        let events = &stream.events;
        let first = events.first().map_or(1, |event| event.number);
        let in_limits = first > 0
            && first.checked_add(HISTORY_EVENTS as u64).is_some()
            && events.len() <= HISTORY_EVENTS
            && events.iter().all(|event| is_kind(&event.kind));
        let begins = first > 1 || stream.base == NOTHING.digest;
        if !in_limits || !begins || !events.iter().zip(first..).all(|(event, number)| event.number == number)
        {
            return Err(HistoryError::Malformed);
        }
        let mut digests = vec![stream.base];
        for event in events {
            digests.push(event.digest(digests.last().unwrap_or(&stream.base)));
        }
        Ok(Self { first, digests })
    }

    fn tip(&self) -> Tip {
        let number = self.first - 1 + self.digests.len() as u64 - 1;
        Tip { number, digest: self.digests.last().copied().unwrap_or(NOTHING.digest) }
    }

    /// Finds the remembered event again; gives what is missing between it and the first that is told.
    fn compare(&self, seen: Tip) -> Result<Option<Gap>, HistoryError> {
        if seen.number > self.tip().number {
            return Err(HistoryError::Contradicted);
        }
        let before = self.first - 1;
        let Some(index) = seen.number.checked_sub(before) else {
            return Ok(Some(Gap { first: seen.number + 1, last: before }));
        };
        let found = usize::try_from(index).ok().and_then(|index| self.digests.get(index));
        if found == Some(&seen.digest) { Ok(None) } else { Err(HistoryError::Contradicted) }
    }
}

/// Whether this can be shown as the name of a kind, known or not.
fn is_kind(kind: &str) -> bool {
    (1..=KIND_BYTES).contains(&kind.len())
        && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}
