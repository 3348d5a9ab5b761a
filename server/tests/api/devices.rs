//! Section 15.7: the devices of an account, and how they change.

use crate::history::{history, kinds};
use crate::rekey::NewKeys;
use crate::support::client::{Session, User, keyslot};
use crate::support::devices::{Device, List, request};
use crate::support::store::Fault;
use crate::support::{START, TestVault, settings, vault, vault_with};
use ed25519_dalek::SigningKey;
use rootcellar_spec::wire::devices::{
    ChangeResponse, DeviceEntry, DeviceResponse, DevicesRequest, DevicesResponse, RekeyResponse,
};
use rootcellar_spec::wire::history::{Actor, kind};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, DeviceId, Digest, Generation, Number, ProblemCode, Timestamp, base64url};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

pub(crate) const DAY: u64 = 86_400;

/// A registered user and a session.
pub(crate) async fn alice(vault: &TestVault) -> (User, Session) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    (user, session)
}

async fn devices(vault: &TestVault, user: &User, session: &Session) -> DevicesResponse {
    user.get(vault, session, paths::DEVICES).await.json()
}

#[tokio::test]
async fn devices_and_list_are_told_as_they_were_sent() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let none = devices(&vault, &user, &session).await;
    assert!(none.devices.is_empty() && none.list.is_none());
    assert!(session.answer.device_list.is_none());
    vault.pass(DAY + 5);
    let session = user.log_in(&vault, "right").await;
    let ([phone, laptop], list) =
        user.enrol(&vault, &session, [Permission::Backup, Permission::Manage]).await;
    let told = devices(&vault, &user, &session).await;
    assert_eq!(told.list.as_ref(), Some(&list.bytes));
    assert_eq!(told.devices.iter().map(|device| device.id).collect::<Vec<_>>(), [phone.id, laptop.id]);
    let first = &told.devices[0];
    assert_eq!(first.request_key, phone.key.verifying_key().to_bytes());
    assert_eq!(first.permission, Permission::Backup);
    assert_eq!(first.enrolled_at, Timestamp(START + DAY + 5));
    assert_eq!(first.last_seen_at.0 % DAY, 0, "to the day");
    assert!(first.enrolled_at.0 - first.last_seen_at.0 < DAY);
    assert_eq!(user.log_in(&vault, "right").await.answer.device_list, Some(list.bytes.clone()));
    assert_eq!(user.recover(&vault).await.answer.device_list, Some(list.bytes));
}

#[tokio::test]
async fn a_list_must_follow_the_newest_of_the_account() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone], list) = user.enrol(&vault, &session, [Permission::Backup]).await;
    let kept = || vec![phone.kept(Permission::Backup)];
    let before = vault.store.contents().await;
    let next = user.list(Some(&list));
    let with = |change: &dyn Fn(&mut rootcellar_spec::device_list::Header)| {
        let mut header = next.header.clone();
        change(&mut header);
        List::new(header)
    };
    let moved = [
        user.list(None),
        user.list(Some(&user.list(Some(&list)))),
        with(&|header| header.ancestors[0] = Digest::of(b"another")),
    ];
    for list in moved {
        user.change(&vault, &session, &list, kept()).await.problem(ProblemCode::DevicesMoved);
    }
    let rekeyed = with(&|header| header.generation = Generation(2));
    user.change(&vault, &session, &rekeyed, kept()).await.problem(ProblemCode::GenerationMoved);
    let foreign = with(&|header| header.account = AccountId([1; 16]));
    let problem = user.change(&vault, &session, &foreign, kept()).await.problem(ProblemCode::Malformed);
    assert_eq!(problem.field.as_deref(), Some("list"));
    let other = DevicesRequest { operation: user.operation(), ..request(&next, kept()) };
    user.post(&vault, &session, paths::DEVICES, &other).await.problem(ProblemCode::Malformed);
    assert_eq!(vault.store.contents().await, before);

    user.change(&vault, &session, &next, kept()).await.json::<ChangeResponse>();
    assert_eq!(devices(&vault, &user, &session).await.list, Some(next.bytes));
}

/// An account whose list has more ancestors than a list names continues like any other.
#[tokio::test]
async fn a_long_history_of_lists_goes_on() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone], mut list) = user.enrol(&vault, &session, [Permission::Backup]).await;
    for _ in 0..66 {
        list = user.list(Some(&list));
        user.change(&vault, &session, &list, vec![phone.kept(Permission::Backup)])
            .await
            .json::<ChangeResponse>();
    }
    assert_eq!((list.header.number, list.header.ancestors.len()), (Number(67), 64));
}

#[tokio::test]
async fn what_takes_something_from_a_device_ends_all_sessions() {
    let of = |device: &Device, may| device.entry(may);
    let (backup, manage) = (Permission::Backup, Permission::Manage);
    type Change = fn(&User, &Device, &Device) -> Vec<DeviceEntry>;
    let changes: [(&str, bool, Change); 6] = [
        ("another comes", false, |user, phone, laptop| {
            let new = Device::new(user).entry(Permission::View);
            vec![phone.kept(Permission::Backup), laptop.kept(Permission::Manage), new]
        }),
        ("one may more", false, |_, phone, laptop| {
            vec![phone.entry(Permission::Restore), laptop.kept(Permission::Manage)]
        }),
        ("another keyslot", false, |_, phone, laptop| {
            let other = DeviceEntry { keyslot: Some(keyslot(77)), ..phone.kept(Permission::Backup) };
            vec![other, laptop.kept(Permission::Manage)]
        }),
        ("one may less", true, |_, phone, laptop| {
            vec![phone.entry(Permission::View), laptop.kept(Permission::Manage)]
        }),
        ("one is gone", true, |_, _, laptop| vec![laptop.kept(Permission::Manage)]),
        ("another request key", true, |user, phone, laptop| {
            let key = SigningKey::from_bytes(&user.rng.bytes());
            let other = Device::with(user.account, phone.id, key);
            vec![other.entry(Permission::Backup), laptop.kept(Permission::Manage)]
        }),
    ];
    for (what, ends, change) in changes {
        let vault = vault().await;
        let (mut user, session) = alice(&vault).await;
        let list = user.list(None);
        let (phone, laptop) = (Device::new(&user), Device::new(&user));
        let entries = vec![of(&phone, backup), of(&laptop, manage)];
        user.change(&vault, &session, &list, entries).await.json::<ChangeResponse>();
        let other = user.log_in(&vault, "right").await;
        let entries = change(&user, &phone, &laptop);
        user.change(&vault, &laptop, &user.list(Some(&list)), entries).await.json::<ChangeResponse>();
        for session in [&session, &other] {
            let reply = user.get(&vault, session, paths::ACCOUNT).await;
            if ends {
                reply.problem(ProblemCode::SessionEnded);
            } else {
                assert_eq!(reply.status, 200, "{what}");
            }
        }
        assert_eq!(
            user.get(&vault, &laptop, paths::ACCOUNT).await.status,
            200,
            "{what}: a device needs none"
        );
    }
}

#[tokio::test]
async fn who_ended_by_a_change_may_send_it_again() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone, laptop], list) =
        user.enrol(&vault, &session, [Permission::Backup, Permission::Manage]).await;
    // A session that ends by what it does.
    let next = user.list(Some(&list));
    let revoke = request(&next, vec![laptop.kept(Permission::Manage)]);
    let first = user.post(&vault, &session, paths::DEVICES, &revoke).await;
    first.json::<ChangeResponse>();
    vault.pass(5);
    assert_eq!(user.post(&vault, &session, paths::DEVICES, &revoke).await, first);
    user.post(&vault, &laptop, paths::DEVICES, &revoke).await.problem(ProblemCode::DevicesMoved);
    user.post(&vault, &phone, paths::DEVICES, &revoke).await.problem(ProblemCode::DeviceRevoked);
    // A device that revokes itself.
    let last = request(&user.list(Some(&next)), Vec::new());
    let first = user.post(&vault, &laptop, paths::DEVICES, &last).await;
    first.json::<ChangeResponse>();
    assert_eq!(user.post(&vault, &laptop, paths::DEVICES, &last).await, first);
    user.get(&vault, &laptop, paths::DEVICES).await.problem(ProblemCode::DeviceRevoked);
    let told = history(&vault, &user, &user.recover(&vault).await).await;
    assert_eq!(kinds(&told.acts).iter().filter(|kind| **kind == kind::REVOCATION).count(), 2, "once each");
}

#[tokio::test]
async fn a_change_in_doubt_is_recognised_when_it_is_sent_again() {
    for fault in [Fault::ReplyLost, Fault::AppliedThenDown, Fault::Down] {
        let mut settings = settings();
        settings.retry_policy.attempts = 3;
        let vault = vault_with(settings).await;
        let (user, session) = alice(&vault).await;
        let phone = Device::new(&user);
        let request = request(&user.list(None), vec![phone.entry(Permission::Backup)]);
        vault.store.fail_next("accounts/", fault);
        let reply = user.post(&vault, &session, paths::DEVICES, &request).await;
        assert_eq!(reply.status, if fault == Fault::ReplyLost { 200 } else { 503 });
        vault.store.come_back();
        user.post(&vault, &session, paths::DEVICES, &request).await.json::<ChangeResponse>();
        assert_eq!(devices(&vault, &user, &session).await.devices.len(), 1);
        let told = history(&vault, &user, &session).await;
        assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::LOGIN, kind::ENROLMENT]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_changes_at_once_one_wins_and_the_others_are_told() {
    let vault = Arc::new(vault().await);
    let (user, session) = alice(&vault).await;
    let mut changes = JoinSet::new();
    for _ in 0..4 {
        let request = request(&user.list(None), vec![Device::new(&user).entry(Permission::View)]);
        let body = serde_json::to_vec(&request).expect("serializes");
        let request = user.request(&vault, &session, "POST", paths::DEVICES, body);
        let vault = Arc::clone(&vault);
        changes.spawn(async move { vault.send(request).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        changes.join_all().await.into_iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.problem(ProblemCode::DevicesMoved);
    }
    assert_eq!(devices(&vault, &user, &session).await.devices.len(), 1);
}

#[tokio::test]
async fn enrolment_and_keyslot_stay_while_the_request_key_does() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let ([phone], list) = user.enrol(&vault, &session, [Permission::Restore]).await;
    vault.pass(3 * DAY);
    let session = user.log_in(&vault, "right").await;
    let next = user.list(Some(&list));
    user.change(&vault, &session, &next, vec![phone.kept(Permission::Manage)]).await.json::<ChangeResponse>();
    let (answer, _) = user
        .get(&vault, &phone, paths::DEVICE)
        .await
        .parts::<rootcellar_spec::wire::devices::DeviceResponse>();
    assert_eq!((answer.keyslot, answer.permission), (phone.keyslot(), Permission::Manage));
    assert_eq!(devices(&vault, &user, &session).await.devices[0].enrolled_at, Timestamp(START));
    // Another key under its id is another device: it brings a keyslot.
    let other = Device::with(user.account, phone.id, SigningKey::from_bytes(&user.rng.bytes()));
    let after = user.list(Some(&next));
    let bare = vec![other.kept(Permission::Manage)];
    let problem = user.change(&vault, &session, &after, bare).await.problem(ProblemCode::Malformed);
    assert_eq!(problem.field.as_deref(), Some("devices"));
    user.change(&vault, &session, &after, vec![other.entry(Permission::View)]).await.json::<ChangeResponse>();
    user.get(&vault, &phone, paths::DEVICE).await.problem(ProblemCode::DeviceRevoked);
    let session = user.log_in(&vault, "right").await;
    assert_eq!(devices(&vault, &user, &session).await.devices[0].enrolled_at, Timestamp(START + 3 * DAY));
}

#[tokio::test]
async fn the_history_tells_who_did_what_to_which_device() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let ([phone, laptop], list) =
        user.enrol(&vault, &session, [Permission::Backup, Permission::Manage]).await;
    let next = user.list(Some(&list));
    let permit = vec![phone.entry(Permission::View), laptop.kept(Permission::Manage)];
    user.change(&vault, &laptop, &next, permit).await.json::<ChangeResponse>();
    let key = SigningKey::from_bytes(&user.rng.bytes());
    let renewed = Device::with(user.account, laptop.id, key);
    let entries = vec![renewed.entry(Permission::Manage)];
    user.change(&vault, &laptop, &user.list(Some(&next)), entries).await.json::<ChangeResponse>();
    let told = history(&vault, &user, &renewed).await.acts.events;
    let told: Vec<_> = told[2..]
        .iter()
        .map(|event| (event.kind.as_str(), event.by, event.device, event.subject, event.detail))
        .collect();
    let (by, managing) = (Actor::Device, Some(laptop.id));
    assert_eq!(
        told,
        [
            (kind::ENROLMENT, Actor::Passphrase, None, Some(phone.id), 2),
            (kind::ENROLMENT, Actor::Passphrase, None, Some(laptop.id), 4),
            (kind::PERMISSION, by, managing, Some(phone.id), 1),
            (kind::REVOCATION, by, managing, Some(phone.id), 0),
            (kind::ENROLMENT, by, managing, Some(laptop.id), 4),
        ]
    );
}

#[tokio::test]
async fn shapes_are_checked_before_anything_changes() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let before = vault.store.contents().await;
    let list = user.list(None);
    let (one, two) = (Device::new(&user), Device::new(&user));
    let good = || vec![one.entry(Permission::View), two.entry(Permission::View)];
    let with = |change: &dyn Fn(&mut DeviceEntry)| {
        let mut entries = good();
        change(&mut entries[1]);
        entries
    };
    let keyslot = |change: fn(&mut Vec<u8>)| {
        let mut other = keyslot(3);
        change(&mut other);
        with(&|entry| entry.keyslot = Some(other.clone()))
    };
    let (malformed, unsupported) = (ProblemCode::Malformed, ProblemCode::Unsupported);
    let wrong: [(&str, ProblemCode, Vec<DeviceEntry>); 11] = [
        ("seventeen", malformed, (0..17).map(|_| Device::new(&user).entry(Permission::View)).collect()),
        ("the same id", malformed, with(&|entry| entry.id = one.id)),
        ("the id of zeros", malformed, with(&|entry| entry.id = DeviceId([0; 16]))),
        ("the same key", malformed, with(&|entry| entry.request_key = one.key.verifying_key().to_bytes())),
        ("no point", malformed, with(&|entry| entry.request_key = [2; 32])),
        ("a weak point", malformed, with(&|entry| entry.request_key = [0; 32])),
        ("no keyslot", malformed, with(&|entry| entry.keyslot = None)),
        ("a long keyslot", malformed, keyslot(|keyslot| keyslot.push(0))),
        ("another kind", malformed, keyslot(|keyslot| keyslot[1] = 2)),
        ("another version", unsupported, keyslot(|keyslot| keyslot[0] = 2)),
        ("another suite", unsupported, keyslot(|keyslot| keyslot[2] = 9)),
    ];
    for (what, code, entries) in wrong {
        let reply = user.change(&vault, &session, &list, entries).await;
        assert_eq!(reply.problem(code).field.as_deref(), Some("devices"), "{what}");
    }
    let mut version = list.bytes.clone();
    version[7] = 2;
    let lists = [
        ("nothing", malformed, Vec::new()),
        ("a snapshot", malformed, user.snapshot(None, "x").bytes),
        ("trailing bytes", malformed, [&list.bytes[..], &[0]].concat()),
        ("too long", malformed, [&list.bytes[..], &[0; 12_000]].concat()),
        ("another version", unsupported, version),
    ];
    for (what, code, bytes) in lists {
        let request = DevicesRequest { list: bytes, ..request(&list, good()) };
        let reply = user.post(&vault, &session, paths::DEVICES, &request).await;
        assert_eq!(reply.problem(code).field.as_deref(), Some("list"), "{what}");
    }
    assert_eq!(vault.store.contents().await, before);
    user.change(&vault, &session, &list, good()).await.json::<ChangeResponse>();
    let sixteen = (0..16).map(|_| Device::new(&user).entry(Permission::View)).collect();
    user.change(&vault, &session, &user.list(Some(&list)), sixteen).await.json::<ChangeResponse>();
}

#[tokio::test]
async fn members_that_nobody_knows_are_refused() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let mailbox = base64url::encode(&[1; 32]);
    let entry = Device::new(&user).entry(Permission::View);
    let whole = serde_json::to_value(request(&user.list(None), vec![entry])).expect("serializes");
    let mut in_device = whole.clone();
    in_device["devices"][0]["label"] = json!("a label");
    let mut in_pairing = whole.clone();
    in_pairing["pairing"] = json!({"mailbox": mailbox, "confirmation": "AA", "more": 1});
    let operation = user.operation();
    let bodies: [(&str, Value); 5] = [
        (paths::DEVICES, in_device),
        (paths::DEVICES, in_pairing),
        (paths::RESTORE, json!({"operation": operation, "more": 1})),
        (paths::PAIRINGS, json!({"mailbox": mailbox, "opening": base64url::encode(&[1; 64]), "more": 1})),
        (paths::DEVICES, {
            let mut body = whole;
            body["more"] = json!(1);
            body
        }),
    ];
    for (path, body) in bodies {
        user.post(&vault, &session, path, &body).await.problem(ProblemCode::Malformed);
    }
    for (path, body) in [
        (paths::PAIRING, json!({"mailbox": mailbox, "more": 1})),
        (paths::PAIRING_REPLY, json!({"mailbox": mailbox, "reply": "AA", "more": 1})),
    ] {
        vault.post(path, &body).await.problem(ProblemCode::Malformed);
    }
}

/// A post-quantum entry public key has 1,216 bytes: such keyslots are larger than those of suite 1, for as many devices.
#[tokio::test]
async fn sixteen_devices_may_have_keyslots_of_the_largest_class() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let devices: Vec<Device> = (0..16).map(|_| Device::new(&user)).collect();
    let entries = |bytes: usize| -> Vec<DeviceEntry> {
        let mut keyslot = vec![0xa5; bytes];
        keyslot[..4].copy_from_slice(&[1, 1, 0, 1]);
        let entry = |device: &Device| DeviceEntry {
            keyslot: Some(keyslot.clone()),
            ..device.entry(Permission::Manage)
        };
        devices.iter().map(entry).collect()
    };
    let mut list = user.list(None);
    for bytes in [331, 333, 4171, 4173, 8268] {
        let refused = user.change(&vault, &session, &list, entries(bytes).split_off(15)).await;
        assert_eq!(refused.problem(ProblemCode::Malformed).field.as_deref(), Some("devices"), "{bytes}");
    }
    for bytes in [332, 588, 1100, 2124, 4172] {
        user.change(&vault, &session, &list, entries(bytes)).await.json::<ChangeResponse>();
        let (told, _) = user.get(&vault, &devices[15], paths::DEVICE).await.parts::<DeviceResponse>();
        assert_eq!(told.keyslot.len(), bytes, "it is given back");
        list = user.list(Some(&list));
    }
    let keys =
        NewKeys::after(&user, None).with_devices(&devices_list(&vault, &user, &session).await, entries(4172));
    keys.send(&vault, &session).await.json::<RekeyResponse>();
}

/// The newest list, as it is to be followed.
async fn devices_list(vault: &TestVault, user: &User, session: &Session) -> List {
    let bytes = devices(vault, user, session).await.list.expect("a list");
    let header = rootcellar_spec::device_list::Layout::parse(&bytes).expect("a list").header;
    List { header, bytes }
}
