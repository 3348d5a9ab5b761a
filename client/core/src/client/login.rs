//! Login by passphrase: exactly two round trips (protocol.md sections 15.2 and 15.3).

use super::authorisation::Authorisation;
use super::login_options::LoginOptions;
use super::open_account::{KeyslotKey, Known};
use super::response::AccountResponse;
use super::{Client, OpenedAccount, Platform};
use crate::aad::Slot;
use crate::client::session::Session;
use crate::device::DeviceSecrets;
use crate::error::ClientError;
use crate::local_state::LocalState;
use crate::opaque::{self, LoginFinished, LoginStarted, OpaqueError};
use crate::request_signing::{RequestKey, login_mac};
use crate::state_store::StateStore;
use crate::text::{AccountName, Passphrase};
use crate::transport::{Request, Response};
use rootcellar_spec::suite::opaque_bytes::PUBLIC_KEY;
use rootcellar_spec::wire::login::{
    Budget, FinishRequest, LoginResponse, Purpose, StartRequest, StartResponse,
};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{NameHash, ProblemCode, Timestamp, VaultId, limits};
use std::sync::Arc;

/// Whose account, and what this device knows of it. A copy shares the name, so that no second one lies in memory.
#[derive(Clone, Debug)]
pub struct Login {
    name: Option<Arc<AccountName>>,
    known: Known,
    request_key: Option<Arc<RequestKey>>,
}

impl Login {
    /// On a device that remembers the account, or is told its name, or both.
    ///
    /// # Errors
    /// [`ClientError::NameRequired`] if there is neither.
    pub fn new(local_state: Option<LocalState>, name: Option<AccountName>) -> Result<Self, ClientError> {
        if local_state.is_none() && name.is_none() {
            return Err(ClientError::NameRequired);
        }
        let known = Known { local_state, ..Known::default() };
        Ok(Self { name: name.map(Arc::new), known, request_key: None })
    }

    /// On a device that has never seen the account: it pins what it finds.
    #[must_use]
    pub fn new_device(name: AccountName) -> Self {
        Self::of(Arc::new(name))
    }

    pub(super) fn of(name: Arc<AccountName>) -> Self {
        Self { name: Some(name), known: Known::default(), request_key: None }
    }

    /// On a device that has seen the account.
    #[must_use]
    pub fn remembered(local_state: LocalState) -> Self {
        Self { name: None, known: Known::remembered(local_state), request_key: None }
    }

    /// Names the account, where the device does not know the name (after a recovery).
    #[must_use]
    pub fn with_name(self, name: AccountName) -> Self {
        Self { name: Some(Arc::new(name)), ..self }
    }

    /// The same login with these options.
    #[must_use]
    pub fn with(self, options: LoginOptions) -> Self {
        Self { known: Known { options, ..self.known }, ..self }
    }

    /// On an enrolled device, if its secrets are known: its own request key signs, so that the account's history tells which
    /// device it was.
    #[must_use]
    pub fn on_device(self, secrets: Option<&DeviceSecrets>) -> Self {
        Self { request_key: secrets.map(|secrets| Arc::new(secrets.request_key())), ..self }
    }

    fn purpose(&self) -> Option<Purpose> {
        self.known.options.to_restore.then_some(Purpose::Restore)
    }

    fn name_hash(&self, vault_id: &VaultId) -> Result<NameHash, ClientError> {
        let remembered = || self.known.local_state.as_ref().and_then(|local_state| local_state.name_hash);
        self.name
            .as_ref()
            .map(|name| name.hash(vault_id))
            .or_else(remembered)
            .ok_or(ClientError::NameRequired)
    }
}

/// A login between its trips.
struct Started {
    vault_id: VaultId,
    name_hash: NameHash,
    state: LoginStarted,
    answer: StartResponse,
}

impl<P: Platform> Client<P> {
    /// Logs in: two round trips and one key stretching. Afterwards the newest snapshot is open and remembered. Once, where
    /// the vault takes a newer suite than the account's, it is moved there: two more round trips and another stretching.
    ///
    /// # Errors
    /// [`ClientError::PassphraseOrAccount`] for a wrong passphrase and an unknown account alike. Where the vault gave
    /// anything that is not this account's, one error each; nothing is returned or remembered then.
    pub async fn login(&self, login: Login, passphrase: &Passphrase) -> Result<Session<P>, ClientError> {
        let started = self.start_at_right_vault(&login, passphrase).await?;
        let (vault_id, name_hash) = (started.vault_id.clone(), started.name_hash);
        let budget = started.answer.budget;
        let pinned = login.known.pinned_key();
        let (finished, token) = match self.authenticate(started, passphrase) {
            Err(refused @ ClientError::PassphraseOrAccount { .. }) => {
                return Err(self.why_refused(refused, pinned).await);
            }
            other => other?,
        };
        if pinned.is_some_and(|pinned| pinned != finished.server_public_key) {
            let replaced_at = self.passphrases_since().await;
            return Err(ClientError::ForeignServerKey { replaced_at });
        }
        let request_key = login.request_key.clone();
        let request_key =
            request_key.unwrap_or_else(|| Arc::new(RequestKey::generate(&mut self.randomness())));
        let response = self.finish(&finished, (token, login.purpose()), &name_hash, &request_key).await?;
        let (answer, bytes) = response.two_parts::<LoginResponse>()?;
        let answered = LocalState {
            vault_id: Some(vault_id),
            name_hash: Some(name_hash),
            server_public_key: Some(finished.server_public_key),
            ..LocalState::of(answer.account_id)
        };
        let keyslot_key =
            KeyslotKey { slot: Slot::Passphrase, key: finished.export_key.key_encryption_key() };
        let authorisation = Authorisation::of_login(&answer, request_key)?;
        let answer = AccountResponse::to_login(&answer, bytes);
        let mut opened =
            self.open_account(answer, keyslot_key, authorisation, &login.known, answered).await?;
        opened.attempts_left = Some(attempts_left(budget));
        if let Some(name) = login.name {
            self.take_name(&mut opened, name).await?;
        }
        self.keep_up(&mut opened, passphrase, budget).await;
        Ok(self.session(opened))
    }

    /// Takes the name that was given, and has the journal keep it until a save notes it.
    pub(super) async fn take_name(
        &self,
        opened: &mut OpenedAccount,
        name: Arc<AccountName>,
    ) -> Result<(), ClientError> {
        if opened.take_name(name, &mut self.randomness()) {
            self.state_store().remember(&opened.local_state).await?;
        }
        Ok(())
    }

    /// Goes on with an account that was opened.
    pub(super) fn session(&self, opened: OpenedAccount) -> Session<P> {
        Session::begin(self.clone(), opened)
    }

    /// A vault that was set up anew under its old name does not know the account, which looks like a wrong passphrase;
    /// the key that it states gives it away. Nor does one whose root secret was replaced know any passphrase from before.
    /// What a vault says of itself can only turn one refusal into another.
    async fn why_refused(&self, refused: ClientError, pinned: Option<[u8; PUBLIC_KEY]>) -> ClientError {
        let Ok(vault) = self.vault_info().await else { return refused };
        match refused {
            _ if pinned.is_some_and(|pinned| pinned != vault.server_public_key) => {
                ClientError::ForeignServerKey { replaced_at: vault.passphrases_since }
            }
            ClientError::PassphraseOrAccount { remaining, next_wait, .. } => {
                // Who knows the vault's present key had a passphrase that worked after the replacement.
                let passphrases_since = vault.passphrases_since.filter(|_| pinned.is_none());
                ClientError::PassphraseOrAccount { remaining, next_wait, passphrases_since }
            }
            other => other,
        }
    }

    /// When the operator replaced the root secret, as far as the vault says so.
    pub(crate) async fn passphrases_since(&self) -> Option<Timestamp> {
        self.vault_info().await.ok().and_then(|vault| vault.passphrases_since)
    }

    /// The first trip; once more where the vault has another vault ID than its address suggests and none is pinned.
    async fn start_at_right_vault(
        &self,
        login: &Login,
        passphrase: &Passphrase,
    ) -> Result<Started, ClientError> {
        let pinned = login.known.local_state.as_ref().and_then(|local_state| local_state.vault_id.clone());
        let vault_id = pinned.clone().unwrap_or_else(|| self.vault().guess_vault_id());
        match self.start(login, vault_id.clone(), passphrase).await {
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::ForeignVault => {
                let found = refusal.vault_id.ok_or(ClientError::MalformedResponse("no vault ID"))?;
                match pinned {
                    Some(pinned) => Err(ClientError::ForeignVault { pinned, found }),
                    None if found == vault_id => {
                        Err(ClientError::MalformedResponse("its own vault ID refused"))
                    }
                    None => self.start(login, found, passphrase).await,
                }
            }
            other => other,
        }
    }

    async fn start(
        &self,
        login: &Login,
        vault_id: VaultId,
        passphrase: &Passphrase,
    ) -> Result<Started, ClientError> {
        let name_hash = login.name_hash(&vault_id)?;
        let state = LoginStarted::start(passphrase, &mut self.randomness());
        let body = StartRequest { vault_id: vault_id.clone(), name_hash, ke1: *state.ke1() };
        let response =
            self.exchange(Request::post(paths::LOGIN_START, &body), None).await.map_err(budget_spent)?;
        let answer: StartResponse = response.json()?;
        if !answer.suite.is_known() {
            return Err(ClientError::NewerSuite(answer.suite));
        }
        if answer.token.len() > limits::TOKEN_BYTES {
            return Err(ClientError::MalformedResponse("a token that is too long"));
        }
        Ok(Started { vault_id, name_hash, state, answer })
    }

    /// Stretches the passphrase and authenticates the vault; gives OPAQUE's result and the vault's token.
    fn authenticate(
        &self,
        started: Started,
        passphrase: &Passphrase,
    ) -> Result<(LoginFinished, Vec<u8>), ClientError> {
        let Started { vault_id, name_hash, state, answer } = started;
        let context = opaque::context(answer.suite, &vault_id, &name_hash);
        let finished = self
            .stretch(answer.suite, |ksf, randomness| {
                state.finish(passphrase, &answer.ke2, &context, ksf, randomness)
            })
            .map_err(|error| match error {
                OpaqueError::Refused => ClientError::PassphraseOrAccount {
                    remaining: answer.budget.remaining,
                    next_wait: answer.budget.next_wait,
                    passphrases_since: None,
                },
                other => other.into(),
            })?;
        Ok((finished, answer.token))
    }

    /// The second trip, bound to OPAQUE's session key by its MAC.
    async fn finish(
        &self,
        finished: &LoginFinished,
        (token, purpose): (Vec<u8>, Option<Purpose>),
        name_hash: &NameHash,
        request_key: &RequestKey,
    ) -> Result<Response, ClientError> {
        let body = FinishRequest { token, ke3: finished.ke3, request_key: request_key.public(), purpose };
        let mut request = Request::post(paths::LOGIN_FINISH, &body);
        let mac = login_mac(&finished.session_key.login_mac_key(), name_hash, &body, &request.body);
        request.headers.push(mac);
        self.exchange(request, Some(request_key)).await
    }
}

/// What a login that succeeded leaves: `budget` says what the next attempt would have found if this one had failed, and the vault has
/// taken its charge back (protocol.md section 16). The first wait, of a minute, comes with the fifth charge.
fn attempts_left(budget: Budget) -> u32 {
    const FIRST_WAIT: u64 = 60;
    if budget.remaining == 0 && budget.next_wait > FIRST_WAIT {
        0
    } else {
        budget.remaining.saturating_add(1)
    }
}

/// Names the refusal that a person meets most.
pub(crate) fn budget_spent(error: ClientError) -> ClientError {
    match error {
        ClientError::Refused(refusal) if refusal.code == ProblemCode::BudgetSpent => {
            ClientError::BudgetSpent { retry_after: refusal.retry_after.unwrap_or(60) }
        }
        other => other,
    }
}

impl From<OpaqueError> for ClientError {
    fn from(error: OpaqueError) -> Self {
        match error {
            OpaqueError::KeyDerivation => Self::KeyDerivation,
            _ => Self::MalformedResponse("an OPAQUE message"),
        }
    }
}
