//! Deleting an account, and registering its name again.

use super::{ALICE, Operation};
use crate::person::{Account, Disk};
use crate::simulation::Simulation;
use rootcellar_client::ClientError;
use std::time::Duration;

/// A deletion in a session by the passphrase.
#[derive(Debug)]
pub struct Deleting;

impl Operation for Deleting {
    const NAME: &'static str = "deleting an account";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.delete_account(ALICE, 0).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure(simulation).await;
        // Everything is forgotten, and the name serves a new account.
        let alice = &mut simulation.people[ALICE];
        alice.saved.clear();
        alice.unsure.clear();
        alice.devices.fill_with(Disk::default);
        while let Err(error) = simulation.register(ALICE, None).await {
            match error.source {
                ClientError::BudgetSpent { retry_after } => {
                    tokio::time::sleep(Duration::from_secs(retry_after)).await;
                }
                error => panic!("the name is not free: {error}"),
            }
        }
        assert!(simulation.save(ALICE, 0, "again").await, "saves");
    }
}

/// Deletes until the vault says that it is done, or that there is nothing to delete.
async fn make_sure(simulation: &mut Simulation) {
    for _ in 0..10 {
        if simulation.people[ALICE].account == Account::None {
            return;
        }
        match simulation.delete_account(ALICE, 1).await {
            Err(ClientError::BudgetSpent { retry_after }) => {
                tokio::time::sleep(Duration::from_secs(retry_after)).await;
            }
            Err(ClientError::PassphraseOrAccount { .. }) => {
                let refused = simulation.recover(ALICE, &Disk::default()).await;
                refused.expect_err("what no passphrase opens is deleted, and no code opens it");
                simulation.people[ALICE].account = Account::None;
            }
            // A write of the first attempt has come late.
            Ok(()) | Err(ClientError::Refused(_)) => {}
            Err(error) => panic!("cannot delete: {error}"),
        }
    }
    panic!("cannot delete");
}
