//! A new passphrase: OPAQUE registers anew and the account key is wrapped anew; nothing is re-keyed
//! (protocol.md section 15.6).

use super::Session;
use crate::aad::Slot;
use crate::client::login::budget_spent;
use crate::client::{Login, OpenedAccount, Platform};
use crate::error::ClientError;
use crate::keyslot::{self, KeyslotPlace};
use crate::local_state::LocalState;
use crate::opaque::{RegistrationFinished, RegistrationStarted};
use crate::open_error::OpenError;
use crate::randomness;
use crate::text::{AccountName, Passphrase};
use crate::transport::Request;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::{
    PassphraseFinishRequest, PassphraseFinishResponse, PassphraseStartRequest, StartResponse,
};
use rootcellar_spec::{NameHash, OperationId, ProblemCode, VaultId, limits};

/// A new passphrase that is set.
#[derive(Clone, Debug)]
pub struct PassphraseSet {
    /// What the device remembers.
    pub local_state: LocalState,
    /// Seconds until the vault accepts the new passphrase, if there were too many attempts with this account name to check it now.
    /// That it is set, and that the old one has ended, is then the vault's word.
    pub accepted_in: Option<u64>,
}

impl<P: Platform> Session<P> {
    /// Sets a new passphrase, which ends this session and all others: two round trips and one key stretching, and a login that
    /// verifies it where the device knows the account's name.
    ///
    /// It counts as an attempt with the account name. If it was the last one for now, the vault accepts no passphrase afterwards:
    /// the change is then not verified ([`PassphraseSet::accepted_in`]).
    ///
    /// `name` is needed where no name leads to the account ([`Self::is_named`]) and the device remembers none; it is the
    /// account's from then on. Where a name leads there, it may be given, and must be that one.
    ///
    /// The keys stay the same, so that who has an old keyslot and the old passphrase can still open what lies under them.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `manage`; [`ClientError::NameRequired`], [`ClientError::OtherName`]; [`ClientError::ForeignServerKey`] where the vault shows
    /// another key than the device knows. [`ClientError::PassphraseUnconfirmed`] where it is not known which passphrase
    /// holds now. Where another account has the name ([`ProblemCode::NameTaken`]), no passphrase opens this one until it is
    /// recovered and has another name. After any other error the old one holds, if one did, and the session goes on: [`Self::is_over`].
    pub async fn set_passphrase(
        &mut self,
        passphrase: &Passphrase,
        name: Option<&AccountName>,
    ) -> Result<PassphraseSet, ClientError> {
        self.may_set_passphrase(passphrase, name)?;
        let (name_hash, vault_id) = self.name_hash(name).await?;
        let (finished, token) = self.begin_change(passphrase, name_hash).await?;
        if self
            .opened
            .local_state
            .server_public_key
            .is_some_and(|pinned| pinned != finished.server_public_key)
        {
            let replaced_at = self.client.passphrases_since().await;
            return Err(ClientError::ForeignServerKey { replaced_at });
        }
        let place = KeyslotPlace {
            suite: self.opened.suite,
            account: self.opened.account,
            generation: self.opened.generation,
            slot: Slot::Passphrase,
        };
        let key = finished.export_key.key_encryption_key();
        let needs = Permission::Manage;
        let owner = self.opened.keys.owner().ok_or(ClientError::NotPermitted { needs })?;
        let randomness = &mut self.client.randomness();
        let request = PassphraseFinishRequest {
            token,
            operation: OperationId(randomness::bytes(randomness)),
            suite: self.opened.suite,
            generation: self.opened.generation,
            registration_record: finished.record,
            passphrase_keyslot: keyslot::wrap(owner.account, &key, place, randomness),
            keep_sessions: false,
        };
        self.commit(&request).await?;
        self.opened.local_state.name_hash = name_hash;
        self.opened.local_state.vault_id = vault_id;
        self.verify(passphrase, name).await
    }

    /// Refuses what [`Self::set_passphrase`] would refuse before any request, for a program that keeps the session then.
    ///
    /// # Errors
    /// As for [`Self::set_passphrase`]; nothing was done.
    pub fn may_set_passphrase(
        &self,
        passphrase: &Passphrase,
        name: Option<&AccountName>,
    ) -> Result<(), ClientError> {
        self.owner(Permission::Manage)?;
        passphrase.check_strength(&[])?;
        if name.is_none() && self.opened.local_state.name_hash.is_none() && !self.opened.named {
            return Err(ClientError::NameRequired);
        }
        Ok(())
    }

    /// The hash of the name that is given, else of the one that the device remembers; and the vault ID with which it was
    /// made. The device remembers neither before the passphrase was set: nothing has proven the vault ID until then.
    async fn name_hash(
        &mut self,
        name: Option<&AccountName>,
    ) -> Result<(Option<NameHash>, Option<VaultId>), ClientError> {
        let known = self.opened.local_state.vault_id.clone();
        let Some(name) = name else {
            return Ok((self.opened.local_state.name_hash, known));
        };
        let vault_id = match known {
            Some(vault_id) => vault_id,
            None => self.client.vault_info().await?.vault_id,
        };
        Ok((Some(name.hash(&vault_id)), Some(vault_id)))
    }

    /// The first trip and the key stretching; gives OPAQUE's result and the vault's token.
    async fn begin_change(
        &mut self,
        passphrase: &Passphrase,
        name_hash: Option<NameHash>,
    ) -> Result<(RegistrationFinished, Vec<u8>), ClientError> {
        let state = RegistrationStarted::start(passphrase, &mut self.client.randomness());
        let body = PassphraseStartRequest { name_hash, registration_request: *state.request() };
        let response = self.exchange(Request::post(paths::PASSPHRASE_START, &body)).await;
        let answer: StartResponse =
            response.map_err(budget_spent).map_err(|error| about_name(error, name_hash))?.json()?;
        if answer.token.len() > limits::TOKEN_BYTES {
            return Err(ClientError::MalformedResponse("a token that is too long"));
        }
        let finished = self.client.stretch(self.opened.suite, |ksf, randomness| {
            state.finish(passphrase, &answer.registration_response, ksf, randomness)
        })?;
        Ok((finished, answer.token))
    }

    /// Logs in with the new passphrase, where the device knows the name: only then is the key that the vault stated
    /// authenticated, and the change seen.
    async fn verify(
        &mut self,
        passphrase: &Passphrase,
        name: Option<&AccountName>,
    ) -> Result<PassphraseSet, ClientError> {
        let Self { client, opened } = self;
        let OpenedAccount { local_state, keys, account, .. } = &*opened;
        let local_state = local_state.clone();
        if local_state.name_hash.is_none() {
            return Ok(PassphraseSet { local_state, accepted_in: None });
        }
        let former = local_state.clone();
        let login = Login::remembered(local_state).with(opened.once_more());
        // So that the next backup notes it.
        let login = match name.and_then(|name| AccountName::parse(name.expose()).ok()) {
            Some(name) => login.with_name(name),
            None => login,
        };
        let verified = match client.login(login, passphrase).await {
            Err(ClientError::BudgetSpent { retry_after }) => {
                // The vault has confirmed the change; its key is pinned by the next login.
                return Ok(PassphraseSet { local_state: former, accepted_in: Some(retry_after) });
            }
            Ok(session) if session.account_id() != *account => Err(ClientError::ForeignAccount),
            Ok(session) if !keys.owner().is_some_and(|owner| session.has_account_key(owner.account)) => {
                Err(ClientError::Keyslot(OpenError::Authentication))
            }
            Ok(session) => {
                Ok(PassphraseSet { local_state: session.local_state().clone(), accepted_in: None })
            }
            Err(error) => Err(error),
        };
        verified.map_err(|error| ClientError::PassphraseUnconfirmed(Box::new(error)))
    }

    async fn commit(&mut self, request: &PassphraseFinishRequest) -> Result<(), ClientError> {
        let unclear = |error| ClientError::PassphraseUnconfirmed(Box::new(error));
        match self.exchange_last(Request::post(paths::PASSPHRASE_FINISH, request)).await {
            Ok(response) => response.json::<PassphraseFinishResponse>().map(|_| ()).map_err(unclear),
            // The session may have ended with it: protocol.md section 15.6.
            Err(error) if error.problem() == Some(ProblemCode::NameTaken) => {
                self.opened.is_over = true;
                Err(error)
            }
            // A refusal tells nothing where an earlier try may have ended this session by succeeding.
            Err(error) if error.did_nothing() => Err(error),
            Err(error) => Err(unclear(error)),
        }
    }
}

/// Names what is wrong with the account's name: it is not the one that was sent, or one is needed.
fn about_name(error: ClientError, sent: Option<NameHash>) -> ClientError {
    match (error, sent) {
        (ClientError::Refused(refusal), sent)
            if refusal.code == ProblemCode::Malformed
                && refusal.field.as_ref().is_some_and(|field| field.exact() == "name_hash") =>
        {
            if sent.is_some() { ClientError::OtherName } else { ClientError::NameRequired }
        }
        (other, _) => other,
    }
}
