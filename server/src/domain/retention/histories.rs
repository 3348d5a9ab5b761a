//! Random histories of an owner and hostile devices that collude, held against a log that forgets nothing.

use super::tests::{Account, HOUR, MIB};
use super::*;
use proptest::prelude::*;

/// Small enough to be filled within a history; the reserve holds the owner's last snapshots of five days.
const SMALL: Retention =
    Retention { newest: 3, period: 3 * DAY, bounds: Size { count: 48, bytes: 48 * MIB } };
/// Of the devices; there are four at most.
const SHARE: Size = Size { count: 9, bytes: 9 * MIB };
const RESERVE: Size = Size { count: 12, bytes: 12 * MIB };

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes, in seconds.
    Wait(u64),
    /// The clock is set so far ahead of the vault's time, in seconds.
    Clock(i64),
    /// Somebody saves so many bytes; 0 is the owner.
    Save(u8, u64),
    /// A device saves again and again, with a pause between.
    Flood(u8, usize, u64),
}

fn author(n: u8) -> Author {
    if n == 0 { Author::Owner } else { Author::Device(DeviceId([n; 16])) }
}

fn steps(clock_is_wrong: bool) -> impl Strategy<Value = Vec<Step>> {
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
    let wrong = if clock_is_wrong { 2 } else { 0 };
    let ahead = prop_oneof![
        2 => Just(0_i64),
        2 => (-5 * DAY as i64)..5 * DAY as i64,
        1 => Just(30 * DAY as i64),
        1 => Just(-30 * DAY as i64),
    ];
    let step = prop_oneof![
        8 => seconds().prop_map(Step::Wait),
        10 => (0..5_u8, size()).prop_map(|(who, size)| Step::Save(who, size)),
        2 => (1..5_u8, 2..30_usize, seconds()).prop_map(|(who, times, pause)| Step::Flood(who, times, pause)),
        wrong => ahead.prop_map(Step::Clock),
    ];
    prop::collection::vec(step, 1..150)
}

/// A save that was admitted.
#[derive(Clone, Copy, Debug)]
struct Entry {
    author: Author,
    /// What the clock showed.
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
            }
        }
        Ok(())
    }

    fn save(&mut self, author: Author, size: u64) -> Result<(), TestCaseError> {
        let (at, time) = (self.account.clock(), self.account.now);
        match self.account.save(author, size) {
            Ok(admitted) => {
                let before = self.log.iter().rev().find(|entry| entry.author == author);
                let begins_run = before.is_none_or(|before| at.abs_diff(before.at) >= HOUR);
                self.log.push(Entry { author, at, time, begins_run });
                self.check_what_went(&admitted)?;
            }
            Err(NoRoom { wait }) => self.check_refusal(author, size, wait)?,
        }
        self.check_what_is_kept()?;
        self.check_bounds()
    }

    /// The save that superseded a snapshot, if any did.
    fn superseding(&self, number: usize) -> Option<Entry> {
        self.log.get(number).copied()
    }

    /// Whether its period is over, whatever the clock has shown.
    fn is_past(&self, number: usize) -> bool {
        self.superseding(number).is_some_and(|next| self.account.now > next.time + SMALL.period)
    }

    /// Whether a device's save pinned it, or anybody's save a device's: then it stays, whatever happens.
    fn is_beyond_reach(&self, number: usize) -> bool {
        let own = self.log[number - 1];
        self.superseding(number).is_some_and(|next| {
            let is_owners_own = own.author == Author::Owner && next.author == Author::Owner;
            !is_owners_own && (next.begins_run || next.author != own.author)
        })
    }

    /// Whether its author's next save was on another day.
    fn ends_day(&self, number: usize) -> bool {
        let own = self.log[number - 1];
        let next = self.log[number..].iter().find(|entry| entry.author == own.author);
        next.is_none_or(|next| next.at / DAY != own.at / DAY)
    }

    fn check_what_is_kept(&self) -> Result<(), TestCaseError> {
        for number in 1..=self.log.len() {
            let must_stay = self.is_beyond_reach(number) || self.ends_day(number);
            if must_stay && !self.is_past(number) {
                prop_assert!(self.account.keeps(number as u64), "{number} went early: {:?}", self.log);
            }
        }
        Ok(())
    }

    fn check_what_went(&self, admitted: &Admitted) -> Result<(), TestCaseError> {
        let saver = self.log.last().expect("it was admitted").author;
        for snapshot in &admitted.expired {
            let is_past = self.is_past(snapshot.head.number.0 as usize);
            prop_assert!(is_past, "{snapshot:?} has not expired");
        }
        for snapshot in &admitted.thinned {
            let next = self.superseding(snapshot.head.number.0 as usize).expect("it is not the head");
            prop_assert_eq!((snapshot.author, next.author), (saver, saver));
            prop_assert!(saver == Author::Owner || !next.begins_run, "{:?}", snapshot);
        }
        // No more was thinned than had to be.
        if let Some(least) = admitted.thinned.iter().map(|snapshot| snapshot.head.size).min() {
            let used = self.account.size(|payer| payer == saver);
            let devices = self.account.size(|payer| payer != Author::Owner);
            let share = if saver == Author::Owner { RESERVE } else { SHARE };
            let over =
                |used: Size, bound: Size| used.count + 1 > bound.count || used.bytes + least > bound.bytes;
            prop_assert!(
                over(used, share) || over(devices, SMALL.bounds.pool()) || admitted.thinned.len() > 1
            );
        }
        Ok(())
    }

    fn check_refusal(&mut self, author: Author, size: u64, wait: u64) -> Result<(), TestCaseError> {
        prop_assert_ne!(author, Author::Owner, "the owner can always save");
        let used = self.account.size(|payer| payer == author);
        let former = self.account.retained[0].head.size;
        let full = used.count + 2 > SHARE.count || used.bytes + size + former > SHARE.bytes;
        prop_assert!(full, "a device was refused whose share has room: {used:?}");
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
        prop_assert!(is_within(self.account.size(|payer| payer == Author::Owner), RESERVE));
        for device in 1..5 {
            prop_assert!(is_within(self.account.size(|payer| payer == author(device)), SHARE));
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_history_of_saves_removes_what_is_protected_or_keeps_the_owner_from_saving(steps in steps(false)) {
        History::new().run(steps)?;
    }

    #[test]
    fn a_clock_that_is_wrong_never_removes_anything_earlier(steps in steps(true)) {
        History::new().run(steps)?;
    }
}
