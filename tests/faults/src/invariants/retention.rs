//! Which snapshots a save may remove, judged from what is stored and not by the vault's own code: expired ones, and
//! intermediate ones of any author.

use crate::vault::{BOUNDS, KEPT, KEPT_SECONDS, RESERVE, SHARE};
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
    /// The version of the account that named it first.
    pub(super) version: u64,
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
    let its = 1 + kept.iter().filter(|one| one.payer() == saved.device).count();
    assert!(saved.device.is_none() || its <= SHARE, "a device uses more than its share");
}

/// What was there, with the former head superseded by `saved`.
fn superseded(before: &[Stored], saved: &Stored) -> Vec<Stored> {
    let mut before = before.to_vec();
    let times = before
        .iter()
        .flat_map(|one| [Some(one.created_at), one.superseded.as_ref().map(|superseded| superseded.at)]);
    let at = times.flatten().max().map_or(saved.created_at, |latest| latest.max(saved.created_at));
    if let Some(former) = before.first_mut() {
        assert_eq!(former.superseded, None, "the head was superseded before");
        let goes_on = saved.created_at.distance(former.created_at) < RUN_SILENCE && day(saved) == day(former);
        let pinned = former.device != saved.device || !goes_on;
        former.superseded = Some(Superseded { at, device: saved.device, pinned });
    }
    before
}

fn is_expired(one: &Stored, saved: &Stored) -> bool {
    let at = one.superseded.as_ref().expect("it is not the head").at;
    saved.created_at.seconds_since(at) > KEPT_SECONDS
}

/// Whether `saved` may thin it: of the owner's own what ends no day, of a device's what its current run made.
fn is_thinned(before: &[Stored], one: &Stored, saved: &Stored) -> bool {
    let newer = || before.iter().take_while(|other| *other != one);
    if saved.device.is_some() {
        return newer().chain([one]).all(|other| other.device == saved.device && !other.is_pinned());
    }
    let next = std::iter::once(saved).chain(newer()).filter(|other| other.device.is_none()).last();
    one.payer().is_none() && next.is_some_and(|next| day(next) == day(one))
}

fn day(one: &Stored) -> u64 {
    one.created_at.0 / DAY
}

impl Stored {
    fn is_pinned(&self) -> bool {
        self.superseded.as_ref().is_some_and(|superseded| superseded.pinned)
    }

    /// The device whose share it counts against, if it is not the owner's.
    fn payer(&self) -> Option<DeviceId> {
        self.device.or(self.superseded.as_ref().and_then(|superseded| superseded.device))
    }
}
