//! Which snapshots an account keeps: one pure function, for a vault that cannot know which device was stolen
//! (spec/decisions/0008-retention-by-author.md).
//!
//! A superseded snapshot stays for the period, counted from when it was superseded. Only *thinning* removes one earlier, and
//! only where its own author needs the room. A snapshot is out of reach of thinning, whoever saves and however often,
//! - where another author's save superseded it, or the first save of a run of its own author: it is *pinned*;
//! - where it is the last that its author saved on that day (UTC).
//!
//! What remains are the intermediate snapshots of a run: those that the same author superseded, on the same day, within the
//! same sequence of saves. The owner's own pins can be thinned too, before the owner would be refused a save.

#[cfg(test)]
mod histories;
mod record;
mod room;
#[cfg(test)]
mod tests;

pub use record::{Author, Retained, Superseded};
pub use room::Size;

use crate::domain::vault_time::Moment;
use room::Room;
use rootcellar_spec::{DeviceId, Timestamp};
use std::collections::HashMap;

/// A run of saves ends when its author has been silent for this long, in seconds.
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

/// A device has used up its share, and has nothing that could be thinned.
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
            return Err(NoRoom { wait: self.wait(kept, &is_thinned, room(kept), now) });
        }
        let mut is_thinned = is_thinned.into_iter();
        Ok(kept.extract_if(.., |_| is_thinned.next().unwrap_or(false)).collect())
    }

    /// Seconds until the same save is admitted. By then it may begin a run, and pin what it supersedes.
    fn wait(&self, kept: &[Retained], is_thinned: &[bool], room: Room, now: Timestamp) -> u64 {
        let mut counted: Vec<_> =
            kept.iter().zip(is_thinned).map(|(snapshot, thinned)| (snapshot.clone(), *thinned)).collect();
        if let Some((former, is_thinned)) = counted.get_mut(1) {
            *is_thinned = false;
            former.superseded = former.superseded.map(|superseded| Superseded { pinned: true, ..superseded });
        }
        let counted: Vec<_> =
            counted.into_iter().filter(|(_, thinned)| !thinned).map(|(snapshot, _)| snapshot).collect();
        let at = room.usage(&counted).fits_at(&counted, self.period);
        at.map_or(self.period, |at| at.seconds_since(now)).max(1)
    }
}

/// The snapshots with the new one in front, and what it superseded marked so.
fn supersede(retained: &[Retained], new: Retained, now: Timestamp) -> Vec<Retained> {
    let (author, created_at) = (new.author, new.head.created_at);
    let begins_run = begins_run(retained, author, created_at);
    let mut kept: Vec<_> = std::iter::once(new).chain(retained.iter().cloned()).collect();
    if let Some(former) = kept.get_mut(1) {
        let pinned = begins_run || former.author != author;
        let at = latest(retained).max(created_at).max(now);
        former.superseded = Some(Superseded { at, by: author, pinned });
    }
    kept
}

/// Whether a save now is the first of a run. A clock that was set back since the author's last save begins one, too.
fn begins_run(retained: &[Retained], author: Author, now: Timestamp) -> bool {
    // The last that an author saved is the last of a day, and so it is there for as long as it matters.
    let last = retained.iter().find(|snapshot| snapshot.author == author);
    last.is_none_or(|last| now.distance(last.head.created_at) >= RUN_SILENCE)
}

/// The latest time that the account has recorded: a clock that was set back supersedes nothing earlier.
fn latest(retained: &[Retained]) -> Timestamp {
    let times = |snapshot: &Retained| {
        let superseded = snapshot.superseded.map_or(Timestamp(0), |superseded| superseded.at);
        superseded.max(snapshot.head.created_at)
    };
    retained.iter().map(times).max().unwrap_or(Timestamp(0))
}

/// The places of what an author's save may thin, in the order in which it does.
///
/// Of a device, the newest intermediate snapshots go first. A thief's are newer than everything that the owner saved with the
/// device, so that a flood of saves thins itself. Of the owner the oldest go first: intermediate ones, then those that a run
/// of the owner's pinned, and at the very last the last of a day. [`Size::smallest`] makes sure that it does not come to
/// that.
fn candidates(kept: &[Retained], author: Author) -> Vec<usize> {
    let ends_day = ends_day(kept);
    let own = |index: &usize| kept[*index].author == author && kept[*index].payer() == author;
    let own = (1..kept.len()).filter(own);
    match author {
        Author::Device(_) => own.filter(|index| !kept[*index].is_pinned() && !ends_day[*index]).collect(),
        Author::Owner => {
            let mut own: Vec<_> = own.rev().collect();
            own.sort_by_key(|index| (ends_day[*index], kept[*index].is_pinned()));
            own
        }
    }
}

/// For each snapshot whether its author's next one is of another day, or there is none.
fn ends_day(kept: &[Retained]) -> Vec<bool> {
    let mut next = HashMap::new();
    let day = |snapshot: &Retained| snapshot.head.created_at.0 / DAY;
    kept.iter().map(|snapshot| next.insert(snapshot.author, day(snapshot)) != Some(day(snapshot))).collect()
}
