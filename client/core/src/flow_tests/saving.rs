//! Saves: on a good day, on a bad network, against another device, and against a vault that lies.

use super::vault::{FakeVault, Fault};
use super::*;
use crate::pending_save::{PendingSaveFault, PendingSaveOutcome};
use crate::transport::{Method, Response};
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Generation, Number, ProblemCode, limits, parts};

const SAVE: (Method, &str) = (Method::Put, paths::SNAPSHOTS);
const FETCH: (Method, &str) = (Method::Get, paths::SNAPSHOTS);

fn fault(vault: &FakeVault, (method, path): (Method, &'static str), fault: Fault) {
    vault.fault(method, path, fault);
}

/// What a new device finds.
async fn restored(vault: &FakeVault) -> Vec<String> {
    let fresh = device(vault, 99);
    texts(&log_in_anew(&fresh).await.expect("logs in"))
}

async fn finish(client: &Client<Fake>) -> PendingSaveOutcome {
    log_in(client).await.expect("logs in").finish_pending().await.expect("finishes")
}

fn is_pending(client: &Client<Fake>) -> bool {
    client.state_store().kept().pending.is_some()
}

#[tokio::test]
async fn saves_in_one_trip() {
    let (vault, client, _) = registered().await;
    let mut session = log_in(&client).await.expect("logs in");
    vault.take_sent();
    let saved = session.save(adding("one")).await.expect("saves");
    let methods: Vec<_> = vault.take_sent().into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, [Method::Put]);
    assert_eq!((saved.number, saved.merged, saved.added.len()), (Number(1), false, 1));
    let saved = session.save(adding("two").remove(saved.added[0])).await.expect("saves");
    assert_eq!(texts(&session), ["two"]);
    assert_eq!(session.local_state().last_seen.map(|seen| seen.digest), Some(saved.digest));
    assert_eq!(remembered(&client).last_seen.map(|seen| seen.number), Some(Number(2)));
    assert!(!is_pending(&client));
}

#[tokio::test]
async fn removing_what_is_not_there_is_said() {
    let (vault, client, _) = registered().await;
    let missing = rootcellar_spec::EntryId([1; 16]);
    let change = Change::new().remove(missing);
    let mut session = log_in(&client).await.expect("logs in");
    assert!(matches!(error(session.save(change).await), ClientError::NoSuchEntry(id) if id == missing));
    assert!(vault.account().snapshots.is_empty());
}

#[tokio::test]
async fn a_lost_answer_saves_once() {
    let (vault, client, _) = registered().await;
    fault(&vault, SAVE, Fault::LoseReply);
    save(&client, "one").await.expect("saves");
    assert_eq!(vault.account().snapshots.len(), 1);
    assert_eq!(restored(&vault).await, ["one"]);
}

#[tokio::test]
async fn what_never_arrived_is_sent_again_by_the_next_program() {
    let (vault, client, _) = registered().await;
    (0..4).for_each(|_| fault(&vault, SAVE, Fault::LoseRequest));
    assert!(matches!(error(save(&client, "one").await), ClientError::Unconfirmed(_)));
    let pending = client.state_store().kept().pending.clone().expect("kept");
    assert!(matches!(error(save(&client, "two").await), ClientError::PendingSave), "nothing is overwritten");
    assert_eq!(finish(&client).await, PendingSaveOutcome::Saved);
    assert_eq!(vault.account().snapshots[0].1, pending.snapshot, "the same bytes");
    assert!(!is_pending(&client));
    assert_eq!(finish(&client).await, PendingSaveOutcome::Nothing);
    assert_eq!(restored(&vault).await, ["one"]);
}

#[tokio::test]
async fn what_arrived_without_an_answer_is_recognised() {
    let (vault, client, _) = registered().await;
    (0..4).for_each(|_| fault(&vault, SAVE, Fault::LoseReply));
    assert!(matches!(error(save(&client, "one").await), ClientError::Unconfirmed(_)));
    // Another device saves on top of it.
    let other = device(&vault, 3);
    log_in_anew(&other).await.expect("logs in").save(adding("two")).await.expect("saves");
    assert_eq!(finish(&client).await, PendingSaveOutcome::AlreadySaved);
    assert!(!is_pending(&client));
    assert_eq!(restored(&vault).await, ["one", "two"]);
}

#[tokio::test]
async fn two_devices_at_once_keep_both_entries() {
    let (vault, client, _) = registered().await;
    let other = device(&vault, 3);
    let mut theirs = log_in_anew(&other).await.expect("logs in");
    save(&client, "one").await.expect("saves");
    let saved = theirs.save(adding("two")).await.expect("saves");
    assert!(saved.merged);
    assert_eq!(saved.number, Number(2));
    assert_eq!(texts(&theirs), ["one", "two"]);
    assert_eq!(restored(&vault).await, ["one", "two"]);
}

#[tokio::test]
async fn a_conflict_behind_a_lost_answer_is_no_duplicate() {
    let (vault, client, _) = registered().await;
    let other = device(&vault, 3);
    let mut theirs = log_in_anew(&other).await.expect("logs in");
    // The first try arrives, but its answer is a proxy's; then the vault says that the head has moved, as it has.
    let bad_gateway = |response| Response { status: 502, body: b"<html>".to_vec(), ..response };
    fault(&vault, SAVE, Fault::Replace(Box::new(bad_gateway)));
    fault(&vault, SAVE, Fault::Refuse(ProblemCode::HeadMoved));
    let saved = theirs.save(adding("one")).await.expect("saves");
    assert_eq!((saved.number, saved.merged), (Number(1), false));
    assert_eq!(vault.account().snapshots.len(), 1);
    save(&client, "two").await.expect("saves");
    assert_eq!(restored(&vault).await, ["one", "two"]);
}

#[tokio::test]
async fn an_unfinished_save_is_merged_behind_another_devices() {
    let (vault, client, _) = registered().await;
    let first = save(&client, "old").await.expect("saves");
    let mut session = log_in(&client).await.expect("logs in");
    (0..4).for_each(|_| fault(&vault, SAVE, Fault::LoseRequest));
    let change = adding("one").remove(first.added[0]);
    assert!(matches!(error(session.save(change).await), ClientError::Unconfirmed(_)));
    let other = device(&vault, 3);
    log_in_anew(&other).await.expect("logs in").save(adding("two")).await.expect("saves");
    assert_eq!(finish(&client).await, PendingSaveOutcome::Merged);
    assert_eq!(restored(&vault).await, ["two", "one"]);
}

#[tokio::test]
async fn what_cannot_be_finished_is_kept_and_explained() {
    let (vault, client, _) = registered().await;
    (0..4).for_each(|_| fault(&vault, SAVE, Fault::LoseRequest));
    assert!(save(&client, "one").await.is_err());
    let honest = client.state_store().kept().pending.clone().expect("kept");
    let mut others = vec![(honest.clone(), PendingSaveFault::OtherAccount)];
    others[0].0.account_id.0[0] ^= 1;
    let rekeyed = crate::pending_save::PendingSave { generation: Generation(2), ..honest.clone() };
    others.push((rekeyed, PendingSaveFault::KeysChanged));
    let mut damaged = honest.clone();
    *damaged.snapshot.last_mut().expect("bytes") ^= 1;
    others.push((damaged, PendingSaveFault::Damaged));
    for (pending, reason) in others {
        client.state_store().kept().pending = Some(pending);
        assert_eq!(finish(&client).await, PendingSaveOutcome::CannotFinish(reason));
        assert!(is_pending(&client), "{reason}");
    }
    let mut session = log_in(&client).await.expect("logs in");
    session.discard_pending().await.expect("discards");
    assert!(!is_pending(&client));
    assert!(vault.account().snapshots.is_empty());
}

#[tokio::test]
async fn a_save_that_the_vault_only_claims_is_found_out() {
    let (vault, client, _) = registered().await;
    let without = |response: Response| {
        let (control, _) = parts::split(&response.body).expect("two parts");
        Response { body: parts::join(control, &[]), ..response }
    };
    fault(&vault, SAVE, Fault::Replace(Box::new(without)));
    assert!(matches!(error(save(&client, "one").await), ClientError::ReadBack(_)));
    assert!(is_pending(&client));
    assert_eq!(remembered(&client).last_seen, None);
    // The vault had in truth lost it; the next program saves it again.
    vault.account().snapshots.clear();
    assert_eq!(finish(&client).await, PendingSaveOutcome::Saved);
    assert_eq!(restored(&vault).await, ["one"]);
}

#[tokio::test]
async fn a_save_that_comes_back_altered_is_found_out() {
    let (vault, client, _) = registered().await;
    let alter = |mut response: Response| {
        *response.body.last_mut().expect("bytes") ^= 1;
        response
    };
    fault(&vault, SAVE, Fault::Replace(Box::new(alter)));
    let failed = error(save(&client, "one").await);
    assert!(matches!(failed, ClientError::ReadBack("it gives other bytes back")), "{failed}");
    assert!(is_pending(&client));
}

#[tokio::test]
async fn a_save_that_is_kept_but_not_the_newest_is_found_out() {
    let (vault, client, _) = registered().await;
    let older = |response: Response| {
        let (control, snapshot) = parts::split(&response.body).expect("two parts");
        let mut answer: SnapshotResponse = serde_json::from_slice(control).expect("an answer");
        answer.head = None;
        let control = serde_json::to_vec(&answer).expect("serializes");
        Response { body: parts::join(&control, snapshot.unwrap_or_default()), ..response }
    };
    fault(&vault, SAVE, Fault::Replace(Box::new(older)));
    let failed = error(save(&client, "one").await);
    assert!(matches!(failed, ClientError::ReadBack("it names an older one as the newest")), "{failed}");
    assert!(is_pending(&client));
}

#[tokio::test]
async fn a_full_vault_saves_nothing_and_leaves_nothing_unfinished() {
    let (vault, client, _) = registered().await;
    fault(&vault, SAVE, Fault::Refuse(ProblemCode::StorageFull));
    let failed = error(save(&client, "one").await);
    assert_eq!(failed.problem(), Some(ProblemCode::StorageFull));
    assert!(!is_pending(&client));
    assert_eq!(
        vault.take_sent().iter().filter(|(method, ..)| *method == Method::Put).count(),
        1,
        "507 is final"
    );
}

#[tokio::test]
async fn an_unfinished_save_waits_until_there_is_room() {
    let (vault, client, _) = registered().await;
    (0..4).for_each(|_| fault(&vault, SAVE, Fault::LoseRequest));
    assert!(save(&client, "one").await.is_err());
    fault(&vault, SAVE, Fault::Refuse(ProblemCode::StorageFull));
    let mut session = log_in(&client).await.expect("logs in");
    assert_eq!(error(session.finish_pending().await).problem(), Some(ProblemCode::StorageFull));
    assert!(is_pending(&client), "it was promised to be kept");
    assert_eq!(finish(&client).await, PendingSaveOutcome::Saved);
}

#[tokio::test]
async fn a_fork_during_a_conflict_overwrites_nothing() {
    let (vault, client, _) = registered().await;
    save(&client, "one").await.expect("saves");
    let mut session = log_in(&client).await.expect("logs in");
    // The vault shows another device a history without the first save.
    vault.account().snapshots.clear();
    let other = device(&vault, 3);
    let mut theirs = log_in_anew(&other).await.expect("logs in");
    theirs.save(adding("two")).await.expect("saves");
    theirs.save(adding("three")).await.expect("saves");
    let failed = error(session.save(adding("four")).await);
    assert!(matches!(failed, ClientError::Fork { .. }), "{failed}");
    assert_eq!(vault.account().snapshots.len(), 2);
    assert!(!is_pending(&client), "what was said to be saved nowhere is not saved later");
}

#[tokio::test]
async fn a_conflict_with_what_does_not_open_is_in_doubt_only_behind_a_lost_answer() {
    for in_doubt in [false, true] {
        let (vault, client, _) = registered().await;
        let other = device(&vault, 3);
        let mut session = log_in(&client).await.expect("logs in");
        log_in_anew(&other).await.expect("logs in").save(adding("two")).await.expect("saves");
        if in_doubt {
            fault(&vault, SAVE, Fault::LoseReply);
        }
        let alter = |mut response: Response| {
            *response.body.last_mut().expect("bytes") ^= 1;
            response
        };
        fault(&vault, FETCH, Fault::Replace(Box::new(alter)));
        let failed = error(session.save(adding("one")).await);
        assert_eq!(matches!(failed, ClientError::Unconfirmed(_)), in_doubt, "{failed}");
        assert_eq!(is_pending(&client), in_doubt, "{failed}");
    }
}

#[tokio::test]
async fn a_full_disk_after_a_save_never_looks_like_no_save() {
    let mut unclear = 0;
    for writes in 0..5 {
        let (vault, client, _) = registered().await;
        let mut session = log_in(&client).await.expect("logs in");
        session.client.state_store().take_only(writes);
        let saved = session.save(adding("one")).await;
        let at_vault = !vault.account().snapshots.is_empty();
        match saved {
            Ok(_) => assert!(at_vault),
            Err(ClientError::Unconfirmed(_)) => {
                unclear += 1;
                assert!(at_vault && is_pending(&client), "{writes}: the next command finds it saved");
            }
            Err(other) => assert!(!at_vault && !is_pending(&client), "{writes}: {other}"),
        }
    }
    assert!(unclear >= 2, "what is seen and what is finished are written each: {unclear}");
}

#[tokio::test]
async fn a_refused_save_that_the_disk_cannot_forget_is_no_certain_failure() {
    let (vault, client, _) = registered().await;
    let mut session = log_in(&client).await.expect("logs in");
    session.client.state_store().take_only(1);
    fault(&vault, SAVE, Fault::Refuse(ProblemCode::StorageFull));
    let refused = error(session.save(adding("one")).await);
    assert!(matches!(refused, ClientError::Unconfirmed(_)), "{refused}");
    assert!(is_pending(&client), "and the next command would send it");
}

#[tokio::test]
async fn more_than_a_backup_holds_is_refused_before_it_is_sealed() {
    let (_, client, _) = registered().await;
    let mut session = log_in(&client).await.expect("logs in");
    let entry = || {
        let secret = Secret::Text(SecretBox::new(Box::new("a secret".to_owned())));
        Entry::new(secret, Details::default()).expect("an entry")
    };
    let label = Label::parse("one of many").expect("a label");
    let many = (0..=limits::ENTRIES).fold(Change::new(), |change, _| change.add(label.clone(), entry()));
    let before = session.client.randomness().state();
    assert!(matches!(error(session.save(many).await), ClientError::TooMuch(_)));
    assert_eq!(session.client.randomness().state(), before, "each entry that is sealed takes of it");
}
