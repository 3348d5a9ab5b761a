//! Pairing, through two clients and a whole vault.

#![allow(clippy::panic, reason = "a helper fails its test by a panic")]

use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::inventory::Label;
use rootcellar_client::memory::Memory;
use rootcellar_client::pairing::{Confirming, Joining};
use rootcellar_client::snapshot::Seen;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::{Change, Client, ClientError, Login, Paired, Session, SystemRandomness};
use rootcellar_faults::operations::{ALICE, BOB, settle_in};
use rootcellar_faults::person::{Disk, InProcess, typed};
use rootcellar_faults::time::run;
use rootcellar_faults::{Prepared, World};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{DeviceId, Digest, Number, ProblemCode};
use std::time::Duration;

/// A world in which Alice has an account with two saved texts, and Bob one without.
async fn settled() -> World {
    let mut world = World::resume(&Prepared::nothing(RegistrationMode::Open)).await;
    settle_in(&mut world).await;
    world.register(BOB, None).await.expect("registers");
    world
}

fn label() -> Label {
    Label::parse("Pixel 9").expect("a label")
}

async fn session<'a>(world: &World, client: &'a mut Client<InProcess>, who: usize) -> Session<'a, InProcess> {
    let opened = world.log_in(client, who, world.people[who].passphrase()).await.expect("logs in");
    client.session(opened)
}

/// Both devices, up to the codes.
async fn meet(phone: &mut Client<InProcess>, managing: &mut Session<'_, InProcess>) -> (Joining, Confirming) {
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
    phone: &mut Client<InProcess>,
    managing: &mut Session<'_, InProcess>,
    permission: Permission,
) -> Paired {
    pair_knowing(phone, managing, permission, None).await.expect("is paired")
}

/// As [`pair`], with a device that remembers an account.
async fn pair_knowing(
    phone: &mut Client<InProcess>,
    managing: &mut Session<'_, InProcess>,
    permission: Permission,
    remembered: Option<Memory>,
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
async fn refused_knowing(world: &World, remembered: Memory) -> ClientError {
    let (mut first, mut disk) = (world.program(ALICE, 0), Disk::of(7));
    disk.remember(&remembered).await.expect("is kept");
    let mut phone = world.program_on(&disk);
    let mut managing = session(world, &mut first, ALICE).await;
    let paired = pair_knowing(&mut phone, &mut managing, Permission::Backup, Some(remembered.clone())).await;
    assert_eq!((disk.memory(), disk.enrolment().expect("reads")), (Some(remembered), None));
    paired.expect_err("is paired")
}

#[test]
fn a_paired_device_saves_without_anything_typed_and_reads_no_seed() {
    run(async {
        let world = settled().await;
        let (mut first, disk) = (world.program(ALICE, 0), Disk::of(7));
        let mut phone = world.program_on(&disk);
        let mut managing = session(&world, &mut first, ALICE).await;
        let paired = pair(&mut phone, &mut managing, Permission::Backup).await;
        assert_eq!(paired.permission, Permission::Backup);
        assert_eq!(disk.memory().as_ref(), Some(&paired.memory));
        let known = managing.memory();
        assert_eq!(
            (&paired.memory.identity, paired.memory.name_hash, paired.memory.server_public_key),
            (&known.identity, known.name_hash, known.server_public_key)
        );

        let mut own = phone.resume_device(paired.memory, &paired.secrets).await.expect("resumes");
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
        let login = Login::remembered(disk.memory().expect("remembers")).on_device(Some(&paired.secrets));
        let restored = phone.login(login, &typed(world.people[ALICE].passphrase())).await.expect("logs in");
        assert_eq!(restored.items().len(), 1);
    });
}

#[test]
fn a_managing_device_brings_in_another_without_a_passphrase() {
    run(async {
        let world = settled().await;
        let secrets = DeviceSecrets::generate(&mut SystemRandomness);
        let mut first = world.program(ALICE, 0);
        let mut enrolling = session(&world, &mut first, ALICE).await;
        enrolling.enrol(&secrets, Permission::Manage).await.expect("enrols");
        let memory = enrolling.memory().clone();
        let mut managing = first.resume_device(memory, &secrets).await.expect("resumes");
        let disk = Disk::of(7);
        let mut phone = world.program_on(&disk);
        let paired = pair(&mut phone, &mut managing, Permission::Restore).await;
        let restored = phone.restore_on_device(paired.memory, &paired.secrets).await.expect("restores");
        world.look(ALICE, &restored);
        // A device that comes again, because its secrets were lost, takes its own place.
        let again = pair(&mut phone, &mut managing, Permission::View).await;
        assert_eq!(managing.devices().await.expect("lists").len(), 2);
        phone.device_session(again.memory.clone(), &again.secrets).await.expect("goes on");
        let former = phone.device_session(again.memory, &paired.secrets).await.map(drop);
        assert!(former.is_err(), "the former secrets go on");
    });
}

#[test]
fn a_device_that_knows_the_account_forgets_nothing_by_a_pairing() {
    run(async {
        let mut world = settled().await;
        let (mut first, disk) = (world.program(ALICE, 0), Disk::of(7));
        let mut phone = world.program_on(&disk);
        let history = session(&world, &mut phone, ALICE).await.history().await.expect("holds").seen;
        let known = disk.memory().expect("remembers");
        // The other device has seen less, and then more.
        let mut managing = session(&world, &mut first, ALICE).await;
        let paired = pair_knowing(&mut phone, &mut managing, Permission::Backup, Some(known.clone())).await;
        let paired = paired.expect("is paired").memory;
        assert_eq!((&paired.identity, paired.name_hash), (&known.identity, known.name_hash));
        assert_eq!((paired.server_public_key, paired.history), (known.server_public_key, Some(history)));
        drop(managing);
        assert!(world.save(ALICE, 0, "three").await);
        let mut managing = session(&world, &mut first, ALICE).await;
        let again = pair_knowing(&mut phone, &mut managing, Permission::Backup, Some(paired)).await;
        let again = again.expect("is paired").memory;
        assert_eq!(again.last_seen, managing.memory().last_seen);
        assert_eq!((again.history, disk.memory()), (Some(history), Some(again.clone())));
    });
}

#[test]
fn a_pairing_undoes_nothing_that_the_device_knew() {
    run(async {
        let world = settled().await;
        let of_bob = world.people[BOB].devices[0].memory().expect("remembers");
        let known = world.people[ALICE].devices[0].memory().expect("remembers");
        let later = Some(Seen { number: Number(9), digest: Digest([9; 32]) });
        let forked = known.last_seen.map(|seen| Seen { digest: Digest([9; 32]), ..seen });
        let earlier = Some(Seen { number: Number(1), digest: Digest([9; 32]) });
        let codes = [
            (of_bob, "foreign-account"),
            (Memory { server_public_key: Some([9; 32]), ..known.clone() }, "foreign-server-key"),
            (Memory { last_seen: later, ..known.clone() }, "rollback"),
            (Memory { last_seen: forked, ..known.clone() }, "fork"),
            (Memory { last_seen: earlier, ..known.clone() }, "fork"),
            (Memory { device_list: later, ..known.clone() }, "devices-refused"),
            (Memory { device_list: earlier, ..known }, "devices-refused"),
        ];
        for (remembered, code) in codes {
            let refused = refused_knowing(&world, remembered).await;
            assert_eq!(refused.code(), code, "{refused}");
        }
    });
}

#[test]
fn who_waits_in_vain_is_told_after_ten_minutes_and_keeps_nothing() {
    run(async {
        let world = settled().await;
        let disk = Disk::of(7);
        let (mut first, mut phone) = (world.program(ALICE, 0), world.program_on(&disk));
        let managing = session(&world, &mut first, ALICE).await;
        let began = tokio::time::Instant::now();
        let offer = phone.offer_pairing(label()).await.expect("offers");
        let nobody_came = phone.await_opening(offer).await.map(drop);
        assert!(matches!(nobody_came, Err(ClientError::PairingExpired)), "{nobody_came:?}");
        assert!(began.elapsed() < Duration::from_secs(620), "{:?}", began.elapsed());

        let offer = phone.offer_pairing(label()).await.expect("offers");
        drop(managing);
        let mut managing = session(&world, &mut first, ALICE).await;
        let meeting = managing.open_pairing(&offer.text()).await.expect("opens");
        let nobody_replied = managing.await_reply(meeting).await.map(drop);
        assert!(matches!(nobody_replied, Err(ClientError::PairingExpired)), "{nobody_replied:?}");

        drop(managing);
        let mut managing = session(&world, &mut first, ALICE).await;
        let (joining, confirming) = meet(&mut phone, &mut managing).await;
        let nobody_confirmed = phone.finish_pairing(&joining, None).await.map(drop);
        assert!(matches!(nobody_confirmed, Err(ClientError::PairingExpired)), "{nobody_confirmed:?}");
        // Nor does a confirmation come through a mailbox that has ended.
        drop(managing);
        let mut managing = session(&world, &mut first, ALICE).await;
        let too_late = managing.confirm_pairing(&confirming, Permission::Backup).await;
        assert!(matches!(too_late, Err(ClientError::PairingExpired)), "{too_late:?}");
        assert!(managing.devices().await.expect("lists").is_empty());
        assert_eq!(disk.memory(), None);
    });
}

#[test]
fn who_comes_second_to_a_mailbox_is_refused() {
    run(async {
        let world = settled().await;
        let (mut first, mut others) = (world.program(ALICE, 0), world.program(BOB, 0));
        let mut phone = world.program_on(&Disk::of(7));
        let offer = phone.offer_pairing(label()).await.expect("offers");
        let mut bob = session(&world, &mut others, BOB).await;
        bob.open_pairing(&offer.text()).await.expect("opens");
        let mut alice = session(&world, &mut first, ALICE).await;
        let refused = alice.open_pairing(&offer.text()).await.map(drop);
        assert!(matches!(refused, Err(ClientError::PairingRefused(_))), "{refused:?}");
        let mistyped = alice.open_pairing("rootcellar-pair-1:nothing").await.map(drop);
        assert!(matches!(mistyped, Err(ClientError::PairingText(_))), "{mistyped:?}");
    });
}

#[test]
fn a_device_that_may_not_manage_opens_no_mailbox() {
    run(async {
        let world = settled().await;
        let (mut first, disk) = (world.program(ALICE, 0), Disk::of(7));
        let mut phone = world.program_on(&disk);
        let mut managing = session(&world, &mut first, ALICE).await;
        let paired = pair(&mut phone, &mut managing, Permission::Restore).await;
        let offer = world.program_on(&Disk::of(8)).offer_pairing(label()).await.expect("offers");
        let mut own = phone.resume_device(paired.memory.clone(), &paired.secrets).await.expect("resumes");
        let refused = own.open_pairing(&offer.text()).await.map(drop);
        assert_eq!(
            refused.as_ref().map_err(ClientError::code),
            Err(ProblemCode::NotPermitted.as_str()),
            "{refused:?}"
        );
        // New keys put it out, and it is told so.
        drop(managing);
        let mut managing = session(&world, &mut first, ALICE).await;
        let code = rootcellar_client::recovery_code::RecoveryCode::generate(&mut SystemRandomness);
        let own = DeviceSecrets::generate(&mut SystemRandomness);
        let memory = managing.rekey(&code, Some((&own, Permission::Manage))).await.expect("changes the keys");
        let out = phone.device_session(paired.memory, &paired.secrets).await.map(drop);
        let out = out.expect_err("is out").problem();
        assert_eq!(out, Some(ProblemCode::DeviceRevoked));
        let mut kept = first.resume_device(memory, &own).await.expect("resumes");
        assert_eq!(kept.permission(), Permission::Manage);
        assert_eq!(kept.devices().await.expect("lists").len(), 1);
        kept.save(Change::new()).await.expect("saves under the new keys");
    });
}
