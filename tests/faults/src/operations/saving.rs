//! Saves: by one device, by two at once, after a crash, and with a snapshot to be dropped.

use super::{ALICE, Operation, settle_in};
use crate::faulty::Plan;
use crate::vault::{KEPT_SECONDS, RESERVE};
use crate::world::World;
use std::time::Duration;

/// Finishes on both devices what is unfinished, and saves one more text.
pub(super) async fn go_on(world: &mut World) {
    for device in [0, 1] {
        if !world.people[ALICE].devices[device].is_pending() {
            continue;
        }
        world.finish(ALICE, device).await.expect("finishes");
    }
    assert!(world.people[ALICE].unsure.is_empty(), "all is known in the end");
    assert!(world.save(ALICE, 0, "last").await, "saves");
}

/// One save.
#[derive(Debug)]
pub struct Saving;

impl Operation for Saving {
    const NAME: &'static str = "saving";

    async fn perform(&self, world: &mut World) -> bool {
        world.save(ALICE, 0, "three").await
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
    }
}

/// Two devices that save at once.
#[derive(Debug)]
pub struct SavingAtOnce;

impl Operation for SavingAtOnce {
    const NAME: &'static str = "saving at once";

    async fn perform(&self, world: &mut World) -> bool {
        let (mut first, mut second) = (world.program(ALICE, 0), world.program(ALICE, 1));
        world.about_to_save(ALICE, 0, "three");
        world.about_to_save(ALICE, 1, "four");
        let (three, four) = {
            let world = &*world;
            tokio::join!(world.saving(&mut first, ALICE, "three"), world.saving(&mut second, ALICE, "four"))
        };
        let three = world.told_of_save(ALICE, 0, "three", three);
        let four = world.told_of_save(ALICE, 1, "four", four);
        three && four
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
    }
}

/// A save that an earlier program began, and that never reached the vault.
#[derive(Debug)]
pub struct Finishing;

impl Operation for Finishing {
    const NAME: &'static str = "finishing a save";

    async fn prepare(&self, world: &mut World) {
        settle_in(world).await;
        // A login makes eight calls; from the save on nothing arrives, until the client gives up.
        world.vault.store().begin(Plan::down_from(9));
        assert!(!world.save(ALICE, 0, "three").await, "nothing arrives");
        world.vault.store().end();
        assert!(world.people[ALICE].devices[0].is_pending());
    }

    async fn perform(&self, world: &mut World) -> bool {
        world.finish(ALICE, 0).await.is_ok()
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
    }
}

/// A save by which the oldest snapshot expires.
#[derive(Debug)]
pub struct DroppingOldest;

impl Operation for DroppingOldest {
    const NAME: &'static str = "dropping the oldest snapshot";

    async fn prepare(&self, world: &mut World) {
        settle_in(world).await;
        tokio::time::sleep(Duration::from_secs(KEPT_SECONDS + 1)).await;
    }

    async fn perform(&self, world: &mut World) -> bool {
        let before = snapshots(world);
        // The vault was started anew since, and its time catches up.
        tokio::time::sleep(Duration::from_secs(KEPT_SECONDS)).await;
        let saved = world.save(ALICE, 0, "three").await;
        saved && snapshots(world) <= before
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
    }
}

/// A save of an owner whose reserve is used up, so that it thins.
#[derive(Debug)]
pub struct Thinning;

impl Operation for Thinning {
    const NAME: &'static str = "thinning";

    async fn prepare(&self, world: &mut World) {
        settle_in(world).await;
        for text in ["third", "fourth", "fifth", "sixth"] {
            assert!(world.save(ALICE, 0, text).await, "saves");
        }
        assert_eq!(snapshots(world), RESERVE);
    }

    async fn perform(&self, world: &mut World) -> bool {
        let saved = world.save(ALICE, 0, "seventh").await;
        saved && snapshots(world) <= RESERVE
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
    }
}

/// How many snapshots lie in the store.
pub(super) fn snapshots(world: &World) -> usize {
    let objects = world.vault.truth().objects();
    objects.keys().filter(|key| key.as_str().contains("/snapshots/")).count()
}
