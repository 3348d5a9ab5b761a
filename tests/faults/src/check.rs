//! What must hold whenever somebody looks at the vault with a store that is well.

use crate::person::{Account, Disk};
use crate::world::World;
use rootcellar_client::ClientError;
use rootcellar_spec::ProblemCode;
use std::time::Duration;

/// Longer than any wait for a guess, and than any late write.
const LONG: Duration = Duration::from_secs(20 * 86_400);

/// Right after the faults: whoever has a recovery code that was called good gets everything back with it.
pub(crate) async fn meanwhile(world: &World) {
    for (who, person) in world.people.iter().enumerate() {
        if let Account::Made(_) = person.account {
            world.recover(who, &Disk::default()).await.expect("the recovery code works throughout");
        }
    }
}

/// At the end: late writes have landed, the waits are over, the vault was started anew, and a sweep has taken what may go.
pub(crate) async fn whole(world: &mut World) {
    tokio::time::sleep(LONG).await;
    world.restart_vault().await;
    assert_eq!(world.sweep().await, Some(true), "a sweep comes to its end");
    for who in 0..world.people.len() {
        account(world, who).await;
    }
}

/// Somebody's account is there as a whole, or not at all, and exactly one passphrase opens it.
async fn account(world: &World, who: usize) {
    let person = &world.people[who];
    let mut opened_by = Vec::new();
    for passphrase in &person.passphrases {
        let disk = Disk::default();
        let mut client = world.program_on(&disk);
        match world.log_in(&mut client, who, passphrase).await {
            Ok(opened) => {
                let session = client.session(opened);
                world.look(who, &session);
                opened_by.push(passphrase);
            }
            Err(ClientError::PassphraseOrAccount { .. }) => {}
            Err(error) => panic!("{} cannot log in: {error}", person.name),
        }
    }
    let recovered = match person.account {
        Account::None => false,
        _ => match world.recover(who, &Disk::default()).await {
            Ok(()) => true,
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::RecoveryRefused => false,
            Err(error) => panic!("{} cannot recover: {error}", person.name),
        },
    };
    match person.account {
        Account::None => assert!(opened_by.is_empty(), "an account is there that was said not to be"),
        Account::Made(_) => {
            assert_eq!(opened_by.len(), 1, "{} gets in with {opened_by:?}", person.name);
            assert!(recovered, "{}'s recovery code does not work", person.name);
            world.check_devices(who).await;
            world.check_list(who, opened_by[0]).await;
        }
        Account::Maybe(_) => assert!(
            recovered || opened_by.is_empty(),
            "{} gets in by passphrase and not by recovery code",
            person.name
        ),
    }
}
