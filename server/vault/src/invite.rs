//! Invites: codes that each allow one registration (protocol.md section 15.5).
//!
//! The store has only the digest of a code. A registration claims its invite before it creates
//! anything. The claim is bound to the attempt: the client's operation ID and the digest of the
//! body. The same attempt may claim again. A taken name releases the invite, but only a few times,
//! because each one reveals that an account exists.

use crate::Vault;
use crate::account::Attempt;
use crate::{Error, names};
use rootcellar_spec::{Timestamp, base64url};
use rootcellar_store::cas::{self, Current, Decision};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Maximum length of an invite, in bytes.
const CODE_BYTES: usize = 64;
/// The number of taken names that use up an invite.
const TAKEN_NAMES: u32 = 3;

/// The value of an invite's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invite {
    created_at: Timestamp,
    expires_at: Timestamp,
    /// The registration that used it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    claimed_by: Option<Attempt>,
    /// The registrations that were refused because of a taken name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    refused: Option<Refused>,
}

/// Released claims of an invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    /// The number of refused registrations.
    times: u32,
    /// The last refused registration. It counts once, however often it is repeated.
    last: Attempt,
}

impl Invite {
    /// When the invite expires.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// A new invite. The code is not stored.
pub struct NewInvite {
    /// 128 random bits as base64url.
    pub code: String,
    /// When it expires, by the vault's clock.
    pub expires_at: Timestamp,
}

impl fmt::Debug for NewInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewInvite").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Creates an invite for one registration within `lifetime` seconds.
///
/// # Errors
/// If the store fails.
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
/// [`Error::InviteRefused`] if it is unknown, expired or used by another one.
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

/// Claims an invite for this registration. Can be repeated.
///
/// # Errors
/// [`Error::InviteRefused`] if another registration was first.
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

/// Releases an invite that this registration claimed, because its name is taken. After the third
/// taken name, it remains claimed.
///
/// # Errors
/// If the store fails.
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
