//! Section 16, as a client meets it.

use crate::support::client::{Begun, User};
use crate::support::{TestVault, settings, vault, vault_with};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use rootcellar_server::config::Limits;
use rootcellar_server::middleware::{Proxies, Reach, around};
use rootcellar_server::router;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::{Budget, StartResponse};
use rootcellar_spec::wire::paths;
use rootcellar_vault::Settings;
use rootcellar_vault::clock::Clock;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;
use tower::ServiceExt;

async fn try_once(vault: &TestVault, user: &mut User) -> Result<Budget, u64> {
    let begun = user.begin("wrong");
    let reply = vault.post(paths::LOGIN_START, &begun.request).await;
    if reply.status == 200 {
        return Ok(reply.json::<StartResponse>().budget);
    }
    Err(reply.problem(ProblemCode::BudgetSpent).retry_after.expect("says how long"))
}

async fn again(vault: &TestVault, begun: &Begun) -> StartResponse {
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
    for _ in 0..3 {
        try_once(&vault, &mut user).await.expect("a free try");
    }
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 3);
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 0);
    assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining: 0, next_wait: 60 }));
}

#[tokio::test]
async fn a_spent_budget_leaves_recovery_and_sessions_alone() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    for _ in 0..4 {
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
    for _ in 0..4 {
        let (request, _) = attacker.registration_request("guess");
        assert_eq!(vault.post(paths::REGISTRATION_START, &request).await.status, 200);
    }
    let (request, _) = attacker.registration_request("guess");
    vault.post(paths::REGISTRATION_START, &request).await.problem(ProblemCode::BudgetSpent);
    assert_eq!(try_once(&vault, &mut attacker).await, Err(60), "the budget is the name's");
}

#[tokio::test]
async fn an_account_of_a_day_ago_has_the_budget_of_an_unknown_name() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    vault.pass(86_400);
    user.log_in(&vault, "right").await;
    // Who asks now learns nothing of the owner's login of just now.
    let mut unknown = User::new("nobody");
    for remaining in (0..5).rev() {
        let next_wait = if remaining == 0 { 60 } else { 0 };
        assert_eq!(try_once(&vault, &mut user).await, Ok(Budget { remaining, next_wait }));
        assert_eq!(try_once(&vault, &mut unknown).await, Ok(Budget { remaining, next_wait }));
    }
    assert_eq!(try_once(&vault, &mut user).await, Err(60));
    assert_eq!(try_once(&vault, &mut unknown).await, Err(60));
}

#[tokio::test]
async fn a_start_is_repeated_a_few_times_only() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let begun = user.begin("right");
    let first = again(&vault, &begun).await;
    vault.pass(300);
    for _ in 0..3 {
        let repeated = again(&vault, &begun).await;
        assert_eq!(repeated.budget, first.budget);
        assert_eq!(repeated.ke2[..32], first.ke2[..32]);
    }
    let last = again(&vault, &begun).await;
    assert_eq!(last.budget.remaining, first.budget.remaining - 1, "charged as if it were new");
    let (request, _) = user.finish_login(&begun, "right", &last, vault.clock.now()).expect("right");
    assert_eq!(vault.send(request).await.status, 200);
    let (late, _) =
        user.finish_login(&begun, "right", &again(&vault, &begun).await, vault.clock.now()).expect("right");
    assert_eq!(vault.send(late).await.status, 200, "a new charge, since that one was taken back");
}

/// The same message, known name and unknown, from all replicas together: as many answers as the budget has.
#[tokio::test]
async fn repeats_are_bounded_over_all_replicas() {
    let first = vault().await;
    let second = first.replica();
    for name in ["alice", "nobody"] {
        let mut user = User::new(name);
        if name == "alice" {
            user.register(&first, "right").await;
            first.pass(86_400);
        }
        let begun = user.begin("guess");
        let mut answered = 0;
        for n in 0..100 {
            let vault = if n % 2 == 0 { &first } else { &second };
            answered += usize::from(vault.post(paths::LOGIN_START, &begun.request).await.status == 200);
        }
        assert_eq!(answered, 5 * 4, "{name}: five charges, each answered once and repeated three times");
    }
}

#[tokio::test]
async fn full_budgets_are_capped_for_all_names_alike() {
    let vault = vault_with(Settings { budgets_per_minute: 2, ..settings() }).await;
    let mut known = User::new("alice");
    known.register(&vault, "right").await;
    vault.pass(86_400);
    let mut tried = User::new("nobody");
    for user in [&mut tried, &mut User::new("mallory")] {
        try_once(&vault, user).await.expect("within the cap");
    }
    let [a, b] = [known.begin("wrong"), User::new("someone").begin("wrong")];
    let known_reply = vault.post(paths::LOGIN_START, &a.request).await;
    let unknown_reply = vault.post(paths::LOGIN_START, &b.request).await;
    assert_eq!(known_reply.problem(ProblemCode::RateLimited).retry_after, Some(30));
    assert_eq!(known_reply, unknown_reply, "though one has been drawn on before");
    try_once(&vault, &mut tried).await.expect("this one is in use");
    vault.pass(30);
    try_once(&vault, &mut known).await.expect("there is room again");
}

/// Only time that passes refills the cap.
#[tokio::test]
async fn a_clock_that_leaps_gives_no_more_new_names() {
    let vault = vault_with(Settings { budgets_per_minute: 2, ..settings() }).await;
    for n in 0..2 {
        try_once(&vault, &mut User::new(&format!("name {n}"))).await.expect("within the cap");
    }
    for clock in [&vault.clock, &vault.store_clock] {
        clock.set_ahead(3600);
    }
    let begun = User::new("one more").begin("wrong");
    vault.post(paths::LOGIN_START, &begun.request).await.problem(ProblemCode::RateLimited);
    vault.pass(30);
    assert_eq!(vault.post(paths::LOGIN_START, &begun.request).await.status, 200);
}

#[tokio::test]
async fn a_replica_with_a_wrong_clock_serves_no_logins() {
    for behind in [false, true] {
        let vault = vault().await;
        let mut user = User::new("alice");
        user.register(&vault, "right").await;
        let session = user.log_in(&vault, "right").await;
        // The store's clock runs and the vault's does not, or the other way round.
        let ahead = if behind { &vault.store_clock } else { &vault.clock };
        ahead.pass(30);
        try_once(&vault, &mut user).await.expect("close enough");
        ahead.pass(1);
        let before = vault.store.contents().await;
        let begun = user.begin("right");
        vault.post(paths::LOGIN_START, &begun.request).await.problem(ProblemCode::ClockUntrusted);
        let (request, _) = user.registration_request("right");
        vault.post(paths::REGISTRATION_START, &request).await.problem(ProblemCode::ClockUntrusted);
        assert_eq!(vault.store.contents().await, before);
        assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200, "sessions continue");
    }
}

/// A vault behind a proxy, as it is served; the proxy is the peer of every request.
fn served(vault: &TestVault, limits: Limits) -> Router {
    let proxy = "10.0.0.0/8".parse().expect("a network");
    around(
        router::api(vault.state.clone()),
        Router::new(),
        limits,
        Reach { trusted_proxies: Proxies::new(vec![proxy]), ..Reach::default() },
    )
}

async fn start_from(app: &Router, address: &str, body: &impl Serialize, path: &str) -> Response {
    let body = serde_json::to_vec(body).expect("serializes");
    let request =
        Request::post(path).header("content-type", "application/json").header("x-forwarded-for", address);
    let mut request = request.body(Body::from(body)).expect("a request");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 9))));
    app.clone().oneshot(request).await.expect("the router never fails")
}

#[tokio::test]
async fn one_address_cannot_shut_the_passphrase_lane_for_others() {
    let vault = vault_with(Settings { budgets_per_minute: 10, ..settings() }).await;
    let mut owner = User::new("alice");
    owner.register(&vault, "right").await;
    let limits = Limits {
        max_connections: 9,
        max_handshakes: 9,
        max_in_flight: 9,
        request_memory: 16 << 20,
        rate_per_address: 0,
        starts_per_address: 4,
        request_timeout: Duration::from_secs(20),
    };
    let app = served(&vault, limits);
    let attacker = "198.51.100.7";
    let (mut taken, mut refused) = (0, 0);
    for n in 0..20 {
        let mut stranger = User::new(&format!("stranger {n}"));
        let reply = if n % 2 == 0 {
            start_from(&app, attacker, &stranger.begin("x").request, paths::LOGIN_START).await
        } else {
            let (request, _) = stranger.registration_request("x");
            start_from(&app, attacker, &request, paths::REGISTRATION_START).await
        };
        match reply.status().as_u16() {
            200 => taken += 1,
            429 => {
                assert!(reply.headers().contains_key("retry-after"));
                refused += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!((taken, refused), (4, 16), "both kinds together");
    let begun = owner.begin("right");
    let others = start_from(&app, "203.0.113.9", &begun.request, paths::LOGIN_START).await;
    assert_eq!(others.status(), 200);
    assert_eq!(vault.send(owner.recovery_request(&owner.recovery, vault.clock.now())).await.status, 200);
    let off = served(&vault, Limits { starts_per_address: 0, ..limits });
    for _ in 0..9 {
        let again = start_from(&off, attacker, &begun.request, paths::LOGIN_START).await;
        assert_eq!(again.status(), 200, "a repeated start, and no limit");
    }
}
