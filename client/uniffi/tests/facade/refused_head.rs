//! A newest backup that does not open, as a stolen device can leave it: the account is managed without it, and continued from an
//! older backup with new keys.

use crate::support::{Keys, World, code, note};
use rootcellar_end_to_end::Fault;
use rootcellar_spec::parts;
use rootcellar_uniffi::{
    LoginOptions, Overview, Permission, Purpose, RecoveryCodePurpose, RecoveryCodeState, RootcellarClient,
};
use std::sync::Arc;

const LOGIN: &str = "POST /v1/login/finish";
const DEVICE: &str = "GET /v1/account/device";

/// Alters the last byte of the backup in the next such response: its MAC is wrong.
fn ruin(world: &World, request: &str) {
    let ruined = |body: Vec<u8>| {
        let (control, snapshot) = parts::split(&body).expect("two parts");
        let mut snapshot = snapshot.expect("a backup").to_vec();
        *snapshot.last_mut().expect("bytes") ^= 1;
        parts::join(control, &snapshot)
    };
    world.wire.once(request, Fault::Change(Box::new(ruined)));
}

fn to_manage() -> Option<LoginOptions> {
    Some(LoginOptions { to_manage: true, ..LoginOptions::default() })
}

fn older(number: u64) -> Option<LoginOptions> {
    Some(LoginOptions { backup: Some(number), ..LoginOptions::default() })
}

fn labels(overview: &Overview) -> Vec<&str> {
    overview.items.iter().map(|item| item.label.as_str()).collect()
}

/// A device with an account that has two backups.
async fn saved_twice(world: &World, name: &str) -> (Arc<RootcellarClient>, Vec<u8>) {
    let (phone, passphrase, _) = world.registered(name, &Keys::new()).await;
    for label in ["one", "two"] {
        phone.save(note(label)).await.expect("saves");
    }
    (phone, passphrase)
}

#[tokio::test]
async fn an_account_whose_newest_backup_is_refused_is_managed_and_continued_from_an_older_one() {
    let world = World::begin();
    let (phone, passphrase) = saved_twice(&world, "ann").await;
    let lost = world.device("lost", &Keys::new()).await;
    lost.log_in(passphrase.clone(), Some("ann".to_owned()), None).await.expect("logs in");
    lost.enrol(Permission::Backup).await.expect("enrols");

    ruin(&world, LOGIN);
    assert_eq!(code(phone.log_in(passphrase.clone(), None, None).await), "snapshot-refused");
    ruin(&world, LOGIN);
    let overview = phone.log_in(passphrase.clone(), None, to_manage()).await.expect("opens without it");
    assert_eq!(overview.refused_backup.as_deref(), Some("snapshot-refused"));
    assert!(overview.backup.is_none() && overview.items.is_empty());
    assert_eq!(code(phone.save(note("three")).await), "older-backup");
    let kept: Vec<_> = phone.account().await.expect("asks").backups.iter().map(|kept| kept.number).collect();
    assert_eq!(kept, [2, 1]);
    let draw = || phone.generate_recovery_code(RecoveryCodePurpose::Rekey);
    assert_eq!(code(draw().await), "older-backup", "new keys would lose every entry");
    assert_eq!(code(phone.continue_from(1).await), "older-backup", "none is open");
    let devices = phone.devices().await.expect("lists");
    assert_eq!(devices.len(), 1);
    phone.revoke(devices[0].id.clone()).await.expect("revokes");
    assert_eq!(code(lost.enter_as_device(Purpose::Manage).await), "device-revoked");

    let overview = phone.log_in(passphrase.clone(), None, older(1)).await.expect("opens the older one");
    assert_eq!((labels(&overview), &overview.refused_backup), (vec!["one"], &None));
    assert_eq!(code(draw().await), "older-backup", "only if it is asked for");
    assert_eq!(code(phone.continue_from(2).await), "older-backup", "another one is open");
    phone.continue_from(1).await.expect("may");
    let drawn = draw().await.expect("draws");
    phone.log_in(passphrase.clone(), None, older(1)).await.expect("logs in again");
    assert_eq!(code(phone.rekey(drawn.clone()).await), "older-backup", "another session was asked");
    phone.continue_from(1).await.expect("may");
    phone.rekey(drawn).await.expect("continues it");
    let overview = phone.log_in(passphrase, None, None).await.expect("logs in");
    assert_eq!(
        (overview.backup.as_ref().map(|backup| backup.number), labels(&overview)),
        (Some(3), vec!["one"])
    );
    phone.save(note("three")).await.expect("saves again");
}

#[tokio::test]
async fn a_change_of_keys_that_continues_an_older_backup_is_completed_by_the_next_login() {
    let world = World::begin();
    let (phone, passphrase) = saved_twice(&world, "ben").await;
    for fault in [|| Fault::LoseRequest, || Fault::LoseResponse] {
        let overview = phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
        let number = overview.backup.expect("a backup").number;
        phone.save(note("more")).await.expect("saves");
        phone.log_in(passphrase.clone(), None, older(number)).await.expect("opens the older one");
        phone.continue_from(number).await.expect("may");
        let drawn = phone.generate_recovery_code(RecoveryCodePurpose::Rekey).await.expect("draws");
        world.wire.always("POST /v1/account/rekey", fault());
        world.wire.always("POST /v1/recovery", Fault::LoseRequest);
        assert_eq!(code(phone.rekey(drawn).await), "rekey-unconfirmed");
        world.wire.heal();
        let overview = phone.log_in(passphrase.clone(), None, older(number)).await.expect("logs in");
        let notice = overview.recovery_code.as_ref().map(|notice| notice.state);
        assert_eq!(notice, Some(RecoveryCodeState::Active));
        assert_eq!(overview.backup.as_ref().map(|backup| backup.number), Some(number + 2));
        assert_eq!(labels(&overview), ["one", "two"]);
    }
}

#[tokio::test]
async fn an_enrolled_device_manages_the_account_without_a_newest_backup_that_is_refused() {
    let world = World::begin();
    let (phone, _) = saved_twice(&world, "cleo").await;
    phone.enrol(Permission::Manage).await.expect("enrols");
    ruin(&world, DEVICE);
    assert_eq!(code(phone.enter_as_device(Purpose::View).await), "snapshot-refused");
    ruin(&world, DEVICE);
    let overview = phone.enter_as_device(Purpose::Manage).await.expect("goes in without it");
    assert_eq!(overview.refused_backup.as_deref(), Some("snapshot-refused"));
    assert_eq!(phone.devices().await.expect("lists").len(), 1);
    let overview = phone.enter_as_device(Purpose::Manage).await.expect("goes in");
    assert_eq!((labels(&overview), &overview.refused_backup), (vec!["one", "two"], &None), "it opens now");
}
