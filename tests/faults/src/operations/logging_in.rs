//! Getting in, by passphrase and by recovery code, and failing to.

use super::{ALICE, Operation, log_in_with_retries};
use crate::person::{Disk, typed};
use crate::simulation::Simulation;
use rootcellar_client::ClientError;
use rootcellar_client::Login;

/// A restore on a device that has never seen the account.
#[derive(Debug)]
pub struct LoggingIn;

impl Operation for LoggingIn {
    const NAME: &'static str = "logging in";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let client = simulation.program(ALICE, 1);
        let opened = simulation.log_in(&client, ALICE, simulation.people[ALICE].passphrase()).await;
        let Ok(opened) = opened else { return false };
        simulation.look(ALICE, &opened);
        true
    }

    async fn again(&self, simulation: &mut Simulation) {
        let passphrase = simulation.people[ALICE].passphrase();
        assert!(log_in_with_retries(simulation, ALICE, 1, passphrase).await);
    }
}

/// Someone without the passphrase tries eight.
#[derive(Debug)]
pub struct Guessing;

impl Guessing {
    /// Whether the vault answered each guess as it should.
    async fn guess(simulation: &Simulation) -> bool {
        let disk = Disk::default();
        let mut as_it_should = true;
        for guess in 0..8 {
            let client = simulation.program_on(&disk);
            let login = Login::new_device(simulation.people[ALICE].account_name());
            let guessed = client.login(login, &typed(&format!("guess number {guess}"))).await;
            match guessed {
                Ok(_) => panic!("a wrong passphrase got in"),
                Err(ClientError::PassphraseOrAccount { .. } | ClientError::BudgetSpent { .. }) => {}
                Err(_) => as_it_should = false,
            }
        }
        as_it_should
    }
}

impl Operation for Guessing {
    const NAME: &'static str = "guessing";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        Self::guess(simulation).await
    }

    async fn again(&self, simulation: &mut Simulation) {
        assert!(Self::guess(simulation).await);
        let passphrase = simulation.people[ALICE].passphrase();
        assert!(log_in_with_retries(simulation, ALICE, 1, passphrase).await, "the waits come to an end");
    }
}

/// A recovery on a device that has never seen the account.
#[derive(Debug)]
pub struct Recovering;

impl Operation for Recovering {
    const NAME: &'static str = "recovering";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.recover(ALICE, &Disk::default()).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        simulation.recover(ALICE, &Disk::default()).await.expect("recovers");
    }
}

/// A look at an older snapshot.
#[derive(Debug)]
pub struct OpeningOlder;

impl Operation for OpeningOlder {
    const NAME: &'static str = "opening an older snapshot";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        match simulation.open_older(ALICE, 0, 1).await {
            Ok(texts) => texts == 1,
            Err(ClientError::NoSuchBackup(_)) => panic!("an older snapshot is gone"),
            Err(_) => false,
        }
    }

    async fn again(&self, simulation: &mut Simulation) {
        assert_eq!(simulation.open_older(ALICE, 0, 1).await.expect("opens"), 1);
    }
}
