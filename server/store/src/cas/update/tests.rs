//! The loop with the scripted store.

use super::super::tests::{
    Others::{self, Nothing, Remove, Swap},
    Reply::{self, Contended, Honest, LostAfter, LostBefore, Refused},
    Scripted, key, note, op, outcome,
};
use super::*;
use crate::cas::tests::Note;
use crate::cas::{Loaded, load};

/// An object of version 1, and then a store that follows the script.
async fn store(script: &[(Reply, Others)]) -> Scripted {
    let store = Scripted::new(&[]);
    create(&store, &key(), op(1), note("first"), RetryPolicy::default()).await.unwrap();
    *store.script.lock().unwrap() = script.iter().copied().collect();
    *store.writes.lock().unwrap() = 0;
    store
}

/// Appends to the note, or creates it. Returns the result and the number of rounds.
async fn append(store: &Scripted) -> (Result<Updated<Note, &'static str, String>, CasError>, u64) {
    let mut rounds = 0;
    let updated = update(store, RetryPolicy::default(), || {
        rounds += 1;
        async move {
            let Loaded { current, .. } = load::<Note>(store, &key()).await.expect("reads");
            let operation = op(2);
            Ok(match current {
                None => {
                    Decision::Create { key: key(), operation, value: note("new"), with: "new".to_owned() }
                }
                Some(current) if current.value().text == "other" => Decision::Keep("kept"),
                Some(current) => {
                    let text = format!("{} and more", current.value().text);
                    Decision::Replace { current, operation, value: note(&text), with: text }
                }
            })
        }
    });
    let updated = updated.await;
    (updated, rounds)
}

#[tokio::test(start_paused = true)]
async fn writes_once_and_hands_back_what_was_decided_for_it() {
    let store = store(&[]).await;
    let (updated, rounds) = append(&store).await;
    let Ok(Updated::Written(current, with)) = updated else { unreachable!("nothing was written") };
    assert_eq!((current.value().text.as_str(), with.as_str()), ("first and more", "first and more"));
    assert_eq!((rounds, *store.writes.lock().unwrap()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn keeps_without_a_write() {
    let store = store(&[]).await;
    store.set(serde_json::to_vec(&with_text(&store, "other")).unwrap().into());
    let (updated, rounds) = append(&store).await;
    assert!(matches!(updated, Ok(Updated::Kept("kept"))));
    assert_eq!((rounds, *store.writes.lock().unwrap()), (1, 0));
}

fn with_text(store: &Scripted, text: &str) -> crate::cas::Versioned<Note> {
    let mut body = store.body().unwrap();
    body.value = note(text);
    body
}

#[tokio::test(start_paused = true)]
async fn decides_again_by_what_came_first() {
    // Another writer writes while this write is in progress.
    let store = store(&[(LostBefore, Swap(1))]).await;
    let (updated, rounds) = append(&store).await;
    let Ok(Updated::Written(current, _)) = updated else { unreachable!("nothing was written") };
    assert_eq!(current.value().text, "first and more", "what the other writer left, and this one's");
    assert_eq!((rounds, current.body.version), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn starts_over_if_the_object_is_gone() {
    let store = store(&[(Contended, Remove)]).await;
    let (updated, rounds) = append(&store).await;
    let Ok(Updated::Written(current, with)) = updated else { unreachable!("nothing was written") };
    assert_eq!((current.value().text.as_str(), with.as_str(), rounds), ("new", "new", 2));
}

#[tokio::test(start_paused = true)]
async fn an_uncertain_write_is_read_back_and_never_applied_twice() {
    for script in
        [&[(LostAfter, Nothing)][..], &[(LostAfter, Swap(3))], &[(LostBefore, Nothing), (Honest, Nothing)]]
    {
        let store = store(script).await;
        let (updated, rounds) = append(&store).await;
        assert!(matches!(updated, Ok(Updated::Written(..))));
        assert_eq!(rounds, 1);
        let body = store.body().unwrap();
        assert_eq!(body.value.text, "first and more");
        assert_eq!(body.recent.iter().filter(|operation| **operation == op(2)).count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn gives_up_when_others_are_first_in_every_round() {
    let store = store(&[(LostBefore, Swap(1)); 20]).await;
    let (updated, rounds) = append(&store).await;
    assert_eq!(outcome(&updated), "contended");
    assert_eq!(rounds, ROUNDS as u64);
    assert!(!store.body().unwrap().recent.contains(&op(2)), "nothing of it was written");
}

#[tokio::test(start_paused = true)]
async fn decides_again_while_other_writes_are_under_way_until_the_deadline() {
    let attempts = RetryPolicy::default().attempts as usize;
    let script = vec![(Contended, Nothing); attempts];
    let (updated, rounds) = append(&store(&script).await).await;
    assert!(matches!(updated, Ok(Updated::Written(..))));
    assert_eq!(rounds, 2, "the first write was refused as often as one is tried");

    let store = store(&[(Contended, Nothing); 100]).await;
    let began = Instant::now();
    let (updated, rounds) = append(&store).await;
    assert_eq!(outcome(&updated), "contended");
    assert!(rounds > 1 && began.elapsed() < RetryPolicy::default().deadline * 2, "{rounds} rounds");
    assert!(!store.body().unwrap().recent.contains(&op(2)), "nothing of it was written");
}

#[tokio::test(start_paused = true)]
async fn every_other_end_of_a_write_ends_the_update() {
    for (script, expected) in
        [(&[(Refused, Nothing)][..], "refused"), (&[(LostBefore, Nothing); 9], "unknown")]
    {
        let store = store(script).await;
        let (updated, rounds) = append(&store).await;
        assert_eq!((outcome(&updated), rounds), (expected, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_to_decide_ends_it() {
    let store = store(&[]).await;
    let refuse = || async { Err::<Decision<Note, (), ()>, _>(CasError::Taken) };
    let updated = update(&store, RetryPolicy::default(), refuse).await;
    assert_eq!(outcome(&updated), "taken");
    assert_eq!(*store.writes.lock().unwrap(), 0);
}
