//! Pairing, through two clients and a whole vault.

#![allow(clippy::panic, reason = "a helper fails its test by a panic")]

use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::inventory::Label;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pairing::{Confirming, Joining};
use rootcellar_client::snapshot::Seen;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::{Change, Client, ClientError, Login, Paired, Session, SystemRandomness};
use rootcellar_faults::operations::{ALICE, BOB, settle_in};
use rootcellar_faults::person::{Disk, InProcess, typed};
use rootcellar_faults::time::run;
use rootcellar_faults::{Prepared, Simulation};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{DeviceId, Digest, Number, ProblemCode};
use std::time::Duration;

/// A world in which Alice has an account with two saved texts, and Bob one without.
async fn settled() -> Simulation {
    let mut simulation = Simulation::resume(&Prepared::nothing(RegistrationMode::Open)).await;
    settle_in(&mut simulation).await;
    simulation.register(BOB, None).await.expect("registers");
    simulation
}

fn label() -> Label {
    Label::parse("Pixel 9").expect("a label")
}

async fn session(simulation: &Simulation, client: &Client<InProcess>, who: usize) -> Session<InProcess> {
    simulation.log_in(client, who, simulation.people[who].passphrase()).await.expect("logs in")
}

/// Both devices, up to the codes.
async fn meet(phone: &Client<InProcess>, managing: &mut Session<InProcess>) -> (Joining, Confirming) {
    let offer = phone.offer_pairing(label()).await.expect("offers");
    let text = offer.text();
    tokio::join!(async { phone.await_opening(offer).await.expect("the other device comes") }, async {
        // The person takes a while to fetch the other device.
        tokio::time::sleep(Duration::from_secs(90)).await;
        let meeting = managing.open_pairing(&text).await.expect("opens");
        managing.await_reply(meeting).await.expect("the new device replies")
    })
}

/// The person compares the codes, and confirms on both devices.
async fn pair(
    phone: &Client<InProcess>,
    managing: &mut Session<InProcess>,
    permission: Permission,
) -> Paired {
    pair_knowing(phone, managing, permission, None).await.expect("is paired")
}

/// As [`pair`], with a device that remembers an account.
async fn pair_knowing(
    phone: &Client<InProcess>,
    managing: &mut Session<InProcess>,
    permission: Permission,
    remembered: Option<LocalState>,
) -> Result<Paired, ClientError> {
    let (joining, confirming) = meet(phone, managing).await;
    assert_eq!(joining.code(), confirming.code());
    assert_eq!(confirming.label().exact(), "Pixel 9");
    let (paired, confirmed) = tokio::join!(
        phone.finish_pairing(&joining, remembered),
        managing.confirm_pairing(&confirming, permission)
    );
    confirmed.expect("is confirmed");
    paired
}

/// What a pairing comes to on a device that remembers this.
async fn refused_knowing(simulation: &Simulation, remembered: LocalState) -> ClientError {
    let (first, disk) = (simulation.program(ALICE, 0), Disk::of(7));
    disk.remember(&remembered).await.expect("is kept");
    let phone = simulation.program_on(&disk);
    let mut managing = session(simulation, &first, ALICE).await;
    let paired = pair_knowing(&phone, &mut managing, Permission::Backup, Some(remembered.clone())).await;
    assert_eq!((disk.local_state(), disk.enrolment().expect("reads")), (Some(remembered), None));
    paired.expect_err("is paired")
}

#[test]
fn a_paired_device_saves_without_anything_typed_and_reads_no_seed() {
    run(async {
        let simulation = settled().await;
        let (first, disk) = (simulation.program(ALICE, 0), Disk::of(7));
        let phone = simulation.program_on(&disk);
        let mut managing = session(&simulation, &first, ALICE).await;
        let paired = pair(&phone, &mut managing, Permission::Backup).await;
        assert_eq!(paired.permission, Permission::Backup);
        assert_eq!(disk.local_state().as_ref(), Some(&paired.local_state));
        let known = managing.local_state();
        assert_eq!(
            (
                &paired.local_state.vault_id,
                paired.local_state.name_hash,
                paired.local_state.server_public_key
            ),
            (&known.vault_id, known.name_hash, known.server_public_key)
        );

        let mut own = phone.resume_device(paired.local_state, &paired.secrets).await.expect("resumes");
        assert_eq!((own.permission(), own.items().len()), (Permission::Backup, 2));
        let first_entry = own.items()[0].id;
        let refused = own.open_entry(first_entry).map(drop);
        assert!(matches!(refused, Err(ClientError::NotPermitted { .. })), "{refused:?}");
        own.save(Change::new().remove(first_entry)).await.expect("saves");

        let devices = managing.devices().await.expect("lists");
        assert_eq!(devices.len(), 1);
        assert_eq!(
            (devices[0].device.id, devices[0].device.label.exact(), devices[0].device.permission),
            (DeviceId([7; 16]), "Pixel 9", Permission::Backup)
        );
        let history = managing.history().await.expect("holds");
        let pairing = history.acts.events.iter().find(|checked| checked.event.kind == kind::PAIRING);
        let pairing = pairing.expect("is told");
        assert!(pairing.proven && pairing.event.subject == Some(DeviceId([7; 16])), "{pairing:?}");
        // The device knows whose account it is, so that the passphrase is enough to restore with it.
        let login =
            Login::remembered(disk.local_state().expect("remembers")).on_device(Some(&paired.secrets));
        let restored =
            phone.login(login, &typed(simulation.people[ALICE].passphrase())).await.expect("logs in");
        assert_eq!(restored.items().len(), 1);
    });
}

#[test]
fn a_managing_device_brings_in_another_without_a_passphrase() {
    run(async {
        let simulation = settled().await;
        let secrets = DeviceSecrets::generate(&mut SystemRandomness);
        let first = simulation.program(ALICE, 0);
        let mut enrolling = session(&simulation, &first, ALICE).await;
        enrolling.enrol(&secrets, Permission::Manage).await.expect("enrols");
        let local_state = enrolling.local_state().clone();
        let mut managing = first.resume_device(local_state, &secrets).await.expect("resumes");
        let disk = Disk::of(7);
        let phone = simulation.program_on(&disk);
        let paired = pair(&phone, &mut managing, Permission::Restore).await;
        let restored = phone.restore_on_device(paired.local_state, &paired.secrets).await.expect("restores");
        simulation.look(ALICE, &restored);
        // A device that comes again, because its secrets were lost, takes its own place.
        let again = pair(&phone, &mut managing, Permission::View).await;
        assert_eq!(managing.devices().await.expect("lists").len(), 2);
        phone.device_session(again.local_state.clone(), &again.secrets).await.expect("continues");
        let former = phone.device_session(again.local_state, &paired.secrets).await.map(drop);
        assert!(former.is_err(), "the former secrets still work");
    });
}

#[test]
fn a_device_that_knows_the_account_forgets_nothing_by_a_pairing() {
    run(async {
        let mut simulation = settled().await;
        let (first, disk) = (simulation.program(ALICE, 0), Disk::of(7));
        let phone = simulation.program_on(&disk);
        let history = session(&simulation, &phone, ALICE).await.history().await.expect("holds").seen;
        let known = disk.local_state().expect("remembers");
        // The other device has seen less, and then more.
        let mut managing = session(&simulation, &first, ALICE).await;
        let paired = pair_knowing(&phone, &mut managing, Permission::Backup, Some(known.clone())).await;
        let paired = paired.expect("is paired").local_state;
        assert_eq!((&paired.vault_id, paired.name_hash), (&known.vault_id, known.name_hash));
        assert_eq!((paired.server_public_key, paired.history), (known.server_public_key, Some(history)));
        drop(managing);
        assert!(simulation.save(ALICE, 0, "three").await);
        let mut managing = session(&simulation, &first, ALICE).await;
        let again = pair_knowing(&phone, &mut managing, Permission::Backup, Some(paired)).await;
        let again = again.expect("is paired").local_state;
        assert_eq!(again.last_seen, managing.local_state().last_seen);
        assert_eq!((again.history, disk.local_state()), (Some(history), Some(again.clone())));
    });
}

#[test]
fn a_pairing_undoes_nothing_that_the_device_knew() {
    run(async {
        let simulation = settled().await;
        let of_bob = simulation.people[BOB].devices[0].local_state().expect("remembers");
        let known = simulation.people[ALICE].devices[0].local_state().expect("remembers");
        let later = Some(Seen { number: Number(9), digest: Digest([9; 32]) });
        let forked = known.last_seen.map(|seen| Seen { digest: Digest([9; 32]), ..seen });
        let earlier = Some(Seen { number: Number(1), digest: Digest([9; 32]) });
        let codes = [
            (of_bob, "foreign-account"),
            (LocalState { server_public_key: Some([9; 32]), ..known.clone() }, "foreign-server-key"),
            (LocalState { last_seen: later, ..known.clone() }, "rollback"),
            (LocalState { last_seen: forked, ..known.clone() }, "fork"),
            (LocalState { last_seen: earlier, ..known.clone() }, "fork"),
            (LocalState { device_list: later, ..known.clone() }, "devices-refused"),
            (LocalState { device_list: earlier, ..known }, "devices-refused"),
        ];
        for (remembered, code) in codes {
            let refused = refused_knowing(&simulation, remembered).await;
            assert_eq!(refused.code(), code, "{refused}");
        }
    });
}

#[test]
fn who_waits_in_vain_is_told_after_ten_minutes_and_keeps_nothing() {
    run(async {
        let simulation = settled().await;
        let disk = Disk::of(7);
        let (first, phone) = (simulation.program(ALICE, 0), simulation.program_on(&disk));
        let managing = session(&simulation, &first, ALICE).await;
        let began = tokio::time::Instant::now();
        let offer = phone.offer_pairing(label()).await.expect("offers");
        let nobody_came = phone.await_opening(offer).await.map(drop);
        assert!(matches!(nobody_came, Err(ClientError::PairingExpired)), "{nobody_came:?}");
        assert!(began.elapsed() < Duration::from_secs(620), "{:?}", began.elapsed());

        let offer = phone.offer_pairing(label()).await.expect("offers");
        drop(managing);
        let mut managing = session(&simulation, &first, ALICE).await;
        let meeting = managing.open_pairing(&offer.text()).await.expect("opens");
        let nobody_replied = managing.await_reply(meeting).await.map(drop);
        assert!(matches!(nobody_replied, Err(ClientError::PairingExpired)), "{nobody_replied:?}");

        drop(managing);
        let mut managing = session(&simulation, &first, ALICE).await;
        let (joining, confirming) = meet(&phone, &mut managing).await;
        let nobody_confirmed = phone.finish_pairing(&joining, None).await.map(drop);
        assert!(matches!(nobody_confirmed, Err(ClientError::PairingExpired)), "{nobody_confirmed:?}");
        // Nor does a confirmation come through a mailbox that has ended.
        drop(managing);
        let mut managing = session(&simulation, &first, ALICE).await;
        let too_late = managing.confirm_pairing(&confirming, Permission::Backup).await;
        assert!(matches!(too_late, Err(ClientError::PairingExpired)), "{too_late:?}");
        assert!(managing.devices().await.expect("lists").is_empty());
        assert_eq!(disk.local_state(), None);
    });
}

#[test]
fn who_comes_second_to_a_mailbox_is_refused() {
    run(async {
        let simulation = settled().await;
        let (first, others) = (simulation.program(ALICE, 0), simulation.program(BOB, 0));
        let phone = simulation.program_on(&Disk::of(7));
        let offer = phone.offer_pairing(label()).await.expect("offers");
        let mut bob = session(&simulation, &others, BOB).await;
        bob.open_pairing(&offer.text()).await.expect("opens");
        let mut alice = session(&simulation, &first, ALICE).await;
        let refused = alice.open_pairing(&offer.text()).await.map(drop);
        assert!(matches!(refused, Err(ClientError::PairingRefused(_))), "{refused:?}");
        let mistyped = alice.open_pairing("rootcellar-pair-1:nothing").await.map(drop);
        assert!(matches!(mistyped, Err(ClientError::PairingText(_))), "{mistyped:?}");
    });
}

#[test]
fn a_device_that_may_not_manage_opens_no_mailbox() {
    run(async {
        let simulation = settled().await;
        let (first, disk) = (simulation.program(ALICE, 0), Disk::of(7));
        let phone = simulation.program_on(&disk);
        let mut managing = session(&simulation, &first, ALICE).await;
        let paired = pair(&phone, &mut managing, Permission::Restore).await;
        let offer = simulation.program_on(&Disk::of(8)).offer_pairing(label()).await.expect("offers");
        let mut own =
            phone.resume_device(paired.local_state.clone(), &paired.secrets).await.expect("resumes");
        let refused = own.open_pairing(&offer.text()).await.map(drop);
        assert_eq!(
            refused.as_ref().map_err(ClientError::code),
            Err(ProblemCode::NotPermitted.as_str()),
            "{refused:?}"
        );
        // New keys put it out, and it is told so.
        drop(managing);
        let mut managing = session(&simulation, &first, ALICE).await;
        let code = rootcellar_client::recovery_code::RecoveryCode::generate(&mut SystemRandomness);
        let own = DeviceSecrets::generate(&mut SystemRandomness);
        let local_state =
            managing.rekey(&code, Some((&own, Permission::Manage))).await.expect("changes the keys");
        let out = phone.device_session(paired.local_state, &paired.secrets).await.map(drop);
        let out = out.expect_err("is out").problem();
        assert_eq!(out, Some(ProblemCode::DeviceRevoked));
        let mut kept = first.resume_device(local_state, &own).await.expect("resumes");
        assert_eq!(kept.permission(), Permission::Manage);
        assert_eq!(kept.devices().await.expect("lists").len(), 1);
        kept.save(Change::new()).await.expect("saves under the new keys");
    });
}
