//! Section 13.3: the same bytes again, and for how long they are recognised. Rows that are not here have their tests beside
//! the request: `login`, `registration`, `snapshots`, `recovery_code`, `rekey`, `deletion` and `pairing`.

use crate::deletion;
use crate::devices::alice;
use crate::history::{history, kinds};
use crate::passphrase::prepare;
use crate::recovery_code::{request as new_code, with_new_code};
use crate::rekey::NewKeys;
use crate::support::client::{Begun, Session, Signs, Snapshot, User};
use crate::support::devices::{Device, request};
use crate::support::{Reply, TestVault, vault};
use axum::body::Body;
use ed25519_dalek::SigningKey;
use http::Request;
use http_body_util::BodyExt;
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::account::{DeleteResponse, SnapshotResponse};
use rootcellar_spec::wire::devices::{ChangeResponse, RekeyResponse};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::{LoginResponse, Permission, StartResponse};
use rootcellar_spec::wire::registration::{
    PassphraseFinishRequest, PassphraseFinishResponse, PassphraseStartRequest,
};
use rootcellar_spec::wire::{paths, registration};
use rootcellar_spec::{Generation, ProblemCode};
use rootcellar_vault::clock::Clock;

/// Seconds for which a first request is recognised.
const RECOGNISED: u64 = 600;

async fn start(vault: &TestVault, begun: &Begun) -> StartResponse {
    vault.post(paths::LOGIN_START, &begun.request).await.json()
}

/// How many attempts are left, as one more login of this name is told. It is one of them.
async fn remaining(vault: &TestVault, user: &mut User) -> u32 {
    let begun = user.begin("wrong");
    start(vault, &begun).await.budget.remaining
}

#[tokio::test]
async fn a_first_trip_is_recognised_for_ten_minutes_by_name_and_ke1() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let begun = user.begin("right");
    let first = start(&vault, &begun).await;
    vault.pass(RECOGNISED);
    let again = start(&vault, &begun).await;
    assert_eq!(again.budget, first.budget, "no second charge");
    assert_ne!((&again.ke2, &again.token), (&first.ke2, &first.token));
    assert_eq!(again.quorum_slots, first.quorum_slots);
    vault.pass(1);
    let late = start(&vault, &begun).await;
    assert_eq!(late.budget.remaining, first.budget.remaining - 1, "charged like a new one");
    // Another name with the same KE1 is another login.
    let mut other = begun.request.clone();
    other.name_hash = User::new("bob").name_hash;
    let other: StartResponse = vault.post(paths::LOGIN_START, &other).await.json();
    assert_eq!(other.budget.remaining, 4);
}

/// Of a registration and of a change of passphrase: recognised for ten minutes, three times.
#[tokio::test]
async fn first_trips_with_a_registration_request_are_recognised_alike() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let (of_name, _) = User::new("bob").registration_request("x");
    let of_account =
        PassphraseStartRequest { name_hash: None, registration_request: of_name.registration_request };
    let registers = async || vault.post(paths::REGISTRATION_START, &of_name).await;
    let changes = async |user: &User| user.post(&vault, &session, paths::PASSPHRASE_START, &of_account).await;
    let response = registers().await.json::<registration::StartResponse>().registration_response;
    changes(&user).await.json::<registration::StartResponse>();
    vault.pass(RECOGNISED);
    for _ in 0..3 {
        let again: registration::StartResponse = registers().await.json();
        assert_eq!(again.registration_response, response);
        changes(&user).await.json::<registration::StartResponse>();
    }
    // One charge each; alice's registration was one before.
    assert_eq!((remaining(&vault, &mut User::new("bob")).await, remaining(&vault, &mut user).await), (3, 2));
    registers().await.json::<registration::StartResponse>();
    changes(&user).await.json::<registration::StartResponse>();
    assert_eq!((remaining(&vault, &mut User::new("bob")).await, remaining(&vault, &mut user).await), (1, 0));
}

/// A request that can be sent again as it is.
struct Resent(http::request::Parts, Vec<u8>);

impl Resent {
    async fn of(request: Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        Self(parts, body.collect().await.expect("a body").to_bytes().to_vec())
    }

    async fn send(&self, vault: &TestVault) -> Reply {
        vault.send(Request::from_parts(self.0.clone(), Body::from(self.1.clone()))).await
    }

    /// The second request of a login, and the key of its session.
    async fn login(vault: &TestVault, user: &mut User) -> (Self, SigningKey) {
        let begun = user.begin("right");
        let answer = start(vault, &begun).await;
        let (request, key) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
        (Self::of(request).await, key)
    }
}

#[tokio::test]
async fn a_second_trip_gives_the_same_session_and_the_account_as_it_is() {
    let vault = vault().await;
    let (mut user, _) = alice(&vault).await;
    start(&vault, &user.begin("wrong")).await;
    let (login, key) = Resent::login(&vault, &mut user).await;
    let first = Session::of(&login.send(&vault).await, key.clone());
    let saved = user.snapshot(None, "saved since");
    user.put(&vault, &first, &saved).await.parts::<SnapshotResponse>();
    let (_, list) = user.enrol(&vault, &first, [Permission::View]).await;
    vault.pass(60);
    let again = Session::of(&login.send(&vault).await, key);
    assert_eq!(again.token, first.token);
    assert_eq!((again.answer.failed_attempts, first.answer.failed_attempts), (1, 1));
    assert_eq!(again.answer.time, first.answer.time);
    assert_eq!(again.answer.session.expires_at, first.answer.session.expires_at);
    assert_eq!((first.snapshot, first.answer.device_list), (None, None));
    assert_eq!(again.snapshot, Some(saved.bytes));
    assert_eq!(again.answer.device_list, Some(list.bytes));
}

#[tokio::test]
async fn a_second_trip_is_over_with_the_passphrase_the_code_or_the_keys() {
    for change in ["passphrase", "recovery code", "keys"] {
        let vault = vault().await;
        let (mut user, session) = alice(&vault).await;
        let (login, _) = Resent::login(&vault, &mut user).await;
        assert_eq!(login.send(&vault).await.status, 200);
        match change {
            "passphrase" => {
                let request = prepare(&vault, &mut user, &session, "new").await;
                let reply = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
                reply.json::<PassphraseFinishResponse>();
            }
            "keys" => {
                NewKeys::after(&user, None).send(&vault, &session).await.json::<RekeyResponse>();
            }
            _ => {
                let request = new_code(&user, &with_new_code(&user));
                let reply = user.post(&vault, &session, paths::RECOVERY_CODE, &request).await;
                reply.json::<ChangeResponse>();
            }
        }
        login.send(&vault).await.problem(ProblemCode::LoginExpired);
    }
}

#[tokio::test]
async fn a_recovery_gives_a_new_session_each_time_and_one_event_in_a_quarter_of_an_hour() {
    let vault = vault().await;
    let (mut user, _) = alice(&vault).await;
    let key = SigningKey::from_bytes(&[3; 32]);
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let request = user.recovery_request(&key, vault.clock.now());
        let (answer, _) = vault.send(request).await.parts::<LoginResponse>();
        assert_eq!(answer.time, vault.clock.now());
        tokens.push(answer.session.token);
        vault.pass(450);
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
    let told = async |user: &mut User| {
        let session = user.log_in(&vault, "right").await;
        let acts = history(&vault, user, &session).await.acts;
        kinds(&acts).iter().filter(|one| **one == kind::RECOVERY).count()
    };
    assert_eq!(told(&mut user).await, 1);
    // A key that is used again later is another recovery, and no stolen code hides behind the first.
    vault.send(user.recovery_request(&key, vault.clock.now())).await.parts::<LoginResponse>();
    assert_eq!(told(&mut user).await, 2);
}

/// What is not recognised any more is judged as a new request: neither answer proves that the save was never made.
#[tokio::test]
async fn a_save_that_was_dropped_or_is_of_former_keys_is_not_recognised() {
    let vault = vault().await;
    let (mut user, mut session) = alice(&vault).await;
    let first = user.snapshot(None, "first");
    user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    let mut head = first.clone();
    for _ in 0..4 {
        vault.pass(3601);
        session = user.log_in(&vault, "right").await;
        head = user.snapshot(Some(&head), "later");
        user.put(&vault, &session, &head).await.parts::<SnapshotResponse>();
    }
    user.get(&vault, &session, &first.path()).await.problem(ProblemCode::SnapshotMissing);
    user.put(&vault, &session, &first).await.problem(ProblemCode::HeadMoved);

    let keys = NewKeys::after(&user, Some(&head));
    keys.send(&vault, &session).await.json::<RekeyResponse>();
    let mut user = keys.user;
    let session = user.log_in(&vault, "right").await;
    user.put(&vault, &session, &head).await.problem(ProblemCode::GenerationMoved);
}

async fn set_passphrase(
    vault: &TestVault,
    user: &User,
    by: &impl Signs,
    request: &PassphraseFinishRequest,
) -> Reply {
    user.post(vault, by, paths::PASSPHRASE_FINISH, request).await
}

/// By a session while it lives, and by a device however long after.
#[tokio::test]
async fn a_passphrase_is_recognised_until_the_next_one_is_set() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let ([laptop], _) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let request = prepare(&vault, &mut user, &session, "new").await;
    set_passphrase(&vault, &user, &session, &request).await.json::<PassphraseFinishResponse>();
    vault.pass(899);
    set_passphrase(&vault, &user, &session, &request).await.json::<PassphraseFinishResponse>();
    // Another key signs: judged as new, with a token that has expired.
    set_passphrase(&vault, &user, &laptop, &request).await.problem(ProblemCode::LoginExpired);
    vault.pass(1);
    set_passphrase(&vault, &user, &session, &request).await.problem(ProblemCode::SessionEnded);

    let next = prepare(&vault, &mut user, &laptop, "newer").await;
    let first = set_passphrase(&vault, &user, &laptop, &next).await;
    vault.pass(86_400);
    assert_eq!(set_passphrase(&vault, &user, &laptop, &next).await, first);
    let session = user.log_in(&vault, "newer").await;
    let newest = prepare(&vault, &mut user, &session, "newest").await;
    set_passphrase(&vault, &user, &session, &newest).await.json::<PassphraseFinishResponse>();
    set_passphrase(&vault, &user, &laptop, &next).await.problem(ProblemCode::LoginExpired);
    let after = user.log_in(&vault, "newest").await;
    let latest = prepare(&vault, &mut user, &after, "latest").await;
    set_passphrase(&vault, &user, &after, &latest).await.json::<PassphraseFinishResponse>();
    set_passphrase(&vault, &user, &session, &newest).await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn a_change_of_devices_is_recognised_until_the_next_one_and_for_its_signer() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let list = user.list(None);
    let phone = Device::new(&user);
    let change = request(&list, vec![phone.entry(Permission::Manage)]);
    let sent = async |user: &User, by: &Session| user.post(&vault, by, paths::DEVICES, &change).await;
    let first: ChangeResponse = sent(&user, &session).await.json();
    vault.pass(100);
    assert_eq!(sent(&user, &session).await.json::<ChangeResponse>(), first);
    let other = user.log_in(&vault, "right").await;
    sent(&user, &other).await.problem(ProblemCode::DevicesMoved);
    let by_device = user.post(&vault, &phone, paths::DEVICES, &change).await;
    by_device.problem(ProblemCode::DevicesMoved);

    let next = request(&user.list(Some(&list)), vec![phone.kept(Permission::Manage)]);
    user.post(&vault, &other, paths::DEVICES, &next).await.json::<ChangeResponse>();
    sent(&user, &session).await.problem(ProblemCode::DevicesMoved);
}

/// A code is recognised while it is the account's; keys are, while they are, also after a later code.
#[tokio::test]
async fn a_code_and_keys_are_recognised_while_they_are_the_accounts() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let ([laptop], list) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let second = with_new_code(&user);
    let code = new_code(&user, &second);
    let set = async |user: &User, by: &dyn Fn() -> Request<Body>| {
        assert_eq!(user.account, second.account);
        vault.send(by()).await
    };
    let body = serde_json::to_vec(&code).expect("serializes");
    let by_session = || user.request(&vault, &session, "POST", paths::RECOVERY_CODE, body.clone());
    let by_laptop = || user.request(&vault, &laptop, "POST", paths::RECOVERY_CODE, body.clone());
    let first: ChangeResponse = set(&user, &by_session).await.json();
    assert_eq!(set(&user, &by_laptop).await.json::<ChangeResponse>(), first);

    let head = user.snapshot(None, "saved");
    user.put(&vault, &laptop, &head).await.parts::<SnapshotResponse>();
    let keys =
        NewKeys::after(&second, Some(&head)).with_devices(&list, vec![laptop.entry(Permission::Manage)]);
    let changed: RekeyResponse = keys.send(&vault, &laptop).await.json();
    set(&user, &by_session).await.problem(ProblemCode::SessionEnded);
    set(&user, &by_laptop).await.problem(ProblemCode::GenerationMoved);

    let third = with_new_code(&keys.user);
    let mut latest = new_code(&keys.user, &third);
    latest.generation = Generation(2);
    let method = latest.recovery_methods.remove(0);
    latest.recovery_methods.push(third.proven(method, latest.generation, latest.operation));
    user.post(&vault, &laptop, paths::RECOVERY_CODE, &latest).await.json::<ChangeResponse>();
    assert_eq!(keys.send(&vault, &laptop).await.json::<RekeyResponse>(), changed, "the keys are still these");
    drop(user.log_in(&vault, "right").await);
}

/// Where another code was set since, an earlier request for one is told so.
#[tokio::test]
async fn a_code_that_another_replaced_is_not_recognised() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([laptop], _) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let (second, third) = (with_new_code(&user), with_new_code(&user));
    let code = new_code(&user, &second);
    user.post(&vault, &laptop, paths::RECOVERY_CODE, &code).await.json::<ChangeResponse>();
    let next = new_code(&second, &third);
    user.post(&vault, &laptop, paths::RECOVERY_CODE, &next).await.json::<ChangeResponse>();
    user.post(&vault, &laptop, paths::RECOVERY_CODE, &code).await.problem(ProblemCode::RecoveryCodeMoved);
    user.post(&vault, &session, paths::RECOVERY_CODE, &code).await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn keys_that_others_replaced_are_not_recognised() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([laptop], list) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let head = user.snapshot(None, "saved");
    user.put(&vault, &laptop, &head).await.parts::<SnapshotResponse>();
    let devices = || vec![laptop.entry(Permission::Manage)];
    let keys = NewKeys::after(&user, Some(&head)).with_devices(&list, devices());
    keys.send(&vault, &laptop).await.json::<RekeyResponse>();

    let third = Generation(3);
    let mut next = NewKeys::after(&keys.user, keys.snapshot.as_ref());
    let of_list = keys.user.list(None).header;
    let before = rootcellar_spec::Digest::of(keys.request.list.as_ref().expect("a list"));
    let ancestors = vec![before, rootcellar_spec::Digest::of(&list.bytes)];
    let number = rootcellar_spec::Number(3);
    let operation = next.request.operation;
    let of_list = Header { generation: third, number, operation, ancestors, ..of_list };
    next.request.list = Some(crate::support::devices::List::new(of_list).bytes);
    next.request.devices = devices();
    next.request.generation = third;
    let method = next.request.recovery_methods.remove(0);
    next.request.recovery_methods.push(next.user.proven(method, third, operation));
    let header = next.snapshot.take().expect("one").header;
    next.snapshot = Some(Snapshot::new(Header { generation: third, ..header }, "sealed again"));
    next.send(&vault, &laptop).await.json::<RekeyResponse>();
    keys.send(&vault, &laptop).await.problem(ProblemCode::GenerationMoved);
    keys.send(&vault, &session).await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn a_deletion_is_recognised_for_a_day_by_whoever_sends_it() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let ([laptop], _) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let other = user.log_in(&vault, "right").await;
    let request = deletion::request(&user);
    let first = user.post(&vault, &laptop, paths::DELETE, &request).await;
    first.json::<DeleteResponse>();
    assert_eq!(user.post(&vault, &laptop, paths::DELETE, &request).await, first);
    user.post(&vault, &other, paths::DELETE, &deletion::request(&user))
        .await
        .problem(ProblemCode::AccountDeleted);
    vault.pass(86_399);
    assert_eq!(user.post(&vault, &laptop, paths::DELETE, &request).await, first);
}

#[tokio::test]
async fn a_mailbox_tells_the_time_of_now_to_whoever_opens_it_again() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let mailbox = rootcellar_spec::Digest::of(b"a mailbox");
    let open = rootcellar_spec::wire::pairing::OpenRequest { mailbox, opening: [1; 64] };
    let reply = rootcellar_spec::wire::pairing::ReplyRequest { mailbox, reply: b"reply".to_vec() };
    for _ in 0..2 {
        let opened: rootcellar_spec::wire::pairing::OpenResponse =
            user.post(&vault, &session, paths::PAIRINGS, &open).await.json();
        assert_eq!(opened.time, vault.clock.now());
        let replied: rootcellar_spec::wire::pairing::ReplyResponse =
            vault.post(paths::PAIRING_REPLY, &reply).await.json();
        assert_eq!(replied.time, vault.clock.now());
        vault.pass(60);
    }
}
