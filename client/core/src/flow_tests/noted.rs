//! What a person must know to log in anywhere is in the backup: the account's name and the vault's address.

use super::{Fake, adding, device, log_in, name, passphrase, registered, remembered, save};
use crate::client::{Client, Login, Recovery};
use crate::inventory::About;
use crate::recovery_code::RecoveryCode;
use crate::text::AccountName;

async fn recovered(vault: &super::vault::FakeVault, code: &RecoveryCode) -> (Option<String>, Vec<String>) {
    let client: Client<Fake> = device(vault, 8);
    let session = client.recover(Recovery::new_device(), code).await.expect("recovers");
    (session.account_name().map(str::to_owned), session.vault_addresses().to_vec())
}

#[tokio::test]
async fn a_recovery_on_a_new_device_tells_the_account_name_and_the_vaults_address() {
    let (vault, client, code) = registered().await;
    let mut session = client.login(Login::new_device(name()), &passphrase()).await.expect("logs in");
    assert_eq!(session.account_name(), Some(name().expose()));
    session.save(adding("one")).await.expect("saves");
    let address = client.vault().to_string();
    let expected = (Some(name().expose().to_owned()), vec![address]);
    assert_eq!(recovered(&vault, &code).await, expected);
    // A login that is given no name carries it over.
    save(&client, "two").await.expect("saves");
    assert!(remembered(&client).name_hash.is_some());
    assert_eq!(recovered(&vault, &code).await, expected);
}

#[tokio::test]
async fn a_noted_name_that_leads_to_the_account_no_longer_is_dropped() {
    let (_vault, client, _) = registered().await;
    client.state_store().kept().local_state.as_mut().expect("a memory").sealed_name = None;
    let mut session = log_in(&client).await.expect("logs in");
    let vault = session.client.vault().clone();
    let noted = |about: &About| about.account_name().map(str::to_owned);
    let mut about = About::default();
    session.opened_mut().note_account(&mut about, &vault);
    assert_eq!(noted(&about), None, "the device knows the hash of the name alone");
    about.note("https://old.example.org", Some(&name()));
    session.opened_mut().note_account(&mut about, &vault);
    assert_eq!(noted(&about), Some(name().expose().to_owned()));
    about.note("https://old.example.org", Some(&AccountName::parse("former-name").expect("a name")));
    session.opened_mut().note_account(&mut about, &vault);
    assert_eq!(noted(&about), None);
    assert_eq!(about.vault_addresses(), [vault.to_string(), "https://old.example.org".to_owned()]);
}

#[tokio::test]
async fn the_first_save_after_a_registration_notes_the_name() {
    let (vault, client, code) = registered().await;
    let sealed = remembered(&client).sealed_name.expect("the name waits for a save");
    let plain = name().expose().as_bytes().to_vec();
    assert!(!sealed.windows(plain.len()).any(|part| part == plain), "it is sealed");
    // The next program is given no name.
    save(&client, "one").await.expect("saves");
    assert_eq!(recovered(&vault, &code).await.0.as_deref(), Some(name().expose()));
    assert_eq!(remembered(&client).sealed_name, None, "it need not wait any more");
    save(&client, "two").await.expect("saves");
    assert_eq!(recovered(&vault, &code).await.0.as_deref(), Some(name().expose()));
}

#[tokio::test]
async fn a_login_that_was_given_the_name_notes_it_with_the_next_save() {
    let (vault, client, code) = registered().await;
    client.state_store().kept().local_state.as_mut().expect("a memory").sealed_name = None;
    save(&client, "one").await.expect("saves");
    assert_eq!(recovered(&vault, &code).await.0, None, "nobody was given it");
    client.login(Login::new_device(name()), &passphrase()).await.expect("logs in");
    save(&client, "two").await.expect("saves");
    assert_eq!(recovered(&vault, &code).await.0.as_deref(), Some(name().expose()));
}

#[tokio::test]
async fn a_remembered_name_that_leads_to_the_account_no_longer_is_not_noted() {
    let (vault, client, code) = registered().await;
    let mut local_state = remembered(&client);
    let vault_id = local_state.vault_id.clone().expect("a vault");
    local_state.name_hash = Some(AccountName::parse("newer-name").expect("a name").hash(&vault_id));
    client.state_store().kept().local_state = Some(local_state.clone());
    let mut session = client.recover(Recovery::remembered(local_state), &code).await.expect("recovers");
    assert_eq!(session.account_name(), None);
    session.save(adding("one")).await.expect("saves");
    assert_eq!(recovered(&vault, &code).await.0, None);
}
