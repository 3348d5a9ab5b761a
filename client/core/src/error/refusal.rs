//! The vault's refusals, made safe to show, and what a person does about them.

use super::wait;
use crate::address::VaultUrl;
use crate::shown::VaultText;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{Problem, ProblemCode, VaultId};

/// The vault's refusal: a problem document (RFC 9457) that was made safe to show.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The stable code.
    pub code: ProblemCode,
    /// What the vault says happened.
    pub detail: VaultText,
    /// The part of the request that is wrong.
    pub field: Option<VaultText>,
    /// Seconds to wait before the next try.
    pub retry_after: Option<u64>,
    /// The vault ID, with `foreign-vault`.
    pub vault_id: Option<VaultId>,
    /// The newest snapshot, with `head-moved`.
    pub head: Option<Box<Head>>,
    /// Whether an earlier try of the same request may have had an effect.
    pub after_unknown: bool,
}

impl Refusal {
    pub(crate) fn new(problem: Problem, after_unknown: bool) -> Self {
        Self {
            code: problem.code,
            detail: problem.detail.into(),
            field: problem.field.map(VaultText::from),
            retry_after: problem.retry_after,
            vault_id: problem.vault_id,
            head: problem.head.map(Box::new),
            after_unknown,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match advice(self.code) {
            Some(advice) => f.write_str(advice)?,
            None => write!(f, "the vault refused ({}): {}", self.code.as_str(), self.detail)?,
        }
        match self.retry_after {
            Some(seconds) => write!(f, " (in {})", wait(seconds)),
            None => Ok(()),
        }
    }
}

/// What a person does about the refusals that a person can do something about.
fn advice(code: ProblemCode) -> Option<&'static str> {
    Some(match code {
        ProblemCode::NameTaken => {
            "another account already has this name: choose another name, or log in if the account is yours"
        }
        ProblemCode::InviteRequired => {
            "this vault accepts new accounts by invite only: ask its operator for an invite"
        }
        ProblemCode::InviteRefused => {
            "the invite is unknown, expired or used: ask the vault's operator for a new one"
        }
        ProblemCode::RegistrationClosed => {
            "this vault does not accept new accounts: ask its operator, or use another vault"
        }
        ProblemCode::RecoveryRefused => {
            "no account has this recovery code: check the words and the vault's address"
        }
        ProblemCode::LoginExpired => "the login took too long: try again",
        ProblemCode::SessionEnded => "the session has ended: log in again",
        ProblemCode::DeviceRevoked => {
            "this device is not enrolled any more: log in with the passphrase, or pair it again. If you did not revoke it \
             yourself, check the account's history"
        }
        ProblemCode::NotPermitted => {
            "this device or session is not allowed to do that: use the passphrase or the recovery code"
        }
        ProblemCode::ClockSkew => "this device's clock is wrong: set it, then try again",
        ProblemCode::GenerationMoved => {
            "the account's keys were replaced in the meantime: log in again and repeat the change"
        }
        ProblemCode::RecoveryCodeMoved => {
            "another recovery code was set at the same time, so this one is not active: log in again and create a new one"
        }
        ProblemCode::AccountDeleted => "the account was deleted",
        ProblemCode::SnapshotMissing => "the vault no longer has this backup",
        ProblemCode::DeviceQuota => {
            "the account has no space left for changes from this device, and nothing was saved: log in with the \
             passphrase to save now, or wait. If another device saves and should not, revoke it. Replacing the keys \
             frees space and removes older backups"
        }
        ProblemCode::RateLimited => "too many requests from your network address: wait, then try again",
        ProblemCode::StorageFull => "the vault is full, and nothing was saved: tell its operator",
        ProblemCode::Busy | ProblemCode::Timeout => "the vault is busy: wait a moment, then try again",
        ProblemCode::StoreUnavailable => {
            "the vault cannot reach its storage: try again later, or tell its operator"
        }
        ProblemCode::ReadOnly => {
            "the vault is being moved and cannot save changes: your recovery code opens your entries now. For anything \
             else, try again later"
        }
        ProblemCode::ClockUntrusted => {
            "the vault's clock is wrong, so it cannot accept passphrases: tell its operator. The recovery code still works"
        }
        _ => return None,
    })
}

/// How somebody gets a permission that they lack.
pub(super) fn how_permitted(needs: Permission) -> &'static str {
    if needs == Permission::Manage {
        "use the passphrase or the recovery code, or a device that has it"
    } else {
        "log in with the passphrase, or change the permission of this device"
    }
}

/// Why no other recovery code is drawn.
pub(super) fn why_waiting(elsewhere: Option<&VaultUrl>) -> String {
    match elsewhere {
        None => "a recovery code that you confirmed earlier may not be active yet: log in with the passphrase to activate \
                 it"
            .to_owned(),
        Some(vault) => format!(
            "your registration at {vault} may have created an account: find out at that vault, or discard its recovery code"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::SHOWN_CHARACTERS;
    use crate::text::is_untypable;

    #[test]
    fn the_vaults_text_cannot_steer_a_terminal() {
        let detail = format!("\u{1b}[2J\n\u{202e}evil\u{200b} {}", "x".repeat(1_000));
        let refusal = Refusal::new(Problem::new(ProblemCode::Internal, detail), false);
        let said = refusal.to_string();
        assert!(!said.chars().any(is_untypable), "{}", said.escape_unicode());
        assert!(said.contains("evil") && said.chars().count() < SHOWN_CHARACTERS + 50);
        let kept = "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645} \u{1f468}\u{200d}\u{1f469}";
        let refusal = Refusal::new(Problem::new(ProblemCode::Internal, kept), false);
        assert!(refusal.to_string().ends_with(kept), "{refusal}");
    }
}
