//! The vault's time on a store, with clocks that jump.

use super::*;
use crate::budget::{Decision, Guesses};
use bytes::Bytes;
use proptest::prelude::*;
use rootcellar_spec::Digest;
use rootcellar_store::memory::MemoryStore;
use rootcellar_store::{Condition, Key};
use std::sync::atomic::{AtomicU64, Ordering};

const START: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

/// The time of a clock, and the true time.
#[derive(Default)]
struct Hands {
    shown: AtomicU64,
    passed: AtomicU64,
}

impl Hands {
    fn pass(&self, seconds: u64) {
        self.passed.fetch_add(seconds, Ordering::SeqCst);
        self.shown.fetch_add(seconds, Ordering::SeqCst);
    }

    fn show(&self, time: u64) {
        self.shown.store(time, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.shown.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.passed.load(Ordering::SeqCst))
    }
}

/// A vault with one server, on a store with the server's clock.
struct World {
    hands: Arc<Hands>,
    store: MemoryStore,
    time: VaultTime,
    writes: u64,
}

impl World {
    async fn new() -> Self {
        let hands = Arc::new(Hands::default());
        hands.show(START);
        let store = {
            let hands = hands.clone();
            MemoryStore::new(move || hands.now())
        };
        let time = Self::open(&hands, &store).await;
        Self { hands, store, time, writes: 0 }
    }

    async fn open(hands: &Arc<Hands>, store: &MemoryStore) -> VaultTime {
        VaultTime::open(store, hands.clone(), OperationId([1; 16]), RetryPolicy::default())
            .await
            .expect("opens")
    }

    async fn restart(&mut self) {
        self.time = Self::open(&self.hands, &self.store).await;
    }

    fn operation(&mut self) -> OperationId {
        self.writes += 1;
        let mut id = [2; 16];
        id[..8].copy_from_slice(&self.writes.to_be_bytes());
        OperationId(id)
    }

    async fn keep(&mut self) {
        let operation = self.operation();
        self.time.keep(&self.store, operation, RetryPolicy::default()).await.expect("keeps");
    }

    async fn set_back(&mut self) -> Result<SetBack, SetBackError> {
        let operation = self.operation();
        self.time.set_back(&self.store, operation, RetryPolicy::default()).await
    }

    fn now(&self) -> Result<u64, ClockProblem> {
        self.time.now(self.hands.now()).map(|now| now.time.0)
    }
}

#[tokio::test]
async fn follows_a_good_clock_and_survives_restarts() {
    let mut world = World::new().await;
    for _ in 0..500 {
        world.hands.pass(60);
        world.keep().await;
        assert_eq!(world.now(), Ok(world.hands.now().0));
    }
    for _ in 0..50 {
        // Shorter than the pause between two writes.
        for _ in 0..5 {
            world.hands.pass(60);
            world.keep().await;
        }
        world.restart().await;
        assert_eq!(world.now(), Ok(world.hands.now().0));
    }
}

#[tokio::test]
async fn a_clock_that_is_behind_is_refused_and_changes_nothing() {
    let mut world = World::new().await;
    world.hands.show(START - 60);
    assert_eq!(world.now(), Ok(START), "within the tolerance, the time does not advance");
    world.hands.show(START - 30 * DAY);
    let problem = ClockProblem::Behind { by: 30 * DAY };
    for _ in 0..3 {
        assert_eq!(world.now(), Err(problem));
        assert_eq!(world.time.problem(), Some(problem));
        world.keep().await;
        world.restart().await;
    }
    world.hands.show(START + 5);
    assert_eq!(world.now(), Ok(START + 5));
    assert_eq!(world.time.problem(), None);
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_is_followed_at_twice_the_speed() {
    let mut world = World::new().await;
    world.hands.show(START + 30 * DAY);
    assert_eq!(world.now(), Ok(START), "no time has passed");
    world.restart().await;
    assert_eq!(world.now(), Ok(START + 15 * 60), "what an earlier process may have left unwritten");
    world.hands.pass(100);
    assert_eq!(world.now(), Ok(START + 15 * 60 + 200));
    // The clock is corrected, and the vault waits until it has caught up.
    world.hands.show(START + 100);
    assert_eq!(world.now(), Err(ClockProblem::Behind { by: 15 * 60 + 100 }));
    world.hands.pass(15 * 60 + 100);
    assert_eq!(world.now(), Ok(START + 15 * 60 + 200));
    world.keep().await;
    world.restart().await;
    assert_eq!(world.now(), Ok(START + 15 * 60 + 200));
}

#[tokio::test]
async fn many_looks_a_second_cost_no_progress() {
    let clock = Timestamp(START + DAY);
    let mut reckoning = Reckoning::beginning(Timestamp(START), Duration::ZERO, Duration::ZERO);
    for look in 1..=1000 {
        reckoning = reckoning.follow(clock, Duration::from_millis(10 * look));
    }
    assert_eq!(reckoning.time(), Timestamp(START + 20));
}

#[tokio::test]
async fn a_server_and_its_store_must_agree() {
    let world = World::new().await;
    assert!(world.time.now(Timestamp(START + 30)).is_ok());
    assert_eq!(world.time.now(Timestamp(START + 31)).err(), Some(ClockProblem::Apart { by: 31 }));
    assert_eq!(world.time.now(Timestamp(START - 31)).err(), Some(ClockProblem::Apart { by: 31 }));
}

#[tokio::test]
async fn an_operator_sets_the_time_back_once_the_clock_is_right() {
    let mut world = World::new().await;
    assert!(matches!(world.set_back().await, Err(SetBackError::NotAhead)));
    // Ahead for a day, then correct again.
    world.hands.show(START + 300 * DAY);
    world.hands.pass(DAY);
    let ahead = world.now().expect("sound");
    world.keep().await;
    let other = World::open(&world.hands, &world.store).await;
    world.hands.show(START + DAY);
    assert!(world.now().is_err());
    let done = world.set_back().await.expect("sets back");
    assert_eq!(done, SetBack { from: Timestamp(ahead), to: Timestamp(START + DAY) });
    assert_eq!(world.now(), Ok(START + DAY));
    assert!(matches!(world.set_back().await, Err(SetBackError::NotAhead)));
    // Another replica learns of it, and does not undo it.
    assert!(other.now(world.hands.now()).is_err());
    let operation = world.operation();
    other.keep(&world.store, operation, RetryPolicy::default()).await.expect("keeps");
    let now = other.now(world.hands.now()).expect("sound");
    assert_eq!((now.time.0, &now.set_backs[..]), (START + DAY, &[Timestamp(START + DAY)][..]));
    world.restart().await;
    assert_eq!(world.now(), Ok(START + DAY));
}

#[tokio::test]
async fn a_lost_object_is_written_again_with_what_is_known() {
    let mut world = World::new().await;
    world.hands.pass(3600);
    assert_eq!(world.now(), Ok(START + 3600));
    let found = world.store.get(&names::clock()).await.expect("reads").object.expect("is there");
    world.store.delete(&names::clock(), &found.etag).await.expect("deletes");
    world.hands.show(START - DAY);
    world.keep().await;
    world.restart().await;
    assert_eq!(world.now(), Err(ClockProblem::Behind { by: DAY + 3600 }));
}

impl World {
    async fn write_something(&self) {
        self.store.put(&names::vault(), Bytes::from_static(b"{}"), Condition::Absent).await.expect("writes");
    }

    async fn lose_the_object(&self) {
        let found = self.store.get(&names::clock()).await.expect("reads").object.expect("is there");
        self.store.delete(&names::clock(), &found.etag).await.expect("deletes");
    }

    /// A clock that was ahead for a day was corrected, and the operator has set the time back.
    async fn set_back_after_a_day(&mut self) {
        self.hands.show(self.hands.now().0 + 300 * DAY);
        self.hands.pass(DAY);
        self.now().expect("sound");
        self.keep().await;
        self.hands.show(self.hands.now().0 - 300 * DAY);
        self.set_back().await.expect("sets back");
    }

    fn set_backs(&self) -> Vec<Timestamp> {
        self.time.now(self.hands.now()).expect("sound").set_backs.to_vec()
    }
}

#[tokio::test]
async fn the_time_is_written_every_ten_minutes() {
    let mut world = World::new().await;
    for (pause, written) in [(599, START), (1, START + 600), (599, START + 600), (1, START + 1200)] {
        world.hands.pass(pause);
        world.keep().await;
        let read = cas::load::<ClockObject>(&world.store, &names::clock()).await.expect("reads");
        assert_eq!(read.current.expect("is there").value().time.0, written);
    }
}

/// A replica that has not seen the time itself, and whose clock is set back before it looks.
#[tokio::test]
async fn a_replica_takes_over_the_time_that_another_has_seen() {
    let mut world = World::new().await;
    let other = World::open(&world.hands, &world.store).await;
    world.hands.pass(1200);
    world.keep().await;
    world.hands.show(START);
    let operation = world.operation();
    other.keep(&world.store, operation, RetryPolicy::default()).await.expect("keeps");
    assert_eq!(other.latest(), Timestamp(START + 1200));
    assert_eq!(other.now(Timestamp(START)).err(), Some(ClockProblem::Behind { by: 1200 }));
}

/// What a start may catch up with is not given once more to a replica that learns of a set-back.
#[tokio::test]
async fn a_set_back_lets_no_replica_run_ahead() {
    let mut world = World::new().await;
    let other = World::open(&world.hands, &world.store).await;
    world.set_back_after_a_day().await;
    let back = world.time.latest();
    world.hands.show(back.0 + 3600);
    let operation = world.operation();
    other.keep(&world.store, operation, RetryPolicy::default()).await.expect("keeps");
    assert_eq!(other.latest(), back);
}

#[tokio::test]
async fn a_lost_time_counts_as_forgotten_only_where_the_newest_write_is_older_than_the_tolerance() {
    for (pause, forgotten) in [(TOLERANCE, 0), (TOLERANCE + 1, FORGOTTEN)] {
        let mut world = World::new().await;
        world.write_something().await;
        world.lose_the_object().await;
        world.hands.pass(pause);
        world.restart().await;
        assert_eq!(world.set_backs().len(), forgotten, "{pause} s after the newest write");
    }
}

/// A server that is about to start writes them before it looks at the time.
#[tokio::test]
async fn what_a_probe_writes_says_nothing_of_the_time() {
    let mut world = World::new().await;
    world.write_something().await;
    world.lose_the_object().await;
    world.hands.pass(DAY);
    let probe = Key::new(format!("{}0/1", names::PROBES));
    world.store.put(&probe, Bytes::from_static(b"x"), Condition::Absent).await.expect("writes");
    world.restart().await;
    assert_eq!(world.set_backs(), vec![Timestamp(START); FORGOTTEN]);
}

#[tokio::test]
async fn a_vault_that_lost_its_time_begins_at_the_newest_write() {
    let mut world = World::new().await;
    world.write_something().await;
    world.lose_the_object().await;
    world.hands.show(START + 30 * DAY);
    world.restart().await;
    assert_eq!(world.now(), Ok(START + 15 * 60), "as at any start");
    world.lose_the_object().await;
    world.hands.show(START - 30 * DAY);
    world.restart().await;
    assert_eq!(world.now(), Err(ClockProblem::Behind { by: 30 * DAY }));
}

#[tokio::test]
async fn a_lost_object_is_written_again_with_its_set_backs() {
    let mut world = World::new().await;
    world.set_back_after_a_day().await;
    let set_backs = world.set_backs();
    world.lose_the_object().await;
    world.keep().await;
    world.restart().await;
    assert_eq!((set_backs.len(), world.set_backs()), (1, set_backs));
}

/// A budget counts the set-backs that it has applied. If the list is lost, a new one must still
/// reach it.
#[tokio::test]
async fn a_set_back_reaches_budgets_of_before_the_loss() {
    let mut world = World::new().await;
    world.write_something().await;
    world.set_back_after_a_day().await;
    let of_before = Guesses::default().after_set_backs(&world.set_backs());
    world.lose_the_object().await;
    world.restart().await;
    // Charged while the clock is ahead for the second time.
    world.hands.show(world.hands.now().0 + 300 * DAY);
    world.hands.pass(DAY);
    let ahead = world.time.now(world.hands.now()).expect("sound");
    let charged = of_before.decide(Digest::of(b"a"), OperationId([3; 16]), ahead.time);
    let Decision::Charge(charged) = charged else { panic!("{charged:?}") };
    world.keep().await;
    world.hands.show(world.hands.now().0 - 300 * DAY);
    let to = world.set_back().await.expect("sets back").to;
    let charged = charged.after_set_backs(&world.set_backs());
    assert_eq!(charged.decide(Digest::of(b"b"), OperationId([4; 16]), to), {
        let at_once = of_before.decide(Digest::of(b"a"), OperationId([3; 16]), to);
        let Decision::Charge(at_once) = at_once else { panic!("{at_once:?}") };
        at_once.after_set_backs(&world.set_backs()).decide(Digest::of(b"b"), OperationId([4; 16]), to)
    });
}

#[derive(Clone, Debug)]
enum Step {
    Pass(u64),
    /// The clock is wrong by this many seconds from now on.
    Wrong(i64),
    Restart,
    Keep,
    SetBack,
}

fn step(farthest_ahead: i64) -> impl Strategy<Value = Step> {
    let far = 40 * DAY.cast_signed();
    prop_oneof![
        3 => prop_oneof![0..300_u64, 0..2 * DAY].prop_map(Step::Pass),
        3 => prop_oneof![Just(0), -300..=0_i64, -far..=farthest_ahead].prop_map(Step::Wrong),
        2 => Just(Step::Restart),
        1 => Just(Step::Keep),
        1 => Just(Step::SetBack),
    ]
}

/// The attempts of an attacker who tries as often as possible after each step, and how often the
/// server started.
async fn guess(steps: Vec<Step>, operator: bool) -> (u64, u64, u64) {
    let mut world = World::new().await;
    let (mut truth, mut wrong, mut starts, mut granted) = (START, 0_i64, 1, 0_u64);
    let mut guesses = Guesses::default();
    for step in steps {
        match step {
            Step::Pass(seconds) => {
                truth += seconds;
                world.hands.pass(seconds);
            }
            Step::Wrong(by) => wrong = by,
            Step::Restart => {
                starts += 1;
                world.restart().await;
            }
            Step::Keep => world.keep().await,
            Step::SetBack if operator => drop(world.set_back().await),
            Step::SetBack => {}
        }
        world.hands.show(truth.saturating_add_signed(wrong));
        while let Ok(now) = world.time.now(world.hands.now()) {
            let request = Digest::of(&granted.to_be_bytes());
            let operation = world.operation();
            match guesses.after_set_backs(&now.set_backs).decide(request, operation, now.time) {
                Decision::Charge(next) => guesses = next,
                other => {
                    assert!(matches!(other, Decision::Wait(_)), "{other:?}");
                    break;
                }
            }
            granted += 1;
        }
    }
    (granted, truth - START, starts)
}

/// The maximum for a name with a steady clock: the level is never above eleven, and decreases by
/// one per day.
fn most(seconds: u64) -> u64 {
    11 + seconds / DAY
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_clock_that_is_never_ahead_gives_no_more_than_a_steady_one(steps in prop::collection::vec(step(0), 1..60)) {
        let (granted, passed, _) = run(guess(steps, false));
        prop_assert!(granted <= most(passed), "{granted} in {passed} s");
    }

    #[test]
    fn a_clock_that_leaps_anywhere_gives_no_more_than_twice_the_time(
        steps in prop::collection::vec(step(40 * DAY.cast_signed()), 1..60), operator: bool
    ) {
        let (granted, passed, starts) = run(guess(steps, operator));
        let at_most = most(2 * passed + starts * START_CREDIT.as_secs());
        prop_assert!(granted <= at_most, "{granted} in {passed} s and {starts} starts");
    }
}
