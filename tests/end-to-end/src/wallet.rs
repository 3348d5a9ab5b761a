//! The client library in this process, for what would take a hundred runs of the command line: the same requests, with a
//! key stretching that costs nothing and pauses that are short.

use rootcellar_client::client::Silent;
use rootcellar_client::entry::{Details, Entry, Secret};
use rootcellar_client::inventory::{Device, Label};
use rootcellar_client::ksf::Argon2id;
use rootcellar_client::phrase::Phrase;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::secret_store::MemorySecretStore;
use rootcellar_client::state_store::MemoryStateStore;
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::time::Clock;
use rootcellar_client::transport::{NativeClock, NativeOptions, NativeTransport};
use rootcellar_client::{
    Change, Client, ClientError, Injected, Login, Platform, Recovery, RegisterError, Session,
    SystemRandomness, VaultUrl, randomness,
};
use rootcellar_spec::Timestamp;
use rootcellar_spec::values::DeviceId;
use std::time::Duration;

/// What a wallet injects.
#[derive(Debug)]
pub struct Pocket;

impl Platform for Pocket {
    type Transport = NativeTransport;
    type Clock = Hasty;
    type Randomness = SystemRandomness;
    type StateStore = MemoryStateStore;
    type SecretStore = MemorySecretStore;
    type Observer = Silent;
}

/// A clock whose pauses are a part of what was asked.
#[derive(Debug)]
pub struct Hasty {
    clock: NativeClock,
    part: u32,
}

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn uptime(&self) -> Duration {
        self.clock.uptime()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> {
        self.clock.sleep(duration / self.part)
    }
}

/// A device with the library; it remembers for as long as it lives.
pub struct Wallet {
    client: Client<Pocket>,
    account: String,
    code: Option<String>,
}

impl Wallet {
    /// A device that has seen nothing yet. Needs a tokio runtime.
    #[must_use]
    pub fn new(vault: &str, account: &str) -> Self {
        Self::with_pauses(vault, account, 10)
    }

    /// The same, which waits for a vault that restarts as long as every program does.
    #[must_use]
    pub fn patient(vault: &str, account: &str) -> Self {
        Self::with_pauses(vault, account, 1)
    }

    /// Another device that has seen nothing yet, for this or another account of the vault. Shares the connections.
    #[must_use]
    pub fn elsewhere(&self, account: &str) -> Self {
        let Self { client, .. } = self;
        Self::of(client.vault().clone(), account, client.transport().clone(), client.clock().part)
    }

    fn with_pauses(vault: &str, account: &str, part: u32) -> Self {
        let transport = NativeTransport::new(&NativeOptions::default()).expect("a transport");
        Self::of(VaultUrl::parse(vault).expect("an origin"), account, transport, part)
    }

    fn of(vault: VaultUrl, account: &str, transport: NativeTransport, part: u32) -> Self {
        let injected = Injected {
            transport,
            clock: Hasty { clock: NativeClock::new(), part },
            randomness: SystemRandomness,
            state_store: MemoryStateStore::default(),
            secrets: MemorySecretStore::default(),
            observer: Silent,
        };
        let device = Device {
            id: DeviceId(randomness::bytes(&mut SystemRandomness)),
            label: Label::parse("wallet").expect("a label"),
        };
        let client = Client::new(vault, device, injected).with_ksf(Argon2id::worthless());
        Self { client, account: account.to_owned(), code: None }
    }

    /// Registers the account.
    ///
    /// # Errors
    /// The library's.
    pub async fn register(&mut self, passphrase: &str) -> Result<RecoveryCode, RegisterError> {
        let code = self.client.generate_first_code().await?;
        self.code = Some(code.words().to_string());
        self.client.register(name(&self.account), &secret(passphrase), None, &code).await?;
        Ok(code)
    }

    /// The recovery code that was drawn last, which is on paper.
    #[must_use]
    pub fn code(&self) -> Option<RecoveryCode> {
        self.code.as_deref().map(|words| RecoveryCode::parse(words).expect("a code"))
    }

    /// Logs in, and finishes what an earlier command began; returns the labels of the newest backup.
    ///
    /// # Errors
    /// The library's.
    pub async fn labels(&mut self, passphrase: &str) -> Result<Vec<String>, ClientError> {
        let mut session = self.login(passphrase).await?;
        session.finish_pending().await?;
        Ok(labels(&session))
    }

    /// Saves one entry more, as every program does: logs in, finishes what an earlier command began, saves, reads back.
    ///
    /// # Errors
    /// The library's.
    pub async fn save(&mut self, passphrase: &str, label: &str) -> Result<(), ClientError> {
        let mut session = self.login(passphrase).await?;
        session.finish_pending().await?;
        save(&mut session, label).await
    }

    /// Logs in with the recovery code, and sets a passphrase; returns the labels of the newest backup.
    ///
    /// # Errors
    /// The library's.
    pub async fn recover(
        &mut self,
        code: &RecoveryCode,
        passphrase: &str,
    ) -> Result<Vec<String>, ClientError> {
        let mut session = self.client.recover(Recovery::new_device(), code).await?;
        let labels = labels(&session);
        session.set_passphrase(&secret(passphrase), None).await?;
        Ok(labels)
    }

    /// Logs in with one passphrase and sets another.
    ///
    /// # Errors
    /// The library's.
    pub async fn change_passphrase(&mut self, old: &str, new: &str) -> Result<(), ClientError> {
        self.login(old).await?.set_passphrase(&secret(new), None).await.map(|_| ())
    }

    /// Logs in, as a new device the first time.
    ///
    /// # Errors
    /// The library's.
    pub async fn login(&mut self, passphrase: &str) -> Result<Session<Pocket>, ClientError> {
        let local_state = self.client.state_store().kept().local_state.clone();
        let login = Login::new(local_state, Some(name(&self.account)))?;
        self.client.login(login, &secret(passphrase)).await
    }

    /// Whether a save is unfinished.
    #[must_use]
    pub fn is_saving(&self) -> bool {
        self.client.state_store().kept().pending.is_some()
    }
}

/// Saves one entry more in a session, and reads it back.
///
/// # Errors
/// The library's.
pub async fn save(session: &mut Session<Pocket>, label: &str) -> Result<(), ClientError> {
    let phrase = Phrase::parse(crate::PHRASE_12, None).expect("a phrase");
    let secret = Secret::Bip39 { phrase, passphrase: None };
    let entry = Entry::new(secret, Details::default()).expect("an entry");
    session.save(Change::new().add(Label::parse(label).expect("a label"), entry)).await.map(|_| ())
}

fn labels(session: &Session<Pocket>) -> Vec<String> {
    session.items().iter().map(|item| item.label.exact().to_owned()).collect()
}

fn name(account: &str) -> AccountName {
    AccountName::parse(account).expect("an account name")
}

fn secret(passphrase: &str) -> Passphrase {
    Passphrase::parse(passphrase).expect("a passphrase")
}
