//! What people do with a vault, as what is there before, what is done while the store fails, and what they do next.

mod deleting;
mod devices;
mod keys;
mod logging_in;
mod pairing;
mod passphrases;
mod registering;
mod saving;
mod sweeping;

pub use deleting::Deleting;
pub use devices::{
    EnrollingDevice, PermittingLess, PermittingMore, RefusingDevice, RevokingDevice, SavingOnDevice,
    SavingOnDeviceBehind, ThinningOnDevice, settle_in_with_device,
};
pub use keys::{MovingSuite, Rekeying, SettingRecoveryCode};
pub use logging_in::{Guessing, LoggingIn, OpeningOlder, Recovering};
pub use pairing::Pairing;
pub use passphrases::{RecoveringHalfRegistered, RecoveringWithNewPassphrase, SettingPassphrase};
pub use registering::{Inviting, Registering, RegisteringByInvite, RegisteringTakenName};
pub use saving::{DroppingOldest, Finishing, Saving, SavingAtOnce, Thinning};
pub use sweeping::Sweeping;

use crate::simulation::Simulation;
use rootcellar_spec::wire::vault::RegistrationMode;

/// Whom an operation is about: the first of the world's people.
pub const ALICE: usize = 0;
/// Someone else.
pub const BOB: usize = 1;

/// Something that people do.
pub trait Operation {
    /// What it is called where it fails.
    const NAME: &'static str;
    /// Whom the vault takes.
    const MODE: RegistrationMode = RegistrationMode::Open;

    /// What is there before; nothing fails yet. Unless written, Alice has an account with two saved texts.
    fn prepare(&self, simulation: &mut Simulation) -> impl Future<Output = ()> {
        async { settle_in(simulation).await }
    }

    /// What is done while the store fails. Whether its user was told that it succeeded.
    fn perform(&self, simulation: &mut Simulation) -> impl Future<Output = bool>;

    /// What its user does next, when the store works again. It must succeed in the end.
    fn again(&self, simulation: &mut Simulation) -> impl Future<Output = ()>;
}

/// Alice registers, and saves two texts.
pub async fn settle_in(simulation: &mut Simulation) {
    simulation.register(ALICE, None).await.expect("registers");
    for text in ["one", "two"] {
        assert!(simulation.save(ALICE, 0, text).await, "saves");
    }
}

/// Logs in, waiting as long as the vault asks for.
pub async fn log_in_with_retries(
    simulation: &Simulation,
    who: usize,
    device: usize,
    passphrase: &str,
) -> bool {
    use rootcellar_client::ClientError;
    loop {
        let client = simulation.program(who, device);
        match simulation.log_in(&client, who, passphrase).await {
            Ok(opened) => {
                simulation.look(who, &opened);
                return true;
            }
            Err(ClientError::PassphraseOrAccount { .. }) => return false,
            Err(ClientError::BudgetSpent { retry_after }) => {
                tokio::time::sleep(std::time::Duration::from_secs(retry_after)).await;
            }
            Err(error) => panic!("{} cannot log in: {error}", simulation.people[who].name),
        }
    }
}
