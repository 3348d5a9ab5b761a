//! Sections 15.2 and 15.3.

use crate::support::client::{Begun, Rng, Session, User};
use crate::support::store::{Call, Fault};
use crate::support::{Reply, TestVault, settings, vault, vault_with};
use axum::body::Body;
use ed25519_dalek::SigningKey;
use http::Request;
use rootcellar_spec::request_signature::LOGIN_MAC_HEADER;
use rootcellar_spec::wire::login::{FinishRequest, LoginResponse, StartResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{ProblemCode, VaultId};
use rootcellar_vault::clock::Clock;

async fn start(vault: &TestVault, begun: &Begun) -> Reply {
    vault.post(paths::LOGIN_START, &begun.request).await
}

/// A vault with an account.
async fn registered() -> (TestVault, User) {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    (vault, user)
}

/// A vault with an account, and a login of its owner whose first request is answered.
async fn started() -> (TestVault, User, Begun, StartResponse) {
    let (vault, mut user) = registered().await;
    let begun = user.begin("right");
    let answer = start(&vault, &begun).await.json();
    (vault, user, begun, answer)
}

/// Steps and calls as `[["get names", "get guesses"], …]`, sorted within a step.
fn steps(calls: &[Call]) -> Vec<Vec<String>> {
    let mut steps: Vec<Vec<String>> = Vec::new();
    for call in calls {
        steps.resize(steps.len().max(call.step), Vec::new());
        steps[call.step - 1].push(format!("{} {}", call.verb, call.kind));
    }
    steps.iter_mut().for_each(|step| step.sort());
    steps
}

/// A login's second request without a handshake.
fn made_up_finish(user: &User, token: Vec<u8>, vault: &TestVault) -> Request<Body> {
    let key = SigningKey::from_bytes(&[5; 32]);
    let request =
        FinishRequest { token, ke3: [9; 64], request_key: key.verifying_key().to_bytes(), purpose: None };
    let body = serde_json::to_vec(&request).expect("serializes");
    let mut request = user.signed("POST", paths::LOGIN_FINISH, body, &key, None, vault.clock.now());
    let mac = rootcellar_spec::base64url::encode(&[0; 64]);
    request.headers_mut().insert(LOGIN_MAC_HEADER, mac.parse().expect("a header"));
    request
}

#[tokio::test]
async fn a_restore_takes_eight_store_calls_in_four_steps() {
    let (vault, mut user) = registered().await;
    let session = user.log_in(&vault, "right").await;
    let snapshot = user.snapshot(None, "content");
    assert_eq!(user.put(&vault, &session, &snapshot).await.status, 200);
    for wrong in 0..3 {
        let begun = user.begin("wrong");
        assert_eq!(start(&vault, &begun).await.status, 200, "{wrong}");
    }
    vault.store.take_calls();

    let restored = user.log_in(&vault, "right").await;
    assert_eq!(restored.snapshot.as_deref(), Some(&snapshot.bytes[..]));
    assert_eq!(restored.answer.failed_attempts, 3);
    let calls = vault.store.take_calls();
    assert_eq!(calls.len(), 8);
    assert_eq!(
        steps(&calls),
        [
            vec!["get guesses", "get names"],
            vec!["get account", "put guesses"],
            vec!["get account", "put guesses"],
            vec!["get snapshot", "put account"],
        ]
    );
}

#[tokio::test]
async fn an_unknown_account_is_answered_like_a_wrong_passphrase() {
    let vault = vault().await;
    let mut known = User::new("alice");
    known.register(&vault, "right").await;
    vault.pass(86_400);
    let mut unknown = User::new("nobody");
    // A name that was registered a day ago has a budget object that is full again; an unknown one has none. From the
    // second attempt on the objects are alike too.
    for attempt in 0..7 {
        vault.store.take_calls();
        let (a, b) = (known.begin("wrong"), unknown.begin("wrong"));
        let (reply_a, calls_a) = (start(&vault, &a).await, steps(&vault.store.take_calls()));
        let (reply_b, calls_b) = (start(&vault, &b).await, steps(&vault.store.take_calls()));
        assert_eq!(calls_a, calls_b, "store calls of try {attempt}");
        assert_eq!((reply_a.status, &reply_a.headers), (reply_b.status, &reply_b.headers), "try {attempt}");
        assert_eq!(reply_a.body.len(), reply_b.body.len(), "try {attempt}");
        if reply_a.status != 200 {
            assert!(attempt >= 5, "the sixth try waits");
            assert_eq!(reply_a, reply_b);
            continue;
        }
        let (answer_a, answer_b): (StartResponse, StartResponse) = (reply_a.json(), reply_b.json());
        assert_eq!(answer_a.suite, answer_b.suite);
        assert_eq!(answer_a.budget, answer_b.budget);
        let now = vault.clock.now();
        assert!(known.finish_login(&a, "wrong", &answer_a, now).is_none());
        assert!(unknown.finish_login(&b, "wrong", &answer_b, now).is_none());

        let finish_a = vault.send(made_up_finish(&known, answer_a.token, &vault)).await;
        let calls_a = vault.store.take_calls();
        let finish_b = vault.send(made_up_finish(&unknown, answer_b.token, &vault)).await;
        finish_a.problem(ProblemCode::LoginRefused);
        assert_eq!(finish_a, finish_b);
        assert_eq!(calls_a, vault.store.take_calls());
    }
}

/// A name without an account leads to one place always, as a name with an account does, and to a place of its own: what
/// all unknown names share (a lock, a cache, a slow disk) would tell them from the known.
#[tokio::test]
async fn every_unknown_name_looks_up_an_account_of_its_own() {
    let vault = vault().await;
    let (mut nobody, mut nemo) = (User::new("nobody"), User::new("nemo"));
    let mut looked_up = Vec::new();
    for user in [&mut nobody, &mut nemo] {
        for _ in 0..2 {
            let begun = user.begin("wrong");
            vault.store.take_calls();
            assert_eq!(start(&vault, &begun).await.status, 200);
            looked_up.push(vault.store.called("accounts/"));
        }
    }
    assert!(looked_up.iter().all(|names| names.len() == 1), "{looked_up:?}");
    assert_eq!((&looked_up[0], &looked_up[2]), (&looked_up[1], &looked_up[3]));
    assert_ne!(looked_up[0], looked_up[2]);
}

#[tokio::test]
async fn the_same_name_gives_the_same_evaluation_before_and_after_registration() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let begun = user.begin("right");
    let before: StartResponse = start(&vault, &begun).await.json();
    user.register(&vault, "right").await;
    let after: StartResponse = start(&vault, &begun).await.json();
    assert_eq!(before.ke2[..32], after.ke2[..32], "the OPRF's key is the name's");
    assert_ne!(before.ke2[32..], after.ke2[32..]);
    let now = vault.clock.now();
    assert!(user.finish_login(&begun, "right", &before, now).is_none());
    assert!(user.finish_login(&begun, "right", &after, now).is_some());
}

#[tokio::test]
async fn a_finished_login_is_answered_again_for_the_same_bytes_only() {
    let (vault, mut user, begun, answer) = started().await;
    let now = vault.clock.now();
    let (first, _) = user.finish_login(&begun, "right", &answer, now).expect("right");
    let (again, body) = (first.headers().clone(), http_body_util::BodyExt::collect(first.into_body()).await);
    let body = body.expect("a body").to_bytes();
    let resend = || {
        let mut request =
            Request::post(paths::LOGIN_FINISH).body(Body::from(body.clone())).expect("a request");
        *request.headers_mut() = again.clone();
        request
    };
    let first = vault.send(resend()).await;
    vault.pass(60);
    let second = vault.send(resend()).await;
    assert_eq!(
        first.parts::<LoginResponse>().0.session.token,
        second.parts::<LoginResponse>().0.session.token
    );
    assert_eq!(first, second, "the same answer, byte for byte");

    let (other, _) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    vault.send(other).await.problem(ProblemCode::LoginUsed);
    vault.pass(61);
    vault.send(resend()).await.problem(ProblemCode::LoginExpired);
}

/// A finish that someone made for `body`, with the MAC of another one.
fn with_mac_of(
    user: &User,
    other: &http::request::Parts,
    body: &FinishRequest,
    key: &SigningKey,
    vault: &TestVault,
) -> Request<Body> {
    let body = serde_json::to_vec(body).expect("serializes");
    let mut request = user.signed("POST", paths::LOGIN_FINISH, body, key, None, vault.clock.now());
    request.headers_mut().insert(LOGIN_MAC_HEADER, other.headers[LOGIN_MAC_HEADER].clone());
    request
}

#[tokio::test]
async fn nothing_is_released_without_a_valid_mac() {
    let (vault, mut user, begun, answer) = started().await;
    let (request, key) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    let (parts, body) = request.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.expect("a body").to_bytes();
    let honest: FinishRequest = serde_json::from_slice(&body).expect("a finish");
    let rebuilt = || {
        let mut request =
            Request::post(paths::LOGIN_FINISH).body(Body::from(body.clone())).expect("a request");
        *request.headers_mut() = parts.headers.clone();
        request
    };
    // The same KE1 again: another KE2 and another token for the same charge.
    let repeated: StartResponse = start(&vault, &begun).await.json();
    assert_ne!(repeated.token, honest.token);

    let mut no_mac = rebuilt();
    let zeros = rootcellar_spec::base64url::encode(&[0; 64]);
    no_mac.headers_mut().insert(LOGIN_MAC_HEADER, zeros.parse().expect("a header"));
    let thief = SigningKey::from_bytes(&[8; 32]);
    let stolen = FinishRequest { request_key: thief.verifying_key().to_bytes(), ..honest.clone() };
    let crossed = FinishRequest { token: repeated.token, ..honest.clone() };
    vault.store.take_calls();
    let refused = [
        ("no MAC", no_mac),
        ("a thief's own key", with_mac_of(&user, &parts, &stolen, &thief, &vault)),
        ("the token of the repeated start", with_mac_of(&user, &parts, &crossed, &key, &vault)),
    ];
    for (what, request) in refused {
        let reply = vault.send(request).await;
        assert_eq!(reply.status, 401, "{what}");
        reply.problem(ProblemCode::LoginRefused);
        assert_eq!(vault.store.take_calls(), [], "{what}: no refund either");
    }
    assert_eq!(vault.send(rebuilt()).await.status, 200, "the request itself is good");
}

#[tokio::test]
async fn the_request_key_must_sign() {
    let (vault, mut user, begun, answer) = started().await;
    let (request, _) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    let (parts, body) = request.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.expect("a body").to_bytes().to_vec();
    let thief = SigningKey::from_bytes(&[8; 32]);
    let mut stolen = user.signed("POST", paths::LOGIN_FINISH, body, &thief, None, vault.clock.now());
    stolen.headers_mut().insert(LOGIN_MAC_HEADER, parts.headers[LOGIN_MAC_HEADER].clone());
    vault.send(stolen).await.problem(ProblemCode::SignatureInvalid);
}

#[tokio::test]
async fn tokens_expire_and_cannot_be_made() {
    let (vault, mut user, begun, answer) = started().await;
    vault.pass(120);
    let (late, _) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    vault.send(late).await.problem(ProblemCode::LoginExpired);
    let made_up = Rng::new(1).bytes::<1024>().to_vec();
    vault.send(made_up_finish(&user, made_up, &vault)).await.problem(ProblemCode::LoginExpired);
}

#[tokio::test]
async fn another_vault_is_named_before_anything_is_charged() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let mut begun = user.begin("right");
    begun.request.vault_id = VaultId::try_from("elsewhere.example".to_owned()).expect("a vault ID");
    let problem = start(&vault, &begun).await.problem(ProblemCode::ForeignVault);
    assert_eq!(problem.vault_id.as_ref(), Some(vault.state.vault_id()));
    assert_eq!(vault.store.take_calls(), []);
}

#[tokio::test]
async fn a_refund_whose_reply_is_lost_still_releases() {
    let (vault, mut user, begun, answer) = started().await;
    let (request, key) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    vault.store.fail_next("guesses/", Fault::ReplyLost);
    let session = Session::of(&vault.send(request).await, key);
    assert_eq!(session.answer.account_id, user.account);
}

#[tokio::test]
async fn nothing_is_evaluated_while_it_is_not_known_whether_the_charge_was_stored() {
    let mut settings = settings();
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let begun = user.begin("right");
    vault.store.fail_next("guesses/", Fault::AppliedThenDown);
    let reply = start(&vault, &begun).await;
    assert_eq!(reply.status, 503);
    assert!(!String::from_utf8_lossy(&reply.body).contains("ke2"));
    vault.store.come_back();
    // It was stored: the same bytes find their charge, and no second one is made beside that of the registration.
    let answer: StartResponse = start(&vault, &begun).await.json();
    assert_eq!(answer.budget.remaining, 3);
}

/// Room for what a quorum of vaults will keep there. Nothing may be told from it, and a repeated start is answered alike.
#[tokio::test]
async fn the_opaque_member_is_alike_for_known_and_unknown_names_and_for_repeats() {
    let (vault, mut user) = registered().await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let begun = user.begin("right");
        let known: StartResponse = start(&vault, &begun).await.json();
        let again: StartResponse = start(&vault, &begun).await.json();
        assert_eq!(known.quorum_slots, again.quorum_slots);
        // The same KE1 for a name that nobody has.
        let mut other = begun.request.clone();
        other.name_hash.0[0] ^= 1;
        let unknown: StartResponse = vault.post(paths::LOGIN_START, &other).await.json();
        seen.extend([known.quorum_slots, unknown.quorum_slots]);
    }
    let blocks: std::collections::HashSet<&[u8]> = seen.iter().flat_map(|slots| slots.chunks(32)).collect();
    assert_eq!(blocks.len(), 4 * 16, "all blocks differ");
    let ones: u32 = seen.iter().flatten().map(|byte| byte.count_ones()).sum();
    assert!((7_700..8_700).contains(&ones), "{ones} of 16,384 bits are set");
}
