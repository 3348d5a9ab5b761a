//! New accounts, in open vaults and by invite, and the invites themselves.

use super::{ALICE, BOB, Operation, log_in_patiently};
use crate::person::{Account, Disk};
use crate::world::World;
use rootcellar_client::{ClientError, RegisterError};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::vault::RegistrationMode;
use std::time::Duration;

/// Registers, waiting as long as the vault asks for. The vault's refusal, if there is one.
async fn register_patiently(world: &mut World, who: usize, invite: Option<&str>) -> Option<ProblemCode> {
    loop {
        match world.register(who, invite).await {
            Ok(()) => return None,
            Err(RegisterError { source: ClientError::BudgetSpent { retry_after }, maybe_made, .. }) => {
                tokio::time::sleep(Duration::from_secs(retry_after)).await;
                // A registration that took the last attempt is made, and its own login had to wait.
                let passphrase = world.people[who].passphrase();
                if maybe_made && log_in_patiently(world, who, 0, passphrase).await {
                    world.people[who].account = Account::Made;
                    return None;
                }
            }
            Err(error) => match error.source.problem() {
                Some(code) => return Some(code),
                None => panic!("{} cannot register: {error}", world.people[who].name),
            },
        }
    }
}

/// The name is somebody's: it must be the account of which nobody knew whether it was made.
async fn settle_doubt(world: &mut World, who: usize) {
    let person = &world.people[who];
    assert_eq!(person.account, Account::Maybe, "{}'s name is taken, and they were not told", person.name);
    let passphrase = world.people[who].passphrase();
    assert!(log_in_patiently(world, who, 0, passphrase).await, "the name is taken by another account");
    world.people[who].account = Account::Made;
}

/// Saves once the passphrase is accepted: a registration that took the last attempt is made, and its passphrase has to wait.
async fn save_patiently(world: &mut World, who: usize) {
    let passphrase = world.people[who].passphrase();
    assert!(log_in_patiently(world, who, 0, passphrase).await, "the passphrase opens the account");
    assert!(world.save(who, 0, "one").await, "saves");
}

/// A registration in an open vault.
#[derive(Debug)]
pub struct Registering;

impl Operation for Registering {
    const NAME: &'static str = "registering";

    async fn prepare(&self, _: &mut World) {}

    async fn perform(&self, world: &mut World) -> bool {
        world.register(ALICE, None).await.is_ok()
    }

    async fn again(&self, world: &mut World) {
        if !matches!(world.people[ALICE].account, Account::Made) {
            match register_patiently(world, ALICE, None).await {
                None => {}
                Some(ProblemCode::NameTaken) => settle_doubt(world, ALICE).await,
                Some(other) => panic!("cannot register: {other:?}"),
            }
        }
        save_patiently(world, ALICE).await;
    }
}

/// A registration by invite, after which somebody else tries the same invite.
#[derive(Debug)]
pub struct RegisteringByInvite;

impl RegisteringByInvite {
    /// The person whose registration is in doubt tries once more, and gets another invite if this one is used up.
    async fn again_by(world: &mut World, who: usize, invite: &str) {
        match register_patiently(world, who, Some(invite)).await {
            None => return,
            Some(ProblemCode::NameTaken) => return settle_doubt(world, who).await,
            Some(ProblemCode::InviteRefused) => {}
            Some(other) => panic!("cannot register: {other:?}"),
        }
        // The first attempt has used it; with it there may be an account.
        let passphrase = world.people[who].passphrase();
        if world.people[who].account != Account::None && log_in_patiently(world, who, 0, passphrase).await {
            return settle_doubt(world, who).await;
        }
        let other = world.invite().await.expect("lives").expect("makes one");
        match register_patiently(world, who, Some(&other)).await {
            None => {}
            Some(ProblemCode::NameTaken) => settle_doubt(world, who).await,
            Some(other) => panic!("cannot register: {other:?}"),
        }
    }
}

impl Operation for RegisteringByInvite {
    const NAME: &'static str = "registering by invite";
    const MODE: RegistrationMode = RegistrationMode::Invite;

    async fn prepare(&self, world: &mut World) {
        world.invite().await.expect("lives").expect("makes one");
    }

    async fn perform(&self, world: &mut World) -> bool {
        let invite = world.invites[0].clone();
        world.register(ALICE, Some(&invite)).await.is_ok()
    }

    async fn again(&self, world: &mut World) {
        let invite = world.invites[0].clone();
        let bob = register_patiently(world, BOB, Some(&invite)).await;
        match (&world.people[ALICE].account, bob) {
            (Account::Made, None) => panic!("an invite admitted two"),
            (Account::Maybe, None) => {
                let passphrase = world.people[ALICE].passphrase();
                let both = log_in_patiently(world, ALICE, 0, passphrase).await;
                assert!(!both, "an invite admitted two");
            }
            (_, None | Some(ProblemCode::InviteRefused)) => {}
            (_, Some(other)) => panic!("cannot register: {other:?}"),
        }
        if !matches!(world.people[ALICE].account, Account::Made) {
            Self::again_by(world, ALICE, &invite).await;
        }
        save_patiently(world, ALICE).await;
    }
}

/// A registration by invite of a name that somebody has, which gives the invite back.
#[derive(Debug)]
pub struct RegisteringTakenName;

impl Operation for RegisteringTakenName {
    const NAME: &'static str = "registering a taken name";
    const MODE: RegistrationMode = RegistrationMode::Invite;

    async fn prepare(&self, world: &mut World) {
        let invite = world.invite().await.expect("lives").expect("makes one");
        world.register(ALICE, Some(&invite)).await.expect("registers");
        assert!(world.save(ALICE, 0, "one").await, "saves");
        world.invite().await.expect("lives").expect("makes one");
        world.people[BOB].name = world.people[ALICE].name;
    }

    async fn perform(&self, world: &mut World) -> bool {
        let invite = world.invites[1].clone();
        let refused = world.register(BOB, Some(&invite)).await.expect_err("the name is taken");
        refused.source.problem() == Some(ProblemCode::NameTaken)
    }

    async fn again(&self, world: &mut World) {
        // Whatever there is by Bob's recovery code, it is not Alice's.
        if world.people[BOB].code().is_some() && world.recover(BOB, &Disk::default()).await.is_ok() {
            assert!(world.people[BOB].saved.is_empty());
        }
        world.people[BOB].name = "bob";
        let invite = world.invites[1].clone();
        match register_patiently(world, BOB, Some(&invite)).await {
            None => {}
            // The attempt of which nobody knows keeps it.
            Some(ProblemCode::InviteRefused) => world.people[BOB].account = Account::None,
            Some(other) => panic!("cannot register: {other:?}"),
        }
        assert!(world.save(ALICE, 0, "two").await, "saves");
    }
}

/// An administrator makes an invite.
#[derive(Debug)]
pub struct Inviting;

impl Operation for Inviting {
    const NAME: &'static str = "inviting";
    const MODE: RegistrationMode = RegistrationMode::Invite;

    async fn prepare(&self, _: &mut World) {}

    async fn perform(&self, world: &mut World) -> bool {
        matches!(world.invite().await, Some(Ok(_)))
    }

    async fn again(&self, world: &mut World) {
        // One that was handed out works; otherwise another one is made.
        if world.invites.is_empty() {
            world.invite().await.expect("lives").expect("makes one");
        }
        let invite = world.invites[0].clone();
        assert_eq!(register_patiently(world, ALICE, Some(&invite)).await, None);
        assert_eq!(register_patiently(world, BOB, Some(&invite)).await, Some(ProblemCode::InviteRefused));
    }
}
