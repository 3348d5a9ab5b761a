//! Enrolled devices: enrolling one, saving on it without a login, changing what it may do, and revoking it.

use super::saving::go_on;
use super::{ALICE, Operation, settle_in};
use crate::world::World;
use rootcellar_spec::wire::login::Permission;

/// Alice has two texts, and her second device is enrolled.
async fn with_a_device(world: &mut World, permission: Permission) {
    settle_in(world).await;
    assert!(world.enrol(ALICE, 1, permission).await, "enrols");
}

/// A device that is enrolled by a login on it.
#[derive(Debug)]
pub struct Enrolling;

impl Operation for Enrolling {
    const NAME: &'static str = "enrolling a device";

    async fn perform(&self, world: &mut World) -> bool {
        world.enrol(ALICE, 1, Permission::Backup).await
    }

    async fn again(&self, world: &mut World) {
        assert!(world.enrol(ALICE, 1, Permission::Backup).await, "enrols");
        assert!(world.save_on_device(ALICE, 1, "three").await, "saves");
    }
}

/// A save on an enrolled device, without a login.
#[derive(Debug)]
pub struct SavingOnDevice;

impl Operation for SavingOnDevice {
    const NAME: &'static str = "saving on an enrolled device";

    async fn prepare(&self, world: &mut World) {
        with_a_device(world, Permission::Backup).await;
    }

    async fn perform(&self, world: &mut World) -> bool {
        world.save_on_device(ALICE, 1, "three").await
    }

    async fn again(&self, world: &mut World) {
        go_on(world).await;
        assert!(world.save_on_device(ALICE, 1, "after all").await, "saves");
    }
}

/// A device that gets more permissions.
#[derive(Debug)]
pub struct Permitting;

impl Operation for Permitting {
    const NAME: &'static str = "permitting a device more";

    async fn prepare(&self, world: &mut World) {
        with_a_device(world, Permission::View).await;
    }

    async fn perform(&self, world: &mut World) -> bool {
        world.permit(ALICE, 1, Some(Permission::Manage)).await
    }

    async fn again(&self, world: &mut World) {
        assert!(world.permit(ALICE, 1, Some(Permission::Manage)).await, "permits");
    }
}

/// A device that is revoked.
#[derive(Debug)]
pub struct Revoking;

impl Operation for Revoking {
    const NAME: &'static str = "revoking a device";

    async fn prepare(&self, world: &mut World) {
        with_a_device(world, Permission::Manage).await;
    }

    async fn perform(&self, world: &mut World) -> bool {
        world.permit(ALICE, 1, None).await
    }

    async fn again(&self, world: &mut World) {
        assert!(world.permit(ALICE, 1, None).await, "revokes");
        assert!(!world.save_on_device(ALICE, 1, "refused").await, "a revoked device saves nothing");
    }
}
