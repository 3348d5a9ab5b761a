//! A sweep, beside a save.

use super::saving::go_on;
use super::{ALICE, BOB, Operation, settle_in};
use crate::faulty::Plan;
use crate::person::Account;
use crate::simulation::Simulation;
use std::time::Duration;

/// Longer than anything is kept for being young.
const OLD: Duration = Duration::from_secs(2 * 86_400);

/// A sweep that finds an orphan and a half-made registration, while the orphan's owner saves.
#[derive(Debug)]
pub struct Sweeping;

impl Operation for Sweeping {
    const NAME: &'static str = "sweeping";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in(simulation).await;
        // The snapshot is made, and no head ever names it.
        let store = simulation.vault.store().clone();
        store.begin(Plan::down_from(10));
        assert!(!simulation.save(ALICE, 1, "three").await, "nothing arrives");
        store.end();
        // The account is made, and no name ever leads there.
        store.begin(Plan::down_from(5));
        simulation.register(BOB, None).await.expect_err("stops");
        store.end();
        let objects = simulation.vault.truth().objects();
        let of = |part: &str| objects.keys().filter(|key| key.as_str().contains(part)).count();
        assert_eq!((of("/snapshots/"), of("/account"), of("names/")), (3, 2, 1), "{:?}", objects.keys());
        tokio::time::sleep(OLD).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        // The vault was started again since, and its time catches up.
        tokio::time::sleep(OLD).await;
        simulation.about_to_save(ALICE, 0, "four");
        let client = simulation.program(ALICE, 0);
        let (swept, four) = {
            let simulation = &*simulation;
            tokio::join!(simulation.sweep(), simulation.saving(&client, ALICE, "four"))
        };
        simulation.told_of_save(ALICE, 0, "four", four) && swept == Some(true)
    }

    async fn again(&self, simulation: &mut Simulation) {
        go_on(simulation).await;
        if simulation.people[BOB].account == Account::Maybe {
            simulation.register(BOB, None).await.expect("registers");
        }
    }
}
