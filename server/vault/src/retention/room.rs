//! How an account's room is shared: a reserve for the owner, and the rest for the devices in equal shares.

use super::record::{Author, Retained};
use rootcellar_spec::limits::{DEVICES, SNAPSHOT_BYTES};
use rootcellar_spec::{DeviceId, Timestamp};
use std::collections::HashSet;

/// The owner's reserve is this part of the account's bounds.
const OWNERS_PART: u64 = 4;
/// The devices' room is divided among this many at least, so that one alone leaves room for others.
const FEWEST_SHARES: u64 = 4;
/// And among this many at most: as many devices may be enrolled.
const MOST_SHARES: u64 = DEVICES as u64;

/// The smallest share with which a device can work, in snapshots and in bytes.
const SMALLEST_SHARE: Size = Size { count: 8, bytes: 4 * LARGEST };
/// Most bytes of one snapshot.
const LARGEST: u64 = SNAPSHOT_BYTES as u64;

/// A number of snapshots, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// How many.
    pub count: u64,
    /// Their bytes.
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

    /// The owner's reserve within these bounds.
    #[must_use]
    pub fn reserve(self) -> Self {
        self.divided_by(OWNERS_PART)
    }

    /// What all devices together may use within these bounds.
    #[must_use]
    pub fn pool(self) -> Self {
        let reserve = self.reserve();
        Self { count: self.count - reserve.count, bytes: self.bytes - reserve.bytes }
    }

    /// The smallest bounds of an account in which the owner can always save and each of 16 devices can work, where a
    /// superseded snapshot is kept for so many days.
    ///
    /// Of the owner's snapshots, the last of each day cannot be thinned. The days of a period are one more than it has
    /// times 24 hours; one snapshot can be from before, and one is the head.
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

/// The room of an author.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    author: Author,
    share: Size,
    pool: Size,
}

/// How much of its room an author uses, and how much of theirs all devices use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    own: Size,
    devices: Size,
    room: Room,
}

impl Room {
    /// Devices that are enrolled have a share, and those that are not any more while the account keeps something of theirs.
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
    /// Whether it is within the author's share; and where the author is a device, whether all devices leave the owner's reserve
    /// alone.
    pub(super) fn fits(&self) -> bool {
        let Room { author, share, pool } = self.room;
        self.own.is_within(share) && (author == Author::Owner || self.devices.is_within(pool))
    }

    /// A snapshot goes that was counted.
    pub(super) fn take(&mut self, snapshot: &Retained) {
        if snapshot.payer() == self.room.author {
            self.own.take(snapshot);
        }
        if snapshot.payer() != Author::Owner {
            self.devices.take(snapshot);
        }
    }

    /// When enough of the snapshots that were counted will have expired, if each stays for `period` seconds.
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
