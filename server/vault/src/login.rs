//! Login by passphrase (protocol.md sections 15.2 and 15.3).
//!
//! The response for an unknown account is like that for a wrong passphrase: the same store calls on
//! a decoy, the same sizes, the same budget. The charge is stored before the OPRF is evaluated. The
//! refund and the event in the history are stored before anything is released.

use crate::Vault;
use crate::account::{self, Account};
use crate::budget::Used;
use crate::keys;
use crate::names::NameKey;
use crate::opaque::{self, SessionKey};
use crate::release::{self, Entry, LoginMethod};
use crate::session::{self, Grant, Released};
use crate::streams::{Event, Who};
use crate::tokens::Keyslot;
use crate::tokens::LoginToken;
use crate::{Error, charge};
use hmac::{Hmac, KeyInit, Mac};
use rootcellar_spec::limits::LOGIN_LIFETIME;
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::{FinishRequest, Purpose, StartRequest, StartResponse};
use rootcellar_spec::{Digest, NameHash, SuiteId, encode_parts::encode_parts, labels};
use sha2::Sha512;
use std::net::IpAddr;

/// The proof that accompanies the second request.
#[derive(Clone, Copy, Debug)]
pub struct FinishProof {
    /// SHA-256 of the body's exact bytes.
    pub body: Digest,
    /// The value of the header `Rootcellar-Login-Mac`.
    pub mac: [u8; 64],
}

/// The first request: charges the name, then creates KE2.
///
/// # Errors
/// [`Error::ForeignVault`], [`Error::BudgetSpent`],
/// [`Error::RateLimited`], [`Error::ClockUntrusted`], or a store's failure. They never reveal whether
/// the account exists.
pub async fn start(
    vault: &Vault,
    request: &StartRequest,
    client: Option<IpAddr>,
) -> Result<StartResponse, Error> {
    vault.check_vault_id(&request.vault_id)?;
    if !opaque::is_ke1(&request.ke1) {
        return Err(Error::Malformed { field: "ke1", problem: "Not a valid KE1." });
    }
    let name = NameKey::of(vault.keys(), &request.name_hash);
    let pointer = name.pointer();
    let (pointer, guesses) =
        tokio::try_join!(account::load_pointer(vault, &pointer), charge::load(vault, &name))?;
    let id = pointer.map_or_else(|| name.decoy(vault.keys()), |pointer| pointer.value().account_id);
    let (charged, account) = tokio::try_join!(
        charge::charge(vault, &name, charge::Purpose::Login, &request.ke1, client, guesses),
        account::load_brief(vault, &id)
    )?;
    let account = account.filter(|account| account.name == name);

    let suite = account.as_ref().map_or(SuiteId::ONE, |account| account.suite);
    let context = opaque::context(suite, vault.vault_id(), &request.name_hash);
    let record = account.as_ref().map(|account| &account.registration_record);
    let (ke2, state) = vault
        .keys()
        .opaque()
        .start_login(vault.entropy(), record, &request.ke1, &name.0, &context)
        .map_err(|_| Error::Internal("a stored registration record is damaged"))?;
    let token = LoginToken {
        operation: charged.operation,
        name_hash: request.name_hash,
        account: id,
        epoch: account.as_ref().map_or(0, |account| account.session_epoch),
        record: Digest::of(record.map_or(&[][..], |record| &record[..])),
        expires_at: vault.now().plus(LOGIN_LIFETIME.as_secs()),
        state,
        guesses: Some(charged.guesses),
    };
    let quorum_slots = vault.keys().quorum_slots(&name.0, &request.ke1);
    Ok(StartResponse { suite, ke2, token: token.seal(vault.keys()), budget: charged.budget, quorum_slots })
}

/// The second request: checks KE3 and MAC, refunds the charge, records the login in the history,
/// and releases keyslot and snapshot.
///
/// # Errors
/// [`Error::LoginExpired`], [`Error::LoginRefused`], [`Error::LoginUsed`], or a store's failure.
pub async fn finish(vault: &Vault, request: &FinishRequest, proof: FinishProof) -> Result<Released, Error> {
    let guesses_key = |hash: &NameHash| NameKey::of(vault.keys(), hash).guesses(vault.keys());
    let token = LoginToken::open(vault.keys(), &request.token, guesses_key).ok_or(Error::LoginExpired)?;
    if vault.now() >= token.expires_at {
        return Err(Error::LoginExpired);
    }
    let LoginToken { operation, name_hash, account: id, epoch, record, state, guesses, .. } = token;
    let session_key = state.finish(&request.ke3).map_err(|_| Error::LoginRefused)?;
    check_mac(&session_key, &name_hash, request, proof)?;

    let name = NameKey::of(vault.keys(), &name_hash);
    let (used, account) = tokio::try_join!(
        charge::finish(vault, &name, operation, proof.body, guesses),
        account::require(vault, &id, Error::LoginExpired)
    )?;
    let Used { at, failed: failed_attempts } = used;
    let request_key = request.request_key;
    let kind = if request.purpose == Some(Purpose::Restore) { kind::RESTORE } else { kind::LOGIN };
    let who = Who::by_passphrase(account.value().device_of(&request_key).map(|device| device.id));
    let entry = Entry {
        login_method: LoginMethod::Passphrase,
        operation,
        event: Event::new(kind, who, at).detail(u64::from(failed_attempts)),
        is_good: |account: &Account| {
            let is_record = Digest::of(&account.registration_record) == record;
            account.name == name && account.session_epoch == epoch && is_record
        },
    };
    let (account, snapshot) = release::release(vault, account, &entry).await?;
    // The account was found by its name.
    let wrapped = account.value().passphrase_keyslot.clone();
    let grant =
        Grant { keyslot: Keyslot::Passphrase, wrapped, request_key, failed_attempts, named: true, at };
    tracing::info!(event = "login");
    Ok((session::answer(vault, account.value(), grant), snapshot))
}

/// Checks the MAC, which binds the request key and the whole request to the handshake.
fn check_mac(
    session_key: &SessionKey,
    name_hash: &NameHash,
    request: &FinishRequest,
    proof: FinishProof,
) -> Result<(), Error> {
    let key = keys::derive::<64>(session_key.expose(), labels::derive::LOGIN_MAC);
    let mut mac = Hmac::<Sha512>::new_from_slice(key.as_slice()).expect("HMAC takes keys of any length");
    mac.update(&encode_parts(&[
        labels::LOGIN_FINISH.as_bytes(),
        &name_hash.0,
        &request.token,
        &request.ke3,
        &request.request_key,
        &proof.body.0,
    ]));
    mac.verify_slice(&proof.mac).map_err(|_| Error::LoginRefused)
}
