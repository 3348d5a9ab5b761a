//! A new recovery code, new keys, and a newer suite.

use super::devices::settle_in_with_device;
use super::{ALICE, Operation, log_in_with_retries};
use crate::simulation::Simulation;
use rootcellar_client::ClientError;
use rootcellar_client::pending_code::CodeState;
use rootcellar_spec::SuiteId;
use rootcellar_spec::wire::login::Permission;

/// How often someone tries again what was not done.
const TRIES: usize = 5;

/// Finds out which code is valid. The next program on the device says the same: it has activated the newest, or it says that it is
/// not active.
async fn settle_code(simulation: &mut Simulation) -> String {
    let newest = simulation.people[ALICE].codes.last().cloned();
    let told = finish_code(simulation).await;
    let holds = simulation.find_code(ALICE).await.expect("recovers");
    let holds = holds.expect("the new recovery code is valid, or the old one");
    match told {
        Some(CodeState::Active) => assert_eq!(Some(&holds), newest.as_ref(), "it was said to be active"),
        Some(CodeState::Refused | CodeState::Superseded) => {
            assert_ne!(Some(&holds), newest.as_ref(), "{told:?}")
        }
        Some(CodeState::Waiting) => panic!("a session by passphrase finds out"),
        Some(CodeState::Unconfirmed) | None => {}
    }
    simulation.settle_code(ALICE, &holds);
    holds
}

async fn finish_code(simulation: &Simulation) -> Option<CodeState> {
    for _ in 0..TRIES {
        match simulation.finish_code(ALICE, 0).await {
            Ok(told) => return told,
            // A write of an attempt before has come late, was faster, or ended the session.
            Err(ClientError::Refused(_)) => {}
            Err(error) => panic!("cannot find out about a recovery code: {error}"),
        }
    }
    panic!("cannot find out about a recovery code")
}

/// A new recovery code in a session by the passphrase.
#[derive(Debug)]
pub struct SettingRecoveryCode;

impl Operation for SettingRecoveryCode {
    const NAME: &'static str = "setting a recovery code";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.set_code(ALICE, 0).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        for _ in 0..TRIES {
            settle_code(simulation).await;
            if simulation.people[ALICE].has_other_code() {
                break;
            }
            match simulation.set_code(ALICE, 0).await {
                // A write of the first attempt has come late, and was faster, or ended the session.
                Ok(()) | Err(ClientError::Refused(_) | ClientError::RecoveryCodeUnconfirmed(_)) => {}
                Err(error) => panic!("cannot set a recovery code: {error}"),
            }
        }
        assert!(simulation.people[ALICE].has_other_code(), "cannot set a recovery code");
        assert!(simulation.save(ALICE, 0, "three").await, "saves");
    }
}

/// New keys for an account with saved texts and an enrolled device, in a session by the passphrase.
#[derive(Debug)]
pub struct Rekeying;

impl Operation for Rekeying {
    const NAME: &'static str = "changing keys";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Manage).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.rekey(ALICE, 0).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        for _ in 0..TRIES {
            settle_code(simulation).await;
            if simulation.people[ALICE].has_other_code() {
                break;
            }
            match simulation.rekey(ALICE, 0).await {
                // A write of the first attempt has come late, and was faster, or ended the session.
                Ok(()) | Err(ClientError::Refused(_) | ClientError::RekeyUnconfirmed(_)) => {}
                Err(error) => panic!("cannot change the keys: {error}"),
            }
        }
        assert!(simulation.people[ALICE].has_other_code(), "cannot change the keys");
        // What the new keys are for: the device that had the former is out, until it is enrolled again.
        simulation.people[ALICE].told_of_device(1, None, true);
        assert_eq!(simulation.stand(ALICE, 1).await.expect("is told"), None);
        super::devices::make_sure_enrolled(simulation, 1, Permission::Backup).await;
        assert!(simulation.save_on_device(ALICE, 1, "three").await, "saves");
    }
}

/// The vault takes a newer suite, and the account moves to it at a login.
#[derive(Debug)]
pub struct MovingSuite;

/// What the vault offers then, newest first.
const NEWER: &[SuiteId] = &[SuiteId::TEST, SuiteId::ONE];

impl Operation for MovingSuite {
    const NAME: &'static str = "moving to a newer suite";

    async fn prepare(&self, simulation: &mut Simulation) {
        settle_in_with_device(simulation, Permission::Backup).await;
        simulation.offer(NEWER).await;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let client = simulation.program(ALICE, 0);
        match simulation.log_in(&client, ALICE, simulation.people[ALICE].passphrase()).await {
            Ok(session) => {
                simulation.look(ALICE, &session);
                session.suite() == SuiteId::TEST
            }
            Err(_) => false,
        }
    }

    async fn again(&self, simulation: &mut Simulation) {
        let passphrase = simulation.people[ALICE].passphrase();
        for _ in 0..TRIES {
            assert!(
                log_in_with_retries(simulation, ALICE, 0, passphrase).await,
                "the passphrase stays the same"
            );
        }
        // Each move that failed has cost an attempt, and the last ones are left to the person: they come back, one a day.
        tokio::time::sleep(std::time::Duration::from_secs(6 * 86_400)).await;
        assert!(self.perform(simulation).await, "the account moves in the end");
        assert!(simulation.save(ALICE, 0, "three").await, "saves");
        assert!(simulation.save_on_device(ALICE, 1, "four").await, "saves");
    }
}
