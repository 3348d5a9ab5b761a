//! Section 16, as a client meets it.

use crate::support::client::{Begun, User};
use crate::support::{TestVault, settings, vault, vault_with};
use rootcellar_server::clock::Clock;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::{Budget, StartAnswer};
use rootcellar_spec::wire::paths;

async fn try_once(vault: &TestVault, user: &mut User) -> Result<Budget, u64> {
    let begun = user.begin("wrong");
    let reply = vault.post(paths::LOGIN_START, &begun.request).await;
    if reply.status == 200 {
        return Ok(reply.json::<StartAnswer>().budget);
    }
    Err(reply.problem(ProblemCode::BudgetSpent).retry_after.expect("says how long"))
}

async fn again(vault: &TestVault, begun: &Begun) -> StartAnswer {
    vault.post(paths::LOGIN_START, &begun.request).await.json()
}

#[tokio::test]
async fn says_what_the_next_try_will_find() {
    let vault = vault().await;
    let mut user = User::new("nobody");
    for remaining in (1..5).rev() {
        assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining, next_wait: 0 }));
    }
    assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining: 0, next_wait: 60 }));
    assert_eq!(try_once(&vault, &mut user).await, Err(60));
    vault.pass(59);
    let before = vault.store.contents().await;
    assert_eq!(try_once(&vault, &mut user).await, Err(1));
    assert_eq!(vault.store.contents().await, before, "a refused try writes nothing");
    vault.pass(1);
    assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining: 0, next_wait: 300 }));
}

#[tokio::test]
async fn the_right_passphrase_takes_its_charge_back() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    for _ in 0..20 {
        let session = user.log_in(&vault, "right").await;
        assert_eq!(session.answer.failed_attempts, 0);
    }
    for _ in 0..4 {
        try_once(&vault, &mut user).await.expect("a free try");
    }
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 4);
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 0);
    assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining: 0, next_wait: 60 }));
}

#[tokio::test]
async fn a_spent_budget_leaves_recovery_and_sessions_alone() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    for _ in 0..5 {
        try_once(&vault, &mut user).await.expect("a free try");
    }
    assert_eq!(try_once(&vault, &mut user).await, Err(60));
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    assert_eq!(vault.send(user.recovery_request(&key, vault.clock.now())).await.status, 200);
    assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200);
}

#[tokio::test]
async fn registration_starts_are_charged_like_logins() {
    let vault = vault().await;
    let mut owner = User::new("alice");
    owner.register(&vault, "right").await;
    let mut attacker = User::new("alice");
    for _ in 0..5 {
        let (request, _) = attacker.registration_request("guess");
        assert_eq!(vault.post(paths::REGISTRATION_START, &request).await.status, 200);
    }
    let (request, _) = attacker.registration_request("guess");
    vault.post(paths::REGISTRATION_START, &request).await.problem(ProblemCode::BudgetSpent);
    assert_eq!(try_once(&vault, &mut attacker).await, Err(60), "the budget is the name's");
}

#[tokio::test]
async fn a_fresh_account_has_the_budget_of_an_unknown_name() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining: 4, next_wait: 0 }));
    let mut unknown = User::new("nobody");
    assert_eq!(try_once(&vault, &mut unknown).await, Ok(Budget { remaining: 4, next_wait: 0 }));
}

#[tokio::test]
async fn a_repeated_start_costs_nothing_more() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let begun = user.begin("right");
    let first = again(&vault, &begun).await;
    let before = vault.store.contents().await;
    vault.pass(300);
    for _ in 0..10 {
        let repeated = again(&vault, &begun).await;
        assert_eq!(repeated.budget, first.budget);
        assert_eq!(repeated.ke2[..32], first.ke2[..32]);
    }
    assert_eq!(vault.store.contents().await, before);
    let last = again(&vault, &begun).await;
    let (request, _) = user.finish_login(&begun, "right", &last, vault.clock.now()).expect("right");
    assert_eq!(vault.send(request).await.status, 200);
    let (late, _) =
        user.finish_login(&begun, "right", &again(&vault, &begun).await, vault.clock.now()).expect("right");
    assert_eq!(vault.send(late).await.status, 200, "a new charge, since the first was taken back");
}

#[tokio::test]
async fn full_budgets_are_capped_for_all_names_alike() {
    let vault = vault_with(rootcellar_server::state::Settings { budgets_per_minute: 2, ..settings() }).await;
    let mut known = User::new("alice");
    known.register(&vault, "right").await;
    let mut tried = User::new("nobody");
    try_once(&vault, &mut tried).await.expect("within the cap");
    let [a, b] = [known.begin("wrong"), User::new("someone").begin("wrong")];
    let known_reply = vault.post(paths::LOGIN_START, &a.request).await;
    let unknown_reply = vault.post(paths::LOGIN_START, &b.request).await;
    assert_eq!(known_reply.problem(ProblemCode::RateLimited).retry_after, Some(30));
    assert_eq!(known_reply, unknown_reply, "though one has been drawn on before");
    try_once(&vault, &mut tried).await.expect("this one is in use");
    vault.pass(30);
    try_once(&vault, &mut known).await.expect("there is room again");
}

#[tokio::test]
async fn charges_of_a_clock_that_ran_ahead_drain_like_others() {
    const YEAR: u64 = 365 * 86_400;
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    vault.pass(YEAR);
    for _ in 0..5 {
        try_once(&vault, &mut user).await.expect("a free try");
    }
    vault.clock.set_back(YEAR);
    vault.store_clock.set_back(YEAR);
    assert_eq!(try_once(&vault, &mut user).await, Err(60));
    vault.pass(59);
    let before = vault.store.contents().await;
    assert_eq!(try_once(&vault, &mut user).await, Err(1));
    assert_eq!(vault.store.contents().await, before, "set right once");
    vault.pass(1);
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 5);
    vault.pass(5 * 86_400);
    assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining: 4, next_wait: 0 }));
}

#[tokio::test]
async fn a_replica_with_a_wrong_clock_serves_no_logins() {
    for behind in [false, true] {
        let vault = vault().await;
        let mut user = User::new("alice");
        user.register(&vault, "right").await;
        let session = user.log_in(&vault, "right").await;
        // The store's clock goes on while the vault's stands, or the other way round.
        let ahead = if behind { &vault.store_clock } else { &vault.clock };
        ahead.pass(30);
        try_once(&vault, &mut user).await.expect("close enough");
        ahead.pass(1);
        let before = vault.store.contents().await;
        let begun = user.begin("right");
        vault.post(paths::LOGIN_START, &begun.request).await.problem(ProblemCode::ClockUnsound);
        let (request, _) = user.registration_request("right");
        vault.post(paths::REGISTRATION_START, &request).await.problem(ProblemCode::ClockUnsound);
        assert_eq!(vault.store.contents().await, before);
        assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200, "sessions go on");
    }
}
