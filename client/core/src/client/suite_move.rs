//! Moving an account to a newer suite, at a login by passphrase and without anybody noticing (protocol.md section 17).

use super::opened::OpenedAccount;
use super::{Client, Platform};
use crate::aad::Slot;
use crate::error::ClientError;
use crate::keys::KeyEncryptionKey;
use crate::keyslot::{self, KeyslotPlace};
use crate::opaque::RegistrationStarted;
use crate::randomness;
use crate::text::Passphrase;
use crate::transport::Request;
use rootcellar_spec::wire::login::Budget;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::{PassphraseFinishRequest, PassphraseStartRequest, StartResponse};
use rootcellar_spec::{OperationId, SuiteId, limits};

/// The move costs one attempt. If it keeps failing, it must not use up the attempts of the user: it is left for another day
/// while fewer than this many remain.
const LEAST_TRIES: u32 = 3;

impl<P: Platform> Client<P> {
    /// Moves the account to the newest suite that the vault takes and this version knows, where that is newer than the
    /// account's. Whatever fails, the login goes on as it was.
    pub(super) async fn keep_up(&self, opened: &mut OpenedAccount, passphrase: &Passphrase, budget: Budget) {
        let newest = SuiteId::newest_known(&opened.suites).filter(|newest| *newest > opened.suite);
        if let Some(newest) = newest.filter(|_| budget.remaining >= LEAST_TRIES)
            && let Ok((request, key)) = self.prepare_move(newest, opened, passphrase).await
        {
            let finish = Request::post(paths::PASSPHRASE_FINISH, &request);
            match self.exchange_as(&opened.authorisation, finish).await {
                Ok(_) => {
                    opened.suite = newest;
                    opened.passphrase_key = Some(key);
                }
                Err(error) if error.did_nothing() => {}
                // Which key wraps the passphrase keyslot is not known any more, until the next login.
                Err(_) => opened.passphrase_key = None,
            }
        }
    }

    /// A change of passphrase with the same passphrase, up to its last step; gives the key of the new keyslot beside it.
    async fn prepare_move(
        &self,
        suite: SuiteId,
        opened: &OpenedAccount,
        passphrase: &Passphrase,
    ) -> Result<(PassphraseFinishRequest, KeyEncryptionKey), ClientError> {
        let owner = opened.keys.owner().ok_or(ClientError::Unsupported("a keyslot"))?;
        let state = RegistrationStarted::start(passphrase, &mut self.randomness());
        let body = PassphraseStartRequest {
            name_hash: opened.local_state.name_hash,
            registration_request: *state.request(),
        };
        let start = Request::post(paths::PASSPHRASE_START, &body);
        let answer: StartResponse = self.exchange_as(&opened.authorisation, start).await?.json()?;
        if answer.token.len() > limits::TOKEN_BYTES {
            return Err(ClientError::MalformedResponse("a token that is too long"));
        }
        let finished = self.stretch(suite, |ksf, randomness| {
            state.finish(passphrase, &answer.registration_response, ksf, randomness)
        })?;
        if opened.local_state.server_public_key != Some(finished.server_public_key) {
            return Err(ClientError::ForeignServerKey { replaced_at: None });
        }
        let key = finished.export_key.key_encryption_key();
        let (account, generation) = (opened.account, opened.generation);
        let place = KeyslotPlace { suite, account, generation, slot: Slot::Passphrase };
        let randomness = &mut self.randomness();
        let request = PassphraseFinishRequest {
            token: answer.token,
            operation: OperationId(randomness::bytes(randomness)),
            suite,
            generation,
            registration_record: finished.record,
            passphrase_keyslot: keyslot::wrap(owner.account, &key, place, randomness),
            keep_sessions: true,
        };
        Ok((request, key))
    }
}
