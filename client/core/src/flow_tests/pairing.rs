//! A pairing, and what a device has kept when one of its steps failed and is repeated.

use super::devices::{enrolled, id, secrets};
use super::disk::Write;
use super::secrets::{kept, rekey_lost};
use super::vault::{FakeVault, Fault};
use super::{Fake, adding, device, error, log_in, log_in_anew, registered, remembered, save};
use crate::client::session::Session;
use crate::client::{Client, PairingProgress};
use crate::device::DeviceSecrets;
use crate::error::{ClientError, PairingIncomplete};
use crate::history::{HistorySeen, Tip};
use crate::inventory::Label;
use crate::local_state::LocalState;
use crate::outcome::Outcome;
use crate::state_store::StateStore;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Digest, Number};

/// The new device.
const PHONE: u8 = 3;

fn label() -> Label {
    Label::parse("Pixel 9").expect("a label")
}

/// Both devices, up to the codes.
async fn meet(
    (new, phone): (&mut PairingProgress, &mut Client<Fake>),
    (old, session): (&mut PairingProgress, &mut Session<'_, Fake>),
) {
    let text = new.offer(phone, label()).await.expect("offers");
    let (shown, read) = tokio::join!(new.await_code(phone), old.read(session, &text));
    assert_eq!(shown.expect("a code"), read.expect("a request").code);
}

/// A phone that another device has let in, and that has received the account and kept nothing.
async fn received(vault: &FakeVault, first: &mut Client<Fake>) -> (PairingProgress, Client<Fake>) {
    let mut phone = device(vault, u64::from(PHONE));
    let (mut new, mut old) = (PairingProgress::default(), PairingProgress::default());
    let mut session = log_in(first).await.expect("logs in");
    meet((&mut new, &mut phone), (&mut old, &mut session)).await;
    old.confirm(&mut session, Permission::Restore).await.expect("lets it in");
    new.receive(&mut phone, None).await.expect("receives");
    assert_eq!(kept(&phone), (None, None));
    (new, phone)
}

/// As the shells keep it.
async fn keep(pairing: &mut PairingProgress, phone: &mut Client<Fake>) -> Result<Permission, ClientError> {
    let remembered = phone.injected().state_store.local_state.clone();
    pairing.keep(phone, remembered).await
}

/// What was not kept.
async fn lacks(pairing: &mut PairingProgress, phone: &mut Client<Fake>) -> PairingIncomplete {
    let failed = error(keep(pairing, phone).await);
    assert_eq!(failed.outcome(), Outcome::Done, "{failed}");
    assert!(!failed.ends_pairing());
    match failed {
        ClientError::PairingIncomplete(incomplete) => incomplete,
        other => panic!("{other}"),
    }
}

/// Lets the store of secrets refuse new ones once.
async fn fails_to_stage(pairing: &mut PairingProgress, phone: &mut Client<Fake>) {
    phone.injected_mut().secrets.fail(&[Write::Stage]);
    let lacking = lacks(pairing, phone).await;
    assert!(matches!(lacking, PairingIncomplete::NotStaged(_)), "{lacking}");
    phone.injected_mut().secrets.fail(&[]);
}

fn copy(secrets: Option<&DeviceSecrets>) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&secrets.expect("secrets").expose())
}

/// Goes in by the secrets that count.
async fn enters(phone: &mut Client<Fake>) -> Result<Session<'_, Fake>, ClientError> {
    let (local_state, current) = (remembered(phone), copy(phone.injected().secrets.current()));
    phone.device_session(local_state, &current).await
}

fn last_seen(phone: &Client<Fake>) -> Option<Number> {
    remembered(phone).last_seen.map(|seen| seen.number)
}

fn tip(number: u64) -> Tip {
    Tip { number, digest: Digest([7; 32]) }
}

#[tokio::test]
async fn what_the_device_saw_since_it_received_the_account_stays_remembered() {
    let (vault, mut first, _) = registered().await;
    save(&mut first, "one").await.expect("saves");
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    fails_to_stage(&mut pairing, &mut phone).await;

    enrolled(&vault, 4, Permission::View).await;
    log_in_anew(&mut phone).await.expect("logs in").save(adding("two")).await.expect("saves");
    let seen = HistorySeen { acts: tip(5), saves: tip(2) };
    phone.injected_mut().state_store.local_state.as_mut().expect("a memory").history = Some(seen);
    let before = remembered(&phone);
    assert_eq!(keep(&mut pairing, &mut phone).await.expect("keeps"), Permission::Restore);
    assert_eq!(remembered(&phone), before);
    assert_eq!(
        (last_seen(&phone), before.device_list.map(|seen| seen.number)),
        (Some(Number(2)), Some(Number(2)))
    );
    enters(&mut phone).await.expect("is in");
}

#[tokio::test]
async fn what_the_pairing_showed_counts_if_the_device_was_shown_less_since() {
    let (vault, mut first, _) = registered().await;
    for text in ["one", "two"] {
        save(&mut first, text).await.expect("saves");
    }
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    fails_to_stage(&mut pairing, &mut phone).await;
    let newest = vault.account().snapshots.pop().expect("two");
    log_in_anew(&mut phone).await.expect("cannot know better");
    assert_eq!(last_seen(&phone), Some(Number(1)));
    keep(&mut pairing, &mut phone).await.expect("keeps");
    assert_eq!(last_seen(&phone), Some(Number(2)));
    assert_eq!(error(enters(&mut phone).await).code(), "rollback");
    vault.account().snapshots.push(newest);
    enters(&mut phone).await.expect("is in");
}

#[tokio::test]
async fn an_enrolment_that_was_made_since_stays() {
    let (vault, mut first, _) = registered().await;
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    fails_to_stage(&mut pairing, &mut phone).await;
    let mut session = log_in_anew(&mut phone).await.expect("logs in");
    session.enrol(&secrets(9), Permission::Manage).await.expect("enrols");
    let enrolment = phone.injected().state_store.enrolment().expect("readable");

    assert_eq!(keep(&mut pairing, &mut phone).await.expect("gives way"), Permission::Manage);
    assert_eq!(kept(&phone), (Some(9), None));
    assert_eq!(phone.injected().state_store.enrolment().expect("readable"), enrolment);
    assert_eq!(enters(&mut phone).await.expect("is in").permission(), Permission::Manage);
    assert!(matches!(error(keep(&mut pairing, &mut phone).await), ClientError::NoPairing), "it is over");
}

#[tokio::test]
async fn secrets_that_are_not_committed_open_the_account_and_are_committed_later() {
    let (vault, mut first, _) = registered().await;
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    phone.injected_mut().secrets.fail(&[Write::Commit]);
    let lacking = lacks(&mut pairing, &mut phone).await;
    assert!(matches!(lacking, PairingIncomplete::NotCommitted(_)), "{lacking}");
    phone.injected_mut().secrets.fail(&[]);

    // The owner changes the permission, and with it the keyslot: it is the same enrolment.
    let mut session = log_in(&mut first).await.expect("logs in");
    session.permit(id(PHONE), Permission::Backup).await.expect("permits");
    let (local_state, staged) = (remembered(&phone), copy(phone.injected().secrets.staged().last()));
    phone.device_session(local_state, &staged).await.expect("is in");
    let enrolment = phone.injected().state_store.enrolment().expect("readable");
    assert_eq!(keep(&mut pairing, &mut phone).await.expect("keeps"), Permission::Backup);
    assert_eq!(phone.injected().state_store.enrolment().expect("readable"), enrolment);
    assert_eq!(phone.injected().secrets.current().map(DeviceSecrets::id), Some(staged.id()));
    assert!(phone.injected().secrets.staged().is_empty());
}

#[tokio::test]
async fn a_full_disk_leaves_the_secrets_committed_and_the_pairing_to_be_finished() {
    for writes in [0, 1] {
        let (vault, mut first, _) = registered().await;
        let (mut pairing, mut phone) = received(&vault, &mut first).await;
        phone.injected_mut().state_store.take_only(writes);
        let lacking = lacks(&mut pairing, &mut phone).await;
        assert!(matches!(lacking, PairingIncomplete::State(_)), "{lacking}");
        assert_eq!(lacking.code(), "paired-not-committed");
        let current = copy(phone.injected().secrets.current()).id();
        assert!(phone.injected().secrets.staged().is_empty(), "{writes}");
        phone.injected_mut().state_store.take_all();
        keep(&mut pairing, &mut phone).await.expect("keeps");
        assert!(phone.injected().state_store.enrolment().expect("readable").is_some());
        assert_eq!(copy(phone.injected().secrets.current()).id(), current, "{writes}");
        assert!(phone.injected().secrets.staged().is_empty(), "{writes}: a copy stayed behind");
        enters(&mut phone).await.expect("is in");
    }
}

#[tokio::test]
async fn a_store_that_lost_the_secrets_leaves_no_enrolment_that_nothing_opens() {
    let (vault, mut first, _) = registered().await;
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    phone.injected_mut().secrets.fail(&[Write::Keep]);
    let lacking = lacks(&mut pairing, &mut phone).await;
    assert!(matches!(lacking, PairingIncomplete::Absent), "{lacking}");
    assert_eq!(lacking.code(), "paired-not-stored");
    assert!(phone.injected().state_store.enrolment().expect("readable").is_none());
    phone.injected_mut().secrets.fail(&[]);
    keep(&mut pairing, &mut phone).await.expect("keeps");
    enters(&mut phone).await.expect("is in");
}

#[tokio::test]
async fn no_pairing_takes_the_place_of_secrets_that_a_recorded_rekey_names() {
    let (rekeyed, mut laptop, _) = rekey_lost(|| Fault::LoseRequest).await;
    rekeyed.take_sent();
    let refused = error(PairingProgress::default().offer(&mut laptop, label()).await);
    assert!(matches!(refused, ClientError::CodeWaiting { elsewhere: None }), "{refused}");
    assert!(rekeyed.take_sent().is_empty());

    // It was recorded after the device had received the account.
    let (vault, mut first, _) = registered().await;
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    phone.injected_mut().state_store.code = laptop.injected().state_store.code.clone();
    match lacks(&mut pairing, &mut phone).await {
        PairingIncomplete::NotStaged(why) => assert_eq!(why.code(), "recovery-code-waiting"),
        other => panic!("{other}"),
    }
    assert_eq!(kept(&phone), (None, None));
    phone.discard_code().await.expect("is given up");
    keep(&mut pairing, &mut phone).await.expect("keeps");
    enters(&mut phone).await.expect("is in");
}

#[tokio::test]
async fn a_device_that_remembers_another_account_by_now_stages_nothing() {
    let (vault, mut first, _) = registered().await;
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    let other = LocalState::of(AccountId([9; 16]));
    let refused = error(pairing.keep(&mut phone, Some(other)).await);
    assert!(matches!(refused, ClientError::ForeignAccount), "{refused}");
    assert_eq!(kept(&phone), (None, None));
    assert!(phone.injected().state_store.local_state.is_none());
    keep(&mut pairing, &mut phone).await.expect("it stays to be kept");
}

#[tokio::test]
async fn no_pairing_takes_the_place_of_one_that_is_to_be_kept() {
    let (vault, mut first, _) = registered().await;
    let (mut pairing, mut phone) = received(&vault, &mut first).await;
    vault.take_sent();
    let refused = error(pairing.offer(&mut phone, label()).await);
    assert_eq!((refused.code(), refused.outcome()), ("paired-not-stored", Outcome::NotSent));
    assert!(vault.take_sent().is_empty());

    let text = PairingProgress::default().offer(&mut device(&vault, 4), label()).await.expect("offers");
    let mut session = log_in_anew(&mut phone).await.expect("logs in");
    let refused = error(pairing.read(&mut session, &text).await);
    assert!(matches!(refused, ClientError::PairingIncomplete(PairingIncomplete::Earlier)), "{refused}");
    keep(&mut pairing, &mut phone).await.expect("nothing was lost");
    enters(&mut phone).await.expect("is in");
    pairing.offer(&mut phone, label()).await.expect("and the next may begin");
}

#[tokio::test]
async fn a_device_whose_text_was_read_before_another_is_not_let_in() {
    let (vault, mut first, _) = registered().await;
    let mut phone = device(&vault, u64::from(PHONE));
    let (mut new, mut old) = (PairingProgress::default(), PairingProgress::default());
    let mut session = log_in(&mut first).await.expect("logs in");
    meet((&mut new, &mut phone), (&mut old, &mut session)).await;
    let damaged = error(old.read(&mut session, "rootcellar-pair-1:AAAA").await);
    assert!(matches!(damaged, ClientError::PairingText(_)), "{damaged}");
    let refused = error(old.confirm(&mut session, Permission::Restore).await);
    assert!(matches!(refused, ClientError::NoPairing), "{refused}");
    assert!(vault.account().lists.is_empty(), "nobody was let in");
}

#[tokio::test]
async fn a_text_that_is_read_again_is_the_same_pairing() {
    let (vault, mut first, _) = registered().await;
    let mut phone = device(&vault, u64::from(PHONE));
    let (mut new, mut old) = (PairingProgress::default(), PairingProgress::default());
    let text = new.offer(&mut phone, label()).await.expect("offers");
    let mut session = log_in(&mut first).await.expect("logs in");
    let (shown, read) = tokio::join!(new.await_code(&mut phone), old.read(&mut session, &text));
    let again = old.read(&mut session, &text).await.expect("the same text").code;
    assert_eq!((shown.expect("a code"), read.expect("a request").code), (again, again));
    old.confirm(&mut session, Permission::View).await.expect("lets it in");
    new.receive(&mut phone, None).await.expect("receives");
    assert_eq!(keep(&mut new, &mut phone).await.expect("keeps"), Permission::View);
}
