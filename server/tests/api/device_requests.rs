//! Sections 14, 15.6 and 15.7: what an enrolled device asks without a session.

use crate::devices::{DAY, alice};
use crate::history::{history, kinds};
use crate::support::client::{Session, Signs, User};
use crate::support::devices::{Device, List, request};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use ed25519_dalek::SigningKey;
use rootcellar_server::store::read_only::ReadOnly;
use rootcellar_spec::wire::account::{DeleteRequest, DeleteResponse, SnapshotResponse};
use rootcellar_spec::wire::devices::{ChangeResponse, DeviceResponse, DevicesResponse, RestoreRequest};
use rootcellar_spec::wire::history::{Actor, Event, kind};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, DeviceId, ProblemCode, Timestamp, base64url};
use rootcellar_vault::clock::Clock;
use std::sync::Arc;

async fn seen(vault: &TestVault, user: &User, by: &impl Signs, device: &Device) -> Timestamp {
    let told: DevicesResponse = user.get(vault, by, paths::DEVICES).await.json();
    told.devices.iter().find(|found| found.id == device.id).expect("is enrolled").last_seen_at
}

/// Seconds for which a device's restores are one.
const QUARTER: u64 = 15 * 60;

/// A request to revoke all but `kept`, which another replica answers.
fn revoke(
    vault: &TestVault,
    user: &User,
    session: &Session,
    list: &List,
) -> impl Future<Output = ()> + Send + 'static {
    let body = serde_json::to_vec(&request(&user.list(Some(list)), Vec::new())).expect("serializes");
    let request = user.request(vault, session, "POST", paths::DEVICES, body);
    let replica = vault.replica();
    async move {
        replica.send(request).await.json::<ChangeResponse>();
    }
}

#[tokio::test]
async fn a_device_gets_what_it_needs_in_one_trip_and_saves_in_one() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone], list) = user.enrol(&vault, &session, [Permission::Backup]).await;
    vault.store.take_calls();
    let (answer, none) = user.get(&vault, &phone, paths::DEVICE).await.parts::<DeviceResponse>();
    assert_eq!(vault.store.take_calls().len(), 1, "there is no snapshot yet");
    assert_eq!((answer.account_id, answer.permission), (user.account, Permission::Backup));
    assert_eq!(
        (answer.keyslot, answer.device_list, answer.head, none),
        (phone.keyslot(), list.bytes, None, None)
    );

    let first = user.snapshot(None, "first");
    let (saved, bytes) = user.put(&vault, &phone, &first).await.parts::<SnapshotResponse>();
    assert_eq!(vault.store.take_calls().len(), 4);
    assert_eq!(bytes.as_ref(), Some(&first.bytes));
    let (answer, newest) = user.get(&vault, &phone, paths::DEVICE).await.parts::<DeviceResponse>();
    assert_eq!(vault.store.take_calls().len(), 2);
    assert_eq!((answer.head, newest), (saved.head, Some(first.bytes)));
    let save = history(&vault, &user, &phone).await.saves.events.remove(0);
    assert_eq!((save.by, save.device), (Actor::Device, Some(phone.id)));
}

#[tokio::test]
async fn a_login_with_a_devices_own_key_is_told_as_that_devices() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let ([phone], _) = user.enrol(&vault, &session, [Permission::View]).await;
    let mut session = user.log_in(&vault, "right").await;
    assert_eq!(history(&vault, &user, &session).await.acts.events.last().expect("a login").device, None);
    session = user.log_in_with(&vault, "right", phone.key.clone()).await;
    let first = user.snapshot(None, "first");
    assert_eq!(
        user.put(&vault, &session, &first).await.status,
        200,
        "as a session it may do more than the device"
    );
    let told = history(&vault, &user, &session).await;
    for event in [told.acts.events.last(), told.saves.events.last()] {
        let event = event.expect("an event");
        assert_eq!((event.by, event.device), (Actor::Passphrase, Some(phone.id)), "{}", event.kind);
    }
}

#[tokio::test]
async fn the_header_of_a_device_has_one_form() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone], _) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let good = phone.token().to_owned();
    let ids = [user.account.0, phone.id.0].concat();
    let long = [&ids[..], &[0]].concat();
    for wrong in [
        "device.".to_owned(),
        format!("{good}="),
        format!("{good}A"),
        format!("device.{}", base64url::encode(&ids[..31])),
        format!("device.{}", base64url::encode(&long)),
        format!("device. {}", base64url::encode(&ids)),
        format!("device.{good}"),
    ] {
        let request =
            user.signed("GET", paths::DEVICE, Vec::new(), &phone.key, Some(&wrong), vault.clock.now());
        let problem = vault.send(request).await.problem(ProblemCode::Malformed);
        assert_eq!(problem.field.as_deref(), Some("rootcellar-session"), "{wrong}");
    }
    for ended in [format!("Device.{}", base64url::encode(&ids)), base64url::encode(&ids)] {
        let request =
            user.signed("GET", paths::DEVICE, Vec::new(), &phone.key, Some(&ended), vault.clock.now());
        vault.send(request).await.problem(ProblemCode::SessionEnded);
    }
    assert_eq!(user.get(&vault, &phone, paths::DEVICE).await.status, 200);
}

#[tokio::test]
async fn whatever_is_not_the_enrolled_device_is_refused_alike() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone, laptop], _) = user.enrol(&vault, &session, [Permission::Manage, Permission::Manage]).await;
    let mut other = User::new("bob");
    other.register(&vault, "x").await;
    let stranger = SigningKey::from_bytes(&user.rng.bytes());
    let refused = [
        Device::with(user.account, phone.id, stranger.clone()),
        Device::with(user.account, phone.id, laptop.key.clone()),
        Device::with(user.account, DeviceId([5; 16]), phone.key.clone()),
        Device::with(other.account, phone.id, phone.key.clone()),
        Device::with(AccountId([7; 16]), phone.id, phone.key.clone()),
    ];
    let mut told = Vec::new();
    for device in refused {
        let reply = user.get(&vault, &device, paths::DEVICE).await;
        reply.problem(ProblemCode::DeviceRevoked);
        told.push(reply);
        let body = DeleteRequest { operation: user.operation() };
        user.post(&vault, &device, paths::DELETE, &body).await.problem(ProblemCode::DeviceRevoked);
    }
    assert!(told.iter().all(|reply| *reply == told[0]), "nobody learns which account there is");
    user.get(&vault, &session, paths::DEVICE).await.problem(ProblemCode::DeviceRevoked);
    let signed_by_other =
        user.signed("GET", paths::DEVICE, Vec::new(), &laptop.key, Some(phone.token()), vault.clock.now());
    vault.send(signed_by_other).await.problem(ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn a_revoked_device_is_refused_on_every_replica_at_once() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone], list) = user.enrol(&vault, &session, [Permission::Backup]).await;
    let replica = vault.replica();
    assert_eq!(user.get(&replica, &phone, paths::HEAD).await.status, 200);
    revoke(&vault, &user, &session, &list).await;
    for vault in [&vault, &replica] {
        user.get(vault, &phone, paths::HEAD).await.problem(ProblemCode::DeviceRevoked);
        let late = user.snapshot(None, "late");
        user.put(vault, &phone, &late).await.problem(ProblemCode::DeviceRevoked);
    }
    assert!(vault.store.names("accounts/").await.len() == 1, "nothing was written for it");
}

#[tokio::test]
async fn a_save_in_flight_loses_to_a_revocation_and_to_a_narrowing() {
    for (may, code) in
        [(None, ProblemCode::DeviceRevoked), (Some(Permission::View), ProblemCode::NotPermitted)]
    {
        let vault = vault().await;
        let (mut user, session) = alice(&vault).await;
        let ([phone], list) = user.enrol(&vault, &session, [Permission::Backup]).await;
        let entries = may.map(|may| phone.entry(may)).into_iter().collect();
        let body = serde_json::to_vec(&request(&user.list(Some(&list)), entries)).expect("serializes");
        let change = user.request(&vault, &session, "POST", paths::DEVICES, body);
        let replica = vault.replica();
        // After the device was found enrolled, and its snapshot written.
        vault.store.before_replacing("accounts/", async move {
            replica.send(change).await.json::<ChangeResponse>();
        });
        let snapshot = user.snapshot(None, "in flight");
        user.put(&vault, &phone, &snapshot).await.problem(code);
        let session = user.log_in(&vault, "right").await;
        let (head, _) = user.get(&vault, &session, paths::HEAD).await.parts::<SnapshotResponse>();
        assert_eq!(head.head, None);
        assert_eq!(kinds(&history(&vault, &user, &session).await.saves), [""; 0]);
        // The owner may still save the very same.
        assert_eq!(user.put(&vault, &session, &snapshot).await.status, 200);
    }
}

#[tokio::test]
async fn when_a_device_was_seen_is_written_once_a_day() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone, laptop], _) = user.enrol(&vault, &session, [Permission::Backup, Permission::View]).await;
    let today = Timestamp(vault.clock.now().0 / DAY * DAY);
    let writes = || vault.store.take_calls().iter().filter(|call| call.verb == "put").count();
    writes();
    user.get(&vault, &phone, paths::DEVICE).await.parts::<DeviceResponse>();
    assert_eq!(writes(), 0, "it was seen today");
    vault.pass(2 * DAY);
    for (path, expected) in [(paths::HEAD, 1), (paths::DEVICE, 0), (paths::ACCOUNT, 0), (paths::DEVICES, 0)] {
        assert_eq!(user.get(&vault, &phone, path).await.status, 200);
        assert_eq!(writes(), expected, "{path}");
    }
    assert_eq!(seen(&vault, &user, &phone, &phone).await, Timestamp(today.0 + 2 * DAY));
    assert_eq!(seen(&vault, &user, &phone, &laptop).await, today, "only who asked");
    vault.pass(2 * DAY);
    writes();
    assert_eq!(user.put(&vault, &phone, &user.snapshot(None, "x")).await.status, 200);
    assert_eq!(writes(), 2, "a save writes it with its own swap");
    assert_eq!(seen(&vault, &user, &phone, &phone).await, Timestamp(today.0 + 4 * DAY));
}

#[tokio::test]
async fn a_read_does_not_fail_for_want_of_writing_that() {
    for fault in [Fault::Full, Fault::Down, Fault::ReplyLost] {
        let mut settings = settings();
        settings.retry_policy.attempts = 2;
        let vault = vault_with(settings).await;
        let (user, session) = alice(&vault).await;
        let ([phone], _) = user.enrol(&vault, &session, [Permission::View]).await;
        vault.pass(2 * DAY);
        vault.store.fail_next("accounts/", fault);
        assert_eq!(user.get(&vault, &phone, paths::ACCOUNT).await.status, 200, "{fault:?}");
        assert!(!vault.store.forget_fault(), "it was tried");
    }
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone], _) = user.enrol(&vault, &session, [Permission::View]).await;
    vault.pass(2 * DAY);
    let before = vault.store.contents().await;
    let reading = vault.replica_on(Arc::new(ReadOnly::new(vault.store.clone())));
    assert_eq!(user.get(&reading, &phone, paths::DEVICE).await.status, 200);
    assert_eq!(vault.store.contents().await, before);
}

#[tokio::test]
async fn a_restore_on_a_device_is_told_of_once() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone, laptop], _) = user.enrol(&vault, &session, [Permission::Backup, Permission::Restore]).await;
    let first = user.snapshot(None, "first");
    assert_eq!(user.put(&vault, &phone, &first).await.status, 200);
    let request = RestoreRequest { operation: user.operation() };
    user.post(&vault, &phone, paths::RESTORE, &request).await.problem(ProblemCode::NotPermitted);
    user.post(&vault, &session, paths::RESTORE, &request).await.problem(ProblemCode::DeviceRevoked);
    for _ in 0..2 {
        let (answer, newest) =
            user.post(&vault, &laptop, paths::RESTORE, &request).await.parts::<DeviceResponse>();
        assert_eq!((answer.keyslot, newest), (laptop.keyslot(), Some(first.bytes.clone())));
    }
    let told = history(&vault, &user, &session).await.acts.events;
    let restores: Vec<_> = told.iter().filter(|event| event.kind == kind::RESTORE).collect();
    assert_eq!(restores.len(), 1);
    assert_eq!((restores[0].by, restores[0].device), (Actor::Device, Some(laptop.id)));
    // What cannot be recorded is not returned.
    vault.pass(QUARTER + 1);
    vault.store.fail_next("accounts/", Fault::Full);
    let another = RestoreRequest { operation: user.operation() };
    user.post(&vault, &laptop, paths::RESTORE, &another).await.problem(ProblemCode::StorageFull);
    // The id of another write is no way around it.
    let used = RestoreRequest { operation: first.header.operation };
    user.post(&vault, &laptop, paths::RESTORE, &used).await.problem(ProblemCode::OperationUsed);
}

/// However often it asks, and with whatever operation: neither the history nor anyone's change of the account suffers.
#[tokio::test]
async fn a_device_that_restores_again_and_again_writes_once_in_a_quarter_of_an_hour() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone, laptop], _) = user.enrol(&vault, &session, [Permission::Restore, Permission::Restore]).await;
    let first = user.snapshot(None, "first");
    assert_eq!(user.put(&vault, &session, &first).await.status, 200);
    for expected in [1, 2] {
        for device in [&phone, &laptop] {
            for turn in 0..5 {
                vault.store.take_calls();
                let request = RestoreRequest { operation: user.operation() };
                let (answer, newest) =
                    user.post(&vault, device, paths::RESTORE, &request).await.parts::<DeviceResponse>();
                assert_eq!((answer.keyslot, newest), (device.keyslot(), Some(first.bytes.clone())));
                let writes = vault.store.take_calls().iter().filter(|call| call.verb == "put").count();
                assert_eq!(writes, usize::from(turn == 0));
            }
        }
        vault.pass(QUARTER);
        let told = history(&vault, &user, &phone).await.acts.events;
        for device in [&phone, &laptop] {
            let is_its = |event: &&Event| event.kind == kind::RESTORE && event.device == Some(device.id);
            assert_eq!(told.iter().filter(is_its).count(), expected);
        }
        vault.pass(1);
    }
}

#[tokio::test]
async fn a_managing_device_deletes_the_account_and_every_device_is_told() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([laptop, phone], _) = user.enrol(&vault, &session, [Permission::Manage, Permission::Restore]).await;
    let delete = DeleteRequest { operation: user.operation() };
    user.post(&vault, &phone, paths::DELETE, &delete).await.problem(ProblemCode::NotPermitted);
    let first = user.post(&vault, &laptop, paths::DELETE, &delete).await;
    first.json::<DeleteResponse>();
    assert_eq!(user.post(&vault, &laptop, paths::DELETE, &delete).await, first);
    for path in [paths::DEVICE, paths::DEVICES, paths::HEAD, paths::ACCOUNT] {
        user.get(&vault, &phone, path).await.problem(ProblemCode::AccountDeleted);
    }
}

#[tokio::test]
async fn a_managing_device_changes_the_passphrase_and_stays() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let ([laptop, phone], _) = user.enrol(&vault, &session, [Permission::Manage, Permission::Backup]).await;
    let change = crate::passphrase::prepare(&vault, &mut user, &laptop, "new").await;
    let first = user.post(&vault, &laptop, paths::PASSPHRASE_FINISH, &change).await;
    assert_eq!(first.status, 200);
    assert_eq!(user.post(&vault, &laptop, paths::PASSPHRASE_FINISH, &change).await, first);
    user.get(&vault, &session, paths::ACCOUNT).await.problem(ProblemCode::SessionEnded);
    assert_eq!(user.get(&vault, &phone, paths::DEVICE).await.status, 200, "devices need no session");
    let session = user.log_in(&vault, "new").await;
    let told = history(&vault, &user, &session).await.acts.events;
    let changes: Vec<_> = told.iter().filter(|event| event.kind == kind::PASSPHRASE).collect();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].by, changes[0].device), (Actor::Device, Some(laptop.id)));
}
