//! The flows against a vault in memory: what an honest vault and a good network do, and what the others may do.

mod codes;
pub(crate) mod counting;
mod deleting;
mod devices;
mod disk;
mod ending;
mod login;
mod newer;
mod noted;
mod pairing;
mod refused_head;
mod registering;
mod root_secret_replaced;
mod saving;
mod secrets;
mod sent_again;
mod server_key;
mod stolen_device;
mod suites;
mod vault;

use crate::client::session::{Change, Saved, Session};
use crate::client::{Client, Injected, Login, Platform, RegisterError, Registered, Silent, VaultUrl};
use crate::entry::{Details, Entry, Secret};
use crate::error::ClientError;
use crate::inventory::{Device, Label};
use crate::ksf::Argon2id;
use crate::local_state::LocalState;
use crate::recovery_code::RecoveryCode;
use crate::text::{AccountName, Passphrase};
use crate::time::Clock;
use counting::Counting;
use disk::{Disk, Secrets};
use rootcellar_spec::{Timestamp, values::DeviceId};
use secrecy::{ExposeSecret, SecretBox};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use vault::FakeVault;

const ADDRESS: &str = "http://localhost:8787";
const NOW: u64 = 1_700_000_000;
const PASSPHRASE: &str = "umbrella-carpet-violin-meadow-forty-two";

/// A clock that only sleeping moves. Who sleeps lets others run.
#[derive(Clone)]
struct FakeClock(Rc<Cell<u64>>);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.get())
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.0.get())
    }

    async fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + duration.as_secs());
        tokio::task::yield_now().await;
    }
}

enum Fake {}

impl Platform for Fake {
    type Transport = FakeVault;
    type Clock = FakeClock;
    type Randomness = Counting;
    type StateStore = Disk;
    type SecretStore = Secrets;
    type Observer = Silent;
}

/// A device with its client of a vault.
fn device(vault: &FakeVault, seed: u64) -> Client<Fake> {
    device_at(vault, seed, NOW)
}

fn device_at(vault: &FakeVault, seed: u64, now: u64) -> Client<Fake> {
    let label = Label::parse(&format!("device {seed}")).expect("a label");
    let device = Device { id: DeviceId([u8::try_from(seed).expect("small"); 16]), label };
    program(vault, ADDRESS, device, (seed, now))
}

/// A program on a device, which finds the vault at this address.
fn program(vault: &FakeVault, address: &str, device: Device, (seed, now): (u64, u64)) -> Client<Fake> {
    let injected = Injected {
        transport: vault.clone(),
        clock: FakeClock(Rc::new(Cell::new(now))),
        randomness: Counting::new(seed),
        state_store: Disk::default(),
        secrets: Secrets::default(),
        observer: Silent,
    };
    let url = VaultUrl::parse(address).expect("an address");
    Client::new(url, device, injected).with_ksf(Argon2id::worthless())
}

fn name() -> AccountName {
    AccountName::parse("alice").expect("a name")
}

fn passphrase() -> Passphrase {
    Passphrase::parse(PASSPHRASE).expect("a passphrase")
}

/// Draws a recovery code, and registers with it.
async fn register(
    client: &Client<Fake>,
    passphrase: &Passphrase,
) -> Result<(Registered<Fake>, RecoveryCode), RegisterError> {
    let code = client.generate_first_code().await?;
    let registered = client.register(name(), passphrase, None, &code).await?;
    Ok((registered, code))
}

/// A vault with an account, and the device that registered.
async fn registered() -> (FakeVault, Client<Fake>, RecoveryCode) {
    let vault = FakeVault::new(1);
    let client = device(&vault, 2);
    let (_, code) = register(&client, &passphrase()).await.expect("registers");
    vault.take_sent();
    (vault, client, code)
}

/// What the device's state store holds.
fn remembered(client: &Client<Fake>) -> LocalState {
    client.state_store().kept().local_state.clone().expect("a memory")
}

async fn log_in(client: &Client<Fake>) -> Result<Session<Fake>, ClientError> {
    let login = Login::remembered(remembered(client));
    client.login(login, &passphrase()).await
}

async fn log_in_anew(client: &Client<Fake>) -> Result<Session<Fake>, ClientError> {
    client.login(Login::new_device(name()), &passphrase()).await
}

/// A change that adds one text.
fn adding(text: &str) -> Change {
    let secret = Secret::Text(SecretBox::new(Box::new(format!("secret of {text}"))));
    let entry = Entry::new(secret, Details::default()).expect("an entry");
    Change::new().add(Label::parse(text).expect("a label"), entry)
}

/// Logs in and saves one text.
async fn save(client: &Client<Fake>, text: &str) -> Result<Saved, ClientError> {
    log_in(client).await?.save(adding(text)).await
}

/// Labels of what is backed up, each checked to open to its secret.
fn texts(session: &Session<Fake>) -> Vec<String> {
    let text = |item: &crate::inventory::Item| {
        let entry = session.open_entry(item.id).expect("opens");
        let Secret::Text(secret) = entry.secret else { panic!("a text") };
        assert_eq!(*secret.expose_secret(), format!("secret of {}", item.label.exact()));
        item.label.exact().to_owned()
    };
    session.items().iter().map(text).collect()
}

/// The error of what must fail.
fn error<T>(result: Result<T, ClientError>) -> ClientError {
    match result {
        Ok(_) => panic!("succeeded"),
        Err(error) => error,
    }
}
