//! Which snapshots a save may remove, judged from what is stored and not by the vault's own code: expired ones, and
//! intermediate ones of whoever saved.

use crate::vault::{BOUNDS, KEPT, KEPT_SECONDS, RESERVE};
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{DeviceId, Timestamp};
use serde::Deserialize;
use std::ops::Deref;

/// A gap as long as this between two saves of one author ends a run, in seconds.
const RUN_SILENCE: u64 = 3600;
const DAY: u64 = 86_400;

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Stored {
    #[serde(flatten)]
    head: Head,
    device: Option<DeviceId>,
    superseded: Option<Superseded>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Superseded {
    at: Timestamp,
    device: Option<DeviceId>,
    #[serde(default)]
    pinned: bool,
}

impl Deref for Stored {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

/// A save has put `saved` in front of `before`, and `kept` remains of those, newest first each.
pub(super) fn check_save(before: &[Stored], saved: &Stored, kept: &[Stored]) {
    let before = superseded(before, saved);
    let is_kept = |one: &&Stored| kept.contains(one);
    let (remaining, gone): (Vec<_>, Vec<_>) = before.iter().partition(is_kept);
    assert!(remaining.iter().copied().eq(kept), "a snapshot was changed, or came from nowhere");
    for one in &gone {
        assert!(is_expired(one, saved) || is_thinned(&before, one, saved), "a snapshot went early: {one:?}");
    }
    assert!(gone.is_empty() || kept.len() + 1 >= KEPT, "a snapshot went that is one of the newest");
    assert!(kept.len() < BOUNDS.count as usize, "an account holds more snapshots than its bounds allow");
    let owners =
        kept.iter().filter(|one| one.payer().is_none()).count() + usize::from(saved.device.is_none());
    assert!(saved.device.is_some() || owners <= RESERVE, "the owner uses more than the reserve");
}

/// What was there, with the former head superseded by `saved`.
fn superseded(before: &[Stored], saved: &Stored) -> Vec<Stored> {
    let mut before = before.to_vec();
    let last = before.iter().find(|one| one.device == saved.device);
    let begins_run = last.is_none_or(|last| saved.created_at.distance(last.created_at) >= RUN_SILENCE);
    let times = before
        .iter()
        .flat_map(|one| [Some(one.created_at), one.superseded.as_ref().map(|superseded| superseded.at)]);
    let at = times.flatten().max().map_or(saved.created_at, |latest| latest.max(saved.created_at));
    if let Some(former) = before.first_mut() {
        assert_eq!(former.superseded, None, "the head was superseded before");
        let pinned = begins_run || former.device != saved.device;
        former.superseded = Some(Superseded { at, device: saved.device, pinned });
    }
    before
}

fn is_expired(one: &Stored, saved: &Stored) -> bool {
    let at = one.superseded.as_ref().expect("it is not the head").at;
    saved.created_at.seconds_since(at) > KEPT_SECONDS
}

fn is_thinned(before: &[Stored], one: &Stored, saved: &Stored) -> bool {
    let superseded = one.superseded.as_ref().expect("it is not the head");
    let day = |one: &Stored| one.created_at.0 / DAY;
    let newer = std::iter::once(saved).chain(before.iter().take_while(|other| *other != one));
    let next = newer.filter(|other| other.device == one.device).last();
    let is_last_of_day = next.is_none_or(|next| day(next) != day(one));
    let is_own = one.device == saved.device && superseded.device == saved.device;
    is_own && !is_last_of_day && (saved.device.is_none() || !superseded.pinned)
}

impl Stored {
    /// The device whose share it counts against, if it is not the owner's.
    fn payer(&self) -> Option<DeviceId> {
        let pinned_by = self.superseded.as_ref().filter(|superseded| superseded.pinned);
        pinned_by.and_then(|superseded| superseded.device).or(self.device)
    }
}
