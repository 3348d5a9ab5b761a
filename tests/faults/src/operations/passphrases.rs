//! New passphrases, by an old one and by the recovery code.

use super::{ALICE, Operation, log_in_with_retries};
use crate::fault::Verb;
use crate::faulty::{Call, Plan};
use crate::person::Account;
use crate::simulation::Simulation;
use rootcellar_client::ClientError;
use std::time::Duration;

const NEW: &str = "cinnamon-glacier-trumpet-willow-sixty";

/// Does what the client advises: logs in with the new passphrase, and if that fails with the old one, and sets the new one
/// then.
async fn make_sure(simulation: &mut Simulation) {
    let possible = simulation.people[ALICE].passphrases.clone();
    let mut holds = None;
    for passphrase in possible.iter().rev().copied() {
        if holds.is_none() && log_in_with_retries(simulation, ALICE, 0, passphrase).await {
            holds = Some(passphrase);
        }
    }
    if holds.expect("the new passphrase holds, or the old one") != NEW {
        set_by_code(simulation).await;
    }
}

/// Sets the new passphrase by the recovery code, as often as it takes.
async fn set_by_code(simulation: &mut Simulation) {
    for _ in 0..5 {
        match simulation.set_passphrase(ALICE, 0, true, NEW).await {
            Ok(()) => return,
            Err(ClientError::BudgetSpent { retry_after }) => {
                tokio::time::sleep(Duration::from_secs(retry_after)).await;
            }
            // A write of the first attempt has come late, and ended the session.
            Err(ClientError::Refused(_)) => {}
            Err(error) => panic!("cannot set a passphrase: {error}"),
        }
    }
    panic!("cannot set a passphrase");
}

/// A new passphrase in a session by the old one.
#[derive(Debug)]
pub struct SettingPassphrase;

impl Operation for SettingPassphrase {
    const NAME: &'static str = "setting a passphrase";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.set_passphrase(ALICE, 0, false, NEW).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure(simulation).await;
    }
}

/// A new passphrase in a session by the recovery code.
#[derive(Debug)]
pub struct RecoveringWithNewPassphrase;

impl Operation for RecoveringWithNewPassphrase {
    const NAME: &'static str = "recovering with a new passphrase";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.set_passphrase(ALICE, 1, true, NEW).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure(simulation).await;
    }
}

/// A recovery of an account whose registration stopped before its name.
#[derive(Debug)]
pub struct RecoveringHalfRegistered;

impl Operation for RecoveringHalfRegistered {
    const NAME: &'static str = "recovering a half-registered account";

    async fn prepare(&self, simulation: &mut Simulation) {
        // The name is what the last creation of a registration is about.
        let store = simulation.vault.store().clone();
        let rest = simulation.rest();
        store.begin(Plan::default());
        simulation.register(ALICE, None).await.expect("registers");
        let calls = store.end();
        let is_name = |call: &Call| call.verb == Verb::Create && call.name.starts_with("names/");
        let name = calls.iter().position(is_name).expect("a registration creates a name");
        *simulation = Simulation::resume(&rest).await;
        simulation.vault.store().begin(Plan::down_from(name));
        simulation.register(ALICE, None).await.expect_err("stops");
        simulation.vault.store().end();
        assert_eq!(simulation.people[ALICE].account, Account::Maybe);
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.set_passphrase(ALICE, 1, true, NEW).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        set_by_code(simulation).await;
        assert!(log_in_with_retries(simulation, ALICE, 1, NEW).await);
        assert_eq!(simulation.people[ALICE].account, Account::Maybe);
        simulation.people[ALICE].account = Account::Made;
        assert!(simulation.save(ALICE, 1, "one").await, "saves");
    }
}
