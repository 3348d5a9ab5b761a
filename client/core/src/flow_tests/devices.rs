//! Enrolled devices: what they may do, what their keys allow, and what a vault cannot do to them.

use super::vault::{FakeVault, Fault};
use super::{
    Fake, adding, device, error, log_in, log_in_anew, name, passphrase, registered, remembered, save, texts,
};
use crate::client::session::RekeyReason;
use crate::client::{Client, Login, LoginOptions};
use crate::device::DeviceSecrets;
use crate::device_list::DevicesFault;
use crate::error::ClientError;
use crate::state_store::StateStore;
use crate::transport::{Method, Response};
use rootcellar_spec::wire::devices::DevicesResponse;
use rootcellar_spec::wire::login::{LoginResponse, Permission};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{DeviceId, Number, ProblemCode, parts};

pub(super) fn secrets(n: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[n; DeviceSecrets::BYTES])
}

pub(super) fn id(n: u8) -> DeviceId {
    DeviceId([n; 16])
}

/// A second device that logs in and enrols itself with this permission; its secrets are of its number.
pub(super) async fn enrolled(vault: &FakeVault, n: u8, permission: Permission) -> Client<Fake> {
    let client = device(vault, u64::from(n));
    let mut session = log_in_anew(&client).await.expect("logs in");
    session.enrol(&secrets(n), permission).await.expect("enrols");
    client
}

/// Which requests were sent, and forgets them.
fn sent(vault: &FakeVault) -> Vec<(Method, String)> {
    vault.take_sent().into_iter().map(|(method, path, _)| (method, path)).collect()
}

fn needs<T>(result: Result<T, ClientError>) -> Permission {
    match error(result) {
        ClientError::NotPermitted { needs } => needs,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_enrolled_device_saves_in_one_round_trip_without_a_passphrase() {
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    let phone = enrolled(&vault, 3, Permission::Backup).await;
    vault.take_sent();
    for round in 2..4 {
        let local_state = remembered(&phone);
        let mut session = phone.resume_device(local_state, &secrets(3)).await.expect("resumes");
        assert_eq!(session.items().len(), round - 1);
        let saved = session.save(adding(&format!("{round}"))).await.expect("saves");
        assert_eq!((saved.number, saved.merged), (Number(round as u64), false));
        let sent = sent(&vault);
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!(sent[0].0, Method::Put);
    }
    assert_eq!(texts(&log_in(&first).await.expect("logs in")), ["one", "2", "3"]);
}

#[tokio::test]
async fn a_resumed_device_that_another_overtook_merges() {
    let (vault, first, _) = registered().await;
    let phone = enrolled(&vault, 3, Permission::Backup).await;
    save(&first, "one").await.expect("saves");
    let local_state = remembered(&phone);
    let mut session = phone.resume_device(local_state, &secrets(3)).await.expect("resumes");
    let saved = session.save(adding("two")).await.expect("saves");
    assert_eq!((saved.number, saved.merged), (Number(2), true));
    assert_eq!(texts(&log_in(&first).await.expect("logs in")), ["one", "two"]);
}

#[tokio::test]
async fn a_device_whose_files_fit_no_more_asks_the_vault() {
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    let phone = enrolled(&vault, 3, Permission::Backup).await;
    let stale = phone.state_store().kept().enrolment.clone();
    let local_state = remembered(&phone);
    phone
        .resume_device(local_state, &secrets(3))
        .await
        .expect("resumes")
        .save(adding("2"))
        .await
        .expect("saves");
    vault.take_sent();
    // What is cached is older than what was seen; then nothing is cached.
    for enrolment in [stale, None] {
        phone.state_store().keep_enrolment(enrolment.as_ref()).await.expect("kept");
        let local_state = remembered(&phone);
        let session = phone.resume_device(local_state, &secrets(3)).await.expect("resumes");
        assert_eq!(session.items().len(), 2);
        assert_eq!(sent(&vault), [(Method::Get, paths::DEVICE.to_owned())]);
    }
    let kept = phone.state_store().kept().enrolment.clone().expect("kept again");
    assert_eq!(kept.newest.map(|cached| cached.record.number), Some(Number(2)));
}

#[tokio::test]
async fn permissions_refuse_before_any_request() {
    let (vault, first, _) = registered().await;
    let added = save(&first, "one").await.expect("saves").added[0];
    let viewer = enrolled(&vault, 3, Permission::View).await;
    let saver = enrolled(&vault, 4, Permission::Backup).await;
    let reader = enrolled(&vault, 5, Permission::Restore).await;
    vault.take_sent();

    let local_state = remembered(&viewer);
    let mut session = viewer.resume_device(local_state, &secrets(3)).await.expect("resumes");
    assert_eq!((session.items().len(), session.permission()), (1, Permission::View));
    assert_eq!(needs(session.save(adding("two")).await), Permission::Backup);
    assert_eq!(needs(session.open_entry(added)), Permission::Restore);

    let local_state = remembered(&saver);
    let mut session = saver.resume_device(local_state, &secrets(4)).await.expect("resumes");
    assert_eq!(needs(session.open_entry(added)), Permission::Restore);
    assert_eq!(needs(session.enrol(&secrets(4), Permission::Manage).await), Permission::Manage);
    assert_eq!(needs(session.revoke(id(3)).await), Permission::Manage);

    let local_state = remembered(&reader);
    let mut session = reader.resume_device(local_state, &secrets(5)).await.expect("resumes");
    assert!(matches!(error(session.open_entry(added)), ClientError::RestoreNotAsked));
    assert_eq!(needs(session.permit(id(3), Permission::Manage).await), Permission::Manage);
    assert_eq!(needs(session.set_passphrase(&passphrase(), None).await), Permission::Manage);
    assert!(sent(&vault).is_empty());

    let local_state = remembered(&reader);
    let session = reader.restore_on_device(local_state, &secrets(5)).await.expect("restores");
    assert_eq!(texts(&session), ["one"]);
    assert_eq!(sent(&vault), [(Method::Post, paths::RESTORE.to_owned())]);
    let local_state = remembered(&saver);
    assert_eq!(needs(saver.restore_on_device(local_state, &secrets(4)).await), Permission::Restore);
}

#[tokio::test]
async fn a_changed_permission_brings_the_keys_that_it_needs() {
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    let phone = enrolled(&vault, 3, Permission::View).await;
    let steps = [
        (Permission::Backup, None, false),
        (Permission::Manage, None, false),
        (Permission::Restore, None, true),
        (Permission::Backup, Some(RekeyReason::ReadsBackups), true),
        (Permission::View, Some(RekeyReason::ForgesBackups), true),
        (Permission::Restore, None, false),
        (Permission::View, Some(RekeyReason::ReadsBackups), true),
    ];
    for (permission, rekey_reason, ended_sessions) in steps {
        let mut session = log_in(&first).await.expect("logs in");
        let change = session.permit(id(3), permission).await.expect("permits");
        assert_eq!(
            (change.rekey_reason, change.ended_sessions),
            (rekey_reason, ended_sessions),
            "{permission:?}"
        );
        if ended_sessions {
            let refused = error(session.account().await);
            assert_eq!(refused.problem(), Some(ProblemCode::SessionEnded));
        }
        let local_state = remembered(&phone);
        let mut session = phone.device_session(local_state, &secrets(3)).await.expect("opens");
        assert_eq!(session.permission(), permission);
        assert_eq!(session.devices_fault(), None);
        let saved = session.save(adding(permission.as_str())).await;
        assert_eq!(saved.is_ok(), permission >= Permission::Backup);
        let local_state = remembered(&phone);
        let restored = phone.restore_on_device(local_state, &secrets(3)).await;
        assert_eq!(restored.is_ok(), permission >= Permission::Restore);
    }
}

#[tokio::test]
async fn revoking_any_device_that_could_save_advises_new_keys() {
    let (vault, first, _) = registered().await;
    let reasons = [
        (Permission::View, None),
        (Permission::Backup, Some(RekeyReason::ForgesBackups)),
        (Permission::Restore, Some(RekeyReason::ReadsBackups)),
        (Permission::Manage, Some(RekeyReason::ReadsBackups)),
    ];
    for (permission, reason) in reasons {
        enrolled(&vault, 3, permission).await;
        let mut session = log_in(&first).await.expect("logs in");
        let change = session.revoke(id(3)).await.expect("revokes");
        assert_eq!((change.former, change.rekey_reason), (permission, reason));
    }
}

#[tokio::test]
async fn a_revoked_device_is_told_so() {
    let (vault, first, _) = registered().await;
    let phone = enrolled(&vault, 3, Permission::Manage).await;
    let mut session = log_in(&first).await.expect("logs in");
    let known = session.devices().await.expect("they are listed");
    let (labels, own): (Vec<_>, Vec<_>) =
        known.iter().map(|known| (known.device.label.exact().to_owned(), known.is_this)).unzip();
    assert_eq!((labels, own), (vec!["device 3".to_owned()], vec![false]));
    let change = session.revoke(id(3)).await.expect("revokes");
    assert_eq!((change.rekey_reason, change.ended_sessions), (Some(RekeyReason::ReadsBackups), true));
    let local_state = remembered(&phone);
    let mut session = phone.resume_device(local_state, &secrets(3)).await.expect("resumes");
    let refused = error(session.save(adding("one")).await);
    assert_eq!(refused.problem(), Some(ProblemCode::DeviceRevoked));
    let local_state = remembered(&phone);
    let refused = error(phone.device_session(local_state, &secrets(3)).await);
    assert_eq!(refused.problem(), Some(ProblemCode::DeviceRevoked));
    assert!(refused.to_string().contains("not enrolled any more"), "{refused}");

    let mut session = log_in(&first).await.expect("logs in");
    assert!(matches!(error(session.revoke(id(3)).await), ClientError::NoSuchDevice(_)));
    assert!(session.devices().await.expect("none is left").is_empty());
}

#[tokio::test]
async fn a_change_that_another_device_overtook_is_made_after_it() {
    let (vault, first, _) = registered().await;
    let mut session = log_in(&first).await.expect("logs in");
    enrolled(&vault, 3, Permission::View).await;
    session.enrol(&secrets(2), Permission::Backup).await.expect("enrols");
    let known = session.devices().await.expect("they are listed");
    let known: Vec<_> = known.iter().map(|known| (known.device.id, known.device.permission)).collect();
    assert_eq!(known, [(id(3), Permission::View), (id(2), Permission::Backup)]);
    assert_eq!(vault.account().lists.len(), 2);
    assert_eq!(remembered(&first).device_list.map(|seen| seen.number), Some(Number(2)));
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_made_once() {
    let (vault, first, _) = registered().await;
    vault.fault(Method::Post, paths::DEVICES, Fault::LoseReply);
    let mut session = log_in(&first).await.expect("logs in");
    session.enrol(&secrets(2), Permission::Backup).await.expect("enrols");
    assert_eq!(vault.account().lists.len(), 1);
    // It is not known whether it was made, where all answers are lost.
    for _ in 0..4 {
        vault.fault(Method::Post, paths::DEVICES, Fault::LoseReply);
    }
    let unclear = error(session.permit(id(2), Permission::View).await);
    assert!(matches!(unclear, ClientError::DevicesUnconfirmed(_)), "{unclear}");
}

#[tokio::test]
async fn a_change_that_was_never_sent_was_not_made_and_one_try_that_was_leaves_it_open() {
    let (vault, first, _) = registered().await;
    let mut session = log_in(&first).await.expect("logs in");
    (0..4).for_each(|_| vault.fault(Method::Post, paths::DEVICES, Fault::NoConnection));
    let offline = error(session.enrol(&secrets(2), Permission::Backup).await);
    assert!(matches!(offline, ClientError::Unreachable(_)), "{offline}");
    assert!(!offline.ends_pairing());
    vault.fault(Method::Post, paths::DEVICES, Fault::LoseReply);
    (0..3).for_each(|_| vault.fault(Method::Post, paths::DEVICES, Fault::NoConnection));
    let unclear = error(session.enrol(&secrets(2), Permission::Backup).await);
    assert!(matches!(unclear, ClientError::DevicesUnconfirmed(_)), "{unclear}");
    assert_eq!(vault.account().lists.len(), 1, "it was made");
}

#[tokio::test]
async fn a_full_disk_after_a_change_never_looks_like_no_change() {
    let mut refused = 0;
    for writes in 0..4 {
        let (vault, first, _) = registered().await;
        let mut session = log_in(&first).await.expect("logs in");
        session.client.state_store().take_only(writes);
        let enrolled = session.enrol(&secrets(2), Permission::Manage).await;
        assert_eq!(vault.account().lists.len(), 1, "the vault made the change");
        refused += u32::from(enrolled.is_err());
        assert!(matches!(enrolled, Ok(()) | Err(ClientError::NotCommitted { .. })), "{enrolled:?}");
    }
    assert!(refused >= 2, "each of the writes of an enrolment fails once: {refused}");
    // The device's own permission, and its own removal.
    for (writes, permission) in
        [None, Some(Permission::Restore)].into_iter().flat_map(|it| [(0, it), (1, it)])
    {
        let (vault, first, _) = registered().await;
        let mut session = log_in(&first).await.expect("logs in");
        session.enrol(&secrets(2), Permission::Manage).await.expect("enrols");
        session.client.state_store().take_only(writes);
        let changed = match permission {
            Some(permission) => session.permit(id(2), permission).await,
            None => session.revoke(id(2)).await,
        };
        assert_eq!(vault.account().lists.len(), 2, "the vault made the change");
        let unclear = error(changed);
        assert!(matches!(unclear, ClientError::DevicesUnconfirmed(_)), "{writes} {permission:?}: {unclear}");
    }
}

#[tokio::test]
async fn a_change_that_others_always_forestall_was_certainly_not_made() {
    let (vault, first, _) = registered().await;
    let mut session = log_in(&first).await.expect("logs in");
    vault.fault(Method::Post, paths::DEVICES, Fault::LoseRequest);
    (0..5).for_each(|_| vault.fault(Method::Post, paths::DEVICES, Fault::Refuse(ProblemCode::DevicesMoved)));
    let moved = error(session.enrol(&secrets(2), Permission::Backup).await);
    assert_eq!(moved.problem(), Some(ProblemCode::DevicesMoved), "{moved}");
    assert!(moved.did_nothing(), "the newest list was looked at, and does not have it: {moved:?}");
    assert!(vault.account().lists.is_empty());
}

#[tokio::test]
async fn an_account_takes_sixteen_devices() {
    let (vault, _, _) = registered().await;
    for n in 10..26 {
        enrolled(&vault, n, Permission::View).await;
    }
    let last = device(&vault, 26);
    let mut session = log_in_anew(&last).await.expect("logs in");
    let refused = error(session.enrol(&secrets(26), Permission::View).await);
    assert!(matches!(refused, ClientError::TooManyDevices));
    assert!(
        vault.account().lists.last().expect("a list").len() <= rootcellar_spec::limits::DEVICE_LIST_BYTES
    );
    // One that is enrolled already can be enrolled anew.
    enrolled(&vault, 25, Permission::Backup).await;
    assert_eq!(vault.account().devices.len(), 16);
}

/// Alters the JSON part of an answer of two parts.
fn altered(alter: impl FnOnce(&mut LoginResponse) + 'static) -> Fault {
    Fault::Replace(Box::new(move |response: Response| {
        let (control, snapshot) = parts::split(&response.body).expect("two parts");
        let mut answer: LoginResponse = serde_json::from_slice(control).expect("JSON");
        alter(&mut answer);
        let control = serde_json::to_vec(&answer).expect("serializes");
        Response { body: parts::join(&control, snapshot.unwrap_or_default()), ..response }
    }))
}

#[tokio::test]
async fn a_withheld_or_older_list_is_noticed_and_withholds_no_entry() {
    let (vault, mut first, _) = registered().await;
    enrolled(&vault, 3, Permission::Backup).await;
    enrolled(&vault, 4, Permission::Backup).await;
    let mut session = log_in(&first).await.expect("logs in");
    session.save(adding("one")).await.expect("saves");
    let lists = vault.account().lists.clone();
    let older = Some(lists[0].clone());
    let mut changed = lists[1].clone();
    *changed.last_mut().expect("bytes") ^= 1;
    for (list, offered) in [(None, Some(0)), (older, Some(1)), (Some(changed), None)] {
        // On a device that has seen the list, and on one that only finds it named in the newest snapshot.
        for fresh in [false, true] {
            let given = list.clone();
            let fault = altered(move |answer| answer.device_list = given);
            vault.fault(Method::Post, paths::LOGIN_FINISH, fault);
            let mut stranger = device(&vault, 9);
            let client = if fresh { &mut stranger } else { &mut first };
            let login = if fresh { Login::new_device(name()) } else { Login::remembered(remembered(client)) };
            let mut session = client.login(login, &passphrase()).await.expect("logs in");
            match (session.devices_fault(), offered) {
                (Some(DevicesFault::Rollback { seen, offered: found }), Some(offered)) => {
                    assert_eq!((seen, found), (Number(2), Number(offered)));
                }
                (Some(DevicesFault::Opening(_)), None) => {}
                other => panic!("{other:?}"),
            }
            assert_eq!(texts(&session), ["one"]);
            vault.take_sent();
            let refused = error(session.enrol(&secrets(9), Permission::View).await);
            assert_eq!(refused.code(), "devices-refused");
            assert!(sent(&vault).is_empty());
        }
        // The list that was seen stays remembered.
        assert_eq!(remembered(&first).device_list.map(|seen| seen.number), Some(Number(2)));
    }
}

#[tokio::test]
async fn a_save_does_not_forget_a_list_that_was_withheld() {
    let (vault, first, _) = registered().await;
    enrolled(&vault, 3, Permission::Backup).await;
    log_in(&first).await.expect("logs in").save(adding("one")).await.expect("saves");
    vault.fault(Method::Post, paths::LOGIN_FINISH, altered(|answer| answer.device_list = None));
    let fresh = device(&vault, 9);
    let mut session = log_in_anew(&fresh).await.expect("logs in");
    session.save(adding("two")).await.expect("saves");
    let named = session.snapshot().expect("saved").inventory.device_list;
    assert_eq!(named.map(|seen| seen.number), Some(Number(1)));
}

#[tokio::test]
async fn a_table_that_differs_from_the_list_is_refused() {
    let (vault, first, _) = registered().await;
    enrolled(&vault, 3, Permission::Backup).await;
    let alterations: [fn(&mut DevicesResponse); 4] = [
        |answer| answer.devices.clear(),
        |answer| answer.devices[0].permission = Permission::Manage,
        |answer| answer.devices[0].request_key = [7; 32],
        |answer| answer.devices.push(answer.devices[0].clone()),
    ];
    for alter in alterations {
        let mut session = log_in(&first).await.expect("logs in");
        vault.fault(
            Method::Get,
            paths::DEVICES,
            Fault::Replace(Box::new(move |response| {
                let mut answer: DevicesResponse = response.json().expect("JSON");
                alter(&mut answer);
                Response { body: serde_json::to_vec(&answer).expect("serializes"), ..response }
            })),
        );
        let refused = error(session.devices().await);
        assert!(matches!(refused, ClientError::DevicesRefused(DevicesFault::Table)), "{refused}");
        assert_eq!(error(session.revoke(id(3)).await).code(), "devices-refused");
        // An honest answer makes it good.
        assert_eq!(session.devices().await.expect("they are listed").len(), 1);
    }
}

#[tokio::test]
async fn a_device_that_is_let_in_otherwise_than_listed_is_warned() {
    let (vault, _, _) = registered().await;
    let phone = enrolled(&vault, 3, Permission::Restore).await;
    vault.account().devices[0].device.permission = Permission::Manage;
    let local_state = remembered(&phone);
    let session = phone.device_session(local_state, &secrets(3)).await.expect("opens");
    assert_eq!(session.devices_fault(), Some(DevicesFault::Table));
    // What the owner did not sign is not kept.
    let kept = phone.state_store().kept().enrolment.clone().expect("enrolled");
    assert_eq!(kept.permission, Permission::Restore);
    // Nor is a keyslot taken that is for another permission.
    vault.account().devices[0].device.permission = Permission::Backup;
    let local_state = remembered(&phone);
    let refused = phone.restore_on_device(local_state, &secrets(3)).await.map(drop);
    assert!(refused.is_err(), "it goes on");
}

#[tokio::test]
async fn a_login_on_an_enrolled_device_signs_with_its_key_and_refreshes_what_it_keeps() {
    let (vault, first, _) = registered().await;
    let phone = enrolled(&vault, 3, Permission::Backup).await;
    save(&first, "one").await.expect("saves");
    vault.take_sent();
    let login = Login::remembered(remembered(&phone))
        .on_device(Some(&secrets(3)))
        .with(LoginOptions { to_restore: true, ..LoginOptions::default() });
    phone.login(login, &passphrase()).await.expect("logs in");
    let (_, _, body) = vault.take_sent().pop().expect("the second trip");
    let body: rootcellar_spec::wire::login::FinishRequest = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(body.request_key, secrets(3).request_key().public());
    assert_eq!(body.purpose, Some(rootcellar_spec::wire::login::Purpose::Restore));
    let kept = phone.state_store().kept().enrolment.clone().expect("enrolled");
    assert_eq!(kept.newest.map(|cached| cached.record.number), Some(Number(1)));
}

#[tokio::test]
async fn a_person_can_let_go_of_a_list_that_is_named_and_never_was() {
    let (vault, first, _) = registered().await;
    // A device that was stolen names a list of its own making, so that no device could be revoked any more.
    let thief = enrolled(&vault, 3, Permission::Backup).await;
    let local_state = remembered(&thief);
    let mut session = thief.device_session(local_state, &secrets(3)).await.expect("opens");
    session.opened.local_state.device_list.as_mut().expect("seen").number = Number(u64::MAX);
    session.save(adding("one")).await.expect("saves");

    let mut session = log_in(&first).await.expect("logs in");
    assert_eq!(error(session.revoke(id(3)).await).code(), "devices-refused");
    let login = Login::remembered(remembered(&first))
        .with(LoginOptions { accept_history: true, ..LoginOptions::default() });
    let mut session = first.login(login, &passphrase()).await.expect("logs in");
    session.revoke(id(3)).await.expect("revokes");
    let mut session = {
        let login = Login::remembered(remembered(&first))
            .with(LoginOptions { accept_history: true, ..LoginOptions::default() });
        first.login(login, &passphrase()).await.expect("logs in")
    };
    session.save(adding("two")).await.expect("saves");
    assert_eq!(log_in(&first).await.expect("logs in").devices_fault(), None);
}
