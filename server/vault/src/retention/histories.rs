//! Random histories of an owner and colluding hostile devices, compared with a log of all saves.

use super::tests::{Account, HOUR, MIB};
use super::*;
use proptest::prelude::*;

/// Small enough to be filled within a history. The reserve has room for the owner's last snapshots
/// of five days.
const SMALL: Retention =
    Retention { newest: 3, period: 3 * DAY, bounds: Size { count: 96, bytes: 96 * MIB } };
const RESERVE: Size = Size { count: 24, bytes: 24 * MIB };
const POOL: Size = Size { count: 72, bytes: 72 * MIB };
/// What each of 16 devices can use whatever the others use, and the space beyond that.
const SET_ASIDE: Size = Size { count: 2, bytes: 9 * MIB / 4 };
const COMMON: Size = Size { count: 40, bytes: 36 * MIB };
/// The share of one device, if there are at most four.
const LARGEST_SHARE: Size = Size { count: 12, bytes: 45 * MIB / 4 };
/// Enrolled after everything else has happened.
const LATE: u8 = 9;
/// Devices 1 to 6; four are enrolled at first.
const DEVICES: u8 = 6;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes, in seconds.
    Wait(u64),
    /// Sets the clock this many seconds ahead of the vault's time.
    Clock(i64),
    /// A save by an author, of this many bytes. 0 is the owner.
    Save(u8, u64),
    /// Repeated saves, with a pause in between.
    Flood(u8, usize, u64),
    /// Two devices save alternately, large and small snapshots, with a pause in between.
    Turns(u8, u8, usize, u64),
    /// Enrols a device, or revokes it.
    Enrol(u8),
}

fn author(n: u8) -> Author {
    if n == 0 { Author::Owner } else { Author::Device(DeviceId([n; 16])) }
}

/// Which authors a history has, and what else can happen in it.
#[derive(Clone, Copy)]
struct Cast {
    /// The first author: 0, the owner, or 1.
    first: u8,
    clock_is_wrong: bool,
    enrols: bool,
}

fn steps(cast: Cast) -> impl Strategy<Value = Vec<Step>> {
    let seconds = || {
        prop_oneof![
            3 => 0..120_u64,
            3 => 120..HOUR,
            2 => Just(HOUR - 1),
            2 => Just(HOUR),
            3 => HOUR..12 * HOUR,
            1 => DAY..5 * DAY,
        ]
    };
    let size = || prop_oneof![3 => 1..10_000_u64, 1 => MIB / 2..=MIB, 1 => Just(MIB)];
    let device = || 1..=DEVICES;
    let ahead = prop_oneof![
        2 => Just(0_i64),
        2 => (-5 * DAY as i64)..5 * DAY as i64,
        1 => Just(30 * DAY as i64),
        1 => Just(-30 * DAY as i64),
    ];
    let step = prop_oneof![
        8 => seconds().prop_map(Step::Wait),
        10 => (cast.first..=DEVICES, size()).prop_map(|(who, size)| Step::Save(who, size)),
        2 => (cast.first..=DEVICES, 2..30_usize, seconds())
            .prop_map(|(who, times, pause)| Step::Flood(who, times, pause)),
        2 => (device(), device(), 2..30_usize, seconds())
            .prop_map(|(one, other, times, pause)| Step::Turns(one, other, times, pause)),
        2 * u32::from(cast.clock_is_wrong) => ahead.prop_map(Step::Clock),
        u32::from(cast.enrols) => device().prop_map(Step::Enrol),
    ];
    prop::collection::vec(step, 1..150)
}

/// An admitted save.
#[derive(Clone, Copy, Debug)]
struct Entry {
    author: Author,
    /// The time of the clock.
    at: u64,
    /// The vault's time.
    time: u64,
    begins_run: bool,
}

/// An account with the log of all its saves: snapshot n is entry n - 1.
struct History {
    account: Account,
    log: Vec<Entry>,
}

impl History {
    fn new() -> Self {
        Self { account: Account::new(SMALL, 4), log: Vec::new() }
    }

    fn run(&mut self, steps: Vec<Step>) -> Result<(), TestCaseError> {
        for step in steps {
            match step {
                Step::Wait(seconds) => self.account.now += seconds,
                Step::Clock(ahead) => self.account.ahead = ahead,
                Step::Save(who, size) => self.save(author(who), size)?,
                Step::Flood(who, times, pause) => {
                    for _ in 0..times {
                        self.save(author(who), MIB / 3)?;
                        self.account.now += pause;
                    }
                }
                Step::Turns(one, other, times, pause) => {
                    for _ in 0..times {
                        self.save(author(one), MIB)?;
                        self.save(author(other), 10_000)?;
                        self.account.now += pause;
                    }
                }
                Step::Enrol(n) => self.enrol(DeviceId([n; 16])),
            }
        }
        Ok(())
    }

    fn enrol(&mut self, device: DeviceId) {
        let enrolled = &mut self.account.enrolled;
        match enrolled.iter().position(|one| *one == device) {
            Some(index) => drop(enrolled.remove(index)),
            None => enrolled.push(device),
        }
    }

    fn save(&mut self, author: Author, size: u64) -> Result<(), TestCaseError> {
        if matches!(author, Author::Device(device) if !self.account.enrolled.contains(&device)) {
            return Ok(());
        }
        let (at, time) = (self.account.clock(), self.account.now);
        match self.account.save(author, size) {
            Ok(admitted) => {
                let before = self.log.iter().rev().find(|entry| entry.author == author);
                let begins_run =
                    before.is_none_or(|before| at.abs_diff(before.at) >= HOUR || at / DAY != before.at / DAY);
                self.log.push(Entry { author, at, time, begins_run });
                self.check_what_went(&admitted)?;
            }
            Err(NoRoom { wait }) => self.check_refusal(author, size, wait)?,
        }
        self.check_what_is_kept()?;
        self.check_bounds()
    }

    /// The save that superseded a snapshot.
    fn superseding(&self, number: usize) -> Option<Entry> {
        self.log.get(number).copied()
    }

    /// Whether its retention period has ended, by every clock.
    fn is_past(&self, number: usize) -> bool {
        self.superseding(number).is_some_and(|next| self.account.now > next.time + SMALL.period)
    }

    /// Whether a save of another author superseded it, or one that began a run.
    fn ends_run(&self, number: usize) -> bool {
        let own = self.log[number - 1];
        self.superseding(number).is_some_and(|next| next.begins_run || next.author != own.author)
    }

    /// Whether a save of a device ended its run, or any save ended a run of a device. It is then
    /// never thinned.
    fn is_beyond_reach(&self, number: usize) -> bool {
        let by = |number: usize| self.log[number].author;
        let is_owners_own = || by(number - 1) == Author::Owner && by(number) == Author::Owner;
        self.ends_run(number) && !is_owners_own()
    }

    /// Whether the next save of its author was on another day.
    fn ends_day(&self, number: usize) -> bool {
        let own = self.log[number - 1];
        let next = self.log[number..].iter().find(|entry| entry.author == own.author);
        next.is_none_or(|next| next.at / DAY != own.at / DAY)
    }

    fn check_what_is_kept(&self) -> Result<(), TestCaseError> {
        for number in 1..=self.log.len() {
            if self.is_beyond_reach(number) || self.ends_day(number) {
                self.check_stays(number)?;
            }
        }
        Ok(())
    }

    /// Checks that a snapshot exists unless its retention period has ended.
    fn check_stays(&self, number: usize) -> Result<(), TestCaseError> {
        let is_well = self.is_past(number) || self.account.keeps(number as u64);
        prop_assert!(is_well, "{number} went early: {:?}", self.log);
        Ok(())
    }

    fn check_what_went(&self, admitted: &Admitted) -> Result<(), TestCaseError> {
        let saver = self.log.last().expect("it was admitted").author;
        let number = |snapshot: &Retained| snapshot.head.number.0 as usize;
        for snapshot in &admitted.expired {
            prop_assert!(self.is_past(number(snapshot)), "{snapshot:?} has not expired");
        }
        for snapshot in &admitted.thinned {
            prop_assert_eq!(snapshot.author, saver);
            match saver {
                Author::Owner => self.check_is_the_owners_to_thin(number(snapshot))?,
                Author::Device(_) => self.check_is_of_the_run(number(snapshot))?,
            }
        }
        // No more was thinned than necessary.
        if let Some(least) = admitted.thinned.iter().map(|snapshot| snapshot.head.size).min() {
            let more = Size { count: 1, bytes: least };
            prop_assert!(self.lacks_room(saver, more) || admitted.thinned.len() > 1);
        }
        Ok(())
    }

    /// Checks that no device superseded it and, if it ends a run of the owner's, that no snapshot
    /// is left that ends none.
    fn check_is_the_owners_to_thin(&self, number: usize) -> Result<(), TestCaseError> {
        let is_owners = |number: usize| self.counts(number, Author::Owner);
        prop_assert!(is_owners(number), "{number} was not the owner's: {:?}", self.log);
        let is_left =
            |other: usize| self.account.keeps(other as u64) && is_owners(other) && !self.ends_run(other);
        let better = (1..self.log.len()).find(|other| self.ends_run(number) && is_left(*other));
        prop_assert_eq!(better, None, "{} went before it: {:?}", number, self.log);
        Ok(())
    }

    /// Checks that the head's device may have thinned it: its run began earlier, and nothing newer
    /// of it was left.
    fn check_is_of_the_run(&self, number: usize) -> Result<(), TestCaseError> {
        for newer in number..self.log.len() {
            prop_assert!(!self.ends_run(newer), "{number} is behind the end of a run: {:?}", self.log);
            let is_left = newer > number && self.account.keeps(newer as u64);
            prop_assert!(!is_left, "{number} went before {newer}: {:?}", self.log);
        }
        Ok(())
    }

    /// Whether a snapshot counts against an author, by the log: each author's own, and the owner's
    /// that a device superseded.
    fn counts(&self, number: usize, against: Author) -> bool {
        let author = self.log[number - 1].author;
        let by = self.superseding(number).map(|next| next.author);
        if author == Author::Owner { by.unwrap_or(author) == against } else { author == against }
    }

    fn used(&self, by: Author) -> Size {
        let own = self.account.retained.iter().filter(|one| self.counts(one.head.number.0 as usize, by));
        own.fold(Size::default(), |sum, one| Size { count: sum.count + 1, bytes: sum.bytes + one.head.size })
    }

    /// How many devices there are, and what they use.
    fn devices(&self) -> (u64, Size) {
        (1..=LATE).map(author).fold((0, Size::default()), |(devices, sum), device| {
            let used = self.used(device);
            let is_enrolled = self.account.enrolled.iter().any(|id| Author::Device(*id) == device);
            let total = Size { count: sum.count + used.count, bytes: sum.bytes + used.bytes };
            (devices + u64::from(is_enrolled || used.count > 0), total)
        })
    }

    fn share(&self, of: Author) -> Size {
        let parts = self.devices().0.max(4);
        if of == Author::Owner {
            RESERVE
        } else {
            let of_common = Size { count: COMMON.count / parts, bytes: COMMON.bytes / parts };
            Size { count: SET_ASIDE.count + of_common.count, bytes: SET_ASIDE.bytes + of_common.bytes }
        }
    }

    /// What devices would use beyond what is set aside for each, if one of them used so much more.
    fn beyond(&self, device: Author, more: Size) -> Size {
        (1..=LATE).map(author).fold(Size::default(), |sum, one| {
            let (used, more) = (self.used(one), if one == device { more } else { Size::default() });
            Size {
                count: sum.count + (used.count + more.count).saturating_sub(SET_ASIDE.count),
                bytes: sum.bytes + (used.bytes + more.bytes).saturating_sub(SET_ASIDE.bytes),
            }
        })
    }

    /// Whether this size would not fit into an author's share, or a device's into that of all
    /// devices.
    fn lacks_room(&self, author: Author, more: Size) -> bool {
        let over = |used: Size, bound: Size| {
            used.count + more.count > bound.count || used.bytes + more.bytes > bound.bytes
        };
        if over(self.used(author), self.share(author)) || author == Author::Owner {
            return over(self.used(author), self.share(author));
        }
        // More than is set aside, and nothing left of what is common.
        let beyond = self.beyond(author, more);
        let lacks = beyond.count > COMMON.count || beyond.bytes > COMMON.bytes;
        over(self.used(author), SET_ASIDE) && lacks || over(self.devices().1, POOL)
    }

    /// A device that comes late has the room that is set aside for it.
    fn check_late(&mut self) -> Result<(), TestCaseError> {
        self.account.enrolled.push(DeviceId([LATE; 16]));
        // What it supersedes of the owner's counts against it.
        let is_owners = self.account.retained.first().is_some_and(|head| head.author == Author::Owner);
        let saves = if is_owners { 1 } else { 2 };
        for _ in 0..saves {
            let saved = self.account.save(author(LATE), MIB);
            prop_assert!(saved.is_ok(), "a device that was enrolled late was refused: {:?}", self.log);
        }
        Ok(())
    }

    fn check_refusal(&mut self, author: Author, size: u64, wait: u64) -> Result<(), TestCaseError> {
        prop_assert_ne!(author, Author::Owner, "the owner can always save");
        let former = &self.account.retained[0];
        let taken = if former.author == Author::Owner {
            Size { count: 2, bytes: size + former.head.size }
        } else {
            Size { count: 1, bytes: size }
        };
        prop_assert!(self.lacks_room(author, taken), "a device was refused that had room: {:?}", self.log);
        let (now, number, retained) = (self.account.now, self.account.number, self.account.retained.clone());
        self.account.now += wait;
        prop_assert!(self.account.save(author, size).is_ok(), "and not admitted after {wait} seconds");
        self.account.now = now;
        self.account.number = number;
        self.account.retained = retained;
        Ok(())
    }

    fn check_bounds(&self) -> Result<(), TestCaseError> {
        let is_within = |used: Size, bound: Size| used.count <= bound.count && used.bytes <= bound.bytes;
        prop_assert!(is_within(self.account.size(|_| true), SMALL.bounds));
        prop_assert!(is_within(self.used(Author::Owner), RESERVE));
        prop_assert!(is_within(self.devices().1, POOL));
        for device in 1..=DEVICES {
            // The share of four devices. If there are more now, a device keeps what it had.
            prop_assert!(is_within(self.used(author(device)), LARGEST_SHARE));
        }
        Ok(())
    }
}

const ALL: Cast = Cast { first: 0, clock_is_wrong: false, enrols: true };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_history_of_saves_removes_what_is_protected_or_keeps_the_owner_from_saving(steps in steps(ALL)) {
        History::new().run(steps)?;
    }

    #[test]
    fn a_clock_that_is_wrong_never_removes_anything_earlier(
        steps in steps(Cast { clock_is_wrong: true, ..ALL }),
    ) {
        History::new().run(steps)?;
    }

    #[test]
    fn no_history_keeps_a_device_from_saving_that_is_enrolled_later(steps in steps(ALL)) {
        let mut history = History::new();
        history.run(steps)?;
        history.check_late()?;
    }

    /// Everything that exists when devices are stolen remains, also what the owner saved just
    /// before with one of them.
    #[test]
    fn thieves_remove_nothing_that_was_there(
        before in steps(ALL), after in steps(Cast { first: 1, clock_is_wrong: false, enrols: false }),
    ) {
        let mut history = History::new();
        history.run(before)?;
        let was_there: Vec<_> =
            history.account.retained.iter().map(|one| one.head.number.0 as usize).collect();
        // If the device that saved last has no room, the next save may replace its last one within
        // its run.
        let full = history.account.retained.first().is_some_and(|head| {
            head.author != Author::Owner && history.lacks_room(head.author, Size { count: 1, bytes: MIB })
        });
        history.run(after)?;
        for number in was_there {
            if !full {
                history.check_stays(number)?;
            }
        }
    }
}
