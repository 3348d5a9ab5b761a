//! How an account's space is shared: a reserve for the owner, and equal shares of the rest for the
//! devices.

use super::record::{Author, Retained};
use rootcellar_spec::limits::{DEVICES, SNAPSHOT_BYTES};
use rootcellar_spec::{DeviceId, Timestamp};
use std::collections::HashSet;

/// The divisor of the account's limits that gives the owner's reserve.
const OWNERS_PART: u64 = 4;
/// The devices' space is divided into at least this many shares, so that one device leaves space
/// for others.
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
        let reserve = self.reserve();
        Self { count: self.count - reserve.count, bytes: self.bytes - reserve.bytes }
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
    pool: Size,
}

/// The usage of an author, and that of all devices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    own: Size,
    devices: Size,
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
                bounds.pool().divided_by((devices.len() as u64).clamp(FEWEST_SHARES, MOST_SHARES))
            }
        };
        Self { author, share, pool: bounds.pool() }
    }

    pub(super) fn usage<'a>(self, kept: impl IntoIterator<Item = &'a Retained>) -> Usage {
        let mut usage = Usage { own: Size::default(), devices: Size::default(), room: self };
        for snapshot in kept {
            if snapshot.payer() == self.author {
                usage.own.add(snapshot);
            }
            if snapshot.payer() != Author::Owner {
                usage.devices.add(snapshot);
            }
        }
        usage
    }
}

impl Usage {
    /// Whether the usage fits into the author's share and, for a device, all devices leave the
    /// owner's reserve free.
    pub(super) fn fits(&self) -> bool {
        let Room { author, share, pool } = self.room;
        self.own.is_within(share) && (author == Author::Owner || self.devices.is_within(pool))
    }

    /// Removes a counted snapshot.
    pub(super) fn take(&mut self, snapshot: &Retained) {
        if snapshot.payer() == self.room.author {
            self.own.take(snapshot);
        }
        if snapshot.payer() != Author::Owner {
            self.devices.take(snapshot);
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
