//! A device that comes in by pairing.

use super::{ALICE, Operation};
use crate::simulation::Simulation;
use rootcellar_spec::wire::login::Permission;

/// How often the two begin again.
const TRIES: usize = 5;

/// A new device meets one with a session by the passphrase.
#[derive(Debug)]
pub struct Pairing;

impl Operation for Pairing {
    const NAME: &'static str = "pairing";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.pair(ALICE, 0, 1, Permission::Backup).await
    }

    async fn again(&self, simulation: &mut Simulation) {
        let mut tries = 0;
        while !simulation.people[ALICE].is_paired(1) {
            tries += 1;
            assert!(tries <= TRIES, "cannot pair");
            simulation.pair(ALICE, 0, 1, Permission::Backup).await;
        }
        assert!(simulation.save_on_device(ALICE, 1, "three").await, "saves without a passphrase");
    }
}
