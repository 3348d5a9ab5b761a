//! The state between the two requests of a login: OPAQUE's state, and the guess budget after the
//! charge.
//!
//! With the budget, the second request can write its refund without a read. If the budget has
//! changed since, that write fails and the budget is read. A budget that does not fit is omitted.
//! All tokens have the same size: they reveal neither whether an account exists nor the state of a
//! budget.

use super::codec::{Reader, Writer};
use super::{CONTENT, open, seal};
use crate::budget::{Charge, Guesses, Refunds, State};
use crate::keys::VaultKeys;
use crate::opaque::{LOGIN_STATE, LoginState};
use rootcellar_spec::{AccountId, Digest, NameHash, OperationId, Timestamp};
use rootcellar_store::cas::{Current, FORMAT, Versioned};
use rootcellar_store::{Etag, Key};

const PURPOSE: &[u8] = b"login";
/// Maximum length of an ETag, in bytes.
const ETAG: u8 = 64;

/// The state after KE2.
pub(crate) struct LoginToken {
    /// The operation ID of the charge.
    pub(crate) operation: OperationId,
    /// The name hash of the login.
    pub(crate) name_hash: NameHash,
    /// The account of the name, or a decoy's ID.
    pub(crate) account: AccountId,
    /// The account's session epoch when its record was used. 0 for a decoy.
    pub(crate) epoch: u64,
    /// Digest of the account's registration record. Moving to another suite changes it within an
    /// epoch.
    pub(crate) record: Digest,
    /// When it expires, by the vault's clock.
    pub(crate) expires_at: Timestamp,
    /// OPAQUE's state.
    pub(crate) state: LoginState,
    /// The budget after the charge, if it fits.
    pub(crate) guesses: Option<Current<Guesses>>,
}

impl LoginToken {
    pub(crate) fn seal(&self, keys: &VaultKeys) -> Vec<u8> {
        let mut content = Writer::with_capacity(CONTENT);
        content.bytes(&self.operation.0).bytes(&self.name_hash.0).bytes(&self.account.0);
        content.u64(self.epoch).bytes(&self.record.0).u64(self.expires_at.0).bytes(self.state.expose());
        if let Some(guesses) = &self.guesses {
            let mut written = Writer::with_capacity(CONTENT);
            if write_guesses(&mut written, guesses).is_some() && content.0.len() + written.0.len() <= CONTENT
            {
                content.bytes(&written.0);
            }
        }
        content.0.resize(CONTENT, 0);
        seal(keys, PURPOSE, &content.0)
    }

    /// `None` if the token is not from this vault. `guesses_key` gives the object of a name's
    /// budget.
    pub(crate) fn open(
        keys: &VaultKeys,
        token: &[u8],
        guesses_key: impl FnOnce(&NameHash) -> Key,
    ) -> Option<Self> {
        let content = open(keys, PURPOSE, token)?;
        let mut reader = Reader(&content);
        let operation = OperationId(reader.array()?);
        let name_hash = NameHash(reader.array()?);
        let account = AccountId(reader.array()?);
        let epoch = reader.u64()?;
        let record = Digest(reader.array()?);
        let expires_at = Timestamp(reader.u64()?);
        let state = LoginState::from_bytes(reader.array::<LOGIN_STATE>()?);
        let guesses = read_guesses(&mut reader, guesses_key(&name_hash));
        Some(Self { operation, name_hash, account, epoch, record, expires_at, state, guesses })
    }
}

/// `None` if it cannot fit. Stored lists can have any length.
fn write_guesses(out: &mut Writer, current: &Current<Guesses>) -> Option<()> {
    let guesses = current.value();
    let etag = current.etag.0.len();
    if etag == 0 || etag > usize::from(ETAG) {
        return None;
    }
    out.padded(current.etag.0.as_bytes(), ETAG).u64(current.body.version);
    out.u8(u8::try_from(current.body.recent.len()).ok()?);
    for operation in &current.body.recent {
        out.bytes(&operation.0);
    }
    out.u32(guesses.era);
    out.u32(guesses.level).u64(guesses.last.map_or(0, |last| last.0)).u32(guesses.failed);
    let (since, count) = guesses.refunds.map_or((0, 0), |refunds| (refunds.since.0, refunds.count));
    out.u64(since).u32(count);
    out.u8(u8::try_from(guesses.charges.len()).ok()?);
    for charge in &guesses.charges {
        out.bytes(&charge.operation.0);
        match &charge.state {
            State::Open { at, request, counted, repeats } => {
                out.u8(u8::from(*counted)).u64(at.0).bytes(&request.0).u32(*repeats);
            }
            State::Used { at, request, failed, charged: None } => {
                out.u8(2).u64(at.0).bytes(&request.0).u32(*failed);
            }
            State::Used { at, request, failed, charged: Some(charged) } => {
                out.u8(3).u64(at.0).bytes(&request.0).u32(*failed).u64(charged.0);
            }
        }
    }
    Some(())
}

/// `None` if the budget was omitted, which an empty ETag indicates.
fn read_guesses(reader: &mut Reader<'_>, key: Key) -> Option<Current<Guesses>> {
    let etag =
        Etag(std::str::from_utf8(reader.padded(ETAG)?).ok().filter(|etag| !etag.is_empty())?.to_owned());
    let version = reader.u64()?;
    let recent = (0..reader.u8()?).map(|_| reader.array().map(OperationId)).collect::<Option<Vec<_>>>()?;
    let operation = *recent.first()?;
    let era = reader.u32()?;
    let level = reader.u32()?;
    let last = Some(reader.u64()?).filter(|last| *last != 0).map(Timestamp);
    let failed = reader.u32()?;
    let refunds = Refunds { since: Timestamp(reader.u64()?), count: reader.u32()? };
    let refunds = Some(refunds).filter(|refunds| refunds.count != 0);
    let charges = (0..reader.u8()?).map(|_| read_charge(reader)).collect::<Option<_>>()?;
    let value = Guesses { level, last, failed, charges, era, refunds };
    Some(Current { key, etag, body: Versioned { format: FORMAT, version, operation, recent, value } })
}

fn read_charge(reader: &mut Reader<'_>) -> Option<Charge> {
    let operation = OperationId(reader.array()?);
    let kind = reader.u8()?;
    let at = Timestamp(reader.u64()?);
    let request = Digest(reader.array()?);
    let state = match kind {
        2 => State::Used { at, request, failed: reader.u32()?, charged: None },
        3 => State::Used { at, request, failed: reader.u32()?, charged: Some(Timestamp(reader.u64()?)) },
        counted => State::Open { at, request, counted: counted == 1, repeats: reader.u32()? },
    };
    Some(Charge { operation, state })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root_secret::RootSecret;
    use rootcellar_spec::limits::TOKEN_BYTES;

    fn keys() -> VaultKeys {
        VaultKeys::derive(&RootSecret::new(Box::new([1; 32])))
    }

    fn token(guesses: Option<Current<Guesses>>) -> LoginToken {
        LoginToken {
            operation: OperationId([1; 16]),
            name_hash: NameHash([2; 32]),
            account: AccountId([3; 16]),
            epoch: 4,
            record: Digest([4; 32]),
            expires_at: Timestamp(5),
            state: LoginState::from_bytes([6; LOGIN_STATE]),
            guesses,
        }
    }

    fn guesses(charges: u8, remembered: u8) -> Current<Guesses> {
        let open = |n: u8| State::Open {
            at: Timestamp(9),
            request: Digest([n; 32]),
            counted: n.is_multiple_of(2),
            repeats: u32::from(n % 4),
        };
        let used = |n: u8| State::Used {
            at: Timestamp(8),
            request: Digest([n; 32]),
            failed: 3,
            charged: (n > 3).then_some(Timestamp(7)),
        };
        let charge = |n: u8| Charge {
            operation: OperationId([n; 16]),
            state: if n.is_multiple_of(3) { used(n) } else { open(n) },
        };
        let recent: Vec<_> = (0..remembered).map(|n| OperationId([n; 16])).collect();
        let value = Guesses {
            level: 7,
            last: Some(Timestamp(1)),
            failed: 2,
            charges: (0..charges).map(charge).collect(),
            era: 3,
            refunds: Some(Refunds { since: Timestamp(6), count: 5 }),
        };
        let body = Versioned { format: FORMAT, version: 99, operation: recent[0], recent, value };
        Current { key: Key::new("guesses/00"), etag: Etag("e".repeat(40)), body }
    }

    fn reopened(sealed: &[u8]) -> Option<Current<Guesses>> {
        LoginToken::open(&keys(), sealed, |_| Key::new("guesses/00")).expect("own token").guesses
    }

    #[test]
    fn carries_the_budget_along() {
        let sealed = token(Some(guesses(6, 16))).seal(&keys());
        let found = reopened(&sealed).expect("fits");
        assert_eq!(found.value(), guesses(6, 16).value());
        assert_eq!(found.etag, guesses(6, 16).etag);
        assert_eq!((found.body.version, found.body.recent.len()), (99, 16));
    }

    #[test]
    fn all_are_of_one_size() {
        let sizes = [None, Some(guesses(0, 1)), Some(guesses(3, 16)), Some(guesses(12, 16))]
            .map(|guesses| token(guesses).seal(&keys()).len());
        assert_eq!(sizes, [TOKEN_BYTES; 4]);
        assert!(reopened(&token(Some(guesses(12, 16))).seal(&keys())).is_none(), "left out");
        let mut long = guesses(1, 1);
        long.etag = Etag("e".repeat(65));
        assert!(reopened(&token(Some(long)).seal(&keys())).is_none(), "left out");
    }

    #[test]
    fn no_stored_budget_is_too_long_to_be_left_out() {
        for (charges, operations) in [(300, 1), (1, 300)] {
            let mut long = guesses(1, 1);
            long.body.value.charges = vec![long.body.value.charges[0].clone(); charges];
            long.body.recent = vec![OperationId([1; 16]); operations];
            let sealed = token(Some(long)).seal(&keys());
            assert_eq!(sealed.len(), TOKEN_BYTES);
            assert!(reopened(&sealed).is_none());
        }
    }
}
