//! What must hold whenever someone looks at the vault with a store that is well.

use crate::invariants;
use crate::person::{Account, Disk};
use crate::simulation::Simulation;
use rootcellar_client::ClientError;
use std::time::Duration;

/// Longer than any wait for a guess, and than any late write.
const LONG: Duration = Duration::from_secs(20 * 86_400);

/// Right after the faults: anyone with a recovery code that was confirmed gets everything back with it, and a device is
/// let in as its owner was told.
pub(crate) async fn meanwhile(simulation: &Simulation) {
    for (who, person) in simulation.people.iter().enumerate() {
        if person.account == Account::Made {
            let holds = simulation.find_code(who).await.expect("a recovery code is taken or refused");
            assert!(holds.is_some(), "a recovery code works throughout");
            devices(simulation, who).await;
        }
    }
}

/// Each of someone's devices is what its owner was told.
async fn devices(simulation: &Simulation, who: usize) {
    let with_secrets =
        |(device, _): &(&usize, _)| simulation.people[who].devices[**device].secrets().is_some();
    for (device, possible) in simulation.people[who].standings.iter().filter(with_secrets) {
        let found = simulation.stand(who, *device).await.expect("a device is let in, or told that it is not");
        assert!(possible.contains(&found), "device {device} is {found:?}, and was to be one of {possible:?}");
    }
}

/// At the end: late writes have landed, the waits are over, the vault was started again, and a sweep has taken what may go.
pub(crate) async fn whole(simulation: &mut Simulation) {
    tokio::time::sleep(LONG).await;
    simulation.restart_vault().await;
    // The vault's time catches up with what passed before the start.
    tokio::time::sleep(LONG).await;
    assert_eq!(simulation.sweep().await, Some(true), "a sweep completes");
    for who in 0..simulation.people.len() {
        account(simulation, who).await;
    }
    let (stored, named) = invariants::snapshots(&simulation.vault.truth().objects());
    assert_eq!(stored, named, "the store has snapshots that no account names");
}

/// Someone's account is there as a whole, or not at all, and exactly one passphrase opens it.
async fn account(simulation: &Simulation, who: usize) {
    let person = &simulation.people[who];
    let mut opened_by = Vec::new();
    for passphrase in &person.passphrases {
        let disk = Disk::default();
        let client = simulation.program_on(&disk);
        match simulation.log_in(&client, who, passphrase).await {
            Ok(mut session) => {
                simulation.look(who, &session);
                simulation.check_devices(who, &mut session).await;
                session.history().await.expect("the history holds together");
                opened_by.push(passphrase);
            }
            Err(ClientError::PassphraseOrAccount { .. }) => {}
            Err(error) => panic!("{} cannot log in: {error}", person.name),
        }
    }
    let recovered = match person.account {
        Account::None => false,
        _ => simulation.find_code(who).await.expect("a recovery code is taken or refused").is_some(),
    };
    for words in &person.ended_codes {
        let opens = simulation.opens(who, words).await.expect("a recovery code is taken or refused");
        assert!(!opens, "a recovery code opens the account that was said to have ended");
    }
    match person.account {
        Account::None => assert!(opened_by.is_empty(), "an account is there that was said not to be"),
        Account::Made => {
            assert_eq!(opened_by.len(), 1, "{} gets in with {opened_by:?}", person.name);
            assert!(recovered, "{}'s recovery code does not work", person.name);
            devices(simulation, who).await;
            assert_eq!(person.codes.len(), 1, "all is known in the end");
            let doubtful = person.standings.values().find(|possible| possible.len() > 1);
            assert_eq!(doubtful, None, "all is known in the end");
        }
        Account::Maybe => assert!(
            recovered || opened_by.is_empty(),
            "{} gets in by passphrase and not by recovery code",
            person.name
        ),
    }
}
