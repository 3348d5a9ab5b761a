//! Saves: by one device, by two at once, after a crash, and with a snapshot to be dropped.

use super::{ALICE, Operation, settle_in};
use crate::faulty::Plan;
use crate::simulation::Simulation;
use crate::vault::{KEPT_SECONDS, RESERVE};
use std::time::Duration;

/// Finishes on both devices what is unfinished, and saves one more text.
pub(super) async fn go_on(simulation: &mut Simulation) {
    for device in [0, 1] {
        if !simulation.people[ALICE].devices[device].is_pending() {
            continue;
        }
        simulation.finish(ALICE, device).await.expect("finishes");
    }
    assert!(simulation.people[ALICE].unsure.is_empty(), "all is known in the end");
    assert!(simulation.save(ALICE, 0, "last").await, "saves");
}

/// One save.
#[derive(Debug)]
pub struct Saving;

impl Operation for Saving {
    const NAME: &'static str = "saving";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.save(ALICE, 0, "three").await
    }

    async fn again(&self, simulation: &mut Simulation) {
        go_on(simulation).await;
    }
}

/// Two devices that save at once.
#[derive(Debug)]
pub struct SavingAtOnce;

impl Operation for SavingAtOnce {
    const NAME: &'static str = "saving at once";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let (first, second) = (simulation.program(ALICE, 0), simulation.program(ALICE, 1));
        simulation.about_to_save(ALICE, 0, "three");
        simulation.about_to_save(ALICE, 1, "four");
        let (three, four) = {
            let simulation = &*simulation;
            tokio::join!(simulation.saving(&first, ALICE, "three"), simulation.saving(&second, ALICE, "four"))
        };
        let three = simulation.told_of_save(ALICE, 0, "three", three);
        let four = simulation.told_of_save(ALICE, 1, "four", four);
        three && four
    }

    async fn again(&self, simulation: &mut Simulation) {
        go_on(simulation).await;
    }
}

/// A save that an earlier program began, and that never reached the vault.
#[derive(Debug)]
pub struct Finishing;

impl Operation for Finishing {
    const NAME: &'static str = "finishing a save";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in(simulation).await;
        // A login makes eight calls; from the save on nothing arrives, until the client gives up.
        simulation.vault.store().begin(Plan::down_from(9));
        assert!(!simulation.save(ALICE, 0, "three").await, "nothing arrives");
        simulation.vault.store().end();
        assert!(simulation.people[ALICE].devices[0].is_pending());
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.finish(ALICE, 0).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        go_on(simulation).await;
    }
}

/// A save by which the oldest snapshot expires.
#[derive(Debug)]
pub struct DroppingOldest;

impl Operation for DroppingOldest {
    const NAME: &'static str = "dropping the oldest snapshot";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in(simulation).await;
        tokio::time::sleep(Duration::from_secs(KEPT_SECONDS + 1)).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let before = snapshots(simulation);
        // The vault was started again since, and its time catches up.
        tokio::time::sleep(Duration::from_secs(KEPT_SECONDS)).await;
        let saved = simulation.save(ALICE, 0, "three").await;
        saved && snapshots(simulation) <= before
    }

    async fn again(&self, simulation: &mut Simulation) {
        go_on(simulation).await;
    }
}

/// A save of an owner whose reserve is used up, so that it thins.
#[derive(Debug)]
pub struct Thinning;

impl Operation for Thinning {
    const NAME: &'static str = "thinning";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in(simulation).await;
        for text in ["third", "fourth", "fifth", "sixth"] {
            assert!(simulation.save(ALICE, 0, text).await, "saves");
        }
        assert_eq!(snapshots(simulation), RESERVE);
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let saved = simulation.save(ALICE, 0, "seventh").await;
        saved && snapshots(simulation) <= RESERVE
    }

    async fn again(&self, simulation: &mut Simulation) {
        go_on(simulation).await;
    }
}

/// How many snapshots the store has.
pub(super) fn snapshots(simulation: &Simulation) -> usize {
    let objects = simulation.vault.truth().objects();
    objects.keys().filter(|key| key.as_str().contains("/snapshots/")).count()
}
