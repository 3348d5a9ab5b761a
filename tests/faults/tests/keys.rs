//! A new recovery code, new keys, a newer suite and the history, through the client and a whole vault.

#![allow(clippy::panic, reason = "a helper fails its test by a panic")]

use rootcellar_client::history::{CheckedStream, Gap};
use rootcellar_client::local_state::LocalState;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::{
    Change, Client, ClientError, Login, LoginOptions, Recovery, Session, SnapshotChoice, SystemRandomness,
};
use rootcellar_faults::memory::MemoryStore;
use rootcellar_faults::operations::{ALICE, settle_in};
use rootcellar_faults::person::{Disk, InProcess, typed};
use rootcellar_faults::time::run;
use rootcellar_faults::{Prepared, Simulation};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{ProblemCode, SuiteId};

/// Both suites, the newest first.
const BOTH: &[SuiteId] = &[SuiteId::TEST, SuiteId::ONE];

/// A world in which Alice has an account with two saved texts.
async fn settled() -> Simulation {
    let mut simulation = Simulation::resume(&Prepared::nothing(RegistrationMode::Open)).await;
    settle_in(&mut simulation).await;
    simulation
}

fn code() -> RecoveryCode {
    RecoveryCode::generate(&mut SystemRandomness)
}

fn local_state(simulation: &Simulation, device: usize) -> LocalState {
    simulation.people[ALICE].devices[device].local_state().expect("the device knows the account")
}

/// A session by passphrase on one of Alice's devices.
async fn session(simulation: &Simulation, client: &Client<InProcess>) -> Session<InProcess> {
    simulation.log_in(client, ALICE, simulation.people[ALICE].passphrase()).await.expect("logs in")
}

fn refused<T>(result: Result<T, ClientError>) -> ProblemCode {
    match result {
        Ok(_) => panic!("succeeded"),
        Err(error) => error.problem().unwrap_or_else(|| panic!("{error}")),
    }
}

/// Recovers on a fresh device.
async fn recovers(simulation: &Simulation, code: &RecoveryCode) -> Result<usize, ClientError> {
    let client = simulation.program_on(&Disk::of(9));
    let session = client.recover(Recovery::new_device(), code).await?;
    simulation.look(ALICE, &session);
    Ok(session.items().len())
}

#[test]
fn a_new_recovery_code_ends_the_former_and_every_session() {
    run(async {
        let simulation = settled().await;
        let former = simulation.people[ALICE].code().expect("a code");
        let (first, second) = (simulation.program(ALICE, 0), simulation.program(ALICE, 1));
        let mut other = session(&simulation, &second).await;
        let new = code();
        let local_state = session(&simulation, &first).await.new_recovery_code(&new).await.expect("is set");
        assert_eq!(Some(&local_state), simulation.people[ALICE].devices[0].local_state().as_ref());

        assert_eq!(refused(recovers(&simulation, &former).await), ProblemCode::RecoveryRefused);
        assert_eq!(recovers(&simulation, &new).await.expect("recovers"), 2);
        assert_eq!(refused(other.account().await), ProblemCode::SessionEnded);
        // The passphrase is what it was; and who recovered can put the next code in place.
        drop(session(&simulation, &first).await);
        let next = code();
        let mut recovered = first.recover(Recovery::remembered(local_state), &new).await.expect("recovers");
        recovered.new_recovery_code(&next).await.expect("is set");
        assert_eq!(refused(recovers(&simulation, &new).await), ProblemCode::RecoveryRefused);
        assert_eq!(recovers(&simulation, &next).await.expect("recovers"), 2);
    });
}

#[test]
fn new_keys_leave_no_way_in_by_the_former() {
    run(async {
        let mut simulation = settled().await;
        let former = simulation.people[ALICE].code().expect("a code");
        // The second device has seen the first snapshot.
        let second = simulation.program(ALICE, 1);
        let mut left = session(&simulation, &second).await;
        let new = code();
        let first = simulation.program(ALICE, 0);
        let before = local_state(&simulation, 0);
        let after = session(&simulation, &first).await.rekey(&new, None).await.expect("changes the keys");
        let numbers = [&before, &after].map(|local_state| local_state.last_seen.expect("seen").number.0);
        assert_eq!(numbers, [2, 3]);

        assert_eq!(refused(left.account().await), ProblemCode::SessionEnded);
        drop(left);
        assert_eq!(refused(recovers(&simulation, &former).await), ProblemCode::RecoveryRefused);
        assert_eq!(recovers(&simulation, &new).await.expect("recovers"), 2);
        // On either device the passphrase opens everything, and what was seen before is among the ancestors.
        for device in [0, 1] {
            let client = simulation.program(ALICE, device);
            let mut session = session(&simulation, &client).await;
            simulation.look(ALICE, &session);
            let account = session.account().await.expect("answers");
            assert_eq!((account.generation.0, account.snapshots.len()), (2, 1));
        }
        assert!(simulation.save(ALICE, 1, "three").await);
        let first = simulation.program(ALICE, 0);
        let mut again = session(&simulation, &first).await;
        assert_eq!((again.items().len(), again.head().expect("a head").number.0), (3, 4));
        let next = code();
        again.rekey(&next, None).await.expect("changes them again");
        assert_eq!(recovers(&simulation, &next).await.expect("recovers"), 3);
    });
}

#[test]
fn an_account_without_a_snapshot_gets_new_keys_too() {
    run(async {
        let mut simulation = Simulation::resume(&Prepared::nothing(RegistrationMode::Open)).await;
        simulation.register(ALICE, None).await.expect("registers");
        let client = simulation.program(ALICE, 0);
        let new = code();
        session(&simulation, &client).await.rekey(&new, None).await.expect("changes the keys");
        assert_eq!(recovers(&simulation, &new).await.expect("recovers"), 0);
        assert!(simulation.save(ALICE, 0, "one").await);
        assert_eq!(recovers(&simulation, &new).await.expect("recovers"), 1);
    });
}

#[test]
fn new_keys_need_the_passphrase_and_the_newest_snapshot() {
    run(async {
        let simulation = settled().await;
        let former = simulation.people[ALICE].code().expect("a code");
        let client = simulation.program(ALICE, 0);
        let recovered = client.recover(Recovery::remembered(local_state(&simulation, 0)), &former).await;
        let refused = recovered.expect("recovers").rekey(&code(), None).await;
        assert!(matches!(refused, Err(ClientError::NotByPassphrase)), "{refused:?}");

        let older = Login::remembered(local_state(&simulation, 0)).with(LoginOptions {
            snapshot: SnapshotChoice::Numbered(rootcellar_spec::Number(1)),
            ..LoginOptions::default()
        });
        let older = client.login(older, &typed(simulation.people[ALICE].passphrase())).await;
        let refused = older.expect("logs in").rekey(&code(), None).await;
        assert!(matches!(refused, Err(ClientError::OlderBackup)), "{refused:?}");
        assert_eq!(recovers(&simulation, &former).await.expect("recovers"), 2);
    });
}

#[test]
fn a_save_of_another_device_meanwhile_is_sealed_anew_too() {
    run(async {
        let mut simulation = settled().await;
        let first = simulation.program(ALICE, 0);
        let mut session =
            simulation.log_in(&first, ALICE, simulation.people[ALICE].passphrase()).await.expect("logs in");
        assert!(simulation.save(ALICE, 1, "three").await);
        let new = code();
        session.rekey(&new, None).await.expect("changes the keys");
        assert_eq!(recovers(&simulation, &new).await.expect("recovers"), 3);
    });
}

#[test]
fn an_account_moves_to_a_newer_suite_at_its_next_login_without_anybody_noticing() {
    run(async {
        let mut simulation = settled().await;
        let second = simulation.program(ALICE, 1);
        let mut left = session(&simulation, &second).await;
        simulation.offer(BOTH).await;
        for device in [0, 1] {
            let client = simulation.program(ALICE, device);
            let mut session = session(&simulation, &client).await;
            assert_eq!(session.suite(), SuiteId::TEST);
            simulation.look(ALICE, &session);
            assert_eq!(session.account().await.expect("answers").suite, SuiteId::TEST);
        }
        // No session ended, and no recovery code. The registration and the move have cost an attempt each.
        left.account().await.expect("answers");
        drop(left);
        let former = simulation.people[ALICE].code().expect("a code");
        assert_eq!(recovers(&simulation, &former).await.expect("recovers"), 2);
        assert!(simulation.save(ALICE, 0, "three").await);
        let client = simulation.program(ALICE, 0);
        for tries in (0..3).rev() {
            let login = Login::remembered(local_state(&simulation, 0));
            match client.login(login, &typed("wrong-horse-battery-staple-ninety")).await.map(drop) {
                Err(ClientError::PassphraseOrAccount { remaining, .. }) => assert_eq!(remaining, tries),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn what_two_suites_sealed_opens_and_is_sealed_anew_together() {
    run(async {
        let mut simulation = settled().await;
        simulation.offer(BOTH).await;
        assert!(simulation.save(ALICE, 0, "three").await);
        let client = simulation.program(ALICE, 1);
        let mut moved = session(&simulation, &client).await;
        assert_eq!(
            (moved.suite(), moved.snapshot().expect("a snapshot").header.suite),
            (SuiteId::TEST, SuiteId::TEST)
        );
        simulation.look(ALICE, &moved);
        let new = code();
        moved.rekey(&new, None).await.expect("changes the keys");
        assert_eq!(recovers(&simulation, &new).await.expect("recovers"), 3);
        drop(session(&simulation, &client).await);
    });
}

/// Kinds of a stream's events, each with whether it is proven.
fn told(stream: &CheckedStream) -> Vec<(&str, bool)> {
    stream.events.iter().map(|checked| (checked.event.kind.as_str(), checked.proven)).collect()
}

#[test]
fn the_history_tells_what_happened_and_what_of_it_is_proven() {
    run(async {
        let simulation = settled().await;
        let client = simulation.program(ALICE, 0);
        session(&simulation, &client).await.rekey(&code(), None).await.expect("changes the keys");
        let mut session = session(&simulation, &client).await;
        let history = session.history().await.expect("holds");
        assert_eq!(told(&history.saves), [(kind::SAVE, true), (kind::SAVE, true)]);
        let acts = told(&history.acts);
        assert_eq!(acts[0], (kind::REGISTRATION, false));
        assert!(acts.contains(&(kind::REKEY, true)) && acts.contains(&(kind::LOGIN, false)), "{acts:?}");
        assert_eq!(acts.last(), Some(&(kind::LOGIN, false)));
        assert_eq!((history.acts.gap, history.failed_attempts), (None, 0));
        assert_eq!(local_state(&simulation, 0).history, Some(history.seen));
        // Again: nothing new, nothing contradicted.
        assert_eq!(session.history().await.expect("holds").seen, history.seen);
    });
}

#[test]
fn a_device_that_was_away_for_long_is_told_what_it_misses() {
    run(async {
        let simulation = settled().await;
        let client = simulation.program(ALICE, 0);
        let seen = session(&simulation, &client).await.history().await.expect("holds").seen.acts.number;
        for login in 0..130 {
            if login == 65 {
                // A vault takes back so many charges a day and no more.
                tokio::time::sleep(std::time::Duration::from_secs(2 * 24 * 60 * 60)).await;
            }
            drop(session(&simulation, &client).await);
        }
        let history = session(&simulation, &client).await.history().await.expect("holds");
        let last = seen + 131;
        assert_eq!(history.acts.gap, Some(Gap { first: seen + 1, last: last - 128 }));
        assert_eq!((history.acts.events.len(), history.saves.gap), (128, None));
    });
}

#[test]
fn a_vault_that_tells_another_history_is_found_out() {
    run(async {
        let mut simulation = settled().await;
        // What the vault held before it told Alice of a login.
        let earlier: MemoryStore =
            MemoryStore::holding(simulation.vault.truth().objects(), simulation.time());
        let client = simulation.program(ALICE, 0);
        session(&simulation, &client).await.history().await.expect("holds");
        simulation.put_back(earlier).await;
        let client = simulation.program(ALICE, 0);
        // The snapshots are the same, and the logins are as many, but they are others.
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        let mut session = session(&simulation, &client).await;
        let refused = session.history().await;
        assert!(matches!(refused, Err(ClientError::HistoryContradicted)), "{refused:?}");
        session.save(Change::new()).await.expect("continues");
        drop(session);
        // A user who knows that the operator put a copy back accepts it, once.
        let local_state = local_state(&simulation, 0);
        let passphrase = typed(simulation.people[ALICE].passphrase());
        let login = Login::remembered(local_state)
            .with(LoginOptions { accept_history: true, ..LoginOptions::default() });
        let mut session = client.login(login, &passphrase).await.expect("logs in");
        session.history().await.expect("is taken over");
        session.history().await.expect("holds");
    });
}
