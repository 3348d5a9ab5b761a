//! A world: a vault, people, and one time. Whatever someone does here is remembered as they were told it.

mod devices;
mod keys;
mod pairing;

use crate::draws::Draws;
use crate::memory::{MemoryStore, Objects};
use crate::person::{Account, Disk, InProcess, Person, program, typed};
use crate::time::{BEGINNING, Time};
use crate::vault::Vault;
use async_trait::async_trait;
use rootcellar_client::entry::{Details, Entry, Secret};
use rootcellar_client::inventory::Label;
use rootcellar_client::pending_save::PendingSaveOutcome;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::{Change, Client, ClientError, LoginOptions, RegisterError, Session, SnapshotChoice};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{Number, ProblemCode, SuiteId, Timestamp};
use rootcellar_vault::sweep::{self, Finding, Report, Watch};
use rootcellar_vault::{Error, invite};
use secrecy::{ExposeSecret, SecretBox};
use std::collections::BTreeSet;
use std::time::Duration;

/// A vault, people, and their time.
pub struct Simulation {
    /// The vault.
    pub vault: Vault,
    /// The people; the first is the one whom it is about.
    pub people: Vec<Person>,
    /// Codes of invites that were handed out.
    pub invites: Vec<String>,
    mode: RegistrationMode,
    suites: &'static [SuiteId],
    time: Time,
    draws: Draws,
}

/// A world at rest, of which many can be made.
pub struct Prepared {
    /// What the store holds.
    pub objects: Objects,
    people: Vec<Person>,
    invites: Vec<String>,
    mode: RegistrationMode,
    suites: &'static [SuiteId],
    now: Timestamp,
    position: u64,
}

impl Prepared {
    /// Before anything.
    #[must_use]
    pub fn nothing(mode: RegistrationMode) -> Self {
        let people = vec![
            Person::new("alice", "umbrella-carpet-violin-meadow-forty-two"),
            Person::new("bob", "harvest-lantern-orchid-pebble-ninety-one"),
        ];
        let (objects, invites) = (Objects::new(), Vec::new());
        let suites = SuiteId::IN_USE;
        Self { objects, people, invites, mode, suites, now: BEGINNING, position: 1 }
    }
}

impl Simulation {
    /// Continues from a world at rest.
    pub async fn resume(from: &Prepared) -> Self {
        let (time, draws) = (Time::beginning(from.now), Draws::from(from.position));
        let truth = MemoryStore::holding(from.objects.clone(), time);
        Self {
            vault: Vault::start(truth, &draws, time, (from.mode, from.suites)).await,
            people: from.people.iter().map(Person::copy).collect(),
            invites: from.invites.clone(),
            mode: from.mode,
            suites: from.suites,
            time,
            draws,
        }
    }

    /// The world as it is, at rest.
    #[must_use]
    pub fn rest(&self) -> Prepared {
        Prepared {
            objects: self.vault.truth().objects(),
            people: self.people.iter().map(Person::copy).collect(),
            invites: self.invites.clone(),
            mode: self.mode,
            suites: self.suites,
            now: self.time.now(),
            position: self.draws.position(),
        }
    }

    /// Starts the vault again on what its store holds, and nothing else.
    pub async fn restart_vault(&mut self) {
        let truth = self.vault.truth().clone();
        self.vault = Vault::start(truth, &self.draws, self.time, (self.mode, self.suites)).await;
    }

    /// The one time of this world.
    #[must_use]
    pub fn time(&self) -> Time {
        self.time
    }

    /// Starts the vault again on what another store holds.
    pub async fn put_back(&mut self, truth: MemoryStore) {
        self.vault = Vault::start(truth, &self.draws, self.time, (self.mode, self.suites)).await;
    }

    /// Starts the vault again, so that it takes these suites.
    pub async fn offer(&mut self, suites: &'static [SuiteId]) {
        self.suites = suites;
        self.restart_vault().await;
    }

    /// A program on one of someone's devices.
    #[must_use]
    pub fn program(&self, who: usize, device: usize) -> Client<InProcess> {
        self.program_on(&self.people[who].devices[device])
    }

    /// A program on a device.
    #[must_use]
    pub fn program_on(&self, disk: &Disk) -> Client<InProcess> {
        program(&self.vault, self.time, &self.draws, disk)
    }

    /// Registers on the first device, with the code that is on paper if the account may have been made with it.
    pub async fn register(&mut self, who: usize, invite: Option<&str>) -> Result<(), RegisterError> {
        let code = match (self.people[who].account, self.people[who].code()) {
            (Account::Maybe, Some(code)) => code,
            _ => self.program(who, 0).generate_first_code().await?,
        };
        match self.register_with(who, invite, &code).await {
            // What came late of the attempt before has this locator.
            Err(error) if error.source.problem() == Some(ProblemCode::OperationUsed) => {
                let code = self.program(who, 0).generate_first_code().await?;
                self.register_with(who, invite, &code).await
            }
            result => result,
        }
    }

    async fn register_with(
        &mut self,
        who: usize,
        invite: Option<&str>,
        code: &RecoveryCode,
    ) -> Result<(), RegisterError> {
        let client = self.program(who, 0);
        let person = &mut self.people[who];
        let result = client.register(person.account_name(), &typed(person.passphrase()), invite, code).await;
        match result {
            Ok(_) => {
                person.told_of_account(Account::Made, code.words().to_string());
                Ok(())
            }
            Err(error) => {
                if error.maybe_made {
                    person.told_of_account(Account::Maybe, code.words().to_string());
                }
                Err(error)
            }
        }
    }

    /// Logs in with a passphrase, and reads what is there.
    pub async fn log_in(
        &self,
        client: &Client<InProcess>,
        who: usize,
        passphrase: &str,
    ) -> Result<Session<InProcess>, ClientError> {
        let person = &self.people[who];
        let opened = client.login(person.login(client.state_store()), &typed(passphrase)).await?;
        let is_known = person.passphrases.contains(&passphrase);
        assert!(is_known && person.account != Account::None, "{} got in with {passphrase}", person.name);
        Ok(opened)
    }

    /// Logs in, and saves one text. Whether it was said to be saved.
    pub async fn save(&mut self, who: usize, device: usize, text: &'static str) -> bool {
        let client = self.program(who, device);
        self.about_to_save(who, device, text);
        let result = self.saving(&client, who, text).await;
        self.told_of_save(who, device, text, result)
    }

    /// From now on a text may be there.
    pub fn about_to_save(&mut self, who: usize, device: usize, text: &'static str) {
        self.people[who].unsure.insert(text, device);
    }

    /// Logs in, and saves one text, without remembering what came of it.
    pub async fn saving(
        &self,
        client: &Client<InProcess>,
        who: usize,
        text: &'static str,
    ) -> Result<(), ClientError> {
        let mut session = self.log_in(client, who, self.people[who].passphrase()).await?;
        self.look(who, &session);
        session.save(adding(text)).await.map(drop)
    }

    /// Remembers what was said of a save. Whether it was said to be saved.
    pub fn told_of_save(
        &mut self,
        who: usize,
        device: usize,
        text: &'static str,
        result: Result<(), ClientError>,
    ) -> bool {
        let person = &mut self.people[who];
        let is_kept = person.devices[device].is_pending();
        person.unsure.remove(text);
        match result {
            Ok(()) => {
                person.saved.insert(text);
                assert!(!is_kept, "{text} was saved and is kept as unfinished");
                return true;
            }
            Err(ClientError::Unconfirmed(_) | ClientError::ReadBack(_) | ClientError::Contended(_)) => {
                person.unsure.insert(text, device);
                assert!(is_kept, "nobody knows of {text}, and the device has forgotten it");
            }
            Err(error) => assert!(!is_kept, "{text} was not saved ({error}) and is kept as unfinished"),
        }
        false
    }

    /// Logs in, and finishes what is unfinished on a device.
    pub async fn finish(&mut self, who: usize, device: usize) -> Result<PendingSaveOutcome, ClientError> {
        let client = self.program(who, device);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let outcome = session.finish_pending().await?;
        self.told_of_finish(who, device, outcome);
        Ok(outcome)
    }

    /// Remembers what was said of an unfinished save.
    fn told_of_finish(&mut self, who: usize, device: usize, outcome: PendingSaveOutcome) {
        let person = &mut self.people[who];
        let finished: Vec<_> = person.unsure.extract_if(.., |_, keeper| *keeper == device).collect();
        match outcome {
            PendingSaveOutcome::Nothing => {
                assert!(finished.is_empty(), "the device has forgotten {finished:?}")
            }
            PendingSaveOutcome::CannotFinish(why) => panic!("{finished:?} cannot be finished: {why}"),
            _ => person.saved.extend(finished.into_iter().map(|(text, _)| text)),
        }
    }

    /// Logs in, or recovers where there is `by_code`, and sets a passphrase. Whether it was said to be set.
    pub async fn set_passphrase(
        &mut self,
        who: usize,
        device: usize,
        by_code: bool,
        new: &'static str,
    ) -> Result<(), ClientError> {
        let client = self.program(who, device);
        let person = &self.people[who];
        let mut session = if by_code {
            let recovery = person.recovery(client.state_store());
            client.recover(recovery, &person.code().expect("a code on paper")).await?
        } else {
            self.log_in(&client, who, self.people[who].passphrase()).await?
        };
        let name = person.account_name();
        // The name is asked for only where none leads to the account.
        let asked = (!session.is_named()).then_some(&name);
        let result = session.set_passphrase(&typed(new), asked).await;
        let person = &mut self.people[who];
        match &result {
            Ok(_) => person.passphrases = vec![new],
            Err(ClientError::PassphraseUnconfirmed(_)) if person.passphrase() != new => {
                person.passphrases.push(new);
            }
            Err(_) => {}
        }
        result.map(drop)
    }

    /// Logs in, and deletes the account.
    pub async fn delete_account(&mut self, who: usize, device: usize) -> Result<(), ClientError> {
        let client = self.program(who, device);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let result = session.delete_account().await;
        let person = &mut self.people[who];
        match (&result, person.account) {
            (Ok(_), _) => person.account = Account::None,
            (Err(ClientError::DeletionUnconfirmed(_)), Account::Made) => person.account = Account::Maybe,
            _ => {}
        }
        result.map(drop)
    }

    /// Recovers with the code on paper, and looks at what is there.
    pub async fn recover(&self, who: usize, disk: &Disk) -> Result<(), ClientError> {
        let client = self.program_on(disk);
        let person = &self.people[who];
        let code = person.code().expect("a code on paper");
        let session = client.recover(person.recovery(disk), &code).await?;
        self.look(who, &session);
        Ok(())
    }

    /// Logs in, and looks at an older snapshot.
    pub async fn open_older(&self, who: usize, device: usize, number: u64) -> Result<usize, ClientError> {
        let client = self.program(who, device);
        let person = &self.people[who];
        let login = person.login(&person.devices[device]).with(LoginOptions {
            snapshot: SnapshotChoice::Numbered(Number(number)),
            ..LoginOptions::default()
        });
        let session = client.login(login, &typed(person.passphrase())).await?;
        Ok(texts(&session).len())
    }

    /// Makes an invite on the vault's machine; `None` where the vault dies or hangs.
    pub async fn invite(&mut self) -> Option<Result<String, Error>> {
        let deed = invite::create(self.vault.replica(), 30 * 86_400);
        let made = tokio::time::timeout(Duration::from_secs(60), self.vault.while_it_lives(deed)).await;
        let made = made.ok().flatten()?.map(|invite| invite.code);
        self.invites.extend(made.as_ref().ok().cloned());
        Some(made)
    }

    /// Sweeps the store, and removes what may go. Whether it completed; `None` where the vault dies or hangs.
    pub async fn sweep(&self) -> Option<bool> {
        let mut watch = Unwatched;
        let deed = sweep::run(self.vault.replica(), true, &mut watch);
        let swept = tokio::time::timeout(Duration::from_secs(600), self.vault.while_it_lives(deed)).await;
        Some(swept.ok().flatten()?.is_ok_and(|report| report.complete))
    }

    /// A user who logs in sees what they were told: all that was saved, and nothing that was refused.
    pub fn look(&self, who: usize, session: &Session<InProcess>) {
        self.compare(who, &texts(session));
    }

    /// Compares what is backed up with what someone was told.
    fn compare(&self, who: usize, found: &BTreeSet<String>) {
        let person = &self.people[who];
        for text in &person.saved {
            assert!(found.contains(*text), "{text} was saved and is gone; there is {found:?}");
        }
        for text in found {
            let text = text.as_str();
            let is_known = person.saved.contains(text) || person.unsure.contains_key(text);
            assert!(is_known, "{text} was not saved, and is there");
        }
    }
}

/// Nobody watches a sweep.
struct Unwatched;

#[async_trait]
impl Watch for Unwatched {
    async fn saw(&mut self, _: &Report, _: Option<&Finding>) -> bool {
        true
    }
}

fn adding(text: &str) -> Change {
    let secret = Secret::Text(SecretBox::new(Box::new(format!("secret of {text}"))));
    let entry = Entry::new(secret, Details::default()).expect("an entry");
    Change::new().add(Label::parse(text).expect("a label"), entry)
}

/// Labels of what is backed up, each opened.
fn texts(session: &Session<InProcess>) -> BTreeSet<String> {
    permitted_texts(session).unwrap_or_else(|| panic!("what is listed does not open"))
}

/// Labels of what is backed up, each opened; `None` where the session may not open entries.
fn permitted_texts(session: &Session<InProcess>) -> Option<BTreeSet<String>> {
    for item in session.items() {
        let label = item.label.exact();
        let entry = match session.open_entry(item.id) {
            Err(ClientError::NotPermitted { .. } | ClientError::RestoreNotAsked) => return None,
            entry => entry.expect("what is listed opens"),
        };
        let Secret::Text(secret) = entry.secret else { panic!("{label} is no text") };
        assert_eq!(*secret.expose_secret(), format!("secret of {label}"));
    }
    Some(labels(session))
}

/// Labels of what is backed up.
fn labels(session: &Session<InProcess>) -> BTreeSet<String> {
    let labels: Vec<String> = session.items().iter().map(|item| item.label.exact().to_owned()).collect();
    let each = labels.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(each.len(), labels.len(), "an entry is there twice: {labels:?}");
    each
}
