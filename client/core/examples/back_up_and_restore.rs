//! What a wallet does: registers, backs up a phrase, and restores it on a device that has never seen the account.
//!
//! Against a vault on this machine, which takes everybody:
//! `cargo run -p rootcellar-client --features reqwest --example back_up_and_restore -- http://127.0.0.1:8787`

use rootcellar_client::client::Silent;
use rootcellar_client::entry::{Details, Entry, Secret};
use rootcellar_client::inventory::{Device, Label};
use rootcellar_client::phrase::Phrase;
use rootcellar_client::randomness;
use rootcellar_client::secret_store::MemorySecretStore;
use rootcellar_client::state_store::MemoryStateStore;
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::transport::{NativeClock, NativeOptions, NativeTransport};
use rootcellar_client::{Change, Client, Injected, Login, Platform, SystemRandomness, VaultUrl};
use rootcellar_spec::values::DeviceId;
use std::error::Error;

/// The types that this program injects. A wallet keeps its state store on the disk: [`MemoryStateStore`] forgets.
struct Wallet;

impl Platform for Wallet {
    type Transport = NativeTransport;
    type Clock = NativeClock;
    type Randomness = SystemRandomness;
    type StateStore = MemoryStateStore;
    type SecretStore = MemorySecretStore;
    type Observer = Silent;
}

fn device(vault: &VaultUrl, label: &str) -> Result<Client<Wallet>, Box<dyn Error>> {
    let injected = Injected {
        transport: NativeTransport::new(&NativeOptions::default())?,
        clock: NativeClock::new(),
        randomness: SystemRandomness,
        state_store: MemoryStateStore::default(),
        secrets: MemorySecretStore::default(),
        observer: Silent,
    };
    let id = DeviceId(randomness::bytes(&mut SystemRandomness));
    Ok(Client::new(vault.clone(), Device { id, label: Label::parse(label)? }, injected))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let vault = VaultUrl::parse(&std::env::args().nth(1).ok_or("give the vault's address")?)?;
    let name = || AccountName::parse(&format!("example-{}", std::process::id()));
    let passphrase = Passphrase::generate(&mut SystemRandomness);

    // On the first device. A wallet shows the recovery code, and registers once its user has written it down.
    let phone = device(&vault, "phone")?;
    let code = phone.generate_first_code().await?;
    let registered = phone.register(name()?, &passphrase, None, &code).await?;
    let mut session = phone.login(Login::remembered(registered.local_state), &passphrase).await?;
    session.finish_pending().await?;
    let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let secret = Secret::Bip39 { phrase: Phrase::parse(words, None)?, passphrase: None };
    let entry = Entry::new(secret, Details::default())?;
    let saved = session.save(Change::new().add(Label::parse("Everyday wallet")?, entry)).await?;

    // On another one: two round trips.
    let tablet = device(&vault, "tablet")?;
    let session = tablet.login(Login::new_device(name()?), &passphrase).await?;
    let Secret::Bip39 { phrase, .. } = session.open_entry(saved.added[0])?.secret else {
        return Err("another kind of entry".into());
    };
    let restored = phrase.words();
    if *restored == words { Ok(()) } else { Err("other words came back".into()) }
}
