//! A recovery code that was handed out and is not known to be active (protocol.md section 17).
//!
//! The record is written before the code is shown, and removed when the code is known to be active or its user was told that it is
//! not. The code is not in it. A confirmed record has the exact request, which opens nothing: keyslots and snapshot are encrypted,
//! and the locator leads nowhere without the login key, which derives from the code.

use crate::address::VaultUrl;
use crate::continuity::Seen;
use crate::device::{Enrolment, SecretsId};
use crate::outcome::Outcome;
use crate::recovery_code::RecoveryCode;
use crate::text::AccountName;
use crate::transport::Request;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, Digest, NameHash, Timestamp, VaultId, base64url};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What hands out a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ceremony {
    /// A new account.
    Registration,
    /// A new code for the account.
    RecoveryCode,
    /// New keys for the account.
    Rekey,
}

/// The record of a recovery code that was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingCode {
    /// What it was handed out for.
    pub ceremony: Ceremony,
    /// The address of the vault that the client spoke to. A registration is sent again only there: TLS authenticates the address,
    /// and nothing else authenticates a vault before a login.
    pub vault: VaultUrl,
    /// When it was drawn, by this device's clock.
    pub generated_at: Timestamp,
    /// The account; absent before a registration is confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<AccountId>,
    /// Digest of the locator of the code that it is to replace, as the vault named it when this one was drawn; absent in a
    /// registration. So nothing has to be asked for between the user's confirmation and its record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<Digest>,
    /// The head that new keys replace by an older snapshot, as the vault named it when the code was drawn; for the same reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaced_head: Option<Head>,
    /// How far it came.
    pub stage: Stage,
}

/// How far a recovery code came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The user may have it on paper and has not confirmed it: nothing was sent.
    Unconfirmed,
    /// The user confirmed it: the request may have been sent.
    Confirmed(Box<CodeRequest>),
    /// The vault refused it: the former code is valid, if there was one.
    Refused,
    /// Another code was set since.
    Superseded,
}

/// The request that activates a code, and what the device keeps once it did.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// Digest of the new code's locator.
    pub(crate) locator: Digest,
    /// Digest of the locator of the code that it replaces; absent in a registration.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) replaces: Option<Digest>,
    /// The exact body.
    #[serde(with = "base64url::vec")]
    pub(crate) body: Vec<u8>,
    /// This device's enrolment under new keys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) enrolment: Option<Enrolment>,
    /// The secrets that go with it, which are staged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) secrets: Option<SecretsId>,
    /// The snapshot and the device list under new keys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) newest: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) list: Option<Seen>,
    /// What stands for the name of a registration.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) name: Option<RegisteredName>,
}

/// What stands for the name of a registration: its hash, and the vault ID of the vault with which it was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RegisteredName {
    pub(crate) vault_id: VaultId,
    pub(crate) hash: NameHash,
}

/// What a user is told of a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeNotice {
    /// What it was handed out for.
    pub ceremony: Ceremony,
    /// When it was drawn, by this device's clock.
    pub generated_at: Timestamp,
    /// Whether it is active.
    pub state: CodeState,
}

/// Whether a recovery code is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// It is. The record is gone.
    Active,
    /// It was confirmed, and is not known to be active: the same request is to be sent again.
    Waiting,
    /// It was never confirmed, and is not active. The former code is valid, if there was one.
    Unconfirmed,
    /// The vault refused it, and it is not active. The former code is valid, if there was one.
    Refused,
    /// Another code was set since, and is valid in its place.
    Superseded,
}

impl CodeNotice {
    /// The same notice after [`Session::finish_code`](crate::Session::finish_code) failed: a code that was activated is active,
    /// whatever could not be kept on this device.
    #[must_use]
    pub fn after(self, outcome: Outcome) -> Self {
        let is_active = outcome == Outcome::Done;
        Self { state: if is_active { CodeState::Active } else { self.state }, ..self }
    }
}

impl CodeState {
    /// The word for it in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Unconfirmed => "unconfirmed",
            Self::Refused => "refused",
            Self::Superseded => "superseded",
        }
    }
}

impl PendingCode {
    /// What the record says, before anybody was asked.
    #[must_use]
    pub fn notice(&self) -> CodeNotice {
        self.notice_of(match self.stage {
            Stage::Unconfirmed => CodeState::Unconfirmed,
            Stage::Confirmed(_) => CodeState::Waiting,
            Stage::Refused => CodeState::Refused,
            Stage::Superseded => CodeState::Superseded,
        })
    }

    pub(crate) fn notice_of(&self, state: CodeState) -> CodeNotice {
        CodeNotice { ceremony: self.ceremony, generated_at: self.generated_at, state }
    }

    /// The same record at another stage.
    pub(crate) fn at(&self, stage: Stage) -> Self {
        Self { stage, ..self.clone() }
    }

    /// The request, once the user has confirmed the code.
    pub(crate) fn confirmed(&self) -> Option<&CodeRequest> {
        match &self.stage {
            Stage::Confirmed(request) => Some(request),
            _ => None,
        }
    }
}

/// The body has an invite, a token and keyslots, which the wire types hide as well.
impl fmt::Debug for CodeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeRequest([redacted])")
    }
}

impl CodeRequest {
    /// The request that activates `code`.
    pub(crate) fn new(code: &RecoveryCode, replaces: Option<Digest>, body: Vec<u8>) -> Self {
        let locator = Digest::of(&code.locator());
        Self { locator, replaces, body, enrolment: None, secrets: None, newest: None, list: None, name: None }
    }

    /// Whether it registers an account of another name; `false` where it does not say.
    pub(crate) fn is_of_other_name(&self, name: &AccountName) -> bool {
        self.name.as_ref().is_some_and(|own| name.hash(&own.vault_id) != own.hash)
    }

    /// The request as it is sent.
    pub(crate) fn to_request(&self, ceremony: Ceremony) -> Request {
        let body = self.body.clone();
        match ceremony {
            Ceremony::Registration => Request::post_bytes(paths::REGISTRATION_FINISH, body),
            Ceremony::RecoveryCode => Request::post_bytes(paths::RECOVERY_CODE, body),
            Ceremony::Rekey => Request::two_parts(paths::REKEY, body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_spec::wire::login::Permission;
    use rootcellar_spec::{DeviceId, Generation, Number, OperationId, SuiteId};

    fn request() -> CodeRequest {
        CodeRequest {
            locator: Digest([1; 32]),
            replaces: Some(Digest([2; 32])),
            body: vec![3; 100],
            enrolment: None,
            secrets: None,
            newest: None,
            list: None,
            name: Some(RegisteredName {
                vault_id: "localhost".to_owned().try_into().expect("a vault ID"),
                hash: NameHash([4; 32]),
            }),
        }
    }

    fn head() -> Head {
        Head {
            number: Number(3),
            operation: OperationId([6; 16]),
            digest: Digest([7; 32]),
            generation: Generation::FIRST,
            size: 8,
            created_at: Timestamp(9),
        }
    }

    fn vault() -> VaultUrl {
        VaultUrl::parse("https://vault.example.org:8443").expect("an address")
    }

    #[test]
    fn reads_what_it_wrote() {
        for stage in
            [Stage::Unconfirmed, Stage::Confirmed(Box::new(request())), Stage::Refused, Stage::Superseded]
        {
            let record = PendingCode {
                ceremony: Ceremony::Rekey,
                vault: vault(),
                generated_at: Timestamp(7),
                account_id: Some(AccountId([4; 16])),
                replaces: Some(Digest([2; 32])),
                replaced_head: Some(head()),
                stage,
            };
            let text = serde_json::to_string(&record).expect("serializes");
            assert_eq!(serde_json::from_str::<PendingCode>(&text).ok().as_ref(), Some(&record), "{text}");
            // The page reads it by the library's own reader.
            assert_eq!(crate::json::read::<PendingCode>(text.as_bytes()), Some(record), "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_request() {
        let canary = "invite-of-4711";
        let enrolment = Enrolment {
            account_id: AccountId([4; 16]),
            device: DeviceId([5; 16]),
            suite: SuiteId::ONE,
            generation: Generation::FIRST,
            permission: Permission::Restore,
            keyslot: canary.as_bytes().to_vec(),
            newest: None,
        };
        let request =
            CodeRequest { body: canary.as_bytes().to_vec(), enrolment: Some(enrolment), ..request() };
        let record = PendingCode {
            ceremony: Ceremony::Registration,
            vault: vault(),
            generated_at: Timestamp(7),
            account_id: None,
            replaces: None,
            replaced_head: None,
            stage: Stage::Confirmed(Box::new(request)),
        };
        let shown = format!("{record:?} {:?} {:?}", record.stage, record.confirmed());
        let bytes = format!("{:?}", canary.as_bytes());
        for hidden in [canary, bytes.trim_matches(['[', ']']), "body", "locator", "keyslot", "010101", "1, 1"]
        {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
        assert!(shown.contains("Registration"), "{shown}");
    }
}
