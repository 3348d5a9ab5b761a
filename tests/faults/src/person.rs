//! A person with devices, and what the person was told: the measure of what the vault must hold.

use crate::draws::Draws;
use crate::time::Time;
use crate::vault::{HOST, Vault};
use rootcellar_client::client::Silent;
use rootcellar_client::device::{DeviceSecrets, Enrolment};
use rootcellar_client::inventory::{Device, Label};
use rootcellar_client::journal::{Journal, JournalError, MemoryJournal};
use rootcellar_client::ksf::Argon2id;
use rootcellar_client::memory::Memory;
use rootcellar_client::pending::Pending;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::{Client, Injected, Login, Platform, Recovery, VaultUrl};
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::login::Permission;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What the real client runs on here.
#[derive(Debug)]
pub enum InProcess {}

impl Platform for InProcess {
    type Transport = Vault;
    type Clock = Time;
    type Randomness = Draws;
    type Journal = Disk;
    type Observer = Silent;
}

/// A device's disk, and its keyring: outlives its programs. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// 0 is a stranger's, which is never enrolled.
    number: u8,
    journal: Rc<RefCell<MemoryJournal>>,
    keyring: Rc<RefCell<Option<[u8; DeviceSecrets::BYTES]>>>,
}

impl Journal for Disk {
    fn store(&mut self, pending: &Pending) -> Result<(), JournalError> {
        self.journal.borrow_mut().store(pending)
    }

    fn load(&self) -> Result<Option<Pending>, JournalError> {
        self.journal.borrow().load()
    }

    fn clear(&mut self) -> Result<(), JournalError> {
        self.journal.borrow_mut().clear()
    }

    fn remember(&mut self, memory: &Memory) -> Result<(), JournalError> {
        self.journal.borrow_mut().remember(memory)
    }

    fn keep_enrolment(&mut self, enrolment: Option<&Enrolment>) -> Result<(), JournalError> {
        self.journal.borrow_mut().keep_enrolment(enrolment)
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, JournalError> {
        self.journal.borrow().enrolment()
    }
}

impl Disk {
    /// The empty disk of the device of this number.
    #[must_use]
    pub fn of(device: u8) -> Self {
        Self { number: device, ..Self::default() }
    }

    /// What the device remembers.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        self.journal.borrow().memory.clone()
    }

    /// Whether a save is unfinished.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.journal.borrow().pending.is_some()
    }

    fn copy(&self) -> Self {
        Self {
            number: self.number,
            journal: Rc::new(RefCell::new(self.journal.borrow().clone())),
            keyring: Rc::new(RefCell::new(*self.keyring.borrow())),
        }
    }

    /// The device's id.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId([self.number; 16])
    }

    /// The secrets that the device keeps.
    #[must_use]
    pub fn secrets(&self) -> Option<DeviceSecrets> {
        self.keyring.borrow().as_ref().map(DeviceSecrets::from_bytes)
    }

    /// Keeps secrets, or forgets them.
    pub fn keep_secrets(&self, secrets: Option<&DeviceSecrets>) {
        *self.keyring.borrow_mut() = secrets.map(|secrets| *secrets.expose());
    }
}

/// Whether there is an account, as far as its owner can know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Account {
    /// There is none.
    #[default]
    None,
    /// It may have been made; the words of its recovery code.
    Maybe(String),
    /// It was made; the words of its recovery code.
    Made(String),
}

/// Somebody, and what they know.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account's name.
    pub name: &'static str,
    /// The passphrases of which one holds; more than one while a change is in doubt.
    pub passphrases: Vec<&'static str>,
    /// Whether there is an account.
    pub account: Account,
    /// Texts that were said to be saved.
    pub saved: BTreeSet<&'static str>,
    /// Texts of which it was said that nobody knows, and the device that keeps each.
    pub unsure: BTreeMap<&'static str, usize>,
    /// The disks of their devices.
    pub devices: Vec<Disk>,
    /// What each device may do without a login, where it is enrolled; more than one while a change is in doubt.
    pub permitted: [Vec<Option<Permission>>; 2],
}

impl Person {
    /// Somebody without an account, with two devices.
    #[must_use]
    pub fn new(name: &'static str, passphrase: &'static str) -> Self {
        Self {
            name,
            passphrases: vec![passphrase],
            account: Account::None,
            saved: BTreeSet::new(),
            unsure: BTreeMap::new(),
            devices: vec![Disk::of(1), Disk::of(2)],
            permitted: [vec![None], vec![None]],
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

    /// The recovery code on paper, if there is any.
    #[must_use]
    pub fn code(&self) -> Option<RecoveryCode> {
        match &self.account {
            Account::None => None,
            Account::Maybe(words) | Account::Made(words) => Some(RecoveryCode::parse(words).expect("a code")),
        }
    }

    /// How to log in on a device.
    #[must_use]
    pub fn login(&self, disk: &Disk) -> Login {
        match disk.memory() {
            Some(memory) => Login::remembered(memory).with_name(self.account_name()),
            None => Login::new_device(self.account_name()),
        }
    }

    /// How to recover on a device.
    #[must_use]
    pub fn recovery(&self, disk: &Disk) -> Recovery {
        disk.memory().map_or_else(Recovery::new_device, Recovery::remembered)
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
    let device = Device { id: disk.device(), label: Label::parse("a device").expect("a label") };
    let injected = Injected {
        transport: vault.clone(),
        clock: time,
        randomness: draws.clone(),
        journal: disk.clone(),
        observer: Silent,
    };
    Client::new(url, device, injected).with_ksf(Argon2id::worthless())
}
