//! The scene of all lies: Alice has saved texts and an enrolled device, and has changed things since; Bob has an account too.

use rootcellar_client::client::Login;
use rootcellar_client::device::Enrolment;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::{Client, ClientError, Session};
use rootcellar_faults::malicious::control;
use rootcellar_faults::operations::{ALICE, BOB};
use rootcellar_faults::person::{Disk, InProcess, typed};
use rootcellar_faults::{Prepared, Simulation};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::vault::RegistrationMode;
use serde_json::Value;
use std::rc::Rc;

/// What the vault answered once, by who asked and when.
pub(crate) struct Told {
    pub(crate) login: Value,
    pub(crate) recovery: Value,
    pub(crate) device: Value,
    pub(crate) devices: Value,
    pub(crate) history: Value,
}

/// The scene, at rest.
pub(crate) struct Scene {
    pub(crate) prepared: Prepared,
    /// To Alice, before the last changes.
    pub(crate) early: Rc<Told>,
    /// To Alice, now.
    pub(crate) now: Rc<Told>,
    /// To Bob.
    pub(crate) bob: Rc<Told>,
}

/// Who is lied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    /// A device that logged in before, with the passphrase.
    Known,
    /// One that never did, with the passphrase.
    Fresh,
    /// One that never did, with the recovery code.
    Recovering,
    /// The enrolled device.
    Enrolled,
}

impl Victim {
    pub(crate) const ALL: [Self; 4] = [Self::Known, Self::Fresh, Self::Recovering, Self::Enrolled];
}

/// What a disk held.
#[derive(Debug, PartialEq)]
pub(crate) struct Remembered(Option<LocalState>, Option<Enrolment>, bool);

pub(crate) fn held(disk: &Disk) -> Remembered {
    Remembered(disk.local_state(), disk.enrolment().expect("reads"), disk.is_pending())
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let mut simulation = Simulation::resume(&Prepared::nothing(RegistrationMode::Open)).await;
        for who in [ALICE, BOB] {
            simulation.register(who, None).await.expect("registers");
        }
        assert!(simulation.save(ALICE, 0, "one").await, "saves");
        assert!(simulation.save(BOB, 0, "his").await, "saves");
        simulation.enrol(BOB, 1, Permission::Manage).await.expect("enrols");
        simulation.enrol(ALICE, 1, Permission::Backup).await.expect("enrols");
        let early = Rc::new(told(&simulation, ALICE).await);
        simulation.permit(ALICE, 0, 1, Permission::Manage).await.expect("permits");
        let passphrase = "cinnamon-glacier-trumpet-willow-sixty";
        simulation.set_passphrase(ALICE, 0, false, passphrase).await.expect("sets");
        assert!(simulation.save_on_device(ALICE, 1, "two").await, "saves");
        assert!(simulation.save(ALICE, 0, "three").await, "saves");
        let (now, bob) = (Rc::new(told(&simulation, ALICE).await), Rc::new(told(&simulation, BOB).await));
        Self { prepared: simulation.rest(), early, now, bob }
    }

    /// The scene again, and the disk of someone who is lied to in it.
    pub(crate) async fn with(&self, victim: Victim) -> (Simulation, Disk) {
        let simulation = Simulation::resume(&self.prepared).await;
        simulation.vault.tongue().listen();
        let disk = match victim {
            Victim::Known => simulation.people[ALICE].devices[0].clone(),
            Victim::Enrolled => simulation.people[ALICE].devices[1].clone(),
            Victim::Fresh | Victim::Recovering => Disk::of(7),
        };
        (simulation, disk)
    }
}

/// Asks the vault all that lies are made of.
async fn told(simulation: &Simulation, who: usize) -> Told {
    let tongue = simulation.vault.tongue();
    tongue.listen();
    let client = simulation.program(who, 0);
    let mut session = open(simulation, &client, who, Victim::Known).await.expect("logs in");
    session.devices().await.expect("lists");
    session.history().await.expect("tells");
    simulation.recover(who, &Disk::of(8)).await.expect("recovers");
    simulation.stand(who, 1).await.expect("is let in");
    let of = |path| control(&tongue.last(path));
    Told {
        login: of(paths::LOGIN_FINISH),
        recovery: of(paths::RECOVERY),
        device: of(paths::DEVICE),
        devices: of(paths::DEVICES),
        history: of(paths::HISTORY),
    }
}

/// Gets in by passphrase or recovery code.
pub(crate) async fn open(
    simulation: &Simulation,
    client: &Client<InProcess>,
    who: usize,
    victim: Victim,
) -> Result<Session<InProcess>, ClientError> {
    let person = &simulation.people[who];
    let passphrase = typed(person.passphrase());
    match victim {
        Victim::Known => client.login(person.login(client.state_store()), &passphrase).await,
        Victim::Fresh => client.login(Login::new_device(person.account_name()), &passphrase).await,
        Victim::Recovering => {
            let recovery = person.recovery(client.state_store());
            client.recover(recovery, &person.code().expect("a code")).await
        }
        Victim::Enrolled => unreachable!("an enrolled device needs no login"),
    }
}

/// Gets in.
pub(crate) async fn enter(
    simulation: &Simulation,
    client: &Client<InProcess>,
    victim: Victim,
) -> Result<Session<InProcess>, ClientError> {
    if victim == Victim::Enrolled {
        let disk = &simulation.people[ALICE].devices[1];
        let (local_state, secrets) =
            (disk.local_state().expect("remembers"), disk.secrets().expect("is enrolled"));
        return client.restore_on_device(local_state, &secrets).await;
    }
    open(simulation, client, ALICE, victim).await
}

/// Bytes as JSON has them, altered.
pub(crate) fn bytes(value: &Value, alter: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut bytes = rootcellar_spec::base64url::decode(value.as_str().expect("bytes")).expect("bytes");
    alter(&mut bytes);
    rootcellar_spec::base64url::encode(&bytes).into()
}

/// All but the last byte.
pub(crate) fn shorter(value: &Value) -> Value {
    bytes(value, |all| all.truncate(all.len() - 1))
}
