//! Pairing mailboxes (protocol.md section 15.8): messages between two devices before one of them is
//! enrolled.
//!
//! A mailbox accepts one message of each kind and keeps the first, so that no one can replace it.
//! The messages are encrypted. Protocol section 19 explains why anyone who knows a mailbox may read
//! it and reply. It expires after ten minutes, and a sweep removes it.

use crate::Vault;
use crate::session::ActiveSession;
use crate::{Error, names};
use rootcellar_spec::limits::{PAIRING_LIFETIME, PAIRING_MESSAGE_BYTES};
use rootcellar_spec::wire::devices::PairingConfirmation;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::pairing::{
    OPENING_BYTES, OpenRequest, OpenResponse, ReadRequest, ReadResponse, ReplyRequest, ReplyResponse,
};
use rootcellar_spec::{AccountId, Digest, Timestamp, base64url};
use rootcellar_store::cas::{self, CasError, Current, Decision};
use serde::{Deserialize, Serialize};

/// The value of a mailbox's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    /// The account that opened it.
    account_id: AccountId,
    #[serde(with = "base64url::array")]
    opening: [u8; OPENING_BYTES],
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    reply: Option<Vec<u8>>,
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    confirmation: Option<Vec<u8>>,
    expires_at: Timestamp,
}

impl Mailbox {
    /// When the mailbox expires.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Opens a mailbox for the session's account.
///
/// # Errors
/// [`Error::PairingUsed`] if it was opened with another message or by another account, [`Error::PairingUnknown`]
/// if it has expired, or as `ActiveSession::load`.
pub async fn open(
    vault: &Vault,
    session: &ActiveSession,
    request: &OpenRequest,
) -> Result<OpenResponse, Error> {
    session.load(vault, Permission::Manage).await?;
    let now = vault.now();
    let mailbox = Mailbox {
        account_id: session.account_id(),
        opening: request.opening,
        reply: None,
        confirmation: None,
        expires_at: now.plus(PAIRING_LIFETIME.as_secs()),
    };
    let key = names::pairing(&request.mailbox);
    match cas::create(vault.store(), &key, vault.fresh_operation(), mailbox, vault.retry_policy()).await {
        Ok(made) => Ok(OpenResponse { expires_at: made.value().expires_at, time: now }),
        Err(CasError::Lost) => {
            let found = find(vault, &request.mailbox).await?;
            let found = found.value();
            if found.account_id != session.account_id() || found.opening != request.opening {
                return Err(Error::PairingUsed);
            }
            Ok(OpenResponse { expires_at: found.expires_at, time: now })
        }
        Err(error) => Err(error.into()),
    }
}

/// The messages in a mailbox.
///
/// # Errors
/// [`Error::PairingUnknown`], or a store's failure.
pub async fn read(vault: &Vault, request: &ReadRequest) -> Result<ReadResponse, Error> {
    let Mailbox { opening, reply, confirmation, expires_at, .. } =
        find(vault, &request.mailbox).await?.body.value;
    Ok(ReadResponse { opening, reply, confirmation, expires_at, time: vault.now() })
}

/// Stores the new device's reply in a mailbox.
///
/// # Errors
/// [`Error::PairingUnknown`], [`Error::PairingUsed`], or a store's failure.
pub async fn reply(vault: &Vault, request: &ReplyRequest) -> Result<ReplyResponse, Error> {
    check_message("reply", &request.reply)?;
    put(vault, &request.mailbox, &request.reply, |mailbox| Ok(&mut mailbox.reply)).await?;
    Ok(ReplyResponse { time: vault.now() })
}

/// Checks a confirmation without the mailbox.
pub(super) fn check_confirmation(request: &PairingConfirmation) -> Result<(), Error> {
    check_message("confirmation", &request.confirmation)
}

/// Stores the managing device's confirmation in a mailbox that its account opened and the new
/// device replied to.
///
/// # Errors
/// As [`reply`].
pub(super) async fn confirm(
    vault: &Vault,
    account: AccountId,
    request: &PairingConfirmation,
) -> Result<(), Error> {
    put(vault, &request.mailbox, &request.confirmation, |mailbox| {
        if mailbox.account_id != account {
            return Err(Error::PairingUnknown);
        }
        if mailbox.reply.is_none() {
            return Err(Error::Malformed {
                field: "pairing",
                problem: "The new device has not replied yet. Retry later.",
            });
        }
        Ok(&mut mailbox.confirmation)
    })
    .await
}

fn check_message(field: &'static str, message: &[u8]) -> Result<(), Error> {
    if (1..=PAIRING_MESSAGE_BYTES).contains(&message.len()) {
        return Ok(());
    }
    Err(Error::Malformed { field, problem: "A pairing message must have 1 to 2048 bytes." })
}

/// The mailbox, if it has not expired.
async fn find(vault: &Vault, mailbox: &Digest) -> Result<Current<Mailbox>, Error> {
    let found = cas::load::<Mailbox>(vault.store(), &names::pairing(mailbox)).await?.current;
    found.filter(|found| vault.now() < found.value().expires_at).ok_or(Error::PairingUnknown)
}

/// Stores a message in the field that `place` returns, if that is empty.
async fn put(
    vault: &Vault,
    mailbox: &Digest,
    message: &[u8],
    place: impl Fn(&mut Mailbox) -> Result<&mut Option<Vec<u8>>, Error>,
) -> Result<(), Error> {
    let decide = || async {
        let current = find(vault, mailbox).await?;
        let mut next = current.value().clone();
        match place(&mut next)? {
            Some(there) if there == message => return Ok(Decision::Keep(())),
            Some(_) => return Err(Error::PairingUsed),
            empty => *empty = Some(message.to_vec()),
        }
        Ok(Decision::Replace { current, operation: vault.fresh_operation(), value: next, with: () })
    };
    vault.update(decide).await.map(drop)
}
