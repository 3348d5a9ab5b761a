//! The budget by table, and compared with a model that stores every charge.

use super::*;
use proptest::prelude::*;

const START: u64 = 1_800_000_000;
const MINUTE: u64 = 60;

fn operation(n: u64) -> OperationId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    OperationId(id)
}

fn digest(n: u64) -> Digest {
    Digest::of(&n.to_be_bytes())
}

fn charge(guesses: &Guesses, n: u64, at: u64) -> Guesses {
    match guesses.decide(digest(n), operation(n), Timestamp(at)) {
        Decision::Charge(next) => next,
        other => panic!("charge {n} at {at}: {other:?}"),
    }
}

fn wait(guesses: &Guesses, at: u64) -> u64 {
    match guesses.decide(digest(u64::MAX), operation(u64::MAX), Timestamp(at)) {
        Decision::Wait(seconds) => seconds,
        _ => 0,
    }
}

fn charges(count: u64) -> Guesses {
    (0..count).fold(Guesses::default(), |guesses, n| charge(&guesses, n, START))
}

fn finish(guesses: &Guesses, n: u64, at: u64) -> (Guesses, Used) {
    match guesses.finish(operation(n), digest(1000 + n), Timestamp(at), Timestamp(at)) {
        Finish::Refund(next, used) => (next, used),
        other => panic!("finish {n}: {other:?}"),
    }
}

#[test]
fn five_at_once_then_the_waits() {
    let mut guesses = charges(5);
    let mut at = START;
    let minutes = [1, 5, 15, 60, 240, 720];
    for (n, minutes) in minutes.into_iter().enumerate() {
        assert_eq!(guesses.outlook(Timestamp(at)), Budget { remaining: 0, next_wait: minutes * MINUTE });
        assert_eq!(wait(&guesses, at), minutes * MINUTE);
        assert_eq!(wait(&guesses, at + minutes * MINUTE - 1), 1);
        at += minutes * MINUTE;
        guesses = charge(&guesses, 100 + n as u64, at);
    }
    // From here on, each full day lowers the level by one, and the next attempt raises it again.
    for n in 0..3 {
        assert_eq!(wait(&guesses, at), 1440 * MINUTE);
        assert_eq!(wait(&guesses, at + DAY - 1), 1);
        at += DAY;
        guesses = charge(&guesses, 200 + n, at);
    }
}

#[test]
fn the_level_falls_by_one_for_each_full_day() {
    let guesses = charges(5);
    for (days, remaining) in [(0, 0), (1, 1), (2, 2), (4, 4), (5, 5), (50, 5)] {
        assert_eq!(guesses.outlook(Timestamp(START + days * DAY)).remaining, remaining, "after {days} days");
        if days > 0 {
            let before = guesses.outlook(Timestamp(START + days * DAY - 1)).remaining;
            assert_eq!(before, remaining.min(u32::try_from(days).expect("small") - 1), "just before");
        }
    }
}

#[test]
fn a_charge_starts_the_day_anew() {
    let guesses = charge(&charges(3), 9, START + DAY - 1);
    assert_eq!(guesses.outlook(Timestamp(START + 2 * DAY - 2)).remaining, 1);
    assert_eq!(guesses.outlook(Timestamp(START + 2 * DAY - 1)).remaining, 2);
}

#[test]
fn a_refund_leaves_what_would_be_without_the_charge() {
    let before = charges(5);
    let at = START + 30 * MINUTE;
    let charged = charge(&before, 9, at);
    let (refunded, _) = finish(&charged, 9, at + 1);
    for later in [0, 1, 59, MINUTE, DAY, 3 * DAY] {
        let now = Timestamp(at + later);
        assert_eq!(refunded.outlook(now), before.outlook(now), "{later} s later");
    }
}

#[test]
fn a_refund_behind_a_later_charge_keeps_its_stamp() {
    let guesses = charge(&charges(5), 9, START + MINUTE);
    let (refunded, _) = finish(&guesses, 0, START + MINUTE);
    assert_eq!(wait(&refunded, START + MINUTE), MINUTE, "the last charge was just now");
}

#[test]
fn a_change_that_committed_is_no_failed_attempt_and_still_counts() {
    let done = charges(2).complete(operation(0)).expect("open");
    assert_eq!((done.failed, done.outlook(Timestamp(START)).remaining), (1, 3));
    assert_eq!(done.complete(operation(0)), None, "once");
    let (_, used) = finish(&done, 1, START);
    assert_eq!(used.failed, 0);
    let (used, _) = finish(&charges(2), 0, START);
    assert_eq!(used.complete(operation(0)), None, "a login is something else");
}

#[test]
fn a_clock_that_is_behind_gives_nothing_back() {
    let guesses = charges(5);
    for back in [30, 3600, 30 * DAY] {
        assert_eq!(wait(&guesses, START - back), MINUTE + back, "{back} s before the charges");
        assert_eq!(
            guesses.outlook(Timestamp(START - back)),
            Budget { remaining: 0, next_wait: MINUTE + back }
        );
    }
    let charged = charge(&charges(1), 9, START - 30 * DAY);
    assert_eq!(charged.standing().last, Some(Timestamp(START)), "never before the last charge");
    assert_eq!(charged.outlook(Timestamp(START)).remaining, 3);
}

#[test]
fn charges_of_a_time_that_was_set_back_count_from_then_on() {
    let year = 365 * DAY;
    let ahead = (0..5).fold(Guesses::default(), |guesses, n| charge(&guesses, n, START + year));
    assert!(wait(&ahead, START) > year, "they lock the name until then");
    let (used, told) = finish(&ahead, 4, START + year);
    for guesses in [ahead, charge(&used, 5, START + year)] {
        let back = guesses.after_set_backs(&[Timestamp(START)]);
        assert_eq!(
            back.outlook(Timestamp(START)),
            Budget { remaining: 0, next_wait: MINUTE },
            "no attempt back"
        );
        for days in 1..=5 {
            assert_eq!(back.outlook(Timestamp(START + u64::from(days) * DAY)).remaining, days);
        }
        assert_eq!(back.after_set_backs(&[Timestamp(START)]), back, "each time is set back once");
        let later = charge(&back, 9, START + 3 * DAY);
        assert_eq!(later.after_set_backs(&[Timestamp(START)]), later, "what came after is left alone");
        let again = later.after_set_backs(&[Timestamp(START), Timestamp(START + DAY)]);
        assert_eq!(again.standing().last, Some(Timestamp(START + DAY)));
    }
    let now = Timestamp(START);
    let repeated = used.after_set_backs(&[now]).finish(operation(4), digest(1004), now, now);
    assert_eq!(repeated, Finish::Repeat(told), "what a login was told stays");
}

#[test]
fn a_repeated_start_is_answered_without_a_charge() {
    let guesses = charges(5);
    let again = |n, at| guesses.decide(digest(n), operation(77), Timestamp(at));
    let repeated = |n| matches!(again(3, START + n), Decision::Repeat(_, of) if of == operation(3));
    assert!(repeated(0) && repeated(600));
    assert!(matches!(again(3, START + 601), Decision::Charge(_)), "the window is over");
    assert_eq!(again(6, START), Decision::Wait(60), "other bytes");
    let (used, _) = finish(&guesses, 3, START);
    let Decision::Charge(charged) = used.decide(digest(3), operation(77), Timestamp(START)) else {
        panic!("a used charge is not open");
    };
    assert_eq!(charged.outlook(Timestamp(START)).remaining, 0);
}

#[test]
fn a_start_is_repeated_three_times_and_then_charged() {
    let mut guesses = charges(1);
    for _ in 0..3 {
        let Decision::Repeat(next, of) = guesses.decide(digest(0), operation(77), Timestamp(START)) else {
            panic!("a repeat");
        };
        assert_eq!((of, next.outlook(Timestamp(START)).remaining), (operation(0), 4));
        guesses = next;
    }
    let guesses = charge_of(&guesses, 0, 77);
    assert_eq!(guesses.outlook(Timestamp(START)).remaining, 3, "charged as if it were new");
    let Decision::Repeat(_, of) = guesses.decide(digest(0), operation(78), Timestamp(START)) else {
        panic!("the new charge may be repeated");
    };
    assert_eq!(of, operation(77));
}

/// A charge of another operation for request `n`.
fn charge_of(guesses: &Guesses, n: u64, named: u64) -> Guesses {
    match guesses.decide(digest(n), operation(named), Timestamp(START)) {
        Decision::Charge(next) => next,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_login_is_finished_by_one_request() {
    let (used, first) = finish(&charges(2), 1, START + 5);
    let finish = |request, at| used.finish(operation(1), request, Timestamp(at), Timestamp(at));
    assert_eq!(finish(digest(1001), START + 9), Finish::Repeat(first));
    assert_eq!(finish(digest(1), START + 9), Finish::Used);
    let now = Timestamp(START);
    assert_eq!(used.finish(operation(8), digest(1001), now, now), Finish::Expired);
}

#[test]
fn a_login_beyond_the_refunds_of_a_day_keeps_its_charge() {
    let log_in = |guesses: &Guesses, n, at| {
        let now = Timestamp(at);
        charge(guesses, n, at).finish(operation(n), digest(1000 + n), now, now)
    };
    let mut guesses = Guesses::default();
    for n in 0..u64::from(REFUNDS) {
        let Finish::Refund(next, _) = log_in(&guesses, n, START + n) else { panic!("login {n} is refunded") };
        guesses = next;
    }
    assert!(
        guesses.is_full(Timestamp(START + 3 * MINUTE)) && !guesses.is_drained(Timestamp(START + DAY - 1))
    );
    let mut kept = guesses.clone();
    for n in 200..205 {
        let Finish::Keep(next, used) = log_in(&kept, n, START + n) else { panic!("login {n} is not") };
        assert_eq!(used.failed, 0, "it is no failed attempt either");
        assert_eq!(
            next.finish(operation(n), digest(1000 + n), Timestamp(START), Timestamp(START)),
            Finish::Repeat(used)
        );
        kept = next;
    }
    assert_eq!(wait(&kept, START + 204), MINUTE, "they use the budget up");
    let later = charge(&kept, 300, START + 204 + MINUTE);
    assert_eq!(wait(&later, START + 204 + MINUTE), 5 * MINUTE);
    assert_eq!(later.outlook(Timestamp(START + 2 * DAY)).remaining, 0, "six charges, one day");
    assert!(matches!(log_in(&guesses, 400, START + DAY), Finish::Refund(..)), "the next day starts again");
    assert!(guesses.is_drained(Timestamp(START + DAY + 1)));
}

#[test]
fn counts_failed_tries_since_the_last_login() {
    let (after, used) = finish(&charges(4), 3, START);
    assert_eq!(used.failed, 3);
    let next = charge(&charge(&after, 10, START + DAY), 11, START + DAY);
    let (after, used) = finish(&next, 11, START + DAY);
    assert_eq!(used.failed, 1);
    let (_, late) = finish(&after, 10, START + DAY);
    assert_eq!(late.failed, 0, "it was part of the count of the login before");
}

/// One second more, and it has become part of the level.
#[test]
fn an_open_charge_can_be_finished_for_as_long_as_its_token_may_live() {
    for (late, is_there) in [(0, true), (1, false)] {
        let next = charge(&charges(1), 1, START + KEEP_OPEN + late);
        let now = Timestamp(START + KEEP_OPEN + late);
        let finished = next.finish(operation(0), digest(1000), now, now);
        assert_eq!(matches!(finished, Finish::Refund(..)), is_there, "{late}: {finished:?}");
        assert_eq!(next.outlook(now).remaining, 3, "it counts either way");
    }
}

#[test]
fn a_used_login_is_remembered_for_as_long_as_its_token_may_live_and_not_more_than_four() {
    let (used, told) = finish(&charges(1), 0, START);
    let again = |guesses: &Guesses, n| {
        let now = Timestamp(START);
        guesses.finish(operation(n), digest(1000 + n), now, now)
    };
    assert_eq!(again(&charge(&used, 1, START + KEEP_USED), 0), Finish::Repeat(told));
    assert_eq!(again(&charge(&used, 1, START + KEEP_USED + 1), 0), Finish::Expired);
    let many = (0..6).fold(Guesses::default(), |guesses, n| finish(&charge(&guesses, n, START), n, START).0);
    for n in 0..6 {
        assert_eq!(matches!(again(&many, n), Finish::Repeat(_)), n >= 2, "login {n}");
    }
}

/// A server whose clock is ahead of the vault's time remembers a login by its own clock.
#[test]
fn a_budget_is_not_drained_while_a_login_can_be_repeated() {
    let guesses = charges(1);
    let (clock, vault_time) = (Timestamp(START + 2 * DAY), Timestamp(START));
    let Finish::Refund(used, _) = guesses.finish(operation(0), digest(0), clock, vault_time) else {
        panic!("a refund");
    };
    assert!(!used.is_drained(Timestamp(clock.0 + KEEP_USED)));
    assert!(used.is_drained(Timestamp(clock.0 + KEEP_USED + 1)));
}

#[test]
fn failed_attempts_are_told_of_to_the_second() {
    assert!(charges(1).tells_of_failures(Timestamp(START + 100), 100));
    assert!(!charges(1).tells_of_failures(Timestamp(START + 101), 100));
}

/// What was told at one login is not taken off what is told at the next.
#[test]
fn a_late_login_takes_nothing_off_the_attempts_since() {
    let (after, _) = finish(&charges(2), 1, START);
    let (_, late) = finish(&charge(&after, 2, START), 0, START);
    assert_eq!(late.failed, 1, "one since the login before");
}

#[test]
fn the_refunds_of_every_day_are_bounded() {
    let mut guesses = Guesses::default();
    for day in 0..3 {
        for n in 0..=u64::from(REFUNDS) {
            let (n, now) = (day * 1000 + n, Timestamp(START + day * DAY + n));
            let finished = charge(&guesses, n, now.0).finish(operation(n), digest(n), now, now);
            let is_last = n == day * 1000 + u64::from(REFUNDS);
            guesses = match finished {
                Finish::Refund(next, _) if !is_last => next,
                Finish::Keep(next, _) if is_last => next,
                other => panic!("login {n}: {other:?}"),
            };
        }
    }
}

/// Also what is part of the level already, and the refunds; and a replica that has not heard of it yet undoes nothing.
#[test]
fn all_that_is_of_a_time_that_was_set_back_counts_from_then_on() {
    let year = 365 * DAY;
    let ahead = (0..5).fold(Guesses::default(), |guesses, n| charge(&guesses, n, START + year));
    let at = START + year + KEEP_OPEN + 1;
    let (settled, _) = finish(&charge(&ahead, 5, at), 5, at);
    let back = settled.after_set_backs(&[Timestamp(START)]);
    assert_eq!(wait(&back, START), MINUTE, "of the level");
    assert_eq!(back.after_set_backs(&[]), back, "the era does not fall");
    let all = (0..u64::from(REFUNDS))
        .fold(Guesses::default(), |guesses, n| finish(&charge(&guesses, n, START + year), n, START + year).0);
    let back = all.after_set_backs(&[Timestamp(START)]);
    finish(&charge(&back, 500, START + DAY), 500, START + DAY);
}

#[test]
fn stays_small() {
    let mut guesses = Guesses::default();
    let mut at = START;
    for n in 0..2000 {
        at += wait(&guesses, at) + 1;
        guesses = charge(&guesses, n, at);
        if !n.is_multiple_of(3) {
            guesses = finish(&guesses, n, at).0;
        }
        assert!(guesses.charges.len() <= 8 + MOST_USED, "{} charges", guesses.charges.len());
    }
}

/// Stores every charge.
#[derive(Default)]
struct Model(Vec<(u64, u64)>);

impl Model {
    fn level_and_last(&self, now: u64) -> (u32, Option<u64>) {
        let mut level = 0_u32;
        let mut last: Option<u64> = None;
        for at in self.0.iter().map(|(_, at)| *at).chain([now]) {
            let days = last.map_or(0, |last| at.saturating_sub(last) / DAY);
            level = u32::try_from(u64::from(level).saturating_sub(days)).expect("small") + 1;
            last = Some(at);
        }
        (level - 1, self.0.last().map(|(_, at)| *at))
    }

    fn wait(&self, now: u64) -> u64 {
        match self.level_and_last(now) {
            (0..=4, _) | (_, None) => 0,
            (level, Some(last)) => {
                let minutes = [1, 5, 15, 60, 240, 720, 1440][(level as usize - 5).min(6)];
                (last.max(now.min(last)) + minutes * 60).saturating_sub(now.max(last))
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Charge,
    Finish(usize),
    Complete(usize),
    Pass(u64),
    PassWait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Charge),
        2 => (0..4_usize).prop_map(Step::Finish),
        1 => (0..4_usize).prop_map(Step::Complete),
        2 => prop_oneof![0..900_u64, 0..3 * DAY].prop_map(Step::Pass),
        2 => Just(Step::PassWait),
    ]
}

proptest! {
    #[test]
    fn agrees_with_a_model_that_forgets_nothing(steps in prop::collection::vec(step(), 1..120)) {
        let (mut guesses, mut model, mut now) = (Guesses::default(), Model::default(), START);
        for (n, step) in steps.into_iter().enumerate() {
            let n = n as u64;
            match step {
                Step::Pass(seconds) => now += seconds,
                Step::PassWait => now += model.wait(now),
                Step::Charge => match guesses.decide(digest(n), operation(n), Timestamp(now)) {
                    Decision::Charge(next) => {
                        prop_assert_eq!(model.wait(now), 0);
                        guesses = next;
                        model.0.push((n, now));
                    }
                    Decision::Wait(seconds) => prop_assert_eq!(seconds, model.wait(now)),
                    other => prop_assert!(false, "no start was repeated, and no clock goes back: {other:?}"),
                },
                Step::Complete(back) => {
                    let Some(index) = model.0.len().checked_sub(back + 1) else { continue };
                    guesses = guesses.complete(operation(model.0[index].0)).unwrap_or(guesses);
                }
                Step::Finish(back) => {
                    let Some(index) = model.0.len().checked_sub(back + 1) else { continue };
                    let now = Timestamp(now);
                    match guesses.finish(operation(model.0[index].0), digest(n), now, now) {
                        Finish::Refund(next, _) => {
                            guesses = next;
                            model.0.remove(index);
                        }
                        Finish::Keep(next, _) => guesses = next,
                        Finish::Repeat(_) | Finish::Used | Finish::Expired => {}
                    }
                }
            }
            let outlook = guesses.outlook(Timestamp(now));
            prop_assert_eq!(outlook.next_wait, model.wait(now));
            prop_assert_eq!(outlook.remaining, 5_u32.saturating_sub(model.level_and_last(now).0));
        }
    }
}
