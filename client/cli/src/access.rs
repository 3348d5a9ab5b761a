//! How a command gets into the account: as this enrolled device, by the passphrase, or by the recovery code.
//!
//! An enrolled device goes in by itself as far as its permission reaches. What needs more asks for the passphrase, and what
//! changes who gets in takes the recovery code, too.

use crate::args;
use crate::code_notice::missing_account;
use crate::connection::{Alone, Context, Native, Needs, account_name, ask_account_name, is_other_name};
use crate::device_store::{
    AskPassphrase, FolderSecretStore, PlatformKeyring, SecretStoreKind, SecretsFailure, device_passphrase,
};
use crate::entry_match::find;
use crate::exit::{Exit, Failure};
use crate::home::{self, Home, Remembered};
use crate::recovery_code_input::{recover, recovery_code};
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::text;
use rootcellar_client::ClientError;
use rootcellar_client::client::{Client, Login, LoginOptions, Recovery, SnapshotChoice, VaultUrl};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::device_file::Owner;
use rootcellar_client::files::device_store::FolderSecretStoreError;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::session::{Change, Session};
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_spec::Number;
use rootcellar_spec::wire::login::Permission;

/// What a command is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Look at what is backed up, or at the account.
    Look,
    /// Save a change.
    Save,
    /// Open entries.
    Open,
    /// Look at the account, apart from what is backed up.
    LookAtAccount,
    /// Change who gets in, and how.
    Manage,
    /// The same, where only the passphrase serves.
    ManageByPassphrase,
    /// Enrol this device, which it does not do by what it was enrolled with before.
    Enrol,
}

impl Intent {
    /// The least permission for it.
    fn needs(self) -> Permission {
        match self {
            Self::Look | Self::LookAtAccount => Permission::View,
            Self::Save => Permission::Backup,
            Self::Open => Permission::Restore,
            Self::Manage | Self::ManageByPassphrase | Self::Enrol => Permission::Manage,
        }
    }

    /// Whether it works if the newest backup is refused. A stolen device can ruin that, and must still be revoked.
    fn needs_no_backup(self) -> bool {
        matches!(self, Self::LookAtAccount | Self::Manage)
    }

    /// Whether an earlier save that stays unfinished is in its way.
    fn pending(self) -> Needs {
        if self == Self::Save { Needs::Saving } else { Needs::Reading }
    }
}

/// A device that remembers the account, before anything is asked for.
pub(crate) struct Returning {
    home: Home,
    vault: VaultUrl,
    name: Option<AccountName>,
    /// Whether the person lets go of what was seen before.
    accept_history: bool,
    /// The backup to open instead of the newest.
    backup: Option<Number>,
    /// What it remembers.
    pub(crate) remembered: Remembered,
}

/// What gets in.
enum Key {
    Device(DeviceSecrets),
    Passphrase(Passphrase),
    Code(RecoveryCode),
}

/// A client, and what gets in with it.
pub(crate) struct Ready {
    /// The client.
    pub(crate) client: Client<Native>,
    key: Key,
    local_state: LocalState,
    name: Option<AccountName>,
    /// An enrolled device signs a login, too, where its secrets are at hand.
    own: Option<DeviceSecrets>,
    accept_history: bool,
    backup: Option<Number>,
}

impl Returning {
    /// Refuses where this device remembers no account.
    pub(crate) fn must_remember(context: &Context<'_>) -> Result<(), Failure> {
        let folder = home::folder(context.global.home.as_deref())?;
        if !folder.exists() {
            return Err(missing_account(&folder, None));
        }
        let home = context.home()?;
        match home.remembered() {
            Some(_) => Ok(()),
            None => Err(missing_account(&folder, home.pending_code()?.as_ref())),
        }
    }

    /// Reads what the device remembers.
    pub(crate) fn prepare(context: &Context<'_>, login: &args::Login) -> Result<Self, Failure> {
        // A command that only needs what is there makes no folder.
        let folder = home::folder(context.global.home.as_deref())?;
        if !folder.exists() {
            return Err(missing_account(&folder, None));
        }
        let home = context.home()?;
        let Some(remembered) = home.remembered() else {
            return Err(missing_account(&folder, home.pending_code()?.as_ref()));
        };
        let vault = context.vault(Some(&home))?;
        let name = login.account.as_deref().map(account_name).transpose()?;
        if name.as_ref().is_some_and(|name| is_other_name(&home, name)) {
            return Err(home.other_account().into());
        }
        Ok(Self { home, vault, name, accept_history: false, backup: None, remembered })
    }

    /// As [`Self::prepare`], for a person who may let go of what was seen before: then this device does not go in by itself.
    pub(crate) fn accepting(context: &Context<'_>, login: &args::AcceptingLogin) -> Result<Self, Failure> {
        let returning = Self::prepare(context, &login.login)?;
        Ok(Self { accept_history: login.accept_history, ..returning })
    }

    /// The same, for a command that continues the backup of this number instead of the newest.
    pub(crate) fn opening(self, backup: Option<u64>) -> Self {
        Self { backup: backup.map(Number), ..self }
    }

    /// Whose secrets this device would hold.
    pub(crate) fn owner(&self) -> Owner {
        Owner { account: self.remembered.local_state.account_id, device: self.remembered.device.id }
    }

    /// Gets hold of what the intent needs; asks a person for it only where this device cannot do it by itself.
    pub(crate) async fn ready(mut self, context: &Context<'_>, intent: Intent) -> Result<Ready, Failure> {
        let store = self.home.device_store(PlatformKeyring);
        let (key, own) = if let Some(file) = context.global.recovery_code_file.as_deref() {
            (Key::Code(recovery_code(Some(file))?), None)
        } else if context.global.passphrase_file.is_some() {
            self.know_name()?;
            (Key::Passphrase(context.passphrase()?), self.silently(context, &store))
        } else {
            match self.as_device(context, &store, intent)? {
                Some(secrets) => (Key::Device(secrets), None),
                None => (self.asked(context, intent)?, self.silently(context, &store)),
            }
        };
        let Self { home, vault, name, accept_history, backup, remembered } = self;
        let Remembered { local_state, device, .. } = remembered;
        let client = context.client(home, vault, device)?;
        Ok(Ready { client, key, local_state, name, own, accept_history, backup })
    }

    /// The device's secrets, where it is enrolled and may do what is intended.
    fn as_device(
        &self,
        context: &Context<'_>,
        store: &FolderSecretStore,
        intent: Intent,
    ) -> Result<Option<DeviceSecrets>, Failure> {
        let Some(permission) = self.permission(store)? else { return Ok(None) };
        let by_person = self.accept_history || context.alone.get() == Alone::Refused;
        if by_person || matches!(intent, Intent::ManageByPassphrase | Intent::Enrol) {
            return Ok(None);
        }
        if let Some(enrolled_at) = self.enrolled_elsewhere() {
            context.output.note("other-address", why_not_there(enrolled_at, &self.vault));
            return Ok(None);
        }
        if permission < intent.needs() {
            context.output.note("not-permitted", why_more(permission, intent));
            return Ok(None);
        }
        match secrets(context, store, self.owner()) {
            Err(SecretsFailure::Store(lost @ FolderSecretStoreError::Lost)) => {
                let failure = Failure::from(lost);
                context.output.warn(failure.code, failure.lines().trim_end());
                Ok(None)
            }
            found => {
                context.alone.set(Alone::Tried);
                Ok(found?)
            }
        }
    }

    /// The address that this device remembers, where another is given: that one has yet to show, in a login, that it is the
    /// same vault.
    fn enrolled_elsewhere(&self) -> Option<&str> {
        let is_same = self.remembered.is_at(&self.vault);
        (!is_same).then_some(self.remembered.vault.as_str())
    }

    /// What this device may do; `None` where it is not enrolled.
    fn permission(&self, store: &FolderSecretStore) -> Result<Option<Permission>, Failure> {
        let owner = self.owner();
        if store.kind()?.is_none() {
            return Ok(None);
        }
        let enrolment = self.home.enrolment()?;
        let own = enrolment.filter(|own| (own.account_id, own.device) == (owner.account, owner.device));
        // Secrets without an enrolment: it is open whether the vault took it. It says so when asked to look.
        Ok(Some(own.map_or(Permission::Backup, |own| own.permission)))
    }

    /// What this device may do and who keeps its secrets, where it is enrolled.
    pub(crate) fn enrolled(&self) -> Result<Option<(Permission, SecretStoreKind)>, Failure> {
        let store = self.home.device_store(PlatformKeyring);
        Ok(self.permission(&store)?.zip(store.kind()?))
    }

    /// The passphrase of the encrypted file, which is tried on it.
    pub(crate) fn own_passphrase(&self, context: &Context<'_>) -> Result<Passphrase, Failure> {
        let mut given = None;
        let mut ask = || {
            let passphrase = device_passphrase(context)?;
            let copy = Passphrase::parse(passphrase.expose()).ok();
            given = Some(passphrase);
            let refused = || Failure::new(Exit::Internal, "internal", text::access::PASSPHRASE_REFUSED);
            copy.ok_or_else(|| SecretsFailure::Asking(refused()))
        };
        secrets_by(context, &self.home.device_store(PlatformKeyring), self.owner(), &mut ask)?;
        given.ok_or_else(|| Failure::new(Exit::Local, "device-secrets-lost", text::access::SECRETS_MISSING))
    }

    /// The device's secrets where they are had without asking, so that the history can tell which device a login was from.
    fn silently(&self, context: &Context<'_>, store: &FolderSecretStore) -> Option<DeviceSecrets> {
        if self.enrolled_elsewhere().is_some() || context.alone.get() == Alone::Refused {
            return None;
        }
        let at_hand = match store.kind().ok()?? {
            SecretStoreKind::Encrypted => context.global.device_passphrase_file.is_some(),
            SecretStoreKind::Keyring | SecretStoreKind::Plain => true,
        };
        if at_hand { secrets(context, store, self.owner()).ok()? } else { None }
    }

    fn asked(&mut self, context: &Context<'_>, intent: Intent) -> Result<Key, Failure> {
        if !matches!(intent, Intent::Manage | Intent::Enrol) {
            self.know_name()?;
            return context.passphrase().map(Key::Passphrase);
        }
        let option = text::option::PASSPHRASE_OR_CODE;
        let mut terminal = secret_input::terminal(Asked::PASSPHRASE.what, option)?;
        terminal.say(text::ask::CODE_INSTEAD)?;
        let input = terminal.ask_secret(Asked::PASSPHRASE.prompt)?;
        if input.is_blank() {
            return recovery_code(None).map(Key::Code);
        }
        let typed = Shape::Line.typed(&input, Asked::PASSPHRASE.what)?;
        let refused =
            |error| crate::entry_input::refused_text(text::subject::PASSPHRASE, "invalid-passphrase", error);
        let passphrase = Passphrase::parse(&typed).map_err(refused)?;
        // Only now: the recovery code needs none.
        self.know_name()?;
        Ok(Key::Passphrase(passphrase))
    }

    /// A login by passphrase needs the account's name once after a recovery.
    fn know_name(&mut self) -> Result<(), Failure> {
        if self.name.is_none() && self.remembered.local_state.name_hash.is_none() {
            self.name = Some(ask_account_name(text::account::NAME_ONCE, text::ask::ACCOUNT_ONCE)?);
        }
        Ok(())
    }
}

impl Ready {
    /// Whether this device gets in by itself.
    pub(crate) fn is_device(&self) -> bool {
        matches!(self.key, Key::Device(_))
    }

    /// The account's passphrase, where that gets in.
    pub(crate) fn passphrase(&self) -> Option<&Passphrase> {
        if let Key::Passphrase(passphrase) = &self.key { Some(passphrase) } else { None }
    }

    /// The same once more, for after a change that ends the session, where the person lets go of what was seen before.
    pub(crate) fn once_more(&self) -> Option<Self> {
        let key = match &self.key {
            _ if !self.accept_history => return None,
            Key::Device(_) => return None,
            Key::Passphrase(passphrase) => Key::Passphrase(Passphrase::parse(passphrase.expose()).ok()?),
            Key::Code(code) => Key::Code(RecoveryCode::parse(&code.words()).ok()?),
        };
        let name = self.name.as_ref().and_then(|name| AccountName::parse(name.expose()).ok());
        let (client, local_state) = (self.client.clone(), self.local_state.clone());
        Some(Self { client, key, local_state, name, own: None, accept_history: true, backup: None })
    }

    /// Saves the latest backup again, so that it names the current device list. Other logins refuse a
    /// list that the latest backup contradicts.
    pub(crate) async fn save_device_list(
        self,
        context: &Context<'_>,
        local_state: LocalState,
    ) -> Result<(), Failure> {
        let again = Self { local_state, ..self };
        let mut session = again.sign_in(context, Intent::Save).await?;
        let named = session.snapshot().map(|snapshot| snapshot.inventory.device_list);
        if named.is_some_and(|named| named != session.local_state().device_list) {
            context.progress.during(session.save(Change::new())).await?;
        }
        Ok(())
    }

    /// Refuses an entry that the backup does not hold, before the vault is asked to restore one: its history would tell of a
    /// restore otherwise. A login by passphrase says what it is for before it learns what there is.
    pub(crate) async fn must_list(&mut self, context: &Context<'_>, entry: &str) -> Result<(), Failure> {
        let Key::Device(secrets) = &self.key else { return Ok(()) };
        let work = self.client.resume_device(self.local_state.clone(), secrets);
        let mut session = context.progress.during(work).await?;
        if find(session.items(), entry).is_ok() {
            return Ok(());
        }
        // It may have been added since: here, where that was left unfinished, or by another device.
        context.finish_pending(&mut session, Needs::Reading).await?;
        context.progress.during(session.refresh()).await?;
        find(session.items(), entry)?;
        // What is asked for next is held against what was seen here.
        self.local_state = session.local_state().clone();
        Ok(())
    }

    /// Gets in, and finishes what an earlier command left unfinished.
    pub(crate) async fn sign_in(
        self,
        context: &Context<'_>,
        intent: Intent,
    ) -> Result<Session<Native>, Failure> {
        let mut session = self.open(context, intent).await?;
        context.note_refused_head(&session);
        context.finish_pending(&mut session, intent.pending()).await?;
        Ok(session)
    }

    async fn open(self, context: &Context<'_>, intent: Intent) -> Result<Session<Native>, Failure> {
        let Self { client, key, local_state, name, own, accept_history, backup } = self;
        let snapshot = match backup {
            Some(number) => SnapshotChoice::Numbered(number),
            None if intent.needs_no_backup() => SnapshotChoice::HeadUnlessRefused,
            None => SnapshotChoice::Head,
        };
        let to_restore = intent == Intent::Open;
        let options = LoginOptions { to_restore, snapshot, accept_history, ..LoginOptions::default() };
        match key {
            Key::Device(secrets) => {
                let open = async || {
                    let opened = by_device(&client, intent, local_state.clone(), &secrets);
                    Ok(context.progress.during(opened).await?)
                };
                context.arrive(&client, open).await
            }
            Key::Passphrase(passphrase) => {
                let login = Login::new(Some(local_state), name)?.with(options).on_device(own.as_ref());
                context.log_in(&client, login, passphrase).await
            }
            Key::Code(code) => {
                let recovery = Recovery::remembered(local_state).with(options);
                recover(context, &client, recovery, code).await
            }
        }
    }
}

async fn by_device(
    client: &Client<Native>,
    intent: Intent,
    local_state: LocalState,
    secrets: &DeviceSecrets,
) -> Result<Session<Native>, ClientError> {
    match intent {
        Intent::Save => client.resume_device(local_state, secrets).await,
        intent if intent.needs_no_backup() => client.manage_on_device(local_state, secrets).await,
        Intent::Open => client.restore_on_device(local_state, secrets).await,
        _ => client.device_session(local_state, secrets).await,
    }
}

/// The device's secrets; who types a wrong passphrase for them may try again.
fn secrets(
    context: &Context<'_>,
    store: &FolderSecretStore,
    owner: Owner,
) -> Result<Option<DeviceSecrets>, SecretsFailure> {
    secrets_by(context, store, owner, &mut || Ok(device_passphrase(context)?))
}

fn secrets_by(
    context: &Context<'_>,
    store: &FolderSecretStore,
    owner: Owner,
    ask: AskPassphrase<'_>,
) -> Result<Option<DeviceSecrets>, SecretsFailure> {
    let typed = secret_input::is_typed(context.global.device_passphrase_file.as_deref());
    for _ in 1..crate::connection::TRIES {
        match store.load(owner, &mut *ask) {
            Err(SecretsFailure::Store(wrong @ FolderSecretStoreError::Passphrase)) if typed => {
                context.say(&wrong.into())?;
            }
            other => return Ok(other?.map(|bytes| DeviceSecrets::from_bytes(&bytes))),
        }
    }
    Ok(store.load(owner, &mut *ask)?.map(|bytes| DeviceSecrets::from_bytes(&bytes)))
}

fn why_more(permission: Permission, intent: Intent) -> String {
    let permission = text::access::Permission { permission: permission.as_str() };
    let needs = match intent {
        Intent::Look | Intent::LookAtAccount | Intent::Save => text::access::SAVING,
        Intent::Open => text::access::OPENING,
        Intent::Manage => text::access::MANAGING_OR_CODE,
        Intent::ManageByPassphrase | Intent::Enrol => text::access::MANAGING,
    };
    format!("{permission} {needs} {}", text::access::PERMITTED_SINCE)
}

fn why_not_there(enrolled: &str, given: &VaultUrl) -> String {
    text::access::Elsewhere { enrolled, given }.into()
}
