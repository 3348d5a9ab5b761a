//! The examples: attacks that worked before there were rules against them.

use super::*;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{Digest, Generation, Number, OperationId};

pub(super) const HOUR: u64 = 60 * 60;
pub(super) const MIB: u64 = 1 << 20;
const PHONE: Author = Author::Device(DeviceId([1; 16]));
const LAPTOP: Author = Author::Device(DeviceId([2; 16]));

/// The default settings.
const DEFAULT: Retention =
    Retention { newest: 20, period: 30 * DAY, bounds: Size { count: 1024, bytes: 256 * MIB } };

/// The minimum for 30 days.
const SMALLEST: Retention =
    Retention { newest: 20, period: 30 * DAY, bounds: Size { count: 175, bytes: 132 * MIB } };

/// An account with all its authors.
pub(super) struct Account {
    pub(super) retention: Retention,
    pub(super) enrolled: Vec<DeviceId>,
    pub(super) retained: Vec<Retained>,
    /// The number of the head.
    pub(super) number: u64,
    /// The vault's time.
    pub(super) now: u64,
    /// Seconds by which the clock is ahead of it.
    pub(super) ahead: i64,
}

impl Account {
    pub(super) fn new(retention: Retention, devices: u8) -> Self {
        let enrolled = (1..=devices).map(|n| DeviceId([n; 16])).collect();
        Self { retention, enrolled, retained: Vec::new(), number: 0, now: 20_000 * DAY, ahead: 0 }
    }

    pub(super) fn save(&mut self, author: Author, size: u64) -> Result<Admitted, NoRoom> {
        let now = Moment::between(Timestamp(self.now), Timestamp(self.clock()));
        let admitted = self.retention.admit(&self.retained, self.next(author, size), &self.enrolled, now)?;
        self.number += 1;
        self.retained.clone_from(&admitted.kept);
        Ok(admitted)
    }

    /// The time of the clock.
    pub(super) fn clock(&self) -> u64 {
        self.now.saturating_add_signed(self.ahead)
    }

    fn next(&self, author: Author, size: u64) -> Retained {
        let head = Head {
            number: Number(self.number + 1),
            operation: OperationId([0; 16]),
            digest: Digest([0; 32]),
            generation: Generation::FIRST,
            size,
            created_at: Timestamp(self.clock()),
        };
        Retained::new(head, author, self.number + 1)
    }

    /// Makes a save that must be admitted, and returns its number.
    fn saved(&mut self, author: Author) -> u64 {
        self.save(author, 10_000).expect("is admitted");
        self.number
    }

    pub(super) fn keeps(&self, number: u64) -> bool {
        self.retained.iter().any(|snapshot| snapshot.head.number.0 == number)
    }

    pub(super) fn size(&self, of: impl Fn(Author) -> bool) -> Size {
        let all = self.retained.iter().filter(|snapshot| of(snapshot.payer()));
        all.fold(Size::default(), |sum, snapshot| Size {
            count: sum.count + 1,
            bytes: sum.bytes + snapshot.head.size,
        })
    }
}

#[test]
fn a_stolen_device_cannot_push_out_what_was_current_for_days() {
    let mut account = Account::new(DEFAULT, 1);
    let seed = account.saved(Author::Owner);
    account.now += 9 * DAY;
    for _ in 0..21 {
        account.saved(PHONE);
        account.now += 1;
    }
    assert!(account.keeps(seed), "the thief has just superseded it");
    account.now += 30 * DAY - 21;
    account.saved(Author::Owner);
    assert!(account.keeps(seed), "the whole period");
    account.now += 1;
    account.saved(Author::Owner);
    assert!(!account.keeps(seed), "and no longer: 23 newer ones are kept");
}

/// A clock that was set by mistake, or by an attacker with control of a time server.
#[test]
fn a_clock_that_is_a_month_ahead_expires_nothing_early() {
    let mut account = Account::new(DEFAULT, 1);
    let seed = account.saved(Author::Owner);
    account.now += 9 * DAY;
    for _ in 0..21 {
        account.saved(PHONE);
        account.now += 1;
    }
    account.ahead = 31 * DAY as i64;
    account.saved(PHONE);
    assert!(account.keeps(seed), "while the clock is ahead");
    account.ahead = 0;
    account.now += 30 * DAY - 21;
    account.saved(Author::Owner);
    assert!(account.keeps(seed), "the whole period");
    account.now += 1;
    account.saved(Author::Owner);
    assert!(!account.keeps(seed), "and no longer");
}

#[test]
fn a_clock_that_was_a_month_behind_expires_nothing_early() {
    let mut account = Account::new(DEFAULT, 1);
    account.ahead = -60 * DAY as i64;
    let seed = account.saved(Author::Owner);
    account.now += 9 * DAY;
    for _ in 0..21 {
        account.saved(PHONE);
    }
    account.ahead = 0;
    account.saved(PHONE);
    assert!(account.keeps(seed), "superseded a moment ago");
}

#[test]
fn a_flood_thins_itself_and_hinders_nobody() {
    let mut account = Account::new(DEFAULT, 2);
    let seed = account.saved(Author::Owner);
    account.now += 9 * DAY;
    let thinned: usize = (0..600)
        .map(|_| {
            account.now += u64::from(account.number.is_multiple_of(22));
            account.save(PHONE, 10_000).expect("a flood is not refused").thinned.len()
        })
        .sum();
    assert_eq!(thinned, 600 + 1 - 120, "one share of count is left of it and of what it pins");
    assert!(account.keeps(seed));
    account.saved(Author::Owner);
    account.saved(LAPTOP);
    assert!(account.keeps(601), "and the last of the flood stays, because the owner superseded it");
}

/// An account whose phone was just stolen. The owner saved twice with it, and the second save added
/// a new seed.
fn just_stolen(retention: Retention, size: u64) -> (Account, [u64; 2]) {
    let mut account = Account::new(retention, 2);
    let owners = [0; 2].map(|_| {
        account.now += 10 * 60;
        account.save(PHONE, size).expect("is admitted");
        account.number
    });
    account.now += 50 * 60;
    (account, owners)
}

#[test]
fn a_thief_who_leaves_no_hour_of_silence_removes_nothing_that_was_there() {
    for (retention, size) in [(DEFAULT, 10_000), (DEFAULT, MIB), (SMALLEST, 10_000), (SMALLEST, MIB)] {
        let (mut account, owners) = just_stolen(retention, size);
        // From here on the thief saves, for up to 29 days.
        for _ in 0..29 * 24 {
            let _ = account.save(PHONE, size);
            account.now += 55 * 60;
        }
        assert!(owners.iter().all(|number| account.keeps(*number)), "{retention:?} {size}: {owners:?}");
    }
}

#[test]
fn a_thief_who_begins_new_runs_removes_nothing_that_was_there() {
    for (size, last) in [(10_000, 10_000), (MIB, MIB), (MIB, MIB / 2), (MIB, 1)] {
        let (mut account, owners) = just_stolen(DEFAULT, size);
        account.save(PHONE, size).expect("the first belongs to the owner's run");
        let mut refused = 0;
        while refused < 10 {
            account.now += HOUR;
            refused += usize::from(account.save(PHONE, size).is_err());
        }
        for _ in 0..10 {
            let _ = account.save(PHONE, last);
        }
        assert!(owners.iter().all(|number| account.keeps(*number)), "{size} {last}: {owners:?}");
    }
}

#[test]
fn two_devices_that_alternate_remove_nothing_that_was_there() {
    let (mut account, owners) = just_stolen(DEFAULT, 10_000);
    for n in 0..1000 {
        let _ = account.save([PHONE, LAPTOP][n % 2], 10_000);
        account.now += 1;
    }
    account.save(PHONE, 10_000).expect_err("what is pinned makes no room");
    assert!(owners.iter().all(|number| account.keeps(*number)));
}

/// The cost: if a share is full, a save within a run replaces the previous one.
#[test]
fn what_a_device_saved_without_room_is_replaced_within_its_run() {
    let (mut account, _) = just_stolen(SMALLEST, 10_000);
    while account.save(PHONE, 10_000).expect("within one run").thinned.is_empty() {}
    let replaced = account.number;
    account.saved(PHONE);
    assert!(!account.keeps(replaced) && account.keeps(1) && account.keeps(2));
}

#[test]
fn one_mebibyte_at_a_time_fills_one_share() {
    let mut account = Account::new(DEFAULT, 2);
    account.saved(Author::Owner);
    let mut refused = 0;
    for _ in 0..29 * 24 {
        account.now += HOUR;
        refused += usize::from(account.save(PHONE, MIB).is_err());
    }
    assert!(refused > 600, "each hour is a run of its own, and pins what it supersedes");
    assert!(account.size(|payer| payer == PHONE).bytes <= 30 * MIB);
    account.save(Author::Owner, MIB).expect("the owner saves");
    account.save(LAPTOP, MIB).expect("and so does another device");
}

#[test]
fn a_device_without_room_hears_when_there_will_be_some() {
    let mut account = Account::new(DEFAULT, 1);
    account.saved(Author::Owner);
    let wait = loop {
        account.now += HOUR;
        if let Err(NoRoom { wait }) = account.save(PHONE, 10_000) {
            break wait;
        }
    };
    assert_eq!(account.number, 1 + 119, "119 saves, and what the first of them pins");
    let first_expires = 30 * DAY + 1 - 119 * HOUR;
    assert_eq!(wait, first_expires);
    account.now += wait - 1;
    account.save(PHONE, 10_000).expect_err("not before that");
    account.now += 1;
    account.save(PHONE, 10_000).expect("then");
}

#[test]
fn devices_that_take_turns_use_up_their_own_shares() {
    let mut account = Account::new(DEFAULT, 3);
    let mut owners = vec![account.saved(Author::Owner)];
    for n in 0..2000 {
        account.now += 1;
        let _ = account.save([PHONE, LAPTOP][n % 2], 10_000);
        if n % 100 == 0 {
            owners.push(account.saved(Author::Owner));
        }
    }
    for device in [PHONE, LAPTOP] {
        let used = account.size(|payer| payer == device).count;
        assert!((119..=120).contains(&used), "{used}: one that takes over from the owner counts twice");
    }
    assert!(owners.into_iter().all(|number| account.keeps(number)));
    account.save(Author::Device(DeviceId([3; 16])), MIB).expect("the third device saves");
}

#[test]
fn what_one_device_saves_counts_against_no_other() {
    let mut account = Account::new(DEFAULT, 2);
    for saves in 0..120 {
        account.now += 1;
        account.save(LAPTOP, 10_000).unwrap_or_else(|_| panic!("refused after {saves} small ones"));
        account.now += 1;
        let _ = account.save(PHONE, MIB);
    }
    assert_eq!(account.size(|payer| payer == LAPTOP), Size { count: 120, bytes: 120 * 10_000 });
    assert_eq!(account.size(|payer| payer == PHONE).bytes, 30 * MIB);
}

#[test]
fn an_owner_who_saves_all_the_time_keeps_the_last_of_each_day() {
    let mut account = Account::new(DEFAULT, 0);
    let mut last_of_days = Vec::new();
    for n in 0..30 * 48 {
        account.save(Author::Owner, MIB).expect("the owner is never refused");
        account.now += HOUR / 2;
        if n % 48 == 47 {
            last_of_days.push(account.number);
        }
    }
    assert!(last_of_days.into_iter().all(|number| account.keeps(number)));
    assert!(account.size(|_| true).bytes <= 64 * MIB, "within the reserve");
}

#[test]
fn rarely_saved_accounts_keep_their_newest_beyond_the_period() {
    let mut account = Account::new(DEFAULT, 0);
    for _ in 0..30 {
        account.saved(Author::Owner);
        account.now += 100 * DAY;
    }
    let numbers: Vec<_> = account.retained.iter().map(|snapshot| snapshot.head.number.0).collect();
    assert_eq!(numbers, (11..=30).rev().collect::<Vec<_>>());
}

/// As many devices as may be enrolled, one after another, each after all before it have filled what they could.
#[test]
fn a_device_that_is_enrolled_late_can_save_whatever_the_others_have_filled() {
    for (retention, size) in [(DEFAULT, 10_000), (DEFAULT, MIB), (SMALLEST, 10_000), (SMALLEST, MIB)] {
        let mut account = Account::new(retention, 0);
        for n in 1..=16 {
            account.save(Author::Owner, size).expect("the owner saves");
            let late = DeviceId([n; 16]);
            account.enrolled.push(late);
            // Nothing expires within these days, and each save begins a run.
            account.now += HOUR;
            account
                .save(Author::Device(late), size)
                .unwrap_or_else(|_| panic!("{n} of {retention:?}, {size}"));
            for device in account.enrolled.clone() {
                while account.save(Author::Device(device), size).is_ok() {
                    account.now += HOUR;
                }
            }
            account.now = 20_000 * DAY + u64::from(n) * DAY;
        }
    }
}

#[test]
fn a_revoked_devices_snapshots_keep_counting_and_leave_the_reserve_alone() {
    let mut account = Account::new(DEFAULT, 4);
    account.saved(Author::Owner);
    let mut next = 5;
    // An owner who replaces all devices repeatedly, while all of them fill their shares.
    for _ in 0..4 {
        for device in account.enrolled.clone() {
            account.now += HOUR;
            while account.save(Author::Device(device), MIB).is_ok() {
                account.now += HOUR;
            }
        }
        account.enrolled = (next..next + 4).map(|n| DeviceId([n; 16])).collect();
        next += 4;
        account.save(Author::Owner, MIB).expect("the owner saves");
    }
    let devices = account.size(|payer| payer != Author::Owner);
    assert!(devices.bytes <= 192 * MIB && devices.count <= 768, "{devices:?}");
}

#[test]
fn what_is_stored_is_read_again() {
    let mut account = Account::new(DEFAULT, 1);
    for author in [Author::Owner, PHONE, Author::Owner, Author::Owner] {
        account.saved(author);
    }
    let stored = serde_json::to_value(&account.retained).expect("plain structs");
    assert_eq!(serde_json::from_value::<Vec<Retained>>(stored.clone()).expect("its own"), account.retained);
    assert!(stored[0].get("device").is_none() && stored[0].get("superseded").is_none());
    let device = serde_json::to_value(DeviceId([1; 16])).expect("text");
    let at = serde_json::json!({"at": account.now, "device": device, "pinned": true});
    assert_eq!(stored[3]["superseded"], at);
    assert_eq!(stored[2]["device"], device);
    assert_eq!(stored[1]["superseded"], serde_json::json!({"at": account.now}));
}

#[test]
fn the_smallest_bounds_hold_what_must_be_kept() {
    assert_eq!(Size::smallest(30), Size { count: 175, bytes: 132 * MIB });
    assert_eq!(Size::smallest(365), Size { count: 368 * 4, bytes: 368 * 4 * MIB });
    for days in [1, 30, 90, 1000] {
        let bounds = Size::smallest(days);
        let share = bounds.share(16);
        assert!(bounds.reserve().count >= days + 3 && share.count >= 8, "{days}: {bounds:?}");
        assert!(bounds.reserve().bytes >= (days + 3) * MIB && share.bytes >= 4 * MIB - 16);
        // What a first save takes that supersedes the owner's.
        let set_aside = bounds.set_aside();
        assert!(set_aside.count >= 2 && set_aside.bytes >= 2 * MIB, "{days}: {set_aside:?}");
    }
}
