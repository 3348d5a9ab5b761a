//! Decides which snapshots an account keeps: one pure function, for a vault that cannot know which
//! device was stolen (spec/decisions/0008-retention-by-author.md).
//!
//! A superseded snapshot is kept for the retention period, counted from when it was superseded.
//! Only *thinning* removes one earlier, and only if the share of its own author is exceeded.
//!
//! - A save *pins* what it supersedes, unless it continues a *run*: a save of the same author,
//!   within an hour and on the same day (UTC). A pinned snapshot of a device is never thinned, nor
//!   one of the owner's that a device pinned.
//! - A device thins only the unpinned snapshots directly behind the head. That is its current run,
//!   because a save of anyone else would have pinned it. Older ones are behind a pinned one and out
//!   of reach. The newest is thinned first, so a thief who continues the owner's run thins the
//!   thief's own snapshots before those of the owner.
//! - If that is not enough, a device is refused. The owner is never refused, and thins their own
//!   pinned snapshots as well.

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

/// A run ends with its day, or after this many seconds without a save of its author.
pub const RUN_SILENCE: u64 = 60 * 60;
/// In seconds.
const DAY: u64 = 24 * 60 * 60;

/// The operator's settings of retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How many of the newest snapshots are kept after the retention period, if there is room. The
    /// head is always kept.
    pub newest: usize,
    /// How many seconds a superseded snapshot is kept.
    pub period: u64,
    /// The size limits of an account.
    pub bounds: Size,
}

/// The effect of a save on an account's snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The kept snapshots, newest first. The first is the new one.
    pub kept: Vec<Retained>,
    /// Removed at the end of their retention period.
    pub expired: Vec<Retained>,
    /// Removed earlier, because the share of their author was full.
    pub thinned: Vec<Retained>,
}

/// A device has no room left, and nothing that can be thinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// Seconds until enough snapshots expire.
    pub wait: u64,
}

impl Retention {
    /// Makes `new` the head of an account that retains `retained`, newest first, at the time `now`.
    ///
    /// # Errors
    /// [`NoRoom`], only for devices.
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

    /// Removes the expired snapshots from `kept`, except the `newest`.
    fn expire(&self, kept: &mut Vec<Retained>, newest: usize, now: Timestamp) -> Vec<Retained> {
        let mut index = 0;
        let expired = |superseded: Superseded| now.seconds_since(superseded.at) > self.period;
        kept.extract_if(.., |snapshot| {
            index += 1;
            index > newest && snapshot.superseded.is_some_and(expired)
        })
        .collect()
    }

    /// Removes the smallest number of snapshots from `kept` that makes the usage of the first one's
    /// author fit.
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
            // By then, the save may begin a run and thin nothing.
            let at = room(kept).usage(kept.iter()).fits_at(kept, self.period);
            return Err(NoRoom { wait: at.map_or(self.period, |at| at.seconds_since(now)).max(1) });
        }
        let mut is_thinned = is_thinned.into_iter();
        Ok(kept.extract_if(.., |_| is_thinned.next().unwrap_or(false)).collect())
    }
}

/// The snapshots with the new one first, and the one that it superseded marked.
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

/// Whether a save now belongs to the head's run. Setting the clock back far enough also ends a run.
fn continues_run(head: &Retained, author: Author, now: Timestamp) -> bool {
    let saved_at = head.head.created_at;
    head.author == author && now.distance(saved_at) < RUN_SILENCE && day(now) == day(saved_at)
}

fn day(time: Timestamp) -> u64 {
    time.0 / DAY
}

/// The latest time that the account has recorded. Setting the clock back supersedes nothing
/// earlier.
fn latest(retained: &[Retained]) -> Timestamp {
    let times = |snapshot: &Retained| {
        let superseded = snapshot.superseded.map_or(Timestamp(0), |superseded| superseded.at);
        superseded.max(snapshot.head.created_at)
    };
    retained.iter().map(times).max().unwrap_or(Timestamp(0))
}

/// The indices of the snapshots that a save of this author may thin, in that order.
fn candidates(kept: &[Retained], author: Author) -> Vec<usize> {
    match author {
        Author::Device(_) => (1..kept.len()).take_while(|index| !kept[*index].is_pinned()).collect(),
        Author::Owner => owners_candidates(kept),
    }
}

/// The oldest first: intermediate ones of the owner's runs, then those that the owner's own runs
/// pinned, and last the final one of a day. With [`Size::smallest`], the last group is never
/// needed.
fn owners_candidates(kept: &[Retained]) -> Vec<usize> {
    let ends_day = ends_day(kept);
    let mut own: Vec<_> =
        (1..kept.len()).rev().filter(|index| kept[*index].payer() == Author::Owner).collect();
    own.sort_by_key(|index| (ends_day[*index], kept[*index].is_pinned()));
    own
}

/// For each snapshot, whether its author's next one is of another day or does not exist.
fn ends_day(kept: &[Retained]) -> Vec<bool> {
    let mut next = HashMap::new();
    kept.iter()
        .map(|Retained { author, head, .. }| {
            next.insert(*author, day(head.created_at)) != Some(day(head.created_at))
        })
        .collect()
}
