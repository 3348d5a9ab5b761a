//! Section 15.6: changing an account's keys.

use crate::history::{history, kinds};
use crate::passphrase::prepare;
use crate::recovery_code::{is_refused, pointer, with_new_code, with_sessions};
use crate::support::client::{Session, Signs, Snapshot, User, keyslot};
use crate::support::devices::{Device, List};
use crate::support::store::Fault;
use crate::support::{Reply, TestVault};
use crate::sweep::snapshot_prefix;
use axum::body::Body;
use http::{HeaderValue, Request, header};
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::devices::{DeviceEntry, DevicesResponse, RekeyRequest, RekeyResponse};
use rootcellar_spec::wire::history::{Actor, kind};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::recovery::RecoveryMethod;
use rootcellar_spec::wire::registration::PassphraseFinishResponse;
use rootcellar_spec::{Digest, Generation, ProblemCode, SuiteId, parts};

use rootcellar_vault::sweep::Kind;
use std::sync::Arc;

const DAY: u64 = 24 * 60 * 60;
const SECOND: Generation = Generation(2);

/// A person's new keys: who they are from then on, and what they send.
pub(crate) struct NewKeys {
    pub(crate) user: User,
    pub(crate) request: RekeyRequest,
    pub(crate) snapshot: Option<Snapshot>,
}

impl NewKeys {
    pub(crate) fn after(user: &User, before: Option<&Snapshot>) -> Self {
        let new = with_new_code(user);
        let operation = user.operation();
        let request = RekeyRequest {
            operation,
            suite: SuiteId::ONE,
            generation: SECOND,
            replaces: Digest::of(&user.locator),
            passphrase_keyslot: keyslot(5),
            recovery_methods: vec![new.recovery_method(keyslot(6), SECOND, operation)],
            list: None,
            devices: Vec::new(),
        };
        let snapshot = before.map(|before| {
            let header = user.snapshot(Some(before), "").header;
            let header = Header { generation: SECOND, operation: request.operation, ..header };
            Snapshot::new(header, "sealed again")
        });
        Self { user: new, request, snapshot }
    }

    /// Proves the recovery method again, after `alter` has changed it.
    fn altering(mut self, alter: impl FnOnce(&mut RecoveryMethod)) -> Self {
        let mut method = self.request.recovery_methods.remove(0);
        alter(&mut method);
        let RekeyRequest { generation, operation, .. } = self.request;
        self.request.recovery_methods = vec![self.user.proven(method, generation, operation)];
        self
    }

    /// The same with devices, and the list behind `before`.
    pub(crate) fn with_devices(mut self, before: &List, devices: Vec<DeviceEntry>) -> Self {
        let header = self.user.list(Some(before)).header;
        let list = List::new(Header { generation: SECOND, operation: self.request.operation, ..header });
        (self.request.list, self.request.devices) = (Some(list.bytes), devices);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let control = serde_json::to_vec(&self.request).expect("serializes");
        parts::join(&control, self.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.bytes))
    }

    pub(crate) fn http(&self, vault: &TestVault, session: &impl Signs) -> Request<Body> {
        in_parts(self.user.request(vault, session, "POST", paths::REKEY, self.bytes()))
    }

    pub(crate) async fn send(&self, vault: &TestVault, session: &impl Signs) -> Reply {
        vault.send(self.http(vault, session)).await
    }
}

fn in_parts(mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(parts::MEDIA_TYPE));
    request
}

/// Someone with two sessions and two snapshots.
async fn with_snapshots() -> (TestVault, User, [Session; 2], [Snapshot; 2]) {
    let (vault, user, sessions) = with_sessions().await;
    let first = user.snapshot(None, "first");
    let second = user.snapshot(Some(&first), "second");
    for snapshot in [&first, &second] {
        user.put(&vault, &sessions[0], snapshot).await.parts::<SnapshotResponse>();
    }
    (vault, user, sessions, [first, second])
}

#[tokio::test]
async fn everything_that_the_former_keys_open_ends_at_once() {
    let (vault, user, [session, other], [_, head]) = with_snapshots().await;
    let replica = vault.replica();
    let keys = NewKeys::after(&user, Some(&head));
    let answer: RekeyResponse = keys.send(&vault, &session).await.json();
    let snapshot = keys.snapshot.as_ref().expect("one");
    let kept = answer.head.as_ref().expect("the new head");
    assert_eq!((kept.operation, kept.generation), (keys.request.operation, SECOND));

    for ended in [&session, &other] {
        user.get(&replica, ended, paths::ACCOUNT).await.problem(ProblemCode::SessionEnded);
        let late = user.snapshot(Some(&head), "late");
        user.put(&replica, ended, &late).await.problem(ProblemCode::SessionEnded);
    }
    assert!(is_refused(&replica, &user).await);
    assert_eq!(vault.store.names("locators/").await, [pointer(&keys.user)]);
    let name = vault.store.snapshot_key(&user.account, &snapshot.header.operation).await;
    let left = vault.store.names("accounts/").await;
    let left: Vec<_> = left.iter().filter(|name| name.contains("/snapshots/")).collect();
    assert_eq!(left, [name.as_str()], "the former ones are gone, however young");

    let mut user = keys.user;
    for (session, slot) in [(user.log_in(&vault, "right").await, 5), (user.recover(&vault).await, 6)] {
        assert_eq!(session.answer.keyslot, keyslot(slot));
        assert_eq!((session.answer.generation, session.answer.head.as_ref()), (SECOND, Some(kept)));
        assert_eq!(session.snapshot.as_ref(), Some(&snapshot.bytes));
    }
    let session = user.log_in(&vault, "right").await;
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!(account.snapshots.iter().collect::<Vec<_>>(), [kept]);
    let told = history(&vault, &user, &session).await;
    let event = &told.acts.events[3];
    assert_eq!((event.kind.as_str(), event.detail), (kind::REKEY, 2));
    let of_before = user.snapshot(Some(snapshot), "of the former generation");
    user.put(&vault, &session, &of_before).await.problem(ProblemCode::GenerationMoved);
}

#[tokio::test]
async fn an_account_without_a_snapshot_gets_new_keys_too() {
    let (vault, user, [session, _]) = with_sessions().await;
    let keys = NewKeys::after(&user, None);
    let answer: RekeyResponse = keys.send(&vault, &session).await.json();
    assert_eq!(answer.head, None);
    assert_eq!(keys.user.recover(&vault).await.answer.generation, SECOND);
}

#[tokio::test]
async fn the_same_bytes_are_answered_alike_to_whoever_manages_the_account() {
    let (vault, user, [session, other], [_, head]) = with_snapshots().await;
    let mut keys = NewKeys::after(&user, Some(&head));
    let first: RekeyResponse = keys.send(&vault, &session).await.json();
    vault.pass(100);
    let mut renewed = with_new_code(&user);
    (renewed.locator, renewed.recovery) = (keys.user.locator, keys.user.recovery.clone());
    let newer = renewed.log_in(&vault, "right").await;
    let next = keys.user.snapshot(keys.snapshot.as_ref(), "later");
    let next = Snapshot::new(Header { generation: SECOND, ..next.header }, "later");
    keys.user.put(&vault, &newer, &next).await.parts::<SnapshotResponse>();

    assert_eq!(keys.send(&vault, &session).await.json::<RekeyResponse>(), first, "also after a later save");
    assert_eq!(keys.send(&vault, &newer).await.json::<RekeyResponse>(), first, "a session that began since");
    keys.send(&vault, &other).await.problem(ProblemCode::SessionEnded);
    keys.request.passphrase_keyslot[50] ^= 1;
    keys.send(&vault, &session).await.problem(ProblemCode::SessionEnded);
}

/// At each write, applied or not, without a response: the account is as it was or whole under the new keys, the same request
/// brings it to its end, and what is left over goes with the sweep.
#[tokio::test]
async fn wherever_it_breaks_off_it_is_all_or_nothing() {
    let writes = [("locators/", 0), ("accounts/", 0), ("accounts/", 1), ("locators/", 1)];
    let removals = [("locators/", 2), ("accounts/", 2), ("accounts/", 3)];
    for ((prefix, spared), fault) in writes
        .into_iter()
        .chain(removals)
        .flat_map(|write| [Fault::Down, Fault::AppliedThenDown].map(|fault| (write, fault)))
    {
        let at = format!("{fault:?} after {spared} of {prefix}");
        let (vault, user, [session, _], [_, head]) = with_snapshots().await;
        let mut keys = NewKeys::after(&user, Some(&head));
        vault.store.fail_after(spared, prefix, fault);
        let broken = keys.send(&vault, &session).await;
        assert!(!vault.store.forget_fault(), "{at}: it came");
        vault.store.come_back();

        let is_new = is_refused(&vault, &user).await;
        assert_eq!(is_refused(&vault, &keys.user).await, !is_new, "{at}: one code");
        assert!(broken.status != 200 || is_new, "{at}");
        let found = if is_new { &keys.user } else { &user }.recover(&vault).await;
        let expected = if is_new { keys.snapshot.as_ref().expect("one") } else { &head };
        assert_eq!(found.snapshot.as_ref(), Some(&expected.bytes), "{at}");
        assert_eq!(found.answer.generation == SECOND, is_new, "{at}");

        keys.send(&vault, &session).await.json::<RekeyResponse>();
        let session = keys.user.log_in(&vault, "right").await;
        assert_eq!(session.answer.keyslot, keyslot(5), "{at}");
        vault.pass(2 * DAY);
        crate::sweep::removed(&vault).await;
        let of = async |part: &str| {
            let names = vault.store.names("").await;
            names.into_iter().filter(|name| name.contains(part)).collect::<Vec<_>>()
        };
        assert_eq!(of("locators/").await, [pointer(&keys.user)], "{at}");
        assert_eq!(of("/snapshots/").await.len(), 1, "{at}");
    }
}

/// Nobody sends it again: what it left is in nobody's way, and goes with the account's next save.
#[tokio::test]
async fn what_a_broken_off_attempt_leaves_is_swept() {
    let (vault, user, [session, _], [_, head]) = with_snapshots().await;
    let keys = NewKeys::after(&user, Some(&head));
    vault.store.fail_after(1, "accounts/", Fault::Down);
    assert_eq!(keys.send(&vault, &session).await.status, 503);
    vault.store.come_back();
    let next = user.snapshot(Some(&head), "next");
    user.put(&vault, &session, &next).await.parts::<SnapshotResponse>();
    vault.pass(2 * DAY);
    let removed = crate::sweep::removed(&vault).await;
    assert!(removed.contains(&(Kind::Snapshots, 1)) && removed.contains(&(Kind::Pointers, 1)), "{removed:?}");
    assert_eq!(user.recover(&vault).await.snapshot, Some(next.bytes));
}

#[tokio::test]
async fn what_does_not_fit_the_account_changes_nothing() {
    let (vault, user, [session, _], [first, head]) = with_snapshots().await;
    let mut other = User::new("bob");
    other.register(&vault, "right").await;
    let before = vault.store.contents().await;
    let keys = |change: fn(&mut NewKeys)| {
        let mut keys = NewKeys::after(&user, Some(&head));
        change(&mut keys);
        keys
    };
    let reseal = |keys: &mut NewKeys, header: Header| keys.snapshot = Some(Snapshot::new(header, "x"));

    let refused = NewKeys::after(&user, Some(&first)).send(&vault, &session).await;
    let told = refused.problem(ProblemCode::HeadMoved).head.expect("the head");
    assert_eq!(told.operation, head.header.operation);
    keys(|keys| keys.snapshot = None).send(&vault, &session).await.problem(ProblemCode::HeadMoved);

    let mut third = keys(|keys| keys.request.generation = Generation(3)).altering(|_| {});
    let header = third.snapshot.as_ref().expect("one").header.clone();
    reseal(&mut third, Header { generation: Generation(3), ..header.clone() });
    third.send(&vault, &session).await.problem(ProblemCode::GenerationMoved);

    let mut theirs = NewKeys::after(&user, Some(&head));
    theirs = theirs.altering(|method| method.locator = other.locator);
    theirs.send(&vault, &session).await.problem(ProblemCode::OperationUsed);

    let moved = keys(|keys| keys.request.replaces = Digest::of(&keys.user.locator));
    moved.send(&vault, &session).await.problem(ProblemCode::RecoveryCodeMoved);

    let cases: [(&str, NewKeys); 6] = [
        ("passphrase_keyslot", keys(|keys| keys.request.passphrase_keyslot = vec![0; 332])),
        ("recovery_methods[0].keyslot", keys(|_| {}).altering(|method| method.keyslot.truncate(331))),
        (
            "recovery_methods[0].login_public_key",
            keys(|_| {}).altering(|method| method.login_public_key = [0; 32]),
        ),
        ("recovery_methods[0].proof", keys(|keys| keys.request.recovery_methods[0].proof[0] ^= 1)),
        ("snapshot", keys(|keys| keys.request.operation.0[0] ^= 1).altering(|_| {})),
        ("snapshot", keys(|keys| keys.snapshot.as_mut().expect("one").bytes.truncate(80))),
    ];
    for (field, keys) in cases {
        let problem: rootcellar_spec::Problem =
            serde_json::from_slice(&keys.send(&vault, &session).await.body).expect("a problem");
        assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
    }
    let same = keys(|_| {}).altering(|method| method.locator = user.locator);
    let refused = same.send(&vault, &session).await.problem(ProblemCode::Malformed);
    assert_eq!(refused.field.as_deref(), Some("recovery_methods[0].locator"));
    assert_eq!(vault.store.contents().await, before);
}

#[tokio::test]
async fn a_body_is_two_parts() {
    let (vault, user, [session, _], [_, head]) = with_snapshots().await;
    let keys = NewKeys::after(&user, Some(&head));
    let send = async |bytes: Vec<u8>| {
        vault.send(in_parts(user.request(&vault, &session, "POST", paths::REKEY, bytes))).await
    };
    let mut short = keys.bytes();
    short.pop();
    let mut long = keys.bytes();
    long.push(0);
    for bytes in [short, long, Vec::new(), serde_json::to_vec(&keys.request).expect("serializes")] {
        send(bytes).await.problem(ProblemCode::Malformed);
    }
    let wrong_type = user.request(&vault, &session, "POST", paths::REKEY, keys.bytes());
    vault.send(wrong_type).await.problem(ProblemCode::Malformed);
}

/// A save that comes first is not lost: the re-key is to be made again from what it saved.
#[tokio::test]
async fn a_save_in_between_is_not_lost() {
    let (vault, user, [session, other], [_, head]) = with_snapshots().await;
    let vault = Arc::new(vault);
    let keys = NewKeys::after(&user, Some(&head));
    let next = user.snapshot(Some(&head), "in between");
    let save = user.request(&vault, &other, "PUT", &next.path(), next.bytes.clone());
    let replica = Arc::clone(&vault);
    vault.store.before_replacing("accounts/", async move {
        assert_eq!(replica.send(save).await.status, 200);
    });
    keys.send(&vault, &session).await.problem(ProblemCode::HeadMoved);
    let made = snapshot_prefix(keys.snapshot.as_ref().expect("one"));
    assert_eq!(vault.store.names(&made).await, [""; 0], "its snapshot was taken back");
    assert_eq!(user.recover(&vault).await.snapshot, Some(next.bytes.clone()));
    NewKeys::after(&user, Some(&next)).send(&vault, &session).await.json::<RekeyResponse>();
}

/// The passphrase's key of a session is that of the record which it logged in with.
#[tokio::test]
async fn a_passphrase_that_changed_in_between_is_not_overwritten() {
    let (vault, mut user, [session, other], [_, head]) = with_snapshots().await;
    let vault = Arc::new(vault);
    let keys = NewKeys::after(&user, Some(&head));
    let change = prepare(&vault, &mut user, &other, "new").await;
    let change = serde_json::to_vec(&change).expect("serializes");
    let change = user.request(&vault, &other, "POST", paths::PASSPHRASE_FINISH, change);
    let replica = Arc::clone(&vault);
    vault.store.before_replacing("accounts/", async move {
        replica.send(change).await.json::<PassphraseFinishResponse>();
    });
    keys.send(&vault, &session).await.problem(ProblemCode::SessionEnded);
    let session = user.log_in(&vault, "new").await;
    assert_eq!(session.answer.keyslot, keyslot(9));
    let told = history(&vault, &user, &session).await;
    assert!(!kinds(&told.acts).contains(&kind::REKEY));
}

/// A device outlives a re-key that names it. What it was about to set wraps a key that is none any more.
#[tokio::test]
async fn no_keyslot_of_former_keys_gets_in_after_a_re_key() {
    for path in [paths::PASSPHRASE_FINISH, paths::RECOVERY_CODE] {
        let (vault, mut user, [session, _], [_, head]) = with_snapshots().await;
        let vault = Arc::new(vault);
        let ([own], list) = user.enrol(&vault, &session, [Permission::Manage]).await;
        let kept = DeviceEntry { keyslot: Some(keyslot(77)), ..own.entry(Permission::Manage) };
        let keys = NewKeys::after(&user, Some(&head)).with_devices(&list, vec![kept]);
        let change = if path == paths::PASSPHRASE_FINISH {
            serde_json::to_vec(&prepare(&vault, &mut user, &own, "new").await)
        } else {
            serde_json::to_vec(&crate::recovery_code::request(&user, &with_new_code(&user)))
        };
        let change = change.expect("serializes");
        let late = user.request(&vault, &own, "POST", path, change.clone());
        let change = user.request(&vault, &own, "POST", path, change);
        let (rekey, replica) = (keys.http(&vault, &session), Arc::clone(&vault));
        vault.store.before_replacing("accounts/", async move {
            replica.send(rekey).await.json::<RekeyResponse>();
        });
        for request in [change, late] {
            vault.send(request).await.problem(ProblemCode::GenerationMoved);
        }
        user = keys.user;
        assert_eq!(user.log_in(&vault, "right").await.answer.keyslot, keyslot(5));
        assert_eq!(user.recover(&vault).await.answer.keyslot, keyslot(6));
    }
}

/// The device that changes the keys names itself with a new keyslot; every other is told that it was revoked.
#[tokio::test]
async fn every_device_that_is_not_named_goes() {
    let (vault, user, [session, _], [_, head]) = with_snapshots().await;
    let ([own, other], list) = user.enrol(&vault, &session, [Permission::Manage, Permission::Backup]).await;
    let newcomer = Device::new(&user);
    let kept = DeviceEntry { keyslot: Some(keyslot(77)), ..own.entry(Permission::Manage) };
    let came = newcomer.entry(Permission::View);
    let keys = NewKeys::after(&user, Some(&head)).with_devices(&list, vec![kept, came]);
    let first: RekeyResponse = keys.send(&vault, &own).await.json();
    vault.pass(60);
    assert_eq!(keys.send(&vault, &own).await.json::<RekeyResponse>(), first);

    let replica = vault.replica();
    user.get(&replica, &other, paths::ACCOUNT).await.problem(ProblemCode::DeviceRevoked);
    user.get(&replica, &session, paths::ACCOUNT).await.problem(ProblemCode::SessionEnded);
    let told: DevicesResponse = user.get(&replica, &own, paths::DEVICES).await.json();
    assert_eq!(told.devices.iter().map(|device| device.id).collect::<Vec<_>>(), [own.id, newcomer.id]);
    assert_eq!(told.list, keys.request.list);
    let (answer, _) = user.get(&replica, &own, paths::DEVICE).await.parts::<serde_json::Value>();
    assert_eq!((&answer["generation"], &answer["permission"]), (&2.into(), &"manage".into()));
    let text = rootcellar_spec::base64url::encode(&keyslot(77));
    assert_eq!(answer["keyslot"], text.as_str());

    let told = history(&replica, &user, &own).await.acts.events;
    let told: Vec<_> =
        told[told.len() - 3..].iter().map(|e| (e.kind.as_str(), e.subject, e.detail)).collect();
    assert_eq!(
        told,
        [
            (kind::REKEY, None, 2),
            (kind::REVOCATION, Some(other.id), 0),
            (kind::ENROLMENT, Some(newcomer.id), 1)
        ]
    );
    let told = history(&replica, &user, &own).await.acts.events;
    let last = told.last().expect("events");
    assert_eq!((last.by, last.device), (Actor::Device, Some(own.id)));
}

#[tokio::test]
async fn the_list_follows_the_newest_one() {
    let (vault, user, [session, _], [_, head]) = with_snapshots().await;
    let (_, list) = user.enrol(&vault, &session, [Permission::Manage]).await;
    let session = user.log_in_again(&vault).await;
    let before = vault.store.contents().await;
    let next = || NewKeys::after(&user, Some(&head));
    next().send(&vault, &session).await.problem(ProblemCode::DevicesMoved);
    let mut first = next();
    let header = Header { generation: SECOND, operation: first.request.operation, ..user.list(None).header };
    first.request.list = Some(List::new(header).bytes);
    first.send(&vault, &session).await.problem(ProblemCode::DevicesMoved);
    let mut former = next();
    let header = user.list(Some(&list)).header;
    former.request.list = Some(List::new(Header { operation: former.request.operation, ..header }).bytes);
    former.send(&vault, &session).await.problem(ProblemCode::GenerationMoved);

    let device = Device::new(&user);
    let mut unlisted = next();
    unlisted.request.devices = vec![device.entry(Permission::View)];
    let cases = [
        ("list", unlisted),
        ("devices", next().with_devices(&list, vec![device.kept(Permission::View)])),
        ("devices", next().with_devices(&list, vec![device.entry(Permission::View); 2])),
        (
            "devices",
            next().with_devices(&list, (0..17).map(|_| Device::new(&user).entry(Permission::View)).collect()),
        ),
    ];
    for (field, keys) in cases {
        let refused = keys.send(&vault, &session).await.problem(ProblemCode::Malformed);
        assert_eq!(refused.field.as_deref(), Some(field));
    }
    assert_eq!(vault.store.contents().await, before);
    next().with_devices(&list, Vec::new()).send(&vault, &session).await.json::<RekeyResponse>();
}

#[tokio::test]
async fn only_a_device_that_manages_may_replace_keys_or_code() {
    let (vault, user, [session, _], [_, head]) = with_snapshots().await;
    let ([device], list) = user.enrol(&vault, &session, [Permission::Restore]).await;
    let keys = NewKeys::after(&user, Some(&head)).with_devices(&list, Vec::new());
    keys.send(&vault, &device).await.problem(ProblemCode::NotPermitted);
    let code = crate::recovery_code::request(&user, &with_new_code(&user));
    user.post(&vault, &device, paths::RECOVERY_CODE, &code).await.problem(ProblemCode::NotPermitted);
    assert_eq!(kinds(&history(&vault, &user, &device).await.acts).last(), Some(&kind::ENROLMENT));
}
