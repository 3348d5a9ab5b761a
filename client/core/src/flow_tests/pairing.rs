//! A pairing, and what a device has kept when one of its steps failed and is repeated.

use super::devices::{enrolled, id, secrets};
use super::disk::Write;
use super::secrets::{kept, rekey_lost};
use super::vault::{FakeVault, Fault};
use super::{Fake, adding, device, error, log_in, log_in_anew, registered, remembered, save};
use crate::client::session::Session;
use crate::client::{Client, PairingProgress};
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
    (new, phone): (&mut PairingProgress, &Client<Fake>),
    (old, session): (&mut PairingProgress, &mut Session<Fake>),
) {
    let text = new.offer(phone, label()).await.expect("offers");
    let (shown, read) = tokio::join!(new.await_code(phone), old.read(session, &text));
    assert_eq!(shown.expect("a code"), read.expect("a request").code);
}

/// A phone that another device has let in, and that has received the account and kept nothing.
async fn received(vault: &FakeVault, first: &Client<Fake>) -> (PairingProgress, Client<Fake>) {
    let mut phone = device(vault, u64::from(PHONE));
    let (mut new, mut old) = (PairingProgress::default(), PairingProgress::default());
    let mut session = log_in(first).await.expect("logs in");
    meet((&mut new, &mut phone), (&mut old, &mut session)).await;
    old.confirm(&mut session, Permission::Restore).await.expect("lets it in");
    new.receive(&phone, None).await.expect("receives");
    assert_eq!(kept(&phone), (None, None));
    (new, phone)
}

/// As the shells keep it.
async fn keep(pairing: &mut PairingProgress, phone: &Client<Fake>) -> Result<Permission, ClientError> {
    let remembered = phone.state_store().kept().local_state.clone();
    pairing.keep(phone, remembered).await
}

/// What was not kept.
async fn lacks(pairing: &mut PairingProgress, phone: &Client<Fake>) -> PairingIncomplete {
    let failed = error(keep(pairing, phone).await);
    assert_eq!(failed.outcome(), Outcome::Done, "{failed}");
    assert!(!failed.ends_pairing());
    match failed {
        ClientError::PairingIncomplete(incomplete) => incomplete,
        other => panic!("{other}"),
    }
}

/// Lets the store of secrets refuse new ones once.
async fn fails_to_stage(pairing: &mut PairingProgress, phone: &Client<Fake>) {
    phone.secret_store().fail(&[Write::Stage]);
    let lacking = lacks(pairing, phone).await;
    assert!(matches!(lacking, PairingIncomplete::NotStaged(_)), "{lacking}");
    phone.secret_store().fail(&[]);
}

/// Goes in by the secrets that count.
async fn enters(phone: &Client<Fake>) -> Result<Session<Fake>, ClientError> {
    let (local_state, current) = (remembered(phone), phone.secret_store().current().expect("secrets"));
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
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    let (mut pairing, phone) = received(&vault, &first).await;
    fails_to_stage(&mut pairing, &phone).await;

    enrolled(&vault, 4, Permission::View).await;
    log_in_anew(&phone).await.expect("logs in").save(adding("two")).await.expect("saves");
    let seen = HistorySeen { acts: tip(5), saves: tip(2) };
    phone.state_store().kept().local_state.as_mut().expect("a memory").history = Some(seen);
    let before = remembered(&phone);
    assert_eq!(keep(&mut pairing, &phone).await.expect("keeps"), Permission::Restore);
    assert_eq!(remembered(&phone), before);
    assert_eq!(
        (last_seen(&phone), before.device_list.map(|seen| seen.number)),
        (Some(Number(2)), Some(Number(2)))
    );
    enters(&phone).await.expect("is in");
}

#[tokio::test]
async fn what_the_pairing_showed_counts_if_the_device_was_shown_less_since() {
    let (vault, first, _) = registered().await;
    for text in ["one", "two"] {
        save(&first, text).await.expect("saves");
    }
    let (mut pairing, phone) = received(&vault, &first).await;
    fails_to_stage(&mut pairing, &phone).await;
    let newest = vault.account().snapshots.pop().expect("two");
    log_in_anew(&phone).await.expect("cannot know better");
    assert_eq!(last_seen(&phone), Some(Number(1)));
    keep(&mut pairing, &phone).await.expect("keeps");
    assert_eq!(last_seen(&phone), Some(Number(2)));
    assert_eq!(error(enters(&phone).await).code(), "rollback");
    vault.account().snapshots.push(newest);
    enters(&phone).await.expect("is in");
}

#[tokio::test]
async fn an_enrolment_that_was_made_since_stays() {
    let (vault, first, _) = registered().await;
    let (mut pairing, phone) = received(&vault, &first).await;
    fails_to_stage(&mut pairing, &phone).await;
    let mut session = log_in_anew(&phone).await.expect("logs in");
    session.enrol(&secrets(9), Permission::Manage).await.expect("enrols");
    let enrolment = phone.state_store().enrolment().expect("readable");

    assert_eq!(keep(&mut pairing, &phone).await.expect("gives way"), Permission::Manage);
    assert_eq!(kept(&phone), (Some(9), None));
    assert_eq!(phone.state_store().enrolment().expect("readable"), enrolment);
    assert_eq!(enters(&phone).await.expect("is in").permission(), Permission::Manage);
    assert!(matches!(error(keep(&mut pairing, &phone).await), ClientError::NoPairing), "it is over");
}

#[tokio::test]
async fn secrets_that_are_not_committed_open_the_account_and_are_committed_later() {
    let (vault, first, _) = registered().await;
    let (mut pairing, phone) = received(&vault, &first).await;
    phone.secret_store().fail(&[Write::Commit]);
    let lacking = lacks(&mut pairing, &phone).await;
    assert!(matches!(lacking, PairingIncomplete::NotCommitted(_)), "{lacking}");
    phone.secret_store().fail(&[]);

    // The owner changes the permission, and with it the keyslot: it is the same enrolment.
    let mut session = log_in(&first).await.expect("logs in");
    session.permit(id(PHONE), Permission::Backup).await.expect("permits");
    let (local_state, staged) = (remembered(&phone), phone.secret_store().staged().pop().expect("secrets"));
    phone.device_session(local_state, &staged).await.expect("is in");
    let enrolment = phone.state_store().enrolment().expect("readable");
    assert_eq!(keep(&mut pairing, &phone).await.expect("keeps"), Permission::Backup);
    assert_eq!(phone.state_store().enrolment().expect("readable"), enrolment);
    assert_eq!(phone.secret_store().current().map(|current| current.id()), Some(staged.id()));
    assert!(phone.secret_store().staged().is_empty());
}

#[tokio::test]
async fn a_full_disk_leaves_the_secrets_committed_and_the_pairing_to_be_finished() {
    for writes in [0, 1] {
        let (vault, first, _) = registered().await;
        let (mut pairing, phone) = received(&vault, &first).await;
        phone.state_store().take_only(writes);
        let lacking = lacks(&mut pairing, &phone).await;
        assert!(matches!(lacking, PairingIncomplete::State(_)), "{lacking}");
        assert_eq!(lacking.code(), "paired-not-committed");
        let current = phone.secret_store().current().expect("secrets").id();
        assert!(phone.secret_store().staged().is_empty(), "{writes}");
        phone.state_store().take_all();
        keep(&mut pairing, &phone).await.expect("keeps");
        assert!(phone.state_store().enrolment().expect("readable").is_some());
        assert_eq!(phone.secret_store().current().expect("secrets").id(), current, "{writes}");
        assert!(phone.secret_store().staged().is_empty(), "{writes}: a copy stayed behind");
        enters(&phone).await.expect("is in");
    }
}

#[tokio::test]
async fn a_store_that_lost_the_secrets_leaves_no_enrolment_that_nothing_opens() {
    let (vault, first, _) = registered().await;
    let (mut pairing, phone) = received(&vault, &first).await;
    phone.secret_store().fail(&[Write::Keep]);
    let lacking = lacks(&mut pairing, &phone).await;
    assert!(matches!(lacking, PairingIncomplete::Absent), "{lacking}");
    assert_eq!(lacking.code(), "paired-not-stored");
    assert!(phone.state_store().enrolment().expect("readable").is_none());
    phone.secret_store().fail(&[]);
    keep(&mut pairing, &phone).await.expect("keeps");
    enters(&phone).await.expect("is in");
}

#[tokio::test]
async fn no_pairing_takes_the_place_of_secrets_that_a_recorded_rekey_names() {
    let (rekeyed, laptop, _) = rekey_lost(|| Fault::LoseRequest).await;
    rekeyed.take_sent();
    let refused = error(PairingProgress::default().offer(&laptop, label()).await);
    assert!(matches!(refused, ClientError::CodeWaiting { elsewhere: None }), "{refused}");
    assert!(rekeyed.take_sent().is_empty());

    // It was recorded after the device had received the account.
    let (vault, first, _) = registered().await;
    let (mut pairing, phone) = received(&vault, &first).await;
    phone.state_store().kept().code = laptop.state_store().kept().code.clone();
    match lacks(&mut pairing, &phone).await {
        PairingIncomplete::NotStaged(why) => assert_eq!(why.code(), "recovery-code-waiting"),
        other => panic!("{other}"),
    }
    assert_eq!(kept(&phone), (None, None));
    phone.discard_code().await.expect("is given up");
    keep(&mut pairing, &phone).await.expect("keeps");
    enters(&phone).await.expect("is in");
}

#[tokio::test]
async fn a_device_that_remembers_another_account_by_now_stages_nothing() {
    let (vault, first, _) = registered().await;
    let (mut pairing, phone) = received(&vault, &first).await;
    let other = LocalState::of(AccountId([9; 16]));
    let refused = error(pairing.keep(&phone, Some(other)).await);
    assert!(matches!(refused, ClientError::ForeignAccount), "{refused}");
    assert_eq!(kept(&phone), (None, None));
    assert!(phone.state_store().kept().local_state.is_none());
    keep(&mut pairing, &phone).await.expect("it stays to be kept");
}

#[tokio::test]
async fn no_pairing_takes_the_place_of_one_that_is_to_be_kept() {
    let (vault, first, _) = registered().await;
    let (mut pairing, phone) = received(&vault, &first).await;
    vault.take_sent();
    let refused = error(pairing.offer(&phone, label()).await);
    assert_eq!((refused.code(), refused.outcome()), ("paired-not-stored", Outcome::NotSent));
    assert!(vault.take_sent().is_empty());

    let text = PairingProgress::default().offer(&device(&vault, 4), label()).await.expect("offers");
    let mut session = log_in_anew(&phone).await.expect("logs in");
    let refused = error(pairing.read(&mut session, &text).await);
    assert!(matches!(refused, ClientError::PairingIncomplete(PairingIncomplete::Earlier)), "{refused}");
    keep(&mut pairing, &phone).await.expect("nothing was lost");
    enters(&phone).await.expect("is in");
    pairing.offer(&phone, label()).await.expect("and the next may begin");
}

#[tokio::test]
async fn a_device_whose_text_was_read_before_another_is_not_let_in() {
    let (vault, first, _) = registered().await;
    let mut phone = device(&vault, u64::from(PHONE));
    let (mut new, mut old) = (PairingProgress::default(), PairingProgress::default());
    let mut session = log_in(&first).await.expect("logs in");
    meet((&mut new, &mut phone), (&mut old, &mut session)).await;
    let damaged = error(old.read(&mut session, "rootcellar-pair-1:AAAA").await);
    assert!(matches!(damaged, ClientError::PairingText(_)), "{damaged}");
    let refused = error(old.confirm(&mut session, Permission::Restore).await);
    assert!(matches!(refused, ClientError::NoPairing), "{refused}");
    assert!(vault.account().lists.is_empty(), "nobody was let in");
}

#[tokio::test]
async fn a_text_that_is_read_again_is_the_same_pairing() {
    let (vault, first, _) = registered().await;
    let phone = device(&vault, u64::from(PHONE));
    let (mut new, mut old) = (PairingProgress::default(), PairingProgress::default());
    let text = new.offer(&phone, label()).await.expect("offers");
    let mut session = log_in(&first).await.expect("logs in");
    let (shown, read) = tokio::join!(new.await_code(&phone), old.read(&mut session, &text));
    let again = old.read(&mut session, &text).await.expect("the same text").code;
    assert_eq!((shown.expect("a code"), read.expect("a request").code), (again, again));
    old.confirm(&mut session, Permission::View).await.expect("lets it in");
    new.receive(&phone, None).await.expect("receives");
    assert_eq!(keep(&mut new, &phone).await.expect("keeps"), Permission::View);
}
