//! A sweep, beside a save.

use super::saving::go_on;
use super::{ALICE, BOB, Operation, settle_in};
use crate::faulty::Plan;
use crate::person::Account;
use crate::world::World;
use std::time::Duration;

/// Longer than anything is kept for being young.
const OLD: Duration = Duration::from_secs(2 * 86_400);

/// A sweep that finds an orphan and a half-made registration, while the orphan's owner saves.
#[derive(Debug)]
pub struct Sweeping;

impl Operation for Sweeping {
    const NAME: &'static str = "sweeping";

    async fn prepare(&self, world: &mut World) {
        settle_in(world).await;
        // The snapshot is made, and no head ever names it.
        let store = world.vault.store().clone();
        store.begin(Plan::down_from(10));
        assert!(!world.save(ALICE, 1, "three").await, "nothing arrives");
        store.end();
        // The account is made, and no name ever leads there.
        store.begin(Plan::down_from(5));
        world.register(BOB, None).await.expect_err("breaks off");
        store.end();
        let objects = world.vault.truth().objects();
        let of = |part: &str| objects.keys().filter(|key| key.as_str().contains(part)).count();
        assert_eq!((of("/snapshots/"), of("/account"), of("names/")), (3, 2, 1), "{:?}", objects.keys());
        tokio::time::sleep(OLD).await;
    }

    async fn perform(&self, world: &mut World) -> bool {
        // The vault was started anew since, and its time catches up.
        tokio::time::sleep(OLD).await;
        world.about_to_save(ALICE, 0, "four");
        let mut client = world.program(ALICE, 0);
        let (swept, four) = {
            let world = &*world;
            tokio::join!(world.sweep(), world.saving(&mut client, ALICE, "four"))
        };
        world.told_of_save(ALICE, 0, "four", four) && swept == Some(true)
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
        if world.people[BOB].account == Account::Maybe {
            world.register(BOB, None).await.expect("registers");
        }
    }
}
