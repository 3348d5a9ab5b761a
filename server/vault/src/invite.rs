//! Invites: codes that each allow one registration (protocol.md section 15.5).
//!
//! The store keeps a code's digest only. A registration claims its invite before it makes anything, for its attempt: its
//! operation id, which is the client's choice, and the digest of its body. The same attempt may claim again. A name that
//! turns out taken gives the invite back, but not without end: each time the registrant learns that an account exists.

use crate::Vault;
use crate::account::Attempt;
use crate::{Error, names};
use rootcellar_spec::{Timestamp, base64url};
use rootcellar_store::cas::{self, Current, Decision};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest invite that is looked up, in bytes.
const CODE_BYTES: usize = 64;
/// As many taken names use an invite up.
const TAKEN_NAMES: u32 = 3;

/// Value of an invite's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invite {
    created_at: Timestamp,
    expires_at: Timestamp,
    /// The registration that used it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    claimed_by: Option<Attempt>,
    /// The registrations that were refused because their names were taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    refused: Option<Refused>,
}

/// How often an invite was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    /// How many registrations were refused.
    times: u32,
    /// The last of them: sent again, it counts once.
    last: Attempt,
}

impl Invite {
    /// When it ends.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// An invite as it is handed out, once.
pub struct NewInvite {
    /// 128 random bits in base64url.
    pub code: String,
    /// When it ends, by the vault's clock.
    pub expires_at: Timestamp,
}

impl fmt::Debug for NewInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewInvite").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Makes an invite that is good for one registration within `lifetime` seconds.
///
/// # Errors
/// When the store fails.
pub async fn create(vault: &Vault, lifetime: u64) -> Result<NewInvite, Error> {
    let mut random = [0; 16];
    vault.entropy().fill(&mut random);
    let code = base64url::encode(&random);
    let created_at = vault.now();
    let expires_at = created_at.plus(lifetime);
    let value = Invite { created_at, expires_at, claimed_by: None, refused: None };
    let operation = vault.fresh_operation();
    cas::create(vault.store(), &names::invite(&code), operation, value, vault.retry_policy()).await?;
    Ok(NewInvite { code, expires_at })
}

/// Finds an invite that this registration may use.
///
/// # Errors
/// [`Error::InviteRefused`] where it is unknown, expired or used by another one.
async fn check(vault: &Vault, code: &str, by: Attempt) -> Result<Current<Invite>, Error> {
    if code.len() > CODE_BYTES {
        return Err(Error::InviteRefused);
    }
    let loaded = cas::load::<Invite>(vault.store(), &names::invite(code)).await?;
    let current = loaded.current.ok_or(Error::InviteRefused)?;
    match current.value().claimed_by {
        Some(claimed_by) if claimed_by == by => Ok(current),
        None if vault.now() < current.value().expires_at => Ok(current),
        _ => Err(Error::InviteRefused),
    }
}

/// Claims an invite for this registration; a second time is no harm.
///
/// # Errors
/// [`Error::InviteRefused`] where another one was faster.
pub(crate) async fn claim(vault: &Vault, code: &str, by: Attempt) -> Result<(), Error> {
    let decide = || async {
        let current = check(vault, code, by).await?;
        if current.value().claimed_by == Some(by) {
            return Ok(Decision::Keep(()));
        }
        let value = Invite { claimed_by: Some(by), ..current.value().clone() };
        Ok(Decision::Replace { current, operation: vault.fresh_operation(), value, with: () })
    };
    vault.update(decide).await.map(drop)
}

/// Gives an invite back that this registration claimed, as its name is taken. After the third such name it stays claimed.
///
/// # Errors
/// When the store fails.
pub(crate) async fn release(vault: &Vault, code: &str, by: Attempt) -> Result<(), Error> {
    let decide = || async {
        let current = check(vault, code, by).await?;
        if current.value().claimed_by != Some(by) {
            return Ok(Decision::Keep(()));
        }
        let value = given_back(current.value(), by);
        Ok(Decision::Replace { current, operation: vault.fresh_operation(), value, with: () })
    };
    vault.update(decide).await.map(drop)
}

fn given_back(invite: &Invite, by: Attempt) -> Invite {
    let times = match invite.refused {
        Some(Refused { times, last }) if last == by => times,
        Some(Refused { times, .. }) => times.saturating_add(1),
        None => 1,
    };
    let claimed_by = (times >= TAKEN_NAMES).then_some(by);
    Invite { claimed_by, refused: Some(Refused { times, last: by }), ..invite.clone() }
}
