//! From the options and the home folder to a session with the vault.

use crate::args::Global;
use crate::device_store::{FolderSecretStore, PlatformKeyring};
use crate::entry_input::{label, refused_text, sentence};
use crate::exit::{Exit, Failure};
use crate::home::{self, Home, HomeStateStore};
use crate::output::Output;
use crate::progress::Progress;
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text;
use rootcellar_client::ClientError;
use rootcellar_client::client::{Client, Injected, Login, Platform, VaultUrl};
use rootcellar_client::inventory;
use rootcellar_client::pending_code::CodeNotice;
use rootcellar_client::pending_save::PendingSaveOutcome;
use rootcellar_client::randomness::{SystemRandomness, bytes};
use rootcellar_client::session::Session;
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::transport::{NativeClock, NativeOptions, NativeTransport, SetupError};
use rootcellar_spec::DeviceId;
use std::cell::Cell;
use std::fs;

/// How often a person is asked who types something wrong.
pub(crate) const TRIES: u32 = 4;

/// What this program injects into the library.
pub(crate) enum Native {}

impl Platform for Native {
    type Transport = NativeTransport;
    type Clock = NativeClock;
    type Randomness = SystemRandomness;
    type StateStore = HomeStateStore;
    type SecretStore = FolderSecretStore;
    type Observer = Progress;
}

/// What every command works with.
pub(crate) struct Context<'a> {
    /// The options that every command takes.
    pub(crate) global: &'a Global,
    /// What is printed.
    pub(crate) output: &'a Output,
    /// The sign of progress.
    pub(crate) progress: Progress,
    /// Whether this device may go in by itself, and whether it tried to.
    pub(crate) alone: Cell<Alone>,
    /// What was said of a recovery code.
    pub(crate) code_told: Cell<Option<CodeNotice>>,
}

/// What has become of the attempt of an enrolled device to go in by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// It may.
    Untried,
    /// It did.
    Tried,
    /// The vault refused it; a person goes in by the passphrase instead.
    Refused,
}

/// Whether a command can do its work while an earlier save stays unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// It only reads.
    Reading,
    /// It saves.
    Saving,
}

impl<'a> Context<'a> {
    /// The context of one command.
    pub(crate) fn new(global: &'a Global, output: &'a Output) -> Self {
        Self {
            global,
            output,
            progress: Progress::new(output.shows_waiting()),
            alone: Cell::new(Alone::Untried),
            code_told: Cell::new(None),
        }
    }

    /// Says that a backup which was asked for by its number may not be the newest.
    pub(crate) fn note_older(&self, asked: Option<u64>) {
        if asked.is_some() {
            self.output.note("asked-for-backup", text::backup::ASKED);
        }
    }

    /// Says that the newest backup was refused, in a command that works without it.
    pub(crate) fn note_refused_head(&self, session: &Session<Native>) {
        if let Some(error) = session.refused_head() {
            let why = sentence(&error.to_string());
            let message = text::backup::Refused { why };
            self.output.warn(error.code(), format!("{message}\n{}", text::backup::REFUSED_ADVICE));
        }
    }

    /// Opens the home folder.
    pub(crate) fn home(&self) -> Result<Home, Failure> {
        Ok(Home::open(&home::folder(self.global.home.as_deref())?)?)
    }

    /// The vault's address: as given, else as remembered.
    pub(crate) fn vault(&self, home: Option<&Home>) -> Result<VaultUrl, Failure> {
        let given = self.global.vault.clone().filter(|text| !text.is_empty());
        let remembered = || home.and_then(Home::remembered).map(|remembered| remembered.vault);
        let text = given
            .or_else(remembered)
            .ok_or_else(|| Failure::usage(text::vault::MISSING).advise(text::vault::MISSING_ADVICE))?;
        VaultUrl::parse(&text).map_err(|error| ClientError::from(error).into())
    }

    /// The passphrase, from a file or asked for.
    pub(crate) fn passphrase(&self) -> Result<Passphrase, Failure> {
        let read = || {
            let file = self.global.passphrase_file.as_deref();
            let text = secret_input::read(Shape::Line, file, Asked::PASSPHRASE, "--passphrase-file FILE")?;
            Passphrase::parse(&text)
                .map_err(|error| refused_text(text::subject::PASSPHRASE, "invalid-passphrase", error))
        };
        for _ in 1..TRIES {
            match read() {
                Err(failure) if failure.exit == Exit::Input && self.types_passphrase() => {
                    self.say(&failure)?;
                }
                other => return other,
            }
        }
        read()
    }

    /// Whether a person types the passphrase and can be asked again.
    fn types_passphrase(&self) -> bool {
        secret_input::is_typed(self.global.passphrase_file.as_deref())
    }

    /// Says on the terminal why something is asked for again.
    pub(crate) fn say(&self, failure: &Failure) -> Result<(), Failure> {
        Terminal::open().map_or(Ok(()), |mut terminal| terminal.print(&failure.lines()))
    }

    /// Opens the account by `open`, finishes the recovery code that an earlier command left, which may take a second opening, and
    /// says what became of it.
    pub(crate) async fn arrive(
        &self,
        client: &Client<Native>,
        mut open: impl AsyncFnMut() -> Result<Session<Native>, Failure>,
    ) -> Result<Session<Native>, Failure> {
        let open = async || {
            let opened = open().await;
            self.progress.waits();
            opened
        };
        let tell = |notice, error| {
            self.progress.rests();
            self.tell_arrival(client, notice, error)
        };
        let arrived = client.arrive(open, tell).await;
        self.progress.rests();
        arrived
    }

    /// Logs in as [`Self::arrive`]. Who types the passphrase may try again as long as the vault takes it at once.
    pub(crate) async fn log_in(
        &self,
        client: &Client<Native>,
        login: Login,
        mut passphrase: Passphrase,
    ) -> Result<Session<Native>, Failure> {
        let mut tries = 1;
        let open = async || loop {
            match self.progress.during(client.login(login.clone(), &passphrase)).await {
                Err(error @ ClientError::PassphraseOrAccount { next_wait: 0, .. })
                    if tries < TRIES && self.types_passphrase() =>
                {
                    tries += 1;
                    self.say(&error.into())?;
                    passphrase = self.passphrase()?;
                }
                other => return Ok(other?),
            }
        };
        self.arrive(client, open).await
    }

    /// A client that keeps what it learns in the home folder.
    pub(crate) fn client(
        &self,
        home: Home,
        vault: VaultUrl,
        device: home::Device,
    ) -> Result<Client<Native>, Failure> {
        let options = NativeOptions { extra_authorities: self.authorities()?, ..NativeOptions::default() };
        let transport = NativeTransport::new(&options).map_err(|error| self.no_transport(&error))?;
        let known =
            inventory::Device { id: device.id, label: label(text::subject::DEVICE_LABEL, &device.label)? };
        let injected = Injected {
            transport,
            clock: NativeClock::new(),
            randomness: SystemRandomness,
            secrets: home.device_store(PlatformKeyring),
            state_store: home.into_state_store(vault.to_string(), device),
            observer: self.progress.clone(),
        };
        Ok(Client::new(vault, known, injected))
    }

    fn no_transport(&self, error: &SetupError) -> Failure {
        match (error, &self.global.ca_file) {
            (SetupError::NoAuthority | SetupError::Authorities(_), Some(path)) => {
                let message = text::vault::NoCertificate { file: path.display() };
                Failure::new(Exit::Local, "ca-file", message).advise(text::vault::NO_CERTIFICATE_ADVICE)
            }
            _ => Failure::new(Exit::Local, "tls", sentence(&error.to_string())),
        }
    }

    fn authorities(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.global.ca_file else { return Ok(None) };
        let bytes = fs::read(path)
            .map_err(|error| Failure::file(text::file::Read { file: path.display() }, &error))?;
        Ok(Some(bytes))
    }

    /// Finishes the save that an earlier command left unfinished, and says what became of it.
    pub(crate) async fn finish_pending(
        &self,
        session: &mut Session<Native>,
        needs: Needs,
    ) -> Result<(), Failure> {
        let outcome = match self.progress.during(session.finish_pending()).await {
            Ok(outcome) => outcome,
            Err(error) => return self.unfinished(error.into(), needs),
        };
        match outcome {
            PendingSaveOutcome::AlreadySaved => {
                self.output.note("pending-already-saved", text::pending_save::ALREADY_SAVED);
            }
            PendingSaveOutcome::Saved => {
                self.output.note("pending-saved", text::pending_save::SAVED);
            }
            PendingSaveOutcome::Merged => self.output.note("pending-merged", text::pending_save::MERGED),
            PendingSaveOutcome::CannotFinish(why) => {
                let failure = Failure::new(Exit::Uncertain, "pending-save-stuck", sentence(&why.to_string()))
                    .advise(text::pending_save::STUCK_ADVICE);
                return self.unfinished(failure, needs);
            }
            _ => {}
        }
        Ok(())
    }

    /// Reading goes on without the save, unless the vault is not to be trusted.
    fn unfinished(&self, failure: Failure, needs: Needs) -> Result<(), Failure> {
        if failure.exit == Exit::Tampering {
            return Err(failure);
        }
        if needs == Needs::Saving {
            let message = text::pending_save::Blocks { why: &failure.message }.into();
            return Err(Failure { message, ..failure });
        }
        let message = text::pending_save::Kept { why: failure.message };
        self.output.warn("pending-save-waiting", message);
        Ok(())
    }
}

/// Reads an account name.
pub(crate) fn account_name(text: &str) -> Result<AccountName, Failure> {
    AccountName::parse(text)
        .map_err(|error| refused_text(text::subject::ACCOUNT_NAME, "invalid-account-name", error))
}

/// Whether the folder remembers an account of another name.
pub(crate) fn is_other_name(home: &Home, name: &AccountName) -> bool {
    let Some(remembered) = home.remembered() else { return false };
    let local_state = &remembered.local_state;
    let (Some(hash), Some(vault_id)) = (local_state.name_hash, &local_state.vault_id) else { return false };
    hash != name.hash(vault_id)
}

/// Asks for the account name; `why` is said where there is no terminal.
pub(crate) fn ask_account_name(why: &str, prompt: &str) -> Result<AccountName, Failure> {
    let mut terminal =
        Terminal::open().ok_or_else(|| Failure::usage(why).advise(text::account::NAME_ADVICE))?;
    for _ in 1..TRIES {
        match account_name(&terminal.ask(prompt)?) {
            Ok(name) => return Ok(name),
            Err(failure) => terminal.print(&failure.lines())?,
        }
    }
    account_name(&terminal.ask(prompt)?)
}

/// This device: as remembered, with the label that is given now; else a new one.
pub(crate) fn device(home: &Home, given: Option<&str>) -> Result<home::Device, Failure> {
    if let Some(given) = given {
        label(text::subject::DEVICE_LABEL, given)?;
    }
    let given = given.map(|text| text.trim().to_owned());
    if let Some(remembered) = home.remembered() {
        let device = remembered.device;
        return Ok(home::Device { label: given.unwrap_or(device.label), ..device });
    }
    let label = given.unwrap_or_else(machine_name);
    Ok(home::Device { id: DeviceId(bytes(&mut SystemRandomness)), label })
}

fn machine_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if label(text::subject::DEVICE_LABEL, &name).is_ok() {
        name
    } else {
        text::label::UNNAMED_DEVICE.to_owned()
    }
}
