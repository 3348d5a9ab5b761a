//! One account's life as its devices and the vault exchange it, byte for byte, for authors of other clients.
//!
//! Time and randomness are fixed, so that the same code always gives the same recording.

use crate::draws::Draws;
use crate::memory::{MemoryStore, Objects};
use crate::person::{Disk, typed};
use crate::time::{BEGINNING, Time};
use crate::vault::{HOST, Vault};
use rootcellar_client::client::Silent;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::entry::{Details, Entry, Secret};
use rootcellar_client::inventory::{Device, Label};
use rootcellar_client::phrase::{Language, Phrase};
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::text::AccountName;
use rootcellar_client::transport::{Request, Response, Transport, TransportError};
use rootcellar_client::{
    Change, Client, Injected, Login, LoginOptions, Platform, Randomness, Recovery, Session, VaultUrl,
};
use rootcellar_spec::SuiteId;
use rootcellar_spec::hex;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::vault::RegistrationMode;
use secrecy::{ExposeSecret, SecretBox};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

const NAME: &str = "Alice";
const PASSPHRASES: [&str; 2] =
    ["umbrella carpet violin meadow forty-two", "harvest lantern orchid pebble ninety-one"];
/// Between two steps, so that times differ.
const PAUSE: Duration = Duration::from_secs(90);

/// What a client drew, sent and received.
#[derive(Clone, Debug, Default)]
struct Log(Rc<RefCell<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    step: &'static str,
    drawn: Vec<String>,
    exchanges: Vec<Value>,
}

/// Randomness of which the log is told.
#[derive(Debug)]
struct Told(Draws, Log);

impl Randomness for Told {
    fn fill(&mut self, out: &mut [u8]) {
        Randomness::fill(&mut self.0, out);
        self.1.0.borrow_mut().drawn.push(hex::encode(out));
    }
}

/// A wire of which the log is told.
struct Wire(Vault, Log);

impl Transport for Wire {
    async fn send(&self, url: &VaultUrl, request: &Request) -> Result<Response, TransportError> {
        let response = self.0.send(url, request).await?;
        let mut noted = self.1.0.borrow_mut();
        let headers = |headers: &mut dyn Iterator<Item = (&str, &str)>| -> Value {
            headers
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let exchange = json!({
            "step": noted.step, "drawn": std::mem::take(&mut noted.drawn),
            "method": request.method.as_str(), "path": request.path,
            "headers": headers(&mut request.headers.iter().map(|(name, value)| (*name, value.as_str()))),
            "body": hex::encode(&request.body),
            "status": response.status,
            "content_type": response.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value),
            "response": hex::encode(&response.body),
        });
        noted.exchanges.push(exchange);
        Ok(response)
    }
}

enum Recorded {}

impl Platform for Recorded {
    type Transport = Wire;
    type Clock = Time;
    type Randomness = Told;
    type StateStore = Disk;
    type SecretStore = Disk;
    type Observer = Silent;
}

/// What all devices share.
struct Stage {
    vault: Vault,
    time: Time,
    draws: Draws,
    log: Log,
}

impl Stage {
    async fn set() -> Self {
        let (time, draws, log) = (Time::beginning(BEGINNING), Draws::from(1), Log::default());
        let truth = MemoryStore::holding(Objects::new(), time);
        let of_vault = Draws::from(2);
        let vault = Vault::start(truth, &of_vault, time, (RegistrationMode::Open, SuiteId::IN_USE)).await;
        Self { vault, time, draws, log }
    }

    /// Continues with the next step, on this device.
    async fn client(&self, step: &'static str, disk: &Disk, label: &str) -> Client<Recorded> {
        tokio::time::sleep(PAUSE).await;
        let mut noted = self.log.0.borrow_mut();
        assert!(noted.drawn.is_empty(), "{} drew bytes that no request has", noted.step);
        noted.step = step;
        let url = VaultUrl::parse(&format!("https://{HOST}")).expect("an address");
        let device = Device { id: disk.id(), label: Label::parse(label).expect("a label") };
        let injected = Injected {
            transport: Wire(self.vault.clone(), self.log.clone()),
            clock: self.time,
            randomness: self.told(),
            state_store: disk.clone(),
            secrets: disk.clone(),
            observer: Silent,
        };
        Client::new(url, device, injected)
    }

    fn told(&self) -> Told {
        Told(self.draws.clone(), self.log.clone())
    }
}

fn name() -> AccountName {
    AccountName::parse(NAME).expect("a name")
}

fn phrase() -> Change {
    let phrase = Phrase::from_entropy(&[0x5a; 16], Language::English).expect("16 bytes");
    let passphrase = Some(SecretBox::new(Box::new("TREZOR".to_owned())));
    let details = Details { network: Some("bitcoin".to_owned()), ..Details::default() };
    let entry = Entry::new(Secret::Bip39 { phrase, passphrase }, details).expect("an entry");
    Change::new().add(Label::parse("Savings").expect("a label"), entry)
}

fn text(label: &str, text: &str) -> Change {
    let secret = Secret::Text(SecretBox::new(Box::new(text.to_owned())));
    let entry = Entry::new(secret, Details::default()).expect("an entry");
    Change::new().add(Label::parse(label).expect("a label"), entry)
}

/// What is backed up, opened.
fn restored(session: &Session<Recorded>) -> Value {
    let entry = |item: &rootcellar_client::inventory::Item| {
        let secret = match session.open_entry(item.id).expect("opens").secret {
            Secret::Bip39 { phrase, .. } => phrase.words().to_string(),
            Secret::Text(text) => text.expose_secret().clone(),
            _ => panic!("neither a phrase nor a text"),
        };
        json!({ "label": item.label.exact(), "secret": secret })
    };
    session.items().iter().map(entry).collect()
}

/// Records everything.
pub async fn record() -> Value {
    let stage = Stage::set().await;
    let [phone, laptop, tablet, other] = [1, 2, 3, 4].map(Disk::of);
    let [first, second] = PASSPHRASES.map(typed);

    let client = stage.client("register", &phone, "Pixel 9").await;
    let code = client.generate_first_code().await.expect("draws");
    let registered = client.register(name(), &first, None, &code).await.expect("registers");
    let first_code = code.words().to_string();
    let mut session = registered.session;
    stage.log.0.borrow_mut().step = "save";
    session.save(phrase()).await.expect("saves");

    let client = stage.client("enrol a device", &laptop, "Laptop").await;
    let mut session = client.login(Login::new_device(name()), &first).await.expect("logs in");
    let secrets = DeviceSecrets::generate(&mut stage.told());
    session.enrol(&secrets, Permission::Restore).await.expect("is enrolled");

    let client = stage.client("save on the device", &laptop, "Laptop").await;
    let local_state = laptop.local_state().expect("remembers");
    let mut session = client.resume_device(local_state, &secrets).await.expect("is let in");
    session.save(text("Safe", "left 12, right 40")).await.expect("saves");

    let client = stage.client("restore on the device", &laptop, "Laptop").await;
    let local_state = laptop.local_state().expect("remembers");
    restored(&client.restore_on_device(local_state, &secrets).await.expect("restores"));

    let client = stage.client("recover", &tablet, "Tablet").await;
    let code = RecoveryCode::parse(&first_code).expect("a code");
    let mut session = client.recover(Recovery::new_device(), &code).await.expect("recovers");
    session.set_passphrase(&second, Some(&name())).await.expect("sets a passphrase");

    let client = stage.client("change the keys", &tablet, "Tablet").await;
    let login = Login::remembered(tablet.local_state().expect("remembers"));
    let mut session = client.login(login, &second).await.expect("logs in");
    let code = RecoveryCode::generate(&mut stage.told());
    session.rekey(&code, None).await.expect("changes the keys");

    let client = stage.client("restore on a new device", &other, "Workshop").await;
    let session = client
        .login(
            Login::new_device(name()).with(LoginOptions { to_restore: true, ..LoginOptions::default() }),
            &second,
        )
        .await
        .expect("logs in");
    json!({
        "vault_id": HOST, "authority": HOST, "account_name": NAME, "passphrases": PASSPHRASES,
        "recovery_codes": [first_code, code.words().to_string()],
        "device": { "id": hex::encode(&laptop.id().0), "secrets": hex::encode(&*secrets.expose()) },
        "restored": restored(&session),
        "exchanges": stage.log.0.take().exchanges,
        "result": "valid",
    })
}
