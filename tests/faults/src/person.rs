//! A person with devices, and what the person was told: the measure of what the vault must hold.

use crate::draws::Draws;
use crate::time::Time;
use crate::vault::{HOST, Vault};
use rootcellar_client::client::Silent;
use rootcellar_client::device::{DeviceSecrets, Enrolment, SecretsId};
use rootcellar_client::device_file::Owner;
use rootcellar_client::inventory::{Device, Label};
use rootcellar_client::ksf::Argon2id;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pending_code::PendingCode;
use rootcellar_client::pending_save::PendingSave;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::secret_store::{Committed, SecretStore, SecretStoreError};
use rootcellar_client::state_store::{MemoryStateStore, StateStore, StateStoreError};
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::{Client, Injected, Login, Platform, Recovery, VaultUrl};
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::login::Permission;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What the real client runs on here.
#[derive(Debug)]
pub enum InProcess {}

impl Platform for InProcess {
    type Transport = Vault;
    type Clock = Time;
    type Randomness = Draws;
    type StateStore = Disk;
    type SecretStore = Disk;
    type Observer = Silent;
}

/// A device's disk: outlives its programs. Copies share it.
#[derive(Clone, Debug)]
pub struct Disk {
    id: DeviceId,
    state_store: Rc<MemoryStateStore>,
    secrets: Rc<Cell<Option<[u8; DeviceSecrets::BYTES]>>>,
    staged: Rc<RefCell<Vec<[u8; DeviceSecrets::BYTES]>>>,
}

impl Default for Disk {
    fn default() -> Self {
        Self::of(0xdd)
    }
}

impl StateStore for Disk {
    async fn store(&self, pending: &PendingSave) -> Result<(), StateStoreError> {
        self.state_store.store(pending).await
    }

    fn load(&self) -> Result<Option<PendingSave>, StateStoreError> {
        self.state_store.load()
    }

    async fn clear(&self) -> Result<(), StateStoreError> {
        self.state_store.clear().await
    }

    async fn remember(&self, local_state: &LocalState) -> Result<(), StateStoreError> {
        self.state_store.remember(local_state).await
    }

    async fn keep_enrolment(&self, enrolment: Option<&Enrolment>) -> Result<(), StateStoreError> {
        self.state_store.keep_enrolment(enrolment).await
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError> {
        self.state_store.enrolment()
    }

    async fn keep_code(&self, code: Option<&PendingCode>) -> Result<(), StateStoreError> {
        self.state_store.keep_code(code).await
    }

    fn code(&self) -> Result<Option<PendingCode>, StateStoreError> {
        self.state_store.code()
    }
}

impl SecretStore for Disk {
    async fn stage(&self, _: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        self.staged.borrow_mut().push(*secrets.expose());
        Ok(())
    }

    async fn commit(&self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        let mut staged = self.staged.borrow_mut();
        if let Some(at) = staged.iter().position(|kept| is_named(kept, secrets)) {
            self.secrets.set(staged.drain(..=at).next_back());
            staged.retain(|kept| !is_named(kept, secrets));
            return Ok(Committed::Now);
        }
        let counts = self.secrets.get().is_some_and(|kept| is_named(&kept, secrets));
        Ok(if counts { Committed::Already } else { Committed::Absent })
    }

    async fn abandon(&self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        let mut staged = self.staged.borrow_mut();
        if let Some(at) = staged.iter().rposition(|kept| is_named(kept, secrets)) {
            staged.remove(at);
        }
        Ok(())
    }
}

fn is_named(kept: &[u8; DeviceSecrets::BYTES], secrets: SecretsId) -> bool {
    DeviceSecrets::from_bytes(kept).id() == secrets
}

impl Disk {
    /// The empty disk of the device of this number.
    #[must_use]
    pub fn of(device: u8) -> Self {
        Self {
            id: DeviceId([device; 16]),
            state_store: Rc::default(),
            secrets: Rc::default(),
            staged: Rc::default(),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        self.id
    }

    /// The device's secrets, once some were kept: the newest of which the vault may know.
    #[must_use]
    pub fn secrets(&self) -> Option<DeviceSecrets> {
        self.staged.borrow().last().copied().or(self.secrets.get()).as_ref().map(DeviceSecrets::from_bytes)
    }

    /// What the device remembers.
    #[must_use]
    pub fn local_state(&self) -> Option<LocalState> {
        self.state_store.kept().local_state.clone()
    }

    /// Whether a save is unfinished.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.state_store.kept().pending.is_some()
    }

    /// The same disk in another world.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::of(0);
        *copy.state_store.kept() = self.state_store.kept().clone();
        copy.secrets.set(self.secrets.get());
        *copy.staged.borrow_mut() = self.staged.borrow().clone();
        Self { id: self.id, ..copy }
    }
}

/// Whether there is an account, as far as its owner can know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Account {
    /// There is none.
    #[default]
    None,
    /// It may have been made.
    Maybe,
    /// It was made.
    Made,
}

/// What a device may be: not enrolled, or enrolled with a permission.
pub type Standing = Option<Permission>;

/// Someone, and what they know.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account's name.
    pub name: &'static str,
    /// The passphrases of which one holds; more than one while a change is in doubt.
    pub passphrases: Vec<&'static str>,
    /// Whether there is an account.
    pub account: Account,
    /// Words of the recovery codes of which one holds; more than one while a change is in doubt.
    pub codes: Vec<String>,
    /// Words of the code that the account began with.
    pub first_code: String,
    /// Words of recovery codes that were said to have ended.
    pub ended_codes: Vec<String>,
    /// Texts that were said to be saved.
    pub saved: BTreeSet<&'static str>,
    /// Texts of which it was said that nobody knows, and the device that keeps each.
    pub unsure: BTreeMap<&'static str, usize>,
    /// The disks of their devices.
    pub devices: Vec<Disk>,
    /// Of each device that ever had secrets, what it may be; more than one while a change is in doubt.
    pub standings: BTreeMap<usize, BTreeSet<Standing>>,
}

impl Person {
    /// Someone without an account, with two devices.
    #[must_use]
    pub fn new(name: &'static str, passphrase: &'static str) -> Self {
        Self {
            name,
            passphrases: vec![passphrase],
            account: Account::None,
            codes: Vec::new(),
            first_code: String::new(),
            ended_codes: Vec::new(),
            saved: BTreeSet::new(),
            unsure: BTreeMap::new(),
            devices: vec![Disk::of(1), Disk::of(2)],
            standings: BTreeMap::new(),
        }
    }

    /// The same person in another world.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { devices: self.devices.iter().map(Disk::copy).collect(), ..self.clone() }
    }

    /// The account's name, as typed.
    #[must_use]
    pub fn account_name(&self) -> AccountName {
        AccountName::parse(self.name).expect("a name")
    }

    /// The passphrase that was set last, of which it may be unknown whether it holds.
    #[must_use]
    pub fn passphrase(&self) -> &'static str {
        self.passphrases.last().expect("a person has one")
    }

    /// The recovery code that came last to paper, of which it may be unknown whether it holds; if there is any.
    #[must_use]
    pub fn code(&self) -> Option<RecoveryCode> {
        self.codes.last().map(|words| RecoveryCode::parse(words).expect("a code"))
    }

    /// Whether a recovery code holds that is not the account's first.
    #[must_use]
    pub fn has_other_code(&self) -> bool {
        self.codes.len() == 1 && self.first_code != self.codes[0]
    }

    /// Whether a device has secrets, and is enrolled for all that its owner knows.
    #[must_use]
    pub fn is_paired(&self, device: usize) -> bool {
        self.devices[device].secrets().is_some() && !self.standing(device).contains(&None)
    }

    /// An account was made, or may have been; this came to paper with it.
    pub fn told_of_account(&mut self, account: Account, words: String) {
        self.account = account;
        self.codes = vec![words.clone()];
        self.first_code = words;
    }

    /// What a device may be, as far as its owner can know.
    #[must_use]
    pub fn standing(&self, device: usize) -> BTreeSet<Standing> {
        self.standings.get(&device).cloned().unwrap_or_else(|| BTreeSet::from([None]))
    }

    /// A change of a device was said to be done, or that nobody knows.
    pub fn told_of_device(&mut self, device: usize, changed: Standing, is_done: bool) {
        let mut possible = if is_done { BTreeSet::new() } else { self.standing(device) };
        possible.insert(changed);
        self.standings.insert(device, possible);
    }

    /// How to log in on a device.
    #[must_use]
    pub fn login(&self, disk: &Disk) -> Login {
        let login = Login::new(disk.local_state(), Some(self.account_name())).expect("a name");
        login.on_device(disk.secrets().as_ref())
    }

    /// How to recover on a device.
    #[must_use]
    pub fn recovery(&self, disk: &Disk) -> Recovery {
        Recovery::new(disk.local_state())
    }
}

/// Reads a passphrase as typed.
#[must_use]
pub fn typed(passphrase: &str) -> Passphrase {
    Passphrase::parse(passphrase).expect("a passphrase")
}

/// A program on a device.
#[must_use]
pub fn program(vault: &Vault, time: Time, draws: &Draws, disk: &Disk) -> Client<InProcess> {
    let url = VaultUrl::parse(&format!("https://{HOST}")).expect("an address");
    let device = Device { id: disk.id(), label: Label::parse("a device").expect("a label") };
    let injected = Injected {
        transport: vault.clone(),
        clock: time,
        randomness: draws.clone(),
        state_store: disk.clone(),
        secrets: disk.clone(),
        observer: Silent,
    };
    Client::new(url, device, injected).with_ksf(Argon2id::worthless())
}
