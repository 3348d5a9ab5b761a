//! Section 15.6: an account that no name leads to gets one with its new passphrase, even after the root secret was
//! replaced.

use crate::passphrase::prepare;
use crate::root_secret_replaced::replace_secret;
use crate::support::client::{Session, User, keyslot};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault_with};
use rootcellar_server::store::Store;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::login::StartResponse as LoginStartResponse;
use rootcellar_spec::wire::registration::{
    PassphraseFinishRequest, PassphraseFinishResponse, PassphraseStartRequest,
};
use rootcellar_spec::wire::{paths, vault};
use rootcellar_spec::{NameHash, ProblemCode};
use rootcellar_vault::names::NameKey;

/// A vault whose operator has replaced the root secret, and the one from before on the same store.
async fn adopted(names: &[&str]) -> (TestVault, TestVault, Vec<User>) {
    let mut settings = settings();
    settings.retry_policy.attempts = 3;
    let former = vault_with(settings).await;
    let mut users = Vec::new();
    for name in names {
        let mut user = User::new(name);
        user.register(&former, "old").await;
        users.push(user);
    }
    replace_secret(&former, 1, 2).await;
    let vault = former.replica_with(2, Some(former.state.now()));
    (former, vault, users)
}

async fn opens(vault: &TestVault, user: &mut User, passphrase: &str) -> bool {
    let begun = user.begin(passphrase);
    let answer: LoginStartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    user.finish_login(&begun, passphrase, &answer, vault.state.now()).is_some()
}

async fn change(vault: &TestVault, user: &mut User, passphrase: &str) -> (Session, PassphraseFinishRequest) {
    let session = user.recover(vault).await;
    let request = prepare(vault, user, &session, passphrase).await;
    (session, request)
}

#[tokio::test]
async fn after_an_adopt_a_recovery_claims_the_name_again_and_the_passphrase_works() {
    let (_, vault, mut users) = adopted(&["alice"]).await;
    let alice = &mut users[0];
    assert!(!opens(&vault, alice, "old").await);
    let request = http::Request::get(paths::VAULT).body(axum::body::Body::empty()).expect("a request");
    let about: vault::Vault = vault.send(request).await.json();
    assert_eq!(about.passphrases_since, Some(vault.state.now()));

    let (session, request) = change(&vault, alice, "new").await;
    assert!(!session.answer.named);
    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    let session = alice.log_in(&vault, "new").await;
    assert_eq!((session.answer.account_id, session.answer.keyslot), (alice.account, keyslot(9)));
    assert!(session.answer.named && alice.recover(&vault).await.answer.named);
}

#[tokio::test]
async fn a_root_secret_that_is_adopted_back_brings_the_passphrases_back_that_were_not_replaced() {
    let (former, vault, mut users) = adopted(&["alice", "bob"]).await;
    let [alice, bob] = &mut users[..] else { panic!("two") };
    let (session, request) = change(&vault, alice, "new").await;
    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    let snapshot = bob.snapshot(None, "content");
    bob.put(&vault, &bob.recover(&vault).await, &snapshot).await.parts::<SnapshotResponse>();

    replace_secret(&vault, 2, 1).await;
    let session = bob.log_in(&former, "old").await;
    assert_eq!(session.snapshot.as_deref(), Some(&snapshot.bytes[..]));
    for passphrase in ["old", "new"] {
        assert!(!opens(&former, alice, passphrase).await, "replaced, and set under the other one");
    }
    let (session, request) = change(&former, alice, "newer").await;
    assert!(!session.answer.named);
    alice
        .post(&former, &session, paths::PASSPHRASE_FINISH, &request)
        .await
        .json::<PassphraseFinishResponse>();
    alice.log_in(&former, "newer").await;
}

#[tokio::test]
async fn a_name_is_required_where_none_leads_there_and_kept_where_one_does() {
    let (former, vault, mut users) = adopted(&["alice"]).await;
    let alice = &mut users[0];
    let cases = [
        (&vault, None, true),
        (&vault, Some(NameHash([5; 32])), false),
        (&former, None, false),
        (&former, Some(alice.name_hash), false),
        (&former, Some(NameHash([5; 32])), true),
    ];
    for (vault, name_hash, refused) in cases {
        let session = alice.recover(vault).await;
        let (request, _) = alice.registration_request("new");
        let request =
            PassphraseStartRequest { name_hash, registration_request: request.registration_request };
        let reply = alice.post(vault, &session, paths::PASSPHRASE_START, &request).await;
        match refused {
            true => assert_eq!(reply.problem(ProblemCode::Malformed).field.as_deref(), Some("name_hash")),
            false => assert_eq!(reply.status, 200),
        }
    }
}

/// An account without a name, which a registration by invite can leave, would otherwise test any number of names.
#[tokio::test]
async fn an_account_without_a_name_learns_of_three_taken_names_and_then_of_one_a_day() {
    let (_, open, mut users) = adopted(&["alice"]).await;
    let alice = &mut users[0];
    for name in ["bob", "carol", "dora", "eve", "frank"] {
        User::new(name).register(&open, "right").await;
    }
    let vault = open.replica_by_invite(2);
    let session = alice.recover(&vault).await;
    let ask = async |alice: &mut User, name: &str| {
        alice.name_hash = User::new(name).name_hash;
        let request = prepare(&vault, alice, &session, "new").await;
        // A repeat tells nothing new and is not counted.
        let first = alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
        let again = alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
        assert_eq!((first.status, &first.body), (again.status, &again.body));
        first
    };
    for name in ["bob", "carol", "dora"] {
        ask(alice, name).await.problem(ProblemCode::NameTaken);
    }
    let refused = ask(alice, "eve").await.problem(ProblemCode::RateLimited);
    assert_eq!(refused.retry_after, Some(24 * 60 * 60));
    ask(alice, "free").await.problem(ProblemCode::RateLimited);
}

#[tokio::test]
async fn a_name_that_somebody_took_is_refused_and_another_one_works() {
    let (_, vault, mut users) = adopted(&["alice"]).await;
    let alice = &mut users[0];
    let (session, late) = change(&vault, alice, "new").await;
    let mut other = User::new("alice");
    other.register(&vault, "right").await;
    let before = vault.store.contents().await;
    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &late).await.problem(ProblemCode::NameTaken);
    assert_eq!(vault.store.contents().await, before, "refused before the swap");

    alice.name_hash = User::new("alice.2").name_hash;
    let request = prepare(&vault, alice, &session, "new").await;
    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    assert_eq!(alice.log_in(&vault, "new").await.answer.account_id, alice.account);
    assert_eq!(other.log_in(&vault, "right").await.answer.account_id, other.account);
}

/// To it the account seems to have no name any more; what it did about that would break the passphrase just set.
#[tokio::test]
async fn a_replica_that_missed_the_adoption_gives_no_names() {
    let (former, vault, mut users) = adopted(&["alice"]).await;
    let alice = &mut users[0];
    let (session, request) = change(&vault, alice, "new").await;
    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();

    let session = alice.recover(&former).await;
    let (request, _) = alice.registration_request("newer");
    let request = PassphraseStartRequest {
        name_hash: Some(alice.name_hash),
        registration_request: request.registration_request,
    };
    let reply = alice.post(&former, &session, paths::PASSPHRASE_START, &request).await;
    reply.problem(ProblemCode::StoreUnavailable);
    alice.log_in(&vault, "new").await;
}

/// Every write of the request fails in turn, before or after it took place, and nothing is answered from then on. The same
/// request, sent again, completes it; someone who gives up and recovers again gets as far.
#[tokio::test]
async fn a_change_of_name_survives_a_crash_at_any_write() {
    for fault in [Fault::Down, Fault::AppliedThenDown] {
        for again in [true, false] {
            let mut writes = 0;
            loop {
                let (_, vault, mut users) = adopted(&["alice"]).await;
                let alice = &mut users[0];
                let (session, request) = change(&vault, alice, "new").await;
                vault.store.fail_after(writes, "", fault);
                let reply = alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
                vault.store.come_back();
                let came = !vault.store.forget_fault();
                assert!(
                    reply.status == 200 || came && reply.status == 503,
                    "{fault:?} {writes}: {}",
                    reply.status
                );
                if again {
                    let reply = alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
                    reply.json::<PassphraseFinishResponse>();
                } else {
                    vault.pass(86_400);
                    let (session, request) = change(&vault, alice, "new").await;
                    let reply = alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
                    reply.json::<PassphraseFinishResponse>();
                }
                let session = alice.log_in(&vault, "new").await;
                assert_eq!(session.answer.account_id, alice.account, "{fault:?} {writes}");
                if !came {
                    break;
                }
                writes += 1;
            }
            assert_eq!(writes, 5, "claim, swap, confirm (a create that finds it, then a swap), refund");
        }
    }
}

/// A sweep that has read the pointer before the account named it back may be about to remove it: conditionally.
#[tokio::test]
async fn who_read_the_pointer_before_the_swap_cannot_change_it_afterwards() {
    let (_, vault, mut users) = adopted(&["alice"]).await;
    let alice = &mut users[0];
    let (session, request) = change(&vault, alice, "new").await;
    // Stopped after the claim: this is what a sweep finds.
    vault.store.fail_next("names/", Fault::AppliedThenDown);
    let reply = alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
    assert_eq!(reply.status, 503);
    vault.store.come_back();
    let pointer = NameKey::of(vault.state.keys(), &alice.name_hash).pointer();
    let found = vault.store.get(&pointer).await.expect("reads").object.expect("claimed").etag;

    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    assert!(vault.store.delete(&pointer, &found).await.is_err(), "it was rewritten");
    alice.log_in(&vault, "new").await;
}

/// The sweep is faster: it removes the pointer between the swap and the confirmation.
#[tokio::test]
async fn a_pointer_that_is_removed_before_it_is_confirmed_is_made_again() {
    let (_, vault, mut users) = adopted(&["alice"]).await;
    let vault = std::sync::Arc::new(vault);
    let alice = &mut users[0];
    let (session, request) = change(&vault, alice, "new").await;
    let pointer = NameKey::of(vault.state.keys(), &alice.name_hash).pointer();
    let store = vault.store.clone();
    // The claim creates it without a read; the confirmation is what reads it.
    vault.store.before_reading("names/", async move {
        let found = store.get(&pointer).await.expect("reads").object.expect("claimed").etag;
        store.delete(&pointer, &found).await.expect("removes");
    });
    alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    alice.log_in(&vault, "new").await;
}

#[tokio::test]
async fn of_two_accounts_that_claim_one_name_at_once_one_gets_it() {
    for seed in 0..50 {
        let (_, vault, mut users) = adopted(&["alice", "bob"]).await;
        users[1].name_hash = users[0].name_hash;
        let (alices, alices_request) = change(&vault, &mut users[0], "hers").await;
        let (bobs, bobs_request) = change(&vault, &mut users[1], "his").await;
        vault.store.jitter(seed);
        let path = paths::PASSPHRASE_FINISH;
        let (hers, his) = tokio::join!(
            users[0].post(&vault, &alices, path, &alices_request),
            users[1].post(&vault, &bobs, path, &bobs_request),
        );
        assert_eq!(hers.status.min(his.status), 200, "seed {seed}: one has it");
        let (winner, passphrase, loser, lost) =
            if hers.status == 200 { (0, "hers", 1, his) } else { (1, "his", 0, hers) };
        lost.problem(ProblemCode::NameTaken);
        let session = users[winner].log_in(&vault, passphrase).await;
        assert_eq!(session.answer.account_id, users[winner].account, "seed {seed}");

        let loser = &mut users[loser];
        loser.name_hash = User::new("another").name_hash;
        let (session, request) = change(&vault, loser, "third").await;
        assert!(!session.answer.named, "seed {seed}");
        loser
            .post(&vault, &session, paths::PASSPHRASE_FINISH, &request)
            .await
            .json::<PassphraseFinishResponse>();
        assert_eq!(loser.log_in(&vault, "third").await.answer.account_id, loser.account, "seed {seed}");
    }
}

/// A registration and a recovery want the same name.
#[tokio::test]
async fn of_a_registration_and_a_recovery_that_claim_one_name_at_once_one_gets_it() {
    for seed in 0..50 {
        let (_, vault, mut users) = adopted(&["alice"]).await;
        let alice = &mut users[0];
        let mut other = User::new("alice");
        let registration = other.prepare_registration(&vault, "right").await;
        let (session, request) = change(&vault, alice, "new").await;
        vault.store.jitter(seed);
        let (recovered, registered) = tokio::join!(
            alice.post(&vault, &session, paths::PASSPHRASE_FINISH, &request),
            vault.post(paths::REGISTRATION_FINISH, &registration),
        );
        assert_eq!(recovered.status.min(registered.status), 200, "seed {seed}");
        assert_eq!(recovered.status.max(registered.status), 409, "seed {seed}");
        if recovered.status == 200 {
            assert_eq!(alice.log_in(&vault, "new").await.answer.account_id, alice.account, "seed {seed}");
        } else {
            assert_eq!(other.log_in(&vault, "right").await.answer.account_id, other.account, "seed {seed}");
            assert!(!alice.recover(&vault).await.answer.named, "seed {seed}");
        }
    }
}
