//! How an account's space is shared: a reserve for the owner, and a pool for the devices.
//!
//! Half of the pool is set aside in equal parts, one for each device that may be enrolled. A device
//! can use its part whatever other devices saved before. The other half is common, and each device
//! has an equal share of it.

use super::record::{Author, Retained};
use rootcellar_spec::limits::{DEVICES, SNAPSHOT_BYTES};
use rootcellar_spec::{DeviceId, Timestamp};
use std::collections::{HashMap, HashSet};

/// The divisor of the account's limits that gives the owner's reserve.
const OWNERS_PART: u64 = 4;
/// The common half of the pool is divided into at least this many shares, so that one device leaves
/// space for others.
const FEWEST_SHARES: u64 = 4;
/// Maximum shares, which is also the maximum number of devices.
const MOST_SHARES: u64 = DEVICES as u64;

/// The smallest share with which a device can work.
const SMALLEST_SHARE: Size = Size { count: 8, bytes: 4 * LARGEST };
/// Maximum size of one snapshot, in bytes.
const LARGEST: u64 = SNAPSHOT_BYTES as u64;

/// A number of snapshots with their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Number of snapshots.
    pub count: u64,
    /// Total size in bytes.
    pub bytes: u64,
}

impl Size {
    fn add(&mut self, snapshot: &Retained) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(snapshot.head.size);
    }

    fn take(&mut self, snapshot: &Retained) {
        self.count -= 1;
        self.bytes = self.bytes.saturating_sub(snapshot.head.size);
    }

    fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, bytes: self.bytes.saturating_add(other.bytes) }
    }

    fn minus(self, other: Self) -> Self {
        let (count, bytes) = (self.count.saturating_sub(other.count), self.bytes.saturating_sub(other.bytes));
        Self { count, bytes }
    }

    fn is_within(self, bound: Self) -> bool {
        self.count <= bound.count && self.bytes <= bound.bytes
    }

    fn divided_by(self, parts: u64) -> Self {
        Self { count: self.count / parts, bytes: self.bytes / parts }
    }

    /// The owner's reserve within these limits.
    #[must_use]
    pub fn reserve(self) -> Self {
        self.divided_by(OWNERS_PART)
    }

    /// The space of all devices together within these limits.
    #[must_use]
    pub fn pool(self) -> Self {
        self.minus(self.reserve())
    }

    /// The space set aside for each device within these limits, also for devices enrolled later.
    pub(super) fn set_aside(self) -> Self {
        self.pool().divided_by(2 * MOST_SHARES)
    }

    /// The space that devices share within these limits, beyond what is set aside for each.
    fn common(self) -> Self {
        let Self { count, bytes } = self.set_aside();
        self.pool().minus(Self { count: count * MOST_SHARES, bytes: bytes * MOST_SHARES })
    }

    /// The share of each of this many devices within these limits.
    pub(super) fn share(self, devices: u64) -> Self {
        self.set_aside().plus(self.common().divided_by(devices.clamp(FEWEST_SHARES, MOST_SHARES)))
    }

    /// The smallest limits of an account with which the owner can always save, and each of 16
    /// devices can work, if superseded snapshots are kept for `days`.
    ///
    /// Of the owner's snapshots, the last one of each day cannot be thinned. A period touches one
    /// more day than its number of 24 hours, one snapshot can be from before, and one is the head.
    #[must_use]
    pub fn smallest(days: u64) -> Self {
        let owners = days.saturating_add(3);
        let devices = |share: u64| (share * MOST_SHARES * OWNERS_PART).div_ceil(OWNERS_PART - 1);
        let bound =
            |reserve: u64, share: u64| reserve.saturating_mul(OWNERS_PART).max(devices(share) + OWNERS_PART);
        Self {
            count: bound(owners, SMALLEST_SHARE.count),
            bytes: bound(owners.saturating_mul(LARGEST), SMALLEST_SHARE.bytes),
        }
    }
}

/// The space of an author.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    author: Author,
    share: Size,
    bounds: Size,
}

/// The usage of each author.
#[derive(Clone, Debug)]
pub(super) struct Usage {
    by: HashMap<Author, Size>,
    room: Room,
}

impl Room {
    /// Enrolled devices have a share, and so have revoked ones while the account keeps a snapshot
    /// of theirs.
    pub(super) fn of(author: Author, bounds: Size, kept: &[Retained], enrolled: &[DeviceId]) -> Self {
        let share = match author {
            Author::Owner => bounds.reserve(),
            Author::Device(_) => {
                let payers = kept.iter().filter_map(|snapshot| Option::from(snapshot.payer()));
                let devices: HashSet<DeviceId> = enrolled.iter().copied().chain(payers).collect();
                bounds.share(devices.len() as u64)
            }
        };
        Self { author, share, bounds }
    }

    pub(super) fn usage<'a>(self, kept: impl IntoIterator<Item = &'a Retained>) -> Usage {
        let mut by = HashMap::<_, Size>::new();
        for snapshot in kept {
            by.entry(snapshot.payer()).or_default().add(snapshot);
        }
        Usage { by, room: self }
    }
}

impl Usage {
    /// Whether the usage fits into the author's share. For a device, also whether all devices leave
    /// the owner's reserve free, and what is set aside for each if this one needs more than that.
    pub(super) fn fits(&self) -> bool {
        let Room { author, share, bounds } = self.room;
        let own = self.by.get(&author).copied().unwrap_or_default();
        if !own.is_within(share) || author == Author::Owner {
            return own.is_within(share);
        }
        let is_device = |by: &Author| *by != Author::Owner;
        let devices = self.by.iter().filter(|(by, _)| is_device(by)).map(|(_, used)| *used);
        let all = devices.clone().fold(Size::default(), Size::plus);
        let beyond = devices.map(|used| used.minus(bounds.set_aside())).fold(Size::default(), Size::plus);
        all.is_within(bounds.pool())
            && (own.is_within(bounds.set_aside()) || beyond.is_within(bounds.common()))
    }

    /// Removes a counted snapshot.
    pub(super) fn take(&mut self, snapshot: &Retained) {
        if let Some(used) = self.by.get_mut(&snapshot.payer()) {
            used.take(snapshot);
        }
    }

    /// When enough of the counted snapshots will have expired, if each is kept for `period`
    /// seconds.
    pub(super) fn fits_at(mut self, counted: &[Retained], period: u64) -> Option<Timestamp> {
        let leaves =
            |snapshot: &Retained| snapshot.superseded.map(|superseded| superseded.at.plus(period).plus(1));
        let mut leaving: Vec<_> =
            counted.iter().filter_map(|snapshot| Some((leaves(snapshot)?, snapshot))).collect();
        leaving.sort_by_key(|(at, _)| *at);
        leaving.into_iter().find_map(|(at, snapshot)| {
            self.take(snapshot);
            self.fits().then_some(at)
        })
    }
}
