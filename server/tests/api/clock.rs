//! A clock that is wrong gives no attempt back (protocol.md section 16).

use crate::support::client::User;
use crate::support::{TestVault, vault};
use rootcellar_server::serve::is_ready;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;

const DAY: u64 = 86_400;

/// Shifts both clocks, with no time passing.
fn leap(vault: &TestVault, ahead: u64, back: u64) {
    for clock in [&vault.clock, &vault.store_clock] {
        clock.set_ahead(ahead);
        clock.set_back(back);
    }
}

/// Tries as often as it is let; the attempts, and how the last one ended.
async fn tries(vault: &TestVault, user: &mut User) -> (usize, ProblemCode) {
    for n in 0.. {
        let begun = user.begin("guess");
        let reply = vault.post(paths::LOGIN_START, &begun.request).await;
        if reply.status != 200 {
            let problem: rootcellar_spec::Problem = serde_json::from_slice(&reply.body).expect("a problem");
            return (n, problem.code);
        }
    }
    unreachable!("the attempts end")
}

#[tokio::test]
async fn a_server_that_was_started_with_its_clock_a_month_back_gives_no_attempt_back() {
    let vault = vault().await;
    let mut guesser = User::new("alice");
    guesser.register(&vault, "right").await;
    assert_eq!(tries(&vault, &mut guesser).await, (4, ProblemCode::BudgetSpent));
    for _ in 0..2 {
        leap(&vault, 0, 30 * DAY);
        let wrong = vault.restarted().await;
        let before = vault.store.contents().await;
        assert_eq!(tries(&wrong, &mut guesser).await, (0, ProblemCode::ClockUntrusted));
        let (request, _) = guesser.registration_request("guess");
        wrong.post(paths::REGISTRATION_START, &request).await.problem(ProblemCode::ClockUntrusted);
        let reason = is_ready(&wrong.state).await.expect_err("not ready");
        assert!(reason.contains("2592000 s") && reason.contains("admin clock set-back"), "{reason}");
        assert_eq!(
            vault.send(guesser.recovery_request(&guesser.recovery, vault.clock.now())).await.status,
            200
        );
        assert_eq!(vault.store.names("guesses/").await.len(), 1);
        let is_budget = |(name, _): &&(String, _)| name.starts_with("guesses/");
        let after = vault.store.contents().await;
        assert!(after.iter().filter(is_budget).eq(before.iter().filter(is_budget)));
        leap(&vault, 30 * DAY, 0);
        let right = vault.restarted().await;
        assert_eq!(is_ready(&right.state).await, Ok(()));
        assert_eq!(tries(&right, &mut guesser).await, (0, ProblemCode::BudgetSpent));
    }
    vault.pass(60);
    assert_eq!(tries(&vault, &mut guesser).await, (1, ProblemCode::BudgetSpent));
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_and_back_gives_no_more_than_twice_the_time() {
    let vault = vault().await;
    let mut guesser = User::new("nobody");
    assert_eq!(tries(&vault, &mut guesser).await, (5, ProblemCode::BudgetSpent));
    for _ in 0..3 {
        leap(&vault, 30 * DAY, 0);
        assert_eq!(tries(&vault, &mut guesser).await, (0, ProblemCode::BudgetSpent), "no time has passed");
        leap(&vault, 0, 30 * DAY);
        assert_eq!(tries(&vault, &mut guesser).await, (0, ProblemCode::BudgetSpent));
    }
    leap(&vault, 30 * DAY, 0);
    vault.pass(30);
    assert_eq!(tries(&vault, &mut guesser).await, (1, ProblemCode::BudgetSpent), "60 s at twice the speed");
}

#[tokio::test]
async fn a_clock_that_was_ahead_keeps_logins_out_until_it_is_caught_up_with_or_set_back() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    leap(&vault, 365 * DAY, 0);
    vault.pass(DAY);
    for _ in 0..3 {
        let begun = user.begin("wrong");
        assert_eq!(vault.post(paths::LOGIN_START, &begun.request).await.status, 200);
    }
    vault.state.keep_time().await.expect("keeps");
    leap(&vault, 0, 365 * DAY);
    assert_eq!(tries(&vault, &mut user).await, (0, ProblemCode::ClockUntrusted));
    let operation = rootcellar_spec::OperationId([5; 16]);
    let retry_policy = vault.state.settings().retry_policy;
    let done = vault.state.time().set_back(&*vault.store, operation, retry_policy).await.expect("sets back");
    assert_eq!(done.to, vault.clock.now());
    assert_eq!(is_ready(&vault.state).await, Ok(()));
    assert_eq!(tries(&vault, &mut user).await, (2, ProblemCode::BudgetSpent), "none of the three came back");
    vault.pass(60);
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 5);
    vault.pass(5 * DAY);
    assert_eq!(tries(&vault, &mut user).await, (5, ProblemCode::BudgetSpent), "and they drain like others");
}

#[tokio::test]
async fn a_sweep_by_a_wrong_clock_takes_no_budget() {
    let vault = vault().await;
    let mut guesser = User::new("nobody");
    assert_eq!(tries(&vault, &mut guesser).await, (5, ProblemCode::BudgetSpent));
    for (ahead, back) in [(300 * DAY, 0), (0, 600 * DAY)] {
        leap(&vault, ahead, back);
        crate::sweep::sweep(&vault.state, true).await;
        assert_eq!(vault.store.names("guesses/").await.len(), 1);
    }
}
