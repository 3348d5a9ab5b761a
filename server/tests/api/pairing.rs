//! Section 15.8: mailboxes through which a new device is enrolled.

use crate::devices::alice;
use crate::history::{history, kinds};
use crate::support::client::{Signs, User};
use crate::support::devices::{Device, List, request};
use crate::support::store::Fault;
use crate::support::{Reply, START, TestVault, settings, vault, vault_with};
use rootcellar_spec::limits::PAIRING_MESSAGE_BYTES;
use rootcellar_spec::wire::devices::{ChangeResponse, DevicesRequest, PairingConfirmation};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::pairing::{
    OpenRequest, OpenResponse, ReadRequest, ReadResponse, ReplyRequest, ReplyResponse,
};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, ProblemCode, Timestamp};
use std::sync::Arc;
use tokio::task::JoinSet;

const LIFETIME: u64 = 600;

fn mailbox() -> Digest {
    Digest::of(b"a mailbox")
}

async fn open(vault: &TestVault, user: &User, by: &impl Signs, opening: u8) -> Reply {
    let request = OpenRequest { mailbox: mailbox(), opening: [opening; 64] };
    user.post(vault, by, paths::PAIRINGS, &request).await
}

async fn read(vault: &TestVault) -> Reply {
    vault.post(paths::PAIRING, &ReadRequest { mailbox: mailbox() }).await
}

async fn reply(vault: &TestVault, reply: &[u8]) -> Reply {
    vault.post(paths::PAIRING_REPLY, &ReplyRequest { mailbox: mailbox(), reply: reply.to_vec() }).await
}

/// A change that enrols `device` and confirms the pairing.
fn confirming(list: &List, device: &Device, confirmation: &[u8]) -> DevicesRequest {
    let confirmation = PairingConfirmation { mailbox: mailbox(), confirmation: confirmation.to_vec() };
    DevicesRequest { pairing: Some(confirmation), ..request(list, vec![device.entry(Permission::Backup)]) }
}

/// A pairing from its beginning to its end, and the device that it has enrolled.
pub(crate) async fn pair(vault: &TestVault, user: &User, by: &impl Signs) -> Device {
    open(vault, user, by, 1).await.json::<OpenResponse>();
    reply(vault, b"reply").await.json::<ReplyResponse>();
    let device = Device::new(user);
    let change = confirming(&user.list(None), &device, b"confirmation");
    user.post(vault, by, paths::DEVICES, &change).await.json::<ChangeResponse>();
    device
}

#[tokio::test]
async fn a_new_device_is_enrolled_through_a_mailbox() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    read(&vault).await.problem(ProblemCode::PairingUnknown);
    let opened: OpenResponse = open(&vault, &user, &session, 1).await.json();
    assert_eq!(opened.expires_at, Timestamp(START + LIFETIME));
    let found: ReadResponse = read(&vault.replica()).await.json();
    assert_eq!((found.opening, found.reply, found.expires_at), ([1; 64], None, opened.expires_at));

    reply(&vault, b"reply").await.json::<ReplyResponse>();
    let found: ReadResponse = read(&vault).await.json();
    assert_eq!((found.reply.as_deref(), found.confirmation), (Some(&b"reply"[..]), None));

    let phone = Device::new(&user);
    user.get(&vault, &phone, paths::DEVICE).await.problem(ProblemCode::DeviceRevoked);
    let change = confirming(&user.list(None), &phone, b"confirmation");
    vault.store.take_calls();
    let answer = user.post(&vault, &session, paths::DEVICES, &change).await;
    answer.json::<ChangeResponse>();
    let writes: Vec<_> = vault.store.take_calls().into_iter().filter(|call| call.verb == "put").collect();
    let kinds_written: Vec<_> = writes.iter().map(|call| call.kind.as_str()).collect();
    assert_eq!(kinds_written, ["pairings", "account"], "the mailbox first");
    let found: ReadResponse = read(&vault).await.json();
    assert_eq!(found.confirmation.as_deref(), Some(&b"confirmation"[..]));
    assert_eq!(user.get(&vault, &phone, paths::DEVICE).await.status, 200);
    let told = history(&vault, &user, &phone).await.acts;
    assert_eq!(kinds(&told), [kind::REGISTRATION, kind::LOGIN, kind::PAIRING]);
    assert_eq!(told.events[2].subject, Some(phone.id));

    // It is answered the same even when the mailbox is gone.
    vault.pass(LIFETIME);
    assert_eq!(user.post(&vault, &session, paths::DEVICES, &change).await, answer);
}

#[tokio::test]
async fn each_message_is_taken_once() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let mut bob = User::new("bob");
    bob.register(&vault, "x").await;
    let bobs = bob.log_in(&vault, "x").await;
    let opened = open(&vault, &user, &session, 1).await;
    vault.pass(7);
    assert_eq!(
        open(&vault, &user, &session, 1).await.json::<OpenResponse>().expires_at,
        opened.json::<OpenResponse>().expires_at,
        "it does not live longer for that"
    );
    open(&vault, &user, &session, 2).await.problem(ProblemCode::PairingUsed);
    open(&vault, &bob, &bobs, 1).await.problem(ProblemCode::PairingUsed);

    reply(&vault, b"reply").await.json::<ReplyResponse>();
    reply(&vault, b"reply").await.json::<ReplyResponse>();
    reply(&vault, b"another").await.problem(ProblemCode::PairingUsed);

    let list = user.list(None);
    let phone = Device::new(&user);
    user.post(&vault, &session, paths::DEVICES, &confirming(&list, &phone, b"one"))
        .await
        .json::<ChangeResponse>();
    let next = user.list(Some(&list));
    let again = confirming(&next, &phone, b"two");
    user.post(&vault, &session, paths::DEVICES, &again).await.problem(ProblemCode::PairingUsed);
    let found: ReadResponse = read(&vault).await.json();
    assert_eq!((found.opening, found.reply.as_deref()), ([1; 64], Some(&b"reply"[..])));
    assert_eq!(found.confirmation.as_deref(), Some(&b"one"[..]));
}

#[tokio::test]
async fn a_confirmation_needs_a_reply_and_the_account_that_opened() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let mut bob = User::new("bob");
    bob.register(&vault, "x").await;
    let bobs = bob.log_in(&vault, "x").await;
    let (phone, list) = (Device::new(&user), user.list(None));
    let change = confirming(&list, &phone, b"confirmation");
    let post = async || user.post(&vault, &session, paths::DEVICES, &change).await;
    post().await.problem(ProblemCode::PairingUnknown);
    open(&vault, &bob, &bobs, 1).await.json::<OpenResponse>();
    reply(&vault, b"reply").await.json::<ReplyResponse>();
    post().await.problem(ProblemCode::PairingUnknown);
    assert_eq!(read(&vault).await.json::<ReadResponse>().confirmation, None);
    user.get(&vault, &phone, paths::DEVICE).await.problem(ProblemCode::DeviceRevoked);

    let vault = crate::support::vault().await;
    let (user, session) = alice(&vault).await;
    let change = confirming(&user.list(None), &Device::new(&user), b"confirmation");
    open(&vault, &user, &session, 1).await.json::<OpenResponse>();
    let refused = user.post(&vault, &session, paths::DEVICES, &change).await;
    assert_eq!(refused.problem(ProblemCode::Malformed).field.as_deref(), Some("pairing"));
    // A change that is refused leaves the mailbox as it was.
    reply(&vault, b"reply").await.json::<ReplyResponse>();
    let wrong = confirming(&user.list(Some(&user.list(None))), &Device::new(&user), b"wrong");
    user.post(&vault, &session, paths::DEVICES, &wrong).await.problem(ProblemCode::DevicesMoved);
    assert_eq!(read(&vault).await.json::<ReadResponse>().confirmation, None);
    user.post(&vault, &session, paths::DEVICES, &change).await.json::<ChangeResponse>();
}

#[tokio::test]
async fn a_mailbox_ends_after_ten_minutes() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    open(&vault, &user, &session, 1).await.json::<OpenResponse>();
    vault.pass(LIFETIME - 1);
    reply(&vault, b"reply").await.json::<ReplyResponse>();
    assert_eq!(read(&vault).await.status, 200);
    vault.pass(1);
    read(&vault).await.problem(ProblemCode::PairingUnknown);
    reply(&vault, b"reply").await.problem(ProblemCode::PairingUnknown);
    open(&vault, &user, &session, 1).await.problem(ProblemCode::PairingUnknown);
    let change = confirming(&user.list(None), &Device::new(&user), b"late");
    user.post(&vault, &session, paths::DEVICES, &change).await.problem(ProblemCode::PairingUnknown);
    assert_eq!(kinds(&history(&vault, &user, &session).await.acts), [kind::REGISTRATION, kind::LOGIN]);
}

#[tokio::test]
async fn a_confirmation_in_doubt_is_sent_again() {
    for (prefix, fault) in [
        ("pairings/", Fault::AppliedThenDown),
        ("pairings/", Fault::Down),
        ("accounts/", Fault::AppliedThenDown),
        ("accounts/", Fault::Down),
    ] {
        let mut settings = settings();
        settings.retry_policy.attempts = 3;
        let vault = vault_with(settings).await;
        let (user, session) = alice(&vault).await;
        open(&vault, &user, &session, 1).await.json::<OpenResponse>();
        reply(&vault, b"reply").await.json::<ReplyResponse>();
        let phone = Device::new(&user);
        let change = confirming(&user.list(None), &phone, b"confirmation");
        vault.store.fail_next(prefix, fault);
        user.post(&vault, &session, paths::DEVICES, &change).await.problem(ProblemCode::OutcomeUnknown);
        vault.store.come_back();
        user.post(&vault, &session, paths::DEVICES, &change).await.json::<ChangeResponse>();
        assert_eq!(user.get(&vault, &phone, paths::DEVICE).await.status, 200);
        assert!(read(&vault).await.json::<ReadResponse>().confirmation.is_some());
        let told = history(&vault, &user, &session).await.acts;
        assert_eq!(kinds(&told).iter().filter(|kind| **kind == kind::PAIRING).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_replies_at_once_one_stays() {
    let vault = Arc::new(vault().await);
    let (user, session) = alice(&vault).await;
    open(&vault, &user, &session, 1).await.json::<OpenResponse>();
    let mut replies = JoinSet::new();
    for n in 0..4_u8 {
        let vault = Arc::clone(&vault);
        replies.spawn(async move { (n, reply(&vault, &[n + 1]).await) });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        replies.join_all().await.into_iter().partition(|(_, reply)| reply.status == 200);
    let [(winner, _)] = won[..] else { panic!("{} stay", won.len()) };
    for (_, reply) in lost {
        reply.problem(ProblemCode::PairingUsed);
    }
    assert_eq!(read(&vault).await.json::<ReadResponse>().reply, Some(vec![winner + 1]));
}

#[tokio::test]
async fn messages_have_a_size() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    open(&vault, &user, &session, 1).await.json::<OpenResponse>();
    for wrong in [vec![], vec![1; PAIRING_MESSAGE_BYTES + 1]] {
        let refused = reply(&vault, &wrong).await.problem(ProblemCode::Malformed);
        assert_eq!(refused.field.as_deref(), Some("reply"));
    }
    reply(&vault, &[1; PAIRING_MESSAGE_BYTES]).await.json::<ReplyResponse>();
    for wrong in [vec![], vec![1; PAIRING_MESSAGE_BYTES + 1]] {
        let change = confirming(&user.list(None), &Device::new(&user), &wrong);
        let refused = user.post(&vault, &session, paths::DEVICES, &change).await;
        assert_eq!(refused.problem(ProblemCode::Malformed).field.as_deref(), Some("confirmation"));
    }
}
