//! The rules: what may be removed, and why that is safe. They are pure functions.
//!
//! Two properties apply to every rule. First, the removal is conditional on the version that was
//! judged, so a concurrent change keeps the object. Second, age counts from the object's last write
//! to the start of the sweep, by the earlier of the store's clock and the vault's time. But no rule
//! relies on age alone for safety, because a writer may be paused for days and then continue.

use crate::account::Account;
use crate::budget::Guesses;
use crate::invite::Invite;
use crate::pairing::Mailbox;
use crate::registration::RESUMABLE;
use crate::snapshot_object::{self, Standing};
use rootcellar_spec::{OperationId, Timestamp};
use rootcellar_store::Key;
use rootcellar_store::cas::Current;

/// Objects written within this time are not read, in seconds.
const DAY: u64 = 24 * 60 * 60;
/// How long an owner has to log in and learn of failed attempts, in seconds.
const TELL_FAILURES: u64 = 30 * DAY;

const _: () = assert!(RESUMABLE < DAY, "a sweep never meets a registration that may be resumed");

/// The judgement of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    InUse,
    Remove,
    /// A snapshot that a save may still commit, unless the account gets another version first.
    RemoveBehindFence,
    /// A snapshot of a version that its account has not reached.
    AheadOfAccount,
    /// Its account's object is missing. A store that has lost it may get it back from an older
    /// version or a copy, and what belongs to the account must then still exist. Only what this
    /// sweep itself caused may be removed.
    AccountMissing,
    /// A budget with failed attempts that its owner has not seen.
    FailedAttempts,
}

/// Whether an object written at that time is old enough to be judged.
pub(super) fn is_old(written: Timestamp, now: Timestamp) -> bool {
    now.seconds_since(written) > DAY
}

/// Snapshots that the account does not name.
///
/// A save creates an object for the version of the account that it is going to write. If that write
/// is lost, it creates another object for another version. So once the account has that version and
/// does not name the object, no later version will name it. It may be removed, whatever its writer
/// does, and even if equal bytes are written under its name again.
///
/// An object for the next version may be named by a writer that was paused for days. It is removed
/// behind a fence: the account is replaced by itself, so that the write of that writer is lost. An
/// object for a later version was made when the store contained a newer version of the account. It
/// is kept until the account has reached that version.
pub(super) fn snapshot(account: &Current<Account>, operation: &OperationId, version: u64) -> Usage {
    match snapshot_object::standing(account, operation, version) {
        Standing::Named => Usage::InUse,
        Standing::Passed => Usage::Remove,
        Standing::Open if version == account.next_version() => Usage::RemoveBehindFence,
        Standing::Open => Usage::AheadOfAccount,
    }
}

/// Guess budgets.
///
/// A full budget that remembers neither a refundable charge nor a login that may be repeated is
/// equivalent to an absent one, for every caller and for the cap on new names. So it does not
/// matter whose name it is. An earlier charge changes the version and keeps the object. A later
/// charge finds no object, starts with a full budget, and has the same result as without the sweep.
/// A refund has nothing to refund in either case.
pub(super) fn guesses(guesses: &Guesses, now: Timestamp) -> Usage {
    if !guesses.is_drained(now) {
        Usage::InUse
    } else if guesses.tells_of_failures(now, TELL_FAILURES) {
        Usage::FailedAttempts
    } else {
        Usage::Remove
    }
}

/// Accounts of incomplete registrations: no name points there, there is no snapshot, and the
/// passphrase is the first one.
///
/// `is_led_to` was read *after* the account. A save or a passphrase change writes the account, and thus keeps it. A registration does not: it commits by claiming the name. But before it responds it reads the account again, with the store's time, and from an hour after `created_at`
/// it writes the account first. So either it claimed the name within that hour, and a sweep a day
/// later finds the name; or its write changes the version that was judged; or the account is gone
/// and the registration is refused.
pub(super) fn registration(account: &Account, is_led_to: bool, now: Timestamp) -> Usage {
    let is_half_made = account.is_unused() && !is_led_to;
    if is_half_made && is_old(account.created_at, now) { Usage::Remove } else { Usage::InUse }
}

/// Tombstones of accounts that were deleted more than a day ago.
///
/// Until then, late requests learn that the account was deleted, and delayed writers fail.
/// Snapshots, name and locator of such an account follow their own rules, because nothing can be
/// committed to a tombstone. It is removed after them.
pub(super) fn tombstone(has_remains: bool) -> Usage {
    if has_remains { Usage::InUse } else { Usage::Remove }
}

/// Names and locators that do not belong to the account that they point to.
///
/// `account` was read after the pointer. Such a pointer has no effect. A writer that claims one,
/// also for the account that it already points to, rewrites it and thus changes the version that
/// was judged.
pub(super) fn pointer(account: &Account, key: &Key) -> Usage {
    let names_back = account.name.pointer() == *key;
    let locates_back = account.locators().any(|locator| locator.pointer() == *key);
    if names_back || locates_back { Usage::InUse } else { Usage::Remove }
}

/// Invites that expired more than a day ago. Unknown and expired invites are refused in the same
/// way. A registration that claimed one can be resumed within an hour.
pub(super) fn invite(invite: &Invite, now: Timestamp) -> Usage {
    if is_old(invite.expires_at(), now) { Usage::Remove } else { Usage::InUse }
}

/// Pairing mailboxes that expired more than a day ago. An expired mailbox is refused like an
/// unknown one.
pub(super) fn pairing(mailbox: &Mailbox, now: Timestamp) -> Usage {
    if is_old(mailbox.expires_at(), now) { Usage::Remove } else { Usage::InUse }
}
