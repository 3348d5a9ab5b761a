//! Which snapshots an account keeps: one pure function, for a vault that cannot know which device was stolen
//! (spec/decisions/0008-retention-by-author.md).
//!
//! A superseded snapshot stays for the period, counted from when it was superseded. Only *thinning* removes one earlier, and only
//! where its own author's share is exceeded.
//!
//! - A save *pins* what it supersedes, unless it continues a *run*: a save of the same author, within an hour and on the same
//!   day (UTC). Nothing thins a pinned snapshot of a device's, nor one of the owner's that a device pinned.
//! - A device thins only the unpinned snapshots right behind the head. That is its current run, since a save of anybody else's
//!   would have pinned: what is older lies behind a pinned one, and is out of reach for good. The newest goes first, so a thief
//!   who continues the owner's run thins what the thief saved before anything that was there.
//! - Where that is not enough, a device is refused. The owner never is, and thins their own pins as well.

#[cfg(test)]
mod histories;
mod record;
mod room;
#[cfg(test)]
mod tests;

pub use record::{Author, Retained, Superseded};
pub use room::Size;

use crate::vault_time::Moment;
use room::Room;
use rootcellar_spec::{DeviceId, Timestamp};
use std::collections::HashMap;

/// A run of saves ends with its day, or when its author has been silent for this long, in seconds.
pub const RUN_SILENCE: u64 = 60 * 60;
/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// What an operator sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How many of the newest snapshots stay beyond the period while there is room; the head always does.
    pub newest: usize,
    /// For how many seconds a superseded snapshot stays.
    pub period: u64,
    /// The bounds of an account.
    pub bounds: Size,
}

/// What becomes of an account's snapshots by a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Those that are kept, newest first; the first is the new one.
    pub kept: Vec<Retained>,
    /// Those that go because their period is over.
    pub expired: Vec<Retained>,
    /// Those that go earlier, because their author's share is used up.
    pub thinned: Vec<Retained>,
}

/// A device has no room left, and nothing that could be thinned for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// Seconds until enough will have expired.
    pub wait: u64,
}

impl Retention {
    /// Makes `new` the head of an account that retains `retained`, newest first. The save takes place at the moment `now`.
    ///
    /// # Errors
    /// [`NoRoom`], for devices alone.
    pub fn admit(
        &self,
        retained: &[Retained],
        new: Retained,
        enrolled: &[DeviceId],
        now: Moment,
    ) -> Result<Admitted, NoRoom> {
        let author = new.author;
        let mut kept = supersede(retained, new, now.latest);
        let now = now.earliest;
        let mut expired = self.expire(&mut kept, self.newest.max(1), now);
        let room = |kept: &[Retained]| Room::of(author, self.bounds, kept, enrolled);
        if !room(&kept).usage(&kept).fits() {
            expired.extend(self.expire(&mut kept, 1, now));
        }
        let thinned = self.thin(&mut kept, room, now)?;
        Ok(Admitted { kept, expired, thinned })
    }

    /// Takes out of `kept` what has expired, except for the `newest`.
    fn expire(&self, kept: &mut Vec<Retained>, newest: usize, now: Timestamp) -> Vec<Retained> {
        let mut index = 0;
        let expired = |superseded: Superseded| now.seconds_since(superseded.at) > self.period;
        kept.extract_if(.., |snapshot| {
            index += 1;
            index > newest && snapshot.superseded.is_some_and(expired)
        })
        .collect()
    }

    /// Takes out of `kept` as few snapshots of the author of the first as make its usage fit.
    fn thin(
        &self,
        kept: &mut Vec<Retained>,
        room: impl Fn(&[Retained]) -> Room,
        now: Timestamp,
    ) -> Result<Vec<Retained>, NoRoom> {
        let author = kept[0].author;
        let mut usage = room(kept).usage(kept.iter());
        let mut is_thinned = vec![false; kept.len()];
        for index in candidates(kept, author) {
            if usage.fits() {
                break;
            }
            usage.take(&kept[index]);
            is_thinned[index] = true;
        }
        if !usage.fits() && author != Author::Owner {
            // By then the save may begin a run, and thin nothing.
            let at = room(kept).usage(kept.iter()).fits_at(kept, self.period);
            return Err(NoRoom { wait: at.map_or(self.period, |at| at.seconds_since(now)).max(1) });
        }
        let mut is_thinned = is_thinned.into_iter();
        Ok(kept.extract_if(.., |_| is_thinned.next().unwrap_or(false)).collect())
    }
}

/// The snapshots with the new one in front, and what it superseded marked so.
fn supersede(retained: &[Retained], new: Retained, now: Timestamp) -> Vec<Retained> {
    let (author, created_at) = (new.author, new.head.created_at);
    let mut kept: Vec<_> = std::iter::once(new).chain(retained.iter().cloned()).collect();
    if let Some(former) = kept.get_mut(1) {
        let pinned = !continues_run(former, author, created_at);
        let at = latest(retained).max(created_at).max(now);
        former.superseded = Some(Superseded { at, by: author, pinned });
    }
    kept
}

/// Whether a save now belongs to the run of the head's. A clock that was set back far enough ends a run, too.
fn continues_run(head: &Retained, author: Author, now: Timestamp) -> bool {
    let saved_at = head.head.created_at;
    head.author == author && now.distance(saved_at) < RUN_SILENCE && day(now) == day(saved_at)
}

fn day(time: Timestamp) -> u64 {
    time.0 / DAY
}

/// The latest time that the account has recorded: a clock that was set back supersedes nothing earlier.
fn latest(retained: &[Retained]) -> Timestamp {
    let times = |snapshot: &Retained| {
        let superseded = snapshot.superseded.map_or(Timestamp(0), |superseded| superseded.at);
        superseded.max(snapshot.head.created_at)
    };
    retained.iter().map(times).max().unwrap_or(Timestamp(0))
}

/// The places of what a save of an author's may thin, in the order in which it does.
fn candidates(kept: &[Retained], author: Author) -> Vec<usize> {
    match author {
        Author::Device(_) => (1..kept.len()).take_while(|index| !kept[*index].is_pinned()).collect(),
        Author::Owner => owners_candidates(kept),
    }
}

/// The oldest first: intermediate ones of the owner's runs, then those that the owner's own runs pinned, and at the very last
/// the last of a day. [`Size::smallest`] makes sure that it does not come to that.
fn owners_candidates(kept: &[Retained]) -> Vec<usize> {
    let ends_day = ends_day(kept);
    let mut own: Vec<_> =
        (1..kept.len()).rev().filter(|index| kept[*index].payer() == Author::Owner).collect();
    own.sort_by_key(|index| (ends_day[*index], kept[*index].is_pinned()));
    own
}

/// For each snapshot whether its author's next one is of another day, or there is none.
fn ends_day(kept: &[Retained]) -> Vec<bool> {
    let mut next = HashMap::new();
    kept.iter()
        .map(|Retained { author, head, .. }| {
            next.insert(*author, day(head.created_at)) != Some(day(head.created_at))
        })
        .collect()
}
