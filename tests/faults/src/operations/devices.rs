//! Devices that come in, may do something else, save by themselves, and go.

use super::saving::snapshots;
use super::{ALICE, Operation, settle_in};
use crate::simulation::Simulation;
use crate::vault::SHARE;
use rootcellar_client::ClientError;
use rootcellar_spec::wire::login::Permission;

/// How often someone tries again what was not done.
const TRIES: usize = 5;

/// Alice registers, saves two texts, and enrols her second device.
pub async fn settle_in_with_device(simulation: &mut Simulation, permission: Permission) {
    settle_in(simulation).await;
    simulation.enrol(ALICE, 1, permission).await.expect("enrols");
}

/// What someone who could not change a device does: tries again.
fn again_after(error: &ClientError) {
    // Otherwise a write of the first attempt has come late, and was faster, or ended the session.
    assert!(matches!(error, ClientError::Refused(_)), "cannot change a device: {error}");
}

/// Enrols as often as it takes.
pub(super) async fn make_sure_enrolled(simulation: &mut Simulation, device: usize, permission: Permission) {
    for _ in 0..TRIES {
        match simulation.enrol(ALICE, device, permission).await {
            Ok(()) => return,
            Err(error) => again_after(&error),
        }
    }
    panic!("cannot enrol");
}

async fn make_sure_permitted(simulation: &mut Simulation, permission: Permission) {
    for _ in 0..TRIES {
        match simulation.permit(ALICE, 0, 1, permission).await {
            Ok(_) => return,
            Err(error) => again_after(&error),
        }
    }
    panic!("cannot permit");
}

async fn make_sure_revoked(simulation: &mut Simulation) {
    for _ in 0..TRIES {
        match simulation.revoke(ALICE, 0, 1).await {
            Ok(()) => return,
            Err(error) => again_after(&error),
        }
    }
    panic!("cannot revoke");
}

/// Finishes on the device what is unfinished there.
async fn finish_on_device(simulation: &mut Simulation) {
    if simulation.people[ALICE].devices[1].is_pending() {
        simulation.finish_on_device(ALICE, 1).await.expect("finishes");
    }
    assert!(simulation.people[ALICE].unsure.is_empty(), "all is known in the end");
}

/// A device enrols itself in a session by the passphrase.
#[derive(Debug)]
pub struct EnrollingDevice;

impl Operation for EnrollingDevice {
    const NAME: &'static str = "enrolling a device";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.enrol(ALICE, 1, Permission::Backup).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure_enrolled(simulation, 1, Permission::Backup).await;
        assert!(simulation.save_on_device(ALICE, 1, "three").await, "saves without a passphrase");
    }
}

/// A device is revoked from another one.
#[derive(Debug)]
pub struct RevokingDevice;

impl Operation for RevokingDevice {
    const NAME: &'static str = "revoking a device";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Backup).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.revoke(ALICE, 0, 1).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure_revoked(simulation).await;
        // It holds keys and a snapshot to build upon, and is let in no more. Its owner still is, with the passphrase.
        assert!(!simulation.save_on_device(ALICE, 1, "three").await, "a revoked device saved");
        simulation.finish(ALICE, 1).await.expect("finishes");
        assert!(simulation.people[ALICE].unsure.is_empty(), "all is known in the end");
    }
}

/// A device may do more.
#[derive(Debug)]
pub struct PermittingMore;

impl Operation for PermittingMore {
    const NAME: &'static str = "permitting a device more";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::View).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.permit(ALICE, 0, 1, Permission::Manage).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure_permitted(simulation, Permission::Manage).await;
        // From now on it has the keys of its owner.
        let standing = simulation.stand(ALICE, 1).await.expect("is let in");
        assert_eq!(standing, Some(Permission::Manage));
    }
}

/// A device may do less.
#[derive(Debug)]
pub struct PermittingLess;

impl Operation for PermittingLess {
    const NAME: &'static str = "permitting a device less";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Restore).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        match simulation.permit(ALICE, 0, 1, Permission::View).await {
            Ok(change) => change.rekey_reason.is_some() && change.ended_sessions,
            Err(_) => false,
        }
    }

    async fn again(&self, simulation: &mut Simulation) {
        make_sure_permitted(simulation, Permission::View).await;
        let refused = simulation.saving_on_device_refused(ALICE, 1).await;
        assert!(refused, "a device saved that may only look");
    }
}

/// A save by an enrolled device, without a passphrase, onto the snapshot that it has seen last.
#[derive(Debug)]
pub struct SavingOnDevice;

impl Operation for SavingOnDevice {
    const NAME: &'static str = "saving on a device";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Backup).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.save_on_device(ALICE, 1, "three").await
    }

    async fn again(&self, simulation: &mut Simulation) {
        finish_on_device(simulation).await;
        assert!(simulation.save_on_device(ALICE, 1, "last").await, "saves");
    }
}

/// The same, after another device has saved.
#[derive(Debug)]
pub struct SavingOnDeviceBehind;

impl Operation for SavingOnDeviceBehind {
    const NAME: &'static str = "saving on a device that is behind";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Backup).await;
        assert!(simulation.save(ALICE, 0, "meanwhile").await, "saves");
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.save_on_device(ALICE, 1, "three").await
    }

    async fn again(&self, simulation: &mut Simulation) {
        finish_on_device(simulation).await;
        assert!(simulation.save(ALICE, 0, "last").await, "saves");
    }
}

/// A save by a device whose share is used up, so that it thins what it saved just before.
#[derive(Debug)]
pub struct ThinningOnDevice;

impl Operation for ThinningOnDevice {
    const NAME: &'static str = "thinning on a device";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Backup).await;
        // The first supersedes a snapshot of the owner's, which counts as well.
        for text in ["third", "fourth", "fifth"] {
            assert!(simulation.save_on_device(ALICE, 1, text).await, "saves");
        }
        assert_eq!(snapshots(simulation), 2 + SHARE - 1);
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let saved = simulation.save_on_device(ALICE, 1, "sixth").await;
        saved && snapshots(simulation) < 2 + SHARE
    }

    async fn again(&self, simulation: &mut Simulation) {
        finish_on_device(simulation).await;
        assert!(simulation.save_on_device(ALICE, 1, "last").await, "saves");
    }
}

/// A save by a device whose share is used up by what is pinned: it is refused.
#[derive(Debug)]
pub struct RefusingDevice;

impl Operation for RefusingDevice {
    const NAME: &'static str = "refusing a device without room";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Backup).await;
        assert!(simulation.save_on_device(ALICE, 1, "third").await, "saves");
        assert!(simulation.save(ALICE, 0, "fourth").await, "saves");
        assert!(simulation.save_on_device(ALICE, 1, "fifth").await, "saves");
        assert!(simulation.save(ALICE, 0, "sixth").await, "saves");
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.is_without_room(ALICE, 1, "seventh").await
    }

    async fn again(&self, simulation: &mut Simulation) {
        // The owner is never refused, and finishes with the passphrase what the device could not.
        simulation.finish(ALICE, 1).await.expect("finishes");
        assert!(simulation.people[ALICE].unsure.is_empty(), "all is known in the end");
        assert!(simulation.save(ALICE, 0, "last").await, "saves");
    }
}
