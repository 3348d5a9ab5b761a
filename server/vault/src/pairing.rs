//! Pairing mailboxes (protocol.md section 15.8): what two devices tell each other before one of them is enrolled.
//!
//! A mailbox takes one message of each kind and keeps the first: nobody can put another in its place. What the messages say
//! is sealed, and section 19 says why whoever knows a mailbox may read it and reply. It ends after ten minutes, and a sweep
//! takes it.

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

/// Value of a mailbox's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    /// Whose session or device opened it.
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
    /// When it ends.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Opens a mailbox for the account of the session.
///
/// # Errors
/// [`Error::PairingUsed`] where it was opened with another message or by somebody else, [`Error::PairingUnknown`] where it
/// has ended, or as `ActiveSession::load`.
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

/// What is in a mailbox.
///
/// # Errors
/// [`Error::PairingUnknown`], or a store's failure.
pub async fn read(vault: &Vault, request: &ReadRequest) -> Result<ReadResponse, Error> {
    let Mailbox { opening, reply, confirmation, expires_at, .. } =
        find(vault, &request.mailbox).await?.body.value;
    Ok(ReadResponse { opening, reply, confirmation, expires_at, time: vault.now() })
}

/// Puts the new device's reply into a mailbox.
///
/// # Errors
/// [`Error::PairingUnknown`], [`Error::PairingUsed`], or a store's failure.
pub async fn reply(vault: &Vault, request: &ReplyRequest) -> Result<ReplyResponse, Error> {
    check_message("reply", &request.reply)?;
    put(vault, &request.mailbox, &request.reply, |mailbox| Ok(&mut mailbox.reply)).await?;
    Ok(ReplyResponse { time: vault.now() })
}

/// Checks what can be told of a confirmation by itself.
pub(super) fn check_confirmation(request: &PairingConfirmation) -> Result<(), Error> {
    check_message("confirmation", &request.confirmation)
}

/// Puts the managing device's confirmation into a mailbox that its account has opened and the new device has replied to.
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
                problem: "The new device has not replied yet.",
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
    Err(Error::Malformed { field, problem: "A message of a pairing has 1 to 2048 bytes." })
}

/// The mailbox, where it has not ended.
async fn find(vault: &Vault, mailbox: &Digest) -> Result<Current<Mailbox>, Error> {
    let found = cas::load::<Mailbox>(vault.store(), &names::pairing(mailbox)).await?.current;
    found.filter(|found| vault.now() < found.value().expires_at).ok_or(Error::PairingUnknown)
}

/// Puts a message into the place that `place` finds for it, where there is none yet.
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
