//! Registration: the account is made, and both of its keyslots are opened, before it is called made
//! (protocol.md sections 15.5 and 17).

use super::login::{Login, budget_spent};
use super::recover::Recovery;
use super::{Client, Platform};
use crate::aad::Slot;
use crate::client::session::Session;
use crate::error::{ClientError, Refusal};
use crate::keys::{AccountKey, KeyEncryptionKey};
use crate::keyslot::{self, KeyslotPlace};
use crate::local_state::LocalState;
use crate::opaque::RegistrationStarted;
use crate::open_error::OpenError;
use crate::outcome::Outcome;
use crate::pending_code::{Ceremony, CodeRequest, CodeState, RegisteredName};
use crate::randomness;
use crate::recovery_code::RecoveryCode;
use crate::state_store::StateStore;
use crate::text::{AccountName, Passphrase};
use crate::transport::Request;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::recovery::RecoveryBinding;
use rootcellar_spec::wire::registration::{FinishRequest, FinishResponse, StartRequest, StartResponse};
use rootcellar_spec::wire::vault::{PROTOCOL, RegistrationMode, Vault};
use rootcellar_spec::{AccountId, Digest, Generation, OperationId, Problem, ProblemCode, SuiteId, limits};
use std::fmt;
use std::sync::Arc;

/// A new account, whose two keyslots have been opened.
pub struct Registered<P: Platform> {
    /// What the device remembers, also handed to the state store.
    pub local_state: LocalState,
    /// The account, open by the passphrase; by the recovery code if the vault does not accept passphrases for now.
    pub session: Session<P>,
    /// Seconds until the vault accepts the passphrase, if there were too many attempts with this account name to check it now.
    /// The account is made, and its recovery code opens it.
    pub passphrase_accepted_in: Option<u64>,
}

impl<P: Platform> fmt::Debug for Registered<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

/// A registration failed, or could not be verified.
#[derive(Debug, thiserror::Error)]
#[error("{source}{}", if *.maybe_made { MAYBE_REGISTERED } else { "" })]
#[non_exhaustive]
pub struct RegisterError {
    /// What happened.
    pub source: ClientError,
    /// Whether the account may have been made. The same call with the same code finds out.
    pub maybe_made: bool,
}

const MAYBE_REGISTERED: &str =
    ". The account may have been created: keep the recovery code. The next command finds out";

impl RegisterError {
    /// What the registration did at the vault.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.maybe_made { Outcome::Uncertain } else { self.source.outcome() }
    }
}

impl From<ClientError> for RegisterError {
    fn from(source: ClientError) -> Self {
        Self { source, maybe_made: false }
    }
}

/// A new account that was opened.
struct Verified<P: Platform> {
    session: Session<P>,
    passphrase_accepted_in: Option<u64>,
}

/// What is drawn for a new account.
struct NewAccount<'a> {
    id: AccountId,
    suite: SuiteId,
    key: AccountKey,
    code: &'a RecoveryCode,
}

impl<P: Platform> Client<P> {
    /// What the vault says of itself (section 15.1). Nothing of it is authenticated beyond TLS.
    ///
    /// # Errors
    /// Where the vault cannot be reached or speaks another version.
    pub async fn vault_info(&self) -> Result<Vault, ClientError> {
        let vault: Vault = self.exchange(Request::get(paths::VAULT), None).await?.json()?;
        if vault.protocol != PROTOCOL || SuiteId::newest_known(&vault.suites).is_none() {
            return Err(ClientError::Unsupported("a version of the protocol"));
        }
        Ok(vault)
    }

    /// Makes an account with a recovery code from [`Client::generate_first_code`] that its user has confirmed, then logs in by
    /// passphrase and by recovery code and opens both keyslots: two key derivations.
    ///
    /// A registration counts as an attempt with the account name. If it was the last one for now, the vault accepts no passphrase
    /// afterwards: the account is then verified by its recovery code alone ([`Registered::passphrase_accepted_in`]).
    ///
    /// If an earlier attempt with the same code may have made the account, that attempt is sent again first.
    ///
    /// # Errors
    /// Weak passphrase, name taken, invite missing or refused, registration closed: nothing was made, and the same code can be used
    /// again. If the error has a recovery code, the account may have been made: the same call finds out, or
    /// [`Client::finish_registration`] in a later program.
    pub async fn register(
        &self,
        name: AccountName,
        passphrase: &Passphrase,
        invite: Option<&str>,
        code: &RecoveryCode,
    ) -> Result<Registered<P>, RegisterError> {
        let was_attempted = self.recorded(Ceremony::Registration, Digest::of(&code.locator()))?.is_some();
        if was_attempted {
            // Whatever fails now, the earlier attempt may have made the account.
            let unsure = |source| RegisterError { source, maybe_made: true };
            let account = self.state_store().code().map_err(ClientError::from).map_err(unsure)?;
            let account = account.and_then(|record| record.account_id);
            let notice = self.finish_registration().await.map_err(unsure)?;
            if let Some(account) = account
                && notice.is_some_and(|notice| notice.state == CodeState::Active)
            {
                let verified = self.verify(name, passphrase, code, LocalState::of(account)).await;
                return self.registered(verified).await;
            }
        }
        passphrase.check_strength(&[name.expose()]).map_err(ClientError::from)?;
        let vault = self.vault_info().await?;
        refuse_early(&vault, invite)?;
        let randomness = &mut self.randomness();
        let account = NewAccount {
            id: AccountId(randomness::bytes(randomness)),
            suite: SuiteId::newest_known(&vault.suites).ok_or(ClientError::Unsupported("suites"))?,
            key: AccountKey::generate(randomness),
            code,
        };
        let request = self.prepare(&vault, &name, passphrase, &account, invite).await?;
        // The account accepts no other key of the vault than the one that it was registered with.
        let pinned = LocalState {
            vault_id: Some(vault.vault_id.clone()),
            name_hash: Some(name.hash(&vault.vault_id)),
            server_public_key: Some(vault.server_public_key),
            ..LocalState::of(account.id)
        };
        let body = serde_json::to_vec(&request).expect("wire types have a JSON form");
        let hash = name.hash(&vault.vault_id);
        let named = RegisteredName { vault_id: vault.vault_id.clone(), hash };
        let record = CodeRequest { name: Some(named), ..CodeRequest::new(code, None, body) };
        let request = self.confirm_code(Ceremony::Registration, account.id, record).await?;
        let verified = match self.exchange(request, None).await {
            Ok(answer) => match answer.json::<FinishResponse>() {
                Ok(_) => self.verify(name, passphrase, code, pinned).await.and_then(|verified| {
                    check_same(&verified.session, account.id, &account.key).map(|()| verified)
                }),
                Err(error) => Err(error),
            },
            Err(error) if error.did_nothing() => return Err(self.unconfirm_code(error).await.into()),
            Err(error) => Err(error),
        };
        self.registered(verified).await
    }

    async fn registered(
        &self,
        verified: Result<Verified<P>, ClientError>,
    ) -> Result<Registered<P>, RegisterError> {
        match verified {
            Ok(Verified { session, passphrase_accepted_in }) => {
                // If the record stays, the next session finds the code active and removes it.
                let _ = self.discard_code().await;
                let local_state = session.local_state().clone();
                Ok(Registered { local_state, session, passphrase_accepted_in })
            }
            Err(source) => Err(RegisterError { source, maybe_made: true }),
        }
    }

    /// The first trip, the key stretching and both keyslots.
    async fn prepare(
        &self,
        vault: &Vault,
        name: &AccountName,
        passphrase: &Passphrase,
        account: &NewAccount<'_>,
        invite: Option<&str>,
    ) -> Result<FinishRequest, ClientError> {
        let state = RegistrationStarted::start(passphrase, &mut self.randomness());
        let body = StartRequest {
            vault_id: vault.vault_id.clone(),
            name_hash: name.hash(&vault.vault_id),
            registration_request: *state.request(),
        };
        let response = self.exchange(Request::post(paths::REGISTRATION_START, &body), None).await;
        let answer: StartResponse = response.map_err(budget_spent)?.json()?;
        if answer.token.len() > limits::TOKEN_BYTES {
            return Err(ClientError::MalformedResponse("a token that is too long"));
        }
        let finished = self.stretch(account.suite, |ksf, randomness| {
            state.finish(passphrase, &answer.registration_response, ksf, randomness)
        })?;
        if finished.server_public_key != vault.server_public_key {
            return Err(ClientError::ForeignServerKey { replaced_at: None });
        }
        let passphrase_key = finished.export_key.key_encryption_key();
        let operation = OperationId(randomness::bytes(&mut self.randomness()));
        let passphrase_keyslot = self.wrap(account, &passphrase_key, Slot::Passphrase);
        let recovery_keyslot = self.wrap(account, &account.code.key_encryption_key(), Slot::Recovery);
        let binding = RecoveryBinding { account: account.id, generation: Generation::FIRST, operation };
        Ok(FinishRequest {
            token: answer.token,
            operation,
            account_id: account.id,
            suite: account.suite,
            registration_record: finished.record,
            passphrase_keyslot,
            recovery_methods: vec![account.code.method(recovery_keyslot, binding)],
            invite: invite.map(str::to_owned),
        })
    }

    fn wrap(&self, account: &NewAccount<'_>, key: &KeyEncryptionKey, slot: Slot) -> Vec<u8> {
        let place =
            KeyslotPlace { suite: account.suite, account: account.id, generation: Generation::FIRST, slot };
        keyslot::wrap(&account.key, key, place, &mut self.randomness())
    }

    /// Logs in both ways; each must find the same account. By the code alone if the vault accepts no passphrase for now, and what is
    /// pinned then is what the account was registered with.
    async fn verify(
        &self,
        name: AccountName,
        passphrase: &Passphrase,
        code: &RecoveryCode,
        pinned: LocalState,
    ) -> Result<Verified<P>, ClientError> {
        let name = Arc::new(name);
        match self.open_registered(Login::of(Arc::clone(&name)), passphrase, code).await {
            Ok(session) => Ok(Verified { session, passphrase_accepted_in: None }),
            Err(ClientError::BudgetSpent { retry_after }) => {
                let mut session = self.recover(Recovery::remembered(pinned), code).await?;
                self.take_name(&mut session.opened, name).await?;
                Ok(Verified { session, passphrase_accepted_in: Some(retry_after) })
            }
            Err(error) => Err(error),
        }
    }

    /// Opens an account of which a registration did not tell that it was made, by the passphrase, and verifies that the recovery
    /// code opens it, too: that an account of this name is there shows nothing of the code.
    ///
    /// # Errors
    /// As for [`Client::login`] and [`Client::recover`]: where the passphrase is refused, no such account is there, and where the
    /// code is ([`ProblemCode::RecoveryRefused`]), it is another one. [`ClientError::ForeignAccount`] and
    /// [`ClientError::Keyslot`] where each opens something else.
    pub async fn open_registered(
        &self,
        login: Login,
        passphrase: &Passphrase,
        code: &RecoveryCode,
    ) -> Result<Session<P>, ClientError> {
        let mut session = self.login(login, passphrase).await?;
        let by_code = self.recover(Recovery::remembered(session.local_state().clone()), code).await?;
        let key = session.owner(Permission::Manage)?;
        check_same(&by_code, session.account_id(), key.account)?;
        session.opened.local_state = by_code.opened.local_state;
        Ok(session)
    }
}

fn check_same<P: Platform>(
    session: &Session<P>,
    account: AccountId,
    key: &AccountKey,
) -> Result<(), ClientError> {
    if session.account_id() != account {
        return Err(ClientError::ForeignAccount);
    }
    if !session.has_account_key(key) {
        return Err(ClientError::Keyslot(OpenError::Authentication));
    }
    Ok(())
}

/// Spares a person the typing where the vault has said already that it will refuse.
fn refuse_early(vault: &Vault, invite: Option<&str>) -> Result<(), ClientError> {
    let code = match vault.registration {
        RegistrationMode::Closed => ProblemCode::RegistrationClosed,
        RegistrationMode::Invite if invite.is_none() => ProblemCode::InviteRequired,
        _ => return Ok(()),
    };
    Err(ClientError::Refused(Refusal::new(Problem::new(code, code.title()), false)))
}
