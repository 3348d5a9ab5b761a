//! What may be removed, and why nothing can go wrong by it. Pure: from what was read to a verdict.
//!
//! Two things hold for every rule. The removal is conditional on the version that was judged, so whoever changes the
//! object first keeps it. And age is counted from the object's last write to the beginning of the sweep, by the earlier one
//! of the store's clock and the vault's time. But no rule rests on age alone to be safe: writers may be slow, stopped for days, and go on.

use crate::account::Account;
use crate::budget::Guesses;
use crate::invite::Invite;
use crate::pairing::Mailbox;
use crate::registration::RESUMABLE;
use rootcellar_spec::snapshot::Header;
use rootcellar_spec::{AccountId, OperationId, Timestamp};
use rootcellar_store::Key;

/// Nothing that was written within this time is looked into, in seconds.
const DAY: u64 = 24 * 60 * 60;
/// How long an owner has to log in and hear of tries that failed, in seconds.
const TELL_FAILURES: u64 = 30 * DAY;

const _: () = assert!(RESUMABLE < DAY, "a sweep never meets a registration that may be resumed");

/// What becomes of an object that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    InUse,
    Remove,
    /// A snapshot that no head names and that may still be committed.
    MayBeSaved,
    /// Its account's object is not there. A store that has lost it may get it back from an older version or a copy, and
    /// then what belongs to it must still be there: only what this sweep has made so itself may go.
    AccountMissing,
    /// A budget whose failed tries nobody has heard of yet.
    FailedAttempts,
    /// It is not what its name says.
    Unreadable,
}

/// Whether something written then is old enough to be judged.
pub(super) fn is_old(written: Timestamp, now: Timestamp) -> bool {
    now.seconds_since(written) > DAY
}

/// Snapshots by name alone: one that a head names is in use.
pub(super) fn is_named(account: &Account, operation: &OperationId) -> bool {
    account.snapshot(operation).is_some()
}

/// Orphaned snapshots.
///
/// A save creates the snapshot, then swaps the account, and does not create again when it loses a swap and loads the
/// account anew. It commits a snapshot only where the header's generation is the account's and its number is above
/// the head's; heads and generations never go back. So a snapshot of an older generation, or whose number the head has
/// reached, is never committed from the moment on at which *any* reading of the account says so: it may go, whoever is
/// still busy with it. One that is ahead of the head may be about to be committed at any time, by a writer that has been
/// stopped for days or by a client that sends its pending save again. It stays until the head has reached its number.
///
/// The snapshots of one name and one number can only be of equal bytes, so nothing is lost by a store that gives equal
/// bytes equal versions.
pub(super) fn orphan(account: &Account, header: &Header, place: (&AccountId, &OperationId)) -> Usage {
    if (&header.account, &header.operation) != place {
        return Usage::Unreadable;
    }
    if is_named(account, &header.operation) {
        return Usage::InUse;
    }
    let reached = account.head().is_some_and(|head| header.number <= head.number);
    if reached || header.generation < account.generation { Usage::Remove } else { Usage::MayBeSaved }
}

/// Guess budgets.
///
/// One from which nothing is taken, and that remembers neither a charge that may still be refunded nor a login whose
/// answer may still be asked for again, says the same as one that is absent, to every caller and to the cap on new
/// names: so it does not matter whose name it is. A charge that comes first changes the version and keeps the object;
/// one that comes later finds it gone, begins with a full budget, and has the same budget before it as without a sweep.
/// A refund finds nothing to give back in either case.
pub(super) fn guesses(guesses: &Guesses, now: Timestamp) -> Usage {
    if !guesses.is_drained(now) {
        Usage::InUse
    } else if guesses.tells_of_failures(now, TELL_FAILURES) {
        Usage::FailedAttempts
    } else {
        Usage::Remove
    }
}

/// Accounts whose registration broke off: no name leads there, no snapshot, still the first passphrase.
///
/// `is_led_to` was read *after* the account. A save or a passphrase change swaps the account, and so keeps it. A
/// registration does not: it commits by claiming the name. But before it answers it reads the account again, with the
/// store's time, and from an hour after `created_at` on it swaps the account first. So either its claim was made within
/// that hour, and a sweep a day later sees the name lead there; or the swap changes the version that was judged; or the
/// account is gone, and the registration is refused.
pub(super) fn registration(account: &Account, is_led_to: bool, now: Timestamp) -> Usage {
    let is_half_made = account.is_unused() && !is_led_to;
    if is_half_made && is_old(account.created_at, now) { Usage::Remove } else { Usage::InUse }
}

/// Tombstones of accounts that were deleted more than a day ago.
///
/// Until then late requests hear that the account is gone, and writers that were stopped fail on it. Snapshots, name and
/// locator of such an account go by their own rules, as nothing can be committed to a tombstone; it goes after them.
pub(super) fn tombstone(has_remains: bool) -> Usage {
    if has_remains { Usage::InUse } else { Usage::Remove }
}

/// Names and locators that lead nowhere: the account they point to does not name them back.
///
/// `account` was read after the pointer. Nobody gets anywhere by such a pointer. Whoever takes one, also for the account
/// that it points to already, writes it anew, and thereby changes the version that was judged.
pub(super) fn pointer(account: &Account, key: &Key) -> Usage {
    let names_back = account.name.pointer() == *key;
    let locates_back = account.locators().any(|locator| locator.pointer() == *key);
    if names_back || locates_back { Usage::InUse } else { Usage::Remove }
}

/// Invites that ended more than a day ago. Unknown and expired ones are refused alike; the registration that one was
/// claimed by has an hour in which it may be resumed.
pub(super) fn invite(invite: &Invite, now: Timestamp) -> Usage {
    if is_old(invite.expires_at(), now) { Usage::Remove } else { Usage::InUse }
}

/// Pairing mailboxes that ended more than a day ago: one that has ended is refused like one that never was.
pub(super) fn pairing(mailbox: &Mailbox, now: Timestamp) -> Usage {
    if is_old(mailbox.expires_at(), now) { Usage::Remove } else { Usage::InUse }
}
