//! New accounts, in open vaults and by invite, and the invites themselves.

use super::{ALICE, BOB, Operation, log_in_with_retries};
use crate::person::{Account, Disk};
use crate::simulation::Simulation;
use rootcellar_client::{ClientError, RegisterError};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::vault::RegistrationMode;
use std::time::Duration;

/// Registers, waiting as long as the vault asks for. The vault's refusal, if there is one.
async fn register_with_retries(
    simulation: &mut Simulation,
    who: usize,
    invite: Option<&str>,
) -> Option<ProblemCode> {
    loop {
        match simulation.register(who, invite).await {
            Ok(()) => return None,
            Err(RegisterError { source: ClientError::BudgetSpent { retry_after }, maybe_made, .. }) => {
                tokio::time::sleep(Duration::from_secs(retry_after)).await;
                // A registration that took the last attempt is made, and its own login had to wait.
                let passphrase = simulation.people[who].passphrase();
                if maybe_made && log_in_with_retries(simulation, who, 0, passphrase).await {
                    simulation.people[who].account = Account::Made;
                    return None;
                }
            }
            Err(error) => match error.source.problem() {
                Some(code) => return Some(code),
                None => panic!("{} cannot register: {error}", simulation.people[who].name),
            },
        }
    }
}

/// The name is someone's: it must be the account of which nobody knew whether it was made.
async fn settle_doubt(simulation: &mut Simulation, who: usize) {
    let person = &simulation.people[who];
    assert_eq!(person.account, Account::Maybe, "{}'s name is taken, and they were not told", person.name);
    let passphrase = simulation.people[who].passphrase();
    assert!(
        log_in_with_retries(simulation, who, 0, passphrase).await,
        "the name is taken by another account"
    );
    simulation.people[who].account = Account::Made;
}

/// Saves once the passphrase is accepted: a registration that took the last attempt is made, and its passphrase has to wait.
async fn save_with_retries(simulation: &mut Simulation, who: usize) {
    let passphrase = simulation.people[who].passphrase();
    assert!(log_in_with_retries(simulation, who, 0, passphrase).await, "the passphrase opens the account");
    assert!(simulation.save(who, 0, "one").await, "saves");
}

/// A registration in an open vault.
#[derive(Debug)]
pub struct Registering;

impl Operation for Registering {
    const NAME: &'static str = "registering";

    async fn prepare(&self, _: &mut Simulation) {}

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        simulation.register(ALICE, None).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        if !matches!(simulation.people[ALICE].account, Account::Made) {
            match register_with_retries(simulation, ALICE, None).await {
                None => {}
                Some(ProblemCode::NameTaken) => settle_doubt(simulation, ALICE).await,
                Some(other) => panic!("cannot register: {other:?}"),
            }
        }
        save_with_retries(simulation, ALICE).await;
    }
}

/// A registration by invite, after which someone else tries the same invite.
#[derive(Debug)]
pub struct RegisteringByInvite;

impl RegisteringByInvite {
    /// The person whose registration is in doubt tries once more, and gets another invite if this one is used up.
    async fn again_by(simulation: &mut Simulation, who: usize, invite: &str) {
        match register_with_retries(simulation, who, Some(invite)).await {
            None => return,
            Some(ProblemCode::NameTaken) => return settle_doubt(simulation, who).await,
            Some(ProblemCode::InviteRefused) => {}
            Some(other) => panic!("cannot register: {other:?}"),
        }
        // The first attempt has used it; with it there may be an account.
        let passphrase = simulation.people[who].passphrase();
        if simulation.people[who].account != Account::None
            && log_in_with_retries(simulation, who, 0, passphrase).await
        {
            return settle_doubt(simulation, who).await;
        }
        let other = simulation.invite().await.expect("lives").expect("makes one");
        match register_with_retries(simulation, who, Some(&other)).await {
            None => {}
            Some(ProblemCode::NameTaken) => settle_doubt(simulation, who).await,
            Some(other) => panic!("cannot register: {other:?}"),
        }
    }
}

impl Operation for RegisteringByInvite {
    const NAME: &'static str = "registering by invite";
    const MODE: RegistrationMode = RegistrationMode::Invite;

    async fn prepare(&self, simulation: &mut Simulation) {
        simulation.invite().await.expect("lives").expect("makes one");
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let invite = simulation.invites[0].clone();
        simulation.register(ALICE, Some(&invite)).await.is_ok()
    }

    async fn again(&self, simulation: &mut Simulation) {
        let invite = simulation.invites[0].clone();
        let bob = register_with_retries(simulation, BOB, Some(&invite)).await;
        match (&simulation.people[ALICE].account, bob) {
            (Account::Made, None) => panic!("an invite admitted two"),
            (Account::Maybe, None) => {
                let passphrase = simulation.people[ALICE].passphrase();
                let both = log_in_with_retries(simulation, ALICE, 0, passphrase).await;
                assert!(!both, "an invite admitted two");
            }
            (_, None | Some(ProblemCode::InviteRefused)) => {}
            (_, Some(other)) => panic!("cannot register: {other:?}"),
        }
        if !matches!(simulation.people[ALICE].account, Account::Made) {
            Self::again_by(simulation, ALICE, &invite).await;
        }
        save_with_retries(simulation, ALICE).await;
    }
}

/// A registration by invite of a name that someone has, which gives the invite back.
#[derive(Debug)]
pub struct RegisteringTakenName;

impl Operation for RegisteringTakenName {
    const NAME: &'static str = "registering a taken name";
    const MODE: RegistrationMode = RegistrationMode::Invite;

    async fn prepare(&self, simulation: &mut Simulation) {
        let invite = simulation.invite().await.expect("lives").expect("makes one");
        simulation.register(ALICE, Some(&invite)).await.expect("registers");
        assert!(simulation.save(ALICE, 0, "one").await, "saves");
        simulation.invite().await.expect("lives").expect("makes one");
        simulation.people[BOB].name = simulation.people[ALICE].name;
    }

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let invite = simulation.invites[1].clone();
        let refused = simulation.register(BOB, Some(&invite)).await.expect_err("the name is taken");
        refused.source.problem() == Some(ProblemCode::NameTaken)
    }

    async fn again(&self, simulation: &mut Simulation) {
        // Whatever there is by Bob's recovery code, it is not Alice's.
        if simulation.people[BOB].code().is_some() && simulation.recover(BOB, &Disk::default()).await.is_ok()
        {
            assert!(simulation.people[BOB].saved.is_empty());
        }
        simulation.people[BOB].name = "bob";
        let invite = simulation.invites[1].clone();
        match register_with_retries(simulation, BOB, Some(&invite)).await {
            None => {}
            // The attempt of which nobody knows keeps it.
            Some(ProblemCode::InviteRefused) => simulation.people[BOB].account = Account::None,
            Some(other) => panic!("cannot register: {other:?}"),
        }
        assert!(simulation.save(ALICE, 0, "two").await, "saves");
    }
}

/// An administrator makes an invite.
#[derive(Debug)]
pub struct Inviting;

impl Operation for Inviting {
    const NAME: &'static str = "inviting";
    const MODE: RegistrationMode = RegistrationMode::Invite;

    async fn prepare(&self, _: &mut Simulation) {}

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        matches!(simulation.invite().await, Some(Ok(_)))
    }

    async fn again(&self, simulation: &mut Simulation) {
        // One that was handed out works; otherwise another one is made.
        if simulation.invites.is_empty() {
            simulation.invite().await.expect("lives").expect("makes one");
        }
        let invite = simulation.invites[0].clone();
        assert_eq!(register_with_retries(simulation, ALICE, Some(&invite)).await, None);
        assert_eq!(
            register_with_retries(simulation, BOB, Some(&invite)).await,
            Some(ProblemCode::InviteRefused)
        );
    }
}
